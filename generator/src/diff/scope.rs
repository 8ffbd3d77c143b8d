//! Which labels of one side mean the same as which of the other.
//!
//! A label speaks for its parts: `lp64` for `lp64/3.14t`, `3.14t/full` for `3.14t/full@windows`, and
//! `any` for everything. Where two sides share no label of a kind, as two CPythons do not, what is
//! alike in the rest is compared: one data model with itself, one mode of the headers with itself.

use std::collections::{BTreeMap, BTreeSet};

use crate::surface::ANYWHERE;

/// What a kind of labels is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// Layouts: `lp64/3.14t`.
    Variants,
    /// Ways to compile and to run: `3.14t/full@windows`.
    Wheres,
}

impl About {
    /// The labels that speak for this one, the nearest first.
    fn parents(self, label: &str) -> impl Iterator<Item = &str> {
        let nearer = match self {
            About::Variants => label.split_once('/'),
            About::Wheres => label.split_once('@'),
        };
        let general = (label != ANYWHERE).then_some(ANYWHERE);
        nearer.map(|(parent, _)| parent).into_iter().chain(general)
    }

    fn with_parents(self, label: &str) -> Vec<String> {
        let labels = std::iter::once(label).chain(self.parents(label));
        labels.map(str::to_owned).collect()
    }

    /// What two labels must share to be compared though they differ.
    fn stem(self, label: &str) -> &str {
        let parts = label.split_once('/');
        match self {
            About::Variants => parts.map_or(label, |(model, _)| model),
            About::Wheres => parts.map_or(label, |(_, mode)| mode),
        }
    }

    /// Whether what runs is a free-threaded build.
    fn is_free_threaded(self, label: &str) -> bool {
        let runs = match (self, label.split_once('/')) {
            (About::Variants, parts) => parts.map_or("", |(_, runs)| runs),
            (About::Wheres, parts) => parts.map_or(label, |(runs, _)| runs),
        };
        runs.ends_with('t')
    }
}

/// Two labels that are compared, each with those that speak for it, the nearest first.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Pair {
    old: Vec<String>,
    new: Vec<String>,
    /// What to call the pair.
    label: String,
}

/// The labels of two sides, paired.
#[derive(Clone, Debug)]
pub(super) struct Pairs {
    pairs: Vec<Pair>,
    /// What the old side speaks of, and the new one does not.
    pub(super) old_alone: BTreeSet<String>,
    /// The other way round.
    pub(super) new_alone: BTreeSet<String>,
}

/// Facts of two sides that are about the same.
#[derive(Debug)]
pub(super) struct Resolved<'a, T> {
    /// Each pair of facts once, with the labels it holds for.
    pub(super) both: Vec<(BTreeSet<String>, &'a T, &'a T)>,
    /// Labels for which the old side alone has a fact.
    pub(super) old_only: BTreeSet<String>,
    /// Labels for which the new side alone has a fact.
    pub(super) new_only: BTreeSet<String>,
}

impl<T> Resolved<'_, T> {
    /// All labels that were compared.
    pub(super) fn labels(&self) -> BTreeSet<String> {
        let labels = self.both.iter().flat_map(|(labels, ..)| labels);
        labels.cloned().collect()
    }
}

impl Pairs {
    /// Pairs the labels of two sides.
    pub(super) fn new(about: About, old: &BTreeSet<String>, new: &BTreeSet<String>) -> Self {
        let mut pairs: Vec<Pair> = Vec::new();
        let mut push = |old: &str, new: &str, label: &str| {
            pairs.push(Pair {
                old: about.with_parents(old),
                new: about.with_parents(new),
                label: label.to_owned(),
            });
        };
        let (mut old_rest, mut new_rest) = (old.clone(), new.clone());
        for label in old.intersection(new) {
            push(label, label, label);
            old_rest.remove(label);
            new_rest.remove(label);
        }
        for label in old.difference(new) {
            if let Some(parent) = about.parents(label).find(|parent| new.contains(*parent)) {
                push(label, parent, label);
                old_rest.remove(label);
                new_rest.remove(parent);
            }
        }
        for label in new.difference(old) {
            if let Some(parent) = about.parents(label).find(|parent| old.contains(*parent)) {
                push(parent, label, label);
                new_rest.remove(label);
                old_rest.remove(parent);
            }
        }
        let shared: BTreeSet<&str> = old.intersection(new).map(|l| about.stem(l)).collect();
        for (old, new, label) in alike(about, &old_rest, &new_rest, &shared) {
            push(&old, &new, &label);
            old_rest.remove(&old);
            new_rest.remove(&new);
        }
        Pairs {
            pairs,
            old_alone: old_rest,
            new_alone: new_rest,
        }
    }

    /// Whether each side's labels are the other's.
    pub(super) fn are_the_same(&self) -> bool {
        self.pairs.iter().all(|pair| pair.old == pair.new)
    }

    /// What to call the pairs, all of them.
    pub(super) fn labels(&self) -> impl Iterator<Item = &str> {
        self.pairs.iter().map(|pair| pair.label.as_str())
    }

    /// Facts of both sides, pair by pair.
    pub(super) fn resolve<'a, T>(
        &self,
        old: &'a BTreeMap<String, T>,
        new: &'a BTreeMap<String, T>,
    ) -> Resolved<'a, T> {
        let mut both: BTreeMap<(&str, &str), (BTreeSet<String>, &T, &T)> = BTreeMap::new();
        let (mut old_only, mut new_only) = (BTreeMap::new(), BTreeMap::new());
        let (mut old_used, mut new_used) = (BTreeSet::new(), BTreeSet::new());
        for pair in &self.pairs {
            match (find(old, &pair.old), find(new, &pair.new)) {
                (Some((old_key, old)), Some((new_key, new))) => {
                    let entry = both.entry((old_key, new_key));
                    let entry = entry.or_insert_with(|| (BTreeSet::new(), old, new));
                    entry.0.insert(pair.label.clone());
                    old_used.insert(old_key);
                    new_used.insert(new_key);
                }
                (Some((key, _)), None) => {
                    old_only.insert(pair.label.clone(), key);
                }
                (None, Some((key, _))) => {
                    new_only.insert(pair.label.clone(), key);
                }
                (None, None) => {}
            }
        }
        let unused = |only: BTreeMap<String, &str>, used: &BTreeSet<&str>| {
            let unused = only.into_iter().filter(|(_, key)| !used.contains(key));
            unused.map(|(label, _)| label).collect()
        };
        Resolved {
            both: both.into_values().collect(),
            old_only: unused(old_only, &old_used),
            new_only: unused(new_only, &new_used),
        }
    }

    /// How many facts both sides have, if none of them differs: what [`Pairs::resolve`] would give for
    /// both, counted.
    pub(super) fn same<T: PartialEq>(
        &self,
        old: &BTreeMap<String, T>,
        new: &BTreeMap<String, T>,
    ) -> Option<usize> {
        let mut both: Vec<(&str, &str)> = Vec::new();
        for pair in &self.pairs {
            let (old, new) = (find(old, &pair.old), find(new, &pair.new));
            let (Some((old_key, old)), Some((new_key, new))) = (old, new) else {
                continue;
            };
            if old != new {
                return None;
            }
            if !both.contains(&(old_key, new_key)) {
                both.push((old_key, new_key));
            }
        }
        Some(both.len())
    }

    /// For each pair the fact of either side.
    pub(super) fn each<'a, T>(
        &'a self,
        old: &'a BTreeMap<String, T>,
        new: &'a BTreeMap<String, T>,
    ) -> impl Iterator<Item = (&'a str, Option<&'a T>, Option<&'a T>)> {
        self.pairs.iter().map(move |pair| {
            let old = find(old, &pair.old).map(|(_, fact)| fact);
            let new = find(new, &pair.new).map(|(_, fact)| fact);
            (pair.label.as_str(), old, new)
        })
    }

    /// For each pair whether a set has it on the old side, and on the new.
    pub(super) fn membership<'a>(
        &'a self,
        old: &'a BTreeSet<String>,
        new: &'a BTreeSet<String>,
    ) -> impl Iterator<Item = (&'a str, bool, bool)> {
        let within =
            |set: &BTreeSet<String>, labels: &[String]| labels.iter().any(|one| set.contains(one));
        (self.pairs.iter()).map(move |pair| {
            let label = pair.label.as_str();
            (label, within(old, &pair.old), within(new, &pair.new))
        })
    }
}

/// A fact for a label, or for the nearest that speaks for it.
fn find<'a, T>(facts: &'a BTreeMap<String, T>, labels: &[String]) -> Option<(&'a str, &'a T)> {
    let found = labels.iter().find_map(|label| facts.get_key_value(label));
    found.map(|(key, fact)| (key.as_str(), fact))
}

/// Labels that differ in what runs only.
fn alike(
    about: About,
    old: &BTreeSet<String>,
    new: &BTreeSet<String>,
    shared: &BTreeSet<&str>,
) -> Vec<(String, String, String)> {
    let group = |labels: &BTreeSet<String>| {
        let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for label in labels.iter().filter(|l| !shared.contains(about.stem(l))) {
            let stem = about.stem(label).to_owned();
            groups.entry(stem).or_default().push(label.clone());
        }
        groups
    };
    let (old_groups, new_groups) = (group(old), group(new));
    let mut pairs = Vec::new();
    for (stem, olds) in &old_groups {
        let Some(news) = new_groups.get(stem) else {
            continue;
        };
        if let ([old], [new]) = (olds.as_slice(), news.as_slice()) {
            pairs.push((old.clone(), new.clone(), stem.clone()));
            continue;
        }
        for free_threaded in [false, true] {
            let of = |labels: &[String]| -> Vec<String> {
                let alike = |l: &&String| about.is_free_threaded(l) == free_threaded;
                labels.iter().filter(alike).cloned().collect()
            };
            if let ([old], [new]) = (of(olds).as_slice(), of(news).as_slice()) {
                pairs.push((old.clone(), new.clone(), new.clone()));
            }
        }
    }
    // One way to run on each side, as two interpreters have.
    let mut lonely = (old.iter(), new.iter());
    if pairs.is_empty()
        && shared.is_empty()
        && let (Some(old), None, Some(new), None) = (
            lonely.0.next(),
            lonely.0.next(),
            lonely.1.next(),
            lonely.1.next(),
        )
        && about == About::Wheres
    {
        pairs.push((old.clone(), new.clone(), new.clone()));
    }
    pairs
}

/// Labels as short as they can be, for people: none when they are all, and a data model or a version
/// in place of everything under it.
pub(super) fn shorten(some: &BTreeSet<String>, all: &BTreeSet<String>) -> BTreeSet<String> {
    if some.is_superset(all) {
        return BTreeSet::new();
    }
    let mut short = some.clone();
    for part in [first as fn(&str) -> Option<&str>, last] {
        let stems: BTreeSet<String> = short
            .iter()
            .filter_map(|label| part(label))
            .map(str::to_owned)
            .collect();
        for stem in stems {
            let under = |label: &&String| part(label) == Some(stem.as_str());
            let whole: Vec<&String> = all.iter().filter(under).collect();
            if whole.len() > 1 && whole.iter().all(|label| some.contains(*label)) {
                short.retain(|label| part(label) != Some(stem.as_str()));
                short.insert(stem);
            }
        }
    }
    short
}

fn first(label: &str) -> Option<&str> {
    label.split_once('/').map(|(first, _)| first)
}

fn last(label: &str) -> Option<&str> {
    label.split_once('/').map(|(_, last)| last)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::{About, Pairs, shorten};

    fn set(labels: &[&str]) -> BTreeSet<String> {
        labels.iter().map(|label| (*label).to_owned()).collect()
    }

    fn names(about: About, old: &[&str], new: &[&str]) -> Vec<String> {
        let pairs = Pairs::new(about, &set(old), &set(new));
        let shown = |pair: &super::Pair| format!("{}~{}={}", pair.old[0], pair.new[0], pair.label);
        let mut names: Vec<String> = pairs.pairs.iter().map(shown).collect();
        names.extend(pairs.old_alone.iter().map(|l| format!("-{l}")));
        names.extend(pairs.new_alone.iter().map(|l| format!("+{l}")));
        names
    }

    #[test]
    fn labels_are_paired_with_what_they_mean() {
        use About::{Variants, Wheres};
        for (about, old, new, expected) in [
            (
                Variants,
                &["lp64"][..],
                &["lp64"][..],
                &["lp64~lp64=lp64"][..],
            ),
            (
                Variants,
                &["lp64", "ilp32"],
                &["lp64"],
                &["lp64~lp64=lp64", "-ilp32"],
            ),
            (
                Variants,
                &["lp64"],
                &["lp64/3.13", "lp64/3.13t"],
                &["lp64~lp64/3.13=lp64/3.13", "lp64~lp64/3.13t=lp64/3.13t"],
            ),
            (
                Variants,
                &["lp64/3.14"],
                &["lp64/3.14t"],
                &["lp64/3.14~lp64/3.14t=lp64"],
            ),
            (
                Variants,
                &["lp64/3.13", "lp64/3.13t"],
                &["lp64/3.14", "lp64/3.14t"],
                &[
                    "lp64/3.13~lp64/3.14=lp64/3.14",
                    "lp64/3.13t~lp64/3.14t=lp64/3.14t",
                ],
            ),
            (
                Wheres,
                &["3.13/full", "3.13/limited-3.8"],
                &["3.14t/full"],
                &["3.13/full~3.14t/full=full", "-3.13/limited-3.8"],
            ),
            (
                Wheres,
                &["full"],
                &["full", "full@windows"],
                &["full~full=full", "full~full@windows=full@windows"],
            ),
            (Wheres, &["any"], &["3.14"], &["any~3.14=3.14"]),
            (Wheres, &["3.13"], &["3.14t"], &["3.13~3.14t=3.14t"]),
        ] {
            assert_eq!(names(about, old, new), expected, "{old:?} {new:?}");
        }
    }

    #[test]
    fn a_general_fact_stands_for_its_parts() {
        let pairs = Pairs::new(
            About::Variants,
            &set(&["lp64", "ilp32"]),
            &set(&["lp64", "lp64/3.14", "ilp32"]),
        );
        let old = BTreeMap::from([("lp64".to_owned(), 8), ("ilp32".to_owned(), 4)]);
        let new = BTreeMap::from([("lp64/3.14".to_owned(), 16)]);
        let resolved = pairs.resolve(&old, &new);
        assert_eq!(resolved.both, [(set(&["lp64/3.14"]), &8, &16)]);
        assert_eq!(resolved.old_only, set(&["ilp32"]));
        assert_eq!(resolved.new_only, set(&[]));
    }

    #[test]
    fn what_is_the_same_is_counted_as_it_would_be_resolved() {
        let facts = |sizes: &[(&str, u32)]| -> BTreeMap<String, u32> {
            let owned = |(label, size): &(&str, u32)| ((*label).to_owned(), *size);
            sizes.iter().map(owned).collect()
        };
        let (gil, ft) = ("lp64/3.14", "lp64/3.14t");
        let general = &[("lp64", 8)][..];
        let pairs = Pairs::new(
            About::Variants,
            &set(&["lp64", "ilp32"]),
            &set(&["lp64", gil, ft, "ilp32"]),
        );
        for (old, new, is_same) in [
            (general, general, true),
            (general, &[(gil, 8), (ft, 8)], true),
            (general, &[(gil, 8), (ft, 16)], false),
            (&[("lp64", 8), ("ilp32", 4)], general, true),
            (&[("ilp32", 4)], general, true),
        ] {
            let (old, new) = (facts(old), facts(new));
            let both = pairs.resolve(&old, &new).both;
            assert_eq!(both.iter().all(|(_, old, new)| old == new), is_same);
            let count = is_same.then_some(both.len());
            assert_eq!(pairs.same(&old, &new), count, "{old:?} {new:?}");
        }
    }

    #[test]
    fn labels_are_shown_shortly() {
        let all = set(&["lp64/3.13", "lp64/3.14t", "ilp32/3.13", "ilp32/3.14t"]);
        for (some, short) in [
            (all.clone(), set(&[])),
            (set(&["lp64/3.13", "lp64/3.14t"]), set(&["lp64"])),
            (set(&["lp64/3.13", "ilp32/3.13"]), set(&["3.13"])),
            (set(&["lp64/3.13"]), set(&["lp64/3.13"])),
        ] {
            assert_eq!(shorten(&some, &all), short);
        }
    }
}

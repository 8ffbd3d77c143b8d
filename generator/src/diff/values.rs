//! Constants and enumerations.

use std::collections::{BTreeMap, BTreeSet};

use super::found::{Found, Hit, Missing};
use super::rules::values as rules;
use super::types::{Change, change};
use super::{Both, Sides};
use crate::report::Verdict;
use crate::surface::{Enum, Value};

/// Compares the values of a constant, in each way to compile.
pub(super) fn constants(
    sides: &Sides<'_>,
    found: &mut Found,
    both: &Both<'_>,
    old: &BTreeMap<String, Value>,
    new: &BTreeMap<String, Value>,
) {
    for (missing, here, there) in [(Missing::Old, old, new), (Missing::New, new, old)] {
        if here.is_empty() && !there.is_empty() {
            let remedy = "observe it with a compiler";
            found.gap("values of constants", remedy, missing, both.name);
        }
    }
    // Most do not change, and then nobody asks for labels.
    if let Some(facts) = sides.wheres.same(old, new) {
        found.compared(facts);
        return;
    }
    let resolved = sides.wheres.resolve(old, new);
    let all = resolved.labels();
    let rule = || match tells_the_version(both.name) {
        true => &rules::VERSION_CONSTANT,
        false => &rules::CONSTANT_VALUE,
    };
    let mut hits = Vec::new();
    for (labels, old, new) in resolved.both {
        found.compared(1);
        if old != new {
            let hit = Hit::new(rule(), both.name, "has another value");
            hits.push((hit.sides(shown(old), shown(new)), labels));
        }
    }
    found.merge(hits, &all, both.place);
}

fn shown(value: &Value) -> String {
    match value {
        Value::Number(number) => number.to_string(),
        Value::Text(text) => format!("{text:?}"),
    }
}

/// Whether a constant has another value in each release. The version of an ABI, a format or a
/// protocol has not.
fn tells_the_version(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let words: Vec<&str> = upper.split('_').filter(|word| !word.is_empty()).collect();
    let parts = ["MAJOR", "MINOR", "MICRO", "PATCH", "PATCHLEVEL", "RELEASE"];
    let rest = [
        "HEX", "STRING", "NUMBER", "NUM", "STR", "LEVEL", "SERIAL", "FULL",
    ];
    let tail = |word: &&&str| parts.contains(*word) || rest.contains(*word) || **word == "VERSION";
    let end = words.iter().rev().take_while(tail).count();
    let (before, end) = words.split_at(words.len() - end);
    let says = end.contains(&"VERSION") || (end.len() > 1 && end.contains(&"RELEASE"));
    let project = before.len() <= 1
        && !before.iter().any(|word| {
            [
                "ABI", "API", "FORMAT", "PROTOCOL", "FILE", "MAGIC", "STRUCT",
            ]
            .contains(word)
        });
    says && project
}

/// Compares the members of an enumeration, and what it is kept in.
pub(super) fn enums(sides: &Sides<'_>, found: &mut Found, both: &Both<'_>, old: &Enum, new: &Enum) {
    let units = sides.variants.resolve(&old.unit, &new.unit);
    let all = units.labels();
    let mut hits = Vec::new();
    for (labels, old, new) in units.both {
        found.compared(1);
        let Some(variant) = labels.first() else {
            continue;
        };
        // A compiler takes an unsigned integer while no value is negative.
        if change(sides, variant, old, new) > Change::Signedness {
            let hit = Hit::new(&rules::ENUM_SIZE, both.name, "is kept in another integer");
            hits.push((hit.sides(old.to_string(), new.to_string()), labels));
        }
    }
    found.merge(hits, &all, both.place);
    found.compared(old.members.len());
    for hit in Members::new(old, new).hits(both.name) {
        found.add(hit, both.place);
    }
}

/// A member and its value.
type Member<'a> = (&'a str, i128);

/// Members, sorted by what became of them.
#[derive(Debug, Default)]
struct Members<'a> {
    /// Values that the old side has a name for.
    known: BTreeSet<i128>,
    renamed: Vec<(&'a str, &'a str)>,
    removed: Vec<Member<'a>>,
    added: Vec<Member<'a>>,
    /// With a value that another member had, which moved.
    inserted: Vec<Member<'a>>,
    /// Old and new value.
    changed: Vec<(&'a str, i128, i128)>,
    /// The same, of the member that counts the others.
    counts: Vec<(&'a str, i128, i128)>,
}

impl<'a> Members<'a> {
    fn new(old: &'a Enum, new: &'a Enum) -> Self {
        let map = |body: &'a Enum| -> BTreeMap<&'a str, i128> {
            let members = body.members.iter();
            members
                .map(|(name, value)| (name.as_str(), *value))
                .collect()
        };
        let (before, after) = (map(old), map(new));
        let highest = |members: &BTreeMap<&str, i128>| members.values().copied().max();
        let mut parts = Members {
            known: before.values().copied().collect(),
            ..Members::default()
        };
        let mut fresh: Vec<Member<'a>> = after
            .iter()
            .filter(|(name, _)| !before.contains_key(*name))
            .map(|(name, value)| (*name, *value))
            .collect();
        for (name, value) in &before {
            match after.get(name) {
                Some(now) if now == value => {}
                Some(now) if counts(name) && Some(*now) == highest(&after) && now > value => {
                    parts.counts.push((name, *value, *now));
                }
                Some(now) => parts.changed.push((name, *value, *now)),
                None => match fresh.iter().position(|(_, now)| now == value) {
                    Some(index) => parts.renamed.push((name, fresh.remove(index).0)),
                    None => parts.removed.push((name, *value)),
                },
            }
        }
        let moved: BTreeSet<i128> = parts.changed.iter().map(|(_, value, _)| *value).collect();
        (parts.inserted, parts.added) = fresh
            .into_iter()
            .partition(|(_, value)| moved.contains(value));
        parts
    }

    fn hits(self, name: &str) -> Vec<Hit> {
        let item = |member: &str| format!("{name}.{member}");
        let mut hits = Vec::new();
        for (member, now) in &self.renamed {
            let message = format!("the constant is called `{now}` now");
            let hit = Hit::new(&rules::ENUM_MEMBER_RENAMED, item(member), message);
            hits.push(hit.sides(*member, *now));
        }
        for (member, value) in &self.removed {
            let message = "the constant is removed";
            let hit = Hit::new(&rules::ENUM_MEMBER_REMOVED, item(member), message);
            // What is compiled now knows nothing of it.
            let hit = hit.new_binary(Verdict::Works);
            hits.push(hit.was(value.to_string()));
        }
        for (member, value) in &self.added {
            let hit = Hit::new(
                &rules::ENUM_MEMBER_ADDED,
                item(member),
                "the constant is new",
            );
            let hit = hit.new_binary(if self.known.contains(value) {
                Verdict::Works
            } else {
                Verdict::Unknown
            });
            hits.push(hit.is(value.to_string()));
        }
        for (member, before, now) in &self.counts {
            let hit = Hit::new(&rules::ENUM_COUNT, item(member), "counts more constants");
            hits.push(hit.sides(before.to_string(), now.to_string()));
        }
        if self.inserted.is_empty() {
            for (member, before, now) in &self.changed {
                let hit = Hit::new(&rules::ENUM_VALUE, item(member), "has another value");
                hits.push(hit.sides(before.to_string(), now.to_string()));
            }
            return hits;
        }
        // One cause moves all that follow it.
        let names = |members: &[Member<'_>]| {
            let names = members.iter().map(|(member, _)| format!("`{member}`"));
            Vec::from_iter(names).join(", ")
        };
        let shown = |members: Vec<Member<'_>>| {
            let shown = members
                .iter()
                .map(|(member, value)| format!("`{member}` is {value}"));
            Vec::from_iter(shown).join("; ")
        };
        let of = match self.inserted.as_slice() {
            [(member, _)] => item(member),
            _ => name.to_owned(),
        };
        let message = format!("{} took the value of another", names(&self.inserted));
        let old = self
            .changed
            .iter()
            .map(|(member, value, _)| (*member, *value));
        let new = self
            .changed
            .iter()
            .map(|(member, _, value)| (*member, *value));
        let new = self.inserted.iter().copied().chain(new).collect();
        let hit = Hit::new(&rules::ENUM_MEMBER_INSERTED, of, message);
        hits.push(hit.sides(shown(old.collect()), shown(new)));
        hits
    }
}

/// Whether a member says how many there are.
fn counts(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let words: Vec<&str> = upper.split('_').filter(|word| !word.is_empty()).collect();
    let says =
        |word: &&str| ["COUNT", "MAX", "LAST", "NUM", "END", "LEN", "N", "NB"].contains(word);
    words.last().is_some_and(says) || words.first().is_some_and(says) || words.contains(&"NUM")
}

#[cfg(test)]
mod tests {
    use super::{counts, tells_the_version};

    #[test]
    fn names_tell_what_changes_with_each_release() {
        for name in [
            "PY_VERSION",
            "PY_VERSION_HEX",
            "PY_MINOR_VERSION",
            "PY_RELEASE_SERIAL",
            "FOO_VERSION_MAJOR",
            "VERSION",
        ] {
            assert!(tells_the_version(name), "{name}");
        }
        for name in [
            "PYTHON_API_VERSION",
            "FOO_ABI_VERSION",
            "API_VERSION",
            "FOO_FILE_VERSION",
            "FOO_MAX",
            "FOO_VERSION_CHECK",
            "RELEASE",
        ] {
            assert!(!tells_the_version(name), "{name}");
        }
    }

    #[test]
    fn names_tell_what_counts_the_others() {
        for name in ["COLOR_COUNT", "COLOR_MAX", "NUM_COLORS", "kind_last"] {
            assert!(counts(name), "{name}");
        }
        for name in ["RED", "ACCOUNT", "MAXIMAL"] {
            assert!(!counts(name), "{name}");
        }
    }
}

//! What was found, label by label, and made one finding where it is the same.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::scope::shorten;
use crate::report::{Breaks, Finding, Gap, Level, Picture, Report, Rule, Verdict, Verdicts};
use crate::surface::Place;

/// One thing that was found for some labels.
#[derive(Clone, Debug)]
pub(super) struct Hit {
    rule: &'static Rule,
    level: Level,
    item: String,
    message: String,
    old: Option<String>,
    new: Option<String>,
    verdicts: Verdicts,
    hint: String,
    picture: Option<Picture>,
}

impl Hit {
    /// At the rule's usual level.
    pub(super) fn new(
        rule: &'static Rule,
        item: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Hit {
            rule,
            level: rule.level,
            item: item.into(),
            message: message.into(),
            old: None,
            new: None,
            verdicts: verdicts(rule.level, rule.breaks),
            hint: rule.hint.to_owned(),
            picture: None,
        }
    }

    /// At another level, with what usually follows from it.
    pub(super) fn level(mut self, level: Level) -> Self {
        let breaks = match (level, self.rule.breaks) {
            (Level::Break, Breaks::Nothing | Breaks::Source) => Breaks::Binary,
            (_, breaks) => breaks,
        };
        self.level = level;
        self.verdicts = verdicts(level, breaks);
        self
    }

    /// Only what is linked now meets it: what is compiled finds what it was compiled against.
    pub(super) fn when_linked(self) -> Self {
        let source = self.verdicts.source;
        let level = match source {
            Verdict::Works => Level::Compatible,
            Verdict::Unknown | Verdict::Breaks => Level::Api,
        };
        if !self.is_break() {
            return self;
        }
        self.level(level)
            .source(source)
            .new_binary(Verdict::Breaks)
            .hint("say in the changelog what changed for what is built anew")
    }

    /// The facts of both sides.
    pub(super) fn sides(mut self, old: impl Into<String>, new: impl Into<String>) -> Self {
        self.old = Some(old.into());
        self.new = Some(new.into());
        self
    }

    /// What the old side had, where the new one has nothing.
    pub(super) fn was(mut self, old: impl Into<String>) -> Self {
        self.old = Some(old.into());
        self
    }

    /// What the new side has, where the old one had nothing.
    pub(super) fn is(mut self, new: impl Into<String>) -> Self {
        self.new = Some(new.into());
        self
    }

    /// What happens to what is compiled against the old side.
    pub(super) fn old_binary(mut self, verdict: Verdict) -> Self {
        self.verdicts.old_binary_new_library = verdict;
        self
    }

    /// What happens to what is compiled against the new side, with the old library.
    pub(super) fn new_binary(mut self, verdict: Verdict) -> Self {
        self.verdicts.new_binary_old_library = verdict;
        self
    }

    /// What happens to source written for the old side.
    pub(super) fn source(mut self, verdict: Verdict) -> Self {
        self.verdicts.source = verdict;
        self
    }

    /// What to do, where more is known than the rule says.
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// The bytes before and after.
    pub(super) fn picture(mut self, picture: Picture) -> Self {
        self.picture = Some(picture);
        self
    }

    /// Whether a rule found it.
    pub(super) fn is_of(&self, rule: &'static Rule) -> bool {
        std::ptr::eq(self.rule, rule)
    }

    /// Whether it breaks what is compiled.
    pub(super) fn is_break(&self) -> bool {
        self.level == Level::Break
    }
}

fn verdicts(level: Level, breaks: Breaks) -> Verdicts {
    use Verdict::{Breaks as No, Unknown, Works};
    let (old_binary_new_library, new_binary_old_library, source) = match (level, breaks) {
        (Level::Break, Breaks::Both) => (No, No, No),
        (Level::Break, _) => (No, No, Works),
        (Level::Api, _) => (Works, Works, No),
        (Level::Undecided, _) => (Unknown, Unknown, Works),
        (Level::Addition, _) => (Works, No, Works),
        (Level::Compatible | Level::Mistake, _) => (Works, Works, Works),
    };
    Verdicts {
        old_binary_new_library,
        new_binary_old_library,
        source,
    }
}

/// Collects findings and gaps.
#[derive(Debug, Default)]
pub(super) struct Found {
    findings: Vec<Finding>,
    /// By what could not be compared and why: of what.
    gaps: BTreeMap<(&'static str, &'static str, Missing), BTreeSet<String>>,
    compared: usize,
    /// By the addresses of shared facts of either side, how many are compared without a finding.
    same: HashMap<[usize; 2], usize>,
}

/// Which side lacks a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Missing {
    /// The old one.
    Old,
    /// The new one.
    New,
}

impl Missing {
    /// Its word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Missing::Old => "old",
            Missing::New => "new",
        }
    }
}

/// How many names a gap lists.
const SHOWN: usize = 3;

impl Found {
    /// Counts facts that were compared.
    pub(super) fn compared(&mut self, facts: usize) {
        self.compared += facts;
    }

    /// Counts facts that were compared for another item, if these are and nothing was found.
    pub(super) fn knows_to_be_same<T>(&mut self, old: &Arc<T>, new: &Arc<T>) -> bool {
        let facts = self.same.get(&addresses(old, new));
        self.compared += facts.unwrap_or(&0);
        facts.is_some()
    }

    /// Takes note of facts that were compared without a finding.
    pub(super) fn are_same<T>(&mut self, old: &Arc<T>, new: &Arc<T>, facts: usize) {
        self.same.insert(addresses(old, new), facts);
    }

    /// Says that something is unknown on one side, for an item or a label.
    pub(super) fn gap(
        &mut self,
        facts: &'static str,
        remedy: &'static str,
        missing: Missing,
        of: impl Into<String>,
    ) {
        let of_all = self.gaps.entry((facts, remedy, missing)).or_default();
        of_all.insert(of.into());
    }

    /// Adds what holds everywhere.
    pub(super) fn add(&mut self, hit: Hit, place: Option<&Place>) {
        self.merge(vec![(hit, BTreeSet::new())], &BTreeSet::new(), place);
    }

    /// Adds hits of one item, the equal ones as one; `all` are the labels that were compared.
    pub(super) fn merge(
        &mut self,
        hits: Vec<(Hit, BTreeSet<String>)>,
        all: &BTreeSet<String>,
        place: Option<&Place>,
    ) {
        let mut equal: Vec<Vec<(Hit, BTreeSet<String>)>> = Vec::new();
        for (hit, labels) in hits {
            let same = |group: &&mut Vec<(Hit, BTreeSet<String>)>| {
                group.first().is_some_and(|(first, _)| {
                    std::ptr::eq(first.rule, hit.rule)
                        && (first.level, &first.item, &first.message, &first.hint)
                            == (hit.level, &hit.item, &hit.message, &hit.hint)
                        && first.verdicts == hit.verdicts
                })
            };
            match equal.iter_mut().find(same) {
                Some(group) => group.push((hit, labels)),
                None => equal.push(vec![(hit, labels)]),
            }
        }
        for group in equal {
            self.findings.extend(finding(&group, all, place));
        }
    }

    /// Takes over what was found elsewhere.
    pub(super) fn absorb(&mut self, other: Found) {
        self.findings.extend(other.findings);
        for (of_what, names) in other.gaps {
            self.gaps.entry(of_what).or_default().extend(names);
        }
        self.compared += other.compared;
    }

    /// Everything, sorted.
    pub(super) fn into_report(self) -> Report {
        let gaps = self
            .gaps
            .into_iter()
            .map(|((facts, remedy, missing), of)| Gap {
                facts: facts.to_owned(),
                why: format!(
                    "the {} side does not say them of {}: {remedy}",
                    missing.word(),
                    some(&of)
                ),
            });
        let mut report = Report {
            subjects: Vec::new(),
            findings: self.findings,
            gaps: gaps.collect(),
            compared: self.compared,
            ..Report::default()
        };
        report.sort();
        report
    }
}

fn addresses<T>(old: &Arc<T>, new: &Arc<T>) -> [usize; 2] {
    [old, new].map(|shared| Arc::as_ptr(shared).addr())
}

/// A few names, and how many more there are.
fn some(names: &BTreeSet<String>) -> String {
    let shown: Vec<String> = names
        .iter()
        .take(SHOWN)
        .map(|name| format!("`{name}`"))
        .collect();
    match names.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn finding(
    group: &[(Hit, BTreeSet<String>)],
    all: &BTreeSet<String>,
    place: Option<&Place>,
) -> Option<Finding> {
    let (first, _) = group.first()?;
    let labels: BTreeSet<String> = group.iter().flat_map(|(_, l)| l).cloned().collect();
    let only = shorten(&labels, all);
    Some(Finding {
        rule: first.rule,
        level: first.level,
        item: first.item.clone(),
        message: first.message.clone(),
        old: texts(group, |hit| hit.old.as_ref(), all),
        new: texts(group, |hit| hit.new.as_ref(), all),
        only,
        verdicts: first.verdicts,
        place: place.cloned(),
        hint: first.hint.clone(),
        picture: group.iter().find_map(|(hit, _)| hit.picture.clone()),
        suppressed: None,
    })
}

/// One side's facts: one text where they are the same, else each with where it holds.
fn texts(
    group: &[(Hit, BTreeSet<String>)],
    side: impl Fn(&Hit) -> Option<&String>,
    all: &BTreeSet<String>,
) -> Option<String> {
    let mut by_text: Vec<(&String, BTreeSet<String>)> = Vec::new();
    for (hit, labels) in group {
        let text = side(hit)?;
        match by_text.iter_mut().find(|(known, _)| *known == text) {
            Some((_, known)) => known.extend(labels.iter().cloned()),
            None => by_text.push((text, labels.clone())),
        }
    }
    if let [(text, _)] = by_text.as_slice() {
        return Some((*text).clone());
    }
    let with_labels = by_text.iter().map(|(text, labels)| {
        let labels = Vec::from_iter(shorten(labels, all)).join(", ");
        format!("{text} ({labels})")
    });
    Some(Vec::from_iter(with_labels).join("; "))
}

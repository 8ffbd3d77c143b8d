//! What changed from one CPython to the next.

use std::collections::{BTreeMap, BTreeSet};

use super::{Group, Observed, neighbours};
use crate::diff::diff;
use crate::parallel;
use crate::report::markdown::escape;
use crate::report::{Finding, Level};
use crate::surface::label::Labels;

/// What changed from one CPython to another, of what is watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// `3.13`.
    pub old: String,
    /// `3.14`.
    pub new: String,
    /// How much of which level, the worst first.
    pub counts: Vec<(Level, usize)>,
    /// What.
    pub changes: Vec<Change>,
}

/// What changed in the same way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The rule's code.
    pub rule: &'static str,
    /// How bad it is.
    pub level: Level,
    /// In words, with names in backquotes.
    pub change: String,
    /// Of what.
    pub items: Vec<String>,
}

/// What changed, for each pair of neighbours.
#[must_use]
pub fn steps(groups: &[Group], observed: &[Observed]) -> Vec<Step> {
    let names: BTreeSet<&str> = (groups.iter())
        .flat_map(|group| group.names.iter().map(String::as_str))
        .collect();
    parallel::map(&neighbours(observed), |(old, new)| {
        Step::new(&names, old, new)
    })
}

/// A heading and a table for each pair of neighbours.
#[must_use]
pub fn changes(groups: &[Group], observed: &[Observed]) -> String {
    let steps = steps(groups, observed);
    let sections = steps.iter().map(|step| {
        let (old, new) = (&step.old, &step.new);
        format!("\n### {old} to {new}\n\n{}", step.markdown())
    });
    sections.collect::<String>() + "\n"
}

impl Step {
    fn new(names: &BTreeSet<&str>, old: &Observed, new: &Observed) -> Self {
        let report = diff(&old.surface, &new.surface);
        // What a typedef names is told of with the typedef.
        let told = report.findings.iter().filter(|finding| {
            let item = finding.item.split('.').next();
            item.is_some_and(|item| names.contains(item))
        });
        let mut counts: BTreeMap<Level, usize> = BTreeMap::new();
        let mut changes: Vec<Change> = Vec::new();
        for finding in told {
            *counts.entry(finding.level).or_default() += 1;
            let change = Change::of(finding, new);
            match changes.iter_mut().find(|known| known.is_like(&change)) {
                Some(known) => known.items.extend(change.items),
                None => changes.push(change),
            }
        }
        Step {
            old: old.label.clone(),
            new: new.label.clone(),
            counts: counts.into_iter().rev().collect(),
            changes,
        }
    }

    /// `2 break, 1 addition`, or that there is nothing.
    #[must_use]
    pub fn summary(&self) -> String {
        if self.changes.is_empty() {
            return "Nothing of what is watched.".to_owned();
        }
        let counts = self.counts.iter();
        let counts = counts.map(|(level, count)| format!("{count} {}", level.word()));
        Vec::from_iter(counts).join(", ") + "."
    }

    fn markdown(&self) -> String {
        let mut text = format!("{}\n", self.summary());
        if !self.changes.is_empty() {
            text.push_str("\n| rule | what | change |\n|---|---|---|\n");
        }
        for change in &self.changes {
            let items = change.items.iter().map(|item| format!("`{item}`"));
            text.push_str(&format!(
                "| [{id}](rules.md#{anchor}), {level} | {items} | {change} |\n",
                id = change.rule,
                anchor = change.rule.to_lowercase(),
                level = match change.level {
                    Level::Break => "**break**",
                    other => other.word(),
                },
                items = Vec::from_iter(items).join(", "),
                change = escape(&change.change),
            ));
        }
        text
    }
}

impl Change {
    fn of(finding: &Finding, new: &Observed) -> Self {
        let sides = match (&finding.old, &finding.new) {
            (Some(old), Some(new)) => format!(": {} → {}", short(old), short(new)),
            (Some(one), None) | (None, Some(one)) => format!(": {}", short(one)),
            (None, None) => String::new(),
        };
        let only = match finding.only.is_empty() {
            true => String::new(),
            false => {
                let labels = Labels::new(&new.surface.about.wheres);
                format!(" ({})", labels.shorten(&finding.only))
            }
        };
        Change {
            rule: finding.rule.id,
            level: finding.level,
            change: format!("{}{sides}{only}", finding.message),
            items: vec![finding.item.clone()],
        }
    }

    /// Whether the same happened.
    fn is_like(&self, other: &Change) -> bool {
        (self.rule, self.level, &self.change) == (other.rule, other.level, &other.change)
    }
}

/// How many facts of a side are told.
const MOST: usize = 3;

/// The first facts of a side.
fn short(side: &str) -> String {
    let facts: Vec<&str> = side.split("; ").collect();
    match facts.len().checked_sub(MOST) {
        Some(more @ 1..) => format!("{}; {more} more", facts[..MOST].join("; ")),
        _ => side.to_owned(),
    }
}

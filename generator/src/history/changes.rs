//! What changed from one CPython to the next.

use std::collections::{BTreeMap, BTreeSet};

use super::{Group, Observed, neighbours};
use crate::diff::diff;
use crate::report::{Finding, Level};
use crate::surface::label::Labels;

/// A heading and a table for each pair of neighbours.
#[must_use]
pub fn changes(groups: &[Group], observed: &[Observed]) -> String {
    let names: BTreeSet<&str> = (groups.iter())
        .flat_map(|group| group.names.iter().map(String::as_str))
        .collect();
    let mut text = String::new();
    for (old, new) in neighbours(observed) {
        text.push_str(&format!("\n### {} to {}\n\n", old.label, new.label));
        let report = diff(&old.surface, &new.surface);
        // What a typedef names is told of with the typedef.
        let told = report.findings.iter().filter(|finding| {
            let item = finding.item.split('.').next();
            item.is_some_and(|item| names.contains(item))
        });
        text.push_str(&table(told, new));
    }
    text + "\n"
}

fn table<'a>(findings: impl Iterator<Item = &'a Finding>, new: &Observed) -> String {
    let mut rows: Vec<(Row, Vec<String>)> = Vec::new();
    let mut counts: BTreeMap<Level, usize> = BTreeMap::new();
    for finding in findings {
        *counts.entry(finding.level).or_default() += 1;
        let row = Row::of(finding, new);
        let item = format!("`{}`", finding.item);
        match rows.iter_mut().find(|(known, _)| *known == row) {
            Some((_, items)) => items.push(item),
            None => rows.push((row, vec![item])),
        }
    }
    if rows.is_empty() {
        return "Nothing of what is watched.\n".to_owned();
    }
    let counts = counts.into_iter().rev();
    let counts: Vec<String> = counts
        .map(|(level, count)| format!("{count} {}", level.word()))
        .collect();
    let mut text = format!(
        "{}.\n\n| rule | what | change |\n|---|---|---|\n",
        counts.join(", ")
    );
    for (row, items) in rows {
        text.push_str(&format!(
            "| [{id}](rules.md#{anchor}), {level} | {items} | {change} |\n",
            id = row.rule,
            anchor = row.rule.to_lowercase(),
            level = match row.level {
                Level::Break => "**break**",
                other => other.word(),
            },
            items = items.join(", "),
            change = row.change,
        ));
    }
    text
}

/// What findings have in common that share a row.
#[derive(PartialEq, Eq)]
struct Row {
    rule: &'static str,
    level: Level,
    change: String,
}

impl Row {
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
        let text = format!("{}{sides}{only}", finding.message);
        Row {
            rule: finding.rule.id,
            level: finding.level,
            change: text.replace('|', "\\|"),
        }
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

//! What a project has decided not to be told again: a file of suppressions, each with its reason
//! and the day on which it ends.

use std::path::Path;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use wildmatch::WildMatch;

use super::{Breaks, Examines, Finding, Level, Report, Rule, Verdicts};
use crate::check::codes::Code;
use crate::diag::Sink;
use crate::manifest::{self, ReadError, Text};
use crate::source::Sources;
use crate::surface::Place;

/// A suppression that has ended.
pub const EXPIRED: Rule = Rule {
    id: "X101",
    name: "suppression-expired",
    examines: Examines::Interfaces,
    level: Level::Mistake,
    breaks: Breaks::Nothing,
    meaning: "The day on which a suppression ends has passed, and what it hid counts again.",
    hint: "Settle what it hid and drop it, or give it a later day and say why in its reason.",
    suppressible: false,
};

/// A suppression that hides nothing.
pub const UNUSED: Rule = Rule {
    id: "X102",
    name: "suppression-unused",
    examines: Examines::Interfaces,
    level: Level::Mistake,
    breaks: Breaks::Nothing,
    meaning: "A suppression matches nothing that was found. It would hide the next such thing.",
    hint: "Drop it, or correct its rule or item.",
    suppressible: false,
};

/// What is found of suppressions themselves.
pub const RULES: [&Rule; 2] = [&EXPIRED, &UNUSED];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    suppressions: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    rule: Text,
    item: Text,
    reason: Text,
    expires: Text,
}

/// A finding that does not count, for a time.
#[derive(Clone, Debug)]
pub struct Suppression {
    /// The rule, by its code.
    pub rule: &'static str,
    /// The item's name, in which `*` stands for anything and `?` for one character.
    pub item: String,
    /// Why.
    pub reason: String,
    /// The last day on which it holds.
    pub expires: Date,
    /// Where it is written.
    pub place: Place,
}

/// Reads a file of suppressions. What is wrong in it goes to `sink`; it is not to be used then, for
/// nobody knows what it would hide.
pub fn read(
    path: &Path,
    rules: &[&'static Rule],
    sources: &mut Sources,
    sink: &mut Sink,
) -> Result<Vec<Suppression>, ReadError> {
    let file = manifest::read(path, sources)?;
    let Some(content) = manifest::parse::<File>(file, sources, sink) else {
        return Ok(Vec::new());
    };
    let mut suppressions = Vec::new();
    for entry in &content.suppressions {
        let span = |text: &Text| manifest::place(file, text);
        let rule = rule(entry, rules, span(&entry.rule), sink);
        let expires = entry.expires.value.parse::<Date>();
        // The parser takes other ways to write a day, which do not sort as text.
        let expires = expires
            .ok()
            .filter(|day| day.to_string() == entry.expires.value);
        if expires.is_none() {
            let message = format!("found `{}`, expected a day", entry.expires.value);
            sink.push(Code::SuppressionDay, span(&entry.expires), message)
                .help("write it as `2027-01-31`: the last day on which this holds");
        }
        for (key, text) in [("reason", &entry.reason), ("item", &entry.item)] {
            if text.value.trim().is_empty() {
                let message = format!("the {key} is empty");
                sink.push(Code::SuppressionReason, span(text), message);
            }
        }
        let (line, _) = sources.position(span(&entry.rule));
        if let (Some(rule), Some(expires)) = (rule, expires) {
            suppressions.push(Suppression {
                rule: rule.id,
                item: entry.item.value.clone(),
                reason: entry.reason.value.clone(),
                expires,
                place: Place {
                    file: path.to_owned(),
                    line: u32::try_from(line).unwrap_or(u32::MAX),
                },
            });
        }
    }
    Ok(suppressions)
}

fn rule(
    entry: &Entry,
    rules: &[&'static Rule],
    span: crate::source::Span,
    sink: &mut Sink,
) -> Option<&'static Rule> {
    let written = entry.rule.value.as_str();
    let found = rules
        .iter()
        .copied()
        .find(|rule| rule.id == written || rule.name == written);
    match found {
        None => {
            let known = rules.iter().flat_map(|rule| [rule.id, rule.name]);
            sink.push(
                Code::SuppressionRule,
                span,
                format!("no rule is called `{written}`"),
            )
            .meant(written, known);
            None
        }
        Some(rule) if !rule.suppressible => {
            let message = format!("`{written}` cannot be suppressed");
            sink.push(Code::SuppressionForbidden, span, message)
                .help("compiled programs cannot do without what is gone or has become smaller");
            None
        }
        found => found,
    }
}

/// Marks what is suppressed on a day, adds what is wrong with the suppressions, and sorts.
pub fn apply(report: &mut Report, suppressions: &[Suppression], today: Date) {
    let mut wrong = Vec::new();
    for suppression in suppressions {
        if suppression.expires < today {
            let message = format!(
                "this ended on {}, and today is {today}",
                suppression.expires
            );
            wrong.push(mistake(&EXPIRED, suppression, message));
            continue;
        }
        let items = WildMatch::new(&suppression.item);
        let mut used = false;
        for finding in &mut report.findings {
            let rule = finding.rule;
            if rule.id == suppression.rule && rule.suppressible && items.matches(&finding.item) {
                used = true;
                // The first that matches gives its reason.
                let reason = || suppression.reason.clone();
                finding.suppressed.get_or_insert_with(reason);
            }
        }
        if !used {
            let message = format!("no finding of {} matches this", suppression.rule);
            wrong.push(mistake(&UNUSED, suppression, message));
        }
    }
    report.findings.extend(wrong);
    report.sort();
}

fn mistake(rule: &'static Rule, suppression: &Suppression, message: String) -> Finding {
    Finding {
        rule,
        level: rule.level,
        item: suppression.item.clone(),
        message,
        old: None,
        new: None,
        only: Default::default(),
        verdicts: Verdicts::WORKS,
        place: Some(suppression.place.clone()),
        hint: rule.hint.to_owned(),
        picture: None,
        suppressed: None,
    }
}

/// The day it is, in UTC: that of `SOURCE_DATE_EPOCH`, whose value is passed here, or the clock's.
pub fn today(source_date_epoch: Option<&str>) -> Result<Date, String> {
    let now = match source_date_epoch {
        None => Timestamp::now(),
        Some(text) => text
            .parse()
            .ok()
            .and_then(|seconds| Timestamp::from_duration(SignedDuration::from_secs(seconds)).ok())
            .ok_or_else(|| {
                format!("SOURCE_DATE_EPOCH is `{text}`, expected seconds since 1970-01-01")
            })?,
    };
    Ok(now.to_zoned(TimeZone::UTC).date())
}

//! For a person at a terminal: the worst first, old and new side by side.

use std::borrow::Cow;
use std::fmt::{Display, Write as _};

use anstyle::{AnsiColor, Style};

use super::counts::{Counts, many, meaning};
use super::gate::Outcome;
use super::{Finding, Level, Loading, Options, Report, Verdict, clean, picture};
use crate::diag::Colour;

/// The least width that text is made for.
const NARROWEST: usize = 48;
/// How many modules are named that say the same.
const LISTED: usize = 3;

pub(super) fn render(report: &Report, options: &Options) -> String {
    let mut page = Page {
        text: String::new(),
        width: options.width.max(NARROWEST),
        colour: options.colour,
    };
    page.subjects(report);
    for level in Level::WORST_FIRST {
        let findings: Vec<&Finding> = report.counting().filter(|f| f.level == level).collect();
        page.group(level, &findings);
    }
    page.suppressed(report);
    page.gaps(report);
    page.declared(report);
    page.loading("LOADING: which CPythons load it", &report.loading);
    page.loading("IMPORTED: what CPythons did", &report.imported);
    page.outcome(report, &options.gate.outcome(report));
    page.text
}

struct Page {
    text: String,
    width: usize,
    colour: Colour,
}

impl Page {
    fn line(&mut self, line: impl Display) {
        // Writing to a string cannot fail.
        let _ = write!(self.text, "{line}");
        let end = self.text.trim_end_matches(' ').len();
        self.text.truncate(end);
        self.text.push('\n');
    }

    /// A paragraph with its first line after `first` and the others under it.
    fn paragraph(&mut self, first: &str, text: &str) {
        let indent = columns(first);
        let text = clean::line(text);
        // Most are short, and most of the time that a page takes is for looking where lines may end.
        if indent + columns(&text) <= self.width {
            self.line(format_args!("{first}{text}"));
            return;
        }
        let rest = " ".repeat(indent);
        let wrapping = textwrap::Options::new(self.width)
            .initial_indent(first)
            .subsequent_indent(&rest);
        for line in textwrap::wrap(&text, wrapping) {
            self.line(line);
        }
    }

    fn paint<'a>(&self, style: Style, text: &'a str) -> Cow<'a, str> {
        match self.colour {
            Colour::Never => Cow::Borrowed(text),
            Colour::Always => Cow::Owned(format!("{style}{text}{style:#}")),
        }
    }

    fn subjects(&mut self, report: &Report) {
        for (nth, (role, subject)) in report.roles("examined").enumerate() {
            // Of many the first has the word.
            let label = match (nth, role) {
                (1.., "examined") => "and",
                _ => role,
            };
            let evidence = match subject.evidence.is_empty() {
                true => "no evidence".to_owned(),
                false => format!("from {}", subject.evidence.join(", ")),
            };
            let text = format!("{}: {} ({evidence})", subject.given, subject.name);
            self.paragraph(&format!("{label}  "), &text);
        }
        let compared = many(report.compared, "fact");
        let words = Counts::of(report).words();
        self.paragraph("", &format!("{compared} compared: {words}"));
    }

    fn group(&mut self, level: Level, findings: &[&Finding]) {
        if findings.is_empty() {
            return;
        }
        let heading = format!("{}: {}", level.word().to_uppercase(), meaning(level));
        let heading = self.paint(style(level).bold(), &heading);
        self.line("");
        self.line(heading);
        for finding in findings {
            self.line("");
            self.finding(finding);
        }
    }

    fn finding(&mut self, finding: &Finding) {
        let id = self.paint(style(finding.level), finding.rule.id);
        let item = clean::line(&finding.item);
        let item = self.paint(Style::new().bold(), &item);
        self.line(format_args!("  {id} {}: {item}", finding.rule.name));
        self.paragraph("    ", &finding.message);
        if let Some(place) = &finding.place {
            let file = place.slashed();
            let file = clean::line(&file);
            self.line(format_args!("    at {file}:{}", place.line));
        }
        if let Some(only) = finding.only() {
            self.paragraph("    only on ", &only);
        }
        self.sides(finding);
        self.verdicts(finding);
        if !finding.hint.is_empty() {
            self.paragraph("    hint: ", &finding.hint);
        }
        if let Some(found) = &finding.picture {
            self.line("");
            for line in picture::draw(found, self.width - 4) {
                self.line(format_args!("    {line}"));
            }
        }
    }

    /// Old and new side by side, each in its half of the width.
    fn sides<'a>(&mut self, finding: &'a Finding) {
        if finding.old.is_none() && finding.new.is_none() {
            return;
        }
        let half = (self.width - 4 - 3) / 2;
        let column = |heading: &'static str, fact: &'a Option<String>| -> Vec<Cow<'a, str>> {
            let fact = clean::line(fact.as_deref().unwrap_or("nothing"));
            let lines = match columns(&fact) <= half {
                true => vec![fact],
                false => textwrap::wrap(&fact, half)
                    .into_iter()
                    .map(|line| Cow::Owned(line.into_owned()))
                    .collect(),
            };
            [Cow::Borrowed(heading)].into_iter().chain(lines).collect()
        };
        let old = column("old", &finding.old);
        let new = column("new", &finding.new);
        let width = old.iter().map(|line| columns(line)).max();
        let width = width.unwrap_or_default();
        for row in 0..old.len().max(new.len()) {
            let left = old.get(row).map_or("", Cow::as_ref);
            let right = new.get(row).map_or("", Cow::as_ref);
            let blank = width - columns(left);
            self.line(format_args!("    {left}{:blank$} | {right}", ""));
        }
    }

    fn verdicts(&mut self, finding: &Finding) {
        // Nothing follows for programs from what is wrong in a file of ours.
        if finding.level == Level::Mistake {
            return;
        }
        for (direction, verdict) in finding.sides() {
            let style = match verdict {
                Verdict::Works => Style::new(),
                Verdict::Unknown => style(Level::Undecided),
                Verdict::Breaks => style(Level::Break),
            };
            let word = self.paint(style, verdict.word());
            self.line(format_args!("    {direction}: {word}"));
        }
    }

    fn suppressed(&mut self, report: &Report) {
        let suppressed = report.findings.iter().filter_map(|finding| {
            let reason = finding.suppressed.as_ref()?;
            Some((finding, reason))
        });
        for (nth, (finding, reason)) in suppressed.enumerate() {
            if nth == 0 {
                self.line("");
                self.line("SUPPRESSED: somebody has said why these do not count");
                self.line("");
            }
            let (rule, item) = (finding.rule, clean::line(&finding.item));
            self.line(format_args!("  {} {}: {item}", rule.id, rule.name));
            self.paragraph("    ", &finding.message);
            self.paragraph("    because: ", reason);
        }
    }

    fn gaps(&mut self, report: &Report) {
        if report.gaps.is_empty() {
            return;
        }
        self.line("");
        self.line("GAPS: what could not be compared");
        self.line("");
        for gap in &report.gaps {
            self.paragraph("  ", &format!("{}: {}", gap.facts, gap.why));
        }
    }

    fn declared(&mut self, report: &Report) {
        if report.declared.is_empty() {
            return;
        }
        self.line("");
        self.line("DECLARED: what modules say of themselves");
        for one in &report.declared {
            self.line("");
            self.paragraph("  ", &one.says);
            for module in one.modules.iter().take(LISTED) {
                self.paragraph("    ", module);
            }
            if let Some(rest @ 1..) = one.modules.len().checked_sub(LISTED) {
                self.line(format!("    and {}", many(rest, "other module")));
            }
        }
    }

    fn loading(&mut self, heading: &str, loading: &[Loading]) {
        if loading.is_empty() {
            return;
        }
        self.line("");
        self.line(heading);
        for one in loading {
            self.line("");
            self.paragraph("  ", &one.subject);
            let widths = one.rows.iter().map(|row| columns(&row.pythons));
            let width = widths.max().unwrap_or_default();
            for row in &one.rows {
                let why = match row.why.is_empty() {
                    true => row.word.to_owned(),
                    false => format!("{}: {}", row.word, row.why),
                };
                self.paragraph(&format!("    {:<width$}  ", row.pythons), &why);
            }
        }
    }

    fn outcome(&mut self, report: &Report, outcome: &Outcome) {
        self.line("");
        match outcome {
            Outcome::Clean => self.line(Counts::of(report).passed()),
            Outcome::Findings(count) => {
                let text = format!("{} at the gate's level", many(*count, "finding"));
                let text = self.paint(style(Level::Break).bold(), &text);
                self.line(text);
            }
            Outcome::Undecided(reasons) => {
                let text = format!("could not decide: {}", reasons.join("; "));
                self.paragraph("", &text);
            }
        }
    }
}

/// How wide a text is that has no colours.
fn columns(text: &str) -> usize {
    match text.is_ascii() {
        true => text.len(),
        false => textwrap::core::display_width(text),
    }
}

fn style(level: Level) -> Style {
    let colour = match level {
        Level::Mistake | Level::Break => AnsiColor::Red,
        Level::Api | Level::Undecided => AnsiColor::Yellow,
        Level::Addition | Level::Compatible => AnsiColor::Green,
    };
    Style::new().fg_color(Some(colour.into()))
}

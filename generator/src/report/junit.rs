//! JUnit's XML, as GitLab and most other services read it: a test case for each finding.

use super::counts::many;
use super::gate::Outcome;
use super::{Finding, Level, Options, Report};

pub(super) fn render(report: &Report, options: &Options) -> String {
    let cases: Vec<Case> = std::iter::once(comparison(report, options))
        .chain(report.findings.iter().map(|f| of_finding(f, options)))
        .chain(report.gaps.iter().map(|gap| Case {
            class: "pyshim.gap".to_owned(),
            name: gap.facts.clone(),
            place: None,
            end: End::Skipped(gap.why.clone()),
        }))
        .collect();
    let count = |test: fn(&End) -> bool| cases.iter().filter(|case| test(&case.end)).count();
    let attributes = format!(
        "name=\"pyshim\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\"",
        cases.len(),
        count(|end| matches!(end, End::Failure { .. })),
        count(|end| matches!(end, End::Error(_))),
        count(|end| matches!(end, End::Skipped(_))),
    );
    let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    xml.push_str(&format!(
        "<testsuites {attributes}>\n  <testsuite {attributes}>\n"
    ));
    for case in &cases {
        case.write(&mut xml);
    }
    xml.push_str("  </testsuite>\n</testsuites>\n");
    xml
}

struct Case {
    class: String,
    name: String,
    /// File and line.
    place: Option<(String, u32)>,
    end: End,
}

/// How a test case ends.
enum End {
    /// Well; the text is kept with it.
    Passed(String),
    /// What is tested is not so.
    Failure {
        kind: &'static str,
        message: String,
        text: String,
    },
    /// It could not be tested.
    Error(String),
    /// It does not count.
    Skipped(String),
}

/// The comparison itself, so that a clean run has a test, and an undecided one fails.
fn comparison(report: &Report, options: &Options) -> Case {
    let end = match options.gate.outcome(report) {
        Outcome::Undecided(reasons) => End::Error(reasons.join("; ")),
        Outcome::Clean | Outcome::Findings(_) => {
            End::Passed(format!("{} compared", many(report.compared, "fact")))
        }
    };
    let names: Vec<&str> = report.subjects.iter().map(|s| s.given.as_str()).collect();
    Case {
        class: "pyshim".to_owned(),
        name: names.join(" -> "),
        place: None,
        end,
    }
}

fn of_finding(finding: &Finding, options: &Options) -> Case {
    let rule = finding.rule;
    let end = match &finding.suppressed {
        Some(reason) => End::Skipped(format!("suppressed: {reason}")),
        None if options.gate.fails(finding) => End::Failure {
            kind: finding.level.word(),
            message: finding.message.clone(),
            text: details(finding),
        },
        None => End::Passed(format!(
            "{}: {}\n{}",
            finding.level.word(),
            finding.message,
            details(finding)
        )),
    };
    let only = finding.only().map(|only| format!(" on {only}"));
    let place = finding.place.as_ref();
    Case {
        class: format!("pyshim.{}", rule.id),
        name: format!(
            "{}: {}{}",
            finding.item,
            rule.name,
            only.unwrap_or_default()
        ),
        place: place.map(|place| (place.slashed(), place.line)),
        end,
    }
}

fn details(finding: &Finding) -> String {
    let mut lines = Vec::new();
    for (word, fact) in [("old", &finding.old), ("new", &finding.new)] {
        lines.extend(fact.as_ref().map(|fact| format!("{word}: {fact}")));
    }
    if finding.level != Level::Mistake {
        for (direction, verdict) in finding.sides() {
            lines.push(format!("{direction}: {}", verdict.word()));
        }
    }
    if !finding.hint.is_empty() {
        lines.push(format!("hint: {}", finding.hint));
    }
    let place = finding.place.as_ref();
    lines.extend(place.map(|place| format!("at {}:{}", place.slashed(), place.line)));
    lines.join("\n")
}

impl Case {
    fn write(&self, xml: &mut String) {
        let (class, name) = (escape(&self.class), escape(&self.name));
        xml.push_str(&format!(
            "    <testcase classname=\"{class}\" name=\"{name}\""
        ));
        if let Some((file, line)) = &self.place {
            xml.push_str(&format!(" file=\"{}\" line=\"{line}\"", escape(file)));
        }
        xml.push_str(">\n");
        let end = match &self.end {
            End::Passed(text) => format!("<system-out>{}</system-out>", escape(text)),
            End::Skipped(why) => format!("<skipped message=\"{}\"/>", escape(why)),
            End::Error(why) => {
                let why = escape(why);
                format!("<error type=\"undecided\" message=\"{why}\">{why}</error>")
            }
            End::Failure {
                kind,
                message,
                text,
            } => format!(
                "<failure type=\"{kind}\" message=\"{}\">{}</failure>",
                escape(message),
                escape(text)
            ),
        };
        xml.push_str(&format!("      {end}\n    </testcase>\n"));
    }
}

/// Text in XML 1.0, which has no place for most control characters, not even escaped.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // An attribute would lose them otherwise.
            '\n' => escaped.push_str("&#10;"),
            '\t' => escaped.push_str("&#9;"),
            '\r' => escaped.push_str("&#13;"),
            '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

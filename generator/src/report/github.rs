//! GitHub's workflow commands: lines in a job's log that become annotations of the change.

use super::counts::{Counts, many};
use super::gate::Outcome;
use super::{Finding, Level, Options, Report, clean};

/// The most annotations of one level that a step may make; GitHub drops the others.
const MOST: usize = 10;

/// What GitHub calls an annotation.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Severity {
    Error,
    Warning,
    Notice,
}

impl Severity {
    const WORST_FIRST: [Severity; 3] = [Severity::Error, Severity::Warning, Severity::Notice];

    fn of(level: Level) -> Self {
        match level {
            Level::Mistake | Level::Break => Severity::Error,
            Level::Api | Level::Undecided => Severity::Warning,
            Level::Addition | Level::Compatible => Severity::Notice,
        }
    }

    fn command(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Notice => "notice",
        }
    }
}

pub(super) fn render(report: &Report, options: &Options) -> String {
    let groups = Severity::WORST_FIRST.map(|severity| {
        let mut commands = commands(report, severity);
        if let (Severity::Error, Some(undecided)) = (severity, undecided(report, options)) {
            commands.insert(0, undecided);
        }
        (severity, commands)
    });
    // What is left out is told by a notice, which needs a place among the notices.
    let has_rest = groups.iter().any(|(_, commands)| commands.len() > MOST);
    let mut text = String::new();
    let mut rest = 0;
    for (severity, commands) in groups {
        let most = match severity {
            Severity::Notice if has_rest => MOST - 1,
            _ => MOST,
        };
        rest += commands.len().saturating_sub(most);
        for command in commands.iter().take(most) {
            text.push_str(command);
            text.push('\n');
        }
    }
    let words = Counts::of(report).words();
    if rest > 0 {
        let message = format!("{} not shown here; in all: {words}", many(rest, "finding"));
        text.push_str(&format!("::notice title=pyshim::{}\n", data(&message)));
    }
    text.push_str(&format!("pyshim: {words}\n"));
    text
}

/// Why the run fails where no finding says so.
fn undecided(report: &Report, options: &Options) -> Option<String> {
    let Outcome::Undecided(reasons) = options.gate.outcome(report) else {
        return None;
    };
    let reasons = reasons.join("; ");
    let reasons = clean::short_line(&reasons);
    Some(format!(
        "::error title=could not decide::{}",
        data(&reasons)
    ))
}

fn commands(report: &Report, severity: Severity) -> Vec<String> {
    let findings = report
        .counting()
        .filter(|finding| Severity::of(finding.level) == severity);
    let mut commands: Vec<String> = findings.map(|f| annotation(severity, f)).collect();
    if severity == Severity::Warning {
        commands.extend(report.gaps.iter().map(|gap| {
            let message = format!("{}: {}", gap.facts, gap.why);
            format!("::warning title=not compared::{}", data(&message))
        }));
    }
    commands
}

fn annotation(severity: Severity, finding: &Finding) -> String {
    let rule = finding.rule;
    let mut properties = Vec::new();
    if let Some(place) = &finding.place {
        properties.push(format!("file={}", property(&place.slashed())));
        properties.push(format!("line={}", place.line));
    }
    let title = format!("{} {}: {}", rule.id, rule.name, finding.item);
    properties.push(format!("title={}", property(&title)));
    let mut lines = vec![clean::short_line(&finding.message).into_owned()];
    if let Some(only) = finding.only() {
        lines.push(format!("only on {only}"));
    }
    if !finding.hint.is_empty() {
        lines.push(format!("hint: {}", clean::short_line(&finding.hint)));
    }
    let command = severity.command();
    format!(
        "::{command} {}::{}",
        properties.join(","),
        data(&lines.join("\n"))
    )
}

/// A message as a command has it.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A property as a command has it, where colons and commas mean something too.
fn property(text: &str) -> String {
    data(&clean::short_line(text))
        .replace(':', "%3A")
        .replace(',', "%2C")
}

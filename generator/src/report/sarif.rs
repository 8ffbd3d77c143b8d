//! SARIF 2.1.0, the part of it that GitHub's code scanning reads.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Breaks, Finding, Gap, Level, Options, Report, Rule};

/// The most results that GitHub takes of one run. No more rules than results are listed, so that
/// its limit of as many rules holds too.
const MOST: usize = 25_000;

/// What file names are relative to: the folder where the command ran, the checkout's root in CI.
const ROOT: &str = "%SRCROOT%";

pub(super) fn render(report: &Report, options: &Options) -> String {
    let findings = &report.findings[..report.findings.len().min(MOST)];
    let rules: BTreeMap<&str, &Rule> = findings.iter().map(|f| (f.rule.id, f.rule)).collect();
    let index: BTreeMap<&str, usize> = rules.keys().copied().zip(0..).collect();
    let mut fingerprints = Fingerprints::default();
    let results: Vec<Value> = findings
        .iter()
        .map(|finding| {
            let mut result = result(finding, report);
            result["ruleIndex"] = json!(index[finding.rule.id]);
            let fingerprint = fingerprints.of(finding);
            // GitHub computes `primaryLocationLineHash` itself, and warns of another value there.
            result["partialFingerprints"] = json!({ "pyshimFinding/v1": fingerprint });
            result
        })
        .collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "pyshim",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules.values().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "automationDetails": { "id": "pyshim/" },
            "invocations": [invocation(report, options)],
            "results": results,
        }],
    });
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Mistake | Level::Break => "error",
        Level::Api | Level::Undecided => "warning",
        Level::Addition | Level::Compatible => "note",
    }
}

fn descriptor(rule: &Rule) -> Value {
    let breaks = match rule.breaks {
        Breaks::Nothing => "nothing",
        Breaks::Source => "source",
        Breaks::Binary => "binary",
        Breaks::Both => "both",
    };
    json!({
        "id": rule.id,
        "name": rule.name,
        "shortDescription": { "text": rule.name.replace('-', " ") },
        "fullDescription": { "text": rule.meaning },
        "help": { "text": rule.hint },
        "helpUri": rule.uri(),
        "defaultConfiguration": { "level": level(rule.level) },
        "properties": { "tags": ["abi", rule.level.word()], "breaks": breaks },
    })
}

fn result(finding: &Finding, report: &Report) -> Value {
    let mut text = format!("{}: {}", finding.item, finding.message);
    if let Some(only) = finding.only() {
        text.push_str(&format!(" (only on {only})"));
    }
    if !finding.hint.is_empty() {
        text.push_str(&format!("\n{}", finding.hint));
    }
    let mut result = json!({
        "ruleId": finding.rule.id,
        "level": level(finding.level),
        "message": { "text": text },
        "locations": [location(finding, report)],
        "properties": {
            "level": finding.level.word(),
            "old": finding.old,
            "new": finding.new,
            "only": finding.only,
            "oldBinaryNewLibrary": finding.verdicts.old_binary_new_library.word(),
            "newBinaryOldLibrary": finding.verdicts.new_binary_old_library.word(),
            "source": finding.verdicts.source.word(),
        },
    });
    if let Some(reason) = &finding.suppressed {
        result["suppressions"] = json!([
            { "kind": "external", "status": "accepted", "justification": reason }
        ]);
    }
    result
}

/// Where a finding is. GitHub refuses a result without a file, so what has none is at the first
/// line of what was examined last: the new side.
fn location(finding: &Finding, report: &Report) -> Value {
    let examined = || {
        report
            .subjects
            .last()
            .map_or("pyshim", |s| s.given.as_str())
    };
    let (file, line) = match &finding.place {
        Some(place) => (place.slashed(), place.line.max(1)),
        None => (examined().to_owned(), 1),
    };
    let logical = json!([{ "fullyQualifiedName": finding.item }]);
    json!({
        "physicalLocation": {
            "artifactLocation": artifact(&file),
            "region": { "startLine": line },
        },
        "logicalLocations": logical,
    })
}

fn artifact(file: &str) -> Value {
    let relative = file.trim_start_matches("./");
    if let Some(rest) = relative.strip_prefix('/') {
        return json!({ "uri": format!("file:///{}", encode(rest)) });
    }
    json!({ "uri": encode(relative), "uriBaseId": ROOT })
}

/// A path as a URI has it.
fn encode(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' | b'+' => {
                uri.push(char::from(byte));
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}

fn invocation(report: &Report, options: &Options) -> Value {
    let mut notes: Vec<String> = report.gaps.iter().map(not_compared).collect();
    let left_out = report.findings.len().saturating_sub(MOST);
    if left_out > 0 {
        notes.push(format!(
            "{left_out} findings are left out, the least of all"
        ));
    }
    let notes: Vec<Value> = notes
        .into_iter()
        .map(|text| json!({ "level": "warning", "message": { "text": text } }))
        .collect();
    let code = options.gate.outcome(report).code();
    json!({
        "executionSuccessful": code < 2,
        "exitCode": code,
        "toolExecutionNotifications": notes,
    })
}

fn not_compared(gap: &Gap) -> String {
    format!("{} could not be compared: {}", gap.facts, gap.why)
}

/// What a finding is called from run to run, wherever its line has moved.
#[derive(Default)]
struct Fingerprints {
    seen: BTreeMap<String, usize>,
}

impl Fingerprints {
    fn of(&mut self, finding: &Finding) -> String {
        let mut name = format!("{}:{}", finding.rule.id, finding.item);
        if let Some(only) = finding.only() {
            name.push_str(&format!(":{only}"));
        }
        let nth = self.seen.entry(name.clone()).or_default();
        *nth += 1;
        format!("{name}:{nth}")
    }
}

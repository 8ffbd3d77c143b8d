//! Everything, for programs. The shape is an API: `docs/schema/report-1.json` is made from it.

use schemars::JsonSchema;
use serde::Serialize;

use super::counts::Counts;
use super::gate::{FailOn, Outcome};
use super::{Options, Report, SpanKind};

/// Grows when a key goes away or changes its meaning, not when one is added.
pub const SCHEMA_VERSION: u32 = 1;

/// What `--format json` prints.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "Report")]
struct Document<'a> {
    /// 1. It grows when a key goes away or changes its meaning. Keys may be added without that.
    schema_version: u32,
    /// What wrote this.
    tool: Tool,
    /// How the run ends.
    result: Ending,
    /// What was compared, old first, or what was examined.
    subjects: Vec<Subject<'a>>,
    /// How many facts were compared.
    compared: usize,
    /// How many findings there are.
    counts: Count,
    /// The worst first.
    findings: Vec<Finding<'a>>,
    /// What could not be compared.
    gaps: Vec<Gap<'a>>,
    /// Which CPythons load each file that was audited; empty for a comparison.
    loading: Vec<Loading<'a>>,
    /// What CPythons did that were told to import the modules of a file.
    imported: Vec<Loading<'a>>,
    /// What modules that were audited say of themselves; empty for a comparison.
    declared: Vec<Declared<'a>>,
}

/// What some modules of a file say of themselves in their slots.
#[derive(Serialize, JsonSchema)]
struct Declared<'a> {
    /// In words.
    says: &'a str,
    /// The modules that say the same.
    modules: &'a [String],
}

/// A program.
#[derive(Serialize, JsonSchema)]
struct Tool {
    /// Its name.
    name: &'static str,
    /// Its version.
    version: &'static str,
}

/// How the run ends.
#[derive(Serialize, JsonSchema)]
struct Ending {
    /// `clean`, `findings` or `undecided`.
    #[schemars(extend("enum" = ["clean", "findings", "undecided"]))]
    outcome: &'static str,
    /// 0, 1 or 3.
    exit_code: u8,
    /// The words of `--fail-on`.
    #[schemars(extend("items" = {
        "type": "string",
        "enum": ["break", "api", "addition", "undecided", "mistake"],
    }))]
    fail_on: Vec<&'static str>,
    /// How many findings are at the gate's level.
    failing: usize,
    /// Why it could not be decided, when it could not.
    reasons: Vec<String>,
}

/// One side of a comparison.
#[derive(Serialize, JsonSchema)]
struct Subject<'a> {
    /// As the user named it.
    given: &'a str,
    /// What it is.
    name: &'a str,
    /// Where its facts come from: `manifest`, `probe`, `clang`, `symbols`.
    evidence: &'a [String],
}

/// How many findings there are. What is suppressed counts as that alone.
#[derive(Serialize, JsonSchema)]
struct Count {
    mistake: usize,
    #[serde(rename = "break")]
    breaks: usize,
    api: usize,
    undecided: usize,
    addition: usize,
    compatible: usize,
    suppressed: usize,
    gaps: usize,
}

/// One thing that was found.
#[derive(Serialize, JsonSchema)]
struct Finding<'a> {
    /// The rule's stable code.
    rule: &'static str,
    /// The rule's stable name.
    name: &'static str,
    /// Where the rule is explained.
    help_uri: String,
    /// How bad it is, the worst first: `mistake`, `break`, `api`, `undecided`, `addition`,
    /// `compatible`.
    #[schemars(extend("enum" = ["mistake", "break", "api", "undecided", "addition", "compatible"]))]
    level: &'static str,
    /// Whether it is at the gate's level and not suppressed.
    fails: bool,
    /// What it is about.
    item: &'a str,
    /// What happened.
    message: &'a str,
    /// The old fact.
    old: Option<&'a str>,
    /// The new fact.
    new: Option<&'a str>,
    /// Where it holds; empty when everywhere.
    only: Vec<&'a str>,
    /// What follows for whom.
    verdicts: Verdicts,
    /// The line to look at.
    place: Option<Place>,
    /// What to do.
    hint: &'a str,
    /// A struct's bytes before and after.
    picture: Option<Picture<'a>>,
    /// Why this does not count, when somebody has said so.
    suppressed: Option<&'a str>,
}

/// What follows in each direction: `works`, `unknown` or `breaks`.
#[derive(Serialize, JsonSchema)]
struct Verdicts {
    /// A binary compiled against the old side, run with the new one.
    #[schemars(extend("enum" = ["works", "unknown", "breaks"]))]
    old_binary_new_library: &'static str,
    /// A binary compiled against the new side, run with the old one.
    #[schemars(extend("enum" = ["works", "unknown", "breaks"]))]
    new_binary_old_library: &'static str,
    /// Source written for the old side, compiled against the new one.
    #[schemars(extend("enum" = ["works", "unknown", "breaks"]))]
    source: &'static str,
}

/// A place in a file.
#[derive(Serialize, JsonSchema)]
struct Place {
    /// The path, with `/` on every system.
    file: String,
    /// From 1.
    line: u32,
}

/// A struct's bytes before and after.
#[derive(Serialize, JsonSchema)]
struct Picture<'a> {
    /// The data model, and what runs.
    variant: &'a str,
    /// Before.
    old: Bytes<'a>,
    /// After.
    new: Bytes<'a>,
}

/// What a struct's bytes are.
#[derive(Serialize, JsonSchema)]
struct Bytes<'a> {
    /// All of them.
    size: u64,
    /// What lies where, in order.
    spans: Vec<Span<'a>>,
}

/// A run of bytes.
#[derive(Serialize, JsonSchema)]
struct Span<'a> {
    /// The first byte.
    offset: u64,
    /// How many bytes.
    size: u64,
    /// The field's name, or nothing for padding.
    name: &'a str,
    /// `field`, `reserve` or `padding`.
    #[schemars(extend("enum" = ["field", "reserve", "padding"]))]
    kind: &'static str,
}

/// A class of facts that could not be compared.
#[derive(Serialize, JsonSchema)]
struct Gap<'a> {
    /// What.
    facts: &'a str,
    /// Why, and how to get the evidence.
    why: &'a str,
}

/// Which CPythons load a file.
#[derive(Serialize, JsonSchema)]
struct Loading<'a> {
    /// The file, as the user named it.
    subject: &'a str,
    /// CPythons that do the same, the oldest first.
    rows: Vec<LoadingRow<'a>>,
}

/// What some CPythons do with a file.
#[derive(Serialize, JsonSchema)]
struct LoadingRow<'a> {
    /// Which: `3.8..3.12, 3.14t`.
    pythons: &'a str,
    /// `loads`, `unknown` or `refuses`; of an import `imports`, `unknown`, `fails`, `hangs` or `crashes`.
    #[schemars(extend("enum" = [
        "loads", "unknown", "refuses", "imports", "fails", "hangs", "crashes",
    ]))]
    answer: &'static str,
    /// Why; empty when they load it.
    why: &'a str,
}

pub(super) fn render(report: &Report, options: &Options) -> String {
    let document = Document {
        schema_version: SCHEMA_VERSION,
        tool: Tool {
            name: "pyshim",
            version: env!("CARGO_PKG_VERSION"),
        },
        result: ending(report, options),
        subjects: report.subjects.iter().map(subject).collect(),
        compared: report.compared,
        counts: count(&Counts::of(report)),
        findings: report
            .findings
            .iter()
            .map(|found| finding(found, options))
            .collect(),
        gaps: report.gaps.iter().map(gap).collect(),
        loading: report.loading.iter().map(loading).collect(),
        imported: report.imported.iter().map(loading).collect(),
        declared: report.declared.iter().map(declared).collect(),
    };
    pretty(&document)
}

/// The schema of what `render` prints.
#[must_use]
pub fn schema() -> String {
    let mut schema = schemars::schema_for!(Document<'_>);
    let repository = env!("CARGO_PKG_REPOSITORY");
    let id = format!("{repository}/blob/main/docs/schema/report-{SCHEMA_VERSION}.json");
    schema.insert("$id".to_owned(), id.into());
    if let Some(version) = schema.pointer_mut("/properties/schema_version") {
        version["const"] = SCHEMA_VERSION.into();
    }
    pretty(&schema)
}

fn pretty(value: &impl Serialize) -> String {
    // Nothing in here can fail: the keys are text, and a String takes all that is written to it.
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}

fn ending(report: &Report, options: &Options) -> Ending {
    let gate = &options.gate;
    let outcome = gate.outcome(report);
    Ending {
        outcome: outcome.word(),
        exit_code: outcome.code(),
        fail_on: gate.fail_on.iter().copied().map(FailOn::word).collect(),
        failing: report.findings.iter().filter(|f| gate.fails(f)).count(),
        reasons: match outcome {
            Outcome::Undecided(reasons) => reasons,
            Outcome::Clean | Outcome::Findings(_) => Vec::new(),
        },
    }
}

fn subject(subject: &super::Subject) -> Subject<'_> {
    Subject {
        given: &subject.given,
        name: &subject.name,
        evidence: &subject.evidence,
    }
}

fn count(counts: &Counts) -> Count {
    let [mistake, breaks, api, undecided, addition, compatible] = counts.levels.map(|(_, n)| n);
    Count {
        mistake,
        breaks,
        api,
        undecided,
        addition,
        compatible,
        suppressed: counts.suppressed,
        gaps: counts.gaps,
    }
}

fn finding<'a>(found: &'a super::Finding, options: &Options) -> Finding<'a> {
    Finding {
        rule: found.rule.id,
        name: found.rule.name,
        help_uri: found.rule.uri(),
        level: found.level.word(),
        fails: options.gate.fails(found),
        item: &found.item,
        message: &found.message,
        old: found.old.as_deref(),
        new: found.new.as_deref(),
        only: found.only.iter().map(String::as_str).collect(),
        verdicts: Verdicts {
            old_binary_new_library: found.verdicts.old_binary_new_library.word(),
            new_binary_old_library: found.verdicts.new_binary_old_library.word(),
            source: found.verdicts.source.word(),
        },
        place: found.place.as_ref().map(|place| Place {
            file: place.slashed(),
            line: place.line,
        }),
        hint: &found.hint,
        picture: found.picture.as_ref().map(|picture| Picture {
            variant: &picture.variant,
            old: bytes(&picture.old),
            new: bytes(&picture.new),
        }),
        suppressed: found.suppressed.as_deref(),
    }
}

fn bytes(bytes: &super::Bytes) -> Bytes<'_> {
    let spans = bytes.spans.iter().map(|span| Span {
        offset: span.offset,
        size: span.size,
        name: &span.name,
        kind: match span.kind {
            SpanKind::Field => "field",
            SpanKind::Reserve => "reserve",
            SpanKind::Padding => "padding",
        },
    });
    Bytes {
        size: bytes.size,
        spans: spans.collect(),
    }
}

fn loading(loading: &super::Loading) -> Loading<'_> {
    let rows = loading.rows.iter().map(|row| LoadingRow {
        pythons: &row.pythons,
        answer: row.word,
        why: &row.why,
    });
    Loading {
        subject: &loading.subject,
        rows: rows.collect(),
    }
}

fn declared(declared: &super::Declared) -> Declared<'_> {
    Declared {
        says: &declared.says,
        modules: &declared.modules,
    }
}

fn gap(gap: &super::Gap) -> Gap<'_> {
    Gap {
        facts: &gap.facts,
        why: &gap.why,
    }
}

//! What a comparison or an audit found, before anybody decides how it is shown.
//!
//! Plain data; each format has a file of its own.

mod abi3audit;
pub(crate) mod clean;
mod counts;
mod format;
pub mod gate;
mod github;
pub mod json;
mod junit;
pub(crate) mod markdown;
pub(crate) mod picture;
mod sarif;
pub mod suppress;
mod text;

use std::collections::BTreeSet;

pub use format::{Format, Options, render};

use crate::model::version::Version;
use crate::surface::Place;

/// All that one run found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What was compared, old first, or what was examined.
    pub subjects: Vec<Subject>,
    /// Whether two subjects were compared: two may also be examined, each by itself.
    pub is_comparison: bool,
    /// The worst first; see [`Report::sort`].
    pub findings: Vec<Finding>,
    /// What could not be compared, and why: evidence that one side lacks.
    pub gaps: Vec<Gap>,
    /// How many facts were compared. None means that nothing was examined.
    pub compared: usize,
    /// What could not be read, and why. With any of these nothing is decided.
    pub failures: Vec<String>,
    /// Which CPythons load what was audited.
    pub loading: Vec<Loading>,
    /// What CPythons did that were told to import it.
    pub imported: Vec<Loading>,
    /// What modules say of themselves.
    pub declared: Vec<Declared>,
    /// Modules that claim abi3, as abi3audit tells of them.
    pub abi3: Vec<Abi3>,
}

/// A module that claims the stable ABI of GIL-enabled builds, in abi3audit's terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Abi3 {
    /// What the user named: a wheel, or the module itself.
    pub spec: String,
    /// Whether that is a wheel.
    pub in_wheel: bool,
    /// The file's name.
    pub name: String,
    /// The version that is claimed.
    pub baseline: Version,
    /// The version that is needed, and no less than that.
    pub computed: Version,
    /// Names that are taken and are not in the stable ABI.
    pub non_abi3: Vec<String>,
    /// Names that joined it after the baseline, and when.
    pub future: Vec<(String, Version)>,
}

/// What some modules of a file say of themselves in their slots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// In words.
    pub says: String,
    /// The modules that say the same.
    pub modules: Vec<String>,
}

/// Which CPythons load a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loading {
    /// The file, as the user named it.
    pub subject: String,
    /// The CPythons that do the same, the oldest first.
    pub rows: Vec<LoadingRow>,
}

/// What some CPythons do with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadingRow {
    /// Which: `3.8..3.12, 3.14`.
    pub pythons: String,
    /// `loads`, `refuses`, or `unknown`; of an import also how that ended.
    pub word: &'static str,
    /// Why; empty when they load it.
    pub why: String,
}

/// One side of a comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// As the user named it.
    pub given: String,
    /// What it is: `CPython 3.15t`.
    pub name: String,
    /// Where its facts come from: `probe`, `clang`, `symbols`, `manifest`.
    pub evidence: Vec<String>,
}

/// A class of facts that could not be compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// What: `exported symbols`.
    pub facts: String,
    /// Why, and how to get the evidence.
    pub why: String,
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule that found it.
    pub rule: &'static Rule,
    /// How bad it is here. A rule has a usual level; what is known of an item can lower it.
    pub level: Level,
    /// What it is about: `PyObject`, `PyObject.ob_refcnt`.
    pub item: String,
    /// What happened, in one line: found and expected.
    pub message: String,
    /// The old fact.
    pub old: Option<String>,
    /// The new fact.
    pub new: Option<String>,
    /// Where it holds; empty when everywhere: `ilp32`, `3.14t/full`.
    pub only: BTreeSet<String>,
    /// What follows for whom.
    pub verdicts: Verdicts,
    /// The line to look at.
    pub place: Option<Place>,
    /// What to do; the rule's hint unless more is known here.
    pub hint: String,
    /// The bytes of a struct before and after.
    pub picture: Option<Picture>,
    /// Why this does not count, when somebody has said so.
    pub suppressed: Option<String>,
}

/// Something that a comparison looks for. Rules are data: `pyshim explain` and the docs list them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The stable code: `D101`.
    pub id: &'static str,
    /// The stable name: `field-added-in-the-middle`.
    pub name: &'static str,
    /// What it looks at.
    pub examines: Examines,
    /// How bad it usually is.
    pub level: Level,
    /// What it breaks when it breaks.
    pub breaks: Breaks,
    /// What it means, in a sentence or two.
    pub meaning: &'static str,
    /// What to do.
    pub hint: &'static str,
    /// Whether a suppression may name it. What compiled programs cannot do without may not be
    /// hidden: something that is gone, or has become smaller.
    pub suppressible: bool,
}

/// What a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Examines {
    /// Interfaces, of which there are two, or what is said of one and what it is.
    Interfaces,
    /// Files, as they are read.
    Files,
    /// Modules, as interpreters import them.
    Imports,
}

/// What is broken by a break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Breaks {
    /// Nothing.
    Nothing,
    /// Programs have to be changed before they compile again.
    Source,
    /// Programs that are compiled already go wrong.
    Binary,
    /// Both.
    Both,
}

/// How bad a finding is, the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Worth knowing, and harmless: a use of the reserve, a rename of a parameter.
    Compatible,
    /// Something new.
    Addition,
    /// It could not be decided.
    Undecided,
    /// Source has to change; what is compiled goes on working.
    Api,
    /// What is compiled goes wrong.
    Break,
    /// What the user wrote is wrong, as a suppression that hides nothing. It fails at every gate.
    Mistake,
}

impl Level {
    /// Every level, the worst first.
    pub const WORST_FIRST: [Level; 6] = [
        Level::Mistake,
        Level::Break,
        Level::Api,
        Level::Undecided,
        Level::Addition,
        Level::Compatible,
    ];

    /// Its word, in all formats.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Level::Compatible => "compatible",
            Level::Addition => "addition",
            Level::Undecided => "undecided",
            Level::Api => "api",
            Level::Break => "break",
            Level::Mistake => "mistake",
        }
    }
}

/// What follows from a finding in each direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdicts {
    /// A binary compiled against the old side, run with the new one.
    pub old_binary_new_library: Verdict,
    /// A binary compiled against the new side, run with the old one.
    pub new_binary_old_library: Verdict,
    /// Source written for the old side, compiled against the new one.
    pub source: Verdict,
}

/// Whether something goes on working.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It does.
    Works,
    /// Nobody can tell from what is known.
    Unknown,
    /// It does not.
    Breaks,
}

impl Verdict {
    /// Its word, in all formats.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Works => "works",
            Verdict::Unknown => "unknown",
            Verdict::Breaks => "breaks",
        }
    }
}

/// A struct's bytes before and after, for one variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The data model, and what runs: `lp64`.
    pub variant: String,
    /// Before.
    pub old: Bytes,
    /// After.
    pub new: Bytes,
}

/// What a struct's bytes are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bytes {
    /// All of them.
    pub size: u64,
    /// What lies where, in order and without gaps or overlaps.
    pub spans: Vec<Span>,
}

/// A run of bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first byte.
    pub offset: u64,
    /// How many bytes.
    pub size: u64,
    /// What is there: a field's name, or nothing for padding.
    pub name: String,
    /// Whether it is padding, a field, or kept in reserve.
    pub kind: SpanKind,
}

/// What a run of bytes is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpanKind {
    /// A field.
    Field,
    /// Kept for later.
    Reserve,
    /// Nothing.
    Padding,
}

impl Rule {
    /// Where it is explained.
    #[must_use]
    pub fn uri(&self) -> String {
        let repository = env!("CARGO_PKG_REPOSITORY");
        format!(
            "{repository}/blob/main/docs/rules.md#{}",
            self.id.to_lowercase()
        )
    }
}

impl Finding {
    /// What follows for either side of two interfaces. Of a file the level says all.
    pub fn sides(&self) -> impl Iterator<Item = (&'static str, Verdict)> {
        let has_sides = self.rule.examines == Examines::Interfaces;
        let sides = self.verdicts.each().into_iter();
        sides.filter(move |_| has_sides)
    }

    /// Where it holds, on one line; nothing when everywhere.
    #[must_use]
    pub fn only(&self) -> Option<String> {
        let list: Vec<&str> = self.only.iter().map(String::as_str).collect();
        (!list.is_empty()).then(|| list.join(", "))
    }
}

impl Verdicts {
    /// Nothing breaks.
    pub const WORKS: Verdicts = Verdicts {
        old_binary_new_library: Verdict::Works,
        new_binary_old_library: Verdict::Works,
        source: Verdict::Works,
    };

    /// Each direction in words, and what follows there.
    #[must_use]
    pub fn each(&self) -> [(&'static str, Verdict); 3] {
        [
            ("old binary, new library", self.old_binary_new_library),
            ("new binary, old library", self.new_binary_old_library),
            ("source", self.source),
        ]
    }
}

impl FromIterator<Report> for Report {
    /// What the parts of a run found, in their order.
    fn from_iter<I: IntoIterator<Item = Report>>(parts: I) -> Self {
        let mut whole = Report::default();
        for part in parts {
            whole.absorb(part);
        }
        whole
    }
}

impl Report {
    /// Adds what another part of the run found.
    pub fn absorb(&mut self, part: Report) {
        self.subjects.extend(part.subjects);
        self.findings.extend(part.findings);
        self.gaps.extend(part.gaps);
        self.compared += part.compared;
        self.failures.extend(part.failures);
        self.loading.extend(part.loading);
        self.imported.extend(part.imported);
        self.abi3.extend(part.abi3);
        for one in part.declared {
            match self
                .declared
                .iter_mut()
                .find(|known| known.says == one.says)
            {
                Some(known) => known.modules.extend(one.modules),
                None => self.declared.push(one),
            }
        }
    }

    /// The subjects, each with what it is here: those of a comparison are `old` and `new`, and the others
    /// have one word.
    fn roles(&self, other: &'static str) -> impl Iterator<Item = (&'static str, &Subject)> {
        let roles: &[&str] = match self.is_comparison && self.subjects.len() == 2 {
            true => &["old", "new"],
            false => &[],
        };
        let roles = roles.iter().copied().chain(std::iter::repeat(other));
        roles.zip(&self.subjects)
    }

    /// Puts the worst first, and the rest in an order that depends on nothing else.
    pub fn sort(&mut self) {
        self.findings.sort_by(|a, b| {
            (b.level.cmp(&a.level))
                .then_with(|| a.item.cmp(&b.item))
                .then_with(|| a.rule.id.cmp(b.rule.id))
                .then_with(|| a.message.cmp(&b.message))
                .then_with(|| a.only.cmp(&b.only))
        });
        self.gaps.sort();
        self.failures.sort();
    }

    /// What counts: findings that nobody has suppressed.
    pub fn counting(&self) -> impl Iterator<Item = &Finding> {
        self.findings
            .iter()
            .filter(|finding| finding.suppressed.is_none())
    }
}

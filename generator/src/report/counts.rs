//! How much was found, in numbers and in words.

use super::{Level, Report};

/// How much was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Counts {
    /// The worst first. What is suppressed is not in here.
    pub(super) levels: [(Level, usize); Level::WORST_FIRST.len()],
    pub(super) suppressed: usize,
    pub(super) gaps: usize,
}

impl Counts {
    pub(super) fn of(report: &Report) -> Self {
        let count = |level| report.counting().filter(|f| f.level == level).count();
        let counting = report.counting().count();
        Counts {
            levels: Level::WORST_FIRST.map(|level| (level, count(level))),
            suppressed: report.findings.len() - counting,
            gaps: report.gaps.len(),
        }
    }

    /// What nobody decided, which fails no gate that does not ask for it: `1 undecided, 2 gaps`.
    fn open(&self) -> Option<String> {
        let undecided = self
            .levels
            .iter()
            .find(|(level, _)| *level == Level::Undecided);
        let counts = [
            (undecided.map_or(0, |(_, count)| *count), "undecided"),
            (self.gaps, "gap"),
        ];
        let words = counts.iter().filter(|(count, _)| *count > 0);
        let words = Vec::from_iter(words.map(|(count, noun)| many(*count, noun)));
        (!words.is_empty()).then(|| words.join(", "))
    }

    /// How a run ends that fails no gate.
    pub(super) fn passed(&self) -> String {
        match self.open() {
            Some(open) => format!("nothing at the gate's level, and {open}"),
            None => "clean".to_owned(),
        }
    }

    /// `2 breaks, 1 addition; 1 suppressed, 1 gap`.
    pub(super) fn words(&self) -> String {
        let found = self.levels.iter().filter(|(_, count)| *count > 0);
        let found: Vec<String> = found
            .map(|(level, count)| many(*count, noun(*level)))
            .collect();
        let mut words = match found.is_empty() {
            true => "nothing found".to_owned(),
            false => found.join(", "),
        };
        let mut rest = Vec::new();
        if self.suppressed > 0 {
            rest.push(format!("{} suppressed", self.suppressed));
        }
        if self.gaps > 0 {
            rest.push(many(self.gaps, "gap"));
        }
        if !rest.is_empty() {
            words.push_str("; ");
            words.push_str(&rest.join(", "));
        }
        words
    }
}

/// A number and what there are so many of.
pub(super) fn many(count: usize, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        count if noun.ends_with("decided") => format!("{count} {noun}"),
        count => format!("{count} {noun}s"),
    }
}

fn noun(level: Level) -> &'static str {
    match level {
        Level::Mistake => "mistake",
        Level::Break => "break",
        Level::Api => "API change",
        Level::Undecided => "undecided",
        Level::Addition => "addition",
        Level::Compatible => "compatible change",
    }
}

/// What a level means, as a heading.
pub(super) fn meaning(level: Level) -> &'static str {
    match level {
        Level::Mistake => "what was written is wrong",
        Level::Break => "what is compiled goes wrong",
        Level::Api => "source has to change; what is compiled goes on working",
        Level::Undecided => "what is known does not say",
        Level::Addition => "something is new",
        Level::Compatible => "it changed and harms nobody",
    }
}

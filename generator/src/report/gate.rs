//! What a run ends with: which findings fail it, and when nothing can be said.

use std::collections::BTreeSet;

use super::{Finding, Level, Report};

/// A word of `--fail-on`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FailOn {
    /// What is compiled goes wrong.
    Break,
    /// That, or source has to change.
    Api,
    /// That, or something is new.
    Addition,
    /// What is compiled goes wrong, and also what could not be decided.
    Undecided,
    /// Nothing but mistakes: a change that the changelog does not name.
    Mistake,
}

impl FailOn {
    /// Every word.
    pub const ALL: [FailOn; 5] = [
        FailOn::Break,
        FailOn::Api,
        FailOn::Addition,
        FailOn::Undecided,
        FailOn::Mistake,
    ];

    /// As it is written.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            FailOn::Break => "break",
            FailOn::Api => "api",
            FailOn::Addition => "addition",
            FailOn::Undecided => "undecided",
            FailOn::Mistake => "mistake",
        }
    }

    /// The lowest level that fails, of those that are ordered.
    fn lowest(self) -> Level {
        match self {
            FailOn::Break | FailOn::Undecided => Level::Break,
            FailOn::Api => Level::Api,
            FailOn::Addition => Level::Addition,
            FailOn::Mistake => Level::Mistake,
        }
    }
}

/// What fails a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gate {
    /// As the user gave it; `break` when empty. More than one word adds up.
    pub fail_on: BTreeSet<FailOn>,
    /// Evidence that each subject must have: `symbols`.
    pub require: BTreeSet<String>,
}

impl Default for Gate {
    fn default() -> Self {
        Gate {
            fail_on: BTreeSet::from([FailOn::Break]),
            require: BTreeSet::new(),
        }
    }
}

/// How a run ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing is at the gate's level.
    Clean,
    /// So many findings are.
    Findings(usize),
    /// It could not be decided, for these reasons.
    Undecided(Vec<String>),
}

impl Outcome {
    /// The exit code.
    #[must_use]
    pub fn code(&self) -> u8 {
        match self {
            Outcome::Clean => 0,
            Outcome::Findings(_) => 1,
            Outcome::Undecided(_) => 3,
        }
    }

    /// Its word in JSON.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Outcome::Clean => "clean",
            Outcome::Findings(_) => "findings",
            Outcome::Undecided(_) => "undecided",
        }
    }
}

impl Gate {
    /// Whether a finding fails the run. One that is undecided does not: it leaves it undecided.
    #[must_use]
    pub fn fails(&self, finding: &Finding) -> bool {
        let lowest = self.fail_on.iter().map(|word| word.lowest()).min();
        let lowest = lowest.unwrap_or(Level::Break);
        finding.suppressed.is_none() && finding.level != Level::Undecided && finding.level >= lowest
    }

    /// How a run with this report ends. What could not be decided counts more than what was found.
    #[must_use]
    pub fn outcome(&self, report: &Report) -> Outcome {
        let reasons = self.undecided(report);
        let failing = report.findings.iter().filter(|f| self.fails(f)).count();
        match failing {
            _ if !reasons.is_empty() => Outcome::Undecided(reasons),
            0 => Outcome::Clean,
            failing => Outcome::Findings(failing),
        }
    }

    fn undecided(&self, report: &Report) -> Vec<String> {
        let mut reasons = report.failures.clone();
        if report.compared == 0 && reasons.is_empty() {
            reasons.push("nothing was compared".to_owned());
        }
        for subject in &report.subjects {
            let missing = |wanted: &&String| !subject.evidence.contains(wanted);
            for wanted in self.require.iter().filter(missing) {
                reasons.push(format!(
                    "`{}` has no evidence of kind `{wanted}`",
                    subject.given
                ));
            }
        }
        if self.fail_on.contains(&FailOn::Undecided) {
            let undecided = |finding: &&Finding| finding.level == Level::Undecided;
            reasons.extend(
                report
                    .counting()
                    .filter(undecided)
                    .map(|finding| format!("`{}` is undecided", finding.item)),
            );
            reasons.extend(
                report
                    .gaps
                    .iter()
                    .map(|gap| format!("{} could not be compared", gap.facts)),
            );
        }
        reasons
    }
}

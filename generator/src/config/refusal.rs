//! What cannot be built, or would not be found once it is.

use std::fmt;

/// What is wrong, with a code that stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// The headers are too old for the target.
    Old,
    /// The build's headers do not have the target.
    Build,
    /// The version is none that the target can have.
    Since,
    /// The platform has no such file.
    Platform,
    /// There are no headers.
    Headers,
    /// A suffix that a promised CPython does not look for.
    Suffix,
    /// A tag that says less or more than the target is, or another platform.
    Tag,
    /// A CPython that is promised was not observed.
    Unobserved,
}

impl Wrong {
    /// Each of them.
    pub const ALL: [Wrong; 8] = [
        Wrong::Old,
        Wrong::Build,
        Wrong::Since,
        Wrong::Platform,
        Wrong::Headers,
        Wrong::Suffix,
        Wrong::Tag,
        Wrong::Unobserved,
    ];

    /// The code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Wrong::Old => "T001",
            Wrong::Build => "T002",
            Wrong::Since => "T003",
            Wrong::Platform => "T004",
            Wrong::Headers => "T005",
            Wrong::Suffix => "T006",
            Wrong::Tag => "T007",
            Wrong::Unobserved => "T008",
        }
    }

    /// What it means.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Wrong::Old => "a target that begins with newer headers",
            Wrong::Build => "a target that the headers of this build do not have",
            Wrong::Since => "an oldest version that the target cannot have",
            Wrong::Platform => "a target that needs more than one file on this platform",
            Wrong::Headers => "an interpreter without headers",
            Wrong::Suffix => "a suffix that a promised CPython does not look for",
            Wrong::Tag => "a tag that does not say what the target is, or on which platform",
            Wrong::Unobserved => "a suffix for a CPython that was not observed",
        }
    }

    /// What to do.
    #[must_use]
    pub fn advice(self) -> &'static str {
        match self {
            Wrong::Old => "Use the headers of the version that is named, or a later one.",
            Wrong::Build => "Use a GIL-enabled CPython for abi3, or the target abi3t or universal.",
            Wrong::Since => "Give --since a version that the message names, or leave it out.",
            Wrong::Platform => "Build the targets that are named, for two wheels.",
            Wrong::Headers => "Install the headers, or name another interpreter of that version.",
            Wrong::Suffix => "Give the file the suffix that `pyshim config` says.",
            Wrong::Tag => "Give the wheel the tag that `pyshim config` says.",
            Wrong::Unobserved => "Use a pyshim that knows that CPython.",
        }
    }
}

/// Why there is nothing to build with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong.
    pub wrong: Wrong,
    /// What was found and what was expected.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl Refusal {
    /// Of these.
    pub fn new(wrong: Wrong, message: impl Into<String>, help: impl Into<String>) -> Self {
        Refusal {
            wrong,
            message: message.into(),
            help: help.into(),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (code, message) = (self.wrong.code(), &self.message);
        write!(f, "error[{code}]: {message}\n  = help: {}", self.help)
    }
}

//! Why something could not be observed. Nothing is known then, which is not the same as a finding.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What kind of thing went wrong; the stable codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Trouble {
    /// A program could not be started, failed, took too long or said too much.
    Program,
    /// An executable is not a CPython that can be asked.
    NotPython,
    /// There are no headers, or they do not compile.
    Headers,
    /// A file is not a whole executable, library or object file.
    Binary,
    /// A file or folder could not be read or written.
    File,
    /// An oracle that was asked for is not on this machine.
    Oracle,
    /// Oracles say different things.
    Disagreement,
    /// There is nothing to observe.
    Nothing,
}

impl Trouble {
    /// All of them.
    pub const ALL: [Trouble; 8] = [
        Trouble::Program,
        Trouble::NotPython,
        Trouble::Headers,
        Trouble::Binary,
        Trouble::File,
        Trouble::Oracle,
        Trouble::Disagreement,
        Trouble::Nothing,
    ];

    /// What it means.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Trouble::Program => "a program could not be started, took too long or said too much",
            Trouble::NotPython => "an executable is not a CPython that says what it is",
            Trouble::Headers => "headers are not there, or do not compile",
            Trouble::Binary => "a file is not a whole executable, library or object file",
            Trouble::File => "a file or folder could not be read or written",
            Trouble::Oracle => "an oracle that was asked for is not on this machine",
            Trouble::Disagreement => "oracles say different things, and none of them is believed",
            Trouble::Nothing => "there is nothing to observe",
        }
    }

    /// What to do.
    #[must_use]
    pub fn advice(self) -> &'static str {
        match self {
            Trouble::Program => "run it by hand to see what it does",
            Trouble::NotPython => "name the executable of a CPython 3.8 or newer",
            Trouble::Headers => {
                "name their folder with --include, or the interpreter that has them with --python"
            }
            Trouble::Binary => {
                "name a file in the ELF, Mach-O or PE format, and check that it was copied whole"
            }
            Trouble::File => "check that it is there, and that you may read or write it",
            Trouble::Oracle => "install a C compiler or libclang, or do not insist with --oracle",
            Trouble::Disagreement => {
                "check that --cc and libclang compile for the same target with the same options, and \
                 that headers and library belong together"
            }
            Trouble::Nothing => {
                "name interpreters with --python or --all, or a library with --header and --library"
            }
        }
    }

    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Trouble::Program => "E001",
            Trouble::NotPython => "E002",
            Trouble::Headers => "E003",
            Trouble::Binary => "E004",
            Trouble::File => "E005",
            Trouble::Oracle => "E006",
            Trouble::Disagreement => "E007",
            Trouble::Nothing => "E008",
        }
    }
}

/// Why something could not be observed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What kind of thing.
    pub trouble: Trouble,
    /// What was found and what was expected: lower case, no final dot.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl Failure {
    /// Puts one together.
    pub fn new(trouble: Trouble, message: impl Into<String>, help: impl Into<String>) -> Self {
        Failure {
            trouble,
            message: message.into(),
            help: help.into(),
        }
    }

    /// A file or folder that could not be read or written.
    pub fn file(action: &str, path: &std::path::Path, error: &std::io::Error) -> Self {
        Failure::new(
            Trouble::File,
            format!("cannot {action} `{}`: {error}", path.display()),
            "check that it exists and that its permissions allow this",
        )
    }

    /// As one of a report's reasons, which have a line each.
    #[must_use]
    pub fn in_one_line(&self) -> String {
        format!("{}: {} ({})", self.trouble.code(), self.message, self.help)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "error[{}]: {}\n  = help: {}",
            self.trouble.code(),
            self.message,
            self.help
        )
    }
}

impl std::error::Error for Failure {}

//! Why a command did not succeed.

use std::fmt::{self, Display};
use std::path::Path;
use std::process::ExitCode;

/// Each has an exit code of its own.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Tests failed, lints complained, files are stale: 1.
    Findings(String),
    /// The command line asks for something that is not done: 2.
    Usage(String),
    /// Something that the command needs is not to be had, so nothing is known: 3.
    CouldNot(String),
}

impl Failure {
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Findings(_) => ExitCode::from(1),
            Self::Usage(_) => ExitCode::from(2),
            Self::CouldNot(_) => ExitCode::from(3),
        }
    }
}

/// For `map_err`: what was tried.
pub(crate) fn could_not<E: Display>(what: impl Display) -> impl Fn(E) -> Failure {
    move |error| Failure::CouldNot(format!("could not {what}: {error}"))
}

/// The same, and with which file or folder.
pub(crate) fn could_not_at<E: Display>(action: &str, path: &Path) -> impl Fn(E) -> Failure {
    could_not(format!("{action} {}", path.display()))
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Findings(text) | Self::Usage(text) | Self::CouldNot(text) => f.write_str(text),
        }
    }
}

impl From<pythons::Error> for Failure {
    fn from(error: pythons::Error) -> Self {
        Self::CouldNot(error.to_string())
    }
}

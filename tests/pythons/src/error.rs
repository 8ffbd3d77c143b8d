//! What can go wrong.

use crate::Label;
use std::path::{Path, PathBuf};
use std::{fmt, io};

/// Why interpreters could not be listed or had.
#[derive(Debug)]
pub enum Error {
    /// `PYSHIM_PYTHONS` names something that can't be used.
    Named {
        /// As named.
        executable: PathBuf,
        /// Why not.
        reason: String,
    },
    /// Required interpreters are not on this machine, and this is why they could not be fetched.
    Missing {
        /// The missing ones.
        labels: Vec<Label>,
        /// What went wrong.
        source: Box<Error>,
    },
    /// Something that assembling needs is not here, or not as it is expected to be.
    Assembly {
        /// What is missing or wrong.
        reason: String,
    },
    /// A command could not be started, failed, or took too long.
    Command {
        /// The program and its arguments.
        command: String,
        /// How it ended, and the end of what it said.
        reason: String,
    },
    /// A file or folder could not be read or written.
    Io {
        /// What was being done, such as `create`.
        action: &'static str,
        /// To which file.
        path: PathBuf,
        /// The system's word.
        source: io::Error,
    },
}

impl Error {
    pub(crate) fn assembly(reason: impl Into<String>) -> Self {
        Self::Assembly {
            reason: reason.into(),
        }
    }

    /// For `map_err`: `Error::io("create", path)`.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named { executable, reason } => {
                write!(
                    f,
                    "`{}`, named by PYSHIM_PYTHONS, can't be used: {reason}",
                    executable.display()
                )
            }
            Self::Missing { labels, source } => {
                let labels: Vec<String> = labels.iter().map(Label::to_string).collect();
                write!(
                    f,
                    "no CPython {} with headers here, and none could be fetched: {source}\n\
                     help: `uv python install {}`, or name their executables in PYSHIM_PYTHONS",
                    labels.join(", "),
                    labels.join(" "),
                )
            }
            Self::Assembly { reason } => f.write_str(reason),
            Self::Command { command, reason } => write!(f, "`{command}` {reason}"),
            Self::Io {
                action,
                path,
                source,
            } => {
                write!(f, "could not {action} `{}`: {source}", path.display())
            }
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::Missing { source, .. } => Some(source),
            Self::Named { .. } | Self::Assembly { .. } | Self::Command { .. } => None,
        }
    }
}

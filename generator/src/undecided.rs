//! Why nothing is known: something could not be read or written.

use std::path::PathBuf;

use crate::manifest::ReadError;
use crate::write::WriteError;

/// What stopped a run before it could decide. There is no code, for the manifest is not to blame.
#[derive(Debug)]
pub(crate) struct Undecided {
    message: String,
    file: Option<PathBuf>,
}

impl Undecided {
    /// The keys of a complaint; those of a place in the file are null.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        serde_json::json!({
            "code": null,
            "level": "error",
            "message": self.message,
            "label": "",
            "help": null,
            "file": self.file.as_ref().map(|path| path.display().to_string()),
            "line": null,
            "column": null,
            "byte_start": null,
            "byte_end": null,
        })
    }
}

impl std::fmt::Display for Undecided {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "error: {}", self.message)
    }
}

impl From<&str> for Undecided {
    fn from(message: &str) -> Self {
        Undecided {
            message: message.to_owned(),
            file: None,
        }
    }
}

impl From<ReadError> for Undecided {
    fn from(problem: ReadError) -> Self {
        Undecided {
            message: problem.to_string(),
            file: Some(problem.path),
        }
    }
}

impl From<WriteError> for Undecided {
    fn from(problem: WriteError) -> Self {
        Undecided {
            message: problem.to_string(),
            file: Some(problem.path),
        }
    }
}

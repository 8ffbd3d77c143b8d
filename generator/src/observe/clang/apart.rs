//! libclang in a process of its own: a crash of it, or a header that it never comes to an end with,
//! is an error here and not the end of everything.
//!
//! The process is this program again. It is given a question in a file, and prints the answer.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::kept::understand;
use super::{Looked, Request, library, look};
use crate::observe::process::{self, Limits, excerpt};
use crate::observe::{Failure, Trouble};
use crate::surface::write;

/// All that CPython's headers declare is less than a megabyte.
const LONGEST: usize = 64 << 20;

/// Who reads headers instead of this process.
#[derive(Clone, Debug)]
pub struct Apart {
    /// This program, and what makes it call [`answer`] with the file that comes next.
    command: (PathBuf, &'static str),
    time: Duration,
    library: OnceLock<Result<Library, Failure>>,
}

/// The libclang that is used. Each process would look through the system's folders for it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Library {
    version: String,
    path: PathBuf,
}

#[derive(Serialize, Deserialize)]
enum Question {
    Library,
    /// With what [`library::system_headers`] says, to find which takes longer than many a header.
    Headers(Request, Vec<String>),
}

#[derive(Serialize, Deserialize)]
enum Answer {
    Library(Library),
    Headers {
        files: BTreeSet<PathBuf>,
        snapshot: String,
    },
    Failed(Failure),
}

impl Apart {
    /// A program that calls [`answer`] when its first argument is this word, and how long it may
    /// take each time.
    #[must_use]
    pub fn new(program: PathBuf, word: &'static str, time: Duration) -> Self {
        Apart {
            command: (program, word),
            time,
            library: OnceLock::new(),
        }
    }

    /// What libclang calls itself.
    pub(super) fn version(&self) -> Result<&str, Failure> {
        Ok(&self.library()?.version)
    }

    fn library(&self) -> Result<&Library, Failure> {
        let asked = || {
            let command = self.command();
            match self.ask(command, &Question::Library, "when it was asked what it is")? {
                Answer::Library(library) => Ok(library),
                _ => Err(not_understood()),
            }
        };
        let known = self.library.get_or_init(asked);
        known.as_ref().map_err(Failure::clone)
    }

    fn command(&self) -> Command {
        let (program, word) = &self.command;
        let mut command = Command::new(program);
        command.arg(word);
        command
    }

    /// What libclang says of headers.
    pub(super) fn look(&self, request: &Request) -> Result<Looked, Failure> {
        let includes = request.header.lines().collect::<Vec<_>>().join(", ");
        let when = format!("when it read `{includes}` as `{}`", request.label);
        let system = library::system_headers(&request.arguments);
        let mut command = self.command();
        command.env("LIBCLANG_PATH", &self.library()?.path);
        match self.ask(command, &Question::Headers(request.clone(), system), &when)? {
            Answer::Headers { files, snapshot } => {
                let surface = understand(snapshot).ok_or_else(not_understood)?;
                Ok(Looked { surface, files })
            }
            _ => Err(not_understood()),
        }
    }

    fn ask(
        &self,
        mut command: Command,
        question: &Question,
        when: &str,
    ) -> Result<Answer, Failure> {
        let folder = tempfile::tempdir()
            .map_err(|error| Failure::file("make a folder in", &std::env::temp_dir(), &error))?;
        let file = folder.path().join("question.json");
        let text = serde_json::to_vec(question).map_err(|_| not_understood())?;
        fs::write(&file, text).map_err(|error| Failure::file("write", &file, &error))?;
        let limits = Limits {
            time: self.time,
            bytes: LONGEST,
        };
        let name = format!("`{}`", self.command.0.display());
        let output = process::run(command.arg(&file), limits)
            .map_err(|failure| lost(&failure.message.replacen(&name, "libclang", 1), when))?;
        if !output.status.success() {
            let said = excerpt(&output.stderr);
            let how = format!("libclang ended with {}", output.status);
            return Err(lost(&how, &format!("{when}, and said {said}")));
        }
        match serde_json::from_str(&output.stdout) {
            Ok(Answer::Failed(failure)) => Err(failure),
            Ok(answer) => Ok(answer),
            Err(_) => Err(not_understood()),
        }
    }
}

fn lost(how: &str, when: &str) -> Failure {
    Failure::new(
        Trouble::Program,
        format!("{how} {when}"),
        "name another libclang in LIBCLANG_PATH, give it longer with --timeout, or do without it: \
         --oracle probe --oracle symbols",
    )
}

fn not_understood() -> Failure {
    Failure::new(
        Trouble::Program,
        "what reads the headers in a process of its own gave an answer that is none",
        "do without libclang: --oracle probe --oracle symbols",
    )
}

/// Answers the question in a file, as the process that [`Apart`] starts.
#[must_use]
pub fn answer(file: &Path) -> String {
    let answer = try_to_answer(file).unwrap_or_else(Answer::Failed);
    serde_json::to_string(&answer).unwrap_or_default()
}

fn try_to_answer(file: &Path) -> Result<Answer, Failure> {
    let text = fs::read(file).map_err(|error| Failure::file("read", file, &error))?;
    match serde_json::from_slice(&text).map_err(|_| not_understood())? {
        Question::Library => Ok(Answer::Library(Library {
            version: library::version()?,
            path: library::path()?,
        })),
        Question::Headers(request, system) => {
            let Looked { surface, files } = look(&request, system)?;
            let snapshot = write::write(&surface);
            Ok(Answer::Headers { files, snapshot })
        }
    }
}

//! A C compiler that understands gcc's options: gcc, clang, and cross compilers of both.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::failure::{Failure, Trouble};
use super::mode::Mode;
use super::process::{self, Limits, Output, excerpt};

/// `Python.h` is compiled in a tenth of a second; a preprocessed one with macros has 2 MB.
const LIMITS: Limits = Limits {
    time: Duration::from_secs(120),
    bytes: 256 << 20,
};

/// A compiler, with what it needs to find the headers.
#[derive(Clone, Debug)]
pub struct Compiler {
    program: String,
    arguments: Vec<String>,
    /// What it says of its version and its target.
    pub identity: String,
}

/// Headers, and how to find them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers {
    /// Folders to look in.
    pub include: Vec<PathBuf>,
    /// What is included, in order: `Python.h`.
    pub names: Vec<String>,
}

impl Headers {
    /// The directives that include them.
    #[must_use]
    pub fn directives(&self) -> String {
        self.names
            .iter()
            .map(|name| match Path::new(name).is_absolute() {
                true => format!("#include \"{name}\"\n"),
                false => format!("#include <{name}>\n"),
            })
            .collect()
    }

    /// The files and folders that are named, each also without links: what is declared there is the
    /// library's own.
    pub fn places(&self) -> Result<Vec<PathBuf>, Failure> {
        let named = self.names.iter().map(Path::new);
        let named = named.filter(|path| path.is_absolute());
        let mut places = Vec::new();
        for place in self.include.iter().map(PathBuf::as_path).chain(named) {
            let canonical = place.canonicalize();
            let canonical = canonical.map_err(|error| Failure::file("find", place, &error))?;
            places.extend((canonical != place).then(|| place.to_owned()));
            places.push(canonical);
        }
        Ok(places)
    }
}

impl Compiler {
    /// Finds out what a compiler is. The text may have options: `aarch64-linux-gnu-gcc -m64`.
    pub fn new(text: &str) -> Result<Self, Failure> {
        let mut words = text.split_whitespace().map(str::to_owned);
        let program = words.next().ok_or_else(|| {
            Failure::new(
                Trouble::Oracle,
                "no compiler is named",
                "give --cc a program",
            )
        })?;
        let mut compiler = Compiler {
            program,
            arguments: words.collect(),
            identity: String::new(),
        };
        for question in ["--version", "-dumpmachine"] {
            let mut command = compiler.command();
            let output = process::run(command.arg(question), LIMITS).map_err(|failure| {
                Failure::new(
                    Trouble::Oracle,
                    failure.message,
                    "install a C compiler, or name one with --cc",
                )
            })?;
            compiler.identity.push_str(&output.stdout);
        }
        compiler.identity.push_str(text);
        Ok(compiler)
    }

    fn is_clang(&self) -> bool {
        self.identity.contains("clang")
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        // Messages are parsed.
        command.env("LC_ALL", "C").args(&self.arguments);
        command
    }

    /// Compiles `folder/file` with more options, and leaves the judgement to the caller. Errors
    /// name the file without its folder.
    pub fn run(
        &self,
        folder: &Path,
        file: &str,
        headers: &Headers,
        mode: &Mode,
        options: &[&str],
    ) -> Result<Output, Failure> {
        let mut command = self.command();
        command.current_dir(folder);
        // Every error counts.
        command.args(["-w", "-O0", "-g0", "-fno-lto"]);
        command.args(if self.is_clang() {
            [
                "-ferror-limit=0",
                "-fno-caret-diagnostics",
                "-fno-color-diagnostics",
                "-fno-spell-checking",
            ]
            .as_slice()
        } else {
            &["-fmax-errors=0", "-fno-diagnostics-show-caret"]
        });
        for include in &headers.include {
            command.arg("-I").arg(include);
        }
        for (name, value) in &mode.defines {
            command.arg(format!("-D{name}={value}"));
        }
        process::run(command.args(options).arg(file), LIMITS)
    }

    /// Why headers are of no use in any mode.
    #[must_use]
    pub fn refused(&self, headers: &Headers, output: &Output) -> Failure {
        let errors: Vec<&str> = output
            .stderr
            .lines()
            .filter(|line| line.contains("error"))
            .collect();
        Failure::new(
            Trouble::Headers,
            format!(
                "`{}` does not compile {}: {}",
                self.program,
                headers.names.join(", "),
                excerpt(&errors.join("\n"))
            ),
            "name the folders of the headers with --include, and those of a CPython with --python",
        )
    }
}

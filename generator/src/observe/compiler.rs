//! A C compiler that understands gcc's options: gcc, clang, and cross compilers of both.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::failure::{Failure, Trouble};
use super::mode::Mode;
use super::own;
use super::process::{self, Limits, Output, excerpt};

/// `Python.h`, preprocessed with its macros, has 2 MB.
const LONGEST: usize = 32 << 20;
/// What it is, a compiler says in a few lines.
const LONGEST_OF_ITSELF: usize = 1 << 16;

/// A compiler, with what it needs to find the headers.
#[derive(Clone, Debug)]
pub struct Compiler {
    program: String,
    arguments: Vec<String>,
    /// How long it may take.
    time: Duration,
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

    /// The files and folders that are named, each also without links, and what the files include of
    /// the same library: what is declared there is the library's own.
    pub fn places(&self) -> Result<Vec<PathBuf>, Failure> {
        let named = self.names.iter().map(Path::new);
        let named = named.filter(|path| path.is_absolute());
        let mut places = Vec::new();
        for place in self.include.iter().map(PathBuf::as_path).chain(named) {
            let canonical = place.canonicalize();
            let canonical = canonical.map_err(|error| Failure::file("find", place, &error))?;
            places.extend((canonical != place).then(|| place.to_owned()));
            if canonical.is_file() {
                places.extend(own::included_by(&canonical));
            }
            places.push(canonical);
        }
        Ok(places)
    }
}

/// The options of a command that decide what headers say, and that libclang has to be given, too:
/// `cc -DLARGE -m32`.
#[must_use]
pub fn options_for_headers(command: &str) -> Vec<String> {
    const WITH_NEXT: [&str; 5] = ["-D", "-U", "-I", "-isystem", "-include"];
    const PREFIXES: [&str; 7] = ["-D", "-U", "-I", "-std=", "-m", "--sysroot=", "--target="];
    let mut options = Vec::new();
    let mut words = command.split_whitespace().skip(1);
    while let Some(word) = words.next() {
        if WITH_NEXT.contains(&word) {
            options.push(word.to_owned());
            options.extend(words.next().map(str::to_owned));
        } else if PREFIXES.iter().any(|prefix| word.starts_with(prefix)) {
            options.push(word.to_owned());
        }
    }
    options
}

impl Compiler {
    /// Finds out what a compiler is. The text may have options: `aarch64-linux-gnu-gcc -m64`.
    pub fn new(text: &str, time: Duration) -> Result<Self, Failure> {
        let of_oracle =
            |message: String| Failure::new(Trouble::Oracle, message, "name a C compiler with --cc");
        let mut words = text.split_whitespace().map(str::to_owned);
        let program = words
            .next()
            .ok_or_else(|| of_oracle("no compiler is named".to_owned()))?;
        let mut compiler = Compiler {
            program: from_anywhere(program),
            arguments: words.collect(),
            time,
            identity: String::new(),
        };
        for question in ["--version", "-dumpmachine"] {
            let limits = Limits {
                time,
                bytes: LONGEST_OF_ITSELF,
            };
            let output = process::run(compiler.command().arg(question), limits)
                .map_err(|failure| of_oracle(failure.message))?;
            if !output.status.success() {
                return Err(of_oracle(format!(
                    "`{} {question}` failed ({}), and said {}",
                    compiler.program,
                    output.status,
                    excerpt(&output.stderr)
                )));
            }
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
        let limits = Limits {
            time: self.time,
            bytes: LONGEST,
        };
        process::run(command.args(options).arg(file), limits)
    }

    /// Why what should have come of compiling is not there.
    #[must_use]
    pub fn left_nothing(&self, output: &Output) -> Failure {
        Failure::new(
            Trouble::Program,
            format!(
                "`{}` wrote no object file ({}), and said {}",
                self.program,
                output.status,
                excerpt(&output.stderr)
            ),
            "name a C compiler that takes gcc's options with --cc",
        )
    }

    /// Why headers are of no use in any mode.
    #[must_use]
    pub fn refused(&self, headers: &Headers, output: &Output) -> Failure {
        let errors = output.stderr.lines().filter(|line| line.contains("error"));
        let errors: Vec<&str> = errors.collect();
        let said = match errors.as_slice() {
            [] => excerpt(&output.stderr),
            errors => excerpt(&errors.join("\n")),
        };
        Failure::new(
            Trouble::Headers,
            format!(
                "`{}` does not compile {}, and says {said}",
                self.program,
                headers.names.join(", "),
            ),
            "name folders of headers with --include, or with --old-include and --new-include, those of \
             a CPython with --python, and what they want defined in --cc: `cc -DNAME`",
        )
    }
}

/// A program that is named from the folder where this runs, as it is named from any folder.
fn from_anywhere(program: String) -> String {
    let path = Path::new(&program);
    if path.components().count() < 2 {
        return program;
    }
    match std::path::absolute(path) {
        Ok(path) => path.to_string_lossy().into_owned(),
        Err(_) => program,
    }
}

#[cfg(test)]
mod tests {
    use super::options_for_headers;

    #[test]
    fn libclang_is_given_what_decides_what_headers_say() {
        let given = "gcc -O2 -DA=1 -D B -isystem /x -fpack-struct=1 -m32 -std=c11 -pipe";
        let wanted = ["-DA=1", "-D", "B", "-isystem", "/x", "-m32", "-std=c11"];
        assert_eq!(options_for_headers(given), wanted);
        assert!(options_for_headers("cc").is_empty());
    }
}

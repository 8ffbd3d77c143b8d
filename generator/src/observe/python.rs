//! Asks an interpreter what it is.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde::Deserialize;

use super::failure::{Failure, Trouble};
use super::process::{self, Limits, excerpt};
use crate::model::version::Version;
use crate::model::when::Build;

const SCRIPT: &str = include_str!("python.py");

/// An interpreter answers with a few hundred bytes, and a .pth file may print something before.
const LONGEST: usize = 1 << 20;

/// A CPython that ran and said what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interpreter {
    /// Its version, without the micro part.
    pub version: Version,
    /// `sys.hexversion`, which orders versions.
    pub hex: u32,
    /// `sys.hexversion` as text: `3.14.2`, `3.15.0b1`.
    pub exact: String,
    /// How it was built.
    pub build: Build,
    /// Whether it counts references for debugging, which changes objects.
    pub debug: bool,
    /// Bytes of a pointer.
    pub pointer: u32,
    /// `linux-x86_64`.
    pub platform: String,
    /// Whether its C library is musl, which no platform says.
    pub musl: bool,
    /// As it was named. In a virtual environment that is what finds what is installed there.
    pub named: PathBuf,
    /// The file that runs.
    pub executable: PathBuf,
    /// The file that has the C API: a shared libpython, or the executable.
    pub library: PathBuf,
    /// The folder with `Python.h`, then those with `pyconfig.h`. Empty without headers.
    pub include_dirs: Vec<PathBuf>,
    /// `PY_VERSION` in `patchlevel.h`, which may be another micro release than the executable.
    pub header_version: String,
    /// `importlib.machinery.EXTENSION_SUFFIXES`.
    pub suffixes: Vec<String>,
}

/// What the script prints.
#[derive(Deserialize)]
struct Answer {
    hex: u32,
    free_threaded: bool,
    debug: bool,
    pointer: u32,
    platform: String,
    musl: bool,
    executable: PathBuf,
    library: PathBuf,
    include_dirs: Vec<PathBuf>,
    header_version: String,
    ext_suffixes: Vec<String>,
}

impl Interpreter {
    /// `3.14`, `3.14t`, `3.14d`.
    #[must_use]
    pub fn label(&self) -> String {
        let build = if self.build == Build::Ft { "t" } else { "" };
        let debug = if self.debug { "d" } else { "" };
        format!("{}{build}{debug}", self.version)
    }
}

/// Runs the executable once. It answers in 50 ms; a cold disk and two busy cores have been seen to
/// make seconds of it.
pub fn ask(executable: &Path, time: Duration) -> Result<Interpreter, Failure> {
    let bytes = LONGEST;
    let limits = Limits { time, bytes };
    // -I: neither the environment nor the current folder changes the answer.
    let output = process::run(Command::new(executable).args(["-I", "-c", SCRIPT]), limits)?;
    let name = executable.display();
    if !output.status.success() {
        let said = excerpt(&output.stderr);
        return Err(Failure::new(
            Trouble::NotPython,
            format!(
                "`{name}` failed ({}) when it was asked what it is, and said {said}",
                output.status
            ),
            "name the executable of a CPython 3.8 or newer",
        ));
    }
    // A .pth file may print something before.
    let line = output.stdout.lines().last().unwrap_or_default();
    understand(executable, line).ok_or_else(|| {
        Failure::new(
            Trouble::NotPython,
            format!(
                "`{name}` was asked what it is and answered {}, not as a CPython would",
                match line.trim() {
                    "" => "nothing".to_owned(),
                    line => format!("`{}`", excerpt(line)),
                }
            ),
            "name the executable of a CPython 3.8 or newer",
        )
    })
}

fn understand(named: &Path, line: &str) -> Option<Interpreter> {
    let answer: Answer = serde_json::from_str(line).ok()?;
    let [major, minor, micro, level] = answer.hex.to_be_bytes();
    let serial = level & 0xf;
    let stage = match level >> 4 {
        0xa => format!("a{serial}"),
        0xb => format!("b{serial}"),
        0xc => format!("rc{serial}"),
        _ => String::new(),
    };
    Some(Interpreter {
        version: Version { major, minor },
        hex: answer.hex,
        exact: format!("{major}.{minor}.{micro}{stage}"),
        build: if answer.free_threaded {
            Build::Ft
        } else {
            Build::Gil
        },
        debug: answer.debug,
        pointer: answer.pointer,
        platform: answer.platform,
        musl: answer.musl,
        named: wherever(named),
        executable: answer.executable,
        library: answer.library,
        include_dirs: answer.include_dirs,
        header_version: answer.header_version,
        suffixes: answer.ext_suffixes,
    })
}

/// A program that can be started in any folder: a path that is whole, or a name to be looked for.
fn wherever(program: &Path) -> PathBuf {
    let is_path = program.components().count() > 1;
    let whole = is_path.then(|| std::path::absolute(program).ok());
    whole.flatten().unwrap_or_else(|| program.to_owned())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use super::super::process::PATIENCE;
    use super::{Trouble, ask};

    fn program(text: &str) -> tempfile::TempPath {
        use std::os::unix::fs::PermissionsExt;
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        std::io::Write::write_all(&mut file, text.as_bytes()).expect("written");
        let path = file.into_temp_path();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))
            .expect("executable");
        path
    }

    #[test]
    fn garbage_is_quoted_and_refused() {
        let failure = ask(&program("#!/bin/sh\necho '{\"hex\": tea}'\n"), PATIENCE).unwrap_err();
        assert_eq!(failure.trouble, Trouble::NotPython);
        assert!(failure.message.contains("tea"), "{failure}");
    }

    #[test]
    fn a_process_of_32_bits_is_not_of_the_processor_of_its_kernel() {
        for (pointer, told, platform) in [
            (4, "linux-x86_64", "linux-i686"),
            (4, "linux-aarch64", "linux-armv8l"),
            (4, "linux-armv7l", "linux-armv7l"),
            (8, "linux-x86_64", "linux-x86_64"),
        ] {
            let before = format!(
                "import struct, sys, sysconfig; struct.calcsize = lambda _: {pointer}; \
                 sysconfig.get_platform = lambda: \"{told}\"; exec(sys.argv[1])"
            );
            let text = format!("#!/bin/sh\nexec python3 -I -c '{before}' \"$3\"\n");
            let found = ask(&program(&text), PATIENCE).expect("it answers");
            assert_eq!(found.platform, platform);
        }
    }

    #[test]
    fn endless_output_is_cut_off() {
        let failure = ask(&program("#!/bin/sh\nexec yes\n"), PATIENCE).unwrap_err();
        assert!(failure.message.contains("printed more than"), "{failure}");
    }

    #[test]
    fn an_interpreter_that_hangs_is_ended() {
        let failure = ask(
            &program("#!/bin/sh\nexec sleep 100\n"),
            Duration::from_millis(200),
        )
        .unwrap_err();
        assert!(
            failure.message.contains("took longer than 0.2 s"),
            "{failure}"
        );
    }

    #[test]
    fn what_is_not_there_and_what_fails_is_named() {
        let failure = ask(Path::new("/nonexistent/python"), PATIENCE).unwrap_err();
        assert!(
            failure
                .message
                .starts_with("`/nonexistent/python` could not"),
            "{failure}"
        );
        let failure = ask(&program("#!/bin/sh\necho no >&2; exit 7\n"), PATIENCE).unwrap_err();
        assert!(failure.message.contains("exit status: 7"), "{failure}");
    }
}

//! Asks an executable what it is.

use crate::{Error, Label, Origin, Python, Version, process};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const SCRIPT: &str = include_str!("interrogation.py");

/// An interpreter answers in 20 to 50 ms; a cold disk and two busy cores have been seen to make
/// seconds of it.
const LIMIT: Duration = Duration::from_secs(30);

/// Runs the executable once. An error says why it is not a CPython 3.8 or newer.
pub(crate) fn interrogate(executable: &Path, origin: Origin) -> Result<Python, Error> {
    // -I: neither the environment nor the current folder changes the answer.
    let answer = process::run(Command::new(executable).args(["-I", "-c", SCRIPT]), LIMIT)?;
    // A .pth file may print something before.
    let line = answer.lines().last().unwrap_or_default();
    understand(line, executable, origin).ok_or_else(|| Error::Command {
        command: executable.display().to_string(),
        reason: format!("answered `{line}`, and not as a Python would"),
    })
}

fn understand(line: &str, executable: &Path, origin: Origin) -> Option<Python> {
    let answer: Value = serde_json::from_str(line).ok()?;
    let version = Version {
        hex: answer["hex"].as_u64()?.try_into().ok()?,
    };
    let free_threaded = answer["free_threaded"].as_bool()?;
    Some(Python {
        label: Label {
            major: version.major(),
            minor: version.minor(),
            free_threaded,
            debug: answer["debug"].as_bool()?,
        },
        version,
        free_threaded,
        executable: settle(
            executable,
            Path::new(answer["executable"].as_str()?),
            origin,
        ),
        include_dirs: strings(&answer["include_dirs"])?
            .into_iter()
            .map(PathBuf::from)
            .collect(),
        header_version: answer["header_version"].as_str()?.to_owned(),
        ext_suffixes: strings(&answer["ext_suffixes"])?,
        origin,
    })
}

fn strings(value: &Value) -> Option<Vec<String>> {
    value
        .as_array()?
        .iter()
        .map(|item| item.as_str().map(str::to_owned))
        .collect()
}

/// A named interpreter stays as it was named: a virtual environment is more than the interpreter it
/// is made from. Others are known by the file that really runs, whatever shim, link or virtual
/// environment led there.
fn settle(asked: &Path, answered: &Path, origin: Origin) -> PathBuf {
    if origin == Origin::Named {
        return std::path::absolute(asked).unwrap_or_else(|_| asked.to_path_buf());
    }
    answered
        .canonicalize()
        .unwrap_or_else(|_| answered.to_path_buf())
}

#[cfg(test)]
mod tests {
    use super::{interrogate, understand};
    use crate::{Label, Origin};
    use std::path::Path;

    const ANSWER: &str = r#"{"hex": 51315440, "free_threaded": true, "debug": false,
        "executable": "/nonexistent/real", "include_dirs": ["/a", "/b"], "header_version": "3.15.4",
        "ext_suffixes": [".cpython-315t-x86_64-linux-gnu.so", ".so"]}"#;

    #[test]
    fn an_answer_becomes_a_python() {
        let python = understand(ANSWER, Path::new("/asked"), Origin::Path).unwrap();
        assert_eq!(python.label, Label::free_threaded(15));
        assert_eq!(python.version.to_string(), "3.15.2");
        assert_eq!(python.executable, Path::new("/nonexistent/real"));
        assert_eq!(python.include_dirs, [Path::new("/a"), Path::new("/b")]);
        assert!(python.has_headers());
    }

    #[test]
    fn a_named_executable_keeps_its_name() {
        let python = understand(ANSWER, Path::new("/asked"), Origin::Named).unwrap();
        assert_eq!(python.executable, Path::new("/asked"));
    }

    #[test]
    fn an_answer_that_lacks_something_is_none() {
        for answer in ["", "3.14", "{}", r#"{"hex": 51315440}"#] {
            assert_eq!(understand(answer, Path::new("/asked"), Origin::Path), None);
        }
    }

    #[test]
    fn a_program_that_is_no_python_is_refused() {
        assert!(interrogate(Path::new("/bin/echo"), Origin::Path).is_err());
        assert!(interrogate(Path::new("/nonexistent/python"), Origin::Path).is_err());
    }
}

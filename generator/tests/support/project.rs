//! A project in a scratch folder, and the command run in it.

#![allow(dead_code, reason = "each test uses the part that it needs")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::scratch;

/// A folder with a manifest in `abi/`, which is that of a fixture.
pub(crate) struct Project {
    folder: TempDir,
}

impl Project {
    /// With nothing generated yet.
    pub(crate) fn new(fixture: &str) -> Self {
        let folder = scratch::folder();
        copy(
            &Path::new("tests/fixtures").join(fixture),
            &folder.path().join("abi"),
        );
        Project { folder }
    }

    /// With everything generated.
    pub(crate) fn generated(fixture: &str) -> Self {
        let project = Project::new(fixture);
        project.run(&["generate"]).exits_with(0);
        project
    }

    /// A path in the project.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs the command in the project's folder.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        run_in(self.folder.path(), arguments)
    }

    /// Every file, by name, and what is in it.
    pub(crate) fn files(&self) -> Vec<(String, Vec<u8>)> {
        let mut files = Vec::new();
        walk(self.folder.path(), &mut |path| {
            let name = path
                .strip_prefix(self.folder.path())
                .expect("it is in the folder");
            let content = fs::read(path).expect("the file can be read");
            files.push((name.display().to_string(), content));
        });
        files.sort();
        files
    }
}

/// A run of the command.
pub(crate) struct Ran {
    /// What it printed to standard output.
    pub(crate) stdout: String,
    /// What it printed to standard error.
    pub(crate) stderr: String,
    code: Option<i32>,
}

impl Ran {
    /// Reads what a process left.
    pub(crate) fn of(output: Output) -> Self {
        Ran {
            stdout: String::from_utf8(output.stdout).expect("output is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("output is UTF-8"),
            code: output.status.code(),
        }
    }

    /// Fails unless it ended with this code.
    #[track_caller]
    pub(crate) fn exits_with(self, code: i32) -> Self {
        let (stdout, stderr) = (&self.stdout, &self.stderr);
        assert_eq!(self.code, Some(code), "\n{stdout}\n{stderr}");
        self
    }

    /// What it printed, as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).expect("the output is JSON")
    }
}

/// The command, not yet run. What the environment says of colours does not reach it.
pub(crate) fn pyshim() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pyshim"));
    command.env_remove("NO_COLOR").env_remove("CARGO_PKG_NAME");
    command
}

/// Runs the command in a folder.
pub(crate) fn run_in(folder: &Path, arguments: &[&str]) -> Ran {
    let mut command = pyshim();
    command.args(arguments).current_dir(folder);
    Ran::of(command.output().expect("the command runs"))
}

/// Copies a fixture's manifest without what is expected of it.
fn copy(from: &Path, to: &Path) {
    walk(from, &mut |path| {
        let name = path.strip_prefix(from).expect("it is in the folder");
        if !name.starts_with("expected") && !name.ends_with("expected.txt") {
            let target = to.join(name);
            fs::create_dir_all(target.parent().expect("a file is in a folder"))
                .expect("the folder can be made");
            fs::copy(path, target).expect("the file can be copied");
        }
    });
}

fn walk(folder: &Path, each: &mut dyn FnMut(&Path)) {
    for item in fs::read_dir(folder).expect("the folder can be read") {
        let path = item.expect("the folder can be read").path();
        if path.is_dir() {
            walk(&path, each);
        } else {
            each(&path);
        }
    }
}

//! The C core in a CPython that waits for programs.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use conformance::place::root;
use pythons::Python;

use crate::outcome::Outcome;
use crate::program::{Step, written};

/// A running interpreter with the extension.
pub(crate) struct Machine {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Machine {
    /// Starts an interpreter; the extension is in the folder.
    pub(crate) fn start(python: &Python, folder: &Path) -> Result<Self, String> {
        let mut child = Command::new(&python.executable)
            .arg(root().join("tests/ext/stack_refs.py"))
            .arg(folder)
            .env("PYSHIM_STACK_REF_CHECKS", "1")
            .env_remove("PYTHON_GIL")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| error.to_string())?;
        let output = child.stdout.take().ok_or("no output")?;
        Ok(Machine {
            input: child.stdin.take(),
            output: BufReader::new(output),
            child,
        })
    }

    /// What comes of each step.
    pub(crate) fn run(&mut self, program: &[Step]) -> Result<Vec<Outcome<[i64; 5]>>, String> {
        let input = self.input.as_mut().ok_or("no input")?;
        writeln!(input, "{}", written(program)).map_err(|error| error.to_string())?;
        let mut line = String::new();
        match self.output.read_line(&mut line) {
            Ok(n) if n > 0 => Outcome::read(&line),
            Ok(_) => Err("the interpreter has ended".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Lets it end by itself, which must go well.
    pub(crate) fn end(mut self) -> Result<(), String> {
        drop(self.input.take());
        match self.child.wait() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("the interpreter ended with {status}")),
            Err(error) => Err(error.to_string()),
        }
    }
}

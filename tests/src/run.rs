//! Runs a command to its end, within a time.

use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What a command did.
#[derive(Debug)]
pub struct Outcome {
    /// Whether it ended with 0.
    pub success: bool,
    /// How it ended, in words.
    pub status: String,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Outcome {
    /// Whether it went well where no words are expected, and else failed and said them on standard error,
    /// wherever it has broken its lines.
    ///
    /// # Errors
    ///
    /// When it did not, with all that it said; `what` was tried.
    pub fn expect(&self, words: Option<&str>, what: &str) -> Result<(), String> {
        let said = Vec::from_iter(self.stderr.split_whitespace()).join(" ");
        match words {
            None if self.success => Ok(()),
            Some(words) if !self.success && said.contains(words) => Ok(()),
            _ => Err(format!("{what}: {words:?} was expected: {}", self.stderr)),
        }
    }
}

/// Seconds; longer than anything here takes on a slow machine. A hang is a failure and not a wait
/// for ever.
const LIMIT: u64 = 300;

/// Runs it.
///
/// # Errors
///
/// When it cannot be started, or does not end in time.
pub fn run(command: &mut Command) -> Result<Outcome, String> {
    run_within(command, LIMIT)
}

fn run_within(command: &mut Command, seconds: u64) -> Result<Outcome, String> {
    let shown = format!("{command:?}");
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot start {shown}: {error}"))?;
    let stdout = drain(child.stdout.take());
    let stderr = drain(child.stderr.take());
    let start = Instant::now();
    let status = loop {
        match child.try_wait().map_err(|error| error.to_string())? {
            Some(status) => break status,
            None if start.elapsed() > Duration::from_secs(seconds) => {
                let _ = child.kill();
                return Err(format!("{shown} did not end within {seconds} seconds"));
            }
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    Ok(Outcome {
        success: status.success(),
        status: status.to_string(),
        stdout: stdout.join().unwrap_or_default(),
        stderr: stderr.join().unwrap_or_default(),
    })
}

/// Runs it and demands success; gives its standard output.
///
/// # Errors
///
/// When it fails, with everything it said.
pub fn succeed(command: &mut Command) -> Result<String, String> {
    succeed_within(command, LIMIT)
}

/// As [`succeed`], with another limit in seconds.
///
/// # Errors
///
/// When it fails, with everything it said.
pub fn succeed_within(command: &mut Command, seconds: u64) -> Result<String, String> {
    let shown = format!("{command:?}");
    let outcome = run_within(command, seconds)?;
    if outcome.success {
        Ok(outcome.stdout)
    } else {
        Err(format!(
            "{shown}\n{}\n{}{}",
            outcome.status, outcome.stdout, outcome.stderr
        ))
    }
}

fn drain<R: Read + Send + 'static>(pipe: Option<R>) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

//! Runs a program to its end, to a time limit, or to a limit on what it says.

use std::io::Read;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::failure::{Failure, Trouble};

/// What a program may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long it may run.
    pub time: Duration,
    /// How many bytes it may print to either output.
    pub bytes: u64,
}

/// What a program said, and how it ended.
#[derive(Clone, Debug)]
pub struct Output {
    /// How it ended.
    pub status: ExitStatus,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

/// How long output may stay open after the program has ended: a process that it left behind may
/// hold it.
const GRACE: Duration = Duration::from_secs(2);

/// Runs a program without input. How it ends is for the caller to judge, unless a limit was
/// exceeded.
pub fn run(command: &mut Command, limits: Limits) -> Result<Output, Failure> {
    let name = command.get_program().to_string_lossy().into_owned();
    let fail =
        |what: String, help: &str| Failure::new(Trouble::Program, format!("`{name}` {what}"), help);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| {
            fail(
                format!("could not be started: {error}"),
                "check that it is installed and may be executed",
            )
        })?;
    let full = Arc::new(AtomicBool::new(false));
    let stdout = child
        .stdout
        .take()
        .map(|pipe| collect(pipe, limits.bytes, &full));
    let stderr = child
        .stderr
        .take()
        .map(|pipe| collect(pipe, limits.bytes, &full));
    let start = Instant::now();
    let mut pause = Duration::from_millis(1);
    let status = loop {
        let exceeded = if full.load(Ordering::Relaxed) {
            Some(format!("printed more than {} bytes", limits.bytes))
        } else if start.elapsed() >= limits.time {
            Some(format!("took longer than {} s", limits.time.as_secs_f32()))
        } else {
            None
        };
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if exceeded.is_none() => thread::sleep(pause),
            Ok(None) => {
                // It may have ended by itself just now; either way the wait takes it off the
                // process table.
                let _ = child.kill();
                let _ = child.wait();
                return Err(fail(
                    exceeded.unwrap_or_default(),
                    "it was ended; run it by hand to see what it does",
                ));
            }
            Err(error) => {
                return Err(fail(
                    format!("could not be waited for: {error}"),
                    "try again",
                ));
            }
        }
        pause = (pause * 2).min(Duration::from_millis(20));
    };
    let output = Output {
        status,
        stdout: text(stdout),
        stderr: text(stderr),
    };
    if full.load(Ordering::Relaxed) {
        return Err(fail(
            format!("printed more than {} bytes", limits.bytes),
            "run it by hand to see what it does",
        ));
    }
    Ok(output)
}

/// Reads up to the limit and one byte, which tells that there was more.
fn collect(
    pipe: impl Read + Send + 'static,
    limit: u64,
    full: &Arc<AtomicBool>,
) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    let full = Arc::clone(full);
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // What came before a read error still counts.
        let _ = pipe.take(limit + 1).read_to_end(&mut bytes);
        if bytes.len() as u64 > limit {
            full.store(true, Ordering::Relaxed);
        }
        // Nobody waits for it after a time-out.
        let _ = sender.send(bytes);
    });
    receiver
}

fn text(output: Option<Receiver<Vec<u8>>>) -> String {
    let bytes = output
        .and_then(|receiver| receiver.recv_timeout(GRACE).ok())
        .unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The first lines of a text that say something, for a message.
#[must_use]
pub fn excerpt(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let shown: Vec<String> = lines
        .iter()
        .take(4)
        .map(|line| line.chars().take(200).collect())
        .collect();
    shown.join("\n  ")
}

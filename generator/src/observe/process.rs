//! Runs a program to its end, to a time limit, or to a limit on what it says.

use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::failure::{Failure, Trouble};

/// How long a program may take that is asked something, where nobody says.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// What a program may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long it may run.
    pub time: Duration,
    /// How many bytes it may print to either output.
    pub bytes: usize,
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

/// The same of a program that may have been ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// How it ended, and what it said until then.
    pub output: Output,
    /// Which limit it exceeded, in words, for which it was ended.
    pub exceeded: Option<String>,
}

/// How long output may stay open after the program has ended: a process that it left behind may
/// hold it.
const GRACE: Duration = Duration::from_secs(2);

/// Between two looks at a program: at first, and at most.
const SHORTEST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_millis(20);

/// Waits for as long as that, or until an output was closed, which programs do when they end; says
/// how long to wait the next time.
fn rest(pause: Duration) -> Duration {
    let start = Instant::now();
    thread::park_timeout(pause);
    match start.elapsed() < pause {
        true => SHORTEST,
        false => (pause * 2).min(LONGEST),
    }
}

fn failure(name: &str, what: &str, help: &str) -> Failure {
    Failure::new(Trouble::Program, format!("`{name}` {what}"), help)
}

/// Runs a program without input. How it ends is for the caller to judge, unless a limit was
/// exceeded.
pub fn run(command: &mut Command, limits: Limits) -> Result<Output, Failure> {
    let ended = run_to_limits(command, limits)?;
    match ended.exceeded {
        None => Ok(ended.output),
        Some(what) => {
            let name = command.get_program().to_string_lossy().into_owned();
            let help = "it was ended; run it by hand to see what it does";
            Err(failure(&name, &what, help))
        }
    }
}

/// As [`run`], but what was said before a limit was exceeded is kept. What the program started is ended
/// with it: a compiler's driver that is ended leaves a compiler.
pub fn run_to_limits(command: &mut Command, limits: Limits) -> Result<Ended, Failure> {
    let name = command.get_program().to_string_lossy().into_owned();
    let fail = |what: String, help: &str| failure(&name, &what, help);
    let child = lead_a_group(command)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.map_err(|error| {
        fail(
            format!("could not be started: {error}"),
            "check that it is installed and may be executed",
        )
    })?;
    let outputs = [
        child
            .stdout
            .take()
            .map(|pipe| Collected::of(pipe, limits.bytes)),
        child
            .stderr
            .take()
            .map(|pipe| Collected::of(pipe, limits.bytes)),
    ];
    let exceeded = |start: Instant| {
        if outputs.iter().flatten().any(Collected::is_too_long) {
            Some(format!("printed more than {} bytes", limits.bytes))
        } else if start.elapsed() >= limits.time {
            Some(format!("took longer than {} s", limits.time.as_secs_f32()))
        } else {
            None
        }
    };
    let start = Instant::now();
    let mut pause = SHORTEST;
    let (status, mut too_much) = loop {
        let too_much = exceeded(start);
        let looked = match child.try_wait() {
            Ok(None) if too_much.is_some() => {
                end_group(&mut child);
                // It may have ended by itself just now; either way this takes it off the process
                // table.
                child.wait().map(|status| Some((status, too_much)))
            }
            looked => looked.map(|status| status.map(|status| (status, None))),
        };
        match looked {
            Ok(Some(ended)) => break ended,
            Ok(None) => pause = rest(pause),
            Err(error) => {
                end_group(&mut child);
                return Err(fail(
                    format!("could not be waited for: {error}"),
                    "try again",
                ));
            }
        }
    };
    let ended = Instant::now();
    while ended.elapsed() < GRACE && outputs.iter().flatten().any(Collected::is_open) {
        thread::park_timeout(SHORTEST);
    }
    if outputs.iter().flatten().any(Collected::is_open) {
        end_group(&mut child);
    }
    if outputs.iter().flatten().any(Collected::is_too_long) {
        too_much = Some(format!("printed more than {} bytes", limits.bytes));
    }
    let [stdout, stderr] = outputs.map(|output| output.map(Collected::text).unwrap_or_default());
    Ok(Ended {
        output: Output {
            status,
            stdout,
            stderr,
        },
        exceeded: too_much,
    })
}

/// Makes a program the first of a process group, which can be ended as a whole.
fn lead_a_group(command: &mut Command) -> &mut Command {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    command
}

/// Ends a program, and where the system has groups, what it started. It may have gone already.
fn end_group(child: &mut Child) {
    #[cfg(unix)]
    if let Some(group) = rustix::process::Pid::from_raw(child.id().cast_signed()) {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.kill();
}

/// What came out of a pipe so far.
struct Collected {
    bytes: Arc<Mutex<Vec<u8>>>,
    limit: usize,
    reader: JoinHandle<()>,
}

impl Collected {
    /// Reads up to the limit and a bit, which tells that there was more, and wakes this thread up.
    fn of(mut pipe: impl Read + Send + 'static, limit: usize) -> Self {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let all = Arc::clone(&bytes);
        let waiting = thread::current();
        let reader = thread::spawn(move || {
            let mut part = [0; 1 << 16];
            // What came before a read error still counts.
            while let Ok(count @ 1..) = pipe.read(&mut part) {
                let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
                all.extend_from_slice(&part[..count]);
                if all.len() > limit {
                    break;
                }
            }
            waiting.unpark();
        });
        Collected {
            bytes,
            limit,
            reader,
        }
    }

    fn is_open(&self) -> bool {
        !self.reader.is_finished()
    }

    fn is_too_long(&self) -> bool {
        let bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        bytes.len() > self.limit
    }

    fn text(self) -> String {
        let mut bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8(std::mem::take(&mut *bytes))
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }
}

/// The first lines of a text that say something, for a message.
#[must_use]
pub fn excerpt(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let shown: Vec<String> = lines
        .take(4)
        // What is no text might tell the terminal to do something.
        .map(|line| line.chars().filter(|c| !c.is_control()).take(200).collect())
        .collect();
    match shown.is_empty() {
        true => "nothing".to_owned(),
        false => shown.join("\n  "),
    }
}

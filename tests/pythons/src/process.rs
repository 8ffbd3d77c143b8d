//! Runs a program to its end, or to a time limit.

use crate::Error;
use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How long output may stay open after the program itself has ended: a process it left behind may
/// hold it.
const GRACE: Duration = Duration::from_secs(2);

/// Returns standard output. Anything but exit code 0 within the limit is an error that quotes the
/// end of standard error.
pub(crate) fn run(command: &mut Command, limit: Duration) -> Result<String, Error> {
    let text = describe(command);
    let fail = |reason: String| Error::Command {
        command: text.clone(),
        reason,
    };
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| fail(format!("could not be started: {error}")))?;
    let stdout = child.stdout.take().map(collect);
    let stderr = child.stderr.take().map(collect);

    let start = Instant::now();
    let mut pause = Duration::from_millis(1);
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if start.elapsed() < limit => thread::sleep(pause),
            Ok(None) => {
                // It may have ended by itself just now; either way the wait below takes it off the
                // process table.
                let _ = child.kill();
                let _ = child.wait();
                return Err(fail(format!("took longer than {} s", limit.as_secs_f32())));
            }
            Err(error) => return Err(fail(format!("could not be waited for: {error}"))),
        }
        pause = (pause * 2).min(Duration::from_millis(20));
    };
    if status.success() {
        return Ok(read(stdout));
    }
    Err(fail(format!("failed ({status}){}", quote(&read(stderr)))))
}

fn collect(mut pipe: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes); // what came before a read error still counts
        let _ = sender.send(bytes); // nobody waits for it after a time-out
    });
    receiver
}

fn read(output: Option<Receiver<Vec<u8>>>) -> String {
    let bytes = output
        .and_then(|receiver| receiver.recv_timeout(GRACE).ok())
        .unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn quote(stderr: &str) -> String {
    let lines: Vec<&str> = stderr
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let last = &lines[lines.len().saturating_sub(6)..];
    if last.is_empty() {
        String::new()
    } else {
        format!(": {}", last.join("\n  "))
    }
}

/// The command as one line; an argument that is a whole program is cut.
fn describe(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    for argument in command.get_args() {
        let argument = argument.to_string_lossy();
        words.push(if argument.contains('\n') {
            "…".to_owned()
        } else {
            argument.into_owned()
        });
    }
    words.join(" ")
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::run;
    use std::process::Command;
    use std::time::{Duration, Instant};

    fn shell(script: &str, limit: Duration) -> Result<String, String> {
        run(Command::new("sh").args(["-c", script]), limit).map_err(|error| error.to_string())
    }

    #[test]
    fn output_larger_than_a_pipe_is_read_while_the_program_runs() {
        let output = shell("head -c 300000 /dev/zero", Duration::from_secs(20));
        assert_eq!(output.map(|text| text.len()), Ok(300_000));
    }

    #[test]
    fn a_failure_quotes_the_end_of_standard_error() {
        let error = shell(
            "echo one >&2; echo two >&2; exit 7",
            Duration::from_secs(20),
        )
        .unwrap_err();
        assert!(
            error.contains("exit status: 7") && error.ends_with("one\n  two"),
            "{error}"
        );
    }

    #[test]
    fn a_program_that_hangs_is_ended_at_the_limit() {
        let start = Instant::now();
        let error = shell("exec sleep 60", Duration::from_millis(50)).unwrap_err();
        assert!(error.contains("took longer than 0.05 s"), "{error}");
        assert!(start.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let error = run(
            &mut Command::new("/nonexistent/python"),
            Duration::from_secs(1),
        )
        .unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("`/nonexistent/python` could not be started")
        );
    }
}

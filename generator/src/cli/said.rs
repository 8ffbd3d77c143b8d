//! What is printed to standard output, and what a run ends with where that could not be written.

use std::io::{self, ErrorKind, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use super::{UNDECIDED, tell};

/// Whether something was not printed, of which there is one standard output for the whole process.
static IS_INCOMPLETE: AtomicBool = AtomicBool::new(false);

/// Prints text that has its line ends. A disk may be full, or the output not open for writing.
pub(super) fn exactly(text: &[u8]) {
    note(open().and_then(|mut output| {
        output.write_all(text)?;
        output.flush()
    }));
}

/// Tells why something could not be printed, once. A reader that has gone away is not an error.
pub(super) fn note(printed: io::Result<()>) {
    let Err(error) = printed else {
        return;
    };
    if error.kind() != ErrorKind::BrokenPipe && !IS_INCOMPLETE.swap(true, Ordering::Relaxed) {
        tell(&format!("error: cannot write to standard output: {error}"));
    }
}

/// The exit code: whatever was found, nobody has read it where it was not printed.
pub(super) fn outcome(code: u8) -> u8 {
    match IS_INCOMPLETE.load(Ordering::Relaxed) {
        true => UNDECIDED,
        false => code,
    }
}

/// The standard library's own takes an output that is not open for writing for one that nobody wants. One
/// that was closed (`>&-`) it has made `/dev/null` before anything of ours runs, and so nobody sees that.
#[cfg(unix)]
fn open() -> io::Result<std::fs::File> {
    use std::os::fd::AsFd;
    let output = io::stdout().as_fd().try_clone_to_owned()?;
    Ok(std::fs::File::from(output))
}

#[cfg(not(unix))]
fn open() -> io::Result<io::Stdout> {
    Ok(io::stdout())
}

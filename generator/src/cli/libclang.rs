//! What this command does when it starts itself: it reads headers with libclang, which may crash.

use std::path::Path;
use std::time::Duration;

use super::{CLEAN, say};
use crate::observe::clang::{Apart, answer};

/// The first argument then. It is no subcommand, for it is of no use to people.
const WORD: &str = "--read-headers-with-libclang";

/// This command as who reads headers. Where the system does not say what it runs, nobody does.
pub(super) fn apart(patience: Duration) -> Option<Apart> {
    let program = std::env::current_exe().ok()?;
    Some(Apart::new(program, WORD, patience))
}

/// Reads headers if that is what this was started for.
pub(super) fn run() -> Option<u8> {
    let mut arguments = std::env::args_os().skip(1);
    let (word, file) = (arguments.next()?, arguments.next()?);
    (word == WORD).then(|| {
        say(&answer(Path::new(&file)));
        CLEAN
    })
}

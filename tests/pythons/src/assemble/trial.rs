//! What an assembled interpreter must do before it is kept.

use super::LIMIT;
use crate::interrogation::interrogate;
use crate::{Error, Label, Origin, process};
use std::path::Path;
use std::process::Command;

/// The modules are those that tests, pip and build tools cannot do without; each needs a library of
/// its own.
const SCRIPT: &str = "
import asyncio, bz2, ctypes, hashlib, json, lzma, multiprocessing, sqlite3, ssl, sys, sysconfig
import threading, venv, zlib

gil = getattr(sys, '_is_gil_enabled', lambda: True)()
disabled = sysconfig.get_config_var('Py_GIL_DISABLED')
if gil == bool(disabled):
    sys.exit('the GIL is on: %r, and sysconfig says Py_GIL_DISABLED=%r' % (gil, disabled))
answers = []
thread = threading.Thread(target=lambda: answers.append(asyncio.run(asyncio.sleep(0, 1))))
thread.start()
thread.join()
if answers != [1]:
    sys.exit('a thread answered %r' % answers)
print(sysconfig.get_config_var('EXT_SUFFIX'))
";

/// An error says what the interpreter at `prefix` can't do.
pub(super) fn hold(prefix: &Path, label: Label) -> Result<(), Error> {
    let executable = prefix.join("bin/python3");
    let python = interrogate(&executable, Origin::Assembled)?;
    if python.label != label || !python.has_headers() {
        let answer = format!(
            "{} {}",
            python.label,
            if python.has_headers() {
                ""
            } else {
                "without headers"
            }
        );
        return Err(Error::assembly(format!(
            "{label} was assembled, and calls itself {}",
            answer.trim()
        )));
    }
    let suffix = process::run(Command::new(&executable).args(["-I", "-c", SCRIPT]), LIMIT)?;
    if python.ext_suffixes.first().map(String::as_str) != Some(suffix.trim()) {
        let reason = format!(
            "{label} loads {:?}, and builds `{}`",
            python.ext_suffixes,
            suffix.trim()
        );
        return Err(Error::assembly(reason));
    }
    Ok(())
}

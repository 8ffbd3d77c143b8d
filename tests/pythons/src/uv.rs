//! `uv python install`, the ordinary way to have an interpreter where its download site can be
//! reached.

use crate::{Error, Label, process};
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Enough for the five on an ordinary line, and bearable where a closed network swallows packets.
const SHORT: Duration = Duration::from_secs(60);
const LONG: Duration = Duration::from_secs(3600);

/// Where uv keeps the interpreters that it installs.
pub(crate) fn folder(home: &Path) -> PathBuf {
    let variable = |name| {
        env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    variable("UV_PYTHON_INSTALL_DIR").unwrap_or_else(|| {
        let data = variable("XDG_DATA_HOME").unwrap_or_else(|| home.join(".local/share"));
        data.join("uv/python")
    })
}

/// Tries to install them. Where there is no `uv`, or it is not wanted, nothing happens and that is
/// no error.
pub(crate) fn install(labels: &[Label]) -> Result<(), Error> {
    let wish = env::var("PYSHIM_PYTHONS_UV").unwrap_or_default();
    let Ok(uv) = which::which("uv") else {
        return Ok(());
    };
    if wish == "0" {
        return Ok(());
    }
    let names: Vec<String> = labels.iter().map(Label::to_string).collect();
    eprintln!("pythons: uv python install {}", names.join(" "));
    let mut command = Command::new(uv);
    command
        .args(["python", "install", "--no-progress"])
        .args(names);
    if wish == "1" {
        return process::run(&mut command, LONG).map(drop);
    }
    // uv's own patience is longer than ours, and it waits again for each interpreter.
    command
        .env("UV_HTTP_TIMEOUT", "10")
        .env("UV_HTTP_RETRIES", "0");
    process::run(&mut command, SHORT).map(drop)
}

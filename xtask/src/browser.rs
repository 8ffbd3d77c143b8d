//! `cargo xtask browser`: the pages of `pyshim report` in Chromium, and pictures of them.

use crate::failure::Failure;
use crate::place::{cache, root, target};
use crate::step::{cargo, run as step};
use crate::task::Task;
use crate::{tools, venv};
use clap::{Arg, Command as Line, value_parser};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) const TASK: Task = Task {
    name: "browser",
    about: "Look at the pages of `pyshim report` with Chromium: they load, filter, sort, obey the keyboard, and ask for nothing",
    arguments,
    run: |arguments| check(arguments.get_one("wheels").map(PathBuf::as_path)),
};

/// What drives the browser, and what looks for pages that some people cannot use.
const DRIVERS: [&str; 2] = ["playwright==1.65.2", "axe-playwright-python==0.1.8"];

fn arguments(command: Line) -> Line {
    let wheels = Arg::new("wheels")
        .long("wheels")
        .value_name("DIR")
        .value_parser(value_parser!(PathBuf))
        .help("Only take pictures, of pages with an audit of this folder");
    command.arg(wheels)
}

/// Makes the pages and looks at them.
pub(crate) fn run() -> Result<(), Failure> {
    check(None)
}

fn check(wheels: Option<&Path>) -> Result<(), Failure> {
    let chromium = tools::browser()?;
    let python = venv::kept(&cache()?.join("browser"), &DRIVERS)?.join("python");
    let root = root();
    let scripts = root.join("tests/browser");
    let folder = target().join("browser");
    let (pages, pictures) = (folder.join("pages"), folder.join("pictures"));
    for old in [&pages, &pictures, &folder.join("dist")] {
        match fs::remove_dir_all(old) {
            Err(error) if old.exists() => return Err(Failure::CouldNot(error.to_string())),
            _ => {}
        }
    }
    let audited = match wheels {
        Some(wheels) => wheels.to_owned(),
        None => {
            let made = folder.join("dist");
            let mut make = Command::new(&python);
            step(make.arg(scripts.join("wheels.py")).arg(&made))?;
            made
        }
    };
    let shown = |path: &Path| path.display().to_string();
    cargo(&[
        "run",
        "--quiet",
        "--package",
        "pyshim-gen",
        "--",
        "report",
        "--html",
        &shown(&pages),
        "--wheels",
        &shown(&audited),
        "--manifest",
        &shown(&root.join("abi")),
    ])?;
    let mut look = Command::new(&python);
    look.arg(scripts.join("check.py"))
        .arg(&pages)
        .arg(&pictures)
        .arg(chromium);
    if wheels.is_some() {
        look.arg("--pictures");
    }
    step(&mut look)?;
    eprintln!("xtask: pictures are in {}", pictures.display());
    Ok(())
}

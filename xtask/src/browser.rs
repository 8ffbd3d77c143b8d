//! `cargo xtask browser`: the pages of `pyshim report` in Chromium, and pictures of them.

use crate::failure::Failure;
use crate::step::{cargo, run as step};
use crate::task::Task;
use crate::tools;
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

/// Where pages and pictures go.
const FOLDER: &str = "target/browser";

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
    let python = drivers()?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let scripts = root.join("tests/browser");
    let folder = root.join(FOLDER);
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

/// The Python that has the drivers, which stays in the cache.
fn drivers() -> Result<PathBuf, Failure> {
    let cache = pythons::cache_folder();
    let cache = cache.ok_or_else(|| Failure::CouldNot("there is no cache folder".to_owned()))?;
    let folder = cache.join("browser");
    let python = folder.join("bin/python");
    let list = folder.join("drivers.txt");
    let wanted = DRIVERS.join("\n");
    // Written last, so that an interrupted run leaves nothing that looks whole.
    if fs::read_to_string(&list).is_ok_and(|found| found == wanted) {
        return Ok(python);
    }
    step(
        Command::new("python3")
            .args(["-m", "venv", "--clear"])
            .arg(&folder),
    )?;
    step(
        Command::new(&python)
            .args(["-m", "pip", "install", "--quiet"])
            .args(DRIVERS),
    )?;
    fs::write(&list, wanted).map_err(|error| Failure::CouldNot(error.to_string()))?;
    Ok(python)
}

//! `cargo xtask first`: from an empty folder to an extension that Python imports, with each tool of
//! `pyshim new`, and how long that takes.

use crate::failure::{Failure, could_not, could_not_at};
use crate::measured;
use crate::place::{root, target};
use crate::step;
use crate::task::Task;
use crate::venv;
use clap::{Arg, ArgAction};
use pyshim_gen::new::{Project, TOOLS, Tool};
use pythons::Python;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

pub(crate) const TASK: Task = Task {
    name: "first",
    about: "Make a project with each tool of `pyshim new`, install and import it, and say how long it took",
    arguments: |command| {
        let write = Arg::new("write").long("write").action(ArgAction::SetTrue);
        command.arg(write.help("Write the times into docs/build-systems.md"))
    },
    run: |arguments| run(arguments.get_flag("write")),
};

const PAGE: &str = "docs/build-systems.md";

/// What the projects are called.
const NAME: &str = "gear";

/// Does it for each tool, one after the other.
fn run(write: bool) -> Result<(), Failure> {
    pythons::ensure()?;
    let all = pythons::found()?;
    let python = known_to_every_tool(&all)?;
    let folder = target().join("first");
    fs::create_dir_all(&folder).map_err(could_not_at("make", &folder))?;
    let packages = packages(&folder)?;
    let mut text = format!("| with CPython {} | seconds |\n|---|---|\n", python.version);
    for tool in TOOLS {
        let time = first(tool, python, &folder.join(tool.name), &packages)?;
        let row = format!("| `--with {}` | {:.0} |\n", tool.name, time.as_secs_f64());
        print!("{row}");
        text.push_str(&row);
    }
    if write {
        measured::write(PAGE, |name| (name == "first").then(|| text.clone()))?;
    }
    Ok(())
}

/// The newest with a GIL that every tool knows; 3.15 has a suffix for abi3 that some do not.
fn known_to_every_tool(all: &[Python]) -> Result<&Python, Failure> {
    let found = all
        .iter()
        .find(|python| !python.free_threaded && python.version.minor() == 14);
    found.ok_or_else(|| Failure::CouldNot("there is no CPython 3.14".to_owned()))
}

/// A folder with the package `pyshim`, which is where pip looks as long as PyPI does not have it.
fn packages(folder: &Path) -> Result<PathBuf, Failure> {
    let packages = folder.join("packages");
    let tools = venv::kept(&folder.join("tools"), &["pip"])?;
    let mut pip = Command::new(tools.join("python"));
    pip.args(["-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir"]);
    step::run(pip.arg(&packages).arg(root().join("python")))?;
    Ok(packages)
}

/// What a user types, and for how long it runs.
fn first(
    tool: &Tool,
    python: &Python,
    folder: &Path,
    packages: &Path,
) -> Result<Duration, Failure> {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder.join(".cargo")).map_err(could_not_at("make", folder))?;
    // The crate, too, is here only.
    let patch = format!(
        "[patch.crates-io]\npyshim.path = {:?}\n",
        root().join("shim")
    );
    let cargo = folder.join(".cargo/config.toml");
    fs::write(&cargo, patch).map_err(could_not_at("write", &cargo))?;

    let start = Instant::now();
    let name = NAME.parse().map_err(could_not("take the name"))?;
    let project = Project::new(name, tool).map_err(could_not("make a project"))?;
    let project = project
        .write(folder)
        .map_err(could_not("write a project"))?;
    let environment = folder.join("environment");
    let mut venv = Command::new(&python.executable);
    step::run(venv.args(["-m", "venv"]).arg(&environment))?;
    let python = environment.join("bin/python");
    let pip = |what: &str| {
        let mut pip = Command::new(&python);
        pip.args(["-m", "pip", "install", "--quiet", what]);
        // Nothing is compiled yet.
        pip.env_remove("CARGO_TARGET_DIR");
        step::run(pip.env("PIP_FIND_LINKS", packages).current_dir(&project))
    };
    if tool.makes_a_wheel {
        pip(".")?;
    } else {
        pip("pyshim")?;
        let mut build = Command::new("make");
        let program = format!("PYTHON={}", python.display());
        step::run(build.arg(program).current_dir(&project))?;
    }
    let mut import = Command::new(&python);
    let line = format!("import {NAME}; assert {NAME}.add(2) == 2");
    step::run(import.args(["-c", &line]).current_dir(&project))?;
    Ok(start.elapsed())
}

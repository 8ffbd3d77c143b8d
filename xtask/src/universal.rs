//! `cargo xtask universal`: the universal module of the tests as a wheel, installed by pip and by uv into an
//! environment of every interpreter, and used there.

use crate::failure::{Failure, could_not};
use crate::installer::Installer;
use crate::place::{root, target};
use crate::step::run as step;
use crate::task::Task;
use clap::{ArgMatches, Command as Line};
use pythons::Python;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) const TASK: Task = Task {
    name: "universal",
    about: "Install a universal wheel with pip and uv for every interpreter, and use it",
    arguments: |command: Line| command,
    run: |_: &ArgMatches| run(),
};

/// pip 26.1 is the first that knows `abi3t`.
const TOOLS: [&str; 3] = ["pip>=26.1", "uv", "wheel"];

/// The oldest that such a pip runs on and installs for. Older CPythons have the pip that came with them.
const FIRST_OF_PIP: u32 = 10;

/// The first whose headers a universal module is compiled with.
const FIRST_OF_HEADERS: u32 = 15;

const METADATA: &str = "Metadata-Version: 2.1\nName: pyshim-universal\nVersion: 1.0\n\
                        Requires-Python: >=3.8\n";
const WHEEL: &str = "Wheel-Version: 1.0\nGenerator: pyshim\nRoot-Is-Purelib: false\n\
                     Tag: cp38-abi3-linux_x86_64\nTag: cp38-abi3t-linux_x86_64\n";

/// Does it for each interpreter, one after the other.
pub(crate) fn run() -> Result<(), Failure> {
    pythons::ensure()?;
    let all = pythons::found()?;
    let all = all.into_iter().filter(|python| python.version.minor() >= 8);
    let all: Vec<Python> = all.collect();
    let folder = fresh(&target().join("wheel"))?;
    let tools = tools(&all, &folder)?;
    let wheel = wheel(&all, &folder, &tools)?;
    for python in &all {
        for installer in Installer::ALL {
            eprintln!("xtask: {} by {installer:?}", python.label);
            installed(
                python,
                installer,
                &folder.join("environment"),
                &tools,
                &wheel,
            )?;
        }
    }
    Ok(())
}

fn fresh(folder: &Path) -> Result<PathBuf, Failure> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(could_not("empty a folder"))?;
    }
    fs::create_dir_all(folder).map_err(could_not("make a folder"))?;
    fs::canonicalize(folder).map_err(could_not("find a folder"))
}

/// The newest that fits.
fn newest(all: &[Python], fits: impl Fn(&Python) -> bool) -> Result<&Python, Failure> {
    let fitting = all.iter().rev().find(|python| fits(python));
    fitting.ok_or_else(|| Failure::CouldNot("there is no interpreter for it".to_owned()))
}

/// The programs of an environment with the tools.
fn tools(all: &[Python], folder: &Path) -> Result<PathBuf, Failure> {
    let python = newest(all, |python| {
        !python.free_threaded && python.version.minor() < 14
    })?;
    let environment = folder.join("tools");
    let mut venv = Command::new(&python.executable);
    step(venv.args(["-m", "venv"]).arg(&environment))?;
    let mut pip = Command::new(environment.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--upgrade"]);
    step(pip.args(TOOLS))?;
    Ok(environment.join("bin"))
}

/// Compiles the module and packs it.
fn wheel(all: &[Python], folder: &Path, tools: &Path) -> Result<PathBuf, Failure> {
    let headers = newest(all, |python| {
        python.has_headers() && python.version.minor() >= FIRST_OF_HEADERS
    })?;
    let (content, root) = (folder.join("content"), root());
    let info = content.join("pyshim_universal-1.0.dist-info");
    fs::create_dir_all(&info).map_err(could_not("make a folder"))?;
    for (name, text) in [("METADATA", METADATA), ("WHEEL", WHEEL)] {
        fs::write(info.join(name), text).map_err(could_not("write a file"))?;
    }
    let mut compiler = Command::new("cc");
    compiler.args([
        "-shared",
        "-fPIC",
        "-O2",
        "-pthread",
        "-DPYSHIM_UNIVERSAL=0x03080000",
    ]);
    for include in headers.include_dirs.iter().chain([&root.join("include")]) {
        compiler.arg("-I").arg(include);
    }
    compiler.args(["tests/ext/c/universal.c", "shim/csrc/pyshim.c"].map(|file| root.join(file)));
    step(compiler.arg("-o").arg(content.join("universal.so")))?;
    let mut pack = Command::new(tools.join("python"));
    pack.args(["-m", "wheel", "pack", "--dest-dir"]).arg(folder);
    step(pack.arg(&content))?;
    let files = fs::read_dir(folder).map_err(could_not("list a folder"))?;
    let mut files = files.flatten().map(|entry| entry.path());
    let wheel = files.find(|path| path.extension().is_some_and(|end| end == "whl"));
    wheel.ok_or_else(|| Failure::CouldNot("`wheel pack` wrote no wheel".to_owned()))
}

fn installed(
    python: &Python,
    installer: Installer,
    environment: &Path,
    tools: &Path,
    wheel: &Path,
) -> Result<(), Failure> {
    let bring = python.version.minor() < FIRST_OF_PIP && installer == Installer::Pip;
    let program = environment.join("bin/python");
    let mut venv = Command::new(&python.executable);
    venv.args(["-m", "venv", "--clear"]);
    if !bring {
        venv.arg("--without-pip");
    }
    step(venv.arg(environment))?;
    let mut install = if bring {
        let mut pip = Command::new(&program);
        pip.args(["-m", "pip", "install", "--quiet", "--no-index"]);
        pip
    } else {
        installer.into(|name| Command::new(tools.join(name)), &program)
    };
    step(install.arg("--no-deps").arg(wheel))?;
    let mut check = Command::new(&program);
    check
        .env("PYTHONPATH", root().join("tests/ext"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env_remove("PYTHON_GIL")
        .args(["-c", "import check_universal; check_universal.check()"]);
    step(&mut check)
}

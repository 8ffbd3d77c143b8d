//! Every command of the README that is not of a quick start, typed as it stands by somebody who has what it
//! speaks of: a clone, a library in two versions, a wheel. A command that is not listed here fails.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use conformance::compile::C99;
use conformance::place::{root, scratch};
use conformance::run::succeed;
use conformance::{extension, wheel};
use pythons::Python;

use super::{Checked, MARK, Page};

/// A line of the README, the exit code that it says, and a word of what is printed.
struct Step {
    begins: &'static str,
    code: i32,
    says: &'static str,
}

const STEPS: &[Step] = &[
    Step {
        begins: "git clone https://github.com/pyshim/pyshim && cd pyshim",
        code: 0,
        says: "Cloning into 'pyshim'",
    },
    Step {
        begins: "pyshim diff git:v0.1.0 abi",
        code: 0,
        says: "clean",
    },
    Step {
        begins: "pyshim diff python:3.14 python:3.15",
        code: 1,
        says: "BREAK",
    },
    Step {
        begins: "pyshim diff old.so new.so --old-header old.h --new-header new.h",
        code: 1,
        says: "pair.a",
    },
    Step {
        begins: "pyshim diff abi.txt new.so --new-header new.h",
        code: 1,
        says: "pair.a",
    },
    Step {
        begins: "pyshim config --python 3.15 --target universal",
        code: 0,
        says: "PYSHIM_UNIVERSAL=0x03080000",
    },
    Step {
        begins: "pyshim audit dist/*.whl",
        code: 0,
        says: "loads",
    },
    Step {
        begins: "pyshim report --html pages --wheels dist",
        code: 0,
        says: "pages",
    },
];

/// What takes half an hour, or is what runs this.
const ELSEWHERE: [&str; 3] = [
    "cargo run -- generate",
    "cargo xtask test",
    "cargo xtask bench",
];

pub(crate) fn the_readme_is_walked(pages: &[Page], pythons: &[Python]) -> Checked {
    let newest = pythons.last().ok_or("no interpreter is here")?;
    let folder = scratch("docs::walk");
    let bin = pyshim()?;
    let mut walked = BTreeSet::new();
    for line in commands(pages) {
        if ELSEWHERE.iter().any(|known| line.starts_with(known)) {
            continue;
        }
        let step = STEPS.iter().find(|step| line.starts_with(step.begins));
        let step = step.ok_or_else(|| format!("nobody has walked here: {line}"))?;
        walk(step, &line, &folder, &bin)?;
        walked.insert(step.begins);
        if walked.len() == 1 {
            furnish(&folder.join("pyshim"), &bin, newest)?;
        }
    }
    match walked.len() == STEPS.len() {
        true => Ok(()),
        false => Err(format!("the README has no more than {walked:?}")),
    }
}

/// The lines of the README's shells, but for those that quick starts run.
fn commands(pages: &[Page]) -> Vec<String> {
    let blocks = pages.iter().filter(|page| page.is_readme());
    let blocks = blocks.flat_map(Page::blocks);
    let shells = blocks.filter(|block| block.language == "sh" && !block.before.starts_with(MARK));
    let lines = shells.flat_map(|block| {
        let lines = block.text.lines().map(str::to_owned);
        Vec::from_iter(lines)
    });
    lines.collect()
}

/// The clone is of this checkout, which is what its address leads to here.
fn walk(step: &Step, line: &str, folder: &Path, bin: &Path) -> Checked {
    let clone = folder.join("pyshim");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::iter::once(bin.to_owned()).chain(std::env::split_paths(&path));
    let path = std::env::join_paths(path).map_err(|error| error.to_string())?;
    let mut shell = Command::new("sh");
    shell
        .current_dir(if clone.exists() { &clone } else { folder })
        .env("PATH", path)
        .env("GIT_CONFIG_COUNT", "1")
        .env(
            "GIT_CONFIG_KEY_0",
            format!("url.{}.insteadOf", root().display()),
        )
        .env("GIT_CONFIG_VALUE_0", "https://github.com/pyshim/pyshim")
        .args(["-c", line]);
    let output = shell.output().map_err(|error| format!("{line}: {error}"))?;
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    match output.status.code() == Some(step.code) && said.contains(step.says) {
        true => Ok(()),
        false => Err(format!(
            "{line}\n{}, and {} and `{}` were expected:\n{said}",
            output.status, step.code, step.says
        )),
    }
}

/// The folder with the command of this checkout.
fn pyshim() -> Result<PathBuf, String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .current_dir(root())
        .args(["build", "--quiet", "--package", "pyshim-gen"]);
    succeed(&mut cargo)?;
    let target = std::env::var_os("CARGO_TARGET_DIR");
    let target = target.map_or_else(|| root().join("target"), PathBuf::from);
    Ok(target.join("debug"))
}

/// What the README speaks of: a release, a library in two versions and what was observed of the first, and
/// a wheel.
fn furnish(clone: &Path, bin: &Path, python: &Python) -> Checked {
    let write = |name: &str, text: &str| {
        fs::write(clone.join(name), text).map_err(|error| format!("{name}: {error}"))
    };
    write(
        "old.h",
        "struct pair { int a; int b; };\nint sum(const struct pair *pair);\n",
    )?;
    write(
        "new.h",
        "struct pair { long a; int b; };\nint sum(const struct pair *pair);\n",
    )?;
    for version in ["old", "new"] {
        let source = format!(
            "#include \"{version}.h\"\nint sum(const struct pair *pair) {{ return pair->b; }}\n"
        );
        write(&format!("{version}.c"), &source)?;
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-g", "-o", &format!("{version}.so")]);
        let source = format!("{version}.c");
        succeed(compiler.current_dir(clone).arg(source))?;
    }
    let mut observe = Command::new(bin.join("pyshim"));
    observe.args(["observe", "--library", "old.so", "--header", "old.h"]);
    write("abi.txt", &succeed(observe.current_dir(clone))?)?;
    succeed(
        Command::new("git")
            .args(["tag", "--force", "v0.1.0"])
            .current_dir(clone),
    )?;
    let flags = ["-DPYSHIM_UNIVERSAL=0x03080000".to_owned()];
    let source = root().join("examples/make/tally.c");
    let module = extension::build(clone, python, &flags, C99, &source, "tally")?;
    let dist = clone.join("dist");
    fs::create_dir(&dist).map_err(|error| error.to_string())?;
    let machine = std::env::consts::ARCH;
    let name = format!("tally-1.0-cp38-abi3.abi3t-linux_{machine}.whl");
    wheel::pack(&module, &dist.join(name))
}

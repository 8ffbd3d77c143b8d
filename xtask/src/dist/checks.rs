//! Whether what was made can be used: metadata, the command, vendoring, crates.

use super::release::Release;
use super::sums;
use super::tools::Tools;
use crate::failure::{Failure, could_not_at};
use crate::installer::Installer;
use crate::step::{self, Steps};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Checks of one build that take seconds.
pub(super) fn quick(
    steps: &mut Steps,
    release: &Release<'_>,
    tools: &Tools,
) -> Result<(), Failure> {
    steps.run("metadata", || metadata(release, tools))?;
    steps.run("command, installed", || installed(release, tools))?;
    steps.run("vendoring", || vendoring(release))
}

/// What PyPI would refuse, and what should not be in a wheel.
fn metadata(release: &Release<'_>, tools: &Tools) -> Result<(), Failure> {
    let out = release.out();
    let of_python = |name: &OsStr| {
        let name = name.to_string_lossy();
        let (wheel, sdist) = (
            name.ends_with(".whl"),
            name.ends_with(&format!("-{VERSION}.tar.gz")),
        );
        wheel || sdist && !name.starts_with("pyshim-c-") && !name.starts_with("pyshim-gen-share-")
    };
    let packages = named(&out, of_python)?;
    if packages.len() != 4 {
        return Err(Failure::Findings(format!(
            "expected an sdist and a wheel of `pyshim` and of `pyshim-gen`, found {packages:?}"
        )));
    }
    step::run(
        tools
            .command("twine")
            .args(["check", "--strict"])
            .args(&packages),
    )?;
    let wheels = packages
        .iter()
        .filter(|path| path.extension() == Some(OsStr::new("whl")));
    // W002: what makes packages of folders is the same in each. W007: one wheel has no library, but a
    // program.
    let mut contents = tools.command("check-wheel-contents");
    step::run(contents.args(["--ignore", "W002,W007"]).args(wheels))
}

/// What `cargo add` and `cargo install` would compile, without the rest of the repository.
pub(super) fn crates(release: &Release<'_>) -> Result<(), Failure> {
    release.cargo_package(&[])
}

/// pip and uv each put the wheel into a new environment, and the command works there.
fn installed(release: &Release<'_>, tools: &Tools) -> Result<(), Failure> {
    let folder = release.out().with_file_name("environments");
    let wheel = named(&release.out(), |name| {
        name.to_string_lossy().starts_with("pyshim_gen-")
    })?;
    let wheel = wheel
        .into_iter()
        .filter(|path| path.extension() == Some(OsStr::new("whl")));
    for installer in Installer::ALL {
        let environment = folder.join(format!("{installer:?}"));
        let mut venv = tools.command("python");
        step::run(venv.args(["-m", "venv", "--without-pip"]).arg(&environment))?;
        let mut install = installer.into(|program| tools.command(program), &environment);
        step::run(install.args(wheel.clone()))?;
        let pyshim = environment.join("bin/pyshim");
        let said = output(Command::new(&pyshim).arg("--version"))?;
        if said != format!("pyshim {VERSION}\n") {
            return Err(Failure::Findings(format!(
                "`pyshim --version` of {installer:?} says: {said}"
            )));
        }
        let abi = release.checkout().join("abi");
        let mut diff = Command::new(&pyshim);
        step::run(diff.arg("diff").args([&abi, &abi]).stdout(Stdio::null()))?;
        readable(&environment.join("share/man/man1"))?;
    }
    Ok(())
}

/// mandoc, where there is one, finds no error in the man pages.
fn readable(folder: &Path) -> Result<(), Failure> {
    let pages = named(folder, |name| name.to_string_lossy().ends_with(".1"))?;
    if pages.is_empty() {
        return Err(Failure::Findings(format!(
            "no man pages are in {}",
            folder.display()
        )));
    }
    match which::which("mandoc") {
        Ok(mandoc) => step::run(
            Command::new(mandoc)
                .args(["-T", "lint", "-W", "error"])
                .args(pages),
        ),
        Err(_) => {
            eprintln!("xtask: there is no mandoc, so nobody reads the man pages");
            Ok(())
        }
    }
}

/// The script of the examples takes files whose sums are right, and no others.
fn vendoring(release: &Release<'_>) -> Result<(), Failure> {
    let out = release.out();
    let folder = out.with_file_name("vendored");
    fs::create_dir_all(&folder).map_err(could_not_at("make", &folder))?;
    let script = release.checkout().join("examples/vendor/vendor.sh");
    let list = out.join(sums::NAME);
    let text = fs::read_to_string(&list).map_err(could_not_at("read", &list))?;
    let of_two = text
        .lines()
        .filter(|line| line.ends_with("  pyshim.c") || line.ends_with("  pyshim.h"));
    let sums = folder.join("pyshim.sha256");
    let lines: String = of_two.map(|line| format!("{line}\n")).collect();
    fs::write(&sums, lines).map_err(could_not_at("write", &sums))?;
    let mut vendor = Command::new("sh");
    step::run(
        vendor
            .arg(&script)
            .arg(&out)
            .arg(&sums)
            .arg(folder.join("project")),
    )
}

fn named(folder: &Path, wanted: impl Fn(&OsStr) -> bool) -> Result<Vec<PathBuf>, Failure> {
    let entries = fs::read_dir(folder).map_err(could_not_at("list", folder))?;
    let paths = entries.flatten().map(|entry| entry.path());
    let mut paths: Vec<_> = paths
        .filter(|path| path.file_name().is_some_and(&wanted))
        .collect();
    paths.sort();
    Ok(paths)
}

fn output(command: &mut Command) -> Result<String, Failure> {
    let output = command.output();
    let output = output.map_err(could_not_at("start", Path::new(command.get_program())))?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::VERSION;
    use crate::place::root;
    use regex::Regex;
    use std::fs;
    use std::process::Command;

    /// Files of the checkout, by git's patterns, each with a NUL behind it.
    fn names(patterns: &[&str]) -> String {
        let mut list = Command::new("git");
        list.args([
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
            "-z",
        ]);
        let output = list.args(patterns).current_dir(root()).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    /// Those who follow a page get what this release is, and not an older one.
    #[test]
    fn what_names_a_release_names_this_one() {
        let tag = Regex::new(r"(?:pyshim@|--tag |rev: |revision = |git:)v(\d[^\s:`)]*)").unwrap();
        let project = Regex::new(r"^project\('pyshim', version: '([^']*)'").unwrap();
        let names = names(&["*.md", "*.wrap", "meson.build", ":!CHANGELOG.md"]);
        let mut found = Vec::new();
        for name in names.split_terminator('\0') {
            let text = fs::read_to_string(root().join(name)).unwrap();
            for line in text.lines() {
                let versions = [&tag, &project]
                    .into_iter()
                    .filter_map(|one| one.captures(line));
                for version in versions {
                    assert_eq!(&version[1], VERSION, "{name}: {line}");
                    found.push(name);
                }
            }
        }
        found.dedup();
        let expected = [
            "README.md",
            "docs/ci.md",
            "examples/meson-wrap/subprojects/pyshim.wrap",
            "generator/README.md",
            "meson.build",
        ];
        for name in expected {
            assert!(found.contains(&name), "{name} names no release");
        }
    }

    /// Files that others copy go on without LICENSE.
    #[test]
    fn what_is_copied_by_others_says_its_licence() {
        let names = names(&["include", "python", "shim", ":!shim/tests"]);
        let can_say = |name: &&str| {
            let ends = [
                ".c", ".h", ".rs", ".py", ".pyi", ".pxd", ".cmake", ".in", ".hpp", ".build",
            ];
            ends.iter().any(|end| name.ends_with(end))
        };
        let files: Vec<&str> = names.split('\0').filter(can_say).collect();
        assert!(files.len() > 50, "{files:?}");
        let is_silent = |name: &&&str| {
            let text = fs::read_to_string(root().join(name)).unwrap_or_default();
            !text.contains("SPDX-License-Identifier: 0BSD")
        };
        let silent: Vec<_> = files.iter().filter(is_silent).collect();
        assert!(
            silent.is_empty(),
            "these want a first line with `SPDX-License-Identifier: 0BSD` in a comment: {silent:#?}"
        );
    }
}

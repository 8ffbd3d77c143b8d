//! One test a folder under `data/c/`: two headers of a small library with its source, the verdict
//! that a comparison of both has to give, and for many a caller that shows that it is true.
//!
//! A folder has `old.h` and `new.h`, which become `api.h`, and perhaps `old-parts.h` and
//! `new-parts.h`, which become `parts.h` beside it; `lib.c`, which is compiled with `-DOLD`
//! and `-DNEW`; `expected.txt` with the exit code and the rules, written by hand; `arguments.txt`
//! where the author has to say more; and `main.c`, a caller that is compiled against the old side. It
//! runs with the new library as `caller` says: the `same`, or it `differs`, or it `stops` before it
//! begins. `caller.txt` has options for its compiler, and `old.map` and `new.map` are version scripts of
//! the library. `cargo xtask peers` asks other tools about the same folders.

use std::collections::BTreeSet;
use std::env::consts::{ARCH, OS};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use libtest_mimic::{Failed, Trial};
use tempfile::TempDir;

const ROOT: &str = "tests/data/c";

pub(crate) fn trials() -> Vec<Trial> {
    // The pairs are of this machine's widths and conventions, and `stops` is what its loader does.
    let is_elsewhere = (OS, ARCH) != ("linux", "x86_64");
    if is_elsewhere {
        println!("ignored: the pairs are for Linux on x86-64");
    }
    let mut folders: Vec<PathBuf> = fs::read_dir(ROOT)
        .expect("the folder can be read")
        .map(|item| item.expect("the folder can be read").path())
        .collect();
    folders.sort();
    let trials = folders.into_iter().map(|folder| {
        let name = folder.file_name().expect("a folder has a name");
        let name = name.to_string_lossy().into_owned();
        Trial::test(name, move || check(&folder)).with_ignored_flag(is_elsewhere)
    });
    trials.collect()
}

fn check(folder: &Path) -> Result<(), Failed> {
    let pair = Pair::build(folder)?;
    let expected = fs::read_to_string(folder.join("expected.txt"))?;
    let found = pair.diff("old", "new")?;
    let mut lines = vec![format!("exit {}", found.exit)];
    lines.extend(found.rules.iter().cloned());
    lines.extend(pair.caller()?.map(|caller| format!("caller {caller}")));
    let said = lines.join("\n") + "\n";
    if said != expected {
        let difference = similar::TextDiff::from_lines(expected.as_str(), &said)
            .unified_diff()
            .header("expected", "found")
            .to_string();
        return Err(format!("{difference}\n{}", found.text).into());
    }
    for side in ["old", "new"] {
        let itself = pair.diff(side, side)?;
        if itself.exit != 0 || !itself.rules.is_empty() {
            return Err(format!("{side} differs from itself:\n{}", itself.text).into());
        }
    }
    Ok(())
}

/// Both sides, built.
struct Pair {
    folder: PathBuf,
    scratch: TempDir,
}

/// What a comparison says.
struct Found {
    exit: i32,
    rules: BTreeSet<String>,
    text: String,
}

impl Pair {
    fn build(folder: &Path) -> Result<Self, Failed> {
        let pair = Pair {
            folder: folder.to_owned(),
            scratch: tempfile::tempdir()?,
        };
        for side in ["old", "new"] {
            fs::create_dir(pair.path(side, ""))?;
            fs::copy(folder.join(format!("{side}.h")), pair.path(side, "api.h"))?;
            let parts = folder.join(format!("{side}-parts.h"));
            if parts.exists() {
                fs::copy(parts, pair.path(side, "parts.h"))?;
            }
            let define = format!("-D{}", side.to_uppercase());
            let mut cc = pair.cc(side, "lib.c");
            let versions = folder.join(format!("{side}.map"));
            if versions.exists() {
                cc.arg(format!("-Wl,--version-script={}", versions.display()));
            }
            cc.args(["-g", "-O1", "-shared", &define, "-o"]);
            succeeds(cc.arg(pair.path(side, "libapi.so")))?;
        }
        Ok(pair)
    }

    fn path(&self, side: &str, name: &str) -> PathBuf {
        self.scratch.path().join(side).join(name)
    }

    /// The compiler, given one of the folder's sources. Position-independent, as extensions are.
    fn cc(&self, side: &str, source: &str) -> Command {
        let mut cc = Command::new("cc");
        cc.args(["-w", "-fPIC", "-I"])
            .arg(self.path(side, ""))
            .arg(self.folder.join(source));
        cc
    }

    fn diff(&self, old: &str, new: &str) -> Result<Found, Failed> {
        let mut pyshim = Command::new(env!("CARGO_BIN_EXE_pyshim"));
        pyshim
            .arg("diff")
            .args([self.path(old, "libapi.so"), self.path(new, "libapi.so")])
            .arg("--old-header")
            .arg(self.path(old, "api.h"))
            .arg("--new-header")
            .arg(self.path(new, "api.h"))
            .args([
                "--require",
                "probe",
                "--require",
                "clang",
                "--require",
                "symbols",
            ])
            .args(["--format", "json"])
            // A side is looked at once, with nothing that another test or run has seen.
            .env("PYSHIM_CACHE", self.scratch.path().join("cache"))
            // No manifest is in a folder above this one.
            .current_dir(self.scratch.path());
        // They name what is on one side only.
        if old != new
            && let Ok(more) = fs::read_to_string(self.folder.join("arguments.txt"))
        {
            pyshim.args(more.split_whitespace());
        }
        let output = pyshim.output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let report: serde_json::Value = serde_json::from_str(&text)
            .map_err(|_| String::from_utf8_lossy(&output.stderr).into_owned())?;
        let findings = report["findings"].as_array().into_iter().flatten();
        let rules = findings.filter_map(|finding| finding["rule"].as_str());
        Ok(Found {
            exit: output.status.code().unwrap_or(-1),
            rules: rules.map(str::to_owned).collect(),
            text,
        })
    }

    /// What becomes of a caller of the old side, where there is one.
    fn caller(&self) -> Result<Option<&'static str>, Failed> {
        if !self.folder.join("main.c").exists() {
            return Ok(None);
        }
        let program = self.path("old", "main");
        let mut cc = self.cc("old", "main.c");
        if let Ok(options) = fs::read_to_string(self.folder.join("caller.txt")) {
            cc.args(options.split_whitespace());
        }
        cc.arg("-o").arg(&program).arg("-L");
        succeeds(cc.arg(self.path("old", "")).arg("-lapi"))?;
        let run = |side: &str| {
            let mut program = Command::new(&program);
            program.env("LD_LIBRARY_PATH", self.path(side, "")).output()
        };
        let (before, now) = (run("old")?, run("new")?);
        if !before.status.success() || before.stdout.is_empty() {
            return Err("the caller does not work with what it was built for".into());
        }
        // What the loader ends with when a symbol is missing.
        Ok(Some(match now.status.code() {
            Some(127) => "stops",
            Some(0) if now.stdout == before.stdout => "same",
            _ => "differs",
        }))
    }
}

fn succeeds(command: &mut Command) -> Result<Output, Failed> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(output);
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    Err(format!("{command:?}\n{stderr}").into())
}

//! One test a folder under `data/audit/`: a module that is compiled here, in a wheel or by itself, and
//! everything that an audit says of it. `PYSHIM_BLESS=1` writes what is found as what is expected.
//!
//! A folder is called after the rule that it shows, with more words after it; `clean-` shows that
//! nothing is found. It has `module.c`, which declares what it takes from CPython itself, so that no
//! headers decide what that is; maybe `package.py`, the package that it is in; `case.txt`, which says
//! what becomes of it, a word and its value on each line; and `expected.txt`.

use std::collections::BTreeSet;
use std::env::consts::{ARCH, OS};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use libtest_mimic::{Failed, Trial};
use pyshim_gen::audit::compare::compare;
use pyshim_gen::audit::{audit, imports, rules};
use pyshim_gen::observe::find::named;
use pyshim_gen::report::Report;

use crate::compilers::run;
use crate::zip::{self, Member};
use crate::{report, scratch};

const ROOT: &str = "tests/data/audit";

pub(crate) fn trials() -> Vec<Trial> {
    // What is compiled here is in the format of this machine.
    let is_elsewhere = (OS, ARCH) != ("linux", "x86_64");
    let mut folders: Vec<PathBuf> = fs::read_dir(ROOT)
        .expect("the folder can be read")
        .map(|item| item.expect("the folder can be read").path())
        .collect();
    folders.sort();
    let names: Vec<String> = folders.iter().map(|folder| name(folder)).collect();
    let trials = folders.into_iter().map(|folder| {
        let name = format!("audit_{}", name(&folder));
        Trial::test(name, move || check(&folder)).with_ignored_flag(is_elsewhere)
    });
    let covered = Trial::test("every_audit_rule_has_a_module", move || covered(&names));
    trials.chain([covered]).collect()
}

fn name(folder: &Path) -> String {
    let name = folder.file_name().expect("a folder has a name");
    name.to_string_lossy().into_owned()
}

fn check(folder: &Path) -> Result<(), Failed> {
    let scratch = scratch::folder();
    let case = Case::read(folder)?;
    let source = folder.join("module.c");
    let subject = [case.build(&source, scratch.path())?];
    let mut found = match &case.old {
        None => audit(&subject),
        Some(old) => {
            let older = folder.join("old.c");
            let source = if older.exists() { older } else { source };
            compare(&old.build(&source, scratch.path())?, &subject[0])
        }
    };
    if let Some(label) = &case.import {
        let python = named(Path::new(label), Duration::from_secs(30));
        let python = python.map_err(|failure| failure.to_string())?;
        imports::check(&subject, &[python], Duration::from_secs(3), &mut found);
    }
    found.sort();
    fits(&name(folder), &found)?;
    let root = format!("{}/", scratch.path().display());
    expect(
        &folder.join("expected.txt"),
        &report::show(&found).replace(&root, ""),
    )
}

/// Whether a module shows what its folder's name says.
fn fits(name: &str, found: &Report) -> Result<(), Failed> {
    let rules: BTreeSet<&str> = found.findings.iter().map(|one| one.rule.name).collect();
    let is_fit = match name.starts_with("clean-") {
        true => rules.is_empty(),
        false => rules.iter().any(|rule| name.starts_with(rule)),
    };
    let said = report::show(found);
    is_fit
        .then_some(())
        .ok_or_else(|| format!("not what the name says:\n{said}").into())
}

fn covered(names: &[String]) -> Result<(), Failed> {
    let shown = |rule: &str| names.iter().any(|name| name.starts_with(rule));
    let missing = rules::ALL.iter().filter(|rule| !shown(rule.name));
    let missing = Vec::from_iter(missing.map(|rule| rule.name));
    match missing.is_empty() {
        true => Ok(()),
        false => Err(format!("no folder shows {}", missing.join(", ")).into()),
    }
}

fn expect(path: &Path, found: &str) -> Result<(), Failed> {
    if std::env::var_os("PYSHIM_BLESS").is_some_and(|value| value == "1") {
        fs::write(path, found)?;
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    if found == expected {
        return Ok(());
    }
    let difference = similar::TextDiff::from_lines(expected.as_str(), found);
    let difference = difference
        .unified_diff()
        .header("expected", "found")
        .to_string();
    Err(format!("{difference}\nto accept: PYSHIM_BLESS=1 cargo test --test cases").into())
}

const EMPTY: &str = "/dev/null";
/// Before a library that is needed, whether anything is taken from it or not.
const LINK: [&str; 4] = ["-Wl,--no-as-needed", "-Wl,-rpath,$ORIGIN", "-x", "none"];

/// What makes a shared object of a file in C.
fn compiler(source: &Path, to: &Path) -> Command {
    let mut cc = Command::new("cc");
    cc.args(["-w", "-shared", "-fPIC", "-nostdlib", "-o"])
        .arg(to);
    cc.args(["-x", "c"]).arg(source);
    cc
}

fn soname(name: &str) -> String {
    format!("-Wl,-soname,{name}")
}

/// What becomes of a module.
#[derive(Default)]
struct Case {
    /// What it is called.
    file: String,
    /// The wheel that it is in, if it is in one.
    wheel: Option<String>,
    /// The tags in the wheel's metadata.
    tags: Vec<String>,
    /// A library that it is linked to: of `library.c`, or else an empty one.
    needs: Option<String>,
    /// Where that library is in the wheel, if it is there.
    library: Option<String>,
    /// An empty library that it is linked to itself.
    library_needs: Option<String>,
    /// The folder of the wheel in which it is: `demo`, where nothing is said.
    folder: Option<String>,
    /// Another member of the wheel.
    member: Option<String>,
    /// Other names under which the module is in the wheel as well.
    also: Vec<String>,
    /// An older wheel that it is compared with: of `old.c`, or else of the same source.
    old: Option<Box<Case>>,
    /// The CPython that imports it.
    import: Option<String>,
    /// The number of another processor, which it says that it is for.
    machine: Option<u16>,
    /// Whether it loses its section headers, which no loader reads.
    sectionless: bool,
}

impl Case {
    fn read(folder: &Path) -> Result<Self, Failed> {
        let mut case = Case::default();
        for line in fs::read_to_string(folder.join("case.txt"))?.lines() {
            let (word, value) = line.split_once(' ').unwrap_or((line, ""));
            let value = value.to_owned();
            match word {
                "file" => case.file = value,
                "wheel" => case.wheel = Some(value),
                "tag" => case.tags.push(value),
                "needs" => case.needs = Some(value),
                "library" => case.library = Some(value),
                "library-needs" => case.library_needs = Some(value),
                "member" => case.member = Some(value),
                "also" => case.also.push(value),
                "folder" => case.folder = Some(value),
                "old-folder" => case.older().folder = Some(value),
                "old-file" => case.older().file = value,
                "old-wheel" => case.older().wheel = Some(value),
                "old-tag" => case.older().tags.push(value),
                "import" => case.import = Some(value),
                "machine" => case.machine = Some(value.parse()?),
                "sectionless" => case.sectionless = true,
                _ => return Err(format!("`{line}` in case.txt is not understood").into()),
            }
        }
        Ok(case)
    }

    fn older(&mut self) -> &mut Case {
        self.old.get_or_insert_default()
    }

    /// Compiles it, and puts it where the case says.
    fn build(&self, source: &Path, scratch: &Path) -> Result<PathBuf, Failed> {
        let path = scratch.join(&self.file);
        let mut cc = compiler(source, &path);
        if let Some(needs) = &self.needs {
            let source = source.with_file_name("library.c");
            let source = Some(source).filter(|source| source.exists());
            let source = source.as_deref().unwrap_or(EMPTY.as_ref());
            let needed = scratch.join("needed");
            let mut library = compiler(source, &needed);
            if let Some(needs) = &self.library_needs {
                let needed = scratch.join("needed-by-the-library");
                run(compiler(EMPTY.as_ref(), &needed).arg(soname(needs)))?;
                library.args(LINK).arg(needed);
            }
            run(library.arg(soname(needs)))?;
            cc.args(LINK).arg(needed);
        }
        run(&mut cc)?;
        let mut data = fs::read(&path)?;
        if self.sectionless {
            // Where the headers are, and how many: of a 64-bit file.
            data[0x28..0x30].fill(0);
            data[0x3c..0x40].fill(0);
        }
        if let Some(machine) = self.machine {
            data[0x12..0x14].copy_from_slice(&machine.to_le_bytes());
        }
        fs::write(&path, &data)?;
        let Some(wheel) = &self.wheel else {
            return Ok(path);
        };
        let metadata = self.tags.iter().map(|tag| format!("Tag: {tag}\n"));
        let metadata = format!("Wheel-Version: 1.0\n{}", String::from_iter(metadata));
        let files = [&self.file].into_iter().chain(&self.also);
        let folder = self.folder.as_deref().unwrap_or("demo");
        let files = files.map(|file| Member::new(format!("{folder}/{file}"), &data));
        let mut members = Vec::from_iter(files);
        members.extend(
            self.member
                .iter()
                .map(|name| Member::new(name.clone(), b"")),
        );
        let package = source.with_file_name("package.py");
        if package.exists() {
            members.push(Member::new("demo/__init__.py", &fs::read(package)?));
        }
        if let Some(name) = &self.library {
            members.push(Member::new(
                name.clone(),
                &fs::read(scratch.join("needed"))?,
            ));
        }
        members.push(Member::new("demo-1.0.dist-info/WHEEL", metadata.as_bytes()));
        let path = scratch.join(wheel);
        fs::write(&path, zip::write(&members))?;
        Ok(path)
    }
}

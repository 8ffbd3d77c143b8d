//! Folders with a manifest and what is expected of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::Failed;
use pyshim_gen::diag::{Colour, Sink};
use pyshim_gen::emit::{FileSet, emit};
use pyshim_gen::manifest::ReadError;
use pyshim_gen::report::suppress::{self, EXPIRED};
use pyshim_gen::report::{Level, Rule};
use pyshim_gen::source::Sources;
use pyshim_gen::{Reading, read};

const ROOT: &str = "tests/fixtures";
const BASELINE: &str = "golden/empty";
/// The rules that suppressions in fixtures may name, and one that they may not.
static SUPPRESSED: [&Rule; 2] = [
    &Rule {
        id: "T101",
        name: "field-moved",
        level: Level::Break,
        suppressible: true,
        ..EXPIRED
    },
    &EXPIRED,
];

/// One folder: a manifest, or a file of suppressions.
#[derive(Clone, Debug)]
pub(crate) struct Fixture {
    /// `<group>/<name>`.
    pub(crate) name: String,
    /// The folder.
    pub(crate) dir: PathBuf,
}

impl Fixture {
    /// Whether it is about what is written, and not about what is complained of.
    pub(crate) fn is_golden(&self) -> bool {
        self.name.starts_with("golden/")
    }

    /// Everything that is written for it.
    pub(crate) fn emit(&self) -> Result<FileSet, Failed> {
        let reading = read(&self.dir)?;
        let said = said(&reading, &self.dir);
        match reading.model {
            Some(model) if said.is_empty() => Ok(emit(&model)),
            _ => Err(format!("complaints about a golden:\n{said}").into()),
        }
    }

    /// What of that `golden/empty` does not give.
    pub(crate) fn own(&self) -> Result<BTreeMap<String, String>, Failed> {
        let files = self.emit()?.files;
        if self.name == BASELINE {
            return Ok(files);
        }
        let dir = Path::new(ROOT).join(BASELINE);
        let baseline = Fixture {
            name: BASELINE.to_owned(),
            dir,
        }
        .emit()?
        .files;
        if let Some(lost) = baseline.keys().find(|name| !files.contains_key(*name)) {
            return Err(format!("`{lost}` is not written").into());
        }
        Ok(files
            .into_iter()
            .filter(|(name, text)| baseline.get(name) != Some(text))
            .collect())
    }
}

/// Every fixture, by name.
pub(crate) fn all() -> Vec<Fixture> {
    let mut fixtures = Vec::new();
    for group in folders(Path::new(ROOT)) {
        for dir in folders(&group) {
            let name = dir.strip_prefix(ROOT).expect("it is under the root");
            fixtures.push(Fixture {
                name: name.display().to_string(),
                dir,
            });
        }
    }
    fixtures.sort_by(|a, b| a.name.cmp(&b.name));
    fixtures
}

fn folders(dir: &Path) -> Vec<PathBuf> {
    let items = fs::read_dir(dir).expect("the folder can be read");
    items
        .map(|item| item.expect("the folder can be read").path())
        .filter(|p| p.is_dir())
        .collect()
}

/// Compares what is found with what is expected, or makes it expected.
pub(crate) fn check(fixture: &Fixture) -> Result<(), Failed> {
    let found = found(fixture)?;
    if std::env::var_os("PYSHIM_BLESS").is_some_and(|value| value == "1") {
        bless(fixture, &found)?;
    }
    strangers(fixture)?;
    let expected = expected(fixture)?;
    let names: BTreeSet<&String> = found.keys().chain(expected.keys()).collect();
    let mut difference = String::new();
    for name in names {
        let there = |files: &BTreeMap<String, String>| files.get(name).cloned().unwrap_or_default();
        if found.get(name) != expected.get(name) {
            let diff = similar::TextDiff::from_lines(there(&expected), there(&found))
                .unified_diff()
                .header(&format!("{name} (expected)"), &format!("{name} (found)"))
                .to_string();
            difference.push_str(&diff);
        }
    }
    if difference.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{difference}\nto accept: PYSHIM_BLESS=1 cargo test --test cases {}",
        fixture.name
    )
    .into())
}

/// What there is, by the name of the file that expects it.
fn found(fixture: &Fixture) -> Result<BTreeMap<String, String>, Failed> {
    if !fixture.is_golden() {
        let said = match reading(&fixture.dir) {
            Ok(reading) => said(&reading, &fixture.dir),
            Err(error) => format!("error: {error}\n").replace(&shown(&fixture.dir), ""),
        };
        return Ok(BTreeMap::from([("expected.txt".to_owned(), said)]));
    }
    let own = fixture.own()?;
    Ok(own
        .into_iter()
        .map(|(name, text)| (format!("expected/{name}"), text))
        .collect())
}

/// A manifest that was read, or a file of suppressions.
fn reading(dir: &Path) -> Result<Reading, ReadError> {
    let path = dir.join("suppressions.yaml");
    if !path.exists() {
        return read(dir);
    }
    let mut sources = Sources::default();
    let mut sink = Sink::default();
    suppress::read(&path, &SUPPRESSED, &mut sources, &mut sink)?;
    Ok(Reading {
        sources,
        diagnostics: sink.into_sorted(),
        model: None,
    })
}

fn said(reading: &Reading, dir: &Path) -> String {
    let rendered = reading.diagnostics.iter().map(|diagnostic| {
        diagnostic
            .render(&reading.sources, Colour::Never)
            .replace(&shown(dir), "")
            + "\n"
    });
    rendered.collect::<Vec<_>>().join("\n")
}

/// A folder as the messages show it, which differs between systems.
fn shown(dir: &Path) -> String {
    format!("{}{}", dir.display(), std::path::MAIN_SEPARATOR)
}

fn expected(fixture: &Fixture) -> Result<BTreeMap<String, String>, Failed> {
    let mut files = BTreeMap::new();
    for name in tree(&fixture.dir) {
        if name == "expected.txt" || name.starts_with("expected/") {
            // A checkout with CRLF line ends expects the same.
            let text = fs::read_to_string(fixture.dir.join(&name))?.replace("\r\n", "\n");
            files.insert(name, text);
        }
    }
    Ok(files)
}

fn bless(fixture: &Fixture, found: &BTreeMap<String, String>) -> Result<(), Failed> {
    for name in expected(fixture)?
        .keys()
        .filter(|name| !found.contains_key(*name))
    {
        fs::remove_file(fixture.dir.join(name))?;
    }
    for (name, text) in found {
        let path = fixture.dir.join(name);
        fs::create_dir_all(path.parent().ok_or("a file is in a folder")?)?;
        fs::write(path, text)?;
    }
    Ok(())
}

/// A file that nothing reads may be a typing mistake, and would never be noticed.
fn strangers(fixture: &Fixture) -> Result<(), Failed> {
    let said = fs::read_to_string(fixture.dir.join("expected.txt")).unwrap_or_default();
    let read = |name: &str| {
        let parts: Vec<&str> = name.split('/').collect();
        match parts.as_slice() {
            ["targets.yaml" | "table.lock" | "suppressions.yaml"] => true,
            ["expected.txt"] => !fixture.is_golden(),
            ["entries", file] => file.ends_with(".yaml") || said.contains(name),
            ["inline", file] => file.ends_with(".h") || said.contains(name),
            ["expected", ..] => fixture.is_golden(),
            _ => false,
        }
    };
    match tree(&fixture.dir).into_iter().find(|name| !read(name)) {
        Some(name) => Err(format!("`{name}` is no part of a fixture").into()),
        None => Ok(()),
    }
}

/// The files under a folder, with `/` on every system.
fn tree(dir: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for item in fs::read_dir(dir).expect("the folder can be read") {
        let path = item.expect("the folder can be read").path();
        let name = path
            .file_name()
            .expect("a file has a name")
            .to_string_lossy()
            .into_owned();
        if path.is_dir() {
            names.extend(
                tree(&path)
                    .into_iter()
                    .map(|inner| format!("{name}/{inner}")),
            );
        } else {
            names.push(name);
        }
    }
    names
}

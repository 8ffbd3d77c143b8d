//! `cargo xtask wheels`: what auditors say of wheels from PyPI, as `docs/wheels.md`.
//!
//! Each wheel is imported as well, by every CPython of this machine that it promises. It fails when
//! pyshim finds a break in a wheel that all of them import, and when verdicts differ and nothing here
//! says why.

mod peer;
mod verdict;

use crate::failure::{Failure, could_not, could_not_at};
use crate::place::{cache, root};
use crate::task::Task;
use peer::{PEERS, Peers};
use pyshim_gen::audit::container::Wheel;
use pyshim_gen::audit::{audit, imports};
use pyshim_gen::observe::find::find;
use pyshim_gen::observe::process::PATIENCE;
use pyshim_gen::observe::python::Interpreter;
use pyshim_gen::report::gate::{Gate, Outcome};
use pyshim_gen::report::{Examines, Level, Report};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use verdict::Verdict;

pub(crate) const TASK: Task = Task {
    name: "wheels",
    about: "Ask auditors about wheels from PyPI, import them, and write what came of it into docs/wheels.md",
    arguments: |command| command,
    run: |_| run(),
};

const PAGE: &str = "docs/wheels.md";
const LIST: &str = include_str!("list.txt");

const HEAD: &str = "\
# Wheels from PyPI

What auditors say of real wheels, and whether CPythons import them. `cargo xtask wheels` writes this page.
abi3audit runs with `--strict`, as cibuildwheel calls it, and each tool's verdict is its exit code. Under
*imported* are the CPythons of this machine that the wheel promises and that were told to import each module
of it, with `--import-check`: all modules of it were imported by those that are named, and by the others
something was lacking that is not in the wheel. Wheels for other platforms are not imported. The command
fails if pyshim finds a break where every import works, and where verdicts differ without a reason.

";

/// One row of the page.
struct Row {
    wheel: String,
    abi3audit: Verdict,
    doctor: Verdict,
    pyshim: Report,
}

fn run() -> Result<(), Failure> {
    let (peers, wheels) = download(LIST.lines())?;
    let interpreters = find(PATIENCE);
    let mut rows = Vec::new();
    for (wheel, path) in LIST.lines().zip(wheels) {
        eprintln!("xtask: {wheel}");
        rows.push(row(wheel, path, &peers, &interpreters)?);
    }
    let mistakes = Vec::from_iter(rows.iter().filter_map(mistake));
    fs::write(root().join(PAGE), page(&rows)).map_err(could_not("write the page"))?;
    match mistakes.is_empty() {
        true => Ok(()),
        false => Err(Failure::Findings(mistakes.join("\n"))),
    }
}

/// The auditors and wheels, which stay in the cache.
fn download<'a>(wheels: impl Iterator<Item = &'a str>) -> Result<(Peers, Vec<PathBuf>), Failure> {
    let cache = cache()?;
    let folder = cache.join("wheels");
    fs::create_dir_all(&folder).map_err(could_not_at("make", &folder))?;
    let peers = Peers::install(&cache.join("auditors"))?;
    let mut paths = Vec::new();
    for wheel in wheels {
        let path = folder.join(wheel);
        if !path.exists() {
            peers.download(wheel, &folder)?;
        }
        paths.push(path);
    }
    Ok((peers, paths))
}

/// The auditors, and those of the wheels that all of them are for.
pub(crate) fn of_abi3() -> Result<(Peers, Vec<PathBuf>), Failure> {
    download(LIST.lines().filter(|wheel| wheel.contains("-abi3-")))
}

/// Bytes of the largest module in some wheels.
pub(crate) fn largest_module(wheels: &[PathBuf]) -> Result<u64, Failure> {
    let mut largest = 0;
    for path in wheels {
        let bytes = fs::read(path).map_err(could_not_at("read", path))?;
        let size = bytes.len() as u64;
        let wheel = Wheel::open(bytes.as_slice(), size).map_err(could_not_at("read", path))?;
        let members = wheel.members.iter();
        let modules = members.filter(|(name, _)| name.ends_with(".so") || name.ends_with(".pyd"));
        largest = modules.fold(largest, |largest, (_, module)| largest.max(module.size));
    }
    Ok(largest)
}

fn row(
    wheel: &str,
    path: PathBuf,
    peers: &Peers,
    interpreters: &[Interpreter],
) -> Result<Row, Failure> {
    let (abi3audit, doctor) = (peers.abi3audit(&path)?, peers.doctor(&path)?);
    let files = [path];
    let mut pyshim = audit(&files);
    imports::check(&files, interpreters, PATIENCE, &mut pyshim);
    Ok(Row {
        wheel: wheel.to_owned(),
        abi3audit,
        doctor,
        pyshim,
    })
}

impl Row {
    /// What pyshim finds without importing.
    fn found(&self) -> BTreeSet<&'static str> {
        let findings = self.pyshim.findings.iter();
        let read =
            findings.filter(|one| one.level >= Level::Api && one.rule.examines == Examines::Files);
        read.map(|one| one.rule.id).collect()
    }

    fn is_passed(&self) -> bool {
        let mut read = self.pyshim.clone();
        read.findings
            .retain(|one| one.rule.examines == Examines::Files);
        Gate::default().outcome(&read) == Outcome::Clean
    }

    /// The CPythons that import all of it; whether others do not.
    fn imported(&self) -> (Vec<String>, bool) {
        let rows = self.pyshim.imported.iter().flat_map(|one| &one.rows);
        let (imported, others): (Vec<_>, Vec<_>) = rows.partition(|row| row.word == "imports");
        let is_failed = others.iter().any(|row| row.word != "unknown");
        let said = imported.iter().map(|row| match row.why.is_empty() {
            true => row.pythons.clone(),
            false => format!("{} {}", row.pythons, row.why),
        });
        (said.collect(), is_failed)
    }

    fn why(&self) -> Vec<&'static str> {
        let mut why = self.abi3audit.why.clone();
        why.extend(&self.doctor.why);
        why
    }
}

/// What is wrong with pyshim, or with this command.
fn mistake(row: &Row) -> Option<String> {
    let (imported, is_failed) = row.imported();
    if !row.pyshim.failures.is_empty() {
        return Some(format!("{}: {}", row.wheel, row.pyshim.failures.join("; ")));
    }
    if !row.is_passed() && !imported.is_empty() && !is_failed {
        let found = Vec::from_iter(row.found()).join(", ");
        return Some(format!(
            "{}: {found}, and every CPython imports it",
            row.wheel
        ));
    }
    if row.is_passed() && is_failed {
        return Some(format!(
            "{}: nothing is found, and an import fails",
            row.wheel
        ));
    }
    let explained =
        |verdict: &Verdict| verdict.is_passed == row.is_passed() || !verdict.why.is_empty();
    let is_explained = explained(&row.abi3audit) && explained(&row.doctor);
    (!is_explained).then(|| format!("{}: nothing says why the verdicts differ", row.wheel))
}

fn page(rows: &[Row]) -> String {
    let mut page = HEAD.to_owned();
    for peer in PEERS {
        let (name, version) = peer.split_once("==").unwrap_or((peer, ""));
        let _ = writeln!(page, "- {name} {version}");
    }
    let reasons: BTreeSet<&str> = rows.iter().flat_map(Row::why).collect();
    let reasons = Vec::from_iter(reasons);
    page.push_str("\nWhy verdicts differ:\n\n");
    for (index, reason) in reasons.iter().enumerate() {
        let _ = writeln!(page, "{}. {reason}.", index + 1);
    }
    page.push_str("\n| wheel | abi3audit | abi3t-doctor | pyshim | imported | why they differ |\n");
    page.push_str("|---|---|---|---|---|---|\n");
    for row in rows {
        let found = Vec::from_iter(row.found()).join(", ");
        let pyshim = match (row.is_passed(), found.is_empty()) {
            (true, true) => "passes".to_owned(),
            (true, false) => format!("passes, {found}"),
            (false, _) => found,
        };
        let why = row.why();
        let numbers = reasons
            .iter()
            .enumerate()
            .filter(|(_, reason)| why.contains(reason));
        let numbers = numbers.map(|(index, _)| (index + 1).to_string());
        let _ = writeln!(
            page,
            "| `{}` | {} | {} | {pyshim} | {} | {} |",
            row.wheel,
            row.abi3audit.words,
            row.doctor.words,
            row.imported().0.join("; "),
            Vec::from_iter(numbers).join(", ")
        );
    }
    page
}

#[cfg(test)]
mod tests {
    use super::{LIST, PAGE};
    use crate::place::root;

    /// PyPI is not on every machine, so the page is not written again to see.
    #[test]
    fn the_page_is_of_the_wheels_that_are_listed() {
        let page = std::fs::read_to_string(root().join(PAGE)).unwrap();
        let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
        let rows: Vec<&str> = rows.filter_map(|row| row.split('`').next()).collect();
        let listed: Vec<&str> = LIST.lines().collect();
        assert_eq!(rows, listed, "{PAGE} is stale; run `cargo xtask wheels`");
        assert!(rows.len() >= 40);
    }
}

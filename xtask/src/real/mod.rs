//! `cargo xtask real`: packages of PyPI rebuilt on pyshim, under upstream's own tests.
//!
//! Each is built twice for each interpreter, as upstream has it and with our files laid over it, and
//! both are tested. What fails upstream too is listed; what fails only on pyshim is a finding.

mod cereggii;
mod environment;
mod overlay;
mod package;
mod page;
mod rpds;
mod source;
mod suite;

use crate::failure::{Failure, could_not};
use crate::place;
use crate::task::Task;
use clap::{Arg, ArgMatches, Command};
use environment::Environment;
use package::Package;
use pythons::Python;
use std::fs;
use std::path::{Path, PathBuf};
use suite::{Mistake, Outcomes, Times};

pub(crate) const TASK: Task = Task {
    name: "real",
    about: "Rebuild packages of PyPI on pyshim and run their own tests, and write docs/real-packages.md",
    arguments,
    run: |arguments| run(&Wish::of(arguments)),
};

const PACKAGES: &[Package] = &[cereggii::PACKAGE, rpds::PACKAGE];

fn arguments(command: Command) -> Command {
    let one = |name, what, help| Arg::new(name).long(name).value_name(what).help(help);
    command
        .arg(clone())
        .arg(one(
            "package",
            "NAME",
            "This one only; the page is left alone",
        ))
        .arg(one(
            "python",
            "LABEL",
            "On this interpreter only, as in 3.14t; the page is left alone",
        ))
}

/// `--clone`.
pub(crate) fn clone() -> Arg {
    Arg::new("clone")
        .long("clone")
        .value_name("FOLDER")
        .help("A clone of cereggii, whose sdist has no tests [default: GitHub's]")
}

/// What is asked for on the command line; nothing means everything.
#[derive(Default)]
pub(crate) struct Wish {
    package: Option<String>,
    python: Option<String>,
    clone: Option<String>,
}

impl Wish {
    fn of(arguments: &ArgMatches) -> Self {
        let one = |name| arguments.get_one::<String>(name).cloned();
        Wish {
            package: one("package"),
            python: one("python"),
            clone: one("clone"),
        }
    }

    fn is_for(&self, package: &Package, python: &Python) -> bool {
        let fits = |wish: &Option<String>, name: &str| wish.as_deref().is_none_or(|w| w == name);
        fits(&self.package, package.name) && fits(&self.python, &python.label.to_string())
    }

    fn is_everything(&self) -> bool {
        self.package.is_none() && self.python.is_none()
    }
}

/// What was seen of a package on an interpreter.
struct Row {
    package: &'static str,
    python: String,
    seen: Seen,
}

enum Seen {
    /// Upstream does not support it, and says why.
    Refused(&'static str),
    /// As upstream has it, and on pyshim.
    Tried([Tried; 2]),
}

/// One form of a package.
struct Tried {
    outcomes: Outcomes,
    check: Result<(), Mistake>,
    times: Times,
}

fn run(wish: &Wish) -> Result<(), Failure> {
    let root = place::root();
    let rows = tried(wish, &root)?;
    print!("{}", page::tables(&rows));
    if wish.is_everything() {
        page::write(&root, &rows)?;
    }
    findings(&rows)
}

/// As a test: every package on every interpreter, and the page is left alone.
pub(crate) fn test(clone: Option<String>) -> Result<(), Failure> {
    let everything = Wish {
        clone,
        ..Wish::default()
    };
    findings(&tried(&everything, &place::root())?)
}

fn tried(wish: &Wish, root: &Path) -> Result<Vec<Row>, Failure> {
    let cache = cache()?;
    pythons::ensure()?;
    let pythons = pythons::found()?;
    let mut rows = Vec::new();
    for package in PACKAGES {
        let pythons = pythons.iter().filter(|python| {
            python.has_headers() && python.version.minor() >= 8 && wish.is_for(package, python)
        });
        for python in pythons {
            eprintln!("xtask: {} on {}", package.name, python.label);
            let seen = match (package.refuses)(python.label) {
                Some(reason) => Seen::Refused(reason),
                None => Seen::Tried(both(package, python, wish, root, &cache)?),
            };
            rows.push(Row {
                package: package.name,
                python: python.label.to_string(),
                seen,
            });
        }
    }
    if rows.is_empty() {
        Err(Failure::CouldNot("nothing was tried".to_owned()))
    } else {
        Ok(rows)
    }
}

/// As upstream has it, then on pyshim.
fn both(
    package: &Package,
    python: &Python,
    wish: &Wish,
    root: &Path,
    cache: &Path,
) -> Result<[Tried; 2], Failure> {
    let scratch = tempfile::tempdir().map_err(could_not("make a folder"))?;
    let archive = source::sdist(package, cache)?;
    let tests = scratch.path().join("tests");
    source::tests(package, &archive, wish.clone.as_deref(), &tests)?;
    let environment = Environment::of(package, python, cache)?;
    let form = |name: &str, change: &dyn Fn(&Path) -> Result<(), Failure>| {
        let tree = scratch.path().join(name);
        let target = scratch.path().join(format!("{name}-installed"));
        source::unpack(&archive, &tree)?;
        change(&tree)?;
        environment.install(&tree, &target, &cache.join("target"))?;
        Ok::<_, Failure>(target)
    };
    let targets = [
        form("upstream", &|_| Ok(()))?,
        form("pyshim", &|tree| overlay::lay(package, root, tree))?,
    ];
    let scripts = overlay::folder(package, root);
    let [upstream, ours] = suite::times(
        &environment,
        targets.each_ref().map(PathBuf::as_path),
        &scripts.join("times.py"),
    )?;
    let tried = |target: &Path, times| {
        Ok::<_, Failure>(Tried {
            outcomes: suite::outcomes(package, &environment, target, &tests, root)?,
            check: suite::check(&environment, target, &scripts.join("check.py"))?,
            times,
        })
    };
    Ok([tried(&targets[0], upstream)?, tried(&targets[1], ours)?])
}

/// What is wrong on pyshim and not upstream, or wrong by our own check.
fn findings(rows: &[Row]) -> Result<(), Failure> {
    let mut wrong = Vec::new();
    for row in rows {
        let Seen::Tried([upstream, ours]) = &row.seen else {
            continue;
        };
        let broken = suite::compare(&upstream.outcomes, &ours.outcomes).broken;
        let checked = ours
            .check
            .as_ref()
            .err()
            .map(|mistake| format!("check.py: {}", mistake.said));
        wrong.extend(
            broken
                .into_iter()
                .chain(checked)
                .map(|what| format!("{} on {}: {what}", row.package, row.python)),
        );
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(Failure::Findings(wrong.join("\n")))
    }
}

/// Outside of the checkout: nothing of upstream's is in it.
fn cache() -> Result<PathBuf, Failure> {
    let folder = place::cache()?.join("real");
    fs::create_dir_all(&folder).map_err(could_not("make the cache"))?;
    Ok(folder)
}

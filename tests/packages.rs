//! The package `pyshim`, and the examples that build with it: each with the real build system,
//! installed into fresh environments, imported and used.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::{Mutex, PoisonError};

use conformance::place::{root, scratch};
use conformance::run::succeed;
use conformance::trials::{self, trial};
use libtest_mimic::{Failed, Trial};
use pyshim_gen::audit::audit;
use pyshim_gen::new::{Name, Project, TOOLS, Tool};
use pyshim_gen::report::gate::{Gate, Outcome};
use pythons::{Python, REQUIRED};
use ways::{Tally, WAYS, Way};
use workshop::{Build, Installer, Tools, Workshop};

#[path = "packages/package.rs"]
mod package;
#[path = "packages/several.rs"]
mod several;
#[path = "packages/targets.rs"]
mod targets;
#[path = "packages/ways.rs"]
mod ways;
#[path = "packages/workshop.rs"]
mod workshop;

/// Threads add to the module's number, and to those of objects, and none is lost.
const USE: &str = "
import importlib, sys, threading
module = importlib.import_module(sys.argv[1])
for add in (eval(adder, vars(module)) for adder in sys.argv[2:]):
    assert (add(2), add(3)) == (2, 5)
    threads = [threading.Thread(target=lambda: [add(1) for _ in range(2000)]) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert add(0) == 8005
print('gil' if getattr(sys, '_is_gil_enabled', lambda: True)() else 'none')
";

fn main() -> ExitCode {
    trials::on_interpreters(all)
}

fn all(pythons: &[Python]) -> Vec<Trial> {
    let mut trials = vec![Trial::test("examples_are_one", || {
        examples_are_one().map_err(Failed::from)
    })];
    // One of each kind builds.
    let builders = Builders {
        gil: of(pythons, 14, false),
        free_threaded: of(pythons, 14, true),
        both: of(pythons, 15, true),
    };
    let every_kind = every_kind(pythons);
    trials.extend(package::trials(&builders.gil, pythons));
    trials.extend(targets::trials(pythons));
    for (builder, refusals) in [
        (&builders.free_threaded, FREE_THREADED_REFUSALS),
        (&builders.gil, GIL_REFUSALS),
    ] {
        trials.push(trial(builder, "refusals", |python, name| {
            no_wheel_promises_too_much(python, refusals, name)
        }));
    }
    for way in WAYS {
        let stable = way.stable_from.map(|from| {
            let users = vec![
                (Installer::Pip, oldest(pythons, from)),
                (Installer::Uv, of(pythons, 15, false)),
            ];
            (Form::Stable, &builders.gil, users)
        });
        // One more environment to build in takes half a minute, so these are left to `cargo xtask soak`.
        let is_soak = env::var_os(EVERY_WAY).is_some();
        let versions = match is_soak {
            true => &every_kind,
            false => std::slice::from_ref(&builders.free_threaded),
        };
        let (refused, versions): (Vec<_>, Vec<_>) = versions
            .iter()
            .partition(|python| way.refusal(python).is_some());
        for python in refused {
            trials.push(trial(
                python,
                &format!("{}::refused", way.folder),
                move |python, name| is_refused(way, python, name),
            ));
        }
        let versions = versions
            .into_iter()
            .map(|python| (Form::Version, python, vec![(Installer::Uv, python.clone())]));
        let both = (is_soak && way.both.is_some()).then(|| {
            let users = vec![
                (Installer::Pip, of(pythons, 15, false)),
                (Installer::Uv, builders.both.clone()),
            ];
            (Form::Both, &builders.both, users)
        });
        let all = (is_soak && way.all.is_some()).then(|| {
            let users = vec![
                (Installer::Uv, oldest(pythons, 8)),
                (Installer::Uv, of(pythons, 13, true)),
                (Installer::Pip, of(pythons, 15, false)),
            ];
            (Form::All, &builders.both, users)
        });
        let forms = [stable, both, all].into_iter().flatten();
        for (form, python, users) in forms.chain(versions) {
            trials.push(trial(
                python,
                &format!("{}::{}", way.folder, form.word()),
                move |python, name| works(way, form, python, &users, name),
            ));
        }
    }
    trials
}

/// Set where all that can be built is built, each time with what a project itself names.
const EVERY_WAY: &str = "PYSHIM_EVERY_WAY";

struct Builders {
    gil: Python,
    free_threaded: Python,
    /// One whose stable ABI is that of both builds.
    both: Python,
}

fn of(pythons: &[Python], minor: u32, free_threaded: bool) -> Python {
    let found = pythons
        .iter()
        .find(|python| python.version.minor() == minor && python.free_threaded == free_threaded);
    match found {
        Some(python) => python.clone(),
        None => panic!("no CPython 3.{minor} (free-threaded: {free_threaded}) is here"),
    }
}

/// Those that each example is built with for that version alone: of either build, and one that is older than
/// free-threading.
fn every_kind(pythons: &[Python]) -> Vec<Python> {
    let older = pythons.iter().filter(|python| python.version.minor() < 13);
    let older = older.max_by_key(|python| python.version.minor());
    let newer = pythons
        .iter()
        .filter(|python| REQUIRED.contains(&python.label));
    older.into_iter().chain(newer).cloned().collect()
}

/// The oldest here that a wheel for a stable ABI is for. 3.14 is always here, and none is for later ones.
fn oldest(pythons: &[Python], from: u32) -> Python {
    let minors = pythons
        .iter()
        .filter(|python| !python.free_threaded && python.version.minor() >= from)
        .map(|python| python.version.minor());
    of(pythons, minors.min().unwrap_or(from), false)
}

/// What a wheel or module is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// abi3: every GIL-enabled CPython from some version on.
    Stable,
    /// abi3t: every CPython from 3.15 on, of either build.
    Both,
    /// Every CPython.
    All,
    /// The CPython that builds it.
    Version,
}

impl Form {
    fn word(self) -> &'static str {
        match self {
            Form::Stable => "abi3",
            Form::Both => "abi3t",
            Form::All => "universal",
            Form::Version => "version",
        }
    }
}

/// An interpreter's, with the package of this checkout in it. Made once, before anybody works in it.
fn workshop(python: &Python) -> Result<Workshop, String> {
    static WORKSHOPS: Mutex<BTreeMap<String, Workshop>> = Mutex::new(BTreeMap::new());
    let mut workshops = WORKSHOPS.lock().unwrap_or_else(PoisonError::into_inner);
    let label = python.label.to_string();
    if let Some(made) = workshops.get(&label) {
        return Ok(made.clone());
    }
    let made = Workshop::of(python, scratch(&format!("packages/package/{label}")))?;
    workshops.insert(label, made.clone());
    Ok(made)
}

fn works(
    way: &Way,
    form: Form,
    python: &Python,
    users: &[(Installer, Python)],
    name: &str,
) -> Result<(), String> {
    let workshop = &workshop(python)?;
    let folder = scratch(&format!("packages/{name}"));
    let tool = TOOLS.iter().find(|tool| tool.folder == way.folder);
    let (project, called) = match tool.filter(|_| form == Form::Version) {
        Some(tool) => (new_project(tool, way, &folder)?, NEW),
        None => (project(way, &folder)?, EXAMPLE),
    };
    let told = way.told(form);
    let told = told.ok_or_else(|| format!("{} has no {}", way.folder, form.word()))?;
    let variables = told.variables;
    if !project.join("pyproject.toml").exists() {
        let mut make = workshop.command("make");
        succeed(
            make.arg("-C").arg(&project).arg("PYTHON=python").args(
                variables
                    .iter()
                    .map(|(name, value)| format!("{name}={value}")),
            ),
        )?;
        for (_, user) in users {
            let mut python = Command::new(&user.executable);
            used(python.current_dir(&project), user, called, way.adders)?;
        }
        return Ok(());
    }
    let wheel = workshop.wheel(&Build {
        project: &project,
        into: &folder.join("wheel"),
        settings: told.settings,
        variables,
        tools: match env::var_os(EVERY_WAY) {
            Some(_) => Tools::Named,
            None => Tools::Here,
        },
    })?;
    let wheel = match form {
        Form::All => workshop.tagged(&wheel, ["cp38", "abi3.abi3t"])?,
        _ => wheel,
    };
    auditors_have_nothing_to_say(workshop, &wheel)?;
    for (installer, user) in users {
        let environment = folder.join(format!("{installer:?}-{}", user.label));
        let installed = workshop.install(*installer, &wheel, way.needs, user, &environment)?;
        used(&mut Command::new(installed), user, called, way.adders)?;
    }
    Ok(())
}

/// A tool that has nothing for a CPython says so. Once it does not, it is time to build there.
fn is_refused(way: &Way, python: &Python, name: &str) -> Result<(), String> {
    let folder = scratch(&format!("packages/{name}"));
    let told = way.told(Form::Version);
    let made = workshop(python)?.wheel(&Build {
        project: &project(way, &folder)?,
        into: &folder.join("wheel"),
        settings: told.map_or(&[], |told| told.settings),
        variables: &[],
        tools: Tools::Named,
    });
    let expected = way.refusal(python).unwrap_or_default();
    match made {
        Err(said) if said.contains(expected) => Ok(()),
        Err(said) => Err(format!("`{expected}` was expected: {said}")),
        Ok(wheel) => Err(format!("{} was built", wheel.display())),
    }
}

/// The wheel keeps what its tag promises, and asks of a Linux what many have.
fn auditors_have_nothing_to_say(workshop: &Workshop, wheel: &Path) -> Result<(), String> {
    let report = audit(&[wheel.to_owned()]);
    let found = Gate::default().outcome(&report);
    if found != Outcome::Clean {
        return Err(format!("{found:?}: {:#?}", report.findings));
    }
    let mut auditwheel = workshop.command("auditwheel");
    let said = succeed(auditwheel.arg("show").arg(wheel))?;
    if said.contains("manylinux_") {
        Ok(())
    } else {
        Err(format!("auditwheel: {said}"))
    }
}

/// An example, what its build is told, and the words with which it stops: scikit-build-core would put a stable
/// ABI into the tag, whatever is made, or one version.
type Refusal = (&'static str, &'static [&'static str], &'static str);

const FREE_THREADED_REFUSALS: &[Refusal] = &[
    (
        "pybind11",
        &["wheel.py-api=cp314t"],
        "pybind11 has no stable ABI",
    ),
    (
        "nanobind",
        &["wheel.py-api=cp314t"],
        "nanobind has no stable ABI",
    ),
    (
        "cmake",
        &["wheel.py-api=cp314t"],
        "`tally` is built for one version",
    ),
];

const GIL_REFUSALS: &[Refusal] = &[
    (
        "cmake",
        &["wheel.py-api=cp38"],
        "`tally` is built for one version",
    ),
    (
        "cmake",
        &["cmake.define.TALLY_ABI=abi3"],
        "`tally` is built as abi3, and",
    ),
    (
        "cmake",
        &["wheel.py-api=cp39", "cmake.define.TALLY_ABI=abi3"],
        "`tally` is built as abi3 from 3.8 on",
    ),
];

fn no_wheel_promises_too_much(
    python: &Python,
    refusals: &[Refusal],
    name: &str,
) -> Result<(), String> {
    let workshop = workshop(python)?;
    let folder = scratch(&format!("packages/{name}"));
    for (tool, settings, expected) in refusals {
        let made = workshop.wheel(&Build {
            project: &root().join("examples").join(tool),
            into: &folder,
            settings,
            variables: &[],
            tools: Tools::Here,
        });
        if !made.is_err_and(|said| said.contains(expected)) {
            return Err(format!("{tool}, {settings:?}: `{expected}` was expected"));
        }
    }
    Ok(())
}

fn used(
    python: &mut Command,
    user: &Python,
    called: Called,
    adders: &[&str],
) -> Result<(), String> {
    let python = python.env_remove("PYTHON_GIL");
    python.args(["-c", USE, called.module]);
    python.args(
        adders
            .iter()
            .map(|adder| adder.replace(EXAMPLE.class, called.class)),
    );
    let said = succeed(python)?;
    let expected = if user.free_threaded { "none" } else { "gil" };
    if said.trim() == expected {
        Ok(())
    } else {
        Err(format!(
            "GIL on {}: {said}, and {expected} was expected",
            user.label
        ))
    }
}

/// Build systems leave things in the folder of a project, so it is a copy. Cargo leaves them where it is
/// told, and finds the crate by a path that leads out of the project.
fn project(way: &Way, folder: &Path) -> Result<PathBuf, String> {
    let project = root().join("examples").join(way.folder);
    if project.join("Cargo.toml").exists() {
        return Ok(project);
    }
    let copy = folder.join("project");
    succeed(Command::new("cp").arg("-rL").arg(project).arg(&copy))?;
    let subprojects = copy.join("subprojects");
    if subprojects.exists() {
        // Where Meson would put what the wrap names.
        symlink(root(), subprojects.join("pyshim")).map_err(|error| error.to_string())?;
    }
    Ok(copy)
}

/// What a module is called, and its class if it has one.
#[derive(Clone, Copy, Debug)]
struct Called {
    module: &'static str,
    class: &'static str,
}

/// The examples'.
const EXAMPLE: Called = Called {
    module: "tally",
    class: "Tally",
};

/// What `pyshim new` is asked for. It is where the other is among the names in Cargo.lock.
const NEW: Called = Called {
    module: "tall_order",
    class: "TallOrder",
};

/// What `pyshim new` writes for the example's build system. Until the crate is on crates.io, Cargo is
/// told where it is, and it has the example's versions of the others.
fn new_project(tool: &Tool, way: &Way, folder: &Path) -> Result<PathBuf, String> {
    let name = NEW.module.parse::<Name>();
    let project = name.and_then(|name| Project::new(name, tool));
    let project = project.map_err(|refused| format!("{}: {refused}", NEW.module))?;
    let made = project.write(folder).map_err(|error| error.to_string())?;
    let lock = root().join("examples").join(way.folder).join("Cargo.lock");
    if lock.exists() {
        let write = |path: PathBuf, text: &str| {
            fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))
        };
        let locked = fs::read_to_string(lock).map_err(|error| error.to_string())?;
        write(
            made.join("Cargo.lock"),
            &locked.replace(EXAMPLE.module, NEW.module),
        )?;
        let cargo = made.join(".cargo");
        fs::create_dir(&cargo).map_err(|error| error.to_string())?;
        let shim = root().join("shim");
        let patch = format!("[patch.crates-io]\npyshim.path = {shim:?}\n");
        write(cargo.join("config.toml"), &patch)?;
    }
    Ok(made)
}

/// The examples in C have one source, and it is the one in the README. The others have none of it.
fn examples_are_one() -> Result<(), String> {
    let read = |path: PathBuf| {
        fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
    };
    let readme = read(root().join("README.md"))?;
    for way in WAYS {
        let folder = root().join("examples").join(way.folder);
        let tally = folder.join("tally.c");
        match way.tally {
            Tally::Readme => {
                if !readme.contains(&format!("```c\n{}```", read(tally)?)) {
                    return Err(format!(
                        "examples/{}/tally.c is not what the README has",
                        way.folder
                    ));
                }
            }
            Tally::Own(name) => {
                read(folder.join(name))?;
                if tally.exists() {
                    return Err(format!("examples/{} has a tally.c too", way.folder));
                }
            }
        }
    }
    Ok(())
}

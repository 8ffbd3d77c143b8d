//! The package `pyshim`, and the examples that build with it: each with the real build system,
//! installed into fresh environments, imported and used.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::{Mutex, PoisonError};

use conformance::compile::C99;
use conformance::mode::extension_modes;
use conformance::place::{root, scratch};
use conformance::run::{run, succeed};
use conformance::trials::{self, trial};
use libtest_mimic::{Failed, Trial};
use pyshim_gen::audit::audit;
use pyshim_gen::new::{Name, Project, TOOLS, Tool};
use pyshim_gen::report::gate::{Gate, Outcome};
use pythons::Python;
use ways::{FUNCTION, Tally, Told, WAYS, Way};
use workshop::{Build, Installer, Tools, Workshop};

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
    trials.push(trial(
        &builders.gil,
        "package_is_reproducible",
        is_reproducible,
    ));
    trials.push(trial(&builders.gil, "editable", nothing_is_editable));
    trials.push(trial(&builders.gil, "command", the_command_says_where));
    trials.push(trial(&builders.gil, "vendor_script", vendoring_checks_sums));
    trials.push(trial(&builders.gil, "meson_version", meson_has_the_version));
    trials.push(trial(
        &builders.gil,
        "cmake_wishes",
        cmake_has_what_is_wished_for,
    ));
    trials.push(trial(
        &builders.gil,
        "cython_declarations",
        cython_takes_all_declarations,
    ));
    for python in [oldest(pythons, 8), of(pythons, 15, true)] {
        let builder = builders.gil.clone();
        trials.push(trial(&python, "vendored", move |python, name| {
            vendored_files_compile(python, &builder, name)
        }));
    }
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
        let python = &builders.free_threaded;
        let version = (Form::Version, python, vec![(Installer::Uv, python.clone())]);
        // One more environment to build in takes half a minute, so this is left to `cargo xtask soak`.
        let both = (env::var_os(EVERY_WAY).is_some() && way.both.is_some()).then(|| {
            let users = vec![
                (Installer::Pip, of(pythons, 15, false)),
                (Installer::Uv, builders.both.clone()),
            ];
            (Form::Both, &builders.both, users)
        });
        for (form, python, users) in stable.into_iter().chain([version]).chain(both) {
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
    /// The CPython that builds it.
    Version,
}

impl Form {
    fn word(self) -> &'static str {
        match self {
            Form::Stable => "abi3",
            Form::Both => "abi3t",
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
    let told = match (form, way.both) {
        (Form::Both, Some(both)) => both,
        (Form::Version, _) => Told {
            settings: way.settings[1],
            variables: &[],
        },
        _ => Told {
            settings: way.settings[0],
            variables: way.variables,
        },
    };
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
    auditors_have_nothing_to_say(workshop, &wheel)?;
    for (installer, user) in users {
        let environment = folder.join(format!("{installer:?}"));
        let installed = workshop.install(*installer, &wheel, way.needs, user, &environment)?;
        used(&mut Command::new(installed), user, called, way.adders)?;
    }
    Ok(())
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

/// Everything in the .pxd is there, as it is declared; and neither it nor the example gives Cython or
/// the compiler anything to warn of.
fn cython_takes_all_declarations(python: &Python, name: &str) -> Result<(), String> {
    let workshop = workshop(python)?;
    let folder = scratch(&format!("packages/{name}"));
    let package = root().join("python/src/pyshim");
    let mut declarations = workshop.command("python");
    let counts = succeed(
        declarations
            .current_dir(&folder)
            .arg(root().join("tests/packages/declarations.py"))
            .arg(&package),
    )?;
    let example = root().join("examples/cython/tally.pyx");
    fs::copy(example, folder.join("tally.pyx")).map_err(|error| error.to_string())?;
    let include = succeed(workshop.command("pyshim-config").arg("--include-dir"))?;
    let core = succeed(workshop.command("pyshim-config").arg("--sources"))?;
    for module in ["every", "tally"] {
        let mut cython = workshop.command("cython");
        cython.args(["-Wextra", "-Werror", &format!("{module}.pyx")]);
        succeed(cython.current_dir(&folder))?;
        let mut compiler = Command::new(C99.program);
        compiler
            .current_dir(&folder)
            .args([
                "-std=c99", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC",
            ])
            .args(["-I", include.trim_end()])
            .args(
                python
                    .include_dirs
                    .iter()
                    .map(|dir| format!("-isystem{}", dir.display())),
            )
            .args([&format!("{module}.c"), core.trim_end()])
            .args(["-o", &format!("{module}.so")]);
        succeed(&mut compiler)?;
    }
    let mut user = Command::new(&python.executable);
    let said = succeed(user.current_dir(&folder).args(["-c", EVERY]))?;
    if said == counts {
        Ok(())
    } else {
        Err(format!("declared: {counts}, and found: {said}"))
    }
}

/// How many functions, constants and fields there are.
const EVERY: &str = "
import every
functions = every.functions()
assert all(functions)
print(len(functions), len(every.constants()), len(every.Every().fields()))
";

fn is_reproducible(python: &Python, name: &str) -> Result<(), String> {
    let workshop = workshop(python)?;
    let folder = scratch(&format!("packages/{name}"));
    let read = |into: &str| {
        let wheel = workshop.package(&folder.join(into))?;
        fs::read(wheel).map_err(|error| error.to_string())
    };
    if read("first")? == read("second")? {
        Ok(())
    } else {
        Err("two builds of one checkout differ".to_owned())
    }
}

/// What pip does for `-e`, without pip, which would change the environment of all.
fn nothing_is_editable(python: &Python, name: &str) -> Result<(), String> {
    let wheels = scratch(&format!("packages/{name}"));
    let mut backend = workshop(python)?.command("python");
    backend.args([
        "-c",
        "import sys, hatchling.build as b; b.build_editable(sys.argv[1])",
    ]);
    let ran = run(backend.arg(&wheels).current_dir(root().join("python")))?;
    if !ran.success && ran.stderr.contains("install it without -e") {
        Ok(())
    } else {
        Err(format!("{}: {}", ran.status, ran.stderr))
    }
}

fn the_command_says_where(python: &Python, _name: &str) -> Result<(), String> {
    let workshop = workshop(python)?;
    for (option, file) in [
        ("--include-dir", "pyshim.h"),
        ("--include-dir", "pyshim/core.c"),
        ("--cmakedir", "pyshimConfigVersion.cmake"),
        ("--pkgconfigdir", "pyshim.pc"),
    ] {
        let said = succeed(workshop.command("pyshim-config").arg(option))?;
        let path = Path::new(said.trim_end()).join(file);
        if !path.exists() {
            return Err(format!("{option}: there is no {}", path.display()));
        }
    }
    let sources = succeed(workshop.command("pyshim-config").arg("--sources"))?;
    if !Path::new(sources.trim_end()).is_file() {
        return Err(format!("--sources: {sources}"));
    }
    // The pkg-config that knows the packages of its environment.
    let mut pkgconf = workshop.command("pkgconf-pypi");
    let found = succeed(pkgconf.args(["--variable=sources", "pyshim"]))?;
    if !Path::new(found.trim_end()).is_file() {
        return Err(format!("pkg-config finds `{found}`, and {sources}"));
    }
    let version = succeed(workshop.command("pyshim-config").arg("--version"))?;
    if version.trim() != env!("CARGO_PKG_VERSION") {
        return Err(format!("--version says {version}"));
    }
    let nothing = run(&mut workshop.command("pyshim-config"))?;
    if nothing.success || !nothing.stderr.contains("--help") {
        return Err(format!("without options: {}", nothing.stderr));
    }
    Ok(())
}

/// The script for vendoring takes files whose sums are those that a project has, and no others.
fn vendoring_checks_sums(python: &Python, name: &str) -> Result<(), String> {
    let folder = scratch(&format!("packages/{name}"));
    let release = folder.join("release");
    let mut made = workshop(python)?.command("pyshim-config");
    succeed(made.arg("--vendor").arg(&release))?;
    let write = |path: &Path, text: &str| fs::write(path, text).map_err(|error| error.to_string());
    let read = |path: PathBuf| fs::read_to_string(path).map_err(|error| error.to_string());
    let mut sha256sum = Command::new("sha256sum");
    let listed = sha256sum.args(["pyshim.h", "pyshim.c"]);
    let listed = succeed(listed.current_dir(&release))?;
    let [sums, one, empty] = ["sums", "one", "empty"].map(|name| folder.join(name));
    write(&sums, &listed)?;
    write(&one, listed.lines().next().unwrap_or_default())?;
    let project = folder.join("project");
    let vendor = |sums: &Path| {
        let mut vendor = Command::new("sh");
        vendor.arg(root().join("examples/vendor/vendor.sh"));
        run(vendor.arg(&release).arg(sums).arg(&project))
    };
    let refuses = |sums: &Path, words: &str| {
        let ran = vendor(sums)?;
        match !ran.success && ran.stderr.contains(words) {
            true => Ok(()),
            false => Err(format!(
                "`{words}` was expected, and it said: {}",
                ran.stderr
            )),
        }
    };
    refuses(&one, "has no sum of pyshim.c")?;
    write(
        &empty,
        &format!(
            "{}\n  pyshim.c\n",
            listed.lines().next().unwrap_or_default()
        ),
    )?;
    refuses(&empty, "has no sum of pyshim.c")?;
    if !vendor(&sums)?.success {
        return Err(format!("the sums are right: {}", vendor(&sums)?.stderr));
    }
    let core = read(project.join("pyshim.c"))?;
    write(&release.join("pyshim.c"), &format!("{core} "))?;
    refuses(&sums, "is as it was")?;
    let left = fs::read_dir(&project)
        .map_err(|error| error.to_string())?
        .count();
    if left == 2 && read(project.join("pyshim.c"))? == core {
        Ok(())
    } else {
        Err("a file with another sum changed the project".to_owned())
    }
}

/// A project may ask CMake for a version, or a range of them; and has to have C.
fn cmake_has_what_is_wished_for(python: &Python, name: &str) -> Result<(), String> {
    let workshop = workshop(python)?;
    let folder = scratch(&format!("packages/{name}"));
    let package = succeed(workshop.command("pyshim-config").arg("--cmakedir"))?;
    let dir = format!("-Dpyshim_DIR={}", package.trim_end());
    let parts: Vec<u32> = env!("CARGO_PKG_VERSION")
        .split('.')
        .filter_map(|part| part.parse().ok())
        .collect();
    let [major, minor, patch] = parts[..] else {
        return Err(format!("{parts:?} is no version of three numbers"));
    };
    let other = format!("{major}.{}", minor + 1);
    for (languages, wish, words) in [
        ("C", String::new(), None),
        ("C", format!("{major}.{minor}"), None),
        ("C", format!("{major}.{minor}.{patch} EXACT"), None),
        ("C", format!("0.0.1...{other}"), None),
        ("C", other, Some("pyshimConfig.cmake, version")),
        ("C", "0.0".to_owned(), Some("pyshimConfig.cmake, version")),
        (
            "C",
            format!("0.0...<{major}.{minor}.{patch}"),
            Some("pyshimConfig.cmake, version"),
        ),
        ("CXX", String::new(), Some("enable_language(C)")),
    ] {
        let project = format!(
            "cmake_minimum_required(VERSION 3.26...4.2)\nproject(wish LANGUAGES {languages})\n\
             find_package(pyshim {wish} CONFIG REQUIRED)\n"
        );
        fs::write(folder.join("CMakeLists.txt"), project).map_err(|error| error.to_string())?;
        let mut cmake = workshop.command("cmake");
        cmake.args(["-G", "Ninja", "--fresh", "-S"]).arg(&folder);
        let ran = run(cmake.arg("-B").arg(folder.join("build")).arg(&dir))?;
        let is_as_expected = words.map_or(ran.success, |words| {
            // CMake breaks lines where it likes.
            let said: Vec<&str> = ran.stderr.split_whitespace().collect();
            !ran.success && said.join(" ").contains(words)
        });
        if !is_as_expected {
            return Err(format!("`{wish}` in {languages}: {}", ran.stderr));
        }
    }
    Ok(())
}

/// A project may ask for a version of the subproject.
fn meson_has_the_version(python: &Python, _name: &str) -> Result<(), String> {
    let mut meson = workshop(python)?.command("meson");
    meson.args(["introspect", "--projectinfo"]);
    let project = succeed(meson.arg(root().join("meson.build")))?;
    let version = format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"));
    if project.contains(&version) {
        Ok(())
    } else {
        Err(format!("{version} was expected: {project}"))
    }
}

/// One header and one C file are all that a project needs, in each mode of its headers.
fn vendored_files_compile(python: &Python, builder: &Python, name: &str) -> Result<(), String> {
    let folder = scratch(&format!("packages/{name}"));
    let vendored = folder.join("vendored");
    let mut vendor = workshop(builder)?.command("pyshim-config");
    succeed(vendor.arg("--vendor").arg(&vendored))?;
    for mode in extension_modes(python) {
        let module = folder.join(format!("{}.so", mode.name));
        let mut compiler = Command::new(C99.program);
        compiler
            .args([
                &format!("-std={}", C99.standard),
                "-Wall",
                "-Wextra",
                "-Werror",
                "-shared",
                "-fPIC",
                "-I",
            ])
            .arg(&vendored)
            .args(&mode.flags)
            .args(
                python
                    .include_dirs
                    .iter()
                    .map(|dir| format!("-isystem{}", dir.display())),
            )
            .arg(root().join("examples/make/tally.c"))
            .arg(vendored.join("pyshim.c"))
            .arg("-o")
            .arg(&module);
        succeed(&mut compiler)?;
        let home = folder.join(&mode.name);
        fs::create_dir_all(&home).map_err(|error| error.to_string())?;
        fs::rename(&module, home.join("tally.so")).map_err(|error| error.to_string())?;
        let mut user = Command::new(&python.executable);
        used(user.current_dir(&home), python, EXAMPLE, FUNCTION)?;
    }
    Ok(())
}

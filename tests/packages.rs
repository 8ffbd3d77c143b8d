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
use pythons::Python;
use ways::{FUNCTION, Tally, WAYS, Way};
use workshop::{Installer, Workshop};

#[path = "packages/ways.rs"]
mod ways;
#[path = "packages/workshop.rs"]
mod workshop;

/// Threads add to the module's number, and to those of objects, and none is lost.
const USE: &str = "
import sys, threading, tally
for add in map(eval, sys.argv[1:]):
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
    trials.push(trial(&builders.gil, "command", the_command_says_where));
    trials.push(trial(&builders.gil, "vendor_script", vendoring_checks_sums));
    trials.push(trial(&builders.gil, "meson_version", meson_has_the_version));
    trials.push(trial(
        &builders.gil,
        "cython_declarations",
        cython_takes_all_declarations,
    ));
    for python in [of(pythons, 8, false), of(pythons, 15, true)] {
        let builder = builders.gil.clone();
        trials.push(trial(&python, "vendored", move |python, name| {
            vendored_files_compile(python, &builder, name)
        }));
    }
    let newest = of(pythons, 15, false);
    let users = [of(pythons, 8, false), newest.clone()];
    let builder = builders.gil.clone();
    trials.push(trial(&newest, "cmake::suffix", move |python, name| {
        every_cpython_looks_for_the_suffix(python, &builder, &users, name)
    }));
    trials.push(trial(
        &builders.free_threaded,
        "refusals",
        no_wheel_promises_too_much,
    ));
    for way in WAYS {
        let stable = way.stable_from.map(|oldest| {
            let users = vec![
                (Installer::Pip, of(pythons, oldest, false)),
                (Installer::Uv, of(pythons, 15, false)),
            ];
            (Form::Stable, &builders.gil, users)
        });
        let python = &builders.free_threaded;
        let version = (Form::Version, python, vec![(Installer::Uv, python.clone())]);
        // One more environment to build in takes half a minute, so this is left to `cargo xtask soak`.
        let both = (env::var_os(EVERY_WAY).is_some() && !way.both.is_empty()).then(|| {
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

/// Set where all that can be built is built.
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
    let made = Workshop::of(python)?;
    made.add(&made.package(&scratch(&format!("packages/package/{label}")))?)?;
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
    let workshop = workshop(python)?;
    let folder = scratch(&format!("packages/{name}"));
    let project = project(way, &folder)?;
    let variables = match form {
        Form::Stable => way.variables,
        Form::Both => way.both,
        Form::Version => &[],
    };
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
            used(python.current_dir(&project), user, way.adders)?;
        }
        return Ok(());
    }
    let settings = way.settings[usize::from(form == Form::Version)];
    let wheel = workshop.wheel(&project, &folder.join("wheel"), settings, variables)?;
    for (installer, user) in users {
        let environment = folder.join(format!("{installer:?}"));
        let installed = workshop.install(*installer, &wheel, way.needs, user, &environment)?;
        used(&mut Command::new(installed), user, way.adders)?;
    }
    Ok(())
}

/// scikit-build-core would put the stable ABI into the tag, whatever these made of it.
fn no_wheel_promises_too_much(python: &Python, name: &str) -> Result<(), String> {
    let workshop = workshop(python)?;
    let folder = scratch(&format!("packages/{name}"));
    for tool in ["pybind11", "nanobind"] {
        let project = root().join("examples").join(tool);
        let made = workshop.wheel(&project, &folder, &["wheel.py-api=cp314t"], &[]);
        let expected = format!("{tool} has no stable ABI");
        if !made.is_err_and(|said| said.contains(&expected)) {
            return Err(format!("`{expected}` was expected"));
        }
    }
    Ok(())
}

/// CMake by itself, with a CPython whose own suffix no older one looks for.
fn every_cpython_looks_for_the_suffix(
    python: &Python,
    builder: &Python,
    users: &[Python],
    name: &str,
) -> Result<(), String> {
    let workshop = workshop(builder)?;
    let folder = scratch(&format!("packages/{name}"));
    let package = succeed(workshop.command("pyshim-config").arg("--cmakedir"))?;
    let mut configure = workshop.command("cmake");
    configure
        .args(["-G", "Ninja", "-S"])
        .arg(root().join("examples/cmake"))
        .arg("-B")
        .arg(&folder)
        .arg(format!(
            "-DPython_EXECUTABLE={}",
            python.executable.display()
        ))
        .arg(format!("-Dpyshim_DIR={}", package.trim_end()))
        .arg("-DSKBUILD_SABI_VERSION=3.8")
        .arg("-DSKBUILD_SABI_COMPONENT=Development.SABIModule");
    succeed(&mut configure)?;
    succeed(workshop.command("cmake").arg("--build").arg(&folder))?;
    for user in users {
        let mut python = Command::new(&user.executable);
        used(python.current_dir(&folder), user, FUNCTION)?;
    }
    Ok(())
}

fn used(python: &mut Command, user: &Python, adders: &[&str]) -> Result<(), String> {
    let python = python.env_remove("PYTHON_GIL").args(["-c", USE]);
    let said = succeed(python.args(adders))?;
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
    let (sums, one) = (folder.join("sums"), folder.join("one"));
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
        used(user.current_dir(&home), python, FUNCTION)?;
    }
    Ok(())
}

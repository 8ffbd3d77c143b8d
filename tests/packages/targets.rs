//! What one source becomes with `pyshim.targets`, which says what `pyshim config` says: a module for one
//! CPython, for a stable ABI, or for all, by the build systems that it serves.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use conformance::place::{root, scratch};
use conformance::run::{run, succeed};
use conformance::trials::trial;
use libtest_mimic::Trial;
use pyshim_gen::config::target::Target;
use pyshim_gen::config::{Request, config};
use pyshim_gen::model::version::Version;
use pyshim_gen::observe::python::ask;
use pythons::Python;

use super::ways::FUNCTION;
use super::workshop::{Installer, Workshop, wheel_in};
use super::{EXAMPLE, auditors_have_nothing_to_say, of, oldest, several, used, workshop};

pub(crate) fn trials(pythons: &[Python]) -> Vec<Trial> {
    let agreement = pythons.iter().map(|python| {
        trial(python, "targets", |python, _| {
            it_says_what_the_command_says(python)
        })
    });
    let mut trials = Vec::from_iter(agreement);
    let builder = of(pythons, 14, false);
    // The headers that have every target but abi3t, which those of either build have.
    let newest = of(pythons, 15, false);
    for target in Target::ALL {
        let users = users(target, pythons);
        for (tool, build) in TOOLS {
            let (builder, users) = (builder.clone(), users.clone());
            let name = format!("{tool}::as_{}", target.name());
            trials.push(trial(&newest, &name, move |python, name| {
                let workshop = workshop(&builder)?;
                let folder = scratch(&format!("packages/{name}"));
                let project = folder.join("project");
                let example = root().join("examples").join(tool);
                succeed(Command::new("cp").arg("-rL").arg(example).arg(&project))?;
                build(&Order {
                    workshop: &workshop,
                    project: &project,
                    python,
                    target,
                    users: &users,
                })
            }));
        }
    }
    trials.push(trial(&builder, "refused_targets", the_reason_is_said));
    trials.push(trial(&builder, "cythonize", cythonize_keeps_the_target));
    trials.push(trial(&builder, "conflicting_macros", |python, name| {
        cmake_sees_other_macros(python, name)?;
        setuptools_sees_other_macros(python, name)
    }));
    trials.push(trial(&newest, "setup_helpers", {
        let builder = builder.clone();
        move |python, name| several::is_built(python, &builder, name)
    }));
    let users = users(Target::Abi3, pythons);
    trials.push(trial(&newest, "cmake::suffix", move |python, name| {
        let project = scratch(&format!("packages/{name}"));
        let source = root().join("examples/cmake/tally.c");
        let copied = std::fs::copy(source, project.join("tally.c"));
        let written = std::fs::write(project.join("CMakeLists.txt"), USE_SABI);
        copied.and(written).map_err(|error| error.to_string())?;
        cmake(&Order {
            workshop: &workshop(&builder)?,
            project: &project,
            python,
            target: Target::Abi3,
            users: &users,
        })
    }));
    trials
}

/// CMake's own way to the stable ABI. Here it has a CPython whose own suffix no older one looks for.
const USE_SABI: &str = "
cmake_minimum_required(VERSION 3.26...4.2)
project(tally LANGUAGES C)
find_package(Python REQUIRED COMPONENTS Interpreter Development.SABIModule)
find_package(pyshim CONFIG REQUIRED)
python_add_library(tally MODULE WITH_SOABI USE_SABI 3.8 tally.c)
target_link_libraries(tally PRIVATE pyshim::core)
";

/// What is to be built, with whose headers, and who uses it.
struct Order<'a> {
    workshop: &'a Workshop,
    project: &'a Path,
    python: &'a Python,
    target: Target,
    users: &'a [Python],
}

/// Builds a project, and has the module used.
type Build = fn(&Order<'_>) -> Result<(), String>;

const TOOLS: [(&str, Build); 3] = [("setuptools", wheel), ("make", make), ("cmake", cmake)];

/// The two at the ends of what loads it, and one without the GIL and with no stable ABI of its own.
fn users(target: Target, pythons: &[Python]) -> Vec<Python> {
    let newest = of(pythons, 15, false);
    match target {
        Target::Version => vec![newest],
        Target::Abi3 => vec![oldest(pythons, 8), newest],
        Target::Abi3t => vec![newest, of(pythons, 15, true)],
        Target::Universal => vec![
            oldest(pythons, 8),
            of(pythons, 13, true),
            of(pythons, 15, true),
        ],
    }
}

/// By pip's other half, in an environment of its own.
fn wheel(order: &Order<'_>) -> Result<(), String> {
    let Order {
        workshop, project, ..
    } = order;
    let into = project.join("dist");
    let mut uv = workshop.command("uv");
    uv.args(["build", "--quiet", "--wheel", "--refresh-package", "pyshim"])
        .arg("--find-links")
        .arg(workshop.wheels())
        .arg("--python")
        .arg(&order.python.executable)
        .arg("--out-dir")
        .arg(&into)
        .arg(project)
        .env("TALLY_ABI", order.target.name());
    succeed(&mut uv)?;
    let made = wheel_in(&into)?;
    auditors_have_nothing_to_say(workshop, &made)?;
    for user in order.users {
        let environment = project.join(user.label.to_string());
        let installed = workshop.install(Installer::Uv, &made, &[], user, &environment)?;
        used(&mut Command::new(installed), user, EXAMPLE, FUNCTION)?;
    }
    Ok(())
}

/// The interpreter has the package in an environment.
pub(crate) fn with_package(
    workshop: &Workshop,
    python: &Python,
    folder: &Path,
) -> Result<PathBuf, String> {
    let package = workshop.package_wheel()?;
    workshop.install(Installer::Uv, &package, &[], python, folder)
}

fn make(order: &Order<'_>) -> Result<(), String> {
    let environment = order.project.join("environment");
    let python = with_package(order.workshop, order.python, &environment)?;
    let mut make = Command::new("make");
    make.current_dir(order.project)
        .arg(format!("PYTHON={}", python.display()))
        .arg(format!("TALLY_ABI={}", order.target.name()));
    succeed(&mut make)?;
    all_use(order.users, order.project)
}

/// CMake's Python is not the one that has the package.
fn cmake(order: &Order<'_>) -> Result<(), String> {
    let workshop = order.workshop;
    let package = succeed(workshop.command("pyshim-config").arg("--cmakedir"))?;
    let built = order.project.join("build");
    let mut configure = workshop.command("cmake");
    configure
        .args(["-G", "Ninja", "-S"])
        .arg(order.project)
        .arg("-B")
        .arg(&built)
        .arg(format!(
            "-DPython_EXECUTABLE={}",
            order.python.executable.display()
        ))
        .arg(format!("-Dpyshim_DIR={}", package.trim_end()))
        .arg(format!("-DTALLY_ABI={}", order.target.name()))
        // The core stays a file of its own.
        .arg("-DCMAKE_UNITY_BUILD=ON");
    succeed(&mut configure)?;
    succeed(workshop.command("cmake").arg("--build").arg(&built))?;
    all_use(order.users, &built)
}

fn all_use(users: &[Python], folder: &Path) -> Result<(), String> {
    for user in users {
        let mut python = Command::new(&user.executable);
        used(python.current_dir(folder), user, EXAMPLE, FUNCTION)?;
    }
    Ok(())
}

/// A line for each target and oldest version: macros, suffix and tag.
const SAY: &str = "
import runpy, sys
said = runpy.run_path(sys.argv[1])
for name in said['TARGETS']:
    for since in ['', *sys.argv[2:]]:
        try:
            one = said['Target'](name, since or None)
            macros = ' '.join('='.join(pair) for pair in one.macros)
            print(name, since, macros, one.suffix, '-'.join(one.tag))
        except said['Refused']:
            print(name, since, 'refused')
";

const SINCE: [&str; 5] = ["3.7", "3.8", "3.9", "3.14", "3.15"];

fn it_says_what_the_command_says(python: &Python) -> Result<(), String> {
    let host = ask(&python.executable, Duration::from_secs(60));
    let host = host.map_err(|failure| format!("{failure:?}"))?;
    let mut expected = String::new();
    for target in Target::ALL {
        for since in [""].into_iter().chain(SINCE) {
            let request = Request {
                target,
                since: Version::parse(since),
            };
            let said = match config(&host, &request) {
                Ok(config) => {
                    let macros = config
                        .macros
                        .iter()
                        .map(|(name, value)| format!("{name}={value}"));
                    let tag = config.tag.trim_end_matches(&config.platform);
                    let tag = tag.trim_end_matches('-');
                    format!(
                        "{} {} {tag}",
                        Vec::from_iter(macros).join(" "),
                        config.suffix
                    )
                }
                Err(_) => "refused".to_owned(),
            };
            expected.push_str(&format!("{} {since} {said}\n", target.name()));
        }
    }
    let mut say = Command::new(&python.executable);
    say.args(["-c", SAY]);
    say.arg(root().join("python/src/pyshim/targets.py"));
    let said = succeed(say.args(SINCE))?;
    match said == expected {
        true => Ok(()),
        false => Err(format!(
            "pyshim.targets:\n{said}\npyshim config:\n{expected}"
        )),
    }
}

/// Each build system stops, and says what `pyshim.targets` says.
fn the_reason_is_said(python: &Python, name: &str) -> Result<(), String> {
    let workshop = &workshop(python)?;
    let folder = scratch(&format!("packages/{name}"));
    let example = |name: &str| root().join("examples").join(name);
    let reason = "universal needs headers of CPython 3.15 or later, and these are of 3.14";
    let mut setuptools = workshop.command("python");
    setuptools
        .args(["setup.py", "--quiet", "build", "--build-base"])
        .arg(&folder)
        .current_dir(example("setuptools"))
        .env("TALLY_ABI", "universal");
    let mut make = workshop.command("make");
    make.args(["PYTHON=python", "TALLY_ABI=universal", "-C"]);
    make.arg(example("make"));
    let mut cmake = workshop.command("cmake");
    let package = succeed(workshop.command("pyshim-config").arg("--cmakedir"))?;
    cmake
        .arg(format!("-Dpyshim_DIR={}", package.trim_end()))
        .arg(format!(
            "-DPython_EXECUTABLE={}",
            python.executable.display()
        ))
        .args(["-DTALLY_ABI=universal", "-G", "Ninja", "-B"])
        .arg(&folder)
        .arg("-S")
        .arg(example("cmake"));
    for mut tool in [setuptools, make, cmake] {
        run(&mut tool)?.expect(Some(reason), &format!("{tool:?}"))?;
    }
    Ok(())
}

/// A macro that CMake or the author gives, and that says something else than the target.
fn cmake_sees_other_macros(python: &Python, name: &str) -> Result<(), String> {
    let workshop = workshop(python)?;
    let folder = scratch(&format!("packages/{name}/cmake"));
    let package = succeed(workshop.command("pyshim-config").arg("--cmakedir"))?;
    std::fs::write(folder.join("tally.c"), "").map_err(|error| error.to_string())?;
    let stops = Some("leave it out, which USE_SABI");
    for (sabi, wish, words) in [
        ("3.8", "abi3", None),
        ("3.11", "abi3 SINCE 3.11", None),
        ("3.11", "abi3", stops),
        ("3.8", "abi3 SINCE 3.9", stops),
        ("3.8", "version", stops),
    ] {
        let project = USE_SABI.replace("USE_SABI 3.8", &format!("USE_SABI {sabi}"));
        let other = "target_compile_definitions(tally PRIVATE $<$<CONFIG:Debug>:MINE=1>)";
        let project = format!("{project}{other}\npyshim_build_as(tally {wish})\n");
        std::fs::write(folder.join("CMakeLists.txt"), project)
            .map_err(|error| error.to_string())?;
        let mut cmake = workshop.command("cmake");
        cmake.args(["-G", "Ninja", "--fresh", "-S"]).arg(&folder);
        cmake.arg(format!("-Dpyshim_DIR={}", package.trim_end()));
        cmake.arg(format!(
            "-DPython_EXECUTABLE={}",
            python.executable.display()
        ));
        let ran = run(cmake.arg("-B").arg(folder.join("build")))?;
        ran.expect(words, &format!("USE_SABI {sabi}, {wish}"))?;
    }
    Ok(())
}

/// An extension as Py_LIMITED_API of the environment has it.
const LIMITED: &str = "
import os
from pyshim.setup_helpers import Extension, cmdclass
from setuptools import setup
macros = [('Py_LIMITED_API', os.environ['LIMITED']), ('MINE', None)]
extension = Extension('demo', ['demo.c'], target='abi3', since='3.9', define_macros=macros)
setup(name='demo', ext_modules=[extension], cmdclass=cmdclass)
";

fn setuptools_sees_other_macros(python: &Python, name: &str) -> Result<(), String> {
    let workshop = workshop(python)?;
    let folder = scratch(&format!("packages/{name}/setuptools"));
    let written = std::fs::write(folder.join("setup.py"), LIMITED);
    let written = written.and_then(|()| std::fs::write(folder.join("demo.c"), ""));
    written.map_err(|error| error.to_string())?;
    for (limited, expected) in [
        ("0x03090000", None),
        ("0X03090000", None),
        (
            "0x030B0000",
            Some("Py_LIMITED_API is 0x030B0000 among the macros of demo"),
        ),
    ] {
        let mut setup = workshop.command("python");
        setup.args(["setup.py", "--quiet", "build_ext", "--force"]);
        let ran = run(setup.current_dir(&folder).env("LIMITED", limited))?;
        ran.expect(expected, limited)?;
    }
    Ok(())
}

/// What cythonize() makes of an extension is one for the same target, or nothing.
const CYTHONIZED: &str = "
from Cython.Build import cythonize
from pyshim.setup_helpers import Extension, create_extension
made, = cythonize([Extension('demo', ['demo.pyx'], target='abi3')], create_extension=create_extension)
assert made.wanted == 'abi3' and made.suffix == '.abi3.so', vars(made)
try:
    cythonize([Extension('demo', ['demo.pyx'], target='abi3')], force=True)
except SystemExit as refused:
    assert 'create_extension' in str(refused), refused
else:
    raise AssertionError('the target was forgotten')
";

fn cythonize_keeps_the_target(python: &Python, name: &str) -> Result<(), String> {
    let folder = scratch(&format!("packages/{name}"));
    std::fs::write(folder.join("demo.pyx"), "").map_err(|error| error.to_string())?;
    let mut cython = workshop(python)?.command("python");
    succeed(cython.current_dir(&folder).args(["-c", CYTHONIZED])).map(drop)
}

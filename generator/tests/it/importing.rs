//! `pyshim audit --import-check`, and which interpreter that runs.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use pyshim_gen::observe::find::named;

use crate::compilers::run;
use crate::project::run_in;
use crate::scratch;
use crate::zip::{self, Member};

const WHEEL: &str = "demo-1.0-cp38-abi3-linux_x86_64.whl";

/// A module that needs another one.
const SOURCE: &str = "
struct definition { long head[5]; const char *name, *doc; long size; void *rest[5]; };
static struct definition definition = {{1}, \"demo\", 0, -1};
extern void *PyImport_ImportModule(const char *);
extern void *PyModule_Create2(struct definition *, int);
void *PyInit_demo(void)
{
    return PyImport_ImportModule(\"pyshim_needed\") ? PyModule_Create2(&definition, 3) : 0;
}
";

fn wheel(folder: &Path) {
    let (source, built) = (folder.join("demo.c"), folder.join("demo.abi3.so"));
    scratch::write(&source, SOURCE);
    let mut cc = Command::new("cc");
    cc.args(["-w", "-shared", "-fPIC", "-nostdlib", "-o"]);
    run(cc.arg(&built).arg(&source)).expect("it compiles");
    let data = std::fs::read(&built).expect("it was built");
    let wheel = zip::write(&[Member::new("demo.abi3.so", &data)]);
    std::fs::write(folder.join(WHEEL), wheel).expect("the wheel can be written");
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn what_is_installed_in_a_virtual_environment_is_there() {
    let folder = scratch::folder();
    wheel(folder.path());
    let python = named(Path::new("3.14"), Duration::from_secs(30));
    let python = python.expect("the CPythons of this project are installed");
    let mut venv = Command::new(python.executable);
    venv.args(["-I", "-m", "venv", "--without-pip", "venv"]);
    run(venv.current_dir(folder.path())).expect("an environment can be made");
    // The paths are from here, and an import begins in another folder.
    let arguments = ["audit", "--import-check", "venv/bin/python", WHEEL];
    let lacking = run_in(folder.path(), &arguments);
    let words = "`pyshim_needed` has to be installed first";
    assert!(lacking.stdout.contains(words), "{}", lacking.stdout);
    let packages = folder.path().join("venv/lib/python3.14/site-packages");
    scratch::write(&packages.join("pyshim_needed.py"), "");
    let found = run_in(folder.path(), &arguments).exits_with(0);
    assert!(!found.stdout.contains(words), "{}", found.stdout);
}

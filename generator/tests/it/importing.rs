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

fn wheel(folder: &Path, text: &str, name: &str, others: &[Member]) {
    let (source, built) = (folder.join("demo.c"), folder.join("demo.abi3.so"));
    scratch::write(&source, text);
    let mut cc = Command::new("cc");
    cc.args(["-w", "-shared", "-fPIC", "-nostdlib", "-o"]);
    run(cc.arg(&built).arg(&source)).expect("it compiles");
    let data = std::fs::read(&built).expect("it was built");
    let members = [Member::new("demo/demo.abi3.so", &data)].into_iter();
    let wheel = zip::write(&Vec::from_iter(members.chain(others.iter().cloned())));
    std::fs::write(folder.join(name), wheel).expect("the wheel can be written");
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn what_is_installed_in_a_virtual_environment_is_there() {
    let folder = scratch::folder();
    wheel(folder.path(), SOURCE, WHEEL, &[]);
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

/// An environment without anything that is installed, and what is said of a wheel that is imported there.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[track_caller]
fn imported(version: &str, source: &str, name: &str, others: &[Member]) -> String {
    let folder = scratch::folder();
    wheel(folder.path(), source, name, others);
    let arguments = ["audit", "--fail-on", "api", "--import-check", version, name];
    run_in(folder.path(), &arguments).stdout
}

/// As igraph has it: the module can be imported once in a process, and its package needs another.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn what_is_imported_alone_is_in_a_process_of_its_own() {
    let source = "
struct definition { long head[5]; const char *name, *doc; long size; void *rest[5]; };
static struct definition definition = {{1}, \"demo\", 0, -1};
extern void *PyModule_Create2(struct definition *, int), *PyExc_RuntimeError;
extern void PyErr_SetString(void *, const char *);
void *PyInit_demo(void)
{
    static int is_imported;
    if (is_imported++) {
        PyErr_SetString(PyExc_RuntimeError, \"once\");
        return 0;
    }
    return PyModule_Create2(&definition, 3);
}
";
    let package =
        "import sys; from . import demo; sys.modules.pop('demo.demo'); import pyshim_needed";
    let package = [Member::new("demo/__init__.py", package.as_bytes())];
    let said = imported("3.12", source, WHEEL, &package);
    assert!(said.contains("3.12  imports"), "{said}");
}

/// A crash after something optional was looked for, which the module has done without.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn a_crash_is_none_for_want_of_what_was_optional() {
    let source = |after: &str| {
        format!(
            "
extern void *PyImport_ImportModule(const char *);
extern void PyErr_Clear(void), abort(void);
void *PyInit_demo(void)
{{
    PyImport_ImportModule(\"pyshim_needed\");
    PyErr_Clear();
    {after}
    abort();
}}
"
        )
    };
    let lacks = imported("3.12", &source(""), WHEEL, &[]);
    assert!(lacks.contains("`pyshim_needed` has to be"), "{lacks}");
    for (first, second) in [
        ("pyshim_needed", "fractions"),
        ("winreg", "fractions"),
        ("winreg", "_winapi"),
    ] {
        let goes_on = source(&format!("PyImport_ImportModule(\"{second}\");"));
        let goes_on = goes_on.replace("pyshim_needed", first);
        let crashes = imported("3.12", &goes_on, WHEEL, &[]);
        assert!(
            crashes.contains("3.12  crashes"),
            "{first} {second}: {crashes}"
        );
    }
}

/// As gmpy2 has it: the GIL slot is written when the module is imported.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn an_import_that_keeps_the_gil_off_is_believed() {
    let source = "
struct slot { int id; void *value; };
static struct slot slots[] = {{4, (void *)0}, {0, 0}};
static struct {
    long head[7]; /* as in free-threaded builds, and immortal */
    const char *name, *doc;
    long size;
    void *methods;
    struct slot *slots;
    void *rest[3];
} definition = {{0, -1L << 32}, \"demo\", 0, 0, 0, slots};
extern void *PyModuleDef_Init(void *);
void *PyInit_demo(void)
{
    CHANGE;
    return PyModuleDef_Init(&definition);
}
";
    let name = "demo-1.0-cp314-cp314t-linux_x86_64.whl";
    let said = |change: &str| imported("3.14t", &source.replace("CHANGE", change), name, &[]);
    let changed = said("slots[0].value = (void *)1");
    assert!(!changed.contains("A305"), "{changed}");
    let kept = said("");
    assert!(kept.contains("A305") && kept.contains("A604"), "{kept}");
}

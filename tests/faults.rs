//! Every public function while something fails: each allocation in turn, and each call of CPython's.
//! Nothing leaks, stays locked, or loses the exception that was pending. `tests/faults` has the
//! extension that does it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use conformance::compile::{C99, object};
use conformance::place::{root, scratch};
use conformance::run::{succeed, succeed_within};
use conformance::trials;
use libtest_mimic::{Failed, Trial};
use pythons::Python;

/// There are about a thousand, so fewer than this mean that it is not tried any more.
const FEWEST_FAILURES: usize = 500;

/// What the C core calls of CPython's and cannot fail, or, for those that raise, always has; and what it
/// makes tuples with or warns with.
const CANNOT_FAIL: &[&str] = &[
    "PyBaseObject_Type",
    "PyCapsule_GetPointer",
    "PyErr_Clear",
    "PyErr_ExceptionMatches",
    "PyErr_Fetch",
    "PyErr_Format",
    "PyErr_NoMemory",
    "PyErr_NormalizeException",
    "PyErr_Occurred",
    "PyErr_Restore",
    "PyErr_WarnFormat",
    "PyErr_WriteUnraisable",
    "PyEval_GetFrame",
    "PyEval_RestoreThread",
    "PyEval_SaveThread",
    "PyExc_AttributeError",
    "PyExc_BufferError",
    "PyExc_ImportError",
    "PyExc_ResourceWarning",
    "PyExc_RuntimeError",
    "PyExc_SystemError",
    "PyExc_TypeError",
    "PyExc_ValueError",
    "PyException_SetContext",
    "PyException_SetTraceback",
    "PyGILState_GetThisThreadState",
    "PyInterpreterState_GetID",
    "PyModule_GetDef",
    "PyModule_GetState",
    "PyObject_Free",
    "PyObject_GC_Del",
    "PyObject_GC_Track",
    "PyObject_GC_UnTrack",
    "PyObject_Type",
    "PyThreadState_Clear",
    "PyThreadState_Delete",
    "PyThreadState_Get",
    "PyThreadState_Swap",
    "PyThread_get_thread_ident",
    "PyTuple_GetItem",
    "PyTuple_Size",
    "PyType_GetFlags",
    "PyType_GetSlot",
    "PyType_IsSubtype",
    "PyType_Type",
    "Py_BuildValue",
    "Py_DecRef",
    "Py_FatalError",
    "Py_IncRef",
];

/// Whether a CPython of this minor version is one of those.
type Only = fn(u32) -> bool;

/// What is called on some CPythons only.
const ONLY_ON: &[(&str, Only)] = &[
    // Before 3.13 there are no sections to be tried, nor two builds to be told apart.
    ("PyList_New", |minor| minor >= 13),
    ("PyUnicode_Contains", |minor| minor >= 13),
    // Before 3.11 an attribute of a type leads to its module.
    ("PyObject_GetAttr", |minor| minor < 11),
    ("PyObject_SetAttr", |minor| minor < 11),
    // sys.abi_info
    ("PyObject_IsTrue", |minor| minor >= 15),
    // From then on CPython has a function that does it.
    ("PyThreadState_New", |minor| minor < 15),
];

fn main() -> ExitCode {
    trials::on_interpreters(all)
}

fn all(pythons: &[Python]) -> Vec<Trial> {
    let mut trials: Vec<Trial> = chosen(pythons)
        .into_iter()
        .map(|python| {
            let python = python.clone();
            let name = python.label.to_string();
            Trial::test(name.clone(), move || {
                nothing_leaks(&python, &name).map_err(Failed::from)
            })
        })
        .collect();
    trials.push(Trial::test("every_function_is_tried", || {
        every_function_is_tried().map_err(Failed::from)
    }));
    trials.push(Trial::test("every_call_can_fail", || {
        every_call_can_fail().map_err(Failed::from)
    }));
    trials
}

/// GIL-enabled CPythons that do not go on by themselves when memory is short, whoever calls them. 3.10 reads
/// the NULLs that it leaves where the cache of another interpreter's attributes was cleared, as this test
/// does to tell it from a leak; 3.12 and 3.13 try for ever to make the number of an instruction.
const HELPLESS: [u32; 3] = [10, 12, 13];

/// Free-threaded ones, and the oldest and the newest of the others: what CPython does when memory
/// is short changes little from version to version.
fn chosen(pythons: &[Python]) -> Vec<&Python> {
    let (free_threaded, others): (Vec<&Python>, Vec<&Python>) =
        pythons.iter().partition(|python| python.free_threaded);
    let age = |python: &&&Python| python.version.minor();
    let is_helpless = |python: &&&Python| HELPLESS.contains(&python.version.minor());
    let oldest = others.iter().filter(|it| !is_helpless(it)).min_by_key(age);
    let newest = others.iter().max_by_key(age);
    let mut chosen: Vec<&Python> = oldest.into_iter().chain(newest).copied().collect();
    chosen.extend(free_threaded);
    chosen
}

fn read(path: &str) -> Result<String, String> {
    std::fs::read_to_string(root().join(path)).map_err(|error| format!("{path}: {error}"))
}

fn build(python: &Python, name: &str) -> Result<PathBuf, String> {
    let folder = scratch(&format!("faults::{name}"));
    let compiled = folder.join("faults.o");
    let flags = ["-D_GNU_SOURCE", "-Wno-pedantic"].map(str::to_owned);
    let source = root().join("tests/faults/faults.c");
    object(C99, Some(python), &flags, &source, &compiled)?;
    let mut command = Command::new(C99.program);
    command.args(["-shared", "-pthread"]).arg(&compiled);
    succeed(command.arg("-o").arg(folder.join("faults.so")))?;
    Ok(folder)
}

fn nothing_leaks(python: &Python, name: &str) -> Result<(), String> {
    let folder = build(python, name)?;
    let code = "
import gc, sys
sys.unraisablehook = lambda _: None  # what CPython itself says when it has no memory
gc.collect()
gc.freeze()
import faults
complaints, n_failures, fired = faults.run()
print(''.join(complaints[:20]), end='')
print(n_failures, *fired)
";
    let mut command = Command::new(&python.executable);
    command
        .current_dir(&folder)
        .env_remove("PYTHON_GIL")
        .env("PYSHIM_CHECK", "1")
        .env("PYSHIM_STACK_REF_CHECKS", "1")
        .args(["-c", code]);
    let output = succeed_within(&mut command, 300)?;
    let mut words = output.split_whitespace();
    let Some(Ok(failures)) = words.next().map(str::parse::<usize>) else {
        return Err(output);
    };
    if failures < FEWEST_FAILURES {
        return Err(format!("only {failures} failures were tried"));
    }
    let fired: BTreeSet<&str> = words.collect();
    let calls = read("tests/faults/calls.h")?;
    let mut idle = made_to_fail(&calls);
    let minor = python.version.minor();
    let is_called = |name: &str| {
        let mut only = ONLY_ON.iter().filter(|(it, _)| *it == name);
        only.all(|(_, on)| on(minor))
    };
    idle.retain(|name| is_called(name) && !fired.contains(format!("faults_{name}").as_str()));
    if idle.is_empty() {
        Ok(())
    } else {
        Err(format!(
            "{idle:?} never failed, so nothing was tried with that"
        ))
    }
}

/// What calls.h has another function for.
fn made_to_fail(calls: &str) -> BTreeSet<&str> {
    calls
        .lines()
        .filter_map(|line| line.strip_prefix("#define "))
        .filter_map(|line| line.split_once(" faults_"))
        .map(|(name, _)| name)
        // Which never fails.
        .filter(|name| *name != "free")
        .collect()
}

/// The names of the manifest, so that a new function fails this until it is tried too.
fn every_function_is_tried() -> Result<(), String> {
    let reading = pyshim_gen::read(&root().join("abi")).map_err(|error| error.to_string())?;
    let model = reading.model.ok_or("no manifest")?;
    let acts = read("tests/faults/acts.h")?;
    let called: BTreeSet<&str> = acts
        .match_indices('(')
        .filter_map(|(at, _)| {
            let before = &acts[..at];
            let start = before.rfind(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
            start.map(|start| &before[start + 1..])
        })
        .collect();
    let missing: Vec<&str> = model
        .functions()
        .filter(|(entry, _)| !entry.is_removed())
        .map(|(entry, _)| entry.name.as_str())
        .filter(|name| !called.contains(name))
        .collect();
    if missing.is_empty() {
        Ok(())
    } else {
        Err(format!("tests/faults/acts.h does not call {missing:?}"))
    }
}

/// What the core calls either is made to fail, or cannot.
fn every_call_can_fail() -> Result<(), String> {
    let calls = read("tests/faults/calls.h")?;
    let made_to_fail = made_to_fail(&calls);
    let folder = scratch("faults::calls");
    let core = folder.join("core.o");
    let flags = ["-DPYSHIM_NO_PYTHON_H", "-DPYSHIM_STACK_REF_CHECKS"].map(str::to_owned);
    object(C99, None, &flags, &root().join("shim/csrc/pyshim.c"), &core)?;
    let mut command = Command::new("nm");
    let output = succeed(command.args(["-u", "--format=posix"]).arg(&core))?;
    let allocators = ["malloc", "calloc", "realloc", "dlsym"];
    let forgotten: Vec<&str> = output
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| name.starts_with("Py") || allocators.contains(name))
        .filter(|name| !made_to_fail.contains(name) && !CANNOT_FAIL.contains(name))
        .collect();
    if forgotten.is_empty() {
        Ok(())
    } else {
        Err(format!(
            "the C core calls {forgotten:?}, and nothing says whether they can fail"
        ))
    }
}

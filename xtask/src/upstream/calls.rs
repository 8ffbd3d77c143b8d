//! Calls of pyo3-ffi's own functions, in real interpreters.

use super::{Difference, Probe};
use crate::failure::{Failure, could_not};
use pythons::Python;
use std::process::Command;

/// The library that has the calls; a reproducer of its own.
pub(super) const LIBRARY: &str = include_str!("../../../docs/upstream/pyo3-ffi.rs");

/// Prints what the interpreter says, and what the library does.
const PROGRAM: &str = "\
import ctypes, sys
refcnt = ctypes.PyDLL(sys.argv[1]).refcnt
refcnt.argtypes, refcnt.restype = [ctypes.py_object], ctypes.c_ssize_t
print(sys.getrefcount(None), refcnt(None), sys.version_info >= (3, 12))
";

/// What differs, with the CPython where it does.
pub(super) fn ask(
    probe: &Probe,
    pythons: &[Python],
    compared: &[(String, usize)],
) -> Result<Vec<(String, Difference)>, Failure> {
    let mut differences = Vec::new();
    for (label, _) in compared {
        let Some(python) = pythons.iter().find(|p| p.label.to_string() == *label) else {
            continue;
        };
        let silent =
            |why: String| Failure::CouldNot(format!("CPython {label} says nothing: {why}"));
        // Otherwise the library would be that of the CPython before.
        super::succeeded(&probe.cargo(python, &["build", "--lib"])?).map_err(silent)?;
        let library = probe.target.join("debug/libcalls.so");
        let output = Command::new(&python.executable)
            .args(["-c", PROGRAM])
            .arg(&library)
            .output()
            .map_err(could_not("run an interpreter"))?;
        let said = super::succeeded(&output).map_err(silent)?;
        let words: Vec<&str> = said.split_whitespace().collect();
        let [interpreter, bindings, immortal] = words[..] else {
            return Err(silent(said));
        };
        // Before that, a call changes the count.
        if immortal == "True" && interpreter != bindings {
            let difference = Difference {
                what: "`Py_REFCNT(Py_None)`".to_owned(),
                headers: interpreter.to_owned(),
                bindings: bindings.to_owned(),
            };
            differences.push((label.clone(), difference));
        }
    }
    Ok(differences)
}

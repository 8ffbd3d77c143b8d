//! cereggii: its private copy of CPython's reference counting, its mutex and its sections on pyshim.

use super::overlay::Edit;
use super::package::{Package, Tests};

/// cereggii 1.0.1.
pub(crate) const PACKAGE: Package = Package {
    name: "cereggii",
    version: "1.0.1",
    sha256: "b128ca138d0034d063bf020480cd4dadadd44789b78a4d2162758c3d58e027ea",
    refuses: |python| (python.minor < 10).then_some("requires-python >= 3.10"),
    requirements: &[
        "py-build-cmake==0.5.1",
        "cmake==4.4.4",
        "ninja==1.13.2",
        "pytest==9.0.3",
        "pytest-reraise==2.1.2",
    ],
    tests: Tests::Commit {
        repository: "https://github.com/dpdani/cereggii",
        commit: "8af26db5fe18d691430d19dde5b69349d2f70f7f",
    },
    pytest: &[],
    vendored: Some("src/pyshim"),
    edits: EDITS,
};

/// What the C calls by another name.
const fn renamed(find: &'static str, put: &'static str, times: usize) -> Edit {
    replaced("src/cereggii", find, put, times)
}

const fn replaced(
    place: &'static str,
    find: &'static str,
    put: &'static str,
    times: usize,
) -> Edit {
    Edit {
        place,
        find,
        put,
        times,
    }
}

const EDITS: &[Edit] = &[
    // The mutex; before 3.13 it was macros that do nothing.
    renamed(r"\b_PyMutex_TryLock\b", "pyshim_mutex_try_lock", 1),
    renamed(r"\bPyMutex_Lock\b", "pyshim_mutex_lock", 6),
    renamed(r"\bPyMutex_Unlock\b", "pyshim_mutex_unlock", 11),
    renamed(r"\bPyMutex\b", "pyshim_mutex", 5),
    replaced(HEADERS[0], r"\bPyMutex\b", "pyshim_mutex", 2),
    replaced(HEADERS[1], r"\bPyMutex\b", "pyshim_mutex", 2),
    // Sections; before 3.13 they were pythoncapi-compat's braces.
    renamed(
        r"\bPy_(BEGIN|END)_CRITICAL_SECTION\b",
        "PYSHIM_${1}_CRITICAL_SECTION",
        4,
    ),
    // Reference counting that CPython has not published, under names that CPython reserves.
    renamed(r"\b_Py_TryIncref\b", "pyshim_try_incref", 4),
    renamed(r"\b_Py_SetWeakrefAndIncref\b", "cereggii_share", 9),
    // The one place that looks into an AtomicRef from outside.
    renamed(r" *PyObject \*shared = self->metadata->reference;\n", "", 1),
    renamed("shared == mine", "AtomicRef_Has(self->metadata, mine)", 1),
    // The module says that it does without the GIL; that initialises pyshim, on every build.
    renamed(
        r"#ifdef Py_GIL_DISABLED\n *PyUnstable_Module_SetGIL\(m, .*\);\n#endif",
        "    if (pyshim_module_set_gil(m, PYSHIM_MOD_GIL_SECTIONS) < 0)\n        goto fail;",
        1,
    ),
    // The C core is one more file.
    replaced(
        "src/CMakeLists.txt",
        r#""include/""#,
        r#""include/" "pyshim/include/""#,
        1,
    ),
    replaced(
        "src/CMakeLists.txt",
        r#""cereggii/thread_handle.c""#,
        r#""cereggii/thread_handle.c" "pyshim/csrc/pyshim.c""#,
        1,
    ),
];

/// Where structs have a mutex.
const HEADERS: [&str; 2] = [
    "src/include/cereggii/atomic_dict.h",
    "src/include/cereggii/internal/atomic_dict.h",
];

//! rpds-py: iterators that threads may share, and one empty map, on the crate `pyshim`.

use super::overlay::Edit;
use super::package::{Package, Tests};

/// rpds-py 2026.9.1.
pub(crate) const PACKAGE: Package = Package {
    name: "rpds-py",
    version: "2026.9.1",
    sha256: "4793ef7f78268b124b73fa933440f01d258bbae01de9fa53e9080c9ab0425a12",
    refuses: |python| match (python.minor, python.free_threaded) {
        (..11, _) => Some("requires-python >= 3.11"),
        (..14, true) => Some("PyO3 0.29 takes no free-threaded build before 3.14"),
        _ => None,
    },
    requirements: &[
        "maturin==1.16.0",
        "pytest==9.0.3",
        "pytest-run-parallel==0.10.0",
    ],
    tests: Tests::Sdist,
    pytest: &["--parallel-threads=10"],
    vendored: None,
    edits: EDITS,
};

const fn edit(find: &'static str, put: &'static str, times: usize) -> Edit {
    Edit {
        place: "src/lib.rs",
        find,
        put,
        times,
    }
}

const EDITS: &[Edit] = &[
    edit(
        r"(?m)^fn hash_shuffle_bits",
        "mod attached;\nmod empty;\nmod turns;\n\n${0}",
        1,
    ),
    // Iterators: their state is one that threads may share.
    edit(
        r#"#\[pyclass\(module = "rpds"\)\]\nstruct (\w+Iterator) \{\n    inner: (.+),"#,
        "#[pyclass(module = \"rpds\", frozen)]\nstruct ${1} {\n    inner: turns::Turns<${2}>,",
        7,
    ),
    edit(
        r" (\w+Iterator) \{\n( +)inner: slf\.inner\.clone\(\)",
        " ${1} {\n${2}inner: turns::Turns::new(slf.inner.clone())",
        8,
    ),
    // A step looks at one state and makes the next, and is done again where another thread was faster.
    edit(
        r"fn __next__\(mut slf: PyRefMut<'_, Self>\) -> (.+) \{\n((?:        .*\n|\n)+)    \}",
        "fn __next__(this: &Bound<'_, Self>) -> ${1} {\n    \
         this.get().inner.take(this.as_any(), |slf| {\n${2}        })\n    }",
        7,
    ),
    edit(r"slf\.inner = slf\.inner", "let rest = slf.inner", 7),
    edit(
        r" Some\((.+)\)\n        \}\)",
        " Some((${1}, rest))\n        })",
        7,
    ),
    // The empty map.
    edit(
        r"fn init\((value: .+)\) -> PyResult<Self> \{\n( +)let mut map: HashTrieMapPy;",
        "fn init(py: Python<'_>, ${1}) -> PyResult<Py<Self>> {\n\
         ${2}if value.is_none() && kwds.is_none() {\n\
         ${2}    return empty::shared(py);\n\
         ${2}}\n\
         ${2}let mut map: HashTrieMapPy;",
        1,
    ),
    edit(r"Ok\(map\)", "Py::new(py, map)", 1),
    // pyshim is initialised with the module.
    edit(
        r"fn rpds_py\(py: .*\{\n",
        "${0}    attached::start(py)?;\n",
        1,
    ),
    Edit {
        place: "Cargo.toml",
        find: r"\[dependencies\]\n",
        put: "${0}pyshim = { path = \"<root>/shim\", features = [\"lock_api\"] }\n",
        times: 1,
    },
];

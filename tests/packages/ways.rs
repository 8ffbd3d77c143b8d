//! The examples: how each is built, and who can use it.

use pythons::Python;

use super::Form;

/// An example that builds a wheel or, where it has no `pyproject.toml`, a module.
pub(crate) struct Way {
    /// Below `examples`.
    pub(crate) folder: &'static str,
    /// What its build system is told for the stable ABI, and for one version.
    pub(crate) settings: [&'static [&'static str]; 2],
    /// Variables for the stable ABI.
    pub(crate) variables: &'static [(&'static str, &'static str)],
    /// What is told for that of both builds, where its build system knows how: settings and variables.
    pub(crate) both: Option<Told>,
    /// What is told for one file for all, where its build system has no tag for that.
    pub(crate) all: Option<Told>,
    /// The CPythons that its tool refuses, by their labels, and the words with which it does.
    pub(crate) refused: &'static [(&'static str, &'static str)],
    /// What its module imports.
    pub(crate) needs: &'static [&'static str],
    /// The oldest CPython that may install what 3.14 has built for the stable ABI, where the tool has it.
    pub(crate) stable_from: Option<u32>,
    /// Whether its source is the README's `tally.c`, or one of its own.
    pub(crate) tally: Tally,
    /// What adds to a total of its own.
    pub(crate) adders: &'static [&'static str],
}

impl Way {
    /// What its build system is told to make something, where it can be told.
    pub(crate) fn told(&self, form: Form) -> Option<Told> {
        match form {
            Form::Stable => Some(Told {
                settings: self.settings[0],
                variables: self.variables,
            }),
            Form::Version => settings(self.settings[1]),
            Form::Both => self.both,
            Form::All => self.all,
        }
    }

    /// The words with which its tool refuses to build for a CPython, where it does.
    pub(crate) fn refusal(&self, python: &Python) -> Option<&'static str> {
        let label = python.label.to_string();
        let mut refused = self.refused.iter();
        refused.find_map(|(of, words)| (*of == label).then_some(*words))
    }
}

/// What a build system is told.
#[derive(Clone, Copy)]
pub(crate) struct Told {
    pub(crate) settings: &'static [&'static str],
    pub(crate) variables: &'static [(&'static str, &'static str)],
}

/// By settings alone.
const fn settings(settings: &'static [&'static str]) -> Option<Told> {
    Some(Told {
        settings,
        variables: &[],
    })
}

/// By a variable alone.
const ABI3T: Option<Told> = Some(Told {
    settings: &[],
    variables: &[("TALLY_ABI", "abi3t")],
});

/// What an example is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tally {
    /// What the README has, word for word.
    Readme,
    /// A file in the words of another language or tool.
    Own(&'static str),
}

/// The module has a function.
pub(crate) const FUNCTION: &[&str] = &["add"];

/// And a class.
const CLASS: &[&str] = &["add", "Tally().add"];

/// Most of them: the README's source, for the stable ABI of every CPython where it is told to.
const PLAIN: Way = Way {
    folder: "",
    settings: [&[], &[]],
    variables: &[],
    both: None,
    all: None,
    refused: &[],
    needs: &[],
    stable_from: Some(8),
    tally: Tally::Readme,
    adders: FUNCTION,
};

pub(crate) const WAYS: &[Way] = &[
    Way {
        folder: "setuptools",
        variables: &[("TALLY_ABI", "abi3")],
        both: ABI3T,
        ..PLAIN
    },
    Way {
        folder: "cmake",
        settings: [&["wheel.py-api=cp38", "cmake.define.TALLY_ABI=abi3"], &[]],
        both: settings(&["wheel.py-api=cp315.cp315t", "cmake.define.TALLY_ABI=abi3t"]),
        all: settings(&[
            "wheel.py-api=cp315.cp315t",
            "cmake.define.TALLY_ABI=universal",
        ]),
        ..PLAIN
    },
    Way {
        folder: "meson",
        settings: [&[], &["setup-args=-Dpython.allow_limited_api=false"]],
        both: settings(&["setup-args=-Dsince=3.15"]),
        all: settings(&[
            "setup-args=-Dpython.allow_limited_api=false",
            "setup-args=-Duniversal=true",
        ]),
        // It puts the CPython that builds into the tag.
        stable_from: Some(14),
        ..PLAIN
    },
    Way {
        folder: "make",
        variables: &[("TALLY_ABI", "abi3")],
        ..PLAIN
    },
    Way {
        folder: "meson-wrap",
        settings: [&[], &["setup-args=-Dpython.allow_limited_api=false"]],
        both: settings(&["setup-args=-Dsince=3.15"]),
        stable_from: None, // as for Meson without it
        ..PLAIN
    },
    Way {
        folder: "pybind11",
        settings: [&[], &[STRICT, QUICK]],
        stable_from: None, // pybind11 has no limited API
        tally: Tally::Own("tally.cpp"),
        adders: CLASS,
        ..PLAIN
    },
    Way {
        folder: "nanobind",
        settings: [
            &["wheel.py-api=cp312", STRICT, QUICK, UNITY],
            &[STRICT, QUICK, UNITY],
        ],
        stable_from: Some(12),
        tally: Tally::Own("tally.cpp"),
        adders: CLASS,
        ..PLAIN
    },
    Way {
        folder: "maturin",
        settings: [
            &["build-args=--locked --profile dev --features abi3"],
            &["build-args=--locked --profile dev"],
        ],
        both: settings(&["build-args=--locked --profile dev --features abi3t"]),
        refused: &[(
            "3.13t",
            "PyO3 does not support the free-threaded build of CPython versions below 3.14",
        )],
        stable_from: Some(9),
        tally: Tally::Own("src/lib.rs"),
        adders: CLASS,
        ..PLAIN
    },
    Way {
        folder: "cython",
        variables: &[("TALLY_ABI", "abi3")],
        stable_from: Some(9), // Cython has no limited API before
        tally: Tally::Own("tally.pyx"),
        ..PLAIN
    },
    Way {
        folder: "cffi",
        variables: &[("TALLY_ABI", "abi3")],
        both: ABI3T,
        refused: &[(
            "3.13t",
            "CFFI does not support the free-threaded build of CPython 3.13",
        )],
        needs: &["cffi"],
        tally: Tally::Own("tally_build.py"),
        ..PLAIN
    },
];

/// The warnings that a project asks for are errors.
const STRICT: &str = "cmake.define.CMAKE_COMPILE_WARNING_AS_ERROR=ON";

/// Nothing is optimised: these take a while to compile.
const QUICK: &str = "cmake.build-type=None";

/// nanobind's own sources are compiled each time, faster as one.
const UNITY: &str = "cmake.define.CMAKE_UNITY_BUILD=ON";

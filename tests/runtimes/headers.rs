//! What extensions are compiled with, and the extensions, each of which is built once.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use conformance::compile::C99;
use conformance::extension::{Parts, build_of};
use conformance::place::{root, scratch};
use conformance::release::Release;
use pythons::Python;

/// As the header names the bits of the GIL slot.
pub(crate) const SECTIONS: &str = "PYSHIM_MOD_GIL_SECTIONS";

pub(crate) const BOTH: &str = "(PYSHIM_MOD_GIL_SECTIONS | PYSHIM_MOD_GIL_SUCCESSOR)";

/// What cannot be had on an unknown free-threaded CPython is left out.
pub(crate) const NO_TRY: &str =
    "-DPYSHIM_NEEDS=(PYSHIM_NEEDS_CRITICAL_SECTION | PYSHIM_NEEDS_ATOMIC_REF)";

pub(crate) const ALL: &str = "-DPYSHIM_NEEDS=PYSHIM_NEEDS_ALL";

/// When an extension was built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Built {
    Today,
    Earlier,
}

impl Built {
    fn release(self) -> Release {
        match self {
            Built::Today => Release::current(),
            Built::Earlier => Release::baseline(),
        }
    }

    fn source(self) -> PathBuf {
        root().join(match self {
            Built::Today => "tests/ext/c/future.c",
            Built::Earlier => "tests/baseline/extension.c",
        })
    }

    pub(crate) fn parts(self) -> Parts {
        Parts {
            headers: self.release(),
            core: self.release(),
        }
    }
}

/// An extension that some test builds and the others wait for.
type Cached = Arc<OnceLock<Result<PathBuf, String>>>;

/// What the extensions are compiled with: interpreters' headers, and those of a release.
pub(crate) struct Headers {
    pub(crate) pythons: Vec<Python>,
    pub(crate) built: Built,
    extensions: Mutex<BTreeMap<String, Cached>>,
}

impl Headers {
    /// With the interpreters' headers, and nothing built yet.
    pub(crate) fn new(pythons: Vec<Python>, built: Built) -> Self {
        Headers {
            pythons,
            built,
            extensions: Mutex::default(),
        }
    }

    pub(crate) fn of(&self, label: &str) -> Result<&Python, String> {
        let found = self
            .pythons
            .iter()
            .find(|python| python.label.to_string() == label);
        found.ok_or_else(|| format!("no headers of {label}"))
    }

    /// The extension for both builds from 3.15 on.
    pub(crate) fn abi3t(&self, bits: &str, needs: &str) -> Result<PathBuf, String> {
        self.build("3.15t", &["-DPy_TARGET_ABI3T=0x030F0000", needs], bits)
    }

    /// The extension for GIL-enabled builds of any version.
    pub(crate) fn abi3(&self) -> Result<PathBuf, String> {
        self.build("3.15", &["-DPy_LIMITED_API=0x03080000", ALL], SECTIONS)
    }

    /// The extension for one version and build.
    pub(crate) fn full(&self, label: &str, bits: &str) -> Result<PathBuf, String> {
        self.build(label, &[ALL], bits)
    }

    /// The extension for one version and build that binds what it finds, for a full-API extension
    /// would not even be loaded without a function that it calls directly.
    pub(crate) fn table(&self, label: &str) -> Result<PathBuf, String> {
        self.build(label, &[ALL, "-DPYSHIM_FORCE_TABLE"], SECTIONS)
    }

    /// Builds it once, however many tests ask for it.
    pub(crate) fn build(&self, label: &str, flags: &[&str], bits: &str) -> Result<PathBuf, String> {
        let bits = format!("-DFUTURE_BITS={bits}");
        let flags: Vec<String> = flags
            .iter()
            .copied()
            .chain([bits.as_str()])
            .map(str::to_owned)
            .collect();
        self.build_parts(&self.built.parts(), label, &flags, "future")
    }

    pub(crate) fn build_parts(
        &self,
        parts: &Parts,
        label: &str,
        flags: &[String],
        name: &str,
    ) -> Result<PathBuf, String> {
        let way: String = format!("{parts:?}{flags:?}")
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .collect();
        let place = format!(
            "runtimes::{:?}::{name}::{label}::{}",
            self.built,
            short(&way)
        );
        let cached = Arc::clone(
            self.extensions
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .entry(place.clone())
                .or_default(),
        );
        let make = || {
            let python = self.of(label)?;
            build_of(
                parts,
                &scratch(&place),
                python,
                flags,
                C99,
                &self.built.source(),
                name,
            )
        };
        cached.get_or_init(make).clone()
    }
}

/// A name for a folder.
fn short(way: &str) -> String {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    way.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

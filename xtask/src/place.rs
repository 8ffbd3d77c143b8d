//! Folders.

use crate::failure::Failure;
use std::env;
use std::path::{Path, PathBuf};

/// The checkout.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// Where cargo builds, and what else may be thrown away.
pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// What is fetched once for all checkouts.
pub(crate) fn cache() -> Result<PathBuf, Failure> {
    let cache = pythons::cache_folder();
    cache.ok_or_else(|| {
        Failure::CouldNot("no cache\nhelp: set PYSHIM_CACHE to a folder for one".to_owned())
    })
}

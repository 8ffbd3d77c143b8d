//! Folders.

use crate::failure::Failure;
use std::env;
use std::path::{Path, PathBuf};

/// The checkout.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Where cargo builds, and what else may be thrown away.
pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// What is fetched once for all checkouts.
pub(crate) fn cache() -> Result<PathBuf, Failure> {
    let cache = pythons::cache_folder();
    cache.ok_or_else(|| {
        let why = "neither PYSHIM_CACHE nor HOME says where the cache is";
        Failure::CouldNot(why.to_owned())
    })
}

//! Folders.

use std::path::{Path, PathBuf};

/// The checkout.
#[must_use]
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// A scratch folder of a test, empty at first; cargo's target folder holds it.
///
/// # Panics
///
/// When it cannot be made, for then no test can run.
#[must_use]
pub fn scratch(name: &str) -> PathBuf {
    let folder = root_scratch().join(name.replace("::", "/"));
    let _ = std::fs::remove_dir_all(&folder);
    if let Err(error) = std::fs::create_dir_all(&folder) {
        panic!("cannot make `{}`: {error}", folder.display());
    }
    folder
}

/// A folder for what tests share, with what earlier runs have left in it.
///
/// # Panics
///
/// When it cannot be made, for then no test can run.
#[must_use]
pub fn kept(name: &str) -> PathBuf {
    let folder = root_scratch().join(name);
    if let Err(error) = std::fs::create_dir_all(&folder) {
        panic!("cannot make `{}`: {error}", folder.display());
    }
    folder
}

fn root_scratch() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(target) => PathBuf::from(target).join("conformance"),
        None => root().join("target/conformance"),
    }
}

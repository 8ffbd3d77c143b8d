//! The libclang that reads headers in tests: the system's, which comes with clang, or a wheel.

use crate::failure::Failure;
use crate::step;
use std::fs;
use std::process::Command;

/// The package and its version; `pyshim` finds it in the cache by itself.
const WHEEL: &str = "libclang==18.1.1";

/// Fetches the wheel into the cache where the system has no libclang.
pub(crate) fn ensure() -> Result<(), Failure> {
    let Err(missing) = clang_sys::load_manually() else {
        return Ok(());
    };
    let Some(cache) = pythons::cache_folder() else {
        return Err(Failure::CouldNot(format!(
            "{missing}\nhelp: set PYSHIM_CACHE to a folder where one can be put"
        )));
    };
    let folder = cache.join("libclang");
    if folder.join("clang/native").is_dir() {
        return Ok(());
    }
    eprintln!(
        "xtask: no libclang; fetching {WHEEL} into {}",
        folder.display()
    );
    let could_not = |error: String| Failure::CouldNot(format!("no libclang: {error}"));
    fs::create_dir_all(&cache).map_err(|error| could_not(error.to_string()))?;
    // Beside its place, so that an interrupted run leaves nothing that looks whole.
    let scratch = tempfile::tempdir_in(&cache).map_err(|error| could_not(error.to_string()))?;
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--target"])
        .arg(scratch.path())
        .arg(WHEEL);
    step::run(&mut pip).map_err(|failure| could_not(failure.to_string()))?;
    fs::rename(scratch.path(), &folder).map_err(|error| could_not(error.to_string()))
}

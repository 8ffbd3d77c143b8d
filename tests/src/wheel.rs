//! Wheels of one file, as an audit reads them.

use std::path::Path;
use std::process::Command;

use crate::run::succeed;

/// Packs a module into a wheel of that name.
///
/// # Errors
///
/// When it cannot be read or written.
pub fn pack(module: &Path, wheel: &Path) -> Result<(), String> {
    let mut zip = Command::new("python3");
    zip.args(["-m", "zipfile", "-c"]).arg(wheel).arg(module);
    succeed(&mut zip).map(drop)
}

//! Folders for what tests write: outside the source tree, and gone when the test is done.

use std::path::Path;

use tempfile::TempDir;

/// An empty folder.
pub(crate) fn folder() -> TempDir {
    tempfile::Builder::new()
        .prefix("pyshim-test-")
        .tempdir()
        .expect("a temporary folder")
}

/// Writes a file, with the folders that it is in.
pub(crate) fn write(path: &Path, text: &str) {
    let folder = path.parent().expect("a file is in a folder");
    std::fs::create_dir_all(folder).expect("the folder can be made");
    std::fs::write(path, text).expect("the file can be written");
}

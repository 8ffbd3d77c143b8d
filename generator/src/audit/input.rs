//! The files that are named, and those in the folders that are named.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::claim::FileName;

/// The largest file that is read.
const LARGEST: u64 = 2 << 30;
/// How zip files begin.
const ZIP: &[u8] = b"PK\x03\x04";

/// A file itself, or every wheel and module in a folder. Links in it are not followed.
pub(super) fn expand(path: &Path) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    if path.is_dir() {
        walk(path, &mut files).map_err(|error| format!("`{}`: {error}", path.display()))?;
    } else {
        files.push(path.to_owned());
    }
    Ok(files)
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let entries: Result<Vec<_>, _> = fs::read_dir(folder)?.collect();
    let mut entries = entries?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let kind = entry.file_type()?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if kind.is_dir() {
            walk(&entry.path(), files)?;
        } else if kind.is_file() && (name.ends_with(".whl") || FileName::parse(&name).is_some()) {
            files.push(entry.path());
        }
    }
    Ok(())
}

/// All of a file.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, String> {
    let mut data = Vec::new();
    let file = File::open(path).map_err(|error| error.to_string())?;
    let read = file.take(LARGEST + 1).read_to_end(&mut data);
    read.map_err(|error| error.to_string())?;
    match data.len() as u64 > LARGEST {
        true => Err(format!("it has more than {LARGEST} bytes")),
        false => Ok(data),
    }
}

/// Whether it is a wheel, by its name or by how it begins.
pub(super) fn is_archive(name: &str, data: &[u8]) -> bool {
    name.ends_with(".whl") || data.starts_with(ZIP)
}

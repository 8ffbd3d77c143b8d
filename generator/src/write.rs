//! The only place that touches the disk: compares a [`FileSet`] with a folder, or brings the folder
//! up to date.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::emit::FileSet;

/// What a file on disk is, against what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// As it should be.
    Current,
    /// Not there.
    Missing,
    /// Other text.
    Stale {
        /// What is on disk.
        found: String,
    },
}

/// A file that could not be read or written.
#[derive(Debug)]
pub struct WriteError {
    /// The file.
    pub path: PathBuf,
    /// What the system said.
    pub error: io::Error,
}

impl std::fmt::Display for WriteError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "cannot write `{}`: {}", self.path.display(), self.error)
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

/// What each file is, in the order of the paths.
pub fn compare<'a>(
    files: &'a FileSet,
    root: &Path,
) -> Result<Vec<(&'a str, &'a str, State)>, WriteError> {
    let mut states = Vec::new();
    for (name, text) in &files.files {
        let path = root.join(name);
        let state = match fs::read(&path) {
            Ok(found) if found == text.as_bytes() => State::Current,
            Ok(found) => State::Stale { found: String::from_utf8_lossy(&found).into_owned() },
            Err(error) if error.kind() == io::ErrorKind::NotFound => State::Missing,
            Err(error) => return Err(WriteError { path, error }),
        };
        states.push((name.as_str(), text.as_str(), state));
    }
    Ok(states)
}

/// Replaces a file in one step: whoever reads it sees the old text or the new, never a part.
pub fn replace(root: &Path, name: &str, text: &str) -> Result<(), WriteError> {
    let path = root.join(name);
    let fail = |error| WriteError { path: path.clone(), error };
    let folder = path.parent().unwrap_or(root);
    fs::create_dir_all(folder).map_err(fail)?;
    let mut temporary = tempfile::NamedTempFile::new_in(folder).map_err(fail)?;
    temporary.write_all(text.as_bytes()).map_err(fail)?;
    readable(temporary.as_file()).map_err(fail)?;
    temporary.persist(&path).map_err(|error| fail(error.error))?;
    Ok(())
}

/// Temporary files are private; what is generated is for everyone.
#[cfg(unix)]
fn readable(file: &fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_file: &fs::File) -> io::Result<()> {
    Ok(())
}

/// The difference between what is on disk and what should be, as a unified diff.
#[must_use]
pub fn unified(name: &str, found: &str, wanted: &str) -> String {
    similar::TextDiff::from_lines(found, wanted)
        .unified_diff()
        .context_radius(3)
        .header(&format!("{name} (on disk)"), &format!("{name} (from the manifest)"))
        .to_string()
}

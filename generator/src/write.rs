//! What touches the disk for a set of files: compares a [`FileSet`] with a folder, or brings the folder
//! up to date.

mod place;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

use tempfile::NamedTempFile;

use crate::emit::FileSet;
use crate::manifest::ReadError;
use place::Place;

/// The folders that a [`FileSet`] belongs in.
#[derive(Clone, Debug)]
pub struct Roots {
    /// Where `abi/` is, whatever it is called: what is written there is read again next time.
    pub manifest: PathBuf,
    /// Where everything else is.
    pub out: PathBuf,
}

impl Roots {
    /// Where a file belongs.
    ///
    /// # Errors
    ///
    /// When its name leads out of the folder, which one could that is made of what somebody else wrote.
    pub fn path(&self, name: &str) -> Result<PathBuf, ReadError> {
        let mut parts = Path::new(name).components();
        if !parts.all(|part| matches!(part, Component::Normal(_))) {
            let reason = "the name of a file that is to be written leads out of its folder";
            return Err(ReadError {
                path: PathBuf::from(name),
                error: io::Error::new(io::ErrorKind::InvalidInput, reason),
            });
        }
        Ok(match name.strip_prefix("abi/") {
            Some(name) => self.manifest.join(name),
            None => self.out.join(name),
        })
    }
}

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
    /// Generated once, and no longer part of what is.
    Orphaned {
        /// What is on disk.
        found: String,
    },
}

/// A file that could not be written.
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

/// A file of a [`FileSet`], and what there is of it on disk.
#[derive(Clone, Debug)]
pub struct Compared<'a> {
    /// Where it is.
    pub path: PathBuf,
    /// What it should be.
    pub wanted: &'a str,
    /// What it is.
    pub state: State,
}

/// What each file is, in the order of the names, and then what should be gone: other files whose first
/// line has the mark of what is generated.
pub fn compare<'a>(
    files: &'a FileSet,
    roots: &Roots,
    mark: &str,
) -> Result<Vec<Compared<'a>>, ReadError> {
    let mut all = Vec::new();
    let mut folders: BTreeMap<PathBuf, BTreeSet<PathBuf>> = BTreeMap::new();
    for (name, wanted) in &files.files {
        let path = roots.path(name)?;
        let state = match fs::read(&path) {
            Ok(found) if found == wanted.as_bytes() => State::Current,
            Ok(found) => State::Stale {
                found: String::from_utf8_lossy(&found).into_owned(),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => State::Missing,
            Err(error) => return Err(ReadError { path, error }),
        };
        if let Some(folder) = path.parent() {
            folders
                .entry(folder.to_owned())
                .or_default()
                .insert(path.clone());
        }
        all.push(Compared {
            path,
            wanted,
            state,
        });
    }
    for (folder, known) in folders {
        all.extend(orphans(&folder, &known, mark)?);
    }
    Ok(all)
}

/// The generated files of a folder that are no longer wanted. Only the mark tells.
fn orphans(
    folder: &Path,
    known: &BTreeSet<PathBuf>,
    mark: &str,
) -> Result<Vec<Compared<'static>>, ReadError> {
    let items = match fs::read_dir(folder) {
        Ok(items) => items,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => {
            return Err(ReadError {
                path: folder.to_owned(),
                error,
            });
        }
    };
    let mut orphans = Vec::new();
    for item in items {
        let path = item
            .map_err(|error| ReadError {
                path: folder.to_owned(),
                error,
            })?
            .path();
        if known.contains(&path) || !path.is_file() {
            continue;
        }
        // Whatever is not text is not ours.
        let Ok(found) = fs::read_to_string(&path) else {
            continue;
        };
        if found.lines().next().is_some_and(|line| line.contains(mark)) {
            orphans.push(Compared {
                path,
                wanted: "",
                state: State::Orphaned { found },
            });
        }
    }
    orphans.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(orphans)
}

/// Writes what the user names, unless it is as it should be; says whether it was not. A file is replaced in
/// one step, at the end of all links, and what is no file, such as a pipe, is written straight.
pub fn put(path: &Path, wanted: &str) -> Result<bool, WriteError> {
    let fail = |error| WriteError {
        path: path.to_owned(),
        error,
    };
    let file = match Place::of(path).map_err(fail)? {
        Place::File(file) => file,
        Place::Stream => return stream(path, wanted).map(|()| true).map_err(fail),
    };
    if fs::read(&file).is_ok_and(|found| found == wanted.as_bytes()) {
        return Ok(false);
    }
    bring_up_to_date(&[Compared {
        path: file,
        wanted,
        state: State::Missing,
    }])?;
    Ok(true)
}

/// Writes to what somebody else reads, who may have gone away, which is not an error.
fn stream(path: &Path, text: &str) -> io::Result<()> {
    match place::open(path)?.write_all(text.as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// Brings files up to date: each in one step, so that whoever reads one sees the old text or the
/// new, and none before all are written beside their places. A link is replaced like a file: nothing is
/// written outside of the folders.
pub fn bring_up_to_date(compared: &[Compared<'_>]) -> Result<(), WriteError> {
    let mut staged = Vec::new();
    for file in compared {
        if matches!(file.state, State::Missing | State::Stale { .. }) {
            staged.push((stage(file)?, &file.path));
        }
    }
    for (temporary, path) in staged {
        let fail = |error| WriteError {
            path: path.clone(),
            error,
        };
        temporary.persist(path).map_err(|error| fail(error.error))?;
    }
    for file in compared
        .iter()
        .filter(|file| matches!(file.state, State::Orphaned { .. }))
    {
        let fail = |error| WriteError {
            path: file.path.clone(),
            error,
        };
        fs::remove_file(&file.path).map_err(fail)?;
    }
    Ok(())
}

fn stage(file: &Compared<'_>) -> Result<NamedTempFile, WriteError> {
    let fail = |error| WriteError {
        path: file.path.clone(),
        error,
    };
    let folder = file.path.parent().unwrap_or(&file.path);
    fs::create_dir_all(folder).map_err(fail)?;
    let mut temporary = NamedTempFile::new_in(folder).map_err(fail)?;
    temporary.write_all(file.wanted.as_bytes()).map_err(fail)?;
    readable(temporary.as_file()).map_err(fail)?;
    Ok(temporary)
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

impl Compared<'_> {
    /// The difference between what is on disk and what should be, as a unified diff.
    #[must_use]
    pub fn unified(&self) -> String {
        let found = match &self.state {
            State::Current => self.wanted,
            State::Missing => "",
            State::Stale { found } | State::Orphaned { found } => found,
        };
        let name = self.path.display();
        similar::TextDiff::from_lines(found, self.wanted)
            .unified_diff()
            .context_radius(3)
            .header(
                &format!("{name} (on disk)"),
                &format!("{name} (from the manifest)"),
            )
            .to_string()
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::Roots;

    #[test]
    fn no_name_leads_out_of_the_folders() {
        let roots = Roots {
            manifest: PathBuf::from("manifest"),
            out: PathBuf::from("out"),
        };
        for name in ["../a", "a/../../b", "abi/../a", "/a", "./a"] {
            assert!(roots.path(name).is_err(), "{name}");
        }
        for (name, path) in [
            ("a/b.h", "out/a/b.h"),
            ("abi/table.lock", "manifest/table.lock"),
            ("a..b", "out/a..b"),
        ] {
            let found = roots.path(name).expect("it stays in its folder");
            assert_eq!(found, Path::new(path));
        }
    }
}

//! One side of a comparison, as the user names it: a manifest folder, a snapshot, a released
//! baseline, or a manifest at a git revision.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::diag::{Diagnostic, Sink};
use crate::read;
use crate::source::Sources;
use crate::surface::read::read as read_snapshot;
use crate::surface::{Surface, manifest};

/// How a revision is named: `git:v0.1.0`, and `git:v0.1.0:path/to/abi` where the manifest is not in
/// the same folder as now.
const GIT: &str = "git:";
/// How a frozen baseline is named: `release:0.1.0`.
const RELEASE: &str = "release:";
/// More than this is no snapshot of anything.
const LARGEST: u64 = 256 << 20;

/// What a side turned out to be.
#[derive(Debug)]
pub struct Side {
    /// What it looks like.
    pub surface: Surface,
}

/// Why a side cannot be had.
#[derive(Debug)]
pub enum Unread {
    /// It is not there, or it is nothing that can be compared.
    Because(String),
    /// It is there, and there are mistakes in it.
    Mistakes(Sources, Vec<Diagnostic>),
}

/// Gets a side. `abi` is the manifest folder in use, which has the baselines and says where to look
/// in a git revision.
pub fn load(given: &str, abi: &Path) -> Result<Side, Unread> {
    if let Some(revision) = given.strip_prefix(GIT) {
        return at_revision(revision, abi);
    }
    let path = match given.strip_prefix(RELEASE) {
        Some(release) => baseline(abi, release),
        None => PathBuf::from(given),
    };
    let kind = fs::metadata(&path).map_err(|error| cannot_read(&path, &error))?;
    if kind.is_dir() {
        return manifest_folder(&path);
    }
    if kind.len() > LARGEST {
        return Err(Unread::Because(format!(
            "`{}` has {} bytes; no snapshot is larger than {LARGEST}",
            path.display(),
            kind.len()
        )));
    }
    let bytes = fs::read(&path).map_err(|error| cannot_read(&path, &error))?;
    let text = String::from_utf8(bytes).map_err(|_| {
        Unread::Because(format!(
            "`{}` is neither a manifest folder nor a snapshot",
            path.display()
        ))
    })?;
    snapshot(&path, text)
}

/// The file of a released baseline.
#[must_use]
pub fn baseline(abi: &Path, release: &str) -> PathBuf {
    abi.join("baselines").join(format!("{release}.txt"))
}

fn cannot_read(path: &Path, error: &std::io::Error) -> Unread {
    Unread::Because(format!("cannot read `{}`: {error}", path.display()))
}

fn snapshot(path: &Path, text: String) -> Result<Side, Unread> {
    let mut sources = Sources::default();
    let mut sink = Sink::default();
    let file = sources.add(path.to_owned(), text);
    let surface = read_snapshot(file, &sources, &mut sink);
    if sink.is_empty() {
        Ok(Side { surface })
    } else {
        Err(Unread::Mistakes(sources, sink.into_sorted()))
    }
}

fn manifest_folder(dir: &Path) -> Result<Side, Unread> {
    let reading = read(dir).map_err(|error| Unread::Because(error.to_string()))?;
    match reading.model {
        Some(model) if reading.diagnostics.is_empty() => Ok(Side {
            surface: manifest::of_model(&model, &reading.sources),
        }),
        _ => Err(Unread::Mistakes(reading.sources, reading.diagnostics)),
    }
}

/// The manifest as a revision has it, taken out into a folder that is gone afterwards.
fn at_revision(revision: &str, abi: &Path) -> Result<Side, Unread> {
    let (revision, folder) = match revision.split_once(':') {
        Some((revision, folder)) => (revision, PathBuf::from(folder)),
        None => (revision, in_repository(abi)?),
    };
    // Git would take it for an option.
    if revision.is_empty() || revision.starts_with('-') {
        return Err(Unread::Because(format!("`{revision}` is no git revision")));
    }
    let taken = tempfile::tempdir()
        .map_err(|error| Unread::Because(format!("cannot make a temporary folder: {error}")))?;
    let tree = format!("{revision}:{}", folder.display());
    let names = git(abi, &["ls-tree", "-r", "-z", "--name-only", &tree])?;
    for name in names
        .split(|byte| *byte == 0)
        .filter(|name| !name.is_empty())
    {
        let name = String::from_utf8_lossy(name);
        let text = git(abi, &["cat-file", "blob", &format!("{tree}/{name}")])?;
        let path = taken.path().join(name.as_ref());
        let written = fs::create_dir_all(path.parent().unwrap_or(taken.path()))
            .and_then(|()| fs::write(&path, text));
        written.map_err(|error| cannot_read(&path, &error))?;
    }
    let mut side = manifest_folder(taken.path())?;
    for item in side.surface.items.values_mut() {
        if let Some(place) = &mut item.place
            && let Ok(name) = place.file.strip_prefix(taken.path())
        {
            place.file = folder.join(name);
        }
    }
    Ok(side)
}

/// The manifest folder's path from the root of its repository.
fn in_repository(abi: &Path) -> Result<PathBuf, Unread> {
    let prefix = git(abi, &["rev-parse", "--show-prefix"])?;
    Ok(PathBuf::from(
        String::from_utf8_lossy(&prefix)
            .trim_end()
            .trim_end_matches('/'),
    ))
}

/// What git prints when it is run in a folder.
fn git(folder: &Path, arguments: &[&str]) -> Result<Vec<u8>, Unread> {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .output()
        .map_err(|error| Unread::Because(format!("cannot run git: {error}")))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Unread::Because(format!(
        "`git {}` in `{}` says: {}",
        arguments.join(" "),
        folder.display(),
        said.trim_end()
    )))
}

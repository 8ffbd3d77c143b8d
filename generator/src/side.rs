//! One side of a comparison, as the user names it: a manifest folder, a snapshot, a released
//! baseline, a manifest at a git revision, an interpreter, or a library with its headers.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::diag::{Diagnostic, Sink};
use crate::observe::names::Names;
use crate::observe::session::{Prepared, Session};
use crate::observe::subject::Subject;
use crate::observe::{Failure, python, symbols};
use crate::read;
use crate::source::Sources;
use crate::surface::read::read as read_snapshot;
use crate::surface::{Surface, manifest};

/// How a revision is named: `git:v0.1.0`, and `git:v0.1.0:path/to/abi` where the manifest is not in
/// the same folder as now.
const GIT: &str = "git:";
/// How a frozen baseline is named: `release:0.1.0`.
const RELEASE: &str = "release:";
/// How an interpreter is named: `python:/usr/bin/python3.14`.
const PYTHON: &str = "python:";
/// More than this is no snapshot of anything.
const LARGEST: u64 = 256 << 20;

/// What a comparison needs to know of each side.
#[derive(Clone, Debug)]
pub struct Request {
    /// As the user named it.
    pub given: String,
    /// Headers that belong to it, when it is a library.
    pub headers: Vec<String>,
    /// Folders in which these are looked for.
    pub include: Vec<PathBuf>,
}

/// Why a side cannot be had.
#[derive(Debug)]
pub enum Unread {
    /// It is not there, or it is nothing that can be compared.
    Because(String),
    /// It is there, and there are mistakes in it.
    Mistakes(Sources, Vec<Diagnostic>),
}

impl From<Failure> for Unread {
    fn from(failure: Failure) -> Self {
        Unread::Because(failure.to_string())
    }
}

/// A side that is a text, or something that has to be looked at.
enum Found {
    Surface(Surface),
    Subject(Box<Subject>),
}

/// Gets both sides. `abi` is the manifest folder in use, which has the baselines and says where to
/// look in a git revision. What is observed is asked about the names that either side has, so that
/// what is absent from one was looked for.
pub fn load_both(
    requests: &[Request; 2],
    abi: &Path,
    session: &Session,
) -> Result<[Surface; 2], (usize, Unread)> {
    let [old, new] = requests;
    let old = find(old, abi).map_err(|unread| (0, unread))?;
    let new = find(new, abi).map_err(|unread| (1, unread))?;
    let mut names = Names::default();
    let observed = [&old, &new].map(|side| matches!(side, Found::Subject(_)));
    if observed != [false, false]
        && let Ok(reading) = read(abi)
        && let Some(model) = &reading.model
    {
        // A text on the other side says nothing of what is only watched.
        names.merge(match observed {
            [true, true] => Names::of_interest(model),
            _ => Names::of_model(model),
        });
    }
    let old = Ready::of(&old, session).map_err(|unread| (0, unread))?;
    let new = Ready::of(&new, session).map_err(|unread| (1, unread))?;
    for side in [&old, &new] {
        names.merge(side.names());
    }
    let look = |index, side: Ready<'_>| {
        let surface = side.look(&names, session);
        surface.map_err(|unread| (index, unread))
    };
    Ok([look(0, old)?, look(1, new)?])
}

/// A side of which it is known what names it has.
enum Ready<'a> {
    Surface(&'a Surface),
    Subject(Box<Prepared<'a>>),
}

impl<'a> Ready<'a> {
    fn of(side: &'a Found, session: &Session) -> Result<Self, Unread> {
        Ok(match side {
            Found::Surface(surface) => Ready::Surface(surface),
            Found::Subject(subject) => Ready::Subject(Box::new(session.prepare(subject)?)),
        })
    }

    fn names(&self) -> Names {
        match self {
            Ready::Surface(surface) => Names::of_surface(surface),
            Ready::Subject(prepared) => prepared.names.clone(),
        }
    }

    fn look(self, names: &Names, session: &Session) -> Result<Surface, Unread> {
        match self {
            Ready::Surface(surface) => Ok(surface.clone()),
            Ready::Subject(prepared) => observe(&prepared, names, session),
        }
    }
}

fn observe(of: &Prepared<'_>, names: &Names, session: &Session) -> Result<Surface, Unread> {
    let observation = session.observe(of, names)?;
    if observation.disagreements.is_empty() {
        return Ok(observation.surface);
    }
    let mut text = format!("oracles disagree about {}:", of.subject.name);
    for disagreement in &observation.disagreements {
        text.push_str(&format!("\n  {disagreement}"));
    }
    Err(Unread::Because(text))
}

/// Reads a side that is a text: a manifest folder, a snapshot, a baseline, a git revision.
pub fn load(given: &str, abi: &Path) -> Result<Surface, Unread> {
    let request = Request {
        given: given.to_owned(),
        headers: Vec::new(),
        include: Vec::new(),
    };
    match find(&request, abi)? {
        Found::Surface(surface) => Ok(surface),
        Found::Subject(_) => Err(Unread::Because(format!(
            "`{given}` is neither a manifest folder nor a snapshot"
        ))),
    }
}

fn find(request: &Request, abi: &Path) -> Result<Found, Unread> {
    let given = request.given.as_str();
    if let Some(revision) = given.strip_prefix(GIT) {
        return at_revision(revision, abi).map(Found::Surface);
    }
    if let Some(executable) = given.strip_prefix(PYTHON) {
        let python = python::ask(Path::new(executable))?;
        return Ok(Found::Subject(Box::new(Subject::of_python(&python))));
    }
    let path = match given.strip_prefix(RELEASE) {
        Some(release) => baseline(abi, release),
        None => PathBuf::from(given),
    };
    let kind = fs::metadata(&path).map_err(|error| cannot_read(&path, &error))?;
    if kind.is_dir() {
        return manifest_folder(&path).map(Found::Surface);
    }
    if path.extension().is_some_and(|extension| extension == "h") {
        return library(request, None, Some(&path));
    }
    if is_library(&path) || symbols::is_binary(&path)? {
        return library(request, Some(&path), None);
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
            "`{}` is neither a manifest folder, nor a snapshot, a library or a header",
            path.display()
        ))
    })?;
    snapshot(&path, text).map(Found::Surface)
}

/// Whether a file is called as libraries are, whatever is in it.
fn is_library(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default();
    ["so", "dylib", "dll", "pyd"]
        .iter()
        .any(|word| extension == *word)
}

/// A library with the headers that belong to it, one of which may be what the user named.
fn library(request: &Request, file: Option<&Path>, header: Option<&Path>) -> Result<Found, Unread> {
    let header = header.map(|header| header.to_string_lossy().into_owned());
    let headers: Vec<String> = header.into_iter().chain(request.headers.clone()).collect();
    let subject = Subject::of_library(&request.include, &headers, file)?;
    Ok(Found::Subject(Box::new(subject)))
}

/// The file of a released baseline.
#[must_use]
pub fn baseline(abi: &Path, release: &str) -> PathBuf {
    abi.join("baselines").join(format!("{release}.txt"))
}

fn cannot_read(path: &Path, error: &std::io::Error) -> Unread {
    Unread::Because(format!("cannot read `{}`: {error}", path.display()))
}

fn snapshot(path: &Path, text: String) -> Result<Surface, Unread> {
    let mut sources = Sources::default();
    let mut sink = Sink::default();
    let file = sources.add(path.to_owned(), text);
    let surface = read_snapshot(file, &sources, &mut sink);
    if sink.is_empty() {
        Ok(surface)
    } else {
        Err(Unread::Mistakes(sources, sink.into_sorted()))
    }
}

fn manifest_folder(dir: &Path) -> Result<Surface, Unread> {
    let reading = read(dir).map_err(|error| Unread::Because(error.to_string()))?;
    match reading.model {
        // Policy is for `pyshim check`; a break of it is what a comparison is for.
        Some(model) if reading.diagnostics.iter().all(|one| one.code.is_policy()) => {
            Ok(manifest::of_model(&model, &reading.sources))
        }
        _ => Err(Unread::Mistakes(reading.sources, reading.diagnostics)),
    }
}

/// The manifest as a revision has it, taken out into a folder that is gone afterwards.
fn at_revision(revision: &str, abi: &Path) -> Result<Surface, Unread> {
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
    let names = git(
        abi,
        &["ls-tree", "-r", "-z", "--full-tree", "--name-only", &tree],
    )?;
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
    let mut surface = manifest_folder(taken.path())?;
    for item in surface.items.values_mut() {
        if let Some(place) = &mut item.place
            && let Ok(name) = place.file.strip_prefix(taken.path())
        {
            place.file = folder.join(name);
        }
    }
    Ok(surface)
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

//! One side of a comparison, as the user names it: a manifest folder, a snapshot, a released
//! baseline, a manifest at a git revision, an interpreter, or a library with its headers.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::diag::{Diagnostic, Sink};
use crate::observe::find::named;
use crate::observe::names::Names;
use crate::observe::process::PATIENCE;
use crate::observe::session::{Prepared, Session};
use crate::observe::subject::Subject;
use crate::observe::{Failure, Trouble, symbols};
use crate::parallel;
use crate::read;
use crate::source::Sources;
use crate::surface::read::read as read_snapshot;
use crate::surface::{Surface, manifest};

/// How a revision is named: `git:v0.1.0`, and `git:v0.1.0:path/to/abi` where the manifest is not in
/// the same folder as now.
const GIT: &str = "git:";
/// How a frozen baseline is named: `release:0.1.0`.
const RELEASE: &str = "release:";
/// How an interpreter is named: `python:/usr/bin/python3.14`, or `python:3.14`.
const PYTHON: &str = "python:";
/// The largest snapshot that is read, in bytes. All that CPython exports takes half a megabyte.
const LARGEST: u64 = 16 << 20;

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
    Failed(Failure),
    /// It is there, and there are mistakes in it.
    Mistakes(Sources, Vec<Diagnostic>),
}

impl From<Failure> for Unread {
    fn from(failure: Failure) -> Self {
        Unread::Failed(failure)
    }
}

impl Unread {
    /// A text that is not what it should be.
    fn file(message: String, help: &str) -> Self {
        Unread::Failed(Failure::new(Trouble::File, message, help))
    }
}

/// What can be compared, for who named something else.
const SIDES: &str = "name a manifest folder, a snapshot, a library, a header, git:REVISION, \
                     release:VERSION, python:3.14t or python:EXECUTABLE";

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
    let [old, new] = both(|index| find(&requests[index], abi, session.patience()))?;
    if let (Found::Surface(_), Found::Surface(_)) = (&old, &new) {
        return Ok([old, new].map(|side| side.with(None)));
    }
    let mut names = Names::default();
    let observed = [&old, &new].map(|side| matches!(side, Found::Subject(_)));
    if let Ok(reading) = read(abi)
        && let Some(model) = &reading.model
    {
        // A text on the other side says nothing of what is only watched.
        names.merge(match observed {
            [true, true] => Names::of_interest(model),
            _ => Names::of_model(model),
        });
    }
    let ready = both(|index| [&old, &new][index].prepare(session))?;
    for (side, ready) in [&old, &new].into_iter().zip(&ready) {
        names.merge(match (side, ready) {
            (_, Some(prepared)) => prepared.names.clone(),
            (Found::Surface(surface), None) => Names::of_surface(surface),
            (Found::Subject(_), None) => continue,
        });
    }
    let [old_seen, new_seen] = both(|index| {
        let looked = ready[index].as_ref();
        let looked = looked.map(|prepared| observe(prepared, &names, session));
        looked.transpose()
    })?;
    drop(ready);
    Ok([old.with(old_seen), new.with(new_seen)])
}

/// Does something for both sides at once; or which of them failed.
fn both<T: Send>(
    run: impl Fn(usize) -> Result<T, Unread> + Sync,
) -> Result<[T; 2], (usize, Unread)> {
    let failed = |index| move |unread| (index, unread);
    let [old, new] = parallel::both([0, 1], |index| run(*index));
    Ok([old.map_err(failed(0))?, new.map_err(failed(1))?])
}

impl Found {
    /// Finds out what names it has, where it has to be looked at.
    fn prepare(&self, session: &Session) -> Result<Option<Prepared<'_>>, Unread> {
        Ok(match self {
            Found::Surface(_) => None,
            Found::Subject(subject) => Some(session.prepare(subject)?),
        })
    }

    /// The text as it is, or what was seen.
    fn with(self, seen: Option<Surface>) -> Surface {
        match self {
            Found::Surface(surface) => surface,
            Found::Subject(_) => seen.unwrap_or_default(),
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
    let trouble = Trouble::Disagreement;
    Err(Failure::new(trouble, text, trouble.advice()).into())
}

/// Reads a side that is a text: a manifest folder, a snapshot, a baseline, a git revision.
pub fn load(given: &str, abi: &Path) -> Result<Surface, Unread> {
    let request = Request {
        given: given.to_owned(),
        headers: Vec::new(),
        include: Vec::new(),
    };
    match find(&request, abi, PATIENCE)? {
        Found::Surface(surface) => Ok(surface),
        Found::Subject(_) => Err(Unread::file(
            format!("`{given}` is neither a manifest folder nor a snapshot"),
            "name one of these",
        )),
    }
}

fn find(request: &Request, abi: &Path, patience: Duration) -> Result<Found, Unread> {
    let given = request.given.as_str();
    if let Some(revision) = given.strip_prefix(GIT) {
        return at_revision(revision, abi).map(Found::Surface);
    }
    if let Some(wanted) = given.strip_prefix(PYTHON) {
        let python = named(Path::new(wanted), patience)?;
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
    if symbols::is_archive(&path)? {
        return Err(symbols::archive(&path).into());
    }
    snapshot(&path, text(&path)?).map(Found::Surface)
}

/// What is in a file that should be a snapshot.
fn text(path: &Path) -> Result<String, Unread> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes))
        .map_err(|error| cannot_read(path, &error))?;
    if bytes.len() as u64 > LARGEST {
        return Err(Unread::file(
            format!(
                "`{}` is larger than {LARGEST} bytes, and no snapshot is",
                path.display()
            ),
            SIDES,
        ));
    }
    String::from_utf8(bytes).map_err(|error| {
        Unread::file(
            format!(
                "`{}` is not UTF-8 from byte {} on, so it is no snapshot, and it does not begin \
                 as a library does",
                path.display(),
                error.utf8_error().valid_up_to()
            ),
            SIDES,
        )
    })
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
    Failure::file("read", path, error).into()
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
    if !dir.join("targets.yaml").exists() {
        return Err(Unread::file(
            format!(
                "`{}` is a folder without `targets.yaml`, so it is no manifest",
                dir.display()
            ),
            SIDES,
        ));
    }
    let reading = read(dir).map_err(|problem| cannot_read(&problem.path, &problem.error))?;
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
        return Err(Unread::file(
            format!("`{revision}` is no git revision"),
            "name a commit, branch or tag",
        ));
    }
    let taken = tempfile::tempdir()
        .map_err(|error| Failure::file("make a folder in", &std::env::temp_dir(), &error))?;
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
        .map_err(|error| {
            Failure::new(
                Trouble::Program,
                format!("`git` could not be started: {error}"),
                "install git",
            )
        })?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Unread::file(
        format!(
            "`git {}` in `{}` says: {}",
            arguments.join(" "),
            folder.display(),
            said.trim_end()
        ),
        "check that the revision is there, and the manifest folder in it; a shallow clone has no \
         history",
    ))
}

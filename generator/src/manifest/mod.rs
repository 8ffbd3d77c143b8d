//! What is written: the files of a manifest folder, as data with places.
//!
//! Nothing here knows what the entries mean; `lower` does.

pub mod entry;
pub mod targets;
mod yaml;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use crate::check::codes::Code;
use crate::diag::Sink;
use crate::source::{FileId, Located, Sources, Span};

pub use entry::Text;
pub use yaml::Spanned;

/// A manifest folder that was read.
#[derive(Debug)]
pub struct Manifest {
    /// `targets.yaml`, when it could be read.
    pub targets: Option<targets::TargetsFile>,
    /// Its file.
    pub targets_file: FileId,
    /// The families, by file name.
    pub families: Vec<Family>,
    /// Hand-written headers of `inline/`, by name.
    pub inline: Vec<InlineHeader>,
    /// `table.lock`, when there is one.
    pub lock: Option<FileId>,
    /// Whether no file had to be left out.
    pub is_whole: bool,
}

/// A hand-written header.
#[derive(Debug)]
pub struct InlineHeader {
    /// The file.
    pub file: FileId,
    /// Its name, which families know it by.
    pub name: String,
    /// What it says.
    pub text: String,
}

/// One family file.
#[derive(Debug)]
pub struct Family {
    /// The file.
    pub file: FileId,
    /// The file's stem.
    pub stem: String,
    /// What it holds.
    pub content: entry::FamilyFile,
}

/// A folder or file that could not be read at all.
#[derive(Debug)]
pub struct ReadError {
    /// What was to be read.
    pub path: PathBuf,
    /// What the system said.
    pub error: io::Error,
}

impl std::fmt::Display for ReadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "cannot read `{}`: {}", self.path.display(), self.error)
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

/// Reads a manifest folder. Files with mistakes are complained of and left out; only what cannot be
/// read at all is an error.
pub fn load(dir: &Path, sources: &mut Sources, sink: &mut Sink) -> Result<Manifest, ReadError> {
    let targets_file = read(&dir.join("targets.yaml"), sources)?;
    let targets = parse(targets_file, sources, sink);
    let paths = list(&dir.join("entries"), "yaml", sources, sink)?;
    let files = paths
        .iter()
        .map(|path| Ok((read(path, sources)?, stem(path))));
    let files: Vec<(FileId, String)> = files.collect::<Result<_, ReadError>>()?;
    let families = sink.of_each(&files, |(file, stem), sink| {
        Some(Family {
            file: *file,
            stem: stem.clone(),
            content: parse_family(*file, sources, sink)?,
        })
    });
    let families = families.into_iter().flatten().collect();
    let mut inline = Vec::new();
    let inline_dir = dir.join("inline");
    if inline_dir.is_dir() {
        for path in list(&inline_dir, "h", sources, sink)? {
            let file = read(&path, sources)?;
            let text = sources.file(file).text.clone();
            inline.push(InlineHeader {
                file,
                name: stem(&path) + ".h",
                text,
            });
        }
    }
    let lock_path = dir.join("table.lock");
    let lock = if lock_path.exists() {
        Some(read(&lock_path, sources)?)
    } else {
        None
    };
    let is_whole = sink.is_understood();
    Ok(Manifest {
        targets,
        targets_file,
        families,
        inline,
        lock,
        is_whole,
    })
}

fn stem(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// The files of a folder with one extension, sorted by name. Others would be overlooked.
pub(crate) fn list(
    dir: &Path,
    extension: &str,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Result<Vec<PathBuf>, ReadError> {
    let fail = |error| ReadError {
        path: dir.to_owned(),
        error,
    };
    let mut paths = Vec::new();
    for item in fs::read_dir(dir).map_err(fail)? {
        paths.push(item.map_err(fail)?.path());
    }
    paths.sort();
    // Editors and systems keep files of their own, whose names begin with a dot.
    paths.retain(|path| {
        !path
            .file_name()
            .is_some_and(|n| n.to_string_lossy().starts_with('.'))
    });
    let (wanted, others): (Vec<_>, Vec<_>) = paths
        .into_iter()
        .partition(|path| path.extension().is_some_and(|e| e == extension));
    for path in others {
        let name = stem(&path);
        let file = sources.add(path, String::new());
        let message = format!("this is not read, for its name does not end in `.{extension}`");
        sink.push(Code::NoEffect, Span::whole_file(file), message)
            .help(format!(
                "rename it to `{name}.{extension}`, or move it away"
            ));
    }
    Ok(wanted)
}

/// Reads one file, as text with the line ends that all places are counted by.
pub(crate) fn read(path: &Path, sources: &mut Sources) -> Result<FileId, ReadError> {
    let text = read_text(path)?;
    Ok(sources.add(path.to_owned(), text))
}

fn read_text(path: &Path) -> Result<String, ReadError> {
    let fail = |error| ReadError {
        path: path.to_owned(),
        error,
    };
    let size = fs::metadata(path).map_err(fail)?.len();
    if size > yaml::MAX_FILE_BYTES as u64 {
        let text = format!(
            "{size} bytes, and the most that is read is {}",
            yaml::MAX_FILE_BYTES
        );
        return Err(fail(io::Error::new(io::ErrorKind::FileTooLarge, text)));
    }
    let text = fs::read_to_string(path).map_err(fail)?;
    // A checkout with CRLF line ends must give the same output, byte for byte.
    Ok(if text.contains('\r') {
        text.replace("\r\n", "\n")
    } else {
        text
    })
}

/// Makes data of a file, or says what is wrong with it.
pub(crate) fn parse<T: DeserializeOwned>(
    file: FileId,
    sources: &Sources,
    sink: &mut Sink,
) -> Option<T> {
    if !lint(file, sources, sink) {
        return None;
    }
    match yaml::parse(&sources.file(file).text) {
        Ok(value) => Some(value),
        Err(complaint) => {
            complain(file, complaint, sink);
            None
        }
    }
}

/// Whether a file is YAML of the plain kind.
fn lint(file: FileId, sources: &Sources, sink: &mut Sink) -> bool {
    let complaints = yaml::lint(&sources.file(file).text);
    let good = complaints.is_empty();
    for complaint in complaints {
        complain(file, complaint, sink);
    }
    good
}

fn complain(file: FileId, complaint: yaml::Complaint, sink: &mut Sink) {
    let diagnostic = sink.push(Code::Shape, span(file, complaint.range), complaint.message);
    diagnostic.help = complaint.help;
}

/// How many broken entries of one file are reported before the rest is left for the next run.
const MAX_BROKEN_ENTRIES: usize = 50;

/// Reads a family. A broken entry is blanked out and the rest read again, so that one run reports
/// the mistakes of all entries.
fn parse_family(file: FileId, sources: &Sources, sink: &mut Sink) -> Option<entry::FamilyFile> {
    if !lint(file, sources, sink) {
        return None;
    }
    let mut text = sources.file(file).text.clone();
    let list = EntryList::find(&text);
    let mut broken = 0;
    loop {
        let complaint = match yaml::parse::<entry::FamilyFile>(&text) {
            Ok(family) => return (broken == 0).then_some(family),
            Err(complaint) => complaint,
        };
        let entry = list
            .as_ref()
            .and_then(|list| list.around(&text, complaint.range.start));
        // What is wrong outside of the entries may be wrong because they were blanked out.
        if broken == 0 || entry.is_some() {
            complain(file, complaint, sink);
        }
        broken += 1;
        match entry {
            Some(entry) if broken < MAX_BROKEN_ENTRIES => blank(&mut text, entry),
            _ => return None,
        }
    }
}

/// Where the items under `entries:` are.
struct EntryList {
    start: usize,
    /// What each item begins with, after a line end.
    marker: String,
}

impl EntryList {
    fn find(text: &str) -> Option<Self> {
        let start = text.find("\nentries:\n")? + "\nentries:\n".len();
        let first = text[start..]
            .lines()
            .find(|line| line.trim_start().starts_with("- "))?;
        let indent = &first[..first.len() - first.trim_start().len()];
        Some(EntryList {
            start,
            marker: format!("\n{indent}- "),
        })
    }

    /// The lines of the item that a byte lies in.
    fn around(&self, text: &str, at: usize) -> Option<std::ops::Range<usize>> {
        let start = text.get(self.start - 1..=at)?.rfind(&self.marker)? + self.start;
        let rest = &text[start..];
        let end = rest
            .find(&self.marker)
            .map_or(text.len(), |offset| start + offset + 1);
        Some(start..end)
    }
}

/// Replaces a range by blanks, so that places in the rest stay what they were.
fn blank(text: &mut String, range: std::ops::Range<usize>) {
    let blanks: String = text[range.clone()]
        .bytes()
        .map(|byte| if byte == b'\n' { '\n' } else { ' ' })
        .collect();
    text.replace_range(range, &blanks);
}

fn span(file: FileId, range: std::ops::Range<usize>) -> Span {
    Span {
        file,
        start: range.start,
        end: range.end,
    }
}

/// A text of a file as a value with its place in all sources.
#[must_use]
pub fn locate(file: FileId, text: &Text) -> Located<String> {
    Located {
        value: text.value.clone(),
        span: place(file, text),
    }
}

/// The place of a spanned value. Quotes are not part of it.
#[must_use]
pub fn place<T>(file: FileId, value: &yaml::Spanned<T>) -> Span {
    span(file, yaml::range(value))
}

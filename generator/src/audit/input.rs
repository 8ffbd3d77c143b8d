//! The files that are named, and those in the folders that are named.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _};
use std::path::{Path, PathBuf};

use rawzip::FileReader;

use super::claim::FileName;
use super::container::Wheel;
use super::inflate::Memory;
use crate::observe::symbols::{LARGEST, ZIP, starts_like_one};

/// So many bytes of a file say what it is.
const START: u64 = 16;

/// What there is to look at.
#[derive(Default)]
pub(super) struct Expanded {
    /// The files, in order.
    pub(super) files: Vec<PathBuf>,
    /// What cannot be read of folders, each with the reason.
    pub(super) failures: Vec<(PathBuf, io::Error)>,
}

/// A file itself, or every wheel and module in a folder. Links in it are not followed.
pub(super) fn expand(path: &Path) -> Expanded {
    let mut found = Expanded::default();
    if path.is_dir() {
        found.walk(path);
    } else {
        found.files.push(path.to_owned());
    }
    found
}

impl Expanded {
    /// Takes all that is in a folder. One that cannot be read keeps nobody from reading those beside it.
    fn walk(&mut self, folder: &Path) {
        let entries: io::Result<Vec<_>> = fs::read_dir(folder).and_then(Iterator::collect);
        let mut entries = self.or_failure(folder, entries).unwrap_or_default();
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let path = entry.path();
            let Some(kind) = self.or_failure(&path, entry.file_type()) else {
                continue;
            };
            let name = entry.file_name().to_string_lossy().into_owned();
            if kind.is_dir() {
                self.walk(&path);
            } else if kind.is_file() && (name.ends_with(".whl") || FileName::parse(&name).is_some())
            {
                self.files.push(path);
            }
        }
    }

    /// What was read, or else notes down why it was not.
    fn or_failure<T>(&mut self, path: &Path, read: io::Result<T>) -> Option<T> {
        read.map_err(|error| self.failures.push((path.to_owned(), error)))
            .ok()
    }
}

/// A file that is there.
pub(super) enum Opened {
    /// A wheel, or another archive.
    Archive(Wheel<FileReader>),
    /// What is named and begins like a module, with its size.
    Module(FileName, File, u64),
}

/// Opens a file, and sees by its name and by how it begins what it is.
pub(super) fn open(path: &Path) -> Result<Opened, String> {
    let text = |error: std::io::Error| error.to_string();
    // Pipes wait when they are opened, and devices have no end.
    if !fs::metadata(path).map_err(text)?.is_file() {
        return Err("it is no regular file".to_owned());
    }
    let file = File::open(path).map_err(text)?;
    let size = file.metadata().map_err(text)?.len();
    if size > LARGEST {
        return Err(format!("it has more than {LARGEST} bytes"));
    }
    let mut start = Vec::new();
    (&file).take(START).read_to_end(&mut start).map_err(text)?;
    let is_named = path.extension().is_some_and(|end| end == "whl");
    if is_named || start.starts_with(ZIP) {
        return Ok(Opened::Archive(Wheel::open(FileReader::from(file), size)?));
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = FileName::parse(&name)
        .ok_or("its name is not that of an extension module, which ends with .so or .pyd")?;
    starts_like_one(&start)?;
    Ok(Opened::Module(name, file, size))
}

/// All of an open file of so many bytes, of which the first may have been read.
pub(super) fn read(mut file: File, size: u64, memory: &mut Memory) -> Result<&[u8], String> {
    let data = memory.whole.room(size)?;
    let read = file.rewind().and_then(|()| file.read_exact(data));
    read.map_err(|error| error.to_string())?;
    Ok(data)
}

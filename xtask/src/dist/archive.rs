//! Archives whose bytes follow from what is in them.

use super::compare;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::Path;

/// A `.tar.gz` of files, below one folder.
pub(super) struct Archive {
    top: String,
    time: u64,
    files: BTreeMap<String, Vec<u8>>,
}

impl Archive {
    /// Nothing yet. All that comes has this time.
    pub(super) fn new(top: &str, time: u64) -> Self {
        Self {
            top: top.to_owned(),
            time,
            files: BTreeMap::new(),
        }
    }

    /// Takes a file in, under another name.
    pub(super) fn file(&mut self, name: &str, path: &Path) -> io::Result<()> {
        self.files.insert(name.to_owned(), fs::read(path)?);
        Ok(())
    }

    /// Takes in all that is below a folder, which gets another name.
    pub(super) fn folder(&mut self, name: &str, folder: &Path) -> io::Result<()> {
        for below in compare::files(folder)? {
            let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
            self.file(&format!("{name}/{}", parts.join("/")), &folder.join(&below))?;
        }
        Ok(())
    }

    /// Writes it into a folder, named after what is at its top.
    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        let file = File::create(folder.join(format!("{}.tar.gz", self.top)))?;
        let mut tar = tar::Builder::new(GzEncoder::new(file, Compression::best()));
        for (name, content) in &self.files {
            let mut header = tar::Header::new_gnu();
            header.set_mode(0o644);
            header.set_mtime(self.time);
            header.set_size(content.len() as u64);
            tar.append_data(&mut header, format!("{}/{name}", self.top), &content[..])?;
        }
        tar.into_inner()?.finish()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Archive;
    use std::fs;
    use std::path::Path;

    fn made(order: [&str; 2]) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("source");
        fs::create_dir(&source).unwrap();
        for name in order {
            fs::write(source.join(name), name).unwrap();
        }
        let mut archive = Archive::new("top-1.0", 1_000_000_000);
        archive.folder("inner", &source).unwrap();
        archive.file("LICENSE", &source.join("b")).unwrap();
        archive.write(folder.path()).unwrap();
        fs::read(folder.path().join("top-1.0.tar.gz")).unwrap()
    }

    #[test]
    fn where_when_and_in_which_order_files_were_written_does_not_show() {
        assert_eq!(made(["a", "b"]), made(["b", "a"]));
    }

    #[test]
    fn everything_is_below_one_folder_with_the_time_that_was_given() {
        let bytes = made(["a", "b"]);
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(&bytes[..]));
        let entries = archive.entries().unwrap().map(|entry| {
            let entry = entry.unwrap();
            let path: &Path = &entry.path().unwrap();
            (path.to_owned(), entry.header().mtime().unwrap())
        });
        let expected = ["top-1.0/LICENSE", "top-1.0/inner/a", "top-1.0/inner/b"];
        let expected = expected.map(|name| (name.into(), 1_000_000_000));
        assert_eq!(entries.collect::<Vec<_>>(), expected);
    }
}

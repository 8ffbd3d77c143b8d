//! The folder, outside the checkout, that keeps assembled interpreters: one subfolder
//! `<label>-<version>` each.

use crate::Error;
use std::env;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Where assembled interpreters are kept. The folder need not exist yet.
#[derive(Clone, Debug)]
pub(crate) struct Cache {
    root: PathBuf,
}

/// Where everything that tests fetch is kept. The folder need not exist yet. None where neither
/// `PYSHIM_CACHE` nor `XDG_CACHE_HOME` nor `HOME` is set.
#[must_use]
pub fn folder() -> Option<PathBuf> {
    let variable = |name| {
        env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let folder = variable("PYSHIM_CACHE")
        .or_else(|| variable("XDG_CACHE_HOME").map(|folder| folder.join("pyshim")))
        .or_else(|| variable("HOME").map(|folder| folder.join(".cache/pyshim")))?;
    Some(std::path::absolute(&folder).unwrap_or(folder))
}

/// While this lives, no other process assembles into the same cache.
pub(crate) struct Lock {
    cache: Cache,
    _file: File,
}

const SCRATCH: &str = ".assembling-";

impl Cache {
    /// None where [`folder`] is.
    pub(crate) fn from_environment() -> Option<Self> {
        Some(Self {
            root: folder()?.join("pythons"),
        })
    }
    #[cfg(test)]
    pub(crate) fn at(root: &Path) -> Self {
        Self {
            root: root.to_path_buf(),
        }
    }

    /// The folder of every interpreter in it, in no order.
    pub(crate) fn prefixes(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(&self.root).into_iter().flatten().flatten();
        entries
            .filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'))
            .map(|entry| entry.path())
            .collect()
    }

    /// Waits until no other process assembles, and sweeps up what an interrupted one left.
    pub(crate) fn lock(&self) -> Result<Lock, Error> {
        fs::create_dir_all(&self.root).map_err(Error::io("create", &self.root))?;
        let path = self.root.join(".lock");
        let file = File::create(&path).map_err(Error::io("create", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                eprintln!("pythons: waiting for another process that assembles interpreters");
                file.lock().map_err(Error::io("lock", &path))?;
            }
            Err(TryLockError::Error(error)) => return Err(Error::io("lock", &path)(error)),
        }
        let lock = Lock {
            cache: self.clone(),
            _file: file,
        };
        lock.sweep();
        Ok(lock)
    }
}

impl Lock {
    fn sweep(&self) {
        for entry in fs::read_dir(&self.cache.root)
            .into_iter()
            .flatten()
            .flatten()
        {
            if entry.file_name().to_string_lossy().starts_with(SCRATCH) {
                // What can't be removed costs space and nothing else.
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }

    /// A folder to work in, on the cache's own file system; it goes when the value does.
    pub(crate) fn scratch(&self) -> Result<TempDir, Error> {
        tempfile::Builder::new()
            .prefix(SCRATCH)
            .tempdir_in(&self.cache.root)
            .map_err(Error::io("create a folder in", &self.cache.root))
    }

    /// Where the interpreter of that name belongs.
    pub(crate) fn place(&self, name: &str) -> PathBuf {
        self.cache.root.join(name)
    }

    /// Moves a finished interpreter to its place in one step. What was there (an interpreter that
    /// no longer runs) goes.
    pub(crate) fn keep(&self, finished: &Path, name: &str) -> Result<(), Error> {
        let place = self.place(name);
        if place.exists() {
            fs::remove_dir_all(&place).map_err(Error::io("remove", &place))?;
        }
        fs::rename(finished, &place).map_err(Error::io("move an interpreter to", &place))
    }
}

#[cfg(test)]
mod tests {
    use super::Cache;
    use std::fs;

    #[test]
    fn the_lock_sweeps_what_was_left_and_keeps_what_was_finished() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path());
        fs::create_dir_all(folder.path().join(".assembling-dead/bin")).unwrap();

        let lock = cache.lock().unwrap();
        assert!(!folder.path().join(".assembling-dead").exists());

        let scratch = lock.scratch().unwrap();
        fs::create_dir_all(lock.place("3.14-3.14.9")).unwrap();
        fs::write(lock.place("3.14-3.14.9").join("old"), "").unwrap();
        fs::create_dir(scratch.path().join("done")).unwrap();
        fs::write(scratch.path().join("done/new"), "").unwrap();
        lock.keep(&scratch.path().join("done"), "3.14-3.14.9")
            .unwrap();

        assert_eq!(cache.prefixes(), [folder.path().join("3.14-3.14.9")]);
        assert!(lock.place("3.14-3.14.9").join("new").exists());
        assert!(!lock.place("3.14-3.14.9").join("old").exists());
    }

    #[test]
    fn a_cache_that_is_not_there_is_empty() {
        assert!(
            Cache::at("/nonexistent/pythons".as_ref())
                .prefixes()
                .is_empty()
        );
    }
}

//! What compilers were asked before, in the user's cache folder.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

/// A folder of answers, or none.
#[derive(Clone, Debug, Default)]
pub struct Cache {
    folder: Option<PathBuf>,
}

/// Counts up when what is kept, or what is asked, gets another meaning.
const FORMAT: &str = "14";

impl Cache {
    /// One that keeps nothing.
    #[must_use]
    pub fn none() -> Self {
        Cache::default()
    }

    /// The user's: below `PYSHIM_CACHE`, `XDG_CACHE_HOME` or the home folder.
    #[must_use]
    pub fn from_environment() -> Self {
        Cache {
            folder: folder().map(|folder| folder.join("observed")),
        }
    }

    /// One in a folder.
    #[must_use]
    pub fn at(folder: PathBuf) -> Self {
        Cache {
            folder: Some(folder),
        }
    }

    /// The key of everything that an answer depends on.
    #[must_use]
    pub fn key(parts: &[&str]) -> String {
        let mut hash = Sha256::new();
        for part in [FORMAT, env!("CARGO_PKG_VERSION")].iter().chain(parts) {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        hex(&hash.finalize())
    }

    /// What stands for a content.
    #[must_use]
    pub fn hash(content: &[u8]) -> String {
        hex(&Sha256::digest(content))
    }

    /// Whether asking it is in vain.
    #[must_use]
    pub fn keeps_nothing(&self) -> bool {
        self.folder.is_none()
    }

    /// What was kept, unless it is damaged.
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        let path = self.folder.as_ref()?.join(key);
        serde_json::from_slice(&fs::read(path).ok()?).ok()
    }

    /// Keeps something. What cannot be kept costs time and nothing else.
    pub fn put<T: Serialize>(&self, key: &str, value: &T) {
        let Some(folder) = &self.folder else {
            return;
        };
        let write = || -> std::io::Result<()> {
            fs::create_dir_all(folder)?;
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            file.write_all(&serde_json::to_vec(value)?)?;
            file.persist(folder.join(key))
                .map_err(|error| error.error)?;
            Ok(())
        };
        let _ = write();
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Pyshim's cache folder.
#[must_use]
pub fn folder() -> Option<PathBuf> {
    let variable = |name| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    variable("PYSHIM_CACHE")
        .or_else(|| variable("XDG_CACHE_HOME").map(|folder| folder.join("pyshim")))
        .or_else(|| std::env::home_dir().map(|home| home.join(".cache/pyshim")))
}

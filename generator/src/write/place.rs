//! Where a text goes that the user names a place for: a file, which is replaced in one step, or what is open
//! to somebody else, which is written straight.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// As many links as Linux follows.
const MOST_LINKS: usize = 40;

/// What a path leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A file, or none yet, at the end of all links; a folder too, which nothing can replace.
    File(PathBuf),
    /// A pipe, a device, or what this process has open: nothing of that can be read first, and nothing can
    /// take its place.
    Stream,
}

impl Place {
    /// Follows the links, so that they stay.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let is_stream = match fs::metadata(path) {
            Ok(found) => !found.is_file() && !found.is_dir(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => return Err(error),
        };
        if is_stream {
            return Ok(Place::Stream);
        }
        let mut end = path.to_owned();
        for _ in 0..MOST_LINKS {
            if is_descriptor(&end) {
                return Ok(Place::Stream);
            }
            // What is no link has no target.
            let Ok(target) = fs::read_link(&end) else {
                return Ok(Place::File(end));
            };
            end.pop();
            end.push(target);
        }
        let reason = "its links lead to more links without end";
        Err(io::Error::new(io::ErrorKind::InvalidInput, reason))
    }
}

/// Whether a path is a number of `/proc/self/fd` or `/dev/fd`, where `/dev/stdout` leads. Behind it may be
/// a file, to which others write too and which may have no name any more.
fn is_descriptor(path: &Path) -> bool {
    let folder = path.parent().map(fs::canonicalize);
    let Some(Ok(folder)) = folder else {
        return false;
    };
    folder.starts_with("/proc") || folder == Path::new("/dev/fd")
}

/// Opens what is written straight. A file that this process has open keeps what it has, as with `>>`.
pub(super) fn open(path: &Path) -> io::Result<File> {
    let is_file = fs::metadata(path)?.is_file();
    OpenOptions::new().write(true).append(is_file).open(path)
}

#[cfg(all(test, unix))]
mod tests {
    use std::path::Path;

    use super::Place;

    #[test]
    fn a_device_is_never_replaced() {
        for path in ["/dev/null", "/dev/zero"] {
            let place = Place::of(Path::new(path)).expect("it is there");
            assert_eq!(place, Place::Stream, "{path}");
        }
    }
}

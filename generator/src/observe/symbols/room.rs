//! How much is kept of the names in a file.

/// How many times its size. Each byte of a table of names is of one name in most files, and of a few
/// where linkers let names share their ends, or a version is that of many.
const TIMES: usize = 4;

/// The bytes that names may still have. One long text can be the end of every name, so that few bytes
/// of a file would become gigabytes.
#[derive(Debug)]
pub(super) struct Room {
    left: usize,
}

impl Room {
    /// For the names in so many bytes.
    pub(super) fn of(data: &[u8]) -> Self {
        Room {
            left: data.len().saturating_mul(TIMES),
        }
    }

    /// Takes room for a name that is looked at or kept.
    pub(super) fn take(&mut self, name: impl AsRef<[u8]>) -> Result<(), String> {
        match self.left.checked_sub(name.as_ref().len()) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(format!(
                "its names have more than {TIMES} times as many bytes as there are"
            )),
        }
    }
}

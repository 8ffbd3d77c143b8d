//! The signatures that a table slot is locked with, so that compiled extensions stay right.

use super::{Entry, Function, Model, Signature};

/// One locked slot, as it stands in `table.lock`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedSlot {
    /// Its index.
    pub slot: u32,
    /// The function's name.
    pub name: String,
    /// The function's signature, in the manifest's grammar.
    pub signature: String,
}

impl LockedSlot {
    /// What the lock should say of a function.
    #[must_use]
    pub fn of(entry: &Entry, function: &Function, slot: u32) -> Self {
        LockedSlot {
            slot,
            name: entry.name.clone(),
            signature: function.signature.lock_text(),
        }
    }

    /// Reads one line.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let mut parts = line.splitn(3, ' ');
        Some(LockedSlot {
            slot: parts.next()?.parse().ok()?,
            name: parts.next()?.to_owned(),
            signature: parts.next()?.to_owned(),
        })
    }
}

impl std::fmt::Display for LockedSlot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {}", self.slot, self.name, self.signature)
    }
}

impl Signature {
    /// The types alone, for parameters can be renamed without breaking anyone.
    #[must_use]
    pub fn lock_text(&self) -> String {
        let params: Vec<String> = self.params.iter().map(|(_, ty)| ty.to_string()).collect();
        format!("({}) -> {}", params.join(", "), self.returns)
    }
}

/// The lines of the lock that the model asks for.
#[must_use]
pub fn lines(model: &Model) -> Vec<LockedSlot> {
    let slots = model.table().into_iter();
    slots
        .filter_map(|(entry, f)| f.slot.map(|slot| LockedSlot::of(entry, f, slot.value)))
        .collect()
}

/// CRC-32 of the lock's lines: what header and C core compare when they meet.
#[must_use]
pub fn hash(model: &Model) -> u32 {
    let text: String = lines(model)
        .iter()
        .map(|line| format!("{line}\n"))
        .collect();
    crc32fast::hash(text.as_bytes())
}

//! What snapshots of CPythons show to be wrong in CPython's headers, each with a C file that shows
//! it to whoever could mend it.
//!
//! Pure: snapshots in, faults out. Whether a fault is still there is for a compiler to say; the
//! conformance tests ask one.

mod find;
mod page;
mod reproducer;

use crate::history::Observed;

pub use page::page;
pub use reproducer::hex;

/// Something that is wrong upstream.
#[derive(Clone, Debug)]
pub struct Fault {
    /// The stem of its file.
    pub id: &'static str,
    /// What is wrong, as a heading.
    pub title: &'static str,
    /// What is wrong, and what follows from it.
    pub meaning: &'static str,
    /// The CPython whose headers show it.
    pub headers: String,
    /// The oldest `Py_LIMITED_API` that shows it, as a version; none is the full API.
    pub limited: Option<String>,
    /// What a compiler does while the fault is there.
    pub shows: Shows,
    /// The names, with what is known of each.
    pub names: Vec<Name>,
}

/// How a fault shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shows {
    /// It compiles, and should not.
    Compiles,
    /// It compiles, and CPythons that do not export the names cannot import it.
    Unloadable,
    /// It does not compile, and should.
    Refused,
}

/// A name that something is wrong with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// It.
    pub name: String,
    /// How it is used.
    pub usage: Usage,
    /// The oldest and the newest `Py_LIMITED_API` that have it and should not, as versions; none is
    /// all that there are.
    pub wrongly_in: Option<(String, String)>,
    /// The CPython that brought it.
    pub from: Option<String>,
}

/// How C uses a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usage {
    /// Its address is taken.
    Address,
    /// It is a macro.
    Macro,
    /// It is a type.
    Type,
}

/// All that is found; snapshots are sorted.
#[must_use]
pub fn faults(observed: &[Observed]) -> Vec<Fault> {
    [
        find::early_symbols(observed),
        find::early_names(observed),
        find::private_names(observed),
        find::missing_symbols(observed),
        find::unallocatable(observed),
    ]
    .into_iter()
    .flatten()
    .collect()
}

impl Fault {
    /// Where its file is.
    #[must_use]
    pub fn path(&self) -> String {
        format!("docs/upstream/{}.c", self.id)
    }

    /// The file.
    #[must_use]
    pub fn text(&self) -> String {
        reproducer::text(self)
    }

    /// `-DPy_LIMITED_API=0x03080000`, or nothing.
    #[must_use]
    pub fn define(&self) -> Option<String> {
        let limited = self.limited.as_deref()?;
        Some(format!("-DPy_LIMITED_API={}", reproducer::hex(limited)))
    }
}

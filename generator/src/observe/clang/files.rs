//! Which names are asked for: by themselves, or by the file that declares them.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::Wanted;
use crate::observe::Failure;

/// Answers whether a name is asked for.
#[derive(Debug)]
pub(super) struct Filter {
    by: By,
}

#[derive(Debug)]
enum By {
    Names(BTreeSet<String>),
    Files {
        roots: Vec<PathBuf>,
        macros: BTreeSet<String>,
        known: RefCell<BTreeMap<String, bool>>,
    },
}

impl Filter {
    /// Reads the files that were asked for, to know which macros they define: libclang tells the
    /// place of everything else.
    pub(super) fn new(wanted: &Wanted) -> Result<Self, Failure> {
        let by = match wanted {
            Wanted::Names(names) => By::Names(names.clone()),
            Wanted::Under(places) => By::Files {
                roots: roots(places)?,
                macros: macros(places)?,
                known: RefCell::default(),
            },
        };
        Ok(Filter { by })
    }

    /// Whether it is files that are asked for, and not names.
    pub(super) fn goes_by_files(&self) -> bool {
        matches!(self.by, By::Files { .. })
    }

    /// Whether a macro is asked for.
    pub(super) fn has_macro(&self, name: &str) -> bool {
        match &self.by {
            By::Names(names) => names.contains(name),
            By::Files { macros, .. } => macros.contains(name),
        }
    }

    /// Whether a function of which nothing but its name is known is asked for. Where that depends on
    /// its file, nobody can say, and it is not.
    pub(super) fn has_name(&self, name: &str) -> bool {
        self.has(&[name], None)
    }

    /// Whether something else is asked for, by any of its names.
    pub(super) fn has(&self, names: &[&str], file: Option<&str>) -> bool {
        match &self.by {
            By::Names(wanted) => names.iter().any(|name| wanted.contains(*name)),
            By::Files { roots, known, .. } => {
                let Some(file) = file else { return false };
                let mut known = known.borrow_mut();
                *known.entry(file.to_owned()).or_insert_with(|| {
                    fs::canonicalize(file)
                        .is_ok_and(|file| roots.iter().any(|root| file.starts_with(root)))
                })
            }
        }
    }
}

fn roots(places: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let root = |place: &PathBuf| {
        fs::canonicalize(place).map_err(|error| Failure::file("find", place, &error))
    };
    places.iter().map(root).collect()
}

/// Every name that follows `#define` in some files and in the files of some folders.
pub(super) fn macros(places: &[PathBuf]) -> Result<BTreeSet<String>, Failure> {
    let mut macros = BTreeSet::new();
    for root in roots(places)? {
        collect_macros(&root, &mut macros)?;
    }
    Ok(macros)
}

/// Every name that follows `#define` in a file, or in the files of a folder. Whether the line counts
/// is for libclang to say.
fn collect_macros(path: &Path, macros: &mut BTreeSet<String>) -> Result<(), Failure> {
    let failed = |error: &std::io::Error| Failure::file("read", path, error);
    if !path.is_dir() {
        let text = fs::read(path).map_err(|error| failed(&error))?;
        macros.extend(
            String::from_utf8_lossy(&text)
                .lines()
                .filter_map(defined)
                .map(str::to_owned),
        );
        return Ok(());
    }
    for entry in fs::read_dir(path).map_err(|error| failed(&error))? {
        let entry = entry.map_err(|error| failed(&error))?;
        // A link to a folder may lead back here.
        let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
        if !(is_link && entry.path().is_dir()) && entry.path().exists() {
            collect_macros(&entry.path(), macros)?;
        }
    }
    Ok(())
}

fn defined(line: &str) -> Option<&str> {
    let rest = line.trim_start().strip_prefix('#')?.trim_start();
    let rest = rest.strip_prefix("define")?;
    let name = rest.trim_start();
    let end = name.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'));
    let name = &name[..end.unwrap_or(name.len())];
    (rest.starts_with([' ', '\t']) && !name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::defined;

    #[test]
    fn the_name_after_define_is_found() {
        assert_eq!(defined("#define A 1"), Some("A"));
        assert_eq!(defined("  #  define\tB_2(x) x"), Some("B_2"));
        assert_eq!(defined("#define C"), Some("C"));
        assert_eq!(defined("#defined D"), None);
        assert_eq!(defined("#undef E"), None);
    }
}

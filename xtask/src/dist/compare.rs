//! Whether two folders are the same.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The files below a folder, by their paths in it, in order.
pub(super) fn files(folder: &Path) -> io::Result<BTreeSet<PathBuf>> {
    let (mut found, mut waiting) = (BTreeSet::new(), vec![folder.to_owned()]);
    while let Some(one) = waiting.pop() {
        for entry in fs::read_dir(one)? {
            let path = entry?.path();
            if path.is_dir() {
                waiting.push(path);
            } else if let Ok(name) = path.strip_prefix(folder) {
                found.insert(name.to_owned());
            }
        }
    }
    Ok(found)
}

/// Byte for byte; otherwise it says which files are not the same, and where to look.
pub(super) fn same(first: &Path, second: &Path) -> Result<(), String> {
    let differing = differing(first, second).map_err(|error| {
        format!(
            "{} and {} cannot be compared: {error}",
            first.display(),
            second.display()
        )
    })?;
    if differing.is_empty() {
        return Ok(());
    }
    Err(format!(
        "two builds of one commit differ in {}:\n  {}\nhelp: both are there, in {} and {}; diffoscope says how they differ",
        if differing.len() == 1 {
            "1 file".to_owned()
        } else {
            format!("{} files", differing.len())
        },
        differing.join("\n  "),
        first.display(),
        second.display()
    ))
}

fn differing(first: &Path, second: &Path) -> io::Result<Vec<String>> {
    let (of_first, of_second) = (files(first)?, files(second)?);
    let mut differing = Vec::new();
    for name in of_first.union(&of_second) {
        let shown = name.display();
        if !of_second.contains(name) {
            differing.push(format!("{shown} (in the first only)"));
        } else if !of_first.contains(name) {
            differing.push(format!("{shown} (in the second only)"));
        } else if fs::read(first.join(name))? != fs::read(second.join(name))? {
            differing.push(shown.to_string());
        }
    }
    Ok(differing)
}

#[cfg(test)]
mod tests {
    use super::same;
    use std::fs;
    use tempfile::TempDir;

    fn folder(files: &[(&str, &str)]) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    #[test]
    fn folders_with_the_same_bytes_are_the_same() {
        let [a, b] = [0, 1].map(|_| folder(&[("x", "1"), ("y/z", "2")]));
        assert_eq!(same(a.path(), b.path()), Ok(()));
    }

    #[test]
    fn what_differs_and_what_is_missing_is_named() {
        let a = folder(&[("same", "1"), ("y/z", "2"), ("gone", "")]);
        let b = folder(&[("same", "1"), ("y/z", "3"), ("new", "")]);
        let said = same(a.path(), b.path()).unwrap_err();
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(
            lines[..4],
            [
                "two builds of one commit differ in 3 files:",
                "  gone (in the first only)",
                "  new (in the second only)",
                "  y/z",
            ]
        );
        assert!(lines[4].contains(a.path().to_str().unwrap()), "{said}");
    }

    #[test]
    fn a_folder_that_is_not_there_is_no_equality() {
        let a = folder(&[]);
        assert!(same(a.path(), &a.path().join("nowhere")).is_err());
    }
}

//! What is done to an sdist: files of ours laid over it, and edits of a few words.

use super::package::Package;
use crate::failure::{Failure, could_not_at};
use regex::Regex;
use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};

/// One replacement, of something that has to be there as often as is said.
pub(crate) struct Edit {
    /// Files below the sdist's root; a folder stands for the C in it.
    pub(crate) place: &'static str,
    /// A regular expression.
    pub(crate) find: &'static str,
    /// What comes there, with `${1}` for what the first group found.
    pub(crate) put: &'static str,
    pub(crate) times: usize,
}

/// Edits first, so that they see upstream's text only; then our files, and the C core.
pub(crate) fn lay(package: &Package, root: &Path, tree: &Path) -> Result<(), Failure> {
    for edit in package.edits {
        apply(edit, root, tree)?;
    }
    copy(&folder(package, root).join("overlay"), tree)?;
    if let Some(place) = package.vendored {
        copy(&root.join("include"), &tree.join(place).join("include"))?;
        copy(&root.join("shim/csrc"), &tree.join(place).join("csrc"))?;
    }
    Ok(())
}

/// What the checkout has for a package.
pub(crate) fn folder(package: &Package, root: &Path) -> PathBuf {
    root.join("tests/real").join(package.name)
}

fn apply(edit: &Edit, root: &Path, tree: &Path) -> Result<(), Failure> {
    // Rust that is built elsewhere finds the crate by its path.
    let put = edit.put.replace("<root>", &root.display().to_string());
    let find = Regex::new(edit.find).map_err(|error| Failure::CouldNot(error.to_string()))?;
    let mut found = 0;
    for file in files(&tree.join(edit.place))? {
        let text = read(&file)?;
        found += find.find_iter(&text).count();
        if let Cow::Owned(edited) = find.replace_all(&text, &put) {
            fs::write(&file, edited).map_err(could_not_at("write", &file))?;
        }
    }
    if found == edit.times {
        Ok(())
    } else {
        Err(Failure::Findings(format!(
            "`{}` has {:?} {found} times, and the edit of it is for {}",
            edit.place, edit.find, edit.times
        )))
    }
}

/// The file itself, or the C below a folder.
fn files(place: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !place.is_dir() {
        return Ok(vec![place.to_owned()]);
    }
    let all = below(place)?;
    let is_c = |path: &PathBuf| path.extension().is_some_and(|end| end == "c" || end == "h");
    Ok(all.into_iter().filter(is_c).collect())
}

/// Every file below a folder, in order.
pub(crate) fn below(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
        .map_err(could_not_at("list", folder))?;
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            files.extend(below(&path)?);
        } else {
            files.push(path);
        }
    }
    Ok(files)
}

/// A folder's files into another, in place of those of the same names.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    for file in below(from)? {
        let target = to.join(file.strip_prefix(from).unwrap_or(&file));
        let copied = fs::create_dir_all(target.parent().unwrap_or(to))
            .and_then(|()| fs::copy(&file, &target));
        copied.map_err(could_not_at("copy", &file))?;
    }
    Ok(())
}

fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(could_not_at("read", path))
}

#[cfg(test)]
mod tests {
    use super::{Edit, apply};
    use crate::failure::Failure;
    use std::fs;
    use std::path::Path;

    fn edit(times: usize) -> Edit {
        Edit {
            place: "src",
            find: r"\bol(d)\b",
            put: "new ${1} <root>",
            times,
        }
    }

    #[test]
    fn an_edit_replaces_its_words_in_the_c_of_a_folder() {
        let tree = tempfile::tempdir().unwrap();
        fs::create_dir_all(tree.path().join("src/deep")).unwrap();
        fs::write(tree.path().join("src/a.c"), "old old").unwrap();
        fs::write(tree.path().join("src/deep/b.h"), "old").unwrap();
        fs::write(tree.path().join("src/c.py"), "old").unwrap();
        apply(&edit(3), Path::new("/root"), tree.path()).unwrap();
        let read = |name: &str| fs::read_to_string(tree.path().join(name)).unwrap();
        assert_eq!(read("src/a.c"), "new d /root new d /root");
        assert_eq!(read("src/deep/b.h"), "new d /root");
        assert_eq!(read("src/c.py"), "old");
    }

    #[test]
    fn an_edit_of_words_that_upstream_has_changed_is_refused() {
        let tree = tempfile::tempdir().unwrap();
        fs::create_dir_all(tree.path().join("src")).unwrap();
        fs::write(tree.path().join("src/a.c"), "old").unwrap();
        let refused = apply(&edit(2), Path::new("/root"), tree.path());
        assert!(
            matches!(&refused, Err(Failure::Findings(text)) if text.contains("1 times, and the edit of it is for 2")),
            "{refused:?}"
        );
    }
}

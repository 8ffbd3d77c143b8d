//! Where a release goes, in the place of an earlier one and of nothing else.

use super::{compare, sums};
use crate::failure::{Failure, could_not_at};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A file that every release has, by which its list is told from lists of others.
const OURS: &str = "pyshim.h";

/// A folder that may be replaced.
pub(super) struct Destination {
    folder: PathBuf,
    /// What the new release is made ready in: beside the folder, so that both are on one file system.
    parent: PathBuf,
}

impl Destination {
    /// Refuses a folder that holds anything but a release, for all that is in it would be lost.
    pub(super) fn of(out: &Path) -> Result<Self, Failure> {
        // Where a link leads is what is replaced, and not the link.
        let folder = match out.exists() {
            true => fs::canonicalize(out),
            false => std::path::absolute(out),
        };
        let folder = folder.map_err(could_not_at("find", out))?;
        if folder.exists() {
            is_release_or_empty(&folder)?;
        }
        let Some(parent) = folder.parent().map(Path::to_owned) else {
            return Err(Failure::Usage(format!("{} is no folder", out.display())));
        };
        Ok(Self { folder, parent })
    }

    /// Copies a release beside the folder, and only then takes away what is there.
    pub(super) fn fill(&self, release: &Path) -> Result<(), Failure> {
        fs::create_dir_all(&self.parent).map_err(could_not_at("make", &self.parent))?;
        let beside = tempfile::Builder::new()
            .prefix(".pyshim-dist-")
            .tempdir_in(&self.parent)
            .map_err(could_not_at("make a folder in", &self.parent))?;
        let (new, old) = (beside.path().join("new"), beside.path().join("old"));
        copy(release, &new)?;
        let is_replaced = self.folder.exists();
        if is_replaced {
            // Somebody may have put something there meanwhile.
            is_release_or_empty(&self.folder)?;
            fs::rename(&self.folder, &old).map_err(could_not_at("move away", &self.folder))?;
        }
        let Err(error) = fs::rename(&new, &self.folder) else {
            return Ok(());
        };
        if is_replaced && fs::rename(&old, &self.folder).is_err() {
            eprintln!(
                "xtask: the earlier one is {}",
                beside.keep().join("old").display()
            );
        }
        Err(could_not_at("move the release to", &self.folder)(error))
    }
}

fn is_release_or_empty(folder: &Path) -> Result<(), Failure> {
    let stranger = |why: &str| {
        Failure::Usage(format!(
            "{} would be replaced, and {why}; name an empty folder, or an earlier release",
            folder.display()
        ))
    };
    if !folder.is_dir() {
        return Err(stranger("is no folder"));
    }
    let mut entries = fs::read_dir(folder).map_err(could_not_at("list", folder))?;
    if entries.next().is_none() {
        return Ok(());
    }
    let Ok(list) = fs::read_to_string(folder.join(sums::NAME)) else {
        return Err(stranger("is not empty and has no SHA256SUMS"));
    };
    let listed = list.lines().filter_map(|line| line.split_once("  "));
    let listed: BTreeSet<&Path> = listed.map(|(_, name)| Path::new(name)).collect();
    if !listed.contains(Path::new(OURS)) {
        return Err(stranger("its SHA256SUMS is not that of a release"));
    }
    let files = compare::files(folder).map_err(could_not_at("list", folder))?;
    let other = files
        .iter()
        .find(|name| name.as_path() != Path::new(sums::NAME) && !listed.contains(name.as_path()));
    match other {
        None => Ok(()),
        Some(name) => Err(stranger(&format!(
            "its SHA256SUMS does not have {}",
            name.display()
        ))),
    }
}

fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    for name in compare::files(from).map_err(could_not_at("list", from))? {
        let path = to.join(&name);
        let folder = path.parent().unwrap_or(to);
        fs::create_dir_all(folder).map_err(could_not_at("make", folder))?;
        fs::copy(from.join(&name), &path).map_err(could_not_at("write", &path))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Destination;
    use crate::dist::sums;
    use crate::failure::Failure;
    use std::fs;
    use std::path::{Path, PathBuf};
    use tempfile::TempDir;

    /// A folder `out` with files, and where it is.
    fn out(files: &[&str]) -> (TempDir, PathBuf) {
        let place = tempfile::tempdir().unwrap();
        let out = place.path().join("out");
        fs::create_dir(&out).unwrap();
        for name in files {
            fs::write(out.join(name), "old").unwrap();
        }
        (place, out)
    }

    fn is_refused(out: &Path) -> bool {
        matches!(Destination::of(out), Err(Failure::Usage(_)))
    }

    #[test]
    fn a_folder_of_somebody_else_is_refused_and_stays() {
        let (_place, out) = out(&["thesis.tex"]);
        assert!(is_refused(&out));
        fs::write(out.join(sums::NAME), "0  thesis.tex\n").unwrap();
        assert!(is_refused(&out), "a list of others is none of ours");
        assert!(is_refused(&out.join("thesis.tex")), "a file is no folder");
        assert!(is_refused(Path::new("/")));
        assert!(out.join("thesis.tex").exists());
    }

    #[test]
    fn a_release_with_something_beside_it_is_refused() {
        let (_place, out) = out(&["pyshim.h"]);
        sums::write(&out).unwrap();
        assert!(!is_refused(&out));
        let destination = Destination::of(&out).unwrap_or_else(|failure| panic!("{failure}"));
        fs::create_dir(out.join("notes")).unwrap();
        fs::write(out.join("notes/mine"), "").unwrap();
        assert!(is_refused(&out));
        let release = tempfile::tempdir().unwrap();
        assert!(destination.fill(release.path()).is_err());
        assert!(out.join("notes/mine").exists());
    }

    #[test]
    fn what_is_new_takes_the_place_of_what_was_there_and_nothing_else_is_left() {
        for there in [None, Some(&[] as &[&str]), Some(&["pyshim.h", "gone"])] {
            let (place, out) = out(there.unwrap_or_default());
            match there {
                None => fs::remove_dir(&out).unwrap(),
                Some([]) => {}
                Some(_) => sums::write(&out).unwrap(),
            }
            let release = tempfile::tempdir().unwrap();
            fs::write(release.path().join("pyshim.h"), "new").unwrap();
            let destination = Destination::of(&out).unwrap_or_else(|failure| panic!("{failure}"));
            destination.fill(release.path()).unwrap();
            assert_eq!(fs::read_to_string(out.join("pyshim.h")).unwrap(), "new");
            assert_eq!(fs::read_dir(&out).unwrap().count(), 1);
            assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
        }
    }

    #[test]
    fn a_copy_that_fails_leaves_the_old_release() {
        let (place, out) = out(&["pyshim.h"]);
        sums::write(&out).unwrap();
        let destination = Destination::of(&out).unwrap_or_else(|failure| panic!("{failure}"));
        assert!(destination.fill(&place.path().join("nowhere")).is_err());
        assert_eq!(fs::read_to_string(out.join("pyshim.h")).unwrap(), "old");
    }
}

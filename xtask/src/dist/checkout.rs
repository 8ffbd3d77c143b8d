//! The commit that is released, and clones of it.

use crate::failure::{Failure, could_not_at};
use crate::place::root;
use crate::step;
use std::fs;
use std::path::Path;
use std::process::Command;

/// What is released: nothing that is not committed.
pub(super) struct Commit {
    /// As git names it.
    pub(super) id: String,
    /// Seconds since 1970: the time that everything in a release has.
    pub(super) time: u64,
}

impl Commit {
    /// The last one of the branch that is checked out.
    pub(super) fn last() -> Result<Self, Failure> {
        let said = git(&["show", "--no-patch", "--format=%H %ct", "HEAD"])?;
        let words = said.trim().split_once(' ');
        let (id, time) = words
            .and_then(|(id, time)| Some((id.to_owned(), time.parse().ok()?)))
            .ok_or_else(|| Failure::CouldNot(format!("git said of the last commit: {said}")))?;
        let changed = git(&["status", "--porcelain"])?.lines().count();
        if changed > 0 {
            eprintln!(
                "xtask: {changed} files are not as they were committed; {id} is what is built"
            );
        }
        Ok(Self { id, time })
    }

    /// A clone with this commit checked out.
    pub(super) fn clone_into(&self, folder: &Path) -> Result<(), Failure> {
        fs::create_dir_all(folder).map_err(could_not_at("make", folder))?;
        let mut clone = Command::new("git");
        clone.args(["clone", "--quiet", "--no-checkout", "--shared"]);
        step::run(clone.arg(root()).arg(folder))?;
        let mut checkout = Command::new("git");
        checkout.args(["checkout", "--quiet", "--detach", &self.id]);
        step::run(checkout.current_dir(folder))
    }
}

fn git(arguments: &[&str]) -> Result<String, Failure> {
    let output = Command::new("git")
        .args(arguments)
        .current_dir(root())
        .output();
    let output = output.map_err(could_not_at("start", Path::new("git")))?;
    if !output.status.success() {
        let error = String::from_utf8_lossy(&output.stderr);
        return Err(Failure::CouldNot(format!(
            "git {}: {}",
            arguments.join(" "),
            error.trim()
        )));
    }
    String::from_utf8(output.stdout)
        .map_err(|_| Failure::CouldNot(format!("git {}: no UTF-8", arguments.join(" "))))
}

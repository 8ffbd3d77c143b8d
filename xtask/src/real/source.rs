//! Upstream's files: the sdist, which its hash pins, and tests that it lacks.

use super::package::{Package, Tests};
use crate::failure::{Failure, could_not};
use crate::step::run;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Gets the sdist into the cache, if it is not there yet.
pub(crate) fn sdist(package: &Package, cache: &Path) -> Result<PathBuf, Failure> {
    let stem = format!("{}-{}", package.name.replace('-', "_"), package.version);
    let archive = cache.join(format!("{stem}.tar.gz"));
    if !archive.is_file() {
        let scratch = tempfile::tempdir_in(cache).map_err(could_not("make a folder"))?;
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "download", "--quiet", "--no-deps", "--dest"])
            .arg(scratch.path())
            .args(["--no-binary", package.name])
            .arg(format!("{}=={}", package.name, package.version));
        run(&mut pip)?;
        fs::rename(scratch.path().join(format!("{stem}.tar.gz")), &archive)
            .map_err(could_not("keep an sdist"))?;
    }
    let bytes = fs::read(&archive).map_err(could_not("read an sdist"))?;
    let found: String = Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    if found == package.sha256 {
        Ok(archive)
    } else {
        Err(Failure::CouldNot(format!(
            "`{}` has the hash {found}, and what was looked at has {}\nhelp: remove it",
            archive.display(),
            package.sha256
        )))
    }
}

/// Unpacks an sdist; its files lie in `folder` itself.
pub(crate) fn unpack(archive: &Path, folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(could_not("make a folder"))?;
    let mut tar = Command::new("tar");
    tar.args(["--strip-components=1", "-xzf"])
        .arg(archive)
        .arg("-C")
        .arg(folder);
    run(&mut tar)
}

/// Puts upstream's tests into a folder of their own, with the settings that they are run with.
pub(crate) fn tests(
    package: &Package,
    archive: &Path,
    clone: Option<&str>,
    folder: &Path,
) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(could_not("make a folder"))?;
    let stem = format!("{}-{}", package.name.replace('-', "_"), package.version);
    let mut tar = Command::new("tar");
    tar.args(["--strip-components=1", "-xzf"])
        .arg(archive)
        .arg("-C")
        .arg(folder)
        .arg(format!("{stem}/pyproject.toml"));
    let Tests::Commit { repository, commit } = package.tests else {
        return run(tar.arg(format!("{stem}/tests")));
    };
    run(&mut tar)?;
    let repository = clone.unwrap_or(repository);
    let history = folder.join(".history");
    let mut git = Command::new("git");
    git.args(["clone", "--quiet", "--bare", repository])
        .arg(&history);
    run(&mut git).map_err(|failure| {
        Failure::CouldNot(format!(
            "no tests of {}: {failure}\nhelp: its sdist has none; name a clone of {repository} with \
             `--clone`",
            package.name
        ))
    })?;
    let mut git = Command::new("git");
    git.arg("--git-dir")
        .arg(&history)
        .arg("--work-tree")
        .arg(folder)
        .args(["checkout", "--quiet", commit, "--", "tests"]);
    run(&mut git)
}

//! Environments of Python that are kept from one run to the next.

use crate::failure::{Failure, could_not_at};
use crate::step;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The programs of an environment with packages from PyPI, and with these versions of them.
pub(crate) fn kept(folder: &Path, packages: &[&str]) -> Result<PathBuf, Failure> {
    let (bin, stamp) = (folder.join("bin"), folder.join("packages.txt"));
    let wanted = packages.join("\n");
    if fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(bin);
    }
    let mut venv = Command::new("python3");
    step::run(venv.args(["-m", "venv", "--clear"]).arg(folder))?;
    let mut pip = Command::new(bin.join("python"));
    step::run(pip.args(["-m", "pip", "install", "--quiet"]).args(packages))?;
    // Written last, so that an interrupted run leaves nothing that looks whole.
    fs::write(&stamp, wanted).map_err(could_not_at("write", &stamp))?;
    Ok(bin)
}

#[cfg(test)]
mod tests {
    use super::kept;
    use std::fs;

    /// pip is in every environment, so nobody is asked for it.
    const PACKAGES: [&str; 1] = ["pip"];

    #[test]
    fn an_environment_of_other_versions_is_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let bin = folder.path().join("bin");
        fs::create_dir(&bin).unwrap();
        fs::write(bin.join("old"), "").unwrap();
        fs::write(folder.path().join("packages.txt"), "pip==1.0").unwrap();
        assert_eq!(kept(folder.path(), &PACKAGES).unwrap(), bin);
        assert!(bin.join("python").exists() && !bin.join("old").exists());

        fs::write(bin.join("kept"), "").unwrap();
        kept(folder.path(), &PACKAGES).unwrap();
        assert!(
            bin.join("kept").exists(),
            "the same packages are there already"
        );
    }
}

//! SHA256SUMS, as `sha256sum --check` reads it.

use super::compare::files;
use sha2::{Digest, Sha256};
use std::fs;
use std::io;
use std::path::Path;

/// The file's name.
pub(super) const NAME: &str = "SHA256SUMS";

/// The sum of a file, in hexadecimal digits.
fn of(path: &Path) -> io::Result<String> {
    let sum = Sha256::digest(fs::read(path)?);
    Ok(sum.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Writes the sums of all files of a folder into it.
pub(super) fn write(folder: &Path) -> io::Result<()> {
    let mut text = String::new();
    for name in files(folder)?
        .iter()
        .filter(|name| name.as_path() != Path::new(NAME))
    {
        // Two spaces are between sum and name, and a name has `/` on every system.
        let parts: Vec<_> = name.iter().map(|part| part.to_string_lossy()).collect();
        text.push_str(&format!(
            "{}  {}\n",
            of(&folder.join(name))?,
            parts.join("/")
        ));
    }
    fs::write(folder.join(NAME), text)
}

#[cfg(test)]
mod tests {
    use super::{NAME, write};
    use std::fs;

    #[test]
    fn every_file_but_the_list_has_a_line_in_the_order_of_names() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("b")).unwrap();
        fs::write(folder.path().join("b/c"), "").unwrap();
        fs::write(folder.path().join("a"), "abc").unwrap();
        fs::write(folder.path().join(NAME), "what was there before").unwrap();
        write(folder.path()).unwrap();
        // The examples of FIPS 180-2, and the sum of nothing.
        assert_eq!(
            fs::read_to_string(folder.path().join(NAME)).unwrap(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  a\n\
             e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  b/c\n"
        );
    }
}

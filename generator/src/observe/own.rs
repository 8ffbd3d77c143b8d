//! Which files a header brings along that are the library's own as well: a library with one header
//! for its users often keeps what is in it in others beside it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The files that a header includes and that are of the same library, and those that they include:
/// what is named in quotes and found from there, and what is named in angle brackets by the folder
/// that the header is in, as `openssl/ssl.h` names `<openssl/bio.h>`. A directive counts wherever it
/// stands: what is not compiled declares nothing.
pub(super) fn included_by(header: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut open = vec![header.to_owned()];
    while let Some(file) = open.pop() {
        let Ok(text) = fs::read(&file) else { continue };
        let folder = file.parent().unwrap_or(Path::new(""));
        for line in String::from_utf8_lossy(&text).lines() {
            let path = directive(line).and_then(|name| find(folder, name));
            if let Some(path) = path.filter(|path| path != header && !found.contains(path)) {
                found.insert(path.clone());
                open.push(path);
            }
        }
    }
    found
}

/// What stands between quotes, or between angle brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Name<'a> {
    Quoted(&'a str),
    Angled(&'a str),
}

fn directive(line: &str) -> Option<Name<'_>> {
    let rest = line.trim_start().strip_prefix('#')?.trim_start();
    let rest = rest.strip_prefix("include")?;
    let rest = rest.strip_prefix("_next").unwrap_or(rest).trim_start();
    let between = |open, close| rest.strip_prefix(open)?.split_once(close);
    match (between('"', '"'), between('<', '>')) {
        (Some((name, _)), _) => Some(Name::Quoted(name)),
        (_, Some((name, _))) => Some(Name::Angled(name)),
        _ => None,
    }
}

fn find(folder: &Path, name: Name<'_>) -> Option<PathBuf> {
    let path = match name {
        Name::Quoted(name) => folder.join(name),
        Name::Angled(name) => {
            let named = Path::new(name).parent()?;
            let is_here = !named.as_os_str().is_empty() && folder.ends_with(named);
            is_here.then(|| folder.join(Path::new(name).file_name().unwrap_or_default()))?
        }
    };
    let path = path.canonicalize().ok()?;
    path.is_file().then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path, header: &str) -> Vec<String> {
        let folder = folder.canonicalize().unwrap();
        included_by(&folder.join(header))
            .iter()
            .map(|path| path.strip_prefix(&folder).unwrap().display().to_string())
            .collect()
    }

    #[test]
    fn headers_of_the_same_library_are_found_and_those_of_others_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let make = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        make(
            "box/box.h",
            "#include <box/a.h>\n# include \"detail/b.h\"\n#include <c.h>\n",
        );
        make("box/a.h", "#include \"../other/d.h\"\n#include \"box.h\"\n");
        make(
            "box/detail/b.h",
            "#include \"missing.h\"\n#include \"b.h\"\n",
        );
        make("box/c.h", "");
        make("box/stranger.h", "");
        make("other/d.h", "#include <box/stranger.h>\n");
        assert_eq!(
            names(folder.path(), "box/box.h"),
            ["box/a.h", "box/detail/b.h", "other/d.h"]
        );
        assert!(names(folder.path(), "box/stranger.h").is_empty());
    }

    #[test]
    fn directives_are_read_as_c_writes_them() {
        assert_eq!(
            directive("#include \"a.h\" // b"),
            Some(Name::Quoted("a.h"))
        );
        assert_eq!(
            directive(" # include_next <a/b.h>"),
            Some(Name::Angled("a/b.h"))
        );
        assert_eq!(directive("#include MACRO"), None);
        assert_eq!(directive("#define include \"a.h\""), None);
    }
}

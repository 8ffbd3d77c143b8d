//! The parts of pages between `<!-- measured: NAME -->` and `<!-- end -->`.

use crate::failure::{Failure, could_not_at};
use crate::place::root;
use std::fs;
use std::io::Write;
use tempfile::NamedTempFile;

/// Fills all such parts of a page of the checkout: each with the text of its name.
pub(crate) fn write(page: &str, part: impl Fn(&str) -> Option<String>) -> Result<(), Failure> {
    let path = root().join(page);
    let text = fs::read_to_string(&path).map_err(could_not_at("read", &path))?;
    let filled = fill(&text, part)?;
    if filled != text {
        replace(&path, &filled).map_err(could_not_at("write", &path))?;
        eprintln!("xtask: wrote {page}");
    }
    Ok(())
}

/// Whoever reads meanwhile sees all of the old file or all of the new one.
pub(crate) fn replace(path: &std::path::Path, text: &str) -> std::io::Result<()> {
    let permissions = fs::metadata(path)?.permissions();
    let beside = path.parent().unwrap_or(path);
    let mut file = NamedTempFile::new_in(beside)?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(permissions)?;
    file.persist(path)?;
    Ok(())
}

pub(crate) fn fill(text: &str, part: impl Fn(&str) -> Option<String>) -> Result<String, Failure> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("<!-- measured: ") {
        let pieces = after.split_once(" -->\n").and_then(|(name, body)| {
            body.split_once("<!-- end -->")
                .map(|(_, tail)| (name, tail))
        });
        let (name, tail) = pieces
            .ok_or_else(|| Failure::CouldNot("a measured part of a page has no end".to_owned()))?;
        let part = part(name)
            .ok_or_else(|| Failure::CouldNot(format!("there is no measured part `{name}`")))?;
        filled.push_str(&format!(
            "{before}<!-- measured: {name} -->\n{part}<!-- end -->"
        ));
        rest = tail;
    }
    if filled.is_empty() {
        let lost = "a page has lost its marks, `<!-- measured: NAME -->` and `<!-- end -->`";
        return Err(Failure::CouldNot(lost.to_owned()));
    }
    Ok(filled + rest)
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn measured_parts_are_replaced_and_nothing_else() {
        let page = "a\n<!-- measured: x -->\nold\n<!-- end -->\nb\n";
        let filled =
            fill(page, |name| Some(format!("new {name}\n"))).map_err(|error| error.to_string());
        assert_eq!(
            filled,
            Ok("a\n<!-- measured: x -->\nnew x\n<!-- end -->\nb\n".to_owned())
        );
        assert!(fill(page, |_| None).is_err());
        for lost in ["<!-- measured: x -->\n", "a page\n"] {
            assert!(fill(lost, |_| Some(String::new())).is_err(), "{lost}");
        }
    }
}

//! What was seen, as tables of `docs/real-packages.md`.

use super::overlay::{below, folder};
use super::suite::{Mistake, compare, counted};
use super::{PACKAGES, Row, Seen};
use crate::failure::{Failure, could_not};
use crate::measured;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

const PAGE: &str = "docs/real-packages.md";

/// Tests and checks, then what calls take, then what fails upstream.
pub(crate) fn tables(rows: &[Row]) -> String {
    let mut text = String::from(
        "| package | CPython | tests upstream | tests on pyshim | our check upstream | on pyshim |\n\
         |---|---|---|---|---|---|\n",
    );
    let mut failures = String::new();
    for row in rows {
        let _ = match &row.seen {
            Seen::Refused(reason) => {
                writeln!(
                    text,
                    "| {} | {} | {reason} | | | |",
                    row.package, row.python
                )
            }
            Seen::Tried([upstream, ours]) => {
                for test in compare(&upstream.outcomes, &ours.outcomes).upstream {
                    let _ = writeln!(failures, "- {} on {}: {test}", row.package, row.python);
                }
                writeln!(
                    text,
                    "| {} | {} | {} | {} | {} | {} |",
                    row.package,
                    row.python,
                    counted(&upstream.outcomes),
                    counted(&ours.outcomes),
                    verdict(&upstream.check),
                    verdict(&ours.check)
                )
            }
        };
    }
    if failures.is_empty() {
        failures.push_str("No test fails upstream.\n");
    }
    text + "\n" + &failures + "\n" + &times(rows)
}

fn verdict(check: &Result<(), Mistake>) -> &str {
    check
        .as_ref()
        .map_or_else(|mistake| mistake.line.as_str(), |()| "passes")
}

fn times(rows: &[Row]) -> String {
    let mut text = String::from(
        "| package | CPython | what | ns upstream | ns on pyshim |\n|---|---|---|---|---|\n",
    );
    for row in rows {
        let Seen::Tried([upstream, ours]) = &row.seen else {
            continue;
        };
        for ((what, before), now) in upstream.times.iter().zip(ours.times.values()) {
            let _ = writeln!(
                text,
                "| {} | {} | {what} | {before:.0} | {now:.0} |",
                row.package, row.python
            );
        }
    }
    text
}

pub(crate) fn write(root: &Path, rows: &[Row]) -> Result<(), Failure> {
    let part = format!("{}\n{}\n", tables(rows), seal(root)?);
    measured::write(PAGE, |name| (name == "real").then(|| part.clone()))
}

/// Of which overlays the tables are. Another one means that one has changed.
fn seal(root: &Path) -> Result<String, Failure> {
    let mut hash = crc32fast::Hasher::new();
    for package in PACKAGES {
        for file in below(&folder(package, root))? {
            hash.update(&fs::read(file).map_err(could_not("read an overlay"))?);
        }
        for edit in package.edits {
            hash.update(edit.find.as_bytes());
            hash.update(edit.put.as_bytes());
        }
    }
    Ok(format!("<!-- overlays: {:08x} -->", hash.finalize()))
}

#[cfg(test)]
mod tests {
    use super::{PAGE, seal};
    use crate::place::root;
    use std::fs;

    /// Building the packages takes a quarter of an hour, so it is not done again to see.
    #[test]
    fn the_page_is_of_the_overlays_that_there_are() {
        let root = root();
        let page = fs::read_to_string(root.join(PAGE)).unwrap();
        let seal = seal(&root).unwrap();
        assert!(
            page.contains(&seal),
            "an overlay has changed since {PAGE} was written, and it is not `{seal}`; run `cargo xtask real`"
        );
    }
}

//! Gets the interpreters that pyshim is always tested on.

use crate::cache::Cache;
use crate::{Error, Label, Origin, Python, assemble, found, uv};

/// The CPythons without which the tests say nothing about today's builds.
pub const REQUIRED: [Label; 5] = [
    Label::free_threaded(13),
    Label::gil(14),
    Label::free_threaded(14),
    Label::gil(15),
    Label::free_threaded(15),
];

/// The interpreters of [`REQUIRED`], in that order, each with headers and each a final release.
///
/// What this machine lacks is installed with `uv` or assembled from packages; progress goes to
/// standard error.
pub fn ensure() -> Result<Vec<Python>, Error> {
    let wanted = match look()? {
        Look::Complete(pythons) => return Ok(pythons),
        Look::Lacking(labels) => labels,
    };
    if let Err(error) = uv::install(&wanted) {
        eprintln!("pythons: uv can't install them: {error}");
    }

    let cache = Cache::from_environment().ok_or_else(|| Error::Missing {
        labels: wanted.clone(),
        source: Box::new(Error::assembly(
            "neither PYSHIM_CACHE nor HOME says where to keep them",
        )),
    })?;
    let lock = cache.lock()?;
    // Another process may have been faster, and uv may have brought some.
    let wanted = match look()? {
        Look::Complete(pythons) => return Ok(pythons),
        Look::Lacking(labels) => labels,
    };
    assemble::assemble(&wanted, &lock).map_err(|error| Error::Missing {
        labels: wanted,
        source: Box::new(error),
    })?;
    match look()? {
        Look::Complete(pythons) => Ok(pythons),
        Look::Lacking(labels) => Err(Error::Missing {
            labels,
            source: Box::new(Error::assembly(
                "what was assembled does not run from its place",
            )),
        }),
    }
}

enum Look {
    Complete(Vec<Python>),
    Lacking(Vec<Label>),
}

fn look() -> Result<Look, Error> {
    choose(&found()?)
}

fn choose(found: &[Python]) -> Result<Look, Error> {
    let mut pythons = Vec::new();
    let mut lacking = Vec::new();
    for label in REQUIRED {
        match found.iter().find(|python| python.label == label) {
            Some(python) if serves(python) => pythons.push(python.clone()),
            // Another one fetched now would not be taken before the named one.
            Some(python) if python.origin == Origin::Named => {
                return Err(Error::Named {
                    executable: python.executable.clone(),
                    reason: format!(
                        "{label} is needed as a final release with headers, and this is {} {}",
                        python.version,
                        if python.has_headers() {
                            "with headers"
                        } else {
                            "without headers"
                        },
                    ),
                });
            }
            _ => lacking.push(label),
        }
    }
    Ok(if lacking.is_empty() {
        Look::Complete(pythons)
    } else {
        Look::Lacking(lacking)
    })
}

fn serves(python: &Python) -> bool {
    python.has_headers() && python.version.is_final()
}

#[cfg(test)]
mod tests {
    use super::{Look, REQUIRED, choose};
    use crate::{Error, Label, Origin, Python, Version};
    use std::path::PathBuf;

    fn python(label: Label, origin: Origin) -> Python {
        Python {
            label,
            version: Version {
                hex: 0x0300_00f0 | label.minor << 16,
            },
            free_threaded: label.free_threaded,
            executable: PathBuf::from("/python"),
            include_dirs: vec![PathBuf::from("/include")],
            header_version: String::new(),
            ext_suffixes: vec![".so".to_owned()],
            origin,
        }
    }

    fn all() -> Vec<Python> {
        REQUIRED
            .iter()
            .map(|label| python(*label, Origin::Path))
            .collect()
    }

    fn lacking(found: &[Python]) -> Vec<Label> {
        match choose(found) {
            Ok(Look::Complete(_)) => Vec::new(),
            Ok(Look::Lacking(labels)) => labels,
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn all_five_are_needed() {
        assert!(lacking(&all()).is_empty());
        for (index, label) in REQUIRED.into_iter().enumerate() {
            let mut found = all();
            found.remove(index);
            assert_eq!(lacking(&found), [label]);
        }
    }

    #[test]
    fn the_workflow_installs_them() {
        let workflow = include_str!("../../../.github/workflows/ci.yml");
        let mut lines = workflow.lines().map(str::trim);
        let listed = lines.find_map(|line| line.strip_prefix("REQUIRED_PYTHONS: "));
        let required = REQUIRED.map(|label| label.to_string()).join(" ");
        assert_eq!(listed, Some(required.as_str()));
    }

    #[test]
    fn one_without_headers_or_before_its_release_does_not_serve() {
        let mut found = all();
        found[0].include_dirs.clear();
        found[3].version.hex = 0x030f_00b1;
        assert_eq!(lacking(&found), [Label::free_threaded(13), Label::gil(15)]);
    }

    #[test]
    fn a_named_one_that_does_not_serve_is_reported_and_not_replaced() {
        let mut found = all();
        found[1] = python(Label::gil(14), Origin::Named);
        assert!(lacking(&found).is_empty());
        found[1].include_dirs.clear();
        let Err(error @ Error::Named { .. }) = choose(&found) else {
            panic!("it was accepted")
        };
        assert!(
            error.to_string().contains("this is 3.14.0 without headers"),
            "{error}"
        );
    }
}

//! What is observed: a CPython, or a library with its headers.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::compiler::Headers;
use super::failure::{Failure, Trouble};
use super::mode::{self, Mode};
use super::python::Interpreter;
use crate::surface::{ANYWHERE, Where};

/// Something to look at.
#[derive(Clone, Debug)]
pub struct Subject {
    /// What it is, for people: `CPython 3.15t`.
    pub name: String,
    /// What its snapshot is called.
    pub file: String,
    /// What is known of it beforehand.
    pub facts: BTreeSet<(String, String)>,
    /// Its headers, and the ways in which they may be compiled.
    pub headers: Option<(Headers, Vec<Mode>)>,
    /// The file that exports.
    pub library: Option<PathBuf>,
    /// Where that counts: `3.14t`.
    pub runs: Where,
    /// How the names begin that are its own; everything where nothing is said.
    pub own: &'static [&'static str],
}

/// How CPython's own names begin.
const CPYTHON: &[&str] = &["Py", "_Py"];

impl Subject {
    /// A CPython that was asked what it is.
    #[must_use]
    pub fn of_python(python: &Interpreter) -> Self {
        let label = python.label();
        let fact = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let build = match python.build {
            crate::model::when::Build::Gil => "gil",
            crate::model::when::Build::Ft => "ft",
        };
        let mut facts = BTreeSet::from([
            fact("executable", &python.exact),
            fact("build", build),
            fact("platform", &python.platform),
            fact("pointer", &python.pointer.to_string()),
        ]);
        facts.extend(python.suffixes.iter().map(|suffix| fact("suffix", suffix)));
        if python.debug {
            facts.insert(fact("debug", "yes"));
        }
        let headers = (!python.include_dirs.is_empty()).then(|| {
            facts.insert(fact("headers", &python.header_version));
            let headers = Headers {
                include: python.include_dirs.clone(),
                names: vec!["Python.h".to_owned()],
            };
            (headers, mode::candidates(python.version.minor))
        });
        Subject {
            name: format!("CPython {label}"),
            file: format!("{label}-{}.txt", python.platform),
            facts,
            headers,
            library: Some(python.library.clone()),
            runs: label,
            own: CPYTHON,
        }
    }

    /// The headers of a CPython that does not run here, with its library if there is one.
    pub fn of_cross_python(include: &[PathBuf], library: Option<&Path>) -> Result<Self, Failure> {
        let version = patchlevel(include)?;
        let minor = version
            .split('.')
            .nth(1)
            .and_then(|minor| minor.parse().ok())
            .ok_or_else(|| no_version(include))?;
        let headers = Headers {
            include: absolute(include)?,
            names: vec!["Python.h".to_owned()],
        };
        Ok(Subject {
            name: format!("CPython 3.{minor}"),
            file: format!("3.{minor}.txt"),
            facts: BTreeSet::from([("headers".to_owned(), version)]),
            headers: Some((headers, mode::candidates(minor))),
            library: library.map(Path::to_owned),
            runs: format!("3.{minor}"),
            own: CPYTHON,
        })
    }

    /// A library: its headers, its file, or both.
    pub fn of_library(
        include: &[PathBuf],
        names: &[String],
        library: Option<&Path>,
    ) -> Result<Self, Failure> {
        let file_name = |path: &Path| {
            let name = path.file_name().unwrap_or_default();
            name.to_string_lossy().into_owned()
        };
        let name = match (library, names.first()) {
            (Some(library), _) => file_name(library),
            (None, Some(header)) => file_name(Path::new(header)),
            (None, None) => {
                return Err(Failure::new(
                    Trouble::Nothing,
                    "neither headers nor a library are named",
                    "name headers with --header, a library with --library, or both",
                ));
            }
        };
        let headers = Headers {
            include: absolute(include)?,
            names: names
                .iter()
                .map(|name| found(name))
                .collect::<Result<_, _>>()?,
        };
        Ok(Subject {
            file: format!("{name}.txt"),
            name,
            facts: BTreeSet::new(),
            headers: (!names.is_empty()).then(|| (headers, vec![mode::only()])),
            library: library.map(Path::to_owned),
            runs: ANYWHERE.to_owned(),
            own: &[""],
        })
    }

    /// Whether it is a library of the user's, all of which is of interest.
    #[must_use]
    pub fn is_library(&self) -> bool {
        self.own.contains(&"")
    }

    /// Whether a name is the subject's own.
    #[must_use]
    pub fn owns(&self, name: &str) -> bool {
        self.own.iter().any(|start| name.starts_with(start))
    }
}

/// A header that is there from here is that; others are looked for in the folders.
fn found(name: &str) -> Result<String, Failure> {
    let path = Path::new(name);
    if !path.exists() {
        return Ok(name.to_owned());
    }
    let path = std::path::absolute(path).map_err(|error| Failure::file("find", path, &error))?;
    Ok(path.to_string_lossy().into_owned())
}

fn absolute(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    paths
        .iter()
        .map(|path| {
            path.canonicalize()
                .map_err(|error| Failure::file("find the folder", path, &error))
        })
        .collect()
}

/// `PY_VERSION` as the headers have it.
fn patchlevel(include: &[PathBuf]) -> Result<String, Failure> {
    let texts = include
        .iter()
        .filter_map(|folder| std::fs::read_to_string(folder.join("patchlevel.h")).ok());
    for text in texts {
        for line in text.lines() {
            let mut words = line.trim_start_matches('#').split_whitespace();
            if words.next() == Some("define") && words.next() == Some("PY_VERSION") {
                return Ok(words
                    .next()
                    .unwrap_or_default()
                    .trim_matches('"')
                    .to_owned());
            }
        }
    }
    Err(no_version(include))
}

fn no_version(include: &[PathBuf]) -> Failure {
    let folders: Vec<_> = include
        .iter()
        .map(|folder| folder.display().to_string())
        .collect();
    Failure::new(
        Trouble::Headers,
        format!(
            "there is no patchlevel.h with a version in {}",
            folders.join(", ")
        ),
        "name the folder that has Python.h with --include, or other headers with --header",
    )
}

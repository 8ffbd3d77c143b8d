//! Reads a manifest of C ABI entries and writes what follows from it: C headers, Rust FFI, a
//! dispatch table and layout tests.
//!
//! ```text
//! abi/*.yaml ─load─▶ Manifest ─lower─▶ Model ─check─▶ Model ─emit─▶ FileSet ─write─▶ disk
//! ```

pub mod audit;
pub mod changelog;
pub mod check;
pub mod cli;
pub mod config;
pub mod diag;
pub mod diff;
pub mod emit;
pub mod history;
pub mod html;
pub mod manifest;
pub mod model;
pub mod new;
pub mod observe;
pub mod report;
pub mod rules;
pub mod side;
pub mod source;
pub mod surface;
pub mod upstream;
pub mod verify;
pub mod write;

mod lower;
mod parallel;
mod suggest;
mod undecided;

use std::io;
use std::path::Path;

use diag::{Colour, Diagnostic, Sink};
use emit::FileSet;
use history::Observed;
use manifest::ReadError;
use model::Model;
use source::Sources;

/// A manifest folder, understood; or what is wrong with it.
#[derive(Debug)]
pub struct Reading {
    /// The texts that were read.
    pub sources: Sources,
    /// What is wrong, by place. A model with complaints is not to be used.
    pub diagnostics: Vec<Diagnostic>,
    /// What the manifest says.
    pub model: Option<Model>,
}

/// Reads and checks a manifest folder.
pub fn read(dir: &Path) -> Result<Reading, ReadError> {
    let mut sources = Sources::default();
    let mut sink = Sink::default();
    let manifest = manifest::load(dir, &mut sources, &mut sink)?;
    let model = lower::lower(&manifest, &mut sink);
    // A rule would complain of what is only not understood yet.
    if let Some(model) = model.as_ref().filter(|_| sink.is_understood()) {
        check::check(model, &manifest, &sources, &mut sink);
    }
    Ok(Reading {
        sources,
        diagnostics: sink.into_sorted(),
        model,
    })
}

/// Everything that follows from a model, for an output folder: what is generated whole, and the
/// generated parts of pages there that are otherwise written by hand.
pub fn emit_all(model: &Model, out: &Path) -> Result<FileSet, ReadError> {
    let fill_pages = || {
        let observed = read_observed(&out.join("abi/observed"))?;
        emit::docs::fill(model, &observed, &|name| read_page(&out.join(name)))
    };
    let (mut files, pages) = parallel::at_once(|| emit::emit(model), fill_pages);
    files.files.extend(pages?.files);
    Ok(files)
}

/// The snapshots of CPythons in a folder, sorted; none where there is no folder.
pub fn read_observed(dir: &Path) -> Result<Vec<Observed>, ReadError> {
    let mut sources = Sources::default();
    let mut sink = Sink::default();
    let mut files = Vec::new();
    if dir.is_dir() {
        for path in manifest::list(dir, "txt", &mut sources, &mut sink)? {
            files.push(manifest::read(&path, &mut sources)?);
        }
    }
    let observed = sink.of_each(&files, |file, sink| {
        Observed::new(surface::read::read(*file, &sources, sink))
    });
    if let Some(mistake) = sink.into_sorted().first() {
        let text = mistake.render(&sources, Colour::Never);
        return Err(ReadError {
            path: dir.to_owned(),
            error: io::Error::new(io::ErrorKind::InvalidData, text),
        });
    }
    let mut observed = Vec::from_iter(observed.into_iter().flatten());
    history::sort(&mut observed);
    Ok(observed)
}

fn read_page(path: &Path) -> Result<Option<String>, ReadError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ReadError {
            path: path.to_owned(),
            error,
        }),
    }
}

//! Headers as libclang reads them, in every mode.

use super::compiler::Headers;
use super::failure::Failure;
use super::mode::Mode;
use super::names::Names;
use crate::surface::Surface;

/// What libclang says of some names.
#[cfg(feature = "clang")]
pub(super) fn about(headers: &Headers, modes: &[Mode], names: &Names) -> Result<Surface, Failure> {
    use super::clang::Wanted;
    read(
        headers,
        modes,
        &Wanted::Names(names.all().cloned().collect()),
    )
}

/// Everything that headers declare themselves, in all modes that are not the full API of a CPython.
#[cfg(feature = "clang")]
pub(super) fn everything(headers: &Headers, modes: &[Mode]) -> Result<Surface, Failure> {
    use super::clang::Wanted;
    use super::mode::Api;
    let stable: Vec<Mode> = modes
        .iter()
        .filter(|mode| mode.api != Api::Full)
        .cloned()
        .collect();
    let named = headers.names.iter().map(std::path::PathBuf::from);
    let places = headers.include.iter().cloned();
    let places = places.chain(named.filter(|path| path.is_absolute()));
    read(headers, &stable, &Wanted::Under(places.collect()))
}

#[cfg(feature = "clang")]
fn read(
    headers: &Headers,
    modes: &[Mode],
    wanted: &super::clang::Wanted,
) -> Result<Surface, Failure> {
    use super::{clang, parallel};
    let read = parallel::map(modes, |mode| {
        let include = headers
            .include
            .iter()
            .map(|folder| format!("-I{}", folder.display()));
        let defines = mode
            .defines
            .iter()
            .map(|(name, value)| format!("-D{name}={value}"));
        clang::observe(&clang::Request {
            header: headers.directives(),
            arguments: include.chain(defines).collect(),
            wanted: wanted.clone(),
            label: mode.name.clone(),
        })
    });
    let mut whole = Surface::default();
    for surface in read {
        clang::merge(&mut whole, surface?);
    }
    Ok(whole)
}

#[cfg(not(feature = "clang"))]
pub(super) fn about(_: &Headers, _: &[Mode], _: &Names) -> Result<Surface, Failure> {
    Err(without())
}

#[cfg(not(feature = "clang"))]
pub(super) fn everything(_: &Headers, _: &[Mode]) -> Result<Surface, Failure> {
    Err(without())
}

#[cfg(not(feature = "clang"))]
fn without() -> Failure {
    Failure::new(
        super::Trouble::Oracle,
        "this pyshim was built without libclang",
        "build it with the feature `clang`",
    )
}

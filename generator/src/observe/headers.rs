//! Headers as libclang reads them, in every mode.

use super::compiler::Headers;
use super::failure::Failure;
use super::mode::Mode;
use super::names::Names;
use super::session::Options;
use crate::surface::Surface;

/// What libclang says of some names.
#[cfg(feature = "clang")]
pub(super) fn about(
    headers: &Headers,
    modes: &[Mode],
    names: &Names,
    how: &Options,
) -> Result<Surface, Failure> {
    use super::clang::Wanted;
    let names = Wanted::Names(names.all().cloned().collect());
    read(headers, modes, &names, how)
}

/// Everything that headers declare themselves.
#[cfg(feature = "clang")]
pub(super) fn everything(
    headers: &Headers,
    modes: &[Mode],
    how: &Options,
) -> Result<Surface, Failure> {
    use super::clang::Wanted;
    read(headers, modes, &Wanted::Under(headers.places()?), how)
}

#[cfg(feature = "clang")]
fn read(
    headers: &Headers,
    modes: &[Mode],
    wanted: &super::clang::Wanted,
    how: &Options,
) -> Result<Surface, Failure> {
    use super::clang;
    use super::compiler::options_for_headers;
    use crate::parallel;
    let options = options_for_headers(&how.compiler);
    let read = parallel::map(modes, |mode| {
        let include = headers
            .include
            .iter()
            .map(|folder| format!("-I{}", folder.display()));
        let defines = mode
            .defines
            .iter()
            .map(|(name, value)| format!("-D{name}={value}"));
        let request = clang::Request {
            header: headers.directives(),
            arguments: include.chain(defines).chain(options.clone()).collect(),
            wanted: wanted.clone(),
            label: mode.name.clone(),
        };
        clang::observe_with(&request, &how.cache, how.apart.as_ref())
    });
    let mut whole = Surface::default();
    for surface in read {
        clang::merge(&mut whole, surface?);
    }
    Ok(whole)
}

#[cfg(not(feature = "clang"))]
pub(super) fn about(_: &Headers, _: &[Mode], _: &Names, _: &Options) -> Result<Surface, Failure> {
    Err(without())
}

#[cfg(not(feature = "clang"))]
pub(super) fn everything(_: &Headers, _: &[Mode], _: &Options) -> Result<Surface, Failure> {
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

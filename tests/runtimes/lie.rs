//! A CPython that says one thing of itself and is another.

use conformance::standin::{Build, Spec, Variation};

use crate::headers::{Headers, NO_TRY, SECTIONS};
use crate::usage::{free_threaded, refused, use_on};

pub(crate) fn version_lies(headers: &Headers) -> Result<(), String> {
    let extension = headers.abi3t(SECTIONS, NO_TRY)?;
    let spec = free_threaded(15).with(Variation::PyVersion(0x030d_00f0));
    refused(
        &use_on(&spec, &extension)?,
        &["sys.hexversion is 30f", "Py_Version is 30d00f0"],
    )
}

pub(crate) fn build_lies(headers: &Headers) -> Result<(), String> {
    let extension = headers.abi3t(SECTIONS, NO_TRY)?;
    let cases = [
        (
            Variation::ClaimsFreeThreaded(false),
            "heads of 32 bytes, and sys.",
        ),
        (
            Variation::ObjectBasicsize(16),
            "heads of 16 bytes, and sys.",
        ),
        (
            Variation::ObjectBasicsize(24),
            "heads of 24 bytes, and no CPython known",
        ),
    ];
    for (variation, part) in cases {
        refused(
            &use_on(&free_threaded(15).with(variation), &extension)?,
            &[part],
        )?;
    }
    let gil = Spec::new(15, Build::Gil).with(Variation::ClaimsFreeThreaded(true));
    refused(
        &use_on(&gil, &extension)?,
        &["heads of 16 bytes, and sys.", "heads of 32"],
    )
}

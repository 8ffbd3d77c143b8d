//! What an extension does on a stand-in, and whether that is as it should be.

use std::ffi::c_int;
use std::path::Path;

use conformance::standin::{Build, Outcome, Spec, Standin};
use pyshim::ffi;

/// What `status` says.
pub(crate) const NO_OP: c_int = ffi::PYSHIM_SECTIONS_NO_OP;
pub(crate) const LIVE: c_int = ffi::PYSHIM_SECTIONS_LIVE;
pub(crate) const SUCCESSOR: c_int = ffi::PYSHIM_SECTIONS_SUCCESSOR;

/// All that the extension does, in this order.
const USE: &[&str] = &[
    "status",
    "count",
    "checked",
    "pending",
    "churn",
    "drain",
    "locks",
    "references",
    "total",
];

pub(crate) fn free_threaded(minor: u32) -> Spec {
    Spec::new(minor, Build::FreeThreaded)
}

pub(crate) fn use_on(spec: &Spec, extension: &Path) -> Result<Outcome, String> {
    Standin::new(spec)?.run(extension, "future", USE)
}

/// The extension did everything, and the GIL is as it should be.
pub(crate) fn works(outcome: &Outcome, status: c_int, gil: bool) -> Result<(), String> {
    let status = status.to_string();
    let wanted = [
        status.as_str(),
        "0",
        "0",
        "'kept'",
        "0",
        "0",
        "0",
        "0",
        "1000",
    ];
    if outcome.success && outcome.texts() == wanted && outcome.gil_enabled == Some(gil) {
        return Ok(());
    }
    Err(format!(
        "expected {wanted:?} with the GIL {gil}, found {outcome:#?}"
    ))
}

/// The import failed with an ImportError that has these parts.
pub(crate) fn refused(outcome: &Outcome, parts: &[&str]) -> Result<(), String> {
    match &outcome.import_error {
        Some(error)
            if error.kind == "ImportError"
                && parts.iter().all(|part| error.text.contains(part)) =>
        {
            Ok(())
        }
        _ => Err(format!(
            "expected an ImportError with {parts:?}, found {outcome:#?}"
        )),
    }
}

/// A thread that waits for a mutex gets it, and it is this one's lock.
pub(crate) fn waits_for_mutex(spec: &Spec, extension: &Path, scheme: &str) -> Result<(), String> {
    let outcome = Standin::new(spec)?.run(extension, "future", &["wait_for_mutex"])?;
    if outcome.success && outcome.texts() == [format!("'{scheme}'")] {
        Ok(())
    } else {
        Err(format!("expected the lock of {scheme}, found {outcome:#?}"))
    }
}

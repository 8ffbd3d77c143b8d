//! Threads on a stand-in, under sanitizers.

use conformance::standin::{Sanitizer, Standin, Step};

use crate::headers::{ALL, Headers, SECTIONS};
use crate::usage::{LIVE, free_threaded};

/// Extension and stand-in under one sanitizer, all functions on several threads.
fn threads(headers: &Headers, sanitizer: Sanitizer) -> Result<(), String> {
    for (label, minor) in [("3.13t", 13), ("3.15t", 15)] {
        let flags = [ALL, sanitizer.flag(), "-g", "-DPYSHIM_FORCE_TABLE"];
        let extension = headers.build(label, &flags, SECTIONS)?;
        let standin = Standin::new(&free_threaded(minor).sanitized(sanitizer))?;
        let steps = [
            Step::Threads(4, "churn"),
            Step::Threads(4, "count"),
            Step::Threads(4, "init"),
            Step::Threads(4, "try_incref"),
            Step::Call("drain"),
            Step::Call("total"),
        ];
        let outcome = standin.run_steps(&extension, "future", &steps)?;
        let total = outcome.texts().last().cloned().unwrap_or_default();
        if !outcome.success || total != "4000" || outcome.stderr.contains("Sanitizer") {
            return Err(format!("{label}: {outcome:#?}"));
        }
    }
    Ok(())
}

pub(crate) fn threads_under_tsan(headers: &Headers) -> Result<(), String> {
    threads(headers, Sanitizer::Thread)
}

pub(crate) fn threads_under_asan(headers: &Headers) -> Result<(), String> {
    threads(headers, Sanitizer::Address)
}

/// Threads that are the first to initialise, all at once, find one table.
pub(crate) fn two_threads_initialise(headers: &Headers) -> Result<(), String> {
    let flags = [
        ALL,
        Sanitizer::Thread.flag(),
        "-g",
        "-DPYSHIM_FORCE_TABLE",
        "-DFUTURE_LAZY",
    ];
    let extension = headers.build("3.15t", &flags, SECTIONS)?;
    let standin = Standin::new(&free_threaded(15).sanitized(Sanitizer::Thread))?;
    let steps = [
        Step::Threads(8, "init"),
        Step::Call("status"),
        Step::Call("count"),
    ];
    let outcome = standin.run_steps(&extension, "future", &steps)?;
    let live = LIVE.to_string();
    let wanted = ["0"; 8].into_iter().chain([live.as_str(), "0"]);
    if outcome.success && outcome.texts().into_iter().eq(wanted) {
        Ok(())
    } else {
        Err(format!("{outcome:#?}"))
    }
}

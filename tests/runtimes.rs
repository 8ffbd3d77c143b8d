//! What an extension that is built today does on runtimes that lie, lack things, or do not exist
//! yet. The stand-ins are in `tests/standin`; nothing in the extension is there for them.
//!
//! What serves later CPythons is tried with an extension that was built earlier too: from the frozen
//! headers, C core and source in `tests/baseline`.

#[path = "runtimes/headers.rs"]
mod headers;
#[path = "runtimes/lie.rs"]
mod lie;
#[path = "runtimes/releases.rs"]
mod releases;
#[path = "runtimes/sections.rs"]
mod sections;
#[path = "runtimes/symbol.rs"]
mod symbol;
#[path = "runtimes/threads.rs"]
mod threads;
#[path = "runtimes/usage.rs"]
mod usage;
#[path = "runtimes/version.rs"]
mod version;

use std::process::ExitCode;

use headers::{Built, Headers};
use libtest_mimic::{Failed, Trial};

type Test = fn(&Headers) -> Result<(), String>;

/// What a later CPython may do.
const LATER: &[(&str, Test)] = &[
    ("no_op_sections_want_the_gil", sections::no_op_sections),
    ("a_successor_may_use_the_reserve", sections::successor),
    ("more_words_than_there_are", sections::too_many_words),
    ("a_begin_that_fails_from_the_start", sections::begin_fails),
    ("a_begin_that_fails_later", sections::begin_fails_later),
    ("a_version_that_lies", lie::version_lies),
    ("a_build_that_lies", lie::build_lies),
    (
        "an_unknown_version_has_no_try_incref",
        version::unknown_version,
    ),
    ("other_signatures", version::other_signatures),
];

/// What is true of CPythons that there are, or of pyshim.
const KNOWN: &[(&str, Test)] = &[
    (
        "known_versions_behave_as_the_real_ones",
        version::known_versions,
    ),
    (
        "threads_under_thread_sanitizer",
        threads::threads_under_tsan,
    ),
    (
        "threads_under_address_sanitizer",
        threads::threads_under_asan,
    ),
    ("two_threads_initialise", threads::two_threads_initialise),
    ("two_releases_in_one_process", releases::two_releases),
    (
        "headers_and_core_of_two_releases",
        releases::headers_and_core,
    ),
];

fn main() -> ExitCode {
    conformance::trials::run(trials())
}

fn trials() -> Result<Vec<Trial>, String> {
    let mut trials = Vec::new();
    for (prefix, built, tables) in [
        ("", Built::Today, [LATER, KNOWN].as_slice()),
        ("earlier::", Built::Earlier, &[LATER]),
    ] {
        let pythons = conformance::interpreters().map_err(|error| error.to_string())?;
        let headers: &'static Headers = Box::leak(Box::new(Headers::new(pythons, built)));
        trials.extend(tables.concat().into_iter().map(|(name, test)| {
            Trial::test(format!("{prefix}{name}"), move || {
                test(headers).map_err(Failed::from)
            })
        }));
        trials.extend(symbol::trials(prefix, headers)?);
    }
    Ok(trials)
}

//! What an extension that is built today does on runtimes that lie, lack things, or do not exist
//! yet. The stand-ins are in `tests/standin`; nothing in the extension is there for them.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use conformance::compile::C99;
use conformance::extension::build;
use conformance::place::{root, scratch};
use conformance::standin::{Build, Outcome, Sanitizer, Spec, Standin, Step, Variation};
use libtest_mimic::{Arguments, Failed, Trial};
use pythons::Python;

/// As the header names the bits of the GIL slot.
const SECTIONS: &str = "PYSHIM_MOD_GIL_SECTIONS";
const BOTH: &str = "(PYSHIM_MOD_GIL_SECTIONS | PYSHIM_MOD_GIL_SUCCESSOR)";
/// What cannot be had on an unknown free-threaded CPython is left out.
const NO_TRY: &str = "-DPYSHIM_NEEDS=5";
const ALL: &str = "-DPYSHIM_NEEDS=15";

/// Values of `PYSHIM_SECTIONS_*`.
const NO_OP: &str = "1";
const LIVE: &str = "2";
const SUCCESSOR: &str = "3";

/// The interpreters whose headers the extensions are compiled with.
struct Headers {
    pythons: Vec<Python>,
}

impl Headers {
    fn of(&self, label: &str) -> Result<&Python, String> {
        let found = self
            .pythons
            .iter()
            .find(|python| python.label.to_string() == label);
        found.ok_or_else(|| format!("no headers of {label}"))
    }

    /// The extension for both builds from 3.15 on.
    fn abi3t(&self, name: &str, bits: &str, needs: &str) -> Result<PathBuf, String> {
        self.build(
            name,
            "3.15t",
            &["-DPy_TARGET_ABI3T=0x030F0000", needs],
            bits,
        )
    }

    /// The extension for one version and build.
    fn full(&self, name: &str, label: &str, bits: &str) -> Result<PathBuf, String> {
        self.build(name, label, &[ALL], bits)
    }

    fn build(
        &self,
        name: &str,
        label: &str,
        flags: &[&str],
        bits: &str,
    ) -> Result<PathBuf, String> {
        let mut flags: Vec<String> = flags.iter().map(|flag| (*flag).to_owned()).collect();
        flags.push(format!("-DFUTURE_BITS={bits}"));
        // One folder for each way of building, for a test may use several side by side.
        let way: String = flags
            .concat()
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .collect();
        let folder = scratch(&format!("runtimes::{name}::{label}::{way}"));
        let source = root().join("tests/ext/c/future.c");
        build(&folder, self.of(label)?, &flags, C99, &source, "future")
    }
}

fn main() -> ExitCode {
    let headers = match conformance::interpreters() {
        Ok(pythons) => Headers { pythons },
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::FAILURE;
        }
    };
    let headers: &'static Headers = Box::leak(Box::new(headers));
    let mut trials: Vec<Trial> = TESTS
        .iter()
        .map(|(name, test)| Trial::test(*name, move || test(headers, name).map_err(Failed::from)))
        .collect();
    for (label, minor) in [("3.13t", 13), ("3.14t", 14), ("3.15t", 15)] {
        // What a version lacks anyway cannot be taken from it.
        let exported = match free_threaded(minor).exports() {
            Ok(names) => names,
            Err(error) => {
                eprintln!("error: {error}");
                return ExitCode::FAILURE;
            }
        };
        for symbol in SYMBOLS
            .iter()
            .copied()
            .filter(|symbol| exported.contains(*symbol))
        {
            let name = format!("missing::{label}::{symbol}");
            trials.push(Trial::test(name.clone(), move || {
                a_missing_symbol(headers, &name, label, minor, symbol).map_err(Failed::from)
            }));
        }
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

type Test = fn(&Headers, &str) -> Result<(), String>;

const TESTS: &[(&str, Test)] = &[
    ("known_versions_behave_as_the_real_ones", known_versions),
    ("no_op_sections_want_the_gil", no_op_sections),
    ("a_successor_may_use_the_reserve", successor),
    ("more_words_than_there_are", too_many_words),
    ("a_begin_that_fails_from_the_start", begin_fails),
    ("a_begin_that_fails_later", begin_fails_later),
    ("a_version_that_lies", version_lies),
    ("a_build_that_lies", build_lies),
    ("an_unknown_version_has_no_try_incref", unknown_version),
    ("threads_under_thread_sanitizer", threads_under_tsan),
    ("threads_under_address_sanitizer", threads_under_asan),
    ("two_threads_initialise", two_threads_initialise),
];

/// CPython's functions that the shim would bind.
const SYMBOLS: &[&str] = &[
    "PyCriticalSection_Begin",
    "PyCriticalSection_End",
    "PyCriticalSection2_Begin",
    "PyCriticalSection2_End",
    "PyCriticalSection_BeginMutex",
    "PyCriticalSection2_BeginMutex",
    "PyMutex_Lock",
    "PyMutex_Unlock",
    "PyUnstable_TryIncRef",
    "PyUnstable_EnableTryIncRef",
    "PyUnstable_Module_SetGIL",
    "Py_REFCNT",
    "_Py_GetThreadLocal_Addr",
    "Py_Version",
];

const USE: &[&str] = &[
    "status", "count", "checked", "pending", "churn", "drain", "total",
];

fn free_threaded(minor: u32) -> Spec {
    Spec::new(minor, Build::FreeThreaded)
}

fn use_on(spec: &Spec, extension: &Path) -> Result<Outcome, String> {
    Standin::new(spec)?.run(extension, "future", USE)
}

/// The extension did everything, and the GIL is as it should be.
fn works(outcome: &Outcome, status: &str, gil: bool) -> Result<(), String> {
    let wanted = [status, "0", "0", "'kept'", "0", "0", "1000"];
    if outcome.success && outcome.texts() == wanted && outcome.gil_enabled == Some(gil) {
        return Ok(());
    }
    Err(format!(
        "expected {wanted:?} with the GIL {gil}, found {outcome:#?}"
    ))
}

/// The import failed with an ImportError that has these parts.
fn refused(outcome: &Outcome, parts: &[&str]) -> Result<(), String> {
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

/// On a stand-in of a known version the providers are those of the real one, and everything works.
fn known_versions(headers: &Headers, name: &str) -> Result<(), String> {
    for spec in Spec::all()
        .iter()
        .filter(|spec| (13..=15).contains(&spec.minor))
    {
        let t = if spec.build == Build::FreeThreaded {
            "t"
        } else {
            ""
        };
        let label = format!("3.{}{t}", spec.minor);
        if headers.of(&label).is_err() {
            continue; // only the required ones are sure to have headers
        }
        let extension = headers.full(name, &label, SECTIONS)?;
        let outcome = use_on(spec, &extension)?;
        let free_threaded = spec.build == Build::FreeThreaded;
        works(
            &outcome,
            if free_threaded { LIVE } else { NO_OP },
            !free_threaded,
        )
        .map_err(|error| format!("{label}: {error}"))?;
        let golden = root().join(format!("tests/golden/providers/{label}.txt"));
        let golden = std::fs::read_to_string(golden).map_err(|error| error.to_string())?;
        let outcome = Standin::new(spec)?.run(&extension, "future", &["providers"])?;
        let found = outcome.texts().join("").replace("\\n", "\n");
        if found.trim_matches('\'') != golden {
            return Err(format!("{label}: found {found}\nexpected {golden}"));
        }
    }
    Ok(())
}

fn no_op_sections(headers: &Headers, name: &str) -> Result<(), String> {
    for (label, minor) in [("3.14t", 14), ("3.15t", 15)] {
        let spec = free_threaded(minor).with(Variation::NoOpSections);
        let extension = headers.full(name, label, BOTH)?;
        let outcome = use_on(&spec, &extension)?;
        works(&outcome, NO_OP, true)?;
        if outcome.warnings == Some(0) {
            return Err("CPython warns of a module that needs the GIL".to_owned());
        }
        let forced = spec.with(Variation::PythonGil(false));
        let parts = ["critical sections, which do nothing here", "PYTHON_GIL=0"];
        refused(&use_on(&forced, &extension)?, &parts)?;
    }
    Ok(())
}

/// One more word than 3.15 has fits into the reserve. A module that knows only of 3.15's sections
/// then needs the GIL; one that has bit 1 as well does not.
fn successor(headers: &Headers, name: &str) -> Result<(), String> {
    for minor in [16, 17] {
        let spec = free_threaded(minor).with(Variation::ExtraSectionWords(1));
        let knows_both = headers.abi3t(name, BOTH, NO_TRY)?;
        works(&use_on(&spec, &knows_both)?, SUCCESSOR, false)?;
        let knows_one = headers.abi3t(name, SECTIONS, NO_TRY)?;
        works(&use_on(&spec, &knows_one)?, SUCCESSOR, true)?;
        let forced = spec.with(Variation::PythonGil(false));
        refused(
            &use_on(&forced, &knows_one)?,
            &["lock in a newer way", "PYTHON_GIL=0"],
        )?;
    }
    Ok(())
}

fn too_many_words(headers: &Headers, name: &str) -> Result<(), String> {
    let extension = headers.abi3t(name, BOTH, NO_TRY)?;
    for extra in [2, 3, 8, 40] {
        let spec = free_threaded(16).with(Variation::ExtraSectionWords(extra));
        let found = format!(
            "PyCriticalSection of the running CPython writes {} words",
            2 + extra
        );
        refused(&use_on(&spec, &extension)?, &[&found, "the storage has 3"])?;
    }
    Ok(())
}

/// The probe sees that begin can fail, so bit 0 does not hold and the GIL is asked for.
fn begin_fails(headers: &Headers, name: &str) -> Result<(), String> {
    let extension = headers.abi3t(name, SECTIONS, NO_TRY)?;
    let spec = free_threaded(16).with(Variation::BeginRaisesFrom(1));
    let calls = ["status", "checked", "pending"];
    let outcome = Standin::new(&spec)?.run(&extension, "future", &calls)?;
    let texts = outcome.texts();
    let raised = texts.get(1).is_some_and(|text| text.contains("Error"));
    let as_wanted = texts.first().is_some_and(|text| text == SUCCESSOR)
        && raised
        && texts.get(2).is_some_and(|text| text == "'context'")
        && outcome.gil_enabled == Some(true);
    if as_wanted {
        Ok(())
    } else {
        Err(format!("{outcome:#?}"))
    }
}

/// Where the probe could not see it: the checked form raises, the plain one aborts with its name.
fn begin_fails_later(headers: &Headers, name: &str) -> Result<(), String> {
    let extension = headers.abi3t(name, SECTIONS, NO_TRY)?;
    let spec = free_threaded(16).with(Variation::BeginRaisesFrom(5));
    let standin = Standin::new(&spec)?;
    let outcome = standin.run(&extension, "future", &["status", "checked", "pending"])?;
    let texts = outcome.texts();
    if texts.len() != 3 || texts[0] != LIVE || texts[2] != "'context'" {
        return Err(format!("{outcome:#?}"));
    }
    let outcome = standin.run(&extension, "future", &["count"])?;
    if !outcome.success
        && outcome
            .stderr
            .contains("pyshim_critical_section2_begin: the running")
    {
        Ok(())
    } else {
        Err(format!("{outcome:#?}"))
    }
}

fn version_lies(headers: &Headers, name: &str) -> Result<(), String> {
    let extension = headers.abi3t(name, SECTIONS, NO_TRY)?;
    let spec = free_threaded(15).with(Variation::PyVersion(0x030d_00f0));
    refused(
        &use_on(&spec, &extension)?,
        &["sys.hexversion is 30f", "Py_Version is 30d00f0"],
    )
}

fn build_lies(headers: &Headers, name: &str) -> Result<(), String> {
    let extension = headers.abi3t(name, SECTIONS, NO_TRY)?;
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

/// Try-incref is outside the stable ABI, so a version that nobody has observed does not have it;
/// what else the extension does works.
fn unknown_version(headers: &Headers, name: &str) -> Result<(), String> {
    let needs_all = headers.abi3t(name, SECTIONS, ALL)?;
    let parts = [
        "pyshim_try_incref cannot be had on CPython 3.16t",
        "knows is 3.15",
    ];
    refused(&use_on(&free_threaded(16), &needs_all)?, &parts)?;
    let without = headers.abi3t(name, SECTIONS, NO_TRY)?;
    works(&use_on(&free_threaded(16), &without)?, LIVE, false)?;
    waits_for_mutex(&free_threaded(16), &without, "pyshim")?;
    // On a GIL-enabled build the count tells, in any version.
    let gil = Standin::new(&Spec::new(17, Build::Gil))?;
    let outcome = gil.run(&needs_all, "future", &["status", "try_incref"])?;
    if outcome.texts() == [NO_OP, "1"] {
        Ok(())
    } else {
        Err(format!("{outcome:#?}"))
    }
}

/// A thread that waits for a mutex gets it, and it is this one's lock.
fn waits_for_mutex(spec: &Spec, extension: &Path, scheme: &str) -> Result<(), String> {
    let outcome = Standin::new(spec)?.run(extension, "future", &["wait_for_mutex"])?;
    if outcome.success && outcome.texts() == [format!("'{scheme}'")] {
        Ok(())
    } else {
        Err(format!("expected the lock of {scheme}, found {outcome:#?}"))
    }
}

/// Without any one of them an extension works, with the GIL if it was a section that is missing;
/// never a crash.
fn a_missing_symbol(
    headers: &Headers,
    name: &str,
    label: &str,
    minor: u32,
    symbol: &str,
) -> Result<(), String> {
    let spec = free_threaded(minor);
    // In the table mode, for a full-API extension would not even be loaded without a function that
    // it calls directly.
    let flags = [ALL, "-DPYSHIM_FORCE_TABLE"];
    let extension = headers.build(name, label, &flags, SECTIONS)?;
    let spec = spec.missing(symbol);
    let section_is_missing = symbol.starts_with("PyCriticalSection") && !symbol.ends_with("Mutex");
    let status = if section_is_missing { NO_OP } else { LIVE };
    works(&use_on(&spec, &extension)?, status, section_is_missing)?;
    let outcome = Standin::new(&spec)?.run(&extension, "future", &["try_incref"])?;
    if outcome.texts() != ["1"] {
        return Err(format!("try-incref: {outcome:#?}"));
    }
    // Without its version CPython does not say whose lock it has.
    let own = symbol.starts_with("PyMutex") || symbol == "Py_Version";
    waits_for_mutex(&spec, &extension, if own { "pyshim" } else { "PyMutex" })?;
    let forced = spec.with(Variation::PythonGil(false));
    let outcome = use_on(&forced, &extension)?;
    if section_is_missing {
        refused(
            &outcome,
            &["critical sections, which do nothing here", "PYTHON_GIL=0"],
        )
    } else {
        works(&outcome, LIVE, false)
    }
}

/// Extension and stand-in under one sanitizer, all functions on several threads.
fn threads(headers: &Headers, name: &str, sanitizer: Sanitizer) -> Result<(), String> {
    for (label, minor) in [("3.13t", 13), ("3.15t", 15)] {
        let flags = [ALL, sanitizer.flag(), "-g", "-DPYSHIM_FORCE_TABLE"];
        let extension = headers.build(name, label, &flags, SECTIONS)?;
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

fn threads_under_tsan(headers: &Headers, name: &str) -> Result<(), String> {
    threads(headers, name, Sanitizer::Thread)
}

fn threads_under_asan(headers: &Headers, name: &str) -> Result<(), String> {
    threads(headers, name, Sanitizer::Address)
}

/// Two imports at once find one table; the definition's slots are put in order once.
fn two_threads_initialise(headers: &Headers, name: &str) -> Result<(), String> {
    let extension = headers.abi3t(name, SECTIONS, NO_TRY)?;
    let standin = Standin::new(&free_threaded(15))?;
    let steps = [
        Step::Reimport,
        Step::Threads(8, "init"),
        Step::Reimport,
        Step::Call("status"),
    ];
    let outcome = standin.run_steps(&extension, "future", &steps)?;
    let good = outcome.success && outcome.texts().last().is_some_and(|text| text == LIVE);
    if good {
        Ok(())
    } else {
        Err(format!("{outcome:#?}"))
    }
}

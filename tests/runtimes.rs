//! What an extension that is built today does on runtimes that lie, lack things, or do not exist
//! yet. The stand-ins are in `tests/standin`; nothing in the extension is there for them.

//!
//! What serves later CPythons is tried with an extension that was built earlier too: from the frozen
//! headers, C core and source in `tests/baseline`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use conformance::compile::C99;
use conformance::extension::{Parts, build_of};
use conformance::place::{root, scratch};
use conformance::release::Release;
use conformance::run::succeed;
use conformance::standin::{Build, Outcome, Sanitizer, Spec, Standin, Step, Variation};
use libtest_mimic::{Failed, Trial};
use pyshim_gen::model::Model;
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

/// The versions whose mutex is CPython's.
const FIRST_MUTEX: u32 = 13;
const NEWEST_KNOWN: u32 = 15;

/// When an extension was built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Built {
    Today,
    Earlier,
}

impl Built {
    fn release(self) -> Release {
        match self {
            Built::Today => Release::current(),
            Built::Earlier => Release::baseline(),
        }
    }

    fn source(self) -> PathBuf {
        root().join(match self {
            Built::Today => "tests/ext/c/future.c",
            Built::Earlier => "tests/baseline/extension.c",
        })
    }

    fn parts(self) -> Parts {
        Parts {
            headers: self.release(),
            core: self.release(),
        }
    }
}

/// An extension that some test builds and the others wait for.
type Cached = Arc<OnceLock<Result<PathBuf, String>>>;

/// What the extensions are compiled with: interpreters' headers, and those of a release.
struct Headers {
    pythons: Vec<Python>,
    built: Built,
    extensions: Mutex<BTreeMap<String, Cached>>,
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
    fn abi3t(&self, bits: &str, needs: &str) -> Result<PathBuf, String> {
        self.build("3.15t", &["-DPy_TARGET_ABI3T=0x030F0000", needs], bits)
    }

    /// The extension for GIL-enabled builds of any version.
    fn abi3(&self) -> Result<PathBuf, String> {
        self.build("3.15", &["-DPy_LIMITED_API=0x03080000", ALL], SECTIONS)
    }

    /// The extension for one version and build.
    fn full(&self, label: &str, bits: &str) -> Result<PathBuf, String> {
        self.build(label, &[ALL], bits)
    }

    /// The extension for one version and build that binds what it finds, for a full-API extension
    /// would not even be loaded without a function that it calls directly.
    fn table(&self, label: &str) -> Result<PathBuf, String> {
        self.build(label, &[ALL, "-DPYSHIM_FORCE_TABLE"], SECTIONS)
    }

    /// Builds it once, however many tests ask for it.
    fn build(&self, label: &str, flags: &[&str], bits: &str) -> Result<PathBuf, String> {
        let bits = format!("-DFUTURE_BITS={bits}");
        let flags: Vec<String> = flags
            .iter()
            .copied()
            .chain([bits.as_str()])
            .map(str::to_owned)
            .collect();
        self.build_parts(&self.built.parts(), label, &flags, "future")
    }

    fn build_parts(
        &self,
        parts: &Parts,
        label: &str,
        flags: &[String],
        name: &str,
    ) -> Result<PathBuf, String> {
        let way: String = format!("{parts:?}{flags:?}")
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .collect();
        let place = format!(
            "runtimes::{:?}::{name}::{label}::{}",
            self.built,
            short(&way)
        );
        let cached = Arc::clone(
            self.extensions
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .entry(place.clone())
                .or_default(),
        );
        let make = || {
            let python = self.of(label)?;
            build_of(
                parts,
                &scratch(&place),
                python,
                flags,
                C99,
                &self.built.source(),
                name,
            )
        };
        cached.get_or_init(make).clone()
    }
}

/// A name for a folder.
fn short(way: &str) -> String {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    way.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

fn headers(built: Built) -> Result<&'static Headers, String> {
    let pythons = conformance::interpreters().map_err(|error| error.to_string())?;
    Ok(Box::leak(Box::new(Headers {
        pythons,
        built,
        extensions: Mutex::default(),
    })))
}

fn main() -> ExitCode {
    conformance::trials::run(trials())
}

fn trials() -> Result<Vec<Trial>, String> {
    let reading = pyshim_gen::read(&root().join("abi")).map_err(|error| error.to_string())?;
    let model: &'static Model = Box::leak(Box::new(reading.model.ok_or("no manifest")?));
    let today = headers(Built::Today)?;
    let earlier = headers(Built::Earlier)?;
    let trial = |prefix: &str, headers, (name, test): &(&str, Test)| {
        let test = *test;
        Trial::test(format!("{prefix}{name}"), move || {
            test(headers).map_err(Failed::from)
        })
    };
    let mut trials: Vec<Trial> = LATER.iter().map(|row| trial("", today, row)).collect();
    trials.extend(LATER.iter().map(|row| trial("earlier::", earlier, row)));
    trials.extend(KNOWN.iter().map(|row| trial("", today, row)));
    for headers in [today, earlier] {
        let prefix = match headers.built {
            Built::Today => "",
            Built::Earlier => "earlier::",
        };
        trials.push(Trial::test(
            format!("{prefix}other_signatures"),
            move || other_signatures(headers, model).map_err(Failed::from),
        ));
        for spec in lacking(headers.built) {
            let exported = spec.exports()?;
            for (entry, facts) in model.symbols() {
                let symbol = entry.name.as_str();
                // What macros of the headers call is not looked up, unless the C core binds it too.
                let mut groups = model.groups();
                let is_bound = groups.any(|(_, group)| group.symbols.contains(&entry.name));
                // What a version lacks anyway cannot be taken from it.
                if exported.contains(symbol) && (facts.supplied.is_none() || is_bound) {
                    let spec = spec.clone();
                    let name = format!("{prefix}missing::{}::{symbol}", spec.label());
                    trials.push(Trial::test(name, move || {
                        a_missing_symbol(headers, &spec, symbol).map_err(Failed::from)
                    }));
                }
            }
            if exported.contains(VERSION) {
                let spec = spec.clone();
                let name = format!("{prefix}missing::{}::{VERSION}", spec.label());
                trials.push(Trial::test(name, move || {
                    a_missing_symbol(headers, &spec, VERSION).map_err(Failed::from)
                }));
            }
        }
    }
    Ok(trials)
}

/// The symbol that the C core looks for and the manifest does not list: it is a number.
const VERSION: &str = "Py_Version";

/// The stand-ins that a name is taken from: the oldest and the newest of each kind that there is, and
/// the next one.
fn lacking(built: Built) -> Vec<Spec> {
    let next = [Spec::new(16, Build::Gil), free_threaded(16)];
    let known = [8, 12, 13, 15].map(|minor| Spec::new(minor, Build::Gil));
    let known_free_threaded = [13, 14, 15].map(free_threaded);
    match built {
        Built::Today => [&next[..], &known, &known_free_threaded].concat(),
        Built::Earlier => next.to_vec(),
    }
}

type Test = fn(&Headers) -> Result<(), String>;

/// What a later CPython may do.
const LATER: &[(&str, Test)] = &[
    ("no_op_sections_want_the_gil", no_op_sections),
    ("a_successor_may_use_the_reserve", successor),
    ("more_words_than_there_are", too_many_words),
    ("a_begin_that_fails_from_the_start", begin_fails),
    ("a_begin_that_fails_later", begin_fails_later),
    ("a_version_that_lies", version_lies),
    ("a_build_that_lies", build_lies),
    ("an_unknown_version_has_no_try_incref", unknown_version),
];

const KNOWN: &[(&str, Test)] = &[
    ("known_versions_behave_as_the_real_ones", known_versions),
    ("interpreters_that_cannot_be_told_apart", no_interpreters),
    ("threads_under_thread_sanitizer", threads_under_tsan),
    ("threads_under_address_sanitizer", threads_under_asan),
    ("two_threads_initialise", two_threads_initialise),
    ("two_releases_in_one_process", two_releases),
    ("headers_and_core_of_two_releases", headers_and_core),
];

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

fn free_threaded(minor: u32) -> Spec {
    Spec::new(minor, Build::FreeThreaded)
}

fn use_on(spec: &Spec, extension: &Path) -> Result<Outcome, String> {
    Standin::new(spec)?.run(extension, "future", USE)
}

/// The extension did everything, and the GIL is as it should be.
fn works(outcome: &Outcome, status: &str, gil: bool) -> Result<(), String> {
    let wanted = [status, "0", "0", "'kept'", "0", "0", "0", "0", "1000"];
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
fn known_versions(headers: &Headers) -> Result<(), String> {
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
            // Only the required ones are sure to have headers.
            eprintln!("known versions: nothing to compile with for {label}");
            continue;
        }
        let extension = headers.full(&label, SECTIONS)?;
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

fn no_op_sections(headers: &Headers) -> Result<(), String> {
    for (label, minor) in [("3.14t", 14), ("3.15t", 15)] {
        let spec = free_threaded(minor).with(Variation::NoOpSections);
        let extension = headers.full(label, BOTH)?;
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
fn successor(headers: &Headers) -> Result<(), String> {
    for minor in [16, 17] {
        let spec = free_threaded(minor).with(Variation::ExtraSectionWords(1));
        let knows_both = headers.abi3t(BOTH, NO_TRY)?;
        works(&use_on(&spec, &knows_both)?, SUCCESSOR, false)?;
        let knows_one = headers.abi3t(SECTIONS, NO_TRY)?;
        works(&use_on(&spec, &knows_one)?, SUCCESSOR, true)?;
        let forced = spec.with(Variation::PythonGil(false));
        refused(
            &use_on(&forced, &knows_one)?,
            &["lock in a newer way", "PYTHON_GIL=0"],
        )?;
    }
    Ok(())
}

fn too_many_words(headers: &Headers) -> Result<(), String> {
    let extension = headers.abi3t(BOTH, NO_TRY)?;
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
fn begin_fails(headers: &Headers) -> Result<(), String> {
    let extension = headers.abi3t(SECTIONS, NO_TRY)?;
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
fn begin_fails_later(headers: &Headers) -> Result<(), String> {
    let extension = headers.abi3t(SECTIONS, NO_TRY)?;
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

fn version_lies(headers: &Headers) -> Result<(), String> {
    let extension = headers.abi3t(SECTIONS, NO_TRY)?;
    let spec = free_threaded(15).with(Variation::PyVersion(0x030d_00f0));
    refused(
        &use_on(&spec, &extension)?,
        &["sys.hexversion is 30f", "Py_Version is 30d00f0"],
    )
}

fn build_lies(headers: &Headers) -> Result<(), String> {
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

/// Try-incref is outside the stable ABI, so a version that nobody has observed does not have it;
/// what else the extension does works.
fn unknown_version(headers: &Headers) -> Result<(), String> {
    let needs_all = headers.abi3t(SECTIONS, ALL)?;
    let parts = [
        "pyshim_try_incref cannot be had on CPython 3.16t",
        "knows is 3.15",
    ];
    refused(&use_on(&free_threaded(16), &needs_all)?, &parts)?;
    let without = headers.abi3t(SECTIONS, NO_TRY)?;
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

/// Where nothing says which interpreter a thread is in, there are no views, and the reason is given.
fn no_interpreters(headers: &Headers) -> Result<(), String> {
    let extension = headers.abi3t(SECTIONS, NO_TRY)?;
    let spec = free_threaded(16).missing("PyThreadState_GetInterpreter");
    let outcome = Standin::new(&spec)?.run(&extension, "future", &["send_view"])?;
    let texts = outcome.texts();
    if texts.len() == 1
        && texts[0].contains("RuntimeError")
        && texts[0].contains("does not tell interpreters apart, so pyshim_view_send cannot work")
    {
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
fn a_missing_symbol(headers: &Headers, spec: &Spec, symbol: &str) -> Result<(), String> {
    let free_threaded = spec.build == Build::FreeThreaded;
    let later = spec.minor > NEWEST_KNOWN;
    let extension = match (free_threaded, later) {
        (false, _) => headers.abi3()?,
        (true, true) => headers.abi3t(SECTIONS, NO_TRY)?,
        (true, false) => headers.table(&spec.label())?,
    };
    let spec = spec.clone().missing(symbol);
    let section_is_missing = symbol.starts_with("PyCriticalSection") && !symbol.ends_with("Mutex");
    let locks = free_threaded && !section_is_missing;
    works(
        &use_on(&spec, &extension)?,
        if locks { LIVE } else { NO_OP },
        !locks,
    )?;
    if !(free_threaded && later) {
        let outcome = Standin::new(&spec)?.run(&extension, "future", &["try_incref"])?;
        if outcome.texts() != ["1"] {
            return Err(format!("try-incref: {outcome:#?}"));
        }
    }
    // Without its version CPython does not say whose lock it has.
    let own = symbol == "PyMutex_Lock" || symbol == "PyMutex_Unlock" || symbol == VERSION;
    let cpythons = (FIRST_MUTEX..=NEWEST_KNOWN).contains(&spec.minor) && !own;
    waits_for_mutex(
        &spec,
        &extension,
        if cpythons { "PyMutex" } else { "pyshim" },
    )?;
    if !free_threaded {
        return Ok(());
    }
    let outcome = use_on(&spec.with(Variation::PythonGil(false)), &extension)?;
    if section_is_missing {
        let parts = ["critical sections, which do nothing here", "PYTHON_GIL=0"];
        refused(&outcome, &parts)
    } else {
        works(&outcome, LIVE, false)
    }
}

/// Whatever is not in the stable ABI may get another signature in the next version, under the same
/// name. Nothing of it is called there.
fn other_signatures(headers: &Headers, model: &Model) -> Result<(), String> {
    let extensions = [
        (Spec::new(16, Build::Gil), headers.abi3()?, NO_OP),
        (free_threaded(16), headers.abi3t(SECTIONS, NO_TRY)?, LIVE),
    ];
    for (mut spec, extension, status) in extensions {
        let exported = spec.exports()?;
        let unstable = model
            .symbols()
            .filter(|(entry, symbol)| symbol.stable.is_none() && exported.contains(&entry.name));
        for (entry, _) in unstable {
            spec = spec.changed(&entry.name);
        }
        if !spec
            .changed
            .iter()
            .any(|name| name.starts_with("PyUnstable_"))
        {
            return Err("no PyUnstable_ function was changed".to_owned());
        }
        works(&use_on(&spec, &extension)?, status, status == NO_OP)?;
        waits_for_mutex(&spec, &extension, "pyshim")?;
    }
    Ok(())
}

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

fn threads_under_tsan(headers: &Headers) -> Result<(), String> {
    threads(headers, Sanitizer::Thread)
}

fn threads_under_asan(headers: &Headers) -> Result<(), String> {
    threads(headers, Sanitizer::Address)
}

/// Threads that are the first to initialise, all at once, find one table.
fn two_threads_initialise(headers: &Headers) -> Result<(), String> {
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
    let wanted = ["0"; 8].into_iter().chain([LIVE, "0"]);
    if outcome.success && outcome.texts().into_iter().eq(wanted) {
        Ok(())
    } else {
        Err(format!("{outcome:#?}"))
    }
}

/// An extension of today's and one that was built earlier, side by side on one CPython: each has its
/// own copy of everything, and both go on working, on several threads too.
fn two_releases(headers: &Headers) -> Result<(), String> {
    let flags = ["-DPy_TARGET_ABI3T=0x030F0000", NO_TRY, "-DFUTURE_BITS=1"].map(str::to_owned);
    let today = headers.build_parts(&Built::Today.parts(), "3.15t", &flags, "future")?;
    let name = "-DFUTURE_NAME=earlier".to_owned();
    let flags: Vec<String> = flags.into_iter().chain([name]).collect();
    let earlier = Headers {
        pythons: headers.pythons.clone(),
        built: Built::Earlier,
        extensions: Mutex::default(),
    };
    let earlier = earlier.build_parts(&Built::Earlier.parts(), "3.15t", &flags, "earlier")?;
    let program = format!(
        "import earlier {}\nimport future {}\n{}",
        earlier.display(),
        today.display(),
        "threads 4 earlier churn\nthreads 4 future churn\nthreads 4 earlier count\n\
         threads 4 future count\ncall earlier drain\ncall future drain\ncall earlier locks\n\
         call future locks\ncall earlier total\ncall future total\nstate\n"
    );
    for minor in [15, 16] {
        let outcome = Standin::new(&free_threaded(minor))?.run_program(&program)?;
        let wanted = ["0"; 20].into_iter().chain(["4000", "4000"]);
        if !outcome.success
            || outcome.gil_enabled != Some(false)
            || !outcome.texts().into_iter().eq(wanted)
        {
            return Err(format!("{outcome:#?}"));
        }
    }
    for label in ["3.15", "3.15t"] {
        two_releases_on(headers.of(label)?, &earlier, &today)?;
    }
    Ok(())
}

/// The same on a real CPython, of either build: one file is for both.
fn two_releases_on(python: &Python, earlier: &Path, today: &Path) -> Result<(), String> {
    let code = "
import sys, threading
sys.path += sys.argv[1:]
import earlier, future
functions = 'count', 'churn', 'references'
work = [getattr(module, name) for module in (earlier, future) for name in functions * 2]
results = []
threads = [threading.Thread(target=lambda f=f: results.append(f())) for f in work]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert results == [0] * len(work), results
for module in earlier, future:
    assert (module.drain(), module.locks(), module.total()) == (0, 0, 2000)
";
    let folders = [earlier, today].map(|path| path.parent().unwrap_or(path).to_owned());
    let mut command = Command::new(&python.executable);
    command
        .env_remove("PYTHON_GIL")
        .args(["-W", "error", "-c", code])
        .args(folders);
    succeed(&mut command).map(drop)
}

/// `#define PYSHIM_TABLE_HASH …` of a release.
fn table_hash(release: &Release) -> Result<String, String> {
    let path = release.include.join("pyshim/table.h");
    let text = std::fs::read_to_string(&path).map_err(|error| error.to_string())?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("#define PYSHIM_TABLE_HASH "));
    line.map(str::to_owned)
        .ok_or_else(|| format!("{}: no hash", path.display()))
}

/// Where somebody mixes two releases in one extension, the table is compared; of an older and of a
/// newer core alike.
fn headers_and_core(headers: &Headers) -> Result<(), String> {
    let (now, then) = (Release::current(), Release::baseline());
    let same = table_hash(&now)? == table_hash(&then)?;
    let flags = [ALL, "-DPYSHIM_FORCE_TABLE", "-DFUTURE_BITS=1"].map(str::to_owned);
    for (of_headers, of_core) in [(&now, &then), (&then, &now)] {
        let parts = Parts {
            headers: of_headers.clone(),
            core: of_core.clone(),
        };
        let earlier = Headers {
            pythons: headers.pythons.clone(),
            built: Built::Earlier, // whose source both releases' headers can compile
            extensions: Mutex::default(),
        };
        let extension = earlier.build_parts(&parts, "3.15t", &flags, "future")?;
        let outcome = use_on(&free_threaded(15), &extension)?;
        if same {
            works(&outcome, LIVE, false)?;
        } else {
            refused(
                &outcome,
                &["the headers have table", "compile both from one release"],
            )?;
        }
    }
    Ok(())
}

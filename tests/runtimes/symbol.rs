//! A CPython without one of the functions that are looked for.

use std::path::Path;

use conformance::manifest;
use conformance::standin::{Build, Spec, Standin, Variation};
use libtest_mimic::{Failed, Trial};
use pyshim_gen::model::{Entry, Symbol};

use crate::headers::{Built, Headers, NO_TRY, SECTIONS};
use crate::usage::{LIVE, NO_OP, free_threaded, refused, use_on, waits_for_mutex, works};

/// The symbol that the C core looks for and the manifest does not list: it is a number.
const VERSION: &str = "Py_Version";

/// One for each stand-in and symbol that it has.
pub(crate) fn trials(prefix: &str, headers: &'static Headers) -> Result<Vec<Trial>, String> {
    let mut trials = Vec::new();
    let model = manifest::model()?;
    // What macros of the headers call is not looked up, unless the C core binds it too.
    let is_looked_up = |entry: &Entry, facts: &Symbol| {
        let mut groups = model.groups();
        facts.supplied.is_none() || groups.any(|(_, group)| group.symbols.contains(&entry.name))
    };
    let symbols = model
        .symbols()
        .filter(|(entry, facts)| is_looked_up(entry, facts));
    let symbols = symbols.map(|(entry, _)| entry.name.as_str());
    let symbols: Vec<&'static str> = symbols.chain([VERSION]).collect();
    for spec in lacking(headers.built)? {
        let exported = spec.exports()?;
        // What a version lacks anyway cannot be taken from it.
        for symbol in symbols.iter().copied().filter(|it| exported.contains(*it)) {
            let spec = spec.clone();
            let name = format!("{prefix}missing::{}::{symbol}", spec.label());
            trials.push(Trial::test(name, move || {
                a_missing_symbol(headers, &spec, symbol).map_err(Failed::from)
            }));
        }
    }
    Ok(trials)
}

/// The stand-ins that a name is taken from: the oldest and the newest of each kind that there is, and
/// the next one.
fn lacking(built: Built) -> Result<Vec<Spec>, String> {
    let newest = manifest::newest()?;
    let first_mutex = *manifest::exporting("PyMutex_Lock")?.start();
    let mut specs = vec![Spec::new(newest + 1, Build::Gil), free_threaded(newest + 1)];
    if built == Built::Today {
        let known = [manifest::oldest()?, first_mutex - 1, first_mutex, newest];
        specs.extend(known.map(|minor| Spec::new(minor, Build::Gil)));
        specs.extend((first_mutex..=newest).map(free_threaded));
    }
    Ok(specs)
}

/// What is said where nothing tells which interpreter a thread is in.
const NOT_APART: &str = "RuntimeError: pyshim: this CPython does not tell interpreters apart, so \
                         pyshim_view_send cannot work";

/// Views are sent, or the error says what of CPython's is not there.
fn views_are_sent_without(spec: &Spec, extension: &Path, symbol: &str) -> Result<(), String> {
    let outcome = Standin::new(spec)?.run(extension, "future", &["send_view"])?;
    let lacks = format!("RuntimeError: pyshim: this CPython does not export {symbol},");
    let wanted = match symbol {
        "PyType_FromSpec" | "PyObject_GetBuffer" | "PyBuffer_Release" => lacks.as_str(),
        "PyThreadState_GetInterpreter" | "_PyInterpreterState_Get" => NOT_APART,
        _ => "0",
    };
    match outcome.texts().as_slice() {
        [text] if outcome.success && text.starts_with(wanted) => Ok(()),
        _ => Err(format!("expected `{wanted}`, found {outcome:#?}")),
    }
}

/// Without any one of them an extension works, with the GIL if it was a section that is missing;
/// never a crash.
fn a_missing_symbol(headers: &Headers, spec: &Spec, symbol: &str) -> Result<(), String> {
    let free_threaded = spec.build == Build::FreeThreaded;
    let later = spec.minor > manifest::newest()?;
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
    if headers.built == Built::Today {
        views_are_sent_without(&spec, &extension, symbol)?;
    }
    // Without its version CPython does not say whose lock it has.
    let own = symbol == "PyMutex_Lock" || symbol == "PyMutex_Unlock" || symbol == VERSION;
    let cpythons = manifest::exporting("PyMutex_Lock")?.contains(&spec.minor) && !own;
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

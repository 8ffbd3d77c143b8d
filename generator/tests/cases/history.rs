//! The history of CPython's ABI: known breaks are found in the committed snapshots, and everything
//! that is found is kept, so that a change of a rule shows. `PYSHIM_BLESS=1` writes what is found.

use crate::report;
use std::collections::BTreeSet;
use std::path::Path;

use libtest_mimic::{Failed, Trial};
use pyshim_gen::diff::diff;
use pyshim_gen::history::{Observed, neighbours};
use pyshim_gen::report::{Level, Report};
use pyshim_gen::{read, read_observed};

const EXPECTED: &str = "tests/data/history";

/// Who has to be there to be compared with whom; a newer CPython adds to it.
const PAIRS: &[(&str, &str)] = &[
    ("3.8", "3.9"),
    ("3.9", "3.10"),
    ("3.10", "3.11"),
    ("3.11", "3.12"),
    ("3.12", "3.13"),
    ("3.13", "3.14"),
    ("3.14", "3.15"),
    ("3.13t", "3.14t"),
    ("3.14t", "3.15t"),
    ("3.13", "3.13t"),
    ("3.14", "3.14t"),
    ("3.15", "3.15t"),
];

/// Something that is known to have changed between two CPythons.
struct Known {
    pair: (&'static str, &'static str),
    level: Level,
    /// The rule's name.
    rule: &'static str,
    items: &'static [&'static str],
    /// What has to be in the two sides, where that is known from elsewhere.
    sides: (&'static str, &'static str),
}

const fn known(
    pair: (&'static str, &'static str),
    level: Level,
    rule: &'static str,
    items: &'static [&'static str],
    sides: (&'static str, &'static str),
) -> Known {
    Known {
        pair,
        level,
        rule,
        items,
        sides,
    }
}

use Level::{Addition, Api, Break, Compatible};

const KNOWN: &[Known] = &[
    // 3.8 kept it at the end, for what was written for 3.7.
    known(
        ("3.8", "3.9"),
        Break,
        "field-removed",
        &["PyTypeObject.tp_print"],
        ("", ""),
    ),
    known(
        ("3.9", "3.10"),
        Addition,
        "added",
        &["_Py_IncRef", "_Py_DecRef"],
        ("", ""),
    ),
    known(
        ("3.10", "3.11"),
        Compatible,
        "form-changed",
        &["Py_INCREF", "Py_SIZE", "Py_TYPE"],
        ("macro", "inline"),
    ),
    // The new parameter is what PEP 684 needed.
    known(
        ("3.11", "3.12"),
        Break,
        "parameter-type",
        &["_PyCrossInterpreterData_RegisterClass"],
        ("", "PyThreadState"),
    ),
    known(
        ("3.12", "3.13"),
        Api,
        "availability-narrowed",
        &[
            "_PyCrossInterpreterData_RegisterClass",
            "PyObject_AsReadBuffer",
        ],
        ("", ""),
    ),
    known(
        ("3.12", "3.13"),
        Break,
        "function-inlined-and-gone",
        &["_PyThreadState_UncheckedGet"],
        ("", ""),
    ),
    known(
        ("3.13", "3.14"),
        Break,
        "field-type",
        &["PyObject.ob_refcnt"],
        ("Py_ssize_t", "u32"),
    ),
    known(
        ("3.13", "3.14"),
        Break,
        "removed",
        &[
            "_PyCrossInterpreterData_Clear",
            "_PyCrossInterpreterData_Free",
            "_PyCrossInterpreterData_Init",
            "_PyCrossInterpreterData_InitWithSize",
            "_PyCrossInterpreterData_Lookup",
            "_PyCrossInterpreterData_New",
            "_PyCrossInterpreterData_NewObject",
            "_PyCrossInterpreterData_RegisterClass",
            "_PyCrossInterpreterData_Release",
            "_PyCrossInterpreterData_ReleaseAndRawFree",
            "_PyCrossInterpreterData_UnregisterClass",
            "_PyObject_CheckCrossInterpreterData",
            "_PyObject_GetCrossInterpreterData",
        ],
        ("exported", ""),
    ),
    known(
        ("3.13", "3.14"),
        Addition,
        "inline-became-function",
        &["Py_REFCNT", "Py_TYPE"],
        ("inline", "function"),
    ),
    known(
        ("3.14", "3.15"),
        Break,
        "constant-value",
        &[
            "Py_mod_create",
            "Py_mod_exec",
            "Py_mod_gil",
            "Py_mod_multiple_interpreters",
            "Py_bf_getbuffer",
            "Py_bf_releasebuffer",
        ],
        ("", ""),
    ),
    known(
        ("3.14", "3.15"),
        Break,
        "constant-value",
        &["Py_mod_gil"],
        ("4", "87"),
    ),
    known(
        ("3.14", "3.15"),
        Addition,
        "became-complete",
        &["PyCriticalSection", "PyCriticalSection2"],
        ("incomplete", "type"),
    ),
    known(
        ("3.14", "3.15"),
        Addition,
        "inline-became-function",
        &["Py_SIZE", "Py_IS_TYPE", "Py_SET_SIZE"],
        ("inline", "function"),
    ),
    known(
        ("3.14", "3.15"),
        Addition,
        "availability-widened",
        &[
            "Py_mod_gil",
            "PyCriticalSection_Begin",
            "Py_BEGIN_CRITICAL_SECTION",
        ],
        ("", ""),
    ),
    known(
        ("3.13t", "3.14t"),
        Compatible,
        "reserve-used",
        &["PyObject.ob_flags"],
        ("", "0 bytes left in reserve"),
    ),
    known(
        ("3.14t", "3.15t"),
        Break,
        "constant-value",
        &["Py_mod_gil"],
        ("4", "87"),
    ),
    known(
        ("3.13", "3.13t"),
        Break,
        "field-added-in-the-middle",
        &["PyObject"],
        ("size 16", "size 32"),
    ),
    known(
        ("3.14", "3.14t"),
        Break,
        "field-added-in-the-middle",
        &["PyObject"],
        ("size 16", "size 32"),
    ),
    known(
        ("3.15", "3.15t"),
        Break,
        "field-added-in-the-middle",
        &["PyObject"],
        ("size 16", "size 32"),
    ),
    known(
        ("3.14", "3.14t"),
        Addition,
        "added",
        &["PyUnstable_Module_SetGIL", "_Py_GetThreadLocal_Addr"],
        ("", "exported"),
    ),
];

pub(crate) fn trials() -> Vec<Trial> {
    let observed = read_observed(Path::new("../abi/observed")).expect("the snapshots can be read");
    let mut trials = Vec::new();
    for (old, new) in neighbours(&observed) {
        let name = format!("{}-{}", old.label, new.label);
        let found = diff(&old.surface, &new.surface);
        let pair = (old.label.clone(), new.label.clone());
        for (index, known) in KNOWN.iter().enumerate() {
            if known.pair == (pair.0.as_str(), pair.1.as_str()) {
                let found = found.clone();
                let title = format!("known::{name}::{index}::{}", known.rule);
                trials.push(Trial::test(title, move || is_found(known, &found)));
            }
        }
        trials.push(Trial::test(format!("kept::{name}"), move || {
            kept(&name, found)
        }));
    }
    let (pairs, names) = (observed.clone(), observed);
    trials.push(Trial::test("every_pair_is_compared", move || whole(&pairs)));
    trials.push(Trial::test("every_watched_name_was_seen", move || {
        seen(&names)
    }));
    trials
}

fn is_found(known: &Known, found: &Report) -> Result<(), Failed> {
    for item in known.items {
        let (old, new) = known.sides;
        let has = |side: &Option<String>, part| side.as_deref().unwrap_or_default().contains(part);
        let is_it = found.findings.iter().any(|finding| {
            finding.item == *item
                && finding.rule.name == known.rule
                && finding.level == known.level
                && has(&finding.old, old)
                && has(&finding.new, new)
        });
        if !is_it {
            let about = |report: &Report| -> Report {
                let mut report = report.clone();
                report.findings.retain(|finding| finding.item == *item);
                report
            };
            let said = report::show(&about(found));
            return Err(format!("{} of {item} is not among\n{said}", known.rule).into());
        }
    }
    Ok(())
}

/// All that is found is what was found before. Lines of the snapshots are left out: they change with
/// each name that is watched.
fn kept(name: &str, mut found: Report) -> Result<(), Failed> {
    for finding in &mut found.findings {
        finding.place = None;
    }
    let found = report::show(&found);
    let path = Path::new(EXPECTED).join(format!("{name}.txt"));
    if std::env::var_os("PYSHIM_BLESS").is_some_and(|value| value == "1") {
        std::fs::create_dir_all(EXPECTED)?;
        std::fs::write(&path, &found)?;
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    let expected = expected.replace("\r\n", "\n");
    if expected == found {
        return Ok(());
    }
    let difference = similar::TextDiff::from_lines(&expected, &found);
    let shown = difference
        .unified_diff()
        .header("expected", "found")
        .to_string();
    Err(format!("{}:\n{shown}", path.display()).into())
}

fn whole(observed: &[Observed]) -> Result<(), Failed> {
    let compared = neighbours(observed);
    let compared: BTreeSet<(&str, &str)> = (compared.iter())
        .map(|(old, new)| (old.label.as_str(), new.label.as_str()))
        .collect();
    let wanted = PAIRS.iter().chain(KNOWN.iter().map(|known| &known.pair));
    match wanted.into_iter().find(|pair| !compared.contains(pair)) {
        None => Ok(()),
        Some((old, new)) => Err(format!("{old} is not compared with {new}").into()),
    }
}

/// A watched name that no CPython has is misspelled.
fn seen(observed: &[Observed]) -> Result<(), Failed> {
    let reading = read(Path::new("../abi"))?;
    let model = reading.model.ok_or("the manifest is not understood")?;
    let names = model.watched.iter().flat_map(|group| &group.names);
    let unseen: Vec<&String> = names
        .filter(|name| {
            let has = |one: &Observed| one.surface.items.contains_key(*name);
            !observed.iter().any(has)
        })
        .collect();
    match unseen.is_empty() {
        true => Ok(()),
        false => Err(format!("no snapshot has {unseen:?}").into()),
    }
}

//! Sections of a later CPython: they do nothing, use more words, or fail.

use conformance::standin::{Standin, Variation};

use crate::headers::{BOTH, Headers, NO_TRY, SECTIONS};
use crate::usage::{LIVE, NO_OP, SUCCESSOR, free_threaded, refused, use_on, works};

pub(crate) fn no_op_sections(headers: &Headers) -> Result<(), String> {
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
pub(crate) fn successor(headers: &Headers) -> Result<(), String> {
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

pub(crate) fn too_many_words(headers: &Headers) -> Result<(), String> {
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
pub(crate) fn begin_fails(headers: &Headers) -> Result<(), String> {
    let extension = headers.abi3t(SECTIONS, NO_TRY)?;
    let spec = free_threaded(16).with(Variation::BeginRaisesFrom(1));
    let calls = ["status", "checked", "pending"];
    let outcome = Standin::new(&spec)?.run(&extension, "future", &calls)?;
    let texts = outcome.texts();
    let raised = texts.get(1).is_some_and(|text| text.contains("Error"));
    let as_wanted = texts
        .first()
        .is_some_and(|text| *text == SUCCESSOR.to_string())
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
pub(crate) fn begin_fails_later(headers: &Headers) -> Result<(), String> {
    let extension = headers.abi3t(SECTIONS, NO_TRY)?;
    let spec = free_threaded(16).with(Variation::BeginRaisesFrom(5));
    let standin = Standin::new(&spec)?;
    let outcome = standin.run(&extension, "future", &["status", "checked", "pending"])?;
    let texts = outcome.texts();
    if texts.len() != 3 || texts[0] != LIVE.to_string() || texts[2] != "'context'" {
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

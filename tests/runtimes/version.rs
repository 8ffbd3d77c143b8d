//! Versions that are known, that nobody knows yet, and what may be other in them.

use conformance::manifest;
use conformance::place::root;
use conformance::standin::{Build, Spec, Standin};

use crate::headers::{ALL, Headers, NO_TRY, SECTIONS};
use crate::usage::{LIVE, NO_OP, free_threaded, refused, use_on, waits_for_mutex, works};

/// On a stand-in of a known version the providers are those of the real one, and everything works.
pub(crate) fn known_versions(headers: &Headers) -> Result<(), String> {
    let versions = manifest::exporting("PyCriticalSection_Begin")?;
    for spec in Spec::all()
        .iter()
        .filter(|spec| versions.contains(&spec.minor))
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

/// Try-incref is outside the stable ABI, so a version that nobody has observed does not have it;
/// what else the extension does works.
pub(crate) fn unknown_version(headers: &Headers) -> Result<(), String> {
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
    if outcome.texts() == [NO_OP.to_string().as_str(), "1"] {
        Ok(())
    } else {
        Err(format!("{outcome:#?}"))
    }
}

/// Whatever is not in the stable ABI may get another signature in the next version, under the same
/// name. Nothing of it is called there.
pub(crate) fn other_signatures(headers: &Headers) -> Result<(), String> {
    let extensions = [
        (Spec::new(16, Build::Gil), headers.abi3()?, NO_OP),
        (free_threaded(16), headers.abi3t(SECTIONS, NO_TRY)?, LIVE),
    ];
    for (mut spec, extension, status) in extensions {
        let exported = spec.exports()?;
        let unstable = manifest::model()?
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

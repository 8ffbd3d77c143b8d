//! What the manifest says, so that no test types it again.

use std::ops::RangeInclusive;
use std::sync::OnceLock;

use pyshim_gen::model::Model;

use crate::place::root;

/// All of it, read once.
///
/// # Errors
///
/// When it cannot be read.
pub fn model() -> Result<&'static Model, String> {
    static MODEL: OnceLock<Result<Model, String>> = OnceLock::new();
    let read = || {
        let reading = pyshim_gen::read(&root().join("abi")).map_err(|error| error.to_string())?;
        reading.model.ok_or_else(|| "no manifest".to_owned())
    };
    MODEL.get_or_init(read).as_ref().map_err(Clone::clone)
}

/// The 8 of 3.8: the oldest CPython that is known.
///
/// # Errors
///
/// When the manifest cannot be read.
pub fn oldest() -> Result<u32, String> {
    Ok(model()?.pythons.oldest().minor.into())
}

/// And the newest.
///
/// # Errors
///
/// When the manifest cannot be read.
pub fn newest() -> Result<u32, String> {
    Ok(model()?.pythons.newest().minor.into())
}

/// The known CPythons that export a symbol, from the first that does.
///
/// # Errors
///
/// When the manifest cannot be read, or says of no first one.
pub fn exporting(symbol: &str) -> Result<RangeInclusive<u32>, String> {
    let mut symbols = model()?.symbols();
    let found = symbols.find(|(entry, _)| entry.name == symbol);
    let arms = found.into_iter().flat_map(|(_, body)| &body.exported.arms);
    let first = arms.filter_map(|arm| arm.since).min();
    let first =
        first.ok_or_else(|| format!("the manifest has no first version with `{symbol}`"))?;
    Ok(first.minor.into()..=newest()?)
}

/// Whose lock a mutex is on 3.`minor`, as `pyshim_mutex_scheme` names it.
///
/// # Errors
///
/// When the manifest cannot be read.
pub fn mutex_scheme(minor: u32) -> Result<&'static str, String> {
    let has_one = exporting("PyMutex_Lock")?.contains(&minor);
    Ok(if has_one { "PyMutex" } else { "pyshim" })
}

//! Shared pieces of the conformance tests: how things are compiled and run on real interpreters.

pub mod c_core;
pub mod compile;
pub mod extension;
pub mod manifest;
pub mod mode;
pub mod place;
pub mod release;
pub mod run;
pub mod standin;
pub mod trials;
pub mod wheel;

use pythons::Python;

/// Every interpreter with headers, after those that are required were fetched.
///
/// # Errors
///
/// When a required interpreter cannot be had: tests must not pass without it.
pub fn interpreters() -> Result<Vec<Python>, pythons::Error> {
    pythons::ensure()?;
    let all = pythons::found()?;
    Ok(all
        .into_iter()
        .filter(|python| python.has_headers() && python.version.minor() >= 8)
        .collect())
}

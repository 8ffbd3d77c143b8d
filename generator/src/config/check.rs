//! The suffix and the tag that a tool is about to use, compared with what the target is.

use crate::audit::symbols::Symbols;

use super::Config;
use super::refusal::{Refusal, Wrong};

/// Whether every CPython that is promised looks for a suffix.
///
/// # Errors
///
/// When one does not, with those that do not.
pub fn suffix(config: &Config, suffix: &str) -> Result<(), Refusal> {
    let known = &Symbols::known().runtimes;
    let blind = config.loads_on.iter().filter(|runtime| {
        let suffixes = known.get(runtime).map(Vec::as_slice).unwrap_or_default();
        !suffixes.iter().any(|one| one == suffix)
    });
    let blind: Vec<String> = blind.map(ToString::to_string).collect();
    if blind.is_empty() {
        return Ok(());
    }
    Err(Refusal::new(
        Wrong::Suffix,
        format!(
            "`{suffix}` is promised to {} too, which {} not look for it",
            blind.join(", "),
            if blind.len() == 1 { "does" } else { "do" }
        ),
        format!("name the file `*{}`", config.suffix),
    ))
}

/// Whether a tag promises what the target is. The platform's part is for other tools, which know what
/// the file is linked with.
///
/// # Errors
///
/// When the Python or the ABI is another.
pub fn tag(config: &Config, tag: &str) -> Result<(), Refusal> {
    let first_two = |tag: &str| tag.splitn(3, '-').take(2).collect::<Vec<_>>().join("-");
    if first_two(tag) == first_two(&config.tag) {
        return Ok(());
    }
    let abi = tag.split('-').nth(1).unwrap_or_default();
    let why = if abi == "abi3t" && config.tag.contains("abi3.abi3t") {
        "; GIL-enabled CPythons take no bare `abi3t`"
    } else {
        ""
    };
    Err(Refusal::new(
        Wrong::Tag,
        format!(
            "the tag is `{tag}`, and what is built is `{}`{why}",
            config.tag
        ),
        format!("tag the wheel `{}`", first_two(&config.tag)),
    ))
}

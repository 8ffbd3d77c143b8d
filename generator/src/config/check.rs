//! The suffix and the tag that a tool is about to use, compared with what the target is.

use std::collections::BTreeSet;

use crate::audit::claim::{FileName, Suffix, Tag};
use crate::audit::imports::is_of_platform;
use crate::audit::machine::Machine;
use crate::audit::runtime::Runtime;
use crate::audit::symbols::Symbols;
use crate::model::version::Version;
use crate::model::when::{Build, Os};

use super::Config;
use super::refusal::{Refusal, Wrong};
use super::target::Target;

/// Whether every CPython that is promised looks for a suffix.
///
/// # Errors
///
/// When one does not, with those that do not; or when nobody has observed one of them.
pub fn suffix(config: &Config, suffix: &str) -> Result<(), Refusal> {
    let (mut blind, mut unknown) = (Vec::new(), Vec::new());
    for runtime in promised(config) {
        match looks_for(config, runtime, suffix) {
            Some(true) => {}
            Some(false) => blind.push(runtime.to_string()),
            None => unknown.push(runtime.to_string()),
        }
    }
    let verb = |of: &[String]| if of.len() == 1 { "does" } else { "do" };
    if !blind.is_empty() {
        return Err(Refusal::new(
            Wrong::Suffix,
            format!(
                "`{suffix}` is promised to {} too, which {} not look for it",
                blind.join(", "),
                verb(&blind)
            ),
            format!("name the file `*{}`", config.suffix),
        ));
    }
    if !unknown.is_empty() {
        return Err(Refusal::new(
            Wrong::Unobserved,
            format!(
                "`{suffix}` is promised to {}, and nobody has observed what {} look for",
                unknown.join(", "),
                if unknown.len() == 1 {
                    "it does"
                } else {
                    "they do"
                }
            ),
            "use a pyshim that knows that version, or the suffix `.so` alone",
        ));
    }
    Ok(())
}

/// Those that were observed, the interpreter itself, and what lies between.
fn promised(config: &Config) -> BTreeSet<Runtime> {
    let mut promised = BTreeSet::from([config.python]);
    promised.extend(&config.loads_on);
    let Some(newest) = Symbols::known().newest() else {
        return promised;
    };
    let builds: &[Build] = match config.target {
        Target::Version => &[],
        Target::Abi3 => &[Build::Gil],
        Target::Abi3t | Target::Universal => &[Build::Gil, Build::Ft],
    };
    for minor in newest.minor + 1..=config.python.version.minor {
        let version = Version { minor, ..newest };
        promised.extend(builds.iter().map(|build| Runtime {
            version,
            build: *build,
        }));
    }
    promised
}

/// Nothing where that is not known.
fn looks_for(config: &Config, runtime: Runtime, suffix: &str) -> Option<bool> {
    if runtime == config.python {
        return Some(config.host.suffixes.iter().any(|one| one == suffix));
    }
    let Some(name) = FileName::of_list(suffix) else {
        return Some(false);
    };
    // A BSD's CPython has suffixes as Linux has them.
    let os = Os::of_platform(&config.platform).unwrap_or(Os::Linux);
    let machine = Machine::of_platform(&config.platform).first().copied();
    let is_in = |list: &[String]| name.place(runtime, list, os, machine).is_some();
    match (Symbols::known().runtimes.get(&runtime), &name.suffix) {
        (Some(list), _) => Some(is_in(list)),
        // The list of Windows says no more than the version.
        (None, _) if os == Os::Windows => Some(is_in(&[])),
        (None, Suffix::Bare) => Some(is_in(&[suffix.to_owned()])),
        (None, Suffix::Version(one)) if *one != runtime => Some(false),
        (None, _) => None,
    }
}

/// Whether a tag promises what the target is, on a platform that the interpreter's can be. Which one of
/// these it is, `linux` or `manylinux` of some version, is for other tools, which know what the file is
/// linked with.
///
/// # Errors
///
/// When the Python or the ABI is another, or the platform cannot be that of the interpreter.
pub fn tag(config: &Config, tag: &str) -> Result<(), Refusal> {
    let first_two = |tag: &str| tag.splitn(3, '-').take(2).collect::<Vec<_>>().join("-");
    let pairs = |tag: &str| -> Option<BTreeSet<(String, String)>> {
        let tags = Tag::parse(&format!("{}-any", first_two(tag))).ok()??;
        Some(tags.into_iter().map(|one| (one.python, one.abi)).collect())
    };
    // What is several in one has no order.
    if pairs(tag).is_some_and(|said| Some(said) == pairs(&config.tag)) {
        return platforms(config, tag);
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

/// Whether each platform of a tag, where it names any, can be the interpreter's.
fn platforms(config: &Config, tag: &str) -> Result<(), Refusal> {
    let Some(said) = tag.splitn(3, '-').nth(2) else {
        return Ok(());
    };
    let others = said.split('.').filter(|one| !is_for(config, one));
    let others = Vec::from_iter(others.map(|one| format!("`{one}`")));
    if others.is_empty() {
        return Ok(());
    }
    let libc = match Os::of_platform(&config.platform) {
        Some(Os::Linux) if config.host.musl => " with musl",
        Some(Os::Linux) => " with glibc",
        _ => "",
    };
    Err(Refusal::new(
        Wrong::Tag,
        format!(
            "the tag is `{tag}`, and what is built is for `{}`{libc}, which {} cannot be",
            config.platform,
            others.join(" or ")
        ),
        format!(
            "tag the wheel `{}`, or name an interpreter of the platform that is meant with --python",
            config.tag
        ),
    ))
}

/// Whether the platform of a tag can be the interpreter's. A module is for some system. Of systems and
/// processors that are not known here, what their tags look like is not either.
fn is_for(config: &Config, platform: &str) -> bool {
    let own = Os::of_platform(&config.platform);
    let is_known = own.is_some() && !Machine::of_platform(&config.platform).is_empty();
    let can_be = || match is_known {
        true => is_of_platform(platform, &config.host),
        false => Os::of_platform(platform) == own,
    };
    platform == config.platform || platform != "any" && can_be()
}

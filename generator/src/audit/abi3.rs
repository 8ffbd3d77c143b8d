//! A module that claims abi3, in the terms of abi3audit, for those who read its reports.

use super::claim::Suffix;
use super::module::{Claim, Module};
use super::symbols::Symbols;
use crate::model::version::Version;
use crate::report::Abi3;

/// What abi3audit takes for the least version where nobody says.
const LEAST: Version = Version { major: 3, minor: 2 };

/// Nothing where neither the file nor its wheel claims abi3.
pub(super) fn of(module: &Module, claim: &Claim, given: &str, symbols: &Symbols) -> Option<Abi3> {
    let is_named = matches!(module.name.suffix, Suffix::Abi3 | Suffix::Abi3Platform);
    if !claim.abi3 && !is_named {
        return None;
    }
    let baseline = claim.floor.unwrap_or(LEAST);
    // What joined before the oldest that was observed has that one's version.
    let oldest = symbols.runtimes.keys().map(|runtime| runtime.version).min();
    let (mut non_abi3, mut future) = (Vec::new(), Vec::new());
    let imports = module.binaries.iter().flat_map(|one| one.python_imports());
    for (name, _) in imports {
        match symbols.names.get(name).and_then(|known| known.stable) {
            None => non_abi3.push(name.to_owned()),
            Some(since) if since > baseline && Some(since) > oldest => {
                future.push((name.to_owned(), since));
            }
            Some(_) => {}
        }
    }
    non_abi3.sort();
    non_abi3.dedup();
    future.sort();
    future.dedup();
    let newest = future.iter().map(|(_, since)| *since).max();
    let (wheel, member) = match module.path.strip_prefix(given) {
        Some(member) => (!member.is_empty(), member),
        None => (false, module.path.as_str()),
    };
    let file = if wheel { member } else { given };
    Some(Abi3 {
        spec: given.to_owned(),
        in_wheel: wheel,
        name: file.rsplit(['/', '!']).next().unwrap_or(file).to_owned(),
        baseline,
        computed: newest.map_or(baseline, |newest| newest.max(baseline)),
        non_abi3,
        future,
    })
}

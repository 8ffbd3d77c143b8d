//! Which CPythons load a module, and why the others do not.

use super::binary::{Binary, HookKind};
use super::claim::Suffix;
use super::machine::Machine;
use super::module::{Claim, Module};
use super::needed;
use super::runtime::Runtime;
use super::slots::Slots;
use super::slots::known::Known;
use super::symbols::Symbols;
use crate::model::version::Version;
use crate::model::when::Os;

/// What a CPython does with a module; the worst last.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// It loads it.
    Loads,
    /// Nobody can tell from what is known.
    Unknown(String),
    /// It does not.
    Refuses(String),
}

/// What one CPython does with all architectures of a module.
#[must_use]
pub fn answer(module: &Module, claim: &Claim, runtime: Runtime, symbols: &Symbols) -> Answer {
    let lacks = module.lacks(claim);
    if !lacks.is_empty() {
        let lacks = Vec::from_iter(lacks.iter().map(Machine::to_string));
        return Answer::Refuses(format!("it has no code for {}", lacks.join(" and ")));
    }
    let answers = module.binaries.iter();
    let answers = answers.map(|binary| of_binary(module, binary, claim, runtime, symbols));
    answers.max().unwrap_or(Answer::Loads)
}

fn of_binary(
    module: &Module,
    binary: &Binary,
    claim: &Claim,
    runtime: Runtime,
    symbols: &Symbols,
) -> Answer {
    if !claim.is_for(binary.os) {
        return Answer::Refuses("it is in the format of another system".to_owned());
    }
    if module.place(runtime, symbols).is_none() {
        let end = &module.name.end;
        return Answer::Refuses(format!("it does not look for the suffix `{end}`"));
    }
    if let Some(library) = needed::foreign(binary, runtime) {
        return Answer::Refuses(format!("`{library}` is the library of another CPython"));
    }
    if !module.is_library() && !has_hook(module, binary, runtime, symbols) {
        return Answer::Refuses("it finds no hook that it calls".to_owned());
    }
    if let Some(reason) = refused_slot(module, binary, runtime, symbols) {
        return Answer::Refuses(reason);
    }
    let mut unknown = None;
    for (name, is_optional) in binary.python_imports() {
        match exports(symbols, name, runtime, binary.os) {
            _ if is_optional => {}
            Some(true) => {}
            Some(false) => return Answer::Refuses(format!("it does not export `{name}`")),
            None => unknown = unknown.or(Some(name)),
        }
    }
    if let Some(reason) = wrong_objects(module, binary, claim, runtime, symbols) {
        return reason;
    }
    let is_renumbered = calls_export_since(symbols).is_some_and(|since| runtime.version < since);
    match unknown {
        None if is_renumbered && binary.makes_types().is_some() => Answer::Unknown(
            "it makes types of slots whose numbers are those of newer headers".to_owned(),
        ),
        None => Answer::Loads,
        Some(name) => Answer::Unknown(format!("nothing is known of `{name}`")),
    }
}

/// The version from which on `PyModExport_` is called: the one that has what it came with.
#[must_use]
pub fn calls_export_since(symbols: &Symbols) -> Option<Version> {
    symbols.names.get("PyModule_FromSlotsAndSpec")?.stable
}

/// Whether a CPython calls a hook that the module has.
#[must_use]
pub fn has_hook(module: &Module, binary: &Binary, runtime: Runtime, symbols: &Symbols) -> bool {
    let calls_export = calls_export_since(symbols).is_some_and(|since| runtime.version >= since);
    binary.has(HookKind::Init, &module.hook())
        || calls_export && binary.has(HookKind::Export, &module.hook())
}

/// What the hook gives that a CPython calls.
#[must_use]
pub fn slots<'a>(
    module: &Module,
    binary: &'a Binary,
    runtime: Runtime,
    symbols: &Symbols,
) -> &'a Slots {
    let calls_export = calls_export_since(symbols).is_some_and(|since| runtime.version >= since);
    match calls_export && binary.has(HookKind::Export, &module.hook()) {
        true => &binary.declared.export,
        false => &binary.declared.init,
    }
}

/// A slot that a CPython does not know, by name and number.
#[must_use]
pub fn unknown_slot(slots: &Slots, runtime: Runtime) -> Option<(&str, u64)> {
    let known = |id| Known::observed().ids.get(&id);
    let is_unknown = |id| known(id).is_some_and(|(_, since)| *since > runtime.version);
    slots.ids().find(|(_, id)| is_unknown(*id))
}

/// What in its slots keeps a CPython from loading a module.
fn refused_slot(
    module: &Module,
    binary: &Binary,
    runtime: Runtime,
    symbols: &Symbols,
) -> Option<String> {
    let slots = slots(module, binary, runtime, symbols);
    if let Some((name, id)) = unknown_slot(slots, runtime) {
        return Some(format!("it does not know the slot `{name}`, which is {id}"));
    }
    slots
        .refuses(runtime)
        .or_else(|| misused_slot(module, binary, runtime, symbols))
}

/// What no CPython takes that asks for the slots at all.
#[must_use]
pub fn misused_slot(
    module: &Module,
    binary: &Binary,
    runtime: Runtime,
    symbols: &Symbols,
) -> Option<String> {
    let slots = slots(module, binary, runtime, symbols);
    let is_export = std::ptr::eq(slots, &binary.declared.export);
    slots.misused(is_export)
}

/// Whether a CPython exports a name; nothing where that is not known.
#[must_use]
pub fn exports(symbols: &Symbols, name: &str, runtime: Runtime, os: Os) -> Option<bool> {
    let known = symbols.names.get(name)?;
    match known.exported.is_empty() {
        false => Some(known.exported.contains(&runtime)),
        // The stable ABI has names that only Windows has, and Linux was observed.
        true if os == Os::Windows => None,
        true => Some(false),
    }
}

/// Objects have another head on free-threaded builds, and `PyInit_` gives one to CPython.
pub(super) fn wrong_objects(
    module: &Module,
    binary: &Binary,
    claim: &Claim,
    runtime: Runtime,
    symbols: &Symbols,
) -> Option<Answer> {
    let is_version = matches!(module.name.suffix, Suffix::Version(_));
    let abi3t_suffix = matches!(module.name.suffix, Suffix::Abi3t | Suffix::Abi3tPlatform);
    let for_version = !claim.is_stable() && claim.versions.contains(&runtime);
    if !runtime.is_free_threaded() || is_version || for_version || module.is_library() {
        return None;
    }
    let calls_export = calls_export_since(symbols).is_some_and(|since| runtime.version >= since);
    if calls_export && binary.has(HookKind::Export, &module.hook()) {
        return None;
    }
    // What is given to CPython is laid out for the one that loads it. Other code in a module is known to
    // be so too, where it was compiled with headers, or is promised to be.
    if let Slots::Pyshim(ours) = slots(module, binary, runtime, symbols)
        && ours.is_for_either_build()
        && (ours.has_headers() || claim.abi3t)
    {
        return None;
    }
    let abi3_suffix = matches!(module.name.suffix, Suffix::Abi3 | Suffix::Abi3Platform);
    if abi3_suffix || claim.abi3 && !claim.abi3t {
        let reason = "it finds the file, whose objects are laid out for GIL-enabled builds, and crashes or refuses it";
        return Some(Answer::Refuses(reason.to_owned()));
    }
    let is_shown = abi3t_suffix || claim.abi3t;
    let reason = match is_shown {
        true => {
            "it calls `PyInit_`, and whether that makes an object of free-threaded builds cannot be seen"
        }
        false => "nothing says for which builds its objects are laid out",
    };
    Some(Answer::Unknown(reason.to_owned()))
}

//! Which CPythons load a module, and why the others do not.

use super::attempt::Attempt;
use super::binary::Binary;
use super::machine::Machine;
use super::module::{Claim, Module};
use super::needed;
use super::runtime::Runtime;
use super::symbols::Symbols;

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
    if module.place(runtime, symbols).is_none() || module.is_for_other_libc(claim) {
        let reason = format!("it does not look for the suffix `{}`", module.name.end);
        return match claim.is_for_any {
            true => Answer::Unknown(format!("{reason}, without which the package may do")),
            false => Answer::Refuses(reason),
        };
    }
    if let Some(library) = needed::foreign(binary, runtime) {
        return Answer::Refuses(format!("`{library}` is the library of another CPython"));
    }
    let attempt = Attempt::new(module, binary, runtime, symbols);
    if !module.is_library() && !attempt.has_hook() {
        return Answer::Refuses("it finds no hook that it calls".to_owned());
    }
    if let Some(reason) = attempt.refused_slot() {
        return Answer::Refuses(reason);
    }
    let mut unknown = None;
    for import in binary.all_python_imports() {
        match symbols.exports(import.name, runtime, binary.os) {
            _ if import.is_optional => {}
            Some(true) => {}
            Some(false) => return Answer::Refuses(format!("it does not export {import}")),
            None => unknown = unknown.or(Some(import)),
        }
    }
    if let Some(answer) = attempt.objects(claim) {
        return answer;
    }
    // Slots have other numbers since then, too.
    let since = symbols.calls_export_since();
    let is_renumbered = since.is_some_and(|since| runtime.version < since);
    match unknown {
        None if is_renumbered && binary.makes_types().is_some() => Answer::Unknown(
            "it makes types of slots whose numbers are those of newer headers".to_owned(),
        ),
        None => Answer::Loads,
        Some(import) => Answer::Unknown(format!("nothing is known of {import}")),
    }
}

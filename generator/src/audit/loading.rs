//! Which CPythons load a module, and why the others do not.

use super::attempt::Attempt;
use super::binary::Binary;
use super::linked::last;
use super::machine::Machine;
use super::module::{Claim, Module};
use super::needed;
use super::runtime::Runtime;
use super::symbols::Symbols;

/// What a CPython does with a module; the worst last.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// It loads it.
    #[default]
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
        let is_open = module.name.is_loaded_by_path() || claim.does_without(&module.name.suffix);
        return match is_open {
            true => Answer::Unknown(format!("{reason}, and may do without the file")),
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
    let place = symbols.runtimes.keys().position(|one| *one == runtime);
    let of_libraries = place.and_then(|place| binary.of_libraries.get(place));
    let of_libraries = of_libraries.map(|answer| Answer::clone(answer));
    let names = names(binary, runtime, symbols).max(of_libraries.unwrap_or_default());
    if let Answer::Refuses(_) = names {
        return names;
    }
    if let Some(answer) = attempt.objects(claim) {
        return answer;
    }
    // Slots have other numbers since then, too.
    let since = symbols.calls_export_since();
    let is_renumbered = since.is_some_and(|since| runtime.version < since);
    match names {
        Answer::Loads if is_renumbered && binary.makes_types().is_some() => Answer::Unknown(
            "it makes types of slots whose numbers are those of newer headers".to_owned(),
        ),
        names => names,
    }
}

/// What a CPython does with a library that a module needs.
#[must_use]
pub(super) fn of_library(library: &Module, runtime: Runtime, symbols: &Symbols) -> Answer {
    let name = last(&library.path);
    let answers = library.binaries.iter().map(|binary| {
        if let Some(needed) = needed::foreign(binary, runtime) {
            let reason =
                format!("`{needed}`, which its library `{name}` needs, is of another CPython");
            return Answer::Refuses(reason);
        }
        match names(binary, runtime, symbols) {
            Answer::Loads => Answer::Loads,
            Answer::Unknown(why) => {
                Answer::Unknown(format!("{why}, which its library `{name}` takes"))
            }
            Answer::Refuses(why) => {
                Answer::Refuses(format!("{why}, which its library `{name}` takes"))
            }
        }
    });
    answers.max().unwrap_or_default()
}

/// Whether a CPython has all names that one architecture takes from it.
fn names(binary: &Binary, runtime: Runtime, symbols: &Symbols) -> Answer {
    let mut unknown = None;
    for (name, is_optional) in binary.python_imports() {
        match symbols.exports(name, runtime, binary.os) {
            _ if is_optional => {}
            Some(true) => {}
            Some(false) => return Answer::Refuses(format!("it does not export `{name}`")),
            None => unknown = unknown.or(Some(name)),
        }
    }
    match unknown {
        None => Answer::Loads,
        Some(name) => Answer::Unknown(format!("nothing is known of `{name}`")),
    }
}

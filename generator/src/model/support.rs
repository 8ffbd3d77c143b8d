//! Who does the work of a function of ours on a CPython.

use super::python::runtime;
use super::when::{Api, Cell};
use super::{Direct, Function, Model, Provider, Provides};

/// Who does the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    /// A function of CPython's.
    Native,
    /// Code of ours.
    Own,
    /// Nobody, for there is nothing to do.
    Nothing,
    /// The function cannot be had.
    Absent,
}

impl Support {
    /// In a table.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Support::Native => "CPython's",
            Support::Own => "pyshim's",
            Support::Nothing => "nothing to do",
            Support::Absent => "not available",
        }
    }
}

/// Who fills a function's slot on the CPython that runs.
#[must_use]
pub fn by_table(model: &Model, body: &Function, cell: &Cell) -> Support {
    match body.when.holds(cell) {
        true => filled(model, body, &runtime(cell.version, cell.build)),
        false => Support::Absent,
    }
}

/// Who does the work in a module that is compiled with some headers, on the CPython that runs: in the
/// full API what the header does, and otherwise who fills the slot. What has no slot is code of ours.
#[must_use]
pub fn compiled(model: &Model, body: &Function, headers: &Cell, runs: &Cell) -> Support {
    if !body.when.holds(headers) {
        return Support::Absent;
    }
    let direct = body.direct.iter().find(|(when, _)| when.holds(headers));
    match direct.filter(|_| headers.api == Api::Full) {
        Some((_, Direct::Symbol(_))) => Support::Native,
        Some((_, Direct::Call(_))) => Support::Own,
        Some((_, Direct::Returns(_) | Direct::Nothing)) => Support::Nothing,
        None if body.slot.is_none() => Support::Own,
        None => filled(model, body, runs),
    }
}

fn filled(model: &Model, body: &Function, runs: &Cell) -> Support {
    let provider = body.providers.iter().find(|provider| {
        provider.when.holds(runs)
            && symbols(model, provider).iter().all(|name| {
                let symbol = model.symbol(name);
                symbol.is_some_and(|symbol| symbol.exported.holds(runs))
            })
    });
    match provider.map(|provider| &provider.what) {
        Some(Provides::Symbol(_)) => Support::Native,
        Some(Provides::Core(name)) if name.ends_with("no_op") => Support::Nothing,
        Some(Provides::Core(name)) if name.ends_with("_infallible") => Support::Native,
        Some(Provides::Core(_)) => Support::Own,
        None => Support::Absent,
    }
}

/// What a provider needs of CPython.
fn symbols<'a>(model: &'a Model, provider: &'a Provider) -> Vec<&'a String> {
    match (&provider.requires, &provider.what) {
        (Some(name), _) => {
            let group = model.groups().find(|(_, group)| group.name == *name);
            group.map_or(Vec::new(), |(_, group)| group.symbols.iter().collect())
        }
        (None, Provides::Symbol(name)) => vec![name],
        (None, Provides::Core(_)) => Vec::new(),
    }
}

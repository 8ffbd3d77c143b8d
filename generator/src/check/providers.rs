//! Providers: every table slot has one on every CPython even when symbols are missing, signatures
//! fit, and nothing unstable is bound where nobody looked.

use std::collections::BTreeMap;

use super::codes::Code;
use crate::diag::Sink;
use crate::model::python::runtime;
use crate::model::ty::Ty;
use crate::model::when::{Arm, Cell};
use crate::model::{Direct, Entry, Function, Kind, Model, Provides, Signature};

pub(super) fn check(model: &Model, sink: &mut Sink) {
    let cells = known_and_next(model);
    let mut cores = BTreeMap::new();
    for (_, entry) in model.entries() {
        match &entry.kind {
            Kind::Function(body) => {
                if body.slot.is_some() {
                    fallback(entry, body, &cells, sink);
                }
                signatures(model, entry, body, sink);
                same_core(entry, body, &mut cores, sink);
            }
            Kind::Symbol(body) if body.stable.is_none() => {
                let forever = |arm: &&Arm| arm.until.is_none();
                for arm in body.exported.arms.iter().filter(forever) {
                    let message = format!(
                        "`{}` is outside the stable ABI and is said to be exported for ever",
                        entry.name
                    );
                    let next = model.pythons.newest().next();
                    sink.push(
                        Code::UnboundedBinding,
                        arm.span.unwrap_or(entry.span),
                        message,
                    )
                    .help(format!(
                        "add `until: \"{next}\"`, the first version not observed"
                    ));
                }
            }
            _ => {}
        }
    }
}

/// Every running CPython, and the one after the newest.
fn known_and_next(model: &Model) -> Vec<Cell> {
    let mut cells = model.pythons.runtimes();
    let newest = model.pythons.newest();
    let future: Vec<Cell> = cells
        .iter()
        .filter(|cell| cell.version == newest)
        .map(|cell| runtime(newest.next(), cell.build))
        .collect();
    cells.extend(future);
    cells
}

/// On each CPython, and on the one after the newest, some provider needs no symbol.
fn fallback(entry: &Entry, body: &Function, cells: &[Cell], sink: &mut Sink) {
    for cell in cells.iter().filter(|cell| body.when.holds(cell)) {
        let safe = body.providers.iter().any(|provider| {
            provider.when.holds(cell)
                && provider.requires.is_none()
                && matches!(provider.what, Provides::Core(_))
        });
        if !safe {
            let t = if cell.build == crate::model::when::Build::Ft {
                "t"
            } else {
                ""
            };
            let message = format!(
                "`{}` has no provider on {}{t} when a symbol is missing",
                entry.name, cell.version
            );
            sink.push(Code::NoFallback, entry.span, message)
                .help("end `providers` with a `core:` function, or narrow `when`");
            return;
        }
    }
}

fn signatures(model: &Model, entry: &Entry, body: &Function, sink: &mut Sink) {
    let provided = body
        .providers
        .iter()
        .filter_map(|provider| match &provider.what {
            Provides::Symbol(name) => Some(name),
            Provides::Core(_) => None,
        });
    let direct = body.direct.iter().filter_map(|(_, direct)| match direct {
        Direct::Symbol(name) => Some(name),
        _ => None,
    });
    for name in provided.chain(direct) {
        let Some(symbol) = model.symbol(name) else {
            continue;
        };
        if !same(model, &body.signature, &symbol.signature) {
            let message = format!(
                "`{}` is {} and `{name}` is {}",
                entry.name,
                body.signature.lock_text(),
                symbol.signature.lock_text()
            );
            sink.push(Code::SignatureMismatch, name.span, message);
        }
    }
}

/// A function of the C core has one signature, whoever it is for.
fn same_core<'a>(
    entry: &'a Entry,
    body: &'a Function,
    cores: &mut BTreeMap<&'a str, (&'a Entry, &'a Signature)>,
    sink: &mut Sink,
) {
    let provided = body
        .providers
        .iter()
        .filter_map(|provider| match &provider.what {
            Provides::Core(name) => Some(name),
            Provides::Symbol(_) => None,
        });
    for name in provided {
        let (first, signature) = cores.entry(&name.value).or_insert((entry, &body.signature));
        let (theirs, ours) = (signature.lock_text(), body.signature.lock_text());
        if theirs != ours {
            let message = format!(
                "`{name}` is {theirs} for `{}` and {ours} for `{}`",
                first.name, entry.name
            );
            sink.push(Code::SignatureMismatch, name.span, message);
        }
    }
}

fn same(model: &Model, ours: &Signature, theirs: &Signature) -> bool {
    ours.params.len() == theirs.params.len()
        && same_type(model, &ours.returns, &theirs.returns)
        && ours
            .params
            .iter()
            .zip(&theirs.params)
            .all(|((_, ours), (_, theirs))| same_type(model, ours, theirs))
}

/// A struct of ours stands for the one it mirrors, since its words come first.
fn same_type(model: &Model, ours: &Ty, theirs: &Ty) -> bool {
    match (ours, theirs) {
        (Ty::Ptr { to: ours, .. }, Ty::Ptr { to: theirs, .. }) => same_type(model, ours, theirs),
        (Ty::Object | Ty::NullableObject, Ty::Object | Ty::NullableObject) => true,
        (Ty::Named(ours), Ty::Named(theirs)) => {
            ours == theirs
                || model.entry(ours).is_some_and(|entry| match &entry.kind {
                    Kind::Struct(body) => body
                        .mirrors
                        .as_ref()
                        .is_some_and(|name| name.value == *theirs),
                    _ => false,
                })
        }
        _ => ours == theirs,
    }
}

//! Lowers a function of ours.

use super::entry::{ByValue, signature};
use super::words::Reader;
use crate::check::codes::Code;
use crate::manifest::entry::{DirectArm, FunctionEntry, Provider as WrittenProvider, Text};
use crate::manifest::{Spanned, locate, place};
use crate::model::ty::{Scalar, Ty};
use crate::model::{
    Contract, Definition, Direct, Function, Provider, Provides, Signature, ThreadState,
};
use crate::source::Located;

pub(super) fn lower(e: &FunctionEntry, reader: &mut Reader<'_>) -> Option<Function> {
    let by_value = match e.defined_in {
        Some(_) => ByValue::Allowed,
        None => ByValue::Refused,
    };
    let signature = signature(&e.params, &e.returns, by_value, reader)?;
    unused_without_slot(e, reader);
    raises(e, &signature, reader);
    let mut direct = Vec::new();
    for arm in &e.direct {
        let body = lower_direct(e, arm, &signature, reader)?;
        direct.push((
            reader.when_full_api(&arm.value.when, place(reader.file, arm)),
            body,
        ));
    }
    let mut providers = Vec::new();
    for provider in &e.providers {
        providers.push(lower_provider(e, provider, reader)?);
    }
    let file = reader.file;
    Some(Function {
        slot: e.slot.as_ref().map(|slot| Located {
            value: slot.value,
            span: place(file, slot),
        }),
        definition: definition(e, reader),
        signature,
        contract: Contract {
            needed: thread_state(&e.contract.thread_state, reader),
            thread_state: reader.contract_line(&e.contract.thread_state),
            ownership: reader.contract_line(&e.contract.ownership),
            errors: reader.contract_line(&e.contract.errors),
            versions: reader.contract_line(&e.contract.versions),
        },
        raises: e.raises,
        direct,
        providers,
        when: reader.when_running_or_always(&e.when, place(reader.file, &e.name)),
    })
}

/// What goes through the table, or is direct, is always there, and otherwise the C core's.
fn definition(e: &FunctionEntry, reader: &mut Reader<'_>) -> Definition {
    for (key, text) in [
        ("compiled_with", &e.compiled_with),
        ("defined_in", &e.defined_in),
    ] {
        let other = match (&e.slot, e.direct.is_empty()) {
            (Some(_), _) => "a slot",
            (None, false) => "`direct` arms",
            (None, true) => continue,
        };
        if let Some(text) = text {
            let message = format!(
                "`{}` has {other}, so its `{key}` has no effect",
                e.name.value
            );
            reader
                .complain(Code::NoEffect, text, message)
                .help(format!("drop the key, or {other}"));
        }
    }
    match (&e.compiled_with, &e.defined_in) {
        (Some(name), Some(header)) => {
            let message = format!(
                "`{}` is in the header, so its `compiled_with: {}` has no effect",
                e.name.value, name.value
            );
            reader
                .complain(Code::NoEffect, header, message)
                .help("drop one of the two keys");
            Definition::Header
        }
        (Some(name), None) => {
            reader.identifier(name);
            Definition::CoreWith(name.value.clone())
        }
        (None, Some(_)) => Definition::Header,
        (None, None) => Definition::Core,
    }
}

/// How the line on the thread state may begin.
const NEEDED: [(&str, ThreadState); 3] = [
    ("attached", ThreadState::Attached),
    ("none needed", ThreadState::Any),
    ("none, or attached", ThreadState::Attaches),
];

/// Cython and cffi have to know whether a function may be called without a thread state.
fn thread_state(text: &Text, reader: &mut Reader<'_>) -> ThreadState {
    let line = text.value.trim();
    let found = NEEDED.iter().find(|(words, _)| line.starts_with(words));
    if found.is_none() && !line.is_empty() {
        let known = NEEDED.map(|(words, _)| words).join("`, `");
        let message = format!("found `{line}`, expected it to begin with one of `{known}`");
        reader.complain(Code::Word, text, message);
    }
    found.map_or(ThreadState::Attached, |(_, needed)| *needed)
}

/// Providers say what stands behind a slot.
fn unused_without_slot(e: &FunctionEntry, reader: &mut Reader<'_>) {
    if e.slot.is_none() && !e.providers.is_empty() {
        let message = format!(
            "`{}` has no slot, so its `providers` has no effect",
            e.name.value
        );
        reader
            .complain(Code::NoEffect, &e.name, message)
            .help("give it a `slot`, or drop the key");
    }
}

/// What raises says so by -1 or NULL.
fn raises(e: &FunctionEntry, signature: &Signature, reader: &mut Reader<'_>) {
    let can = match &signature.returns {
        Ty::Void => false,
        Ty::Scalar(scalar) => matches!(scalar, Scalar::Int | Scalar::I64 | Scalar::SSize),
        _ => true,
    };
    if e.raises && !can {
        let message = format!(
            "`{}` raises, and `{}` cannot say so",
            e.name.value, signature.returns
        );
        reader
            .complain(Code::Type, &e.returns, message)
            .help("return a signed number, for -1, or a pointer, for NULL");
    }
}

fn lower_direct(
    e: &FunctionEntry,
    written: &Spanned<DirectArm>,
    signature: &Signature,
    reader: &mut Reader<'_>,
) -> Option<Direct> {
    let (arm, at) = (&written.value, place(reader.file, written));
    match (&arm.symbol, &arm.call, &arm.returns) {
        (Some(symbol), None, None) => Some(Direct::Symbol(locate(reader.file, symbol))),
        (None, Some(call), None) => {
            reader.identifier(call);
            Some(Direct::Call(locate(reader.file, call)))
        }
        (None, None, Some(value)) => {
            let fits = match &signature.returns {
                Ty::Void => false,
                Ty::Scalar(scalar) => scalar.holds(value.value),
                _ => value.value == 0,
            };
            if !fits {
                let message = format!(
                    "`{}` returns `{}`, which cannot be {}",
                    e.name.value, signature.returns, value.value
                );
                reader
                    .sink
                    .push(Code::Range, place(reader.file, value), message);
            }
            Some(Direct::Returns(value.value))
        }
        (None, None, None) => {
            if signature.returns != Ty::Void {
                let message = format!(
                    "a direct arm of `{}` does nothing, and `{}` must be returned",
                    e.name.value, signature.returns
                );
                reader
                    .sink
                    .push(Code::Shape, at, message)
                    .help("add `returns:` with the value, or `symbol:` or `call:`");
            }
            Some(Direct::Nothing)
        }
        _ => {
            let message = format!(
                "a direct arm of `{}` has more than one of `symbol`, `call`, `returns`",
                e.name.value
            );
            reader.sink.push(Code::Shape, at, message);
            None
        }
    }
}

fn lower_provider(
    e: &FunctionEntry,
    written: &Spanned<WrittenProvider>,
    reader: &mut Reader<'_>,
) -> Option<Provider> {
    let (provider, at) = (&written.value, place(reader.file, written));
    let what = match (&provider.symbol, &provider.core) {
        (Some(symbol), None) => Provides::Symbol(locate(reader.file, symbol)),
        (None, Some(core)) => {
            reader.identifier(core);
            Provides::Core(locate(reader.file, core))
        }
        (found, _) => {
            let count = if found.is_some() { "both" } else { "neither" };
            let message = format!(
                "a provider of `{}` has {count} of `symbol` and `core`, expected one",
                e.name.value
            );
            reader.sink.push(Code::Shape, at, message);
            return None;
        }
    };
    Some(Provider {
        when: reader.when_running_or_always(&provider.when, at),
        requires: provider.requires.as_ref().map(|name| name.value.clone()),
        what,
    })
}

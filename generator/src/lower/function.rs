//! Lowers a function of ours.

use super::entry::signature;
use super::words::Reader;
use crate::check::codes::Code;
use crate::manifest::entry::{DirectArm, FunctionEntry, Provider as WrittenProvider};
use crate::model::{Contract, Direct, Function, Provider, Provides};

pub(super) fn lower(e: &FunctionEntry, reader: &mut Reader<'_>) -> Option<Function> {
    let signature = signature(&e.params, &e.returns, reader)?;
    let mut direct = Vec::new();
    for arm in &e.direct {
        direct.push((reader.when_or_always(&arm.when), lower_direct(e, arm, reader)?));
    }
    let mut providers = Vec::new();
    for provider in &e.providers {
        providers.push(lower_provider(e, provider, reader)?);
    }
    Some(Function {
        slot: e.slot.as_ref().map(|slot| slot.value),
        signature,
        contract: Contract {
            thread_state: e.contract.thread_state.clone(),
            ownership: e.contract.ownership.clone(),
            errors: e.contract.errors.clone(),
            versions: e.contract.versions.clone(),
        },
        raises: e.raises,
        direct,
        providers,
        when: reader.when_or_always(&e.when),
    })
}

fn lower_direct(e: &FunctionEntry, arm: &DirectArm, reader: &mut Reader<'_>) -> Option<Direct> {
    match (&arm.symbol, &arm.call, arm.returns) {
        (Some(symbol), None, None) => Some(Direct::Symbol(symbol.value.clone())),
        (None, Some(call), None) => Some(Direct::Call(call.value.clone())),
        (None, None, Some(value)) => Some(Direct::Returns(value)),
        (None, None, None) => Some(Direct::Nothing),
        _ => {
            let message = format!(
                "a direct arm of `{}` has more than one of `symbol`, `call`, `returns`",
                e.name.value
            );
            reader.complain(Code::Shape, &e.name, message);
            None
        }
    }
}

fn lower_provider(
    e: &FunctionEntry,
    provider: &WrittenProvider,
    reader: &mut Reader<'_>,
) -> Option<Provider> {
    let what = match (&provider.symbol, &provider.core) {
        (Some(symbol), None) => Provides::Symbol(symbol.value.clone()),
        (None, Some(core)) => Provides::Core(core.value.clone()),
        _ => {
            let message =
                format!("a provider of `{}` needs one of `symbol` and `core`", e.name.value);
            reader.complain(Code::Shape, &e.name, message);
            return None;
        }
    };
    Some(Provider {
        when: reader.when_or_always(&provider.when),
        requires: provider.requires.as_ref().map(|name| name.value.clone()),
        what,
    })
}

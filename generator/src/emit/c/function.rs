//! Functions: in a family's header the prototypes of the C core and what is inline in direct mode,
//! and in the C core the calls through the table.

use super::{comment, condition, prototype};
use crate::model::ty::Ty;
use crate::model::{Definition, Direct, Entry, Function, Model, Provides, Signature};
use crate::source::Located;

/// A function with its contract: in direct mode `static inline` where that mode has something of its
/// own, and otherwise one of the C core, which calls through the table where it has a slot.
pub(super) fn declaration(model: &Model, entry: &Entry, body: &Function) -> Option<String> {
    if body.direct.is_empty() {
        return plain(model, entry, body);
    }
    let prefix = model.macro_prefix();
    let mut arms = String::new();
    for (index, (when, direct)) in body.direct.iter().enumerate() {
        let body = direct_body(model, &body.signature, direct);
        arms.push_str(&match (index, when.is_always()) {
            (0, true) => body,
            (0, false) => format!("#if {}\n{body}", condition::print(when)),
            (_, true) => format!("#else\n{body}"),
            (_, false) => format!("#elif {}\n{body}", condition::print(when)),
        });
    }
    if arms.starts_with("#if") {
        arms.push_str("#endif\n");
    }
    Some(format!(
        "{}#if {prefix}_DIRECT\n{deprecation}static inline {prototype}\n{{\n{arms}}}\n#else\n\
         {deprecation}{prefix}_PUBLIC {prototype};\n#endif\n",
        documentation(entry, body),
        deprecation = deprecation(&prefix, entry),
        prototype = prototype(&entry.name, &body.signature),
    ))
}

/// A function of the C core with its contract; nothing for one that a hand-written part has.
fn plain(model: &Model, entry: &Entry, body: &Function) -> Option<String> {
    let prefix = model.macro_prefix();
    let declaration = format!(
        "{}{}{prefix}_PUBLIC {};\n",
        documentation(entry, body),
        deprecation(&prefix, entry),
        prototype(&entry.name, &body.signature)
    );
    match &body.definition {
        Definition::Core => Some(declaration),
        Definition::CoreWith(name) => Some(format!("#ifdef {name}\n{declaration}#endif\n")),
        Definition::Header => None,
    }
}

/// What the C core has for a slot: the call through the table.
pub(super) fn through_table(model: &Model, entry: &Entry, body: &Function) -> String {
    let field = table_field(model, &entry.name);
    let call = call(
        model,
        &format!("{}_table_get()->{field}", model.prefix),
        &body.signature,
        None,
    );
    format!(
        "{}\n{{\n    {call}\n}}\n",
        prototype(&entry.name, &body.signature)
    )
}

/// Prototypes of the functions of the C core that direct mode calls.
pub(super) fn core_prototypes(model: &Model, body: &Function) -> String {
    let core: Vec<&Located<String>> = body
        .providers
        .iter()
        .filter_map(|provider| match &provider.what {
            Provides::Core(name) => Some(name),
            Provides::Symbol(_) => None,
        })
        .collect();
    let mut text = String::new();
    for (_, direct) in &body.direct {
        let Direct::Call(name) = direct else { continue };
        if core.contains(&name) {
            let prototype = prototype(name, &body.signature);
            text.push_str(&format!("{}_HIDDEN {prototype};\n", model.macro_prefix()));
        }
    }
    text
}

/// The name of a function's pointer in the table.
pub(crate) fn table_field(model: &Model, name: &str) -> String {
    name.strip_prefix(&format!("{}_", model.prefix))
        .unwrap_or(name)
        .to_owned()
}

/// The doc, and the four lines of the contract, always in this order.
fn documentation(entry: &Entry, body: &Function) -> String {
    let contract = &body.contract;
    comment(
        &format!(
            "{}\n\nThread state: {}.\nOwnership: {}.\nErrors: {}.\nVersions: {}.",
            entry.doc,
            contract.thread_state,
            contract.ownership,
            contract.errors,
            contract.versions
        ),
        "",
    )
    .replace(" * \n", " *\n")
}

fn deprecation(prefix: &str, entry: &Entry) -> String {
    match entry
        .life
        .as_ref()
        .and_then(|life| life.deprecated.as_ref())
    {
        Some((since, replacement)) => {
            format!("{prefix}_DEPRECATED(\"since {since}; use {replacement}\")\n")
        }
        None => String::new(),
    }
}

fn direct_body(model: &Model, ours: &Signature, direct: &Direct) -> String {
    match direct {
        Direct::Symbol(name) => {
            let theirs = model.symbol(name).map(|symbol| &symbol.signature);
            format!("    {}\n", call(model, name, ours, theirs))
        }
        Direct::Call(name) => format!("    {}\n", call(model, name, ours, None)),
        Direct::Returns(value) => format!("{}    return {value};\n", unused(ours)),
        Direct::Nothing => unused(ours),
    }
}

fn unused(signature: &Signature) -> String {
    signature
        .params
        .iter()
        .map(|(name, _)| format!("    (void){name};\n"))
        .collect()
}

/// A call statement that passes the parameters on, cast where the callee names another struct.
fn call(model: &Model, callee: &str, ours: &Signature, theirs: Option<&Signature>) -> String {
    let arguments: Vec<String> = ours
        .params
        .iter()
        .enumerate()
        .map(|(index, (name, ty))| {
            let wanted = theirs.and_then(|signature| signature.params.get(index));
            match wanted {
                Some((_, wanted)) if wanted.named() != ty.named() => {
                    format!("{}_CAST({}, {name})", model.macro_prefix(), wanted.c(""))
                }
                _ => name.clone(),
            }
        })
        .collect();
    let keyword = if ours.returns == Ty::Void {
        ""
    } else {
        "return "
    };
    format!("{keyword}{callee}({});", arguments.join(", "))
}

//! Declarations for `cdef()` of cffi, which lets go of the thread state around every call: what can be
//! called so, and what that needs.

use super::{Structs, functions, present, types_of};
use crate::emit::FileSet;
use crate::emit::c::header::c_banner;
use crate::emit::c::{items, prototype};
use crate::model::ty::Ty;
use crate::model::{Entry, Family, Function, Kind, Model, ThreadState};

/// Writes `python/src/PREFIX/cdef.h`.
pub fn emit(model: &Model, files: &mut FileSet) {
    let mut structs = Structs::default();
    let all = model.families.iter().flat_map(callable);
    for ty in all.flat_map(|(_, body)| types_of(body)) {
        structs.add(model, ty);
    }
    let mut sections = vec![c_banner()];
    sections.extend(structs.ordered.iter().map(|(entry, body)| match body {
        Some(body) => items::structure(entry, body),
        None => format!("typedef struct {0} {0};", entry.name),
    }));
    sections.extend(model.families.iter().filter_map(said_of));
    let trimmed: Vec<&str> = sections.iter().map(|section| section.trim_end()).collect();
    files.add(
        format!("python/src/{}/cdef.h", model.prefix),
        trimmed.join("\n\n") + "\n",
    );
}

/// The functions that neither want a thread state nor take what only its holder may touch.
fn callable(family: &Family) -> impl Iterator<Item = (&Entry, &Function)> {
    functions(family)
        .filter(|(_, body)| body.contract.needed == ThreadState::Any)
        .filter(|(_, body)| !types_of(body).any(Ty::is_object))
}

/// The functions of a family, if it has any, and its constants.
fn said_of(family: &Family) -> Option<String> {
    let functions: Vec<String> = callable(family)
        .map(|(entry, body)| format!("{};", prototype(&entry.name, &body.signature)))
        .collect();
    let constants: String = present(family).flat_map(constants).collect();
    (!functions.is_empty()).then(|| constants + &functions.join("\n"))
}

/// cffi reads plain numbers only, and lets the compiler compare them with the headers'.
fn constants(entry: &Entry) -> Vec<String> {
    match &entry.kind {
        Kind::Constant(value) => vec![format!("#define {} {value}\n", entry.name)],
        Kind::Bitfield(body) => {
            let base = entry.name.to_uppercase();
            let bits = body.bits.iter().map(|bit| {
                let name = bit.name.to_uppercase();
                format!("#define {base}_{name} 0x{:X}\n", bit.mask())
            });
            bits.collect()
        }
        _ => Vec::new(),
    }
}

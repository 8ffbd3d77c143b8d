//! Declarations for Cython: `from PREFIX cimport …`. Types are as in C, objects too: a cast to
//! `object` would take a reference, which is just what some of these functions are about.

use super::{Structs, functions, present, types_of};
use crate::emit::c::wrap;
use crate::emit::{FileSet, banner};
use crate::model::ty::{Scalar, Ty};
use crate::model::{Entry, Family, Function, Kind, Model, Struct, ThreadState};

/// Writes `python/src/PREFIX/__init__.pxd`.
pub fn emit(model: &Model, files: &mut FileSet) {
    let prefix = &model.prefix;
    let mut structs = Structs::default();
    for (entry, _) in model.present_structs() {
        structs.add(model, &Ty::Named(entry.name.clone()));
    }
    let all = model.families.iter().flat_map(functions);
    for ty in all.flat_map(|(_, body)| types_of(body)) {
        structs.add(model, ty);
    }
    let bodies = structs.ordered.iter();
    let mut declared: Vec<String> = bodies
        .map(|(entry, body)| structure(entry, *body))
        .collect();
    let families = model.families.iter();
    declared.extend(families.filter_map(said_of));
    if declared.is_empty() {
        declared.push("    pass\n".to_owned());
    }
    let head = format!(
        "{}\nfrom cpython.object cimport PyObject\n{}\ncdef extern from \"{prefix}.h\":\n",
        banner("#"),
        stdint()
    );
    files.add(
        format!("python/src/{prefix}/__init__.pxd"),
        head + &declared.join("\n"),
    );
}

/// Cython knows the numbers of C itself, and those of `stdint.h` from there.
fn stdint() -> String {
    let names: Vec<&str> = [
        Scalar::I64,
        Scalar::U8,
        Scalar::U16,
        Scalar::U32,
        Scalar::U64,
        Scalar::UIntPtr,
    ]
    .into_iter()
    .map(Scalar::c)
    .collect();
    format!("from libc.stdint cimport {}\n", names.join(", "))
}

fn structure(entry: &Entry, body: Option<&Struct>) -> String {
    let Some(body) = body else {
        return format!("    ctypedef struct {}\n", entry.name);
    };
    let mut text = format!("    ctypedef struct {}:\n", entry.name);
    for field in &body.fields {
        text.push_str(&format!("        {}\n", field.ty.c(&field.name)));
    }
    text
}

/// The constants and functions of a family, if it has any.
fn said_of(family: &Family) -> Option<String> {
    let mut text = String::new();
    for entry in present(family) {
        match &entry.kind {
            Kind::Constant(_) => text.push_str(&format!("    const int {}\n", entry.name)),
            Kind::Bitfield(body) => {
                let base = entry.name.to_uppercase();
                for bit in &body.bits {
                    let (unit, bit) = (body.unit.c(), bit.name.to_uppercase());
                    text.push_str(&format!("    const {unit} {base}_{bit}\n"));
                }
            }
            _ => {}
        }
    }
    for (entry, body) in functions(family) {
        text.push_str(&format!("    {}\n", function(entry, body)));
    }
    let doc = wrap(&family.doc, 94).join("\n    # ");
    (!text.is_empty()).then(|| format!("    # {doc}\n{text}"))
}

/// Names of parameters may be words of Python, and nobody needs them here.
fn function(entry: &Entry, body: &Function) -> String {
    let signature = &body.signature;
    let params: Vec<String> = signature.params.iter().map(|(_, ty)| ty.c("")).collect();
    let declared = signature
        .returns
        .c(&format!("{}({})", entry.name, params.join(", ")));
    let raises = match (body.raises, &signature.returns) {
        (false, _) => " noexcept",
        (true, Ty::Scalar(_)) => " except -1",
        (true, _) => " except NULL",
    };
    let nogil = match body.contract.needed {
        ThreadState::Attached => "",
        ThreadState::Any | ThreadState::Attaches => " nogil",
    };
    declared + raises + nogil
}

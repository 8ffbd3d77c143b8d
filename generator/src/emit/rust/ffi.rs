//! The raw Rust face: every type, constant and function of the C headers.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::file::File;
use super::{doc, ident, layout_asserts, returns, ty};
use crate::emit::FileSet;
use crate::model::layout::DataModel;
use crate::model::ty::Ty;
use crate::model::{Bitfield, Definition, Entry, Function, Kind, Model, Signature, Struct, lock};

/// Writes `shim/src/generated/ffi.rs`.
pub fn emit(model: &Model, files: &mut FileSet) {
    let mut file = File::default();
    for (_, entry) in model.entries().filter(|(_, entry)| !entry.is_removed()) {
        match &entry.kind {
            Kind::Struct(body) => structure(model, entry, body, &mut file),
            Kind::Constant(value) => file.add(constant(entry, *value)),
            Kind::Bitfield(body) => file.add(bitfield(entry, body)),
            _ => {}
        }
    }
    let mut functions = model
        .functions()
        .filter(|(entry, body)| !entry.is_removed() && body.definition != Definition::Header)
        .map(|(entry, body)| function(model, entry, body))
        .peekable();
    if functions.peek().is_some() {
        file.add_block(
            |functions| quote!(unsafe extern "C" { #functions }),
            functions,
        );
    }
    let head = head(model, &file);
    files.add("shim/src/generated/ffi.rs", file.finish(head));
}

fn head(model: &Model, file: &File) -> TokenStream {
    let hash = Literal::u32_unsuffixed(lock::hash(model));
    let length = Literal::usize_unsuffixed(model.table().len());
    let hash_name = format_ident!("{}_TABLE_HASH", model.macro_prefix());
    let length_name = format_ident!("{}_TABLE_LENGTH", model.macro_prefix());
    let c_types = file.c_types();
    let deprecated = file.names("deprecated").then(
        || quote!(#![allow(deprecated, reason = "what is deprecated is declared until it goes")]),
    );
    let features = file.names("feature").then(
        || quote!(#![allow(unused_imports, reason = "some types are named with a feature only")]),
    );
    let object = file.names("PyObject").then(|| {
        quote!(
            use crate::object::PyObject;
        )
    });
    quote! {
        #![allow(non_camel_case_types, clippy::too_many_arguments)]
        #![allow(clippy::missing_safety_doc, reason = "every contract says what is needed")]
        #deprecated
        #features

        #c_types

        #object

        /// CRC-32 of the slots and their signatures; the C core refuses callers with another.
        pub const #hash_name: u32 = #hash;
        /// How many slots this release has.
        pub const #length_name: u32 = #length;
    }
}

fn structure(model: &Model, entry: &Entry, body: &Struct, file: &mut File) {
    let name = ident(&entry.name);
    let fields = body.fields.iter().map(|field| {
        let field_name = ident(&field.name);
        let field_ty = ty(&field.ty);
        let doc = doc(field.doc.as_deref().unwrap_or("See the struct."));
        quote!(#doc pub #field_name: #field_ty)
    });
    let asserts = [
        (
            DataModel::Lp64,
            quote!(all(target_pointer_width = "64", not(windows))),
        ),
        (
            DataModel::Llp64,
            quote!(all(target_pointer_width = "64", windows)),
        ),
        (
            DataModel::Ilp32,
            quote!(all(target_arch = "x86", not(windows))),
        ),
        (
            DataModel::Ilp32Align8,
            quote!(any(target_arch = "arm", all(target_arch = "x86", windows))),
        ),
    ]
    .into_iter()
    .filter_map(|(data_model, target)| {
        let laid = model.lay_out(body, data_model)?;
        let align = Literal::u32_unsuffixed(laid.extent.align);
        let asserts = layout_asserts(&name, &laid);
        Some(quote! {
            #[cfg(#target)]
            const _: () = {
                #asserts
                let _: [(); #align] = [(); align_of::<#name>()];
            };
        })
    });
    let doc = doc(&entry.doc);
    let deprecated = deprecated(entry);
    file.add(quote! {
        #doc
        #deprecated
        #[repr(C)]
        #[derive(Debug)]
        pub struct #name { #(#fields),* }
        #(#asserts)*
    });
}

fn constant(entry: &Entry, value: i64) -> TokenStream {
    let name = ident(&entry.name);
    let doc = doc(&entry.doc);
    let value = Literal::i64_unsuffixed(value);
    quote!(#doc pub const #name: c_int = #value;)
}

fn bitfield(entry: &Entry, body: &Bitfield) -> TokenStream {
    let base = entry.name.to_uppercase();
    let unit = format_ident!("{}", body.unit.rust());
    let all = format_ident!("{base}_ALL");
    let known = Literal::u64_unsuffixed(body.bits.iter().fold(0, |all, bit| all | bit.mask()));
    let bits = body.bits.iter().map(|bit| {
        let name = format_ident!("{base}_{}", bit.name.to_uppercase());
        let doc = doc(&bit.doc);
        let mask = Literal::u64_unsuffixed(bit.mask());
        quote!(#doc pub const #name: #unit = #mask;)
    });
    let doc = doc(&format!("{} Every bit that has a meaning.", entry.doc));
    quote!(#(#bits)* #doc pub const #all: #unit = #known;)
}

fn documentation(entry: &Entry, body: &Function) -> String {
    let contract = &body.contract;
    format!(
        "{}\n\n# Safety\n\nPointers are valid, and:\n\n- Thread state: {}.\n- Ownership: {}.\n\
         - Errors: {}.\n- Versions: {}.",
        entry.doc, contract.thread_state, contract.ownership, contract.errors, contract.versions
    )
}

fn parameters(signature: &Signature) -> Vec<TokenStream> {
    let typed = signature.params.iter().map(|(name, param)| {
        let (name, param) = (ident(name), ty(param));
        quote!(#name: #param)
    });
    typed.collect()
}

fn deprecated(entry: &Entry) -> TokenStream {
    match entry
        .life
        .as_ref()
        .and_then(|life| life.deprecated.as_ref())
    {
        Some((since, replacement)) => {
            let since = since.to_string();
            let note = format!("use {replacement}");
            quote!(#[deprecated(since = #since, note = #note)])
        }
        None => TokenStream::new(),
    }
}

/// The feature that compiles the C core with a macro: `PREFIX_THIS_AND_THAT` is `this-and-that`.
fn feature(model: &Model, name: &str) -> String {
    let own = name
        .strip_prefix(&format!("{}_", model.macro_prefix()))
        .unwrap_or(name);
    own.to_lowercase().replace('_', "-")
}

fn function(model: &Model, entry: &Entry, body: &Function) -> TokenStream {
    let name = ident(&entry.name);
    let typed = parameters(&body.signature);
    let result = match &body.signature.returns {
        Ty::Void => TokenStream::new(),
        other => returns(other),
    };
    let doc = doc(&documentation(entry, body));
    let deprecated = deprecated(entry);
    let cfg = match &body.definition {
        Definition::CoreWith(name) => {
            let feature = feature(model, name);
            quote!(#[cfg(feature = #feature)])
        }
        Definition::Core | Definition::Header => TokenStream::new(),
    };
    quote!(#doc #cfg #deprecated pub fn #name(#(#typed),*) #result;)
}

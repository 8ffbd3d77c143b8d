//! The raw Rust face: every type, constant and function of the C headers.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::{doc, print, returns, safety, ty};
use crate::emit::FileSet;
use crate::emit::c::function::table_field;
use crate::model::layout::DataModel;
use crate::model::ty::Ty;
use crate::model::{Bitfield, Entry, Function, Kind, Model, Signature, Struct, lock};

/// Writes `shim/src/generated/ffi.rs`.
pub fn emit(model: &Model, files: &mut FileSet) {
    let mut items = Vec::new();
    items.push(head(model));
    for (_, entry) in model.entries().filter(|(_, entry)| !is_removed(entry)) {
        items.push(match &entry.kind {
            Kind::Struct(body) => structure(model, entry, body),
            Kind::Constant(value) => constant(entry, *value),
            Kind::Bitfield(body) => bitfield(entry, body),
            Kind::Function(body) if body.slot.is_some() => through_table(model, entry, body),
            _ => TokenStream::new(),
        });
    }
    items.push(table(model));
    items.push(plain(model));
    files.add("shim/src/generated/ffi.rs", print(quote!(#(#items)*)));
}

fn is_removed(entry: &Entry) -> bool {
    entry.life.as_ref().is_some_and(|life| life.removed.is_some())
}

fn head(model: &Model) -> TokenStream {
    let hash = Literal::u32_unsuffixed(lock::hash(model));
    let length = Literal::usize_unsuffixed(model.table().len());
    let hash_name = format_ident!("{}_TABLE_HASH", model.macro_prefix());
    let length_name = format_ident!("{}_TABLE_LENGTH", model.macro_prefix());
    quote! {
        #![allow(non_camel_case_types, clippy::too_many_arguments)]
        #![allow(clippy::missing_safety_doc, reason = "every contract says what is needed")]

        use core::ffi::{c_char, c_int, c_void};
        use core::sync::atomic::{AtomicPtr, Ordering};

        use crate::object::PyObject;

        /// CRC-32 of the slots and their signatures; the C core refuses callers with another.
        pub const #hash_name: u32 = #hash;
        /// How many slots this release has.
        pub const #length_name: u32 = #length;
    }
}

fn structure(model: &Model, entry: &Entry, body: &Struct) -> TokenStream {
    let name = format_ident!("{}", entry.name);
    let fields = body.fields.iter().map(|field| {
        let field_name = format_ident!("{}", field.name);
        let field_ty = ty(&field.ty);
        let doc = doc(field.doc.as_deref().unwrap_or("See the struct."));
        quote!(#doc pub #field_name: #field_ty)
    });
    let asserts = [
        (DataModel::Lp64, quote!(all(target_pointer_width = "64", not(windows)))),
        (DataModel::Llp64, quote!(all(target_pointer_width = "64", windows))),
        (DataModel::Ilp32, quote!(all(target_arch = "x86", not(windows)))),
        (DataModel::Ilp32Align8, quote!(any(target_arch = "arm", all(target_arch = "x86", windows)))),
    ]
    .into_iter()
    .filter_map(|(data_model, target)| {
        let laid = model.lay_out(body, data_model)?;
        let size = Literal::u32_unsuffixed(laid.extent.size);
        let align = Literal::u32_unsuffixed(laid.extent.align);
        let offsets = laid.fields.iter().map(|field| {
            let field_name = format_ident!("{}", field.name);
            let offset = Literal::u32_unsuffixed(field.offset);
            quote!(assert!(core::mem::offset_of!(#name, #field_name) == #offset);)
        });
        Some(quote! {
            #[cfg(#target)]
            const _: () = {
                assert!(size_of::<#name>() == #size);
                assert!(align_of::<#name>() == #align);
                #(#offsets)*
            };
        })
    });
    let doc = doc(&entry.doc);
    let deprecated = deprecated(entry);
    quote! {
        #doc
        #deprecated
        #[repr(C)]
        #[derive(Debug)]
        pub struct #name { #(#fields),* }
        #(#asserts)*
    }
}

fn constant(entry: &Entry, value: i64) -> TokenStream {
    let name = format_ident!("{}", entry.name);
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

fn parameters(signature: &Signature) -> (Vec<TokenStream>, Vec<TokenStream>) {
    let names: Vec<TokenStream> = signature
        .params
        .iter()
        .map(|(name, _)| {
            let name = parameter(name);
            quote!(#name)
        })
        .collect();
    let typed = signature
        .params
        .iter()
        .map(|(name, param)| {
            let (name, param) = (parameter(name), ty(param));
            quote!(#name: #param)
        })
        .collect();
    (names, typed)
}

/// A parameter's name, raw where Rust has it as a keyword.
fn parameter(name: &str) -> proc_macro2::Ident {
    match syn::parse_str::<proc_macro2::Ident>(name) {
        Ok(ident) => ident,
        Err(_) => format_ident!("{name}_"),
    }
}

fn deprecated(entry: &Entry) -> TokenStream {
    match entry.life.as_ref().and_then(|life| life.deprecated.as_ref()) {
        Some((since, replacement)) => {
            let since = since.to_string();
            let note = format!("use {replacement}");
            quote!(#[deprecated(since = #since, note = #note)])
        }
        None => TokenStream::new(),
    }
}

fn through_table(model: &Model, entry: &Entry, body: &Function) -> TokenStream {
    let name = format_ident!("{}", entry.name);
    let field = format_ident!("{}", table_field(model, &entry.name));
    let get = format_ident!("{}_table_get", model.prefix);
    let (names, typed) = parameters(&body.signature);
    let result = returns(&body.signature.returns);
    let doc = doc(&documentation(entry, body));
    let deprecated = deprecated(entry);
    let safety = safety("the caller keeps the contract, and the table's functions have these types.");
    quote! {
        #doc
        #deprecated
        #[inline]
        pub unsafe fn #name(#(#typed),*) #result {
            #safety
            unsafe { (#get().#field)(#(#names),*) }
        }
    }
}

fn table(model: &Model) -> TokenStream {
    let name = format_ident!("{}_table", model.prefix);
    let current = format_ident!("{}_table_current", model.prefix);
    let get = format_ident!("{}_table_get", model.prefix);
    let fields = model.table().into_iter().map(|(entry, body)| {
        let field = format_ident!("{}", table_field(model, &entry.name));
        let params = body.signature.params.iter().map(|(_, param)| ty(param));
        let result = returns(&body.signature.returns);
        let doc = doc(&format!("`{}`.", entry.name));
        quote!(#doc pub #field: unsafe extern "C" fn(#(#params),*) #result)
    });
    let safety = safety(
        "the core's pointer is never null, and what it names is never written again nor freed. \
         Acquire pairs with the release of PYSHIM_ORDER_TABLE_PUBLISH in orders.h.",
    );
    quote! {
        /// One function for each slot, in the order of the slots.
        #[repr(C)]
        #[derive(Debug)]
        pub struct #name {
            /// The hash of the core's slots.
            pub hash: u32,
            /// How many slots the core has.
            pub length: u32,
            #(#fields),*
        }

        /// The table in use: stubs until a module is initialised, then one table for good.
        #[inline]
        pub fn #get() -> &'static #name {
            #safety
            unsafe { &*#current.load(Ordering::Acquire) }
        }
    }
}

fn plain(model: &Model) -> TokenStream {
    let current = format_ident!("{}_table_current", model.prefix);
    let table = format_ident!("{}_table", model.prefix);
    let functions = model.functions().filter(|(entry, body)| body.slot.is_none() && !is_removed(entry));
    let functions = functions.map(|(entry, body)| {
        let name = format_ident!("{}", entry.name);
        let (_, typed) = parameters(&body.signature);
        let result = match &body.signature.returns {
            Ty::Void => TokenStream::new(),
            other => returns(other),
        };
        let doc = doc(&documentation(entry, body));
        let deprecated = deprecated(entry);
        quote!(#doc #deprecated pub fn #name(#(#typed),*) #result;)
    });
    quote! {
        unsafe extern "C" {
            static #current: AtomicPtr<#table>;
            #(#functions)*
        }
    }
}

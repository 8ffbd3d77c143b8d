//! Layout tests in Rust: each struct to C and back, and CPython's structs by version and build.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::file::File;
use super::{cfg, ident, layout_asserts, ty};
use crate::emit::FileSet;
use crate::model::layout::DataModel;
use crate::model::python::runtime;
use crate::model::ty::{Scalar, Ty};
use crate::model::when::{Arm, Build, Cell, When};
use crate::model::{Entry, Kind, Model, Struct};

/// Writes the tests under `tests/generated/`.
pub fn emit(model: &Model, files: &mut FileSet) {
    files.add("tests/generated/layout.rs", ours(model));
    files.add("tests/generated/upstream.rs", upstream(model));
}

fn ours(model: &Model) -> String {
    let mut file = File::default();
    let krate = ident(&model.prefix);
    let all = format_ident!("{}_test_layouts", model.prefix);
    let library = format!("{}_layout_test", model.prefix);
    let foreign = model
        .present_structs()
        .map(|(entry, _)| foreign(model, entry));
    file.add_block(
        |functions| {
            quote! {
                #[link(name = #library, kind = "static")]
                unsafe extern "C" { #functions }
            }
        },
        std::iter::once(quote!(fn #all() -> c_int;)).chain(foreign),
    );
    file.add(quote! {
        #[test]
        fn c_finds_its_own_layouts_right() {
            // SAFETY: it takes nothing and touches nothing but its own stack.
            assert_eq!(unsafe { #all() }, 0);
        }
    });
    for (entry, body) in model.present_structs() {
        file.add(round_trip(model, entry, body));
    }
    let c_types = file.c_types();
    let object = file
        .names("PyObject")
        .then(|| quote!(use #krate::PyObject;));
    let ffi = file.names("ffi").then(|| quote!(use #krate::ffi;));
    file.finish(quote!(#c_types #object #ffi))
}

/// The functions of `layout.c` for a struct.
fn foreign(model: &Model, entry: &Entry) -> TokenStream {
    let name = ident(&entry.name);
    let fill = format_ident!("{}_test_fill_{}", model.prefix, entry.name);
    let check = format_ident!("{}_test_check_{}", model.prefix, entry.name);
    let deprecated = deprecated(entry);
    quote! {
        #deprecated
        fn #fill(s: *mut ffi::#name, values: *const u64);
        #deprecated
        fn #check(s: *const ffi::#name, values: *const u64) -> c_int;
    }
}

fn round_trip(model: &Model, entry: &Entry, body: &Struct) -> TokenStream {
    let name = ident(&entry.name);
    let test = format_ident!("{}_goes_to_c_and_back", entry.name);
    let fill = format_ident!("{}_test_fill_{}", model.prefix, entry.name);
    let check = format_ident!("{}_test_check_{}", model.prefix, entry.name);
    let count = Literal::usize_unsuffixed(body.fields.len());
    let values = (0..body.fields.len()).map(|index| {
        let mut value = 0_u64;
        for k in 0..8 {
            value |= ((17 * (index as u64 + 1) + k + 1) & 0xFF) << (8 * k);
        }
        Literal::u64_unsuffixed(value)
    });
    let sets = body.fields.iter().enumerate().map(|(index, field)| {
        let field_name = ident(&field.name);
        let index = Literal::usize_unsuffixed(index);
        let value = from_word(&field.ty, quote!(values[#index]));
        quote!(#field_name: #value)
    });
    let checks = body.fields.iter().enumerate().map(|(index, field)| {
        let field_name = ident(&field.name);
        let index = Literal::usize_unsuffixed(index);
        let value = from_word(&field.ty, quote!(values[#index]));
        quote!(assert_eq!(back.#field_name, #value);)
    });
    let deprecated = deprecated(entry);
    quote! {
        #[test]
        #deprecated
        fn #test() {
            let values: [u64; #count] = [#(#values),*];
            let there = ffi::#name { #(#sets),* };
            // SAFETY: C reads the struct and as many values as it has fields.
            assert_eq!(unsafe { #check(&there, values.as_ptr()) }, 0);
            let mut back = core::mem::MaybeUninit::<ffi::#name>::uninit();
            // SAFETY: C writes every field, so the struct is initialised afterwards.
            let back = unsafe { #fill(back.as_mut_ptr(), values.as_ptr()); back.assume_init() };
            #(#checks)*
        }
    }
}

/// What is deprecated is tested until it goes.
fn deprecated(entry: &Entry) -> TokenStream {
    match entry
        .life
        .as_ref()
        .and_then(|life| life.deprecated.as_ref())
    {
        Some(_) => quote!(#[allow(deprecated)]),
        None => TokenStream::new(),
    }
}

fn from_word(ty: &Ty, word: TokenStream) -> TokenStream {
    match ty {
        Ty::Scalar(Scalar::U64) => word,
        Ty::Scalar(scalar) => {
            let name = format_ident!("{}", scalar.rust());
            quote!(#word as #name)
        }
        Ty::Object | Ty::NullableObject => quote!(#word as usize as *mut PyObject),
        Ty::CStr => quote!(#word as usize as *const c_char),
        Ty::Ptr { constant: true, .. } => quote!(#word as usize as *const _),
        _ => quote!(#word as usize as *mut _),
    }
}

/// CPython's structs under the `cfg` names of pyo3-build-config, with their computed layouts.
fn upstream(model: &Model) -> String {
    let mut file = File::default();
    for (entry, body) in model.upstream() {
        for (when, fields) in &body.layouts {
            for build in [Build::Gil, Build::Ft] {
                let cells = model.pythons.runtimes();
                let at = cells.iter().find(|cell| {
                    cell.build == build && when.holds(cell) && body.complete.holds(cell)
                });
                if let Some(at) = at {
                    file.add(mirror(model, entry, when, &body.complete, fields, at));
                }
            }
        }
    }
    file.finish(quote! {
        #![allow(non_camel_case_types, non_snake_case, dead_code, unused_imports, missing_docs)]
        #![allow(unreachable_pub, reason = "some include this as a private module")]
        #![allow(unexpected_cfgs, reason = "the names are pyo3-build-config's")]
        use core::ffi::{c_char, c_int, c_uint, c_void};
    })
}

fn mirror(
    model: &Model,
    entry: &Entry,
    when: &When,
    complete: &When,
    fields: &[crate::model::layout::Field],
    at: &Cell,
) -> TokenStream {
    let name = ident(&entry.name);
    let build = When {
        arms: vec![Arm {
            build: vec![at.build],
            ..Arm::default()
        }],
    };
    let here = cfg::print_all(&[when, complete, &build], None);
    let checked = cfg::print_all(
        &[when, complete, &build],
        Some(quote!(target_pointer_width = "64")),
    );
    let at = runtime(at.version, at.build);
    let laid_here = |field: &&crate::model::layout::Field| field.is_in(DataModel::Lp64);
    let declarations = fields.iter().filter(laid_here).map(|field| {
        let field_name = ident(&field.name);
        let field_ty = mirror_ty(model, &field.ty);
        quote!(pub #field_name: #field_ty)
    });
    let laid = model.lay_out_upstream(fields, &at, DataModel::Lp64);
    let asserts = laid.map(|laid| layout_asserts(&name, &laid));
    quote! {
        #[cfg(#here)]
        #[repr(C)]
        pub struct #name { #(#declarations),* }
        #[cfg(#checked)]
        const _: () = { #asserts };
    }
}

/// Pointers to structs that may be incomplete become pointers to nothing known.
fn mirror_ty(model: &Model, field: &Ty) -> TokenStream {
    match field {
        Ty::Ptr { .. } | Ty::Object | Ty::NullableObject => quote!(*mut c_void),
        Ty::Named(name)
            if matches!(model.entry(name).map(|e| &e.kind), Some(Kind::Upstream(_))) =>
        {
            let name = ident(name);
            quote!(#name)
        }
        other => ty(other),
    }
}

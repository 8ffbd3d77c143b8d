//! Rust output: tokens through `quote`, parsed by `syn` and printed by `prettyplease`, so that the
//! bytes do not depend on the toolchain.

pub mod cfg;
pub mod ffi;
mod file;
pub mod layout_test;

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote};

use crate::emit::c::wrap;
use crate::model::layout::LaidOut;
use crate::model::ty::{Scalar, Ty};

/// Assertions of a struct's size and offsets. An array of another length is an error that shows
/// both numbers, and prints as Rust, which the insides of a macro do not.
pub(crate) fn layout_asserts(name: &Ident, laid: &LaidOut) -> TokenStream {
    let size = Literal::u32_unsuffixed(laid.extent.size);
    let offsets = laid.fields.iter().map(|field| {
        let field_name = ident(&field.name);
        let offset = Literal::u32_unsuffixed(field.offset);
        quote!(let _: [(); #offset] = [(); core::mem::offset_of!(#name, #field_name)];)
    });
    quote! {
        let _: [(); #size] = [(); size_of::<#name>()];
        #(#offsets)*
    }
}

/// A doc comment, an attribute for each line, which prints as `///`.
pub(crate) fn doc(text: &str) -> TokenStream {
    let lines = text.lines().flat_map(|line| {
        let indent = if line.starts_with("- ") { "  " } else { "" };
        let pieces = if line.is_empty() {
            vec![String::new()]
        } else {
            wrap(line, 90)
        };
        pieces
            .into_iter()
            .enumerate()
            .map(move |(i, piece)| match (i, piece.as_str()) {
                (_, "") => String::new(),
                (0, _) => format!(" {piece}"),
                _ => format!(" {indent}{piece}"),
            })
    });
    quote!(#(#[doc = #lines])*)
}

/// A name as Rust has it: raw where it is a keyword.
pub(crate) fn ident(name: &str) -> Ident {
    syn::parse_str(name).unwrap_or_else(|_| Ident::new_raw(name, Span::call_site()))
}

/// A type.
pub(crate) fn ty(ty: &Ty) -> TokenStream {
    match ty {
        Ty::Void => quote!(c_void),
        Ty::Scalar(scalar) => scalar_ty(*scalar),
        Ty::Object | Ty::NullableObject => quote!(*mut PyObject),
        Ty::CStr => quote!(*const c_char),
        Ty::FnPtr => quote!(*mut c_void),
        Ty::Named(name) => {
            let name = ident(name);
            quote!(#name)
        }
        Ty::Ptr { to, constant } => {
            let to = self::ty(to);
            if *constant {
                quote!(*const #to)
            } else {
                quote!(*mut #to)
            }
        }
    }
}

fn scalar_ty(scalar: Scalar) -> TokenStream {
    let name = format_ident!("{}", scalar.rust());
    quote!(#name)
}

/// The `->` part of a signature.
pub(crate) fn returns(returns: &Ty) -> TokenStream {
    match returns {
        Ty::Void => TokenStream::new(),
        other => {
            let other = ty(other);
            quote!(-> #other)
        }
    }
}

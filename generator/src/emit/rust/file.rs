//! A Rust file in the making. It is printed piece by piece, for tokens take many times the room of
//! the text that they become: those of a large manifest are never there at once.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::quote;

use super::ident;
use crate::emit::banner;

/// Names that decide what the head of a file brings.
const NOTED: &[&str] = &[
    "c_char",
    "c_int",
    "c_uint",
    "c_void",
    "PyObject",
    "deprecated",
    "feature",
    "ffi",
];

/// What has been added so far.
#[derive(Debug, Default)]
pub(crate) struct File {
    text: String,
    noted: BTreeSet<&'static str>,
}

impl File {
    /// Adds whole items.
    pub(crate) fn add(&mut self, items: TokenStream) {
        self.note(items.clone());
        self.text.push_str(&print(items));
    }

    /// Adds items that are inside one block, however many there are.
    pub(crate) fn add_block(
        &mut self,
        block: impl Fn(TokenStream) -> TokenStream,
        items: impl Iterator<Item = TokenStream>,
    ) {
        let empty = print(block(TokenStream::new()));
        let open = empty.trim_end().trim_end_matches('}');
        self.note(block(TokenStream::new()));
        self.text.push_str(open);
        self.text.push('\n');
        for item in items {
            self.note(item.clone());
            let printed = print(block(item));
            let inside = printed
                .strip_prefix(open)
                .and_then(|text| text.strip_suffix("}\n"));
            self.text
                .push_str(inside.unwrap_or(&printed).trim_start_matches('\n'));
        }
        self.text.push_str("}\n");
    }

    fn note(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.note(group.stream()),
                TokenTree::Ident(found) => {
                    self.noted
                        .extend(NOTED.iter().filter(|name| found == **name));
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }

    /// Whether anything has one of the noted names in it.
    pub(crate) fn names(&self, name: &str) -> bool {
        self.noted.contains(name)
    }

    /// The `use` of those of `core::ffi`'s types that are named.
    pub(crate) fn c_types(&self) -> TokenStream {
        let used: Vec<Ident> = self
            .noted
            .iter()
            .filter(|name| name.starts_with("c_"))
            .map(|name| ident(name))
            .collect();
        match used.as_slice() {
            [] => TokenStream::new(),
            [one] => quote!(use core::ffi::#one;),
            several => quote!(use core::ffi::{#(#several),*};),
        }
    }

    /// The whole file, with what comes before everything that was added.
    pub(crate) fn finish(self, head: TokenStream) -> String {
        banner("//") + &print(head) + &self.text
    }
}

/// # Panics
///
/// When the tokens are not Rust, which is a mistake in an emitter.
fn print(tokens: TokenStream) -> String {
    match syn::parse2::<syn::File>(tokens) {
        Ok(file) => prettyplease::unparse(&file),
        Err(error) => panic!("emitted tokens are not Rust: {error}"),
    }
}

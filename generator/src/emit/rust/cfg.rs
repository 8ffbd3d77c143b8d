//! Prints a condition as a Rust `cfg` predicate, in the names that pyo3-build-config gives.
//!
//! In the limited API, `Py_3_x` speaks of the limited version and not of the headers, so a
//! condition is evaluated as if the headers were of that version.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::model::version::Version;
use crate::model::when::{Api, Arch, Arm, Build, Os, When};

/// The predicate; `all()` when it always holds and `any()` when it never does.
#[must_use]
pub fn print(when: &When) -> TokenStream {
    if when.is_always() {
        return quote!(all());
    }
    let arms: Vec<TokenStream> = when.arms.iter().map(arm).collect();
    if let [one] = arms.as_slice() {
        one.clone()
    } else {
        quote!(any(#(#arms),*))
    }
}

/// The predicate for several conditions at once, and one that is no condition of the model.
#[must_use]
pub fn print_all(whens: &[&When], more: Option<TokenStream>) -> TokenStream {
    let conditions = whens
        .iter()
        .filter(|when| !when.is_always())
        .map(|when| print(when));
    conjunction(conditions.chain(more).collect())
}

fn conjunction(terms: Vec<TokenStream>) -> TokenStream {
    if let [one] = terms.as_slice() {
        one.clone()
    } else {
        quote!(all(#(#terms),*))
    }
}

fn arm(arm: &Arm) -> TokenStream {
    let mut terms = Vec::new();
    terms.extend(arm.since.map(at_least));
    terms.extend(arm.until.map(|until| {
        let later = at_least(until);
        quote!(not(#later))
    }));
    terms.extend(any(&arm.build, |build| match build {
        Build::Gil => quote!(not(Py_GIL_DISABLED)),
        Build::Ft => quote!(Py_GIL_DISABLED),
    }));
    terms.extend(any(&arm.api, |api| match api {
        Api::Full => quote!(not(Py_LIMITED_API)),
        Api::Abi3 => quote!(all(Py_LIMITED_API, not(Py_GIL_DISABLED))),
        Api::Abi3t => quote!(all(Py_LIMITED_API, Py_GIL_DISABLED)),
    }));
    terms.extend(arm.limited.map(|least| {
        let least = at_least(least);
        quote!(any(not(Py_LIMITED_API), #least))
    }));
    terms.extend(arm.limited_below.map(|below| {
        let below = at_least(below);
        quote!(any(not(Py_LIMITED_API), not(#below)))
    }));
    terms.extend(any(&arm.os, |os| {
        let name = match os {
            Os::Linux => "linux",
            Os::Macos => "macos",
            Os::Windows => "windows",
        };
        quote!(target_os = #name)
    }));
    terms.extend(any(&arm.arch, |arch| {
        let name = match arch {
            Arch::X86 => "x86",
            Arch::X86_64 => "x86_64",
            Arch::Aarch64 => "aarch64",
            Arch::S390x => "s390x",
        };
        quote!(target_arch = #name)
    }));
    conjunction(terms)
}

fn at_least(version: Version) -> TokenStream {
    let name = format_ident!(
        "Py_{}_{}",
        version.major.to_string(),
        version.minor.to_string()
    );
    quote!(#name)
}

fn any<T: Copy>(values: &[T], print: impl Fn(T) -> TokenStream) -> Option<TokenStream> {
    let terms: Vec<TokenStream> = values.iter().map(|value| print(*value)).collect();
    match terms.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        several => Some(quote!(any(#(#several),*))),
    }
}

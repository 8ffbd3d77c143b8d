//! What is verified, as data.

use crate::report::{Breaks, Examines, Level, Rule};

macro_rules! rules {
    ($($name:ident $id:literal $word:literal $meaning:literal $hint:literal)*) => {
        $(#[doc = $meaning]
        pub static $name: Rule = Rule {
            id: $id,
            name: $word,
            examines: Examines::Interfaces,
            level: Level::Break,
            breaks: Breaks::Both,
            meaning: $meaning,
            hint: $hint,
            suppressible: false,
        };)*

        /// Every rule, by id.
        pub static ALL: &[&Rule] = &[$(&$name),*];
    };
}

rules! {
    DECLARED "V001" "declared"
        "The manifest says that headers declare a name, and they do not, or the reverse."
        "correct `declared`"
    COMPLETE "V002" "complete"
        "The manifest says that a struct is complete, and it is not, or the reverse."
        "correct `complete`"
    LAYOUT "V003" "layout"
        "A struct has another size or alignment than its fields in the manifest give."
        "correct the fields of this arm of `layouts`"
    FIELD "V004" "field"
        "A field has another place, size or type than in the manifest, or is not there."
        "correct the fields of this arm of `layouts`"
    VALUE "V005" "value"
        "A slot id has another value than in the manifest."
        "correct `ids`"
    EXPORTED "V006" "exported"
        "The manifest says that CPython exports a symbol, and it does not, or the reverse."
        "correct `exported`"
    SIGNATURE "V007" "signature"
        "A function takes or returns another type than in the manifest."
        "correct `params` and `returns`"
}

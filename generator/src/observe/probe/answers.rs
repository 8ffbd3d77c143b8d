//! What a compiler answers in one mode.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Everything that is known in one mode.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Answers {
    /// The data model: `lp64`.
    pub(super) model: String,
    /// By name; what is not declared is absent.
    pub(super) names: BTreeMap<String, Answer>,
}

/// What a name is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Answer {
    /// A type.
    Type(Type),
    /// A function; `inline` when the header brings it.
    Function {
        /// Whether the header brings it.
        inline: bool,
    },
    /// A variable.
    Variable,
    /// A constant of an enumeration.
    Enumerator(i128),
    /// A macro that is a number.
    Number(i128),
    /// A macro that is a text.
    Text(String),
    /// Any other macro.
    Macro,
}

/// A type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Type {
    /// How C spells it: `PyObject`, `struct _ts`.
    pub(super) spelled: String,
    /// Its size and so on, when it is complete.
    pub(super) complete: Option<Complete>,
}

/// A type whose size is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Complete {
    /// Bytes.
    pub(super) size: u64,
    /// Bytes.
    pub(super) align: u64,
    /// What it is.
    pub(super) class: Class,
    /// By name, those that were asked for and are there.
    pub(super) fields: BTreeMap<String, Member>,
}

/// What a type is, as far as a compiler tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Class {
    /// A struct.
    Struct,
    /// A union.
    Union,
    /// `_Bool`.
    Bool,
    /// An integer with a sign.
    Signed,
    /// An integer without.
    Unsigned,
    /// A floating-point number.
    Float,
    /// A pointer, an array, or anything else.
    #[default]
    Other,
}

/// A field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Member {
    /// Bytes from the start. A bit-field has no offset that a program could ask for.
    pub(super) offset: Option<u64>,
    /// Bytes; unknown of a bit-field and of a flexible array.
    pub(super) size: Option<u64>,
    /// What it is.
    pub(super) class: Class,
}

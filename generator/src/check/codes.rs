//! The complaints that can be made of what a user wrote. Codes are never reused or renumbered.

/// A stable code. Its row in `docs/diagnostics.md` is generated from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    /// The YAML cannot be read, or does not have the manifest's shape.
    Shape,
    /// The file's stem is not the family's id.
    FamilyStem,
    /// A version is not `"major.minor"`.
    Version,
    /// A word that is not one of the few allowed there.
    Word,
    /// A snapshot cannot be read.
    Snapshot,
    /// A type is not in the grammar.
    Type,
    /// A name that no entry has.
    UnknownName,
    /// A name that is given twice.
    DuplicateName,
    /// Two arms hold for the same CPython.
    AmbiguousArms,
    /// Arms leave out a CPython that the entry is for.
    MissingArm,
    /// A call between functions whose signatures differ.
    SignatureMismatch,
    /// A struct that callers allocate has no reserve and does not say why.
    NoReserve,
    /// A name outside the prefix.
    Prefix,
    /// Bits overlap, or lie outside the unit.
    Bits,
    /// A table slot has no provider where its symbol can be missing.
    NoFallback,
    /// An availability that no CPython satisfies.
    NeverAvailable,
    /// A fact about CPython without a source.
    NoSource,
    /// A table slot was reused, moved, changed or dropped.
    SlotMoved,
    /// Table slots are not dense from 0.
    SlotHole,
    /// A life that does not move forward.
    Life,
    /// A doc that is not a sentence.
    Doc,
    /// A symbol outside the stable ABI that would be bound on versions nobody observed.
    UnboundedBinding,
    /// An inline header that is not there.
    InlineHeader,
    /// A name that C, C++ or Rust cannot have.
    Identifier,
    /// Something that is written and never used.
    NoEffect,
    /// A number that does not fit where it goes.
    Range,
    /// A suppression of a rule that there is not.
    SuppressionRule,
    /// A suppression of what must not be hidden.
    SuppressionForbidden,
    /// A suppression whose last day is not a day.
    SuppressionDay,
    /// A suppression without a reason or an item.
    SuppressionReason,
}

/// Every code, in the order of the docs.
pub const ALL: &[Code] = &[
    Code::Shape,
    Code::FamilyStem,
    Code::Version,
    Code::Word,
    Code::Snapshot,
    Code::Type,
    Code::UnknownName,
    Code::DuplicateName,
    Code::AmbiguousArms,
    Code::MissingArm,
    Code::SignatureMismatch,
    Code::NoReserve,
    Code::Prefix,
    Code::Bits,
    Code::NoFallback,
    Code::NeverAvailable,
    Code::NoSource,
    Code::SlotMoved,
    Code::SlotHole,
    Code::Life,
    Code::Doc,
    Code::UnboundedBinding,
    Code::InlineHeader,
    Code::Identifier,
    Code::NoEffect,
    Code::Range,
    Code::SuppressionRule,
    Code::SuppressionForbidden,
    Code::SuppressionDay,
    Code::SuppressionReason,
];

impl Code {
    /// The code as it is printed.
    #[must_use]
    pub fn id(self) -> &'static str {
        self.row().0
    }

    /// Whether it is about how things should be, so that the rest can still be looked at. The
    /// others leave something out, and what is left out would be missed elsewhere.
    #[must_use]
    pub fn is_policy(self) -> bool {
        self.id().starts_with("P2")
    }

    /// What it means, in one sentence.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        self.row().1
    }

    /// Why it matters and what to do about it.
    #[must_use]
    pub fn advice(self) -> &'static str {
        self.row().2
    }

    fn row(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Code::Shape => (
                "P001",
                "the YAML cannot be read, or does not have the shape that it should",
                "unknown and duplicate keys, unquoted versions, anchors, tags and merge keys are errors, for other readers of the file would see something else",
            ),
            Code::FamilyStem => (
                "P002",
                "the file's stem is not the family's id",
                "rename the file or the family",
            ),
            Code::Version => (
                "P003",
                "a version is malformed",
                "write CPython versions as \"major.minor\" and pyshim releases as \"major.minor.patch\", quoted",
            ),
            Code::Word => (
                "P004",
                "a word is not one of those allowed here",
                "use one of the words that the message lists",
            ),
            Code::Snapshot => (
                "S001",
                "a snapshot of an ABI cannot be read",
                "`pyshim observe` writes snapshots; its format is described in docs/snapshots.md",
            ),
            Code::Type => (
                "P101",
                "a type is not in the manifest's grammar",
                "see the type grammar in abi/README.md; raw C is not accepted",
            ),
            Code::UnknownName => (
                "P102",
                "a name refers to no entry",
                "spell it as the entry does, or add the entry",
            ),
            Code::DuplicateName => (
                "P103",
                "a name is given twice",
                "entries, groups and behaviours have names that are unique over all families; fields, parameters and bits have names that are unique where they are",
            ),
            Code::AmbiguousArms => (
                "P104",
                "two arms hold for the same CPython",
                "layouts and values must exclude one another: narrow one of the conditions",
            ),
            Code::MissingArm => (
                "P105",
                "no arm holds for a CPython that the entry is for",
                "add an arm, or end with one that has no condition",
            ),
            Code::SignatureMismatch => (
                "P106",
                "a function is provided by one with another signature",
                "a call through the wrong type is undefined: put an adapter into the C core",
            ),
            Code::NoReserve => (
                "P201",
                "a struct that callers allocate has no reserved field",
                "CPython's part can grow only into a reserve; add one, or say in reserved_not_needed why it never will",
            ),
            Code::Prefix => (
                "P202",
                "a name is outside the project's prefix",
                "names that start with Py or _Py belong to CPython: loaders and auditors take them for its own",
            ),
            Code::Bits => (
                "P203",
                "bits overlap, or lie outside their unit",
                "give each its own bits, below the width of the unit",
            ),
            Code::NoFallback => (
                "P204",
                "a function has no provider where its symbol can be missing",
                "end the providers with one that needs no symbol, or limit where the function can be had",
            ),
            Code::NeverAvailable => (
                "P205",
                "an availability that no CPython satisfies",
                "check the versions and builds against abi/targets.yaml",
            ),
            Code::NoSource => (
                "P206",
                "a fact about CPython has no source",
                "name the header, issue or PEP that it can be checked against",
            ),
            Code::SlotMoved => (
                "P207",
                "a table slot was reused, moved, changed or dropped",
                "compiled extensions call by index: give the new function the next free slot, and keep the old one",
            ),
            Code::SlotHole => (
                "P208",
                "table slots are not dense from 0",
                "use the next free index",
            ),
            Code::Life => (
                "P209",
                "an entry's life does not move forward",
                "added comes before deprecated, deprecated before removed, and nothing is removed that was not deprecated",
            ),
            Code::Doc => (
                "P210",
                "a doc is not a sentence",
                "begin with a capital letter or a name and end with a full stop; a line of a contract goes on after a colon, and its full stop is added",
            ),
            Code::UnboundedBinding => (
                "P211",
                "a symbol outside the stable ABI would be bound where nobody observed it",
                "give `exported` an `until`, one past the newest version in abi/targets.yaml; its signature may change after that",
            ),
            Code::InlineHeader => (
                "P212",
                "an inline header is not in abi/inline/",
                "add the file, or correct its name",
            ),
            Code::Identifier => (
                "P213",
                "a name is not an identifier of C, C++ and Rust",
                "use letters, digits and underscores, and no word of these languages",
            ),
            Code::NoEffect => (
                "P214",
                "something is written that has no effect",
                "drop it, for a reader would think that it counts",
            ),
            Code::Range => (
                "P215",
                "a number does not fit where it goes",
                "use a number that the type holds on every machine",
            ),
            Code::SuppressionRule => (
                "X001",
                "a suppression names no rule",
                "write a rule's code or name, as the finding has it",
            ),
            Code::SuppressionForbidden => (
                "X002",
                "a suppression names a rule that cannot be suppressed",
                "what is gone or has become smaller breaks every program that uses it: bring it back, or make it a new major version",
            ),
            Code::SuppressionDay => (
                "X003",
                "the last day of a suppression is not a day",
                "write it as 2027-01-31",
            ),
            Code::SuppressionReason => (
                "X004",
                "a suppression has no reason or no item",
                "say what it is about, and why it does not count, for whoever reads it next",
            ),
        }
    }
}

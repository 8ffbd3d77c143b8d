//! The shape of one family file, as it is written.
//!
//! Field by field what `abi/README.md` teaches. The doc comments here become the descriptions in
//! `abi/schema.json`, which editors show.

use schemars::JsonSchema;
use serde::Deserialize;

use super::yaml::Spanned;

/// Text with its place in the file. In the schema it is plain text.
pub type Text = Spanned<String>;

/// One family: entries that belong together and share a header.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FamilyFile {
    /// The family's id; the file's stem must be the same.
    #[schemars(with = "String")]
    pub family: Text,
    /// One sentence on what the family is for.
    #[schemars(with = "String")]
    pub doc: Text,
    /// Hand-written headers under `abi/inline/` that the family's header brings in direct mode,
    /// before the functions.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub inline_headers: Vec<Text>,
    /// Hand-written headers under `abi/inline/` that it brings in every mode, after the functions.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub macro_headers: Vec<Text>,
    /// Symbols of CPython that are used together or not at all.
    #[serde(default)]
    pub groups: Vec<Group>,
    /// What functions of CPython do on some versions and not on others, where no declaration tells.
    #[serde(default)]
    pub behaviours: Vec<Behaviour>,
    /// The entries, in the order in which they are emitted.
    pub entries: Vec<Entry>,
}

/// Symbols that are bound together or not at all.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// What `requires` in a provider names.
    #[schemars(with = "String")]
    pub name: Text,
    /// Names of `symbol` entries.
    #[schemars(with = "Vec<String>")]
    pub symbols: Vec<Text>,
}

/// Something that CPython does, and the running versions that do it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Behaviour {
    /// What the C core asks for.
    #[schemars(with = "String")]
    pub name: Text,
    /// One sentence.
    #[schemars(with = "String")]
    pub doc: Text,
    /// Where the fact is from.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub source: Option<Text>,
    /// Where it does.
    #[schemars(with = "Vec<When>")]
    pub when: Arms,
}

/// One entry.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Entry {
    /// A struct of ours.
    Struct(StructEntry),
    /// A struct of CPython's, as its headers lay it out.
    Upstream(UpstreamEntry),
    /// A function that CPython exports.
    Symbol(SymbolEntry),
    /// A slot id of CPython's.
    Slot(SlotEntry),
    /// A constant of ours.
    Constant(ConstantEntry),
    /// A group of named bits of ours.
    Bitfield(BitfieldEntry),
    /// A function of ours.
    Function(Box<FunctionEntry>),
    /// A macro of ours.
    Macro(MacroEntry),
}

impl Entry {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &Text {
        match self {
            Entry::Struct(e) => &e.name,
            Entry::Upstream(e) => &e.name,
            Entry::Symbol(e) => &e.name,
            Entry::Slot(e) => &e.name,
            Entry::Constant(e) => &e.name,
            Entry::Bitfield(e) => &e.name,
            Entry::Function(e) => &e.name,
            Entry::Macro(e) => &e.name,
        }
    }

    /// When it came and goes; facts about CPython have none.
    #[must_use]
    pub fn life(&self) -> Option<&Life> {
        match self {
            Entry::Struct(e) => Some(&e.life),
            Entry::Constant(e) => Some(&e.life),
            Entry::Bitfield(e) => Some(&e.life),
            Entry::Function(e) => Some(&e.life),
            Entry::Macro(e) => Some(&e.life),
            Entry::Upstream(_) | Entry::Symbol(_) | Entry::Slot(_) => None,
        }
    }

    /// Whether a release removed it.
    #[must_use]
    pub fn is_removed(&self) -> bool {
        self.life().is_some_and(|life| life.removed.is_some())
    }

    /// What it is, for messages.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Entry::Struct(_) => "struct of ours",
            Entry::Upstream(_) => "struct of CPython's",
            Entry::Symbol(_) => "symbol",
            Entry::Slot(_) => "slot",
            Entry::Constant(_) => "constant",
            Entry::Bitfield(_) => "bitfield",
            Entry::Function(_) => "function",
            Entry::Macro(_) => "macro",
        }
    }
}

/// When an entry came, and when it goes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Life {
    /// The pyshim release that added it.
    #[schemars(with = "String")]
    pub added: Text,
    /// Since when, and in favour of what, it is deprecated.
    #[serde(default)]
    pub deprecated: Option<Deprecated>,
    /// The release that removed it.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub removed: Option<Text>,
}

/// A deprecation.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deprecated {
    /// The pyshim release that deprecated it.
    #[schemars(with = "String")]
    pub since: Text,
    /// The entry to use instead.
    #[schemars(with = "String")]
    pub replacement: Text,
}

/// Alternatives, each with its place in the file.
pub type Arms = Vec<Spanned<When>>;

/// One condition; all that is given must hold. A list of these holds when any one does.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// The first CPython version, quoted: `"3.13"`.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub since: Option<Text>,
    /// The first CPython version for which it no longer holds.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub until: Option<Text>,
    /// `gil`, `ft` or both.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub build: Vec<Text>,
    /// `full`, `limited` (which is `abi3` and `abi3t`), `abi3`, `abi3t`.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub api: Vec<Text>,
    /// The least `Py_LIMITED_API`; holds always in the full API.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub limited: Option<Text>,
    /// The first `Py_LIMITED_API` for which it no longer holds; holds always in the full API.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub limited_below: Option<Text>,
    /// `linux`, `macos`, `windows`.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub os: Vec<Text>,
    /// `x86`, `x86_64`, `aarch64`, `s390x`.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub arch: Vec<Text>,
}

/// One field of a struct.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// The field's name.
    #[schemars(with = "String")]
    pub name: Text,
    /// Its type, in the small grammar of `abi/README.md`.
    #[serde(rename = "type")]
    #[schemars(with = "String")]
    pub ty: Text,
    /// The data models that have this field; all when empty.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub models: Vec<Text>,
    /// What it holds, where the name does not say it.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub doc: Option<Text>,
}

/// A struct of ours.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StructEntry {
    /// Its name, with our prefix.
    #[schemars(with = "String")]
    pub name: Text,
    /// One sentence.
    #[schemars(with = "String")]
    pub doc: Text,
    /// Who allocates it: `caller` (on a stack, in a struct, in an array) or `library`.
    #[schemars(with = "String")]
    pub allocated_by: Text,
    /// The struct of CPython's whose words it begins with.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub mirrors: Option<Text>,
    /// Its own fields, where it mirrors nothing.
    #[serde(default)]
    pub fields: Vec<Field>,
    /// Reserved pointers behind the last word.
    #[schemars(with = "u32")]
    pub reserved: Spanned<u32>,
    /// Why a struct that callers allocate has no reserve.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub reserved_not_needed: Option<Text>,
    /// When it came and goes.
    pub life: Life,
}

/// One layout of a struct of CPython's.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    /// Where it holds.
    #[serde(default)]
    #[schemars(with = "Vec<When>")]
    pub when: Arms,
    /// The fields, in order.
    pub fields: Vec<Field>,
}

/// A struct of CPython's.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UpstreamEntry {
    /// CPython's name.
    #[schemars(with = "String")]
    pub name: Text,
    /// One sentence.
    #[schemars(with = "String")]
    pub doc: Text,
    /// Where the facts are from: header paths, issues, PEPs.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub source: Option<Text>,
    /// Its layouts; they exclude one another.
    #[schemars(with = "Vec<Layout>")]
    pub layouts: Vec<Spanned<Layout>>,
    /// Where the name is declared.
    #[schemars(with = "Vec<When>")]
    pub declared: Arms,
    /// Where the struct is complete, so that `sizeof` works.
    #[schemars(with = "Vec<When>")]
    pub complete: Arms,
    /// What the words mean, where that changed without a change of layout.
    #[serde(default)]
    pub semantics: Vec<Semantics>,
}

/// A note on behaviour that holds for some versions.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Semantics {
    /// Where it holds.
    #[schemars(with = "Vec<When>")]
    pub when: Arms,
    /// What it is.
    #[schemars(with = "String")]
    pub note: Text,
    /// Where that is from.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub source: Option<Text>,
}

/// One parameter.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Param {
    /// Its name.
    #[schemars(with = "String")]
    pub name: Text,
    /// Its type.
    #[serde(rename = "type")]
    #[schemars(with = "String")]
    pub ty: Text,
}

/// A function that CPython exports.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SymbolEntry {
    /// CPython's name.
    #[schemars(with = "String")]
    pub name: Text,
    /// One sentence.
    #[schemars(with = "String")]
    pub doc: Text,
    /// Where the facts are from.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub source: Option<Text>,
    /// The parameters.
    pub params: Vec<Param>,
    /// The return type.
    #[schemars(with = "String")]
    pub returns: Text,
    /// Where headers declare it.
    #[schemars(with = "Vec<When>")]
    pub declared: Arms,
    /// Where the executable or library exports it.
    #[schemars(with = "Vec<When>")]
    pub exported: Arms,
    /// The version whose stable ABI it joined. Only then is it bound on versions not yet observed.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub stable: Option<Text>,
    /// The function of the C core that does its work in a universal module, where the running CPython
    /// has none and macros of newer headers call it.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub supplied: Option<Text>,
}

/// A slot id of CPython's, or another number that its slots are made of, by version and API.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SlotEntry {
    /// CPython's macro.
    #[schemars(with = "String")]
    pub name: Text,
    /// One sentence.
    #[schemars(with = "String")]
    pub doc: Text,
    /// Where the facts are from.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub source: Option<Text>,
    /// The ids; the arms exclude one another.
    pub ids: Vec<SlotId>,
    /// The id that each running version is given, whatever the extension was compiled with.
    pub runtime: Vec<SlotId>,
    /// Where headers define the macro.
    #[schemars(with = "Vec<When>")]
    pub declared: Arms,
}

/// A value and where it holds.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SlotId {
    /// The id.
    pub id: u32,
    /// Where it holds.
    #[schemars(with = "Vec<When>")]
    pub when: Arms,
}

/// A constant of ours.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConstantEntry {
    /// Its name, with our prefix.
    #[schemars(with = "String")]
    pub name: Text,
    /// One sentence.
    #[schemars(with = "String")]
    pub doc: Text,
    /// The value.
    #[schemars(with = "i64")]
    pub value: Spanned<i64>,
    /// When it came and goes.
    pub life: Life,
}

/// A group of named bits.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BitfieldEntry {
    /// Its name, with our prefix.
    #[schemars(with = "String")]
    pub name: Text,
    /// One sentence.
    #[schemars(with = "String")]
    pub doc: Text,
    /// The integer that holds the bits: `u8`, `u16`, `u32`, `u64`.
    #[schemars(with = "String")]
    pub unit: Text,
    /// The bits.
    pub bits: Vec<Bit>,
    /// Which bit each running version looks at.
    #[serde(default)]
    pub looked_at: Vec<LookedAt>,
    /// Where the meaning is from.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub source: Option<Text>,
    /// When it came and goes.
    pub life: Life,
}

/// One named run of bits.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bit {
    /// Its name, without the bitfield's.
    #[schemars(with = "String")]
    pub name: Text,
    /// The lowest bit.
    #[schemars(with = "u32")]
    pub shift: Spanned<u32>,
    /// How many bits.
    #[serde(default = "one")]
    pub width: u32,
    /// One sentence.
    #[schemars(with = "String")]
    pub doc: Text,
}

fn one() -> u32 {
    1
}

/// Which bit a CPython looks at.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LookedAt {
    /// The bit's name.
    #[schemars(with = "String")]
    pub bit: Text,
    /// On which versions and builds.
    #[schemars(with = "Vec<When>")]
    pub when: Arms,
}

/// A function of ours.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FunctionEntry {
    /// Its name, with our prefix.
    #[schemars(with = "String")]
    pub name: Text,
    /// One sentence.
    #[schemars(with = "String")]
    pub doc: Text,
    /// Its index in the dispatch table; without one it is a plain function of the C core.
    #[serde(default)]
    #[schemars(with = "Option<u32>")]
    pub slot: Option<Spanned<u32>>,
    /// The macro that the C core has to be compiled with to have it; in Rust a feature.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub compiled_with: Option<Text>,
    /// The header of `macro_headers` that defines it inline, where the C core has nothing of it.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub defined_in: Option<Text>,
    /// The parameters.
    #[serde(default)]
    pub params: Vec<Param>,
    /// The return type.
    #[schemars(with = "String")]
    pub returns: Text,
    /// What a C programmer must know.
    pub contract: Contract,
    /// Whether it can raise; its error value is then -1 or NULL.
    #[serde(default)]
    pub raises: bool,
    /// Full API: what the header does; the first arm that holds.
    #[serde(default)]
    #[schemars(with = "Vec<DirectArm>")]
    pub direct: Vec<Spanned<DirectArm>>,
    /// Table: who provides the slot; the first arm that holds on the running CPython.
    #[serde(default)]
    #[schemars(with = "Vec<Provider>")]
    pub providers: Vec<Spanned<Provider>>,
    /// Where it can be had at all; everywhere when empty.
    #[serde(default)]
    #[schemars(with = "Vec<When>")]
    pub when: Arms,
    /// When it came and goes.
    pub life: Life,
}

/// What a C programmer must know of a function.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Contract {
    /// Which thread state it needs.
    #[schemars(with = "String")]
    pub thread_state: Text,
    /// Who owns what, before and after.
    #[schemars(with = "String")]
    pub ownership: Text,
    /// What it returns, raises, or aborts on.
    #[schemars(with = "String")]
    pub errors: Text,
    /// What it does where CPython has nothing like it.
    #[schemars(with = "String")]
    pub versions: Text,
}

/// What the header does in direct mode.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DirectArm {
    /// Where the arm holds; always when empty.
    #[serde(default)]
    #[schemars(with = "Vec<When>")]
    pub when: Arms,
    /// A `symbol` entry to call.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub symbol: Option<Text>,
    /// A function of an inline header, or of the C core, to call.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub call: Option<Text>,
    /// A constant to return; nothing is done.
    #[serde(default)]
    #[schemars(with = "Option<i64>")]
    pub returns: Option<Spanned<i64>>,
}

/// Who provides a table slot.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// The running CPythons it is for; every one when empty. Only `since`, `until` and `build` count.
    #[serde(default)]
    #[schemars(with = "Vec<When>")]
    pub when: Arms,
    /// A group of symbols that must all be there.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub requires: Option<Text>,
    /// CPython's own function, put into the slot as it is.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub symbol: Option<Text>,
    /// A function of the C core.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub core: Option<Text>,
}

/// A macro of ours, whose text is hand-written in an inline header.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MacroEntry {
    /// Its name, with our prefix.
    #[schemars(with = "String")]
    pub name: Text,
    /// One sentence.
    #[schemars(with = "String")]
    pub doc: Text,
    /// When it came and goes.
    pub life: Life,
}

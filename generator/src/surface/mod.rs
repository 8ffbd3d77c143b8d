//! What a C ABI looks like from outside: what a manifest says, or what was observed of a real
//! library. Two of these are compared by `diff`; `write` makes a snapshot of one and `read` reads it back.
//!
//! Plain data. A fact that nobody knows is absent, and never a zero.

pub mod ctype;
pub mod label;
pub mod manifest;
pub mod read;
pub mod size;
pub mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use ctype::{CType, Function};

/// A way to compile or run something, as a label without spaces: `full`, `limited-3.13`,
/// `abi3t-3.15` for the headers of one CPython; `3.14t/full` for a manifest, which speaks of many;
/// `3.14t` for a running one. `3.14t/full@windows` is a part of `3.14t/full`, and everything is a part
/// of [`ANYWHERE`], which stands alone in a set.
pub type Where = String;

/// The label of every way to compile or run.
pub const ANYWHERE: &str = "any";

/// The key of a fact that names what is there and could not be understood.
pub const UNKNOWN: &str = "unknown";
/// How such a fact begins that is about a struct, whose name follows.
pub const UNKNOWN_LAYOUT: &str = "the layout of ";

/// Which layout is meant, as a label: the data model, `lp64`, and where that does not say all, what
/// runs as well: `lp64/3.14t`.
pub type Variant = String;

/// Everything that is visible of an ABI.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surface {
    /// What was looked at.
    pub about: About,
    /// By name.
    pub items: BTreeMap<String, Item>,
}

/// What was looked at, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// What it is, for people: `CPython 3.15t`, `libfoo.so.1`.
    pub subject: String,
    /// What is known of it: `headers 3.15.1`, `build ft`, `suffix .abi3t.so`; a key may repeat.
    pub facts: BTreeSet<(String, String)>,
    /// Where the facts come from. What no evidence covers is unknown, not absent.
    pub evidence: BTreeSet<Evidence>,
    /// The ways to compile that were tried.
    pub wheres: BTreeSet<Where>,
}

/// Where facts come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// A manifest says so: everything that it has is complete.
    Manifest,
    /// A generated C program was compiled: sizes, offsets, constants, and what is declared.
    Probe,
    /// libclang read the headers: declarations with their types.
    Clang,
    /// The symbol table of a shared object or executable: what is exported.
    Symbols,
}

impl Evidence {
    /// Every kind.
    pub const ALL: [Evidence; 4] = [
        Evidence::Manifest,
        Evidence::Probe,
        Evidence::Clang,
        Evidence::Symbols,
    ];

    /// Its word in a snapshot.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Evidence::Manifest => "manifest",
            Evidence::Probe => "probe",
            Evidence::Clang => "clang",
            Evidence::Symbols => "symbols",
        }
    }
}

/// One name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What it is.
    pub kind: Kind,
    /// How headers declare it, and where. Empty where no headers were read. Shared, for most things
    /// of a library are declared in the same ways.
    pub declared: Arc<BTreeMap<Where, Form>>,
    /// Where a binary exports it; `None` where no binary was read, or none was meant to.
    pub exported: Option<Arc<BTreeSet<Where>>>,
    /// What else a binary says of it.
    pub symbol: Symbol,
    /// When it came and went.
    pub life: Life,
    /// Where it is written: in a manifest or in a snapshot, not in what was observed.
    pub place: Option<Place>,
}

/// How a name is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// A function that the library has to export.
    Function,
    /// A function that the header brings itself.
    Inline,
    /// A macro.
    Macro,
    /// A variable that the library has to export.
    Variable,
    /// A type that cannot be allocated, for it is only declared.
    Incomplete,
    /// A type with a known size.
    Type,
    /// A constant of an enumeration.
    Constant,
}

impl Form {
    /// Every form.
    pub const ALL: [Form; 7] = [
        Form::Function,
        Form::Inline,
        Form::Macro,
        Form::Variable,
        Form::Incomplete,
        Form::Type,
        Form::Constant,
    ];

    /// Its word in a snapshot.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Form::Function => "function",
            Form::Inline => "inline",
            Form::Macro => "macro",
            Form::Variable => "variable",
            Form::Incomplete => "incomplete",
            Form::Type => "type",
            Form::Constant => "constant",
        }
    }
}

/// A place in a file that a person can open.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, as the user named it or its folder.
    pub file: PathBuf,
    /// From 1.
    pub line: u32,
}

impl Place {
    /// The file with `/` on every system and no `./`, as formats for other machines have it.
    #[must_use]
    pub fn slashed(&self) -> String {
        let file = self.file.to_string_lossy();
        let file = file.replace(std::path::MAIN_SEPARATOR, "/");
        file.strip_prefix("./").unwrap_or(&file).to_owned()
    }
}

/// What a symbol table says of an exported name, besides that it is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Symbol {
    /// A variable of which each thread has its own.
    pub thread_local: bool,
    /// Bytes of a variable whose size headers do not tell. Only ELF says it, and it is told of
    /// libraries alone: an executable that is linked to one has a copy of that size.
    pub size: Option<u64>,
    /// Its versions, where there are any.
    pub versions: BTreeMap<String, Bound>,
}

/// Who gets a version of a symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bound {
    /// What is linked now.
    Linked,
    /// What was linked to that version before.
    Kept,
}

impl Bound {
    /// Its word in a snapshot.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Bound::Linked => "linked",
            Bound::Kept => "kept",
        }
    }
}

/// The fact about a whole that names a version of symbols which it defines.
pub const SYMBOL_VERSION: &str = "symbol-version";

/// When an item came and went; all empty where nobody said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Life {
    /// The release that added it.
    pub added: Option<String>,
    /// The release that deprecated it.
    pub deprecated: Option<String>,
    /// What to use instead.
    pub replacement: Option<String>,
    /// The release that removed it.
    pub removed: Option<String>,
}

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A struct or union.
    Record(Record),
    /// An enumeration.
    Enum(Enum),
    /// Another name of a type.
    Alias(BTreeMap<Variant, CType>),
    /// A function, with its type where that is known. One type for [`ANYWHERE`] is that of every
    /// data model. Shared, as many functions have one type.
    Function(Arc<BTreeMap<Variant, Function>>),
    /// A variable, with its type where that is known; as for functions.
    Variable(BTreeMap<Variant, CType>),
    /// A number that is compiled into callers, by where; a macro or a constant. Shared, as many have
    /// one value in the same places.
    Constant(Arc<BTreeMap<Where, Value>>),
    /// Named bits of one integer.
    Bits(Bits),
    /// Numbered places, by name: the functions of a dispatch table, or the ids of a list of slots.
    Slots(BTreeMap<String, u64>),
    /// A macro that is not a number.
    Macro,
}

impl Kind {
    /// Its word in a snapshot.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Kind::Record(record) if record.is_union => "union",
            Kind::Record(_) => "struct",
            Kind::Enum(_) => "enum",
            Kind::Alias(_) => "alias",
            Kind::Function(_) => "function",
            Kind::Variable(_) => "variable",
            Kind::Constant(_) => "constant",
            Kind::Bits(_) => "bits",
            Kind::Slots(_) => "slots",
            Kind::Macro => "macro",
        }
    }
}

/// The value of a constant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// A number.
    Number(i128),
    /// Anything else, as text.
    Text(String),
}

/// A struct or union.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// A union, whose fields share their place.
    pub is_union: bool,
    /// Its layouts. A variant that is absent is unknown or incomplete there.
    pub layouts: BTreeMap<Variant, Layout>,
    /// Who allocates it, copies it and keeps it in arrays.
    pub usage: Usage,
    /// Fields that are kept for later, by name. Where nobody says, names tell.
    pub reserve: BTreeSet<String>,
    /// The field that holds the struct's own size, from which either side knows what is there.
    pub size_field: Option<String>,
}

/// Who allocates a struct; it decides who breaks when the struct grows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Who allocates it, when that is known.
    pub allocated_by: Option<Allocator>,
    /// Passed or returned by value, so that its class in the calling convention counts.
    pub by_value: bool,
    /// Kept in arrays by callers, so that its size is a stride.
    pub in_arrays: bool,
}

/// Who allocates a struct.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Allocator {
    /// The library's callers, so its size is compiled into them.
    Caller,
    /// The library alone.
    Library,
}

/// A struct as one data model has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Bytes.
    pub size: u64,
    /// Bytes.
    pub align: u64,
    /// In the order of the declaration. Fields of anonymous members are here, too, with the
    /// member's name before theirs: `<0>.name`, where 0 counts the anonymous members.
    pub fields: Vec<Field>,
}

/// One field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its type, when that is known.
    pub ty: Option<CType>,
    /// The type as it is written, for people: `Py_ssize_t`.
    pub spelled: Option<String>,
    /// Bits from the start of the struct.
    pub bit_offset: u64,
    /// Bits.
    pub bits: u64,
    /// Whether it is a C bit-field.
    pub is_bit_field: bool,
}

/// An enumeration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Enum {
    /// The integer it is kept in, by data model.
    pub unit: BTreeMap<Variant, CType>,
    /// Its constants, in order of declaration.
    pub members: Vec<(String, i128)>,
}

/// Named bits of one integer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bits {
    /// The integer.
    pub unit: CType,
    /// By name.
    pub bits: BTreeMap<String, BitRange>,
}

/// One run of bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BitRange {
    /// The lowest.
    pub shift: u32,
    /// How many.
    pub width: u32,
}

impl Record {
    /// The layout of a variant, or of its data model.
    #[must_use]
    pub fn layout(&self, variant: &str) -> Option<&Layout> {
        let model = variant.split('/').next().unwrap_or(variant);
        self.layouts
            .get(variant)
            .or_else(|| self.layouts.get(model))
    }
}

impl Layout {
    /// Whether a field is an anonymous member whose own fields are here as well.
    #[must_use]
    pub fn is_shell(&self, field: &Field) -> bool {
        let inside = format!("{}.", field.name);
        let mut fields = self.fields.iter();
        field.name.ends_with('>') && fields.any(|one| one.name.starts_with(&inside))
    }
}

impl Field {
    /// The name that source uses, in which the anonymous members around the field do not occur. None
    /// for an anonymous member itself.
    #[must_use]
    pub fn in_source(&self) -> Option<&str> {
        in_source(&self.name)
    }
}

/// [`Field::in_source`] of a field's name.
#[must_use]
pub fn in_source(name: &str) -> Option<&str> {
    let own = name.rsplit(">.").next().unwrap_or(name);
    (!own.is_empty() && !own.ends_with('>')).then_some(own)
}

impl Surface {
    /// Whether some kind of evidence was there.
    #[must_use]
    pub fn has(&self, evidence: Evidence) -> bool {
        self.about.evidence.contains(&evidence)
    }
}

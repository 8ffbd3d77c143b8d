//! What is true: the manifest with its words understood, names resolved and layouts computable.
//!
//! Plain data and questions about it; nothing here reads or writes anything.

pub mod layout;
pub mod lock;
pub mod python;
pub mod support;
pub mod ty;
pub mod version;
pub mod when;

use std::collections::BTreeMap;

use crate::source::{Located, Span};
use layout::{DataModel, Extent, Field, LaidOut};
use python::Pythons;
use ty::Ty;
use version::{Release, Version};
use when::When;

/// Everything that a manifest says.
#[derive(Clone, Debug)]
pub struct Model {
    /// The prefix of our names, without the underscore.
    pub prefix: String,
    /// The CPythons that were observed.
    pub pythons: Pythons,
    /// Names of CPython's that are observed, and that no entry is about.
    pub watched: Vec<Watched>,
    /// The families, by file name.
    pub families: Vec<Family>,
    /// Hand-written headers: name and text, by name.
    pub inline: Vec<(String, String)>,
    /// Family and entry by name.
    index: BTreeMap<String, (usize, usize)>,
}

/// Names of CPython's that are observed for one reason.
#[derive(Clone, Debug)]
pub struct Watched {
    /// What they have in common, as a heading.
    pub about: String,
    /// The names.
    pub names: Vec<String>,
}

/// One family.
#[derive(Clone, Debug)]
pub struct Family {
    /// Its id, which names its header and its docs page.
    pub id: String,
    /// One sentence.
    pub doc: String,
    /// Hand-written headers that its header brings in direct mode.
    pub inline_headers: Vec<String>,
    /// Hand-written headers that its header brings in every mode.
    pub macro_headers: Vec<String>,
    /// Symbols that are used together or not at all.
    pub groups: Vec<Group>,
    /// What CPython does on some versions only.
    pub behaviours: Vec<Behaviour>,
    /// The entries in the order of the file.
    pub entries: Vec<Entry>,
}

/// Symbols that are bound together or not at all.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its name, unique over all families.
    pub name: String,
    /// The symbols.
    pub symbols: Vec<String>,
}

/// Something that CPython does on some versions only, where no declaration tells.
#[derive(Clone, Debug)]
pub struct Behaviour {
    /// Its name, unique over all families.
    pub name: String,
    /// One sentence.
    pub doc: String,
    /// Where the fact is from.
    pub source: Option<String>,
    /// The running versions that do it.
    pub when: When,
    /// Where the name is written.
    pub span: Span,
}

/// One entry.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// One sentence or more, the first of which stands alone.
    pub doc: String,
    /// Where the name is written.
    pub span: Span,
    /// When it came and goes; facts about CPython have none.
    pub life: Option<Life>,
    /// Where a fact about CPython is from.
    pub source: Option<String>,
    /// What it is.
    pub kind: Kind,
}

/// When an entry came, and when it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Life {
    /// The release that added it.
    pub added: Release,
    /// Since when, and in favour of what, it is deprecated.
    pub deprecated: Option<(Release, String)>,
    /// The release that removed it.
    pub removed: Option<Release>,
}

/// What an entry is.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A struct of ours.
    Struct(Struct),
    /// A struct of CPython's.
    Upstream(Upstream),
    /// A function of CPython's.
    Symbol(Symbol),
    /// A slot id of CPython's.
    Slot(Slot),
    /// A constant of ours.
    Constant(i64),
    /// Named bits of ours.
    Bitfield(Bitfield),
    /// A function of ours.
    Function(Function),
    /// A macro of ours.
    Macro,
}

/// A struct of ours.
#[derive(Clone, Debug)]
pub struct Struct {
    /// Whether callers allocate it, so that its size is part of the ABI.
    pub by_caller: bool,
    /// The struct of CPython's whose words it begins with.
    pub mirrors: Option<Located<String>>,
    /// Its fields, the reserve last.
    pub fields: Vec<Field>,
    /// How many pointers of reserve.
    pub reserved: u32,
    /// Why a struct that callers allocate has none.
    pub reserved_not_needed: Option<String>,
}

/// A struct of CPython's.
#[derive(Clone, Debug)]
pub struct Upstream {
    /// Its layouts, which exclude one another.
    pub layouts: Vec<(When, Vec<Field>)>,
    /// Where the name is declared.
    pub declared: When,
    /// Where the struct is complete.
    pub complete: When,
    /// Notes on behaviour.
    pub semantics: Vec<Note>,
}

/// A note on behaviour that holds for some versions.
#[derive(Clone, Debug)]
pub struct Note {
    /// Where it holds.
    pub when: When,
    /// What it is.
    pub note: String,
    /// Where that is from.
    pub source: Option<String>,
}

/// A function of CPython's.
#[derive(Clone, Debug)]
pub struct Symbol {
    /// Its signature.
    pub signature: Signature,
    /// Where headers declare it.
    pub declared: When,
    /// Where it is exported.
    pub exported: When,
    /// The version whose stable ABI it joined.
    pub stable: Option<Version>,
    /// The function of the C core that a universal module has in its place.
    pub supplied: Option<String>,
}

/// Parameters and result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Name and type of each parameter.
    pub params: Vec<(String, Ty)>,
    /// What is returned.
    pub returns: Ty,
}

/// A slot id of CPython's.
#[derive(Clone, Debug)]
pub struct Slot {
    /// What headers define it as.
    pub ids: Vec<(When, u32)>,
    /// What a running version is given.
    pub runtime: Vec<(When, u32)>,
    /// Where headers define it.
    pub declared: When,
}

/// Named bits.
#[derive(Clone, Debug)]
pub struct Bitfield {
    /// The integer that holds them.
    pub unit: ty::Scalar,
    /// How many bits that has.
    pub unit_bits: u32,
    /// The bits.
    pub bits: Vec<Bit>,
    /// Which bit each CPython looks at.
    pub looked_at: Vec<(When, String)>,
}

/// One named run of bits.
#[derive(Clone, Debug)]
pub struct Bit {
    /// Its name, without the bitfield's.
    pub name: String,
    /// The lowest bit.
    pub shift: u32,
    /// How many bits.
    pub width: u32,
    /// One sentence.
    pub doc: String,
    /// Where its place is written.
    pub span: Span,
}

impl Entry {
    /// Whether a release removed it.
    #[must_use]
    pub fn is_removed(&self) -> bool {
        self.life
            .as_ref()
            .is_some_and(|life| life.removed.is_some())
    }
}

impl Bit {
    /// The bits it covers.
    #[must_use]
    pub fn mask(&self) -> u64 {
        let ones = if self.width >= 64 {
            u64::MAX
        } else {
            (1 << self.width) - 1
        };
        ones.checked_shl(self.shift).unwrap_or(0)
    }
}

/// A function of ours.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its table slot.
    pub slot: Option<Located<u32>>,
    /// What has its code.
    pub definition: Definition,
    /// Its signature.
    pub signature: Signature,
    /// What a C programmer must know.
    pub contract: Contract,
    /// Whether it can raise; its error value is then -1 or NULL.
    pub raises: bool,
    /// What the header does in direct mode.
    pub direct: Vec<(When, Direct)>,
    /// Who provides the slot.
    pub providers: Vec<Provider>,
    /// Where it can be had.
    pub when: When,
}

/// What has the code of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Definition {
    /// The C core.
    Core,
    /// The C core when it is compiled with this macro.
    CoreWith(String),
    /// A hand-written part of the family's header.
    Header,
}

/// What a C programmer must know of a function: always these four, in this order.
#[derive(Clone, Debug)]
pub struct Contract {
    /// How the line on the thread state begins.
    pub needed: ThreadState,
    /// Which thread state it needs.
    pub thread_state: String,
    /// Who owns what.
    pub ownership: String,
    /// What it returns, raises, or aborts on.
    pub errors: String,
    /// Native or fallback, by version.
    pub versions: String,
}

/// The thread state that a caller must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThreadState {
    /// One that is attached.
    Attached,
    /// Any or none, which the call leaves as it is.
    Any,
    /// Any or none, and the call attaches one.
    Attaches,
}

/// What the header does in direct mode.
#[derive(Clone, Debug)]
pub enum Direct {
    /// Calls CPython's function, by name.
    Symbol(Located<String>),
    /// Calls a function of an inline header or of the C core, by name.
    Call(Located<String>),
    /// Does nothing and returns a constant.
    Returns(i64),
    /// Does nothing.
    Nothing,
}

/// Who provides a table slot.
#[derive(Clone, Debug)]
pub struct Provider {
    /// The running CPythons it is for.
    pub when: When,
    /// A group of symbols that must all be there.
    pub requires: Option<String>,
    /// What is put into the slot.
    pub what: Provides,
}

/// What is put into a table slot.
#[derive(Clone, Debug)]
pub enum Provides {
    /// CPython's function, as it is.
    Symbol(Located<String>),
    /// A function of the C core.
    Core(Located<String>),
}

impl Model {
    /// Puts the parts together.
    #[must_use]
    pub fn new(
        prefix: String,
        pythons: Pythons,
        watched: Vec<Watched>,
        families: Vec<Family>,
        inline: Vec<(String, String)>,
    ) -> Self {
        let mut index = BTreeMap::new();
        for (f, family) in families.iter().enumerate() {
            for (e, entry) in family.entries.iter().enumerate() {
                index.entry(entry.name.clone()).or_insert((f, e));
            }
        }
        Model {
            prefix,
            pythons,
            watched,
            families,
            inline,
            index,
        }
    }

    /// The prefix as macros have it.
    #[must_use]
    pub fn macro_prefix(&self) -> String {
        self.prefix.to_uppercase()
    }

    /// The entry with a name.
    #[must_use]
    pub fn entry(&self, name: &str) -> Option<&Entry> {
        let (family, entry) = self.index.get(name)?;
        Some(&self.families[*family].entries[*entry])
    }

    /// The family of the entry with a name.
    #[must_use]
    pub fn home(&self, name: &str) -> Option<&Family> {
        self.index
            .get(name)
            .map(|(family, _)| &self.families[*family])
    }

    /// The function of CPython's with a name.
    #[must_use]
    pub fn symbol(&self, name: &str) -> Option<&Symbol> {
        match &self.entry(name)?.kind {
            Kind::Symbol(symbol) => Some(symbol),
            _ => None,
        }
    }

    /// Every entry, with its family, in order.
    pub fn entries(&self) -> impl Iterator<Item = (&Family, &Entry)> {
        self.families
            .iter()
            .flat_map(|family| family.entries.iter().map(move |e| (family, e)))
    }

    /// The structs of ours that were not removed.
    pub fn present_structs(&self) -> impl Iterator<Item = (&Entry, &Struct)> {
        let present = self.entries().filter(|(_, entry)| !entry.is_removed());
        present.filter_map(|(_, entry)| match &entry.kind {
            Kind::Struct(body) => Some((entry, body)),
            _ => None,
        })
    }

    /// The structs of CPython's.
    pub fn upstream(&self) -> impl Iterator<Item = (&Entry, &Upstream)> {
        self.entries().filter_map(|(_, entry)| match &entry.kind {
            Kind::Upstream(body) => Some((entry, body)),
            _ => None,
        })
    }

    /// Whether universal modules can be had: whether anything is supplied to them.
    #[must_use]
    pub fn supplies(&self) -> bool {
        self.symbols().any(|(_, symbol)| symbol.supplied.is_some())
    }

    /// The functions of CPython's.
    pub fn symbols(&self) -> impl Iterator<Item = (&Entry, &Symbol)> {
        self.entries().filter_map(|(_, entry)| match &entry.kind {
            Kind::Symbol(body) => Some((entry, body)),
            _ => None,
        })
    }

    /// The slot ids of CPython's.
    pub fn slots(&self) -> impl Iterator<Item = (&Entry, &Slot)> {
        self.entries().filter_map(|(_, entry)| match &entry.kind {
            Kind::Slot(body) => Some((entry, body)),
            _ => None,
        })
    }

    /// The functions of ours.
    pub fn functions(&self) -> impl Iterator<Item = (&Entry, &Function)> {
        self.entries().filter_map(|(_, entry)| match &entry.kind {
            Kind::Function(body) => Some((entry, body)),
            _ => None,
        })
    }

    /// The functions of the dispatch table, by slot.
    #[must_use]
    pub fn table(&self) -> Vec<(&Entry, &Function)> {
        let mut table: Vec<_> = self
            .functions()
            .filter(|(_, function)| function.slot.is_some())
            .collect();
        table.sort_by_key(|(_, function)| function.slot.map(|slot| slot.value));
        table
    }

    /// The groups of symbols, with the id of their family.
    pub fn groups(&self) -> impl Iterator<Item = (&Family, &Group)> {
        self.families
            .iter()
            .flat_map(|family| family.groups.iter().map(move |g| (family, g)))
    }

    /// What CPython does on some versions only, with the id of the family that asks.
    pub fn behaviours(&self) -> impl Iterator<Item = (&Family, &Behaviour)> {
        self.families
            .iter()
            .flat_map(|family| family.behaviours.iter().map(move |b| (family, b)))
    }

    /// A struct of ours laid out for a data model.
    #[must_use]
    pub fn lay_out(&self, body: &Struct, model: DataModel) -> Option<LaidOut> {
        layout::lay_out(&body.fields, model, &|name| self.extent(name, None, model))
    }

    /// One layout of a struct of CPython's, laid out for a data model. `at` chooses the layouts of
    /// the structs that its fields name.
    #[must_use]
    pub fn lay_out_upstream(
        &self,
        fields: &[Field],
        at: &when::Cell,
        model: DataModel,
    ) -> Option<LaidOut> {
        layout::lay_out(fields, model, &|name| self.extent(name, Some(at), model))
    }

    fn extent(&self, name: &str, at: Option<&when::Cell>, model: DataModel) -> Option<Extent> {
        match &self.entry(name)?.kind {
            Kind::Struct(body) => self.lay_out(body, model).map(|laid| laid.extent),
            Kind::Upstream(body) => {
                let at = at?;
                let (_, fields) = body.layouts.iter().find(|(when, _)| when.holds(at))?;
                self.lay_out_upstream(fields, at, model)
                    .map(|laid| laid.extent)
            }
            _ => None,
        }
    }
}

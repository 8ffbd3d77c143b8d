//! Where a module's definition and slots are: what is laid out like them, and has the module's name.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::image::{Image, WORD, Word};
use super::known::{IMMORTAL, Known, STATIC};
use super::{AbiInfo, Declared, Head, Ours, Slot, Slots};
use crate::model::when::Build;

/// The most slots that one array is believed to have.
const MOST: u64 = 64;
/// The most slots that are looked at for one module, in all of its arrays. A file may lay out a thousand
/// modules.
const MOST_OF_ALL: u32 = 1 << 16;
/// How deep one array may lead to another.
const DEEPEST: u8 = 4;

/// The slots that may be in an array of `PyModuleDef_Slot` once only; in one of `PySlot` that is so of all.
const ONCE: [&str; 3] = [
    "Py_mod_create",
    "Py_mod_gil",
    "Py_mod_multiple_interpreters",
];

pub(super) const NOT_FOUND: &str = "no definition with the module's name is laid out in the file";
const LATE: &str = "its slots are empty in the file, and may be filled in when it is loaded";
const FOREIGN: &str =
    "its slots have a number that no CPython knows, and may be changed when it is loaded";
const ENDLESS: &str = "its slots have no end within reach";
const TWO: &str = "there are several definitions with the module's name";
const MANY: &str = "more is laid out like names and slots than any file has";

/// What both hooks of a module give.
pub(super) fn declared(
    image: &Image<'_>,
    module: &str,
    known: &Known,
    has_export: bool,
    imports: &dyn Fn(&str) -> bool,
) -> Declared {
    let Some(places) = image.names(module) else {
        return Declared::unknown(MANY);
    };
    let pointers = image.pointers();
    let named = pointers.filter(|(_, target)| image.is_name(*target, &places));
    let finder = Finder {
        image,
        known,
        named: named.map(|(at, _)| at).collect(),
        places: &places,
        left: Cell::new(MOST_OF_ALL),
    };
    if let Some(slots) = finder.ours() {
        return Declared {
            init: slots.clone(),
            export: slots,
            head: None,
        };
    }
    let definitions = finder.definitions();
    let export = has_export.then(|| finder.export()).flatten();
    let declared = Declared {
        init: finder.init(&definitions, imports),
        export: export.unwrap_or(Slots::Unknown(NOT_FOUND)),
        head: match definitions.as_slice() {
            [one] => one.head,
            _ => None,
        },
    };
    match finder.left.get() {
        // What was not looked at may say otherwise.
        0 => Declared::unknown(MANY),
        _ => declared,
    }
}

struct Finder<'a, 'data> {
    image: &'a Image<'data>,
    known: &'a Known,
    /// The pointers to the module's name.
    named: Vec<u64>,
    places: &'a [Range<u64>],
    /// How many slots may still be looked at.
    left: Cell<u32>,
}

/// A definition of a module.
#[derive(PartialEq, Eq)]
struct Definition {
    slots: Word,
    head: Option<Head>,
}

/// The slots of one hook, on the way through the arrays that they are in.
#[derive(Default)]
struct Walk {
    slots: BTreeMap<String, Slot>,
    /// Where the arrays are that were gone through.
    arrays: BTreeSet<u64>,
}

/// The two kinds of arrays.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Array {
    /// Of `PyModuleDef_Slot`.
    Definition,
    /// Of `PySlot`.
    Own,
}

impl Finder<'_, '_> {
    /// What both hooks give to CPython where pyshim makes that of a module of ours.
    fn ours(&self) -> Option<Slots> {
        let ours = self.named.iter().filter_map(|at| self.our_module(*at));
        let ours: Vec<Slots> = ours.take(2).collect();
        match ours.as_slice() {
            [] => None,
            [one] => Some(one.clone()),
            _ => Some(Slots::Unknown(TWO)),
        }
    }

    /// A module of ours whose name is pointed to from here, if it is one.
    fn our_module(&self, name: u64) -> Option<Slots> {
        let at = |start: u64, field: &str| start.checked_add(self.known.place(field)?);
        let start = name.checked_sub(self.known.place("pyshim_module.name")?)?;
        let field = |field: &str| {
            self.image
                .word(at(start, &format!("pyshim_module.{field}"))?)
        };
        let (Word::Address(slots), Word::Address(build)) = (field("slots")?, field("build")?)
        else {
            return None;
        };
        let part = |field: &str| {
            let bytes = self
                .image
                .bytes(at(build, &format!("pyshim_build.{field}"))?)?;
            Some(u64::from(u32::from_le_bytes(*bytes.first_chunk()?)))
        };
        // A later release may have more of it.
        let is_one = part("size")? >= self.known.place("pyshim_build")?
            && part("pointer_size")? == WORD
            && field("made")? == Word::Number(0);
        if !is_one {
            return None;
        }
        let mut ours = Ours {
            flags: part("flags")?,
            python: part("python")?,
            limited: part("limited")?,
            ..Ours::default()
        };
        Some(match self.say(slots, &mut ours) {
            Ok(()) => Slots::Pyshim(ours),
            Err(reason) => Slots::Unknown(reason),
        })
    }

    /// Reads what is said of a module of ours.
    fn say(&self, slots: u64, ours: &mut Ours) -> Result<(), &'static str> {
        let place = |field: &str| self.known.place(field).ok_or(NOT_FOUND);
        let (size, value) = (
            place("pyshim_module_slot")?,
            place("pyshim_module_slot.value")?,
        );
        let mut seen = BTreeSet::new();
        for index in 0..MOST {
            self.spend()?;
            let entry = slots.checked_add(index * size).ok_or(LATE)?;
            let word = |at: u64| self.image.word(entry.checked_add(at)?);
            let kind = word(place("pyshim_module_slot.kind")?).ok_or(LATE)?;
            let Word::Number(kind) = kind else {
                return Err(LATE);
            };
            let number = match word(value) {
                Some(Word::Number(number)) => Some(number),
                _ => None,
            };
            match self.known.our_kind(kind) {
                Some("END") => return Ok(()),
                Some(name) => {
                    let is_new = seen.insert(kind);
                    ours.say(kind, name, number, !is_new);
                }
                None => {} // of a later release
            }
        }
        Err(ENDLESS)
    }

    /// What `PyInit_` may return, as far as definitions differ.
    fn definitions(&self) -> Vec<Definition> {
        let definitions = self.named.iter().filter_map(|at| self.definition(*at));
        let mut definitions = Vec::from_iter(definitions);
        definitions.dedup();
        definitions
    }

    /// What a definition leads to that `PyInit_` may return.
    fn init(&self, definitions: &[Definition], imports: &dyn Fn(&str) -> bool) -> Slots {
        match definitions {
            [] => Slots::Unknown(NOT_FOUND),
            [one] => match one.slots {
                Word::Address(slots) => self.listed(slots, Array::Definition),
                Word::Number(_) if imports("PyModuleDef_Init") => Slots::Unknown(LATE),
                Word::Number(_) => Slots::SinglePhase,
                Word::Other => Slots::Unknown(LATE),
            },
            _ => Slots::Unknown(TWO),
        }
    }

    /// The definition whose name is pointed to from here, if it is one.
    fn definition(&self, name: u64) -> Option<Definition> {
        let start = self.known.place("PyModuleDef.m_name")?;
        let field = |field: &str| {
            let place = self.known.place(&format!("PyModuleDef.{field}"))?;
            self.image.word(name.checked_add(place - start)?)
        };
        // What CPython fills in is just before the name, in either build: three words.
        let is_new = (1..=3).all(|back| {
            let before = name.checked_sub(back * WORD);
            before.and_then(|at| self.image.word(at)) == Some(Word::Number(0))
        });
        let is_pointer = |word: Word| !matches!(word, Word::Number(1..));
        let pointers = [
            "m_doc",
            "m_methods",
            "m_slots",
            "m_traverse",
            "m_clear",
            "m_free",
        ];
        let pointers = pointers
            .iter()
            .all(|one| field(one).is_some_and(is_pointer));
        let Word::Number(size) = field("m_size")? else {
            return None;
        };
        let is_size = u32::try_from(size).is_ok() || size == u64::MAX;
        let slots = field("m_slots").filter(|_| is_new && pointers && is_size)?;
        Some(Definition {
            slots,
            head: self.head(name),
        })
    }

    /// The head of a definition whose name is pointed to from here. Headers give each object a count of
    /// references, which is at another place in each kind of build; one that is filled in at run time has
    /// none yet.
    fn head(&self, name: u64) -> Option<Head> {
        let word = |build, field: &str| {
            let place = self.known.place_in(build, &format!("PyObject.{field}"))?;
            let head = name.checked_sub(self.known.place_in(build, "PyModuleDef.m_name")?)?;
            match self.image.word(head.checked_add(place - place % WORD)?)? {
                Word::Number(word) => Some(word >> (8 * (place % WORD))),
                _ => None,
            }
        };
        let is_gil = word(Build::Gil, "ob_refcnt")? != 0;
        // In the other kind of build this is not part of the definition, and may be anything else.
        let count = word(Build::Ft, "ob_ref_local");
        let flag = |name| self.known.flags.get(name).copied();
        let is_free_threaded = count.is_some() && count == flag(IMMORTAL);
        let build = match (is_gil, is_free_threaded) {
            (true, false) => Build::Gil,
            (false, true) => Build::Ft,
            _ => return None,
        };
        let flags = word(build, "ob_flags").unwrap_or_default();
        let is_static = flags & flag(STATIC).unwrap_or_default() != 0;
        Some(Head { build, is_static })
    }

    /// The array of `PySlot` that has the module's name, or says of which ABI it is.
    fn export(&self) -> Option<Slots> {
        let value = self.known.place("PySlot.sl_uint64")?;
        let name = self.known.id("Py_mod_name")?;
        let abi = self.known.id("Py_mod_abi")?;
        let (mut named, mut unnamed) = (BTreeSet::new(), BTreeSet::new());
        for (at, target) in self.image.pointers() {
            let entry = at.checked_sub(value);
            let Some((entry, id)) = entry.and_then(|entry| Some((entry, self.own(entry)?.0)))
            else {
                continue;
            };
            if id == name && self.image.is_name(target, self.places) {
                named.extend(self.first(entry));
            } else if id == abi && self.abi(target).is_some() {
                unnamed.extend(self.first(entry));
            }
        }
        let one = |array: u64| self.listed(array, Array::Own);
        // One that has no name is the module's, and one with another name is another module's.
        let unnamed = unnamed.into_iter().map(one);
        let unnamed = unnamed.filter(|slots| slots.slot("Py_mod_name").is_none());
        let found = match named.is_empty() {
            false => named.into_iter().map(one).collect(),
            true => Vec::from_iter(unnamed),
        };
        match found.as_slice() {
            [] => None,
            [one] => Some(one.clone()),
            _ => Some(Slots::Unknown(TWO)),
        }
    }

    /// The first entry of the array that one is in.
    fn first(&self, mut entry: u64) -> Option<u64> {
        let size = self.known.place("PySlot")?;
        for _ in 0..MOST {
            self.spend().ok()?;
            let before = entry.checked_sub(size);
            match before.and_then(|before| self.own(before)) {
                Some((id, _)) if id != 0 && self.known.ids.contains_key(&id) => entry -= size,
                _ => break,
            }
        }
        Some(entry)
    }

    /// The number and value of a `PySlot`, if it is one.
    fn own(&self, entry: u64) -> Option<(u64, Word)> {
        let place = |field: &str| entry.checked_add(self.known.place(field)?);
        let number = |at: u64, size: usize| {
            let bytes = self.image.bytes(at)?.get(..size)?;
            let mut wide = [0; 8];
            wide[..size].copy_from_slice(bytes);
            Some(u64::from_le_bytes(wide))
        };
        let id = number(place("PySlot.sl_id")?, 2)?;
        let flags = number(place("PySlot.sl_flags")?, 2)?;
        let reserved = number(place("PySlot.sl_reserved")?, 4)?;
        let flag = |name: &str| self.known.flags.get(name).copied().unwrap_or_default();
        let all = flag("PySlot_OPTIONAL") | flag("PySlot_STATIC") | flag("PySlot_INTPTR");
        let is_one = flags & !all == 0 && reserved == 0;
        let value = self.image.word(place("PySlot.sl_uint64")?)?;
        is_one.then_some((id, value))
    }

    /// The number and value of a `PyModuleDef_Slot`, if it is one.
    fn of_definition(&self, entry: u64) -> Option<(u64, Word)> {
        let place = |field: &str| entry.checked_add(self.known.place(field)?);
        let at = place("PyModuleDef_Slot.slot")?;
        let bytes = self.image.bytes(at)?.get(..4)?;
        let id = u32::from_le_bytes(bytes.try_into().ok()?);
        let value = self.image.word(place("PyModuleDef_Slot.value")?)?;
        Some((u64::from(id), value))
    }

    /// One slot is looked at.
    fn spend(&self) -> Result<(), &'static str> {
        let left = self.left.get().checked_sub(1).ok_or(MANY)?;
        self.left.set(left);
        Ok(())
    }

    fn listed(&self, array: u64, kind: Array) -> Slots {
        let mut walk = Walk::default();
        match self.collect(array, kind, &mut walk, 0) {
            Ok(()) if walk.slots.is_empty() => Slots::Unknown(LATE),
            Ok(()) => Slots::Listed(walk.slots),
            Err(reason) => Slots::Unknown(reason),
        }
    }

    fn collect(
        &self,
        array: u64,
        kind: Array,
        walk: &mut Walk,
        depth: u8,
    ) -> Result<(), &'static str> {
        // An array that leads to itself has no end, and CPython takes a slot once.
        if !walk.arrays.insert(array) {
            return Err(FOREIGN);
        }
        let (of, read): (_, fn(&Self, u64) -> _) = match kind {
            Array::Definition => ("PyModuleDef_Slot", Self::of_definition),
            Array::Own => ("PySlot", Self::own),
        };
        let size = self.known.place(of).ok_or(NOT_FOUND)?;
        for index in 0..MOST {
            self.spend()?;
            let entry = array.checked_add(index * size).ok_or(LATE)?;
            // What the file does not have is zero, and filled in later.
            let (id, value) = read(self, entry).ok_or(LATE)?;
            if id == 0 {
                return Ok(());
            }
            let (name, _) = self.known.ids.get(&id).ok_or(FOREIGN)?;
            let target = match value {
                Word::Address(target) => Some(target),
                _ => None,
            };
            let inner = match name.as_str() {
                "Py_slot_subslots" => Some(Array::Own),
                "Py_mod_slots" => Some(Array::Definition),
                _ => None,
            };
            if let (Some(inner), true) = (inner, depth < DEEPEST) {
                self.collect(target.ok_or(LATE)?, inner, walk, depth + 1)?;
                continue;
            }
            let slot = Slot {
                id,
                value: match value {
                    Word::Number(number) => Some(number),
                    _ => None,
                },
                abi: target
                    .filter(|_| name == "Py_mod_abi")
                    .and_then(|target| self.abi(target)),
                is_twice: false,
            };
            let is_single = kind == Array::Own || ONCE.contains(&name.as_str());
            let known = walk.slots.entry(name.clone());
            let known = known.and_modify(|known| {
                known.is_twice |= is_single;
                known.value = known.value.or(slot.value);
            });
            known.or_insert(slot);
        }
        Err(FOREIGN)
    }

    /// A description of an ABI, if it is one.
    fn abi(&self, at: u64) -> Option<AbiInfo> {
        let bytes = self.image.bytes(at)?;
        let part = |field: &str, size: usize| {
            let from = self.known.place(&format!("PyABIInfo.{field}"))?;
            let from = usize::try_from(from).ok()?;
            let mut wide = [0; 8];
            wide[..size].copy_from_slice(bytes.get(from..from + size)?);
            Some(u64::from_le_bytes(wide))
        };
        // The first version of the struct is the only one.
        let is_one = part("abiinfo_major_version", 1)? == 1;
        let flags = part("flags", 2)?;
        let is_known = self.known.flags.iter();
        let all = is_known.filter(|(name, _)| name.starts_with("PyABIInfo_"));
        let all = all.fold(0, |all, (_, flag)| all | flag);
        (is_one && flags & !all == 0).then_some(AbiInfo {
            flags,
            version: part("abi_version", 4)?,
        })
    }
}

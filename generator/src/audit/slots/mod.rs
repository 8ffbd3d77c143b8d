//! What a module says of itself in its slots, read from the file: nothing is imported.
//!
//! ```text
//! file ─image─▶ words and pointers, as a loader lays them out ─find─▶ slots ─▶ GIL, interpreters, ABI
//!                                         which number is which slot ─known─┘
//! ```
//!
//! Compilers lay out a definition and its slots as data, and what they point to is in the list of
//! relocations. A module may as well fill them in at run time, and then nothing is known of them. A
//! module of `PYSHIM_MODULE` does, and is laid out as data itself.

mod find;
mod image;
pub mod known;
mod ours;

use std::collections::BTreeMap;

use super::runtime::Runtime;
use super::unread::Unread;
use crate::model::version::Version;
use crate::model::when::Build;
use known::Known;
pub use ours::Ours;

/// What each of a module's hooks gives to CPython.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// By `PyInit_`.
    pub init: Slots,
    /// By `PyModExport_`.
    pub export: Slots,
    /// The head of the definition that `PyInit_` gives, where it shows for which builds it is laid out.
    pub head: Option<Head>,
}

/// The head of a definition, as headers laid it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The builds that have such a head.
    pub build: Build,
    /// Whether it says of itself that it is laid out in a file. In free-threaded builds headers say so since
    /// 3.14, and CPython refuses what does not since the version that calls `PyModExport_`
    /// (`PyModuleDef_Init` in Objects/moduleobject.c).
    pub is_static: bool,
}

/// The slots of one hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Slots {
    /// Nobody can tell, for this reason.
    Unknown(&'static str),
    /// The hook makes the module itself, and slots are not asked for.
    SinglePhase,
    /// They are there, by name.
    Listed(BTreeMap<String, Slot>),
    /// pyshim makes them for the CPython that loads the module, of this.
    Pyshim(Ours),
}

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// The number by which it is called; some have two.
    pub id: u64,
    /// Its value, where that is a number.
    pub value: Option<u64>,
    /// What it leads to, where that is a description of an ABI.
    pub abi: Option<AbiInfo>,
    /// It is there again, and may not be.
    pub is_twice: bool,
}

/// What `Py_mod_abi` leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AbiInfo {
    /// Which builds it is for, as flags.
    pub flags: u64,
    /// The version of the stable ABI, as in `PY_VERSION_HEX`; 0 where nothing is said.
    pub version: u64,
}

/// Whether a module does without the GIL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gil {
    /// Nobody can tell, for this reason.
    Unknown(&'static str),
    /// Nothing is said, which means that it needs it.
    Unsaid,
    /// It needs it.
    Used,
    /// It does without.
    NotUsed,
    /// A value that not every version understands in the same way.
    Odd(u64),
}

impl Declared {
    /// Of a file without hooks.
    pub const NOTHING: Declared = Declared::unknown(find::NOT_FOUND);

    /// Where nobody can tell.
    const fn unknown(reason: &'static str) -> Self {
        Declared {
            init: Slots::Unknown(reason),
            export: Slots::Unknown(reason),
            head: None,
        }
    }

    /// Whether pyshim makes a universal module of it.
    #[must_use]
    pub fn is_universal(&self) -> bool {
        matches!(&self.init, Slots::Pyshim(ours) if ours.is("universal"))
    }

    /// Of the bytes of one architecture, without what is not read of it, which may have a `PyModExport_`.
    #[must_use]
    pub(super) fn read(
        data: &[u8],
        unread: &Unread,
        module: &str,
        has_export: bool,
        imports: &dyn Fn(&str) -> bool,
    ) -> Self {
        match image::Image::read(data, unread) {
            Ok(image) => find::declared(&image, module, Known::observed(), has_export, imports),
            Err(reason) => Declared::unknown(reason),
        }
    }
}

impl Slots {
    fn slot(&self, name: &str) -> Option<Slot> {
        match self {
            Slots::Listed(slots) => slots.get(name).copied(),
            _ => None,
        }
    }

    /// Whether the module does without the GIL. `sets_gil` says whether it calls the function for that.
    #[must_use]
    pub fn gil(&self, sets_gil: bool) -> Gil {
        let reason = "it calls `PyUnstable_Module_SetGIL`, and with what cannot be seen";
        match self {
            Slots::Unknown(reason) => Gil::Unknown(reason),
            _ if sets_gil => Gil::Unknown(reason),
            Slots::SinglePhase => Gil::Unsaid,
            Slots::Pyshim(ours) => ours.gil(Known::observed()),
            Slots::Listed(_) => match self.slot("Py_mod_gil") {
                None => Gil::Unsaid,
                Some(slot) => match slot.value {
                    // `Py_MOD_GIL_USED` and `Py_MOD_GIL_NOT_USED` are these two, cast to pointers.
                    Some(0) => Gil::Used,
                    Some(1) => Gil::NotUsed,
                    Some(other) => Gil::Odd(other),
                    None => Gil::Unknown("the value of its GIL slot is an address"),
                },
            },
        }
    }

    /// The slots that were added to CPython, each with the number that it is called by.
    pub fn ids(&self) -> impl Iterator<Item = (&str, u64)> {
        let slots = match self {
            Slots::Listed(slots) => Some(slots),
            _ => None,
        };
        let slots = slots.into_iter().flatten();
        slots.map(|(name, slot)| (name.as_str(), slot.id))
    }

    /// What it says of its ABI.
    #[must_use]
    pub fn abi(&self) -> Option<AbiInfo> {
        self.slot("Py_mod_abi")?.abi
    }

    /// Why a CPython does not load it by what it says of its ABI.
    #[must_use]
    pub fn refuses(&self, runtime: Runtime) -> Option<String> {
        if let Slots::Pyshim(ours) = self {
            return ours.refuses(runtime);
        }
        let (abi, known) = (self.abi()?, Known::observed());
        let builds = ["PyABIInfo_GIL", "PyABIInfo_FREETHREADED"].map(|flag| abi.has(flag, known));
        // Neither is said by who does not care.
        let is_for = match (builds, runtime.is_free_threaded()) {
            ([false, false], _) => true,
            ([gil, _], false) => gil,
            ([_, free_threaded], true) => free_threaded,
        };
        match is_for {
            true => abi.refuses(runtime.version, known),
            false => Some("`Py_mod_abi` says that the module is not for its build".to_owned()),
        }
    }

    /// What is wrong with them for every CPython that asks for them: that of `PyModExport_` wants more.
    #[must_use]
    pub(super) fn misused(&self, is_export: bool) -> Option<String> {
        let slots = match self {
            Slots::Listed(slots) => slots,
            Slots::Pyshim(ours) => return ours.misused(),
            _ => return None,
        };
        if is_export && !slots.contains_key("Py_mod_abi") {
            let why = "the slots of `PyModExport_` have no `Py_mod_abi`, which they must have";
            return Some(why.to_owned());
        }
        slots.iter().find_map(|(name, slot)| {
            let is_null = name == "Py_mod_exec" && slot.value == Some(0);
            match slot.is_twice {
                true => Some(format!("the slot `{name}` is there twice")),
                false => is_null.then(|| format!("the slot `{name}` is NULL")),
            }
        })
    }

    /// All that it says, for people.
    #[must_use]
    pub fn words(&self, sets_gil: bool) -> String {
        let gil = match self.gil(sets_gil) {
            Gil::Unknown(reason) => format!("GIL unknown: {reason}"),
            Gil::Unsaid => "GIL needed, for nothing is said".to_owned(),
            Gil::Used => "GIL needed".to_owned(),
            Gil::NotUsed => "GIL not needed".to_owned(),
            Gil::Odd(value) => format!("GIL slot {value}"),
        };
        let mut words = vec![gil];
        match self {
            Slots::SinglePhase => words.push("made in a single phase".to_owned()),
            Slots::Listed(_) => {
                words.extend(self.interpreters().map(str::to_owned));
                words.extend(self.abi().map(|abi| abi.words(Known::observed())));
            }
            Slots::Pyshim(ours) => {
                words.extend(self.interpreters().map(str::to_owned));
                words.push(ours.words());
            }
            Slots::Unknown(_) => {}
        }
        words.join(", ")
    }

    fn interpreters(&self) -> Option<&'static str> {
        // The three values of the slot in Include/moduleobject.h, in their order.
        let value = match self {
            Slots::Pyshim(ours) => ours.interpreters,
            _ => self.slot("Py_mod_multiple_interpreters")?.value,
        };
        match value? {
            0 => Some("main interpreter only"),
            1 => Some("every interpreter with the main one's GIL"),
            2 => Some("every interpreter"),
            _ => None,
        }
    }
}

impl AbiInfo {
    /// Whether it has a flag of CPython's.
    #[must_use]
    pub fn has(&self, flag: &str, known: &Known) -> bool {
        let mask = known.flags.get(flag).copied().unwrap_or_default();
        mask != 0 && self.flags & mask == mask
    }

    /// Why a version does not take it: a later stable ABI, or another version's own ABI.
    fn refuses(&self, version: Version, known: &Known) -> Option<String> {
        let (major, minor) = (self.version >> 24, self.version >> 16 & 0xff);
        let said = Version::parse(&format!("{major}.{minor}")).filter(|_| self.version != 0)?;
        let (is_wrong, what) = match self.has("PyABIInfo_STABLE", known) {
            true => (said > version, "the stable ABI"),
            false => (said != version, "the ABI"),
        };
        is_wrong.then(|| format!("`Py_mod_abi` says that the module is for {what} of {said}"))
    }

    fn words(&self, known: &Known) -> String {
        let all = [
            ("PyABIInfo_STABLE", "stable"),
            ("PyABIInfo_GIL", "GIL-enabled"),
            ("PyABIInfo_FREETHREADED", "free-threaded"),
            ("PyABIInfo_INTERNAL", "internal"),
        ];
        let words = all.iter().filter(|(flag, _)| self.has(flag, known));
        let words = Vec::from_iter(words.map(|(_, word)| *word)).join(" ");
        let (major, minor) = (self.version >> 24, self.version >> 16 & 0xff);
        match self.version {
            0 => format!("ABI {words}"),
            _ => format!("ABI {words} {major}.{minor}"),
        }
    }
}

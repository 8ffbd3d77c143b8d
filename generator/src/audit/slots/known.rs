//! Which number is which slot, since when, and where the parts of a definition lie: as the snapshots
//! in `abi/observed` have it, and the manifest for what is pyshim's. `cargo xtask symbols` writes it down.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::OnceLock;

use crate::audit::runtime::Runtime;
use crate::history::Observed;
use crate::model::version::Version;
use crate::model::when::Build;
use crate::surface::{Kind, Layout, Surface, Value};

/// How the file begins.
const HEAD: &str = "pyshim slots 1";
/// What was observed, and is compiled in.
pub const OBSERVED: &str = include_str!("../data/slots.txt");
/// The data model of what is read.
const MODEL: &str = "lp64";
/// The struct of a module of ours.
pub const MODULE: &str = "pyshim_module";
/// What else is ours and read: structs, and what begins like this, or has such bits.
const OUR_STRUCTS: [&str; 3] = [MODULE, "pyshim_module_slot", "pyshim_build"];
const OUR_NUMBERS: &str = "PYSHIM_KIND_";
const OUR_BITS: [&str; 2] = ["pyshim_build_flags", "pyshim_mod_gil"];
/// The structs of CPython's that are read.
const STRUCTS: [&str; 5] = [
    "PyObject",
    "PyModuleDef",
    "PyModuleDef_Slot",
    "PySlot",
    "PyABIInfo",
];
/// Those that free-threaded builds lay out in another way, and how their places begin there.
const WITH_A_HEAD: [&str; 2] = ["PyObject", "PyModuleDef"];
const FREE_THREADED: &str = "free-threaded:";
/// How the names of slots begin, and those of flags.
const SLOTS: [&str; 2] = ["Py_mod_", "Py_slot_"];
const FLAGS: [&str; 2] = ["PyABIInfo_", "PySlot_"];
/// The count of references in the head of an object that lives for ever, in free-threaded builds.
pub(super) const IMMORTAL: &str = "_Py_IMMORTAL_REFCNT_LOCAL";
/// The flag of one that headers laid out, there, from the version on that has it.
pub(super) const STATIC: &str = "_Py_STATICALLY_ALLOCATED_FLAG";

/// All of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The name of each slot by its number, and the first version that knows it by that.
    pub ids: BTreeMap<u64, (String, Version)>,
    /// By name; what is in the head of an object is among them.
    pub flags: BTreeMap<String, u64>,
    /// The place of `STRUCT.FIELD` in GIL-enabled builds, and the `STRUCT` size, in bytes. What
    /// follows the head of an object is as far apart in free-threaded ones, which have places of their own
    /// in `PyObject` and `PyModuleDef`.
    pub places: BTreeMap<String, u64>,
    /// What is pyshim's, by name: numbers, and masks of bits.
    pub ours: BTreeMap<String, u64>,
}

impl Known {
    /// What is known. It is read once.
    pub fn observed() -> &'static Known {
        static KNOWN: OnceLock<Known> = OnceLock::new();
        KNOWN.get_or_init(|| Known::parse(OBSERVED).unwrap_or_default())
    }

    /// The number of a slot, the newest where it has two.
    #[must_use]
    pub fn id(&self, name: &str) -> Option<u64> {
        let mut ids = self.ids.iter().rev();
        ids.find_map(|(id, (known, _))| (known == name).then_some(*id))
    }

    /// The place of `STRUCT.FIELD`, or the size of `STRUCT`.
    #[must_use]
    pub fn place(&self, of: &str) -> Option<u64> {
        self.places.get(of).copied()
    }

    /// The same in a build, of what has other places in each.
    #[must_use]
    pub fn place_in(&self, build: Build, of: &str) -> Option<u64> {
        match build {
            Build::Gil => self.place(of),
            Build::Ft => self.place(&format!("{FREE_THREADED}{of}")),
        }
    }

    /// A number of ours, or the mask of a bit.
    #[must_use]
    pub fn our(&self, name: &str) -> u64 {
        self.ours.get(name).copied().unwrap_or_default()
    }

    /// What a slot of ours is called, by its kind.
    #[must_use]
    pub fn our_kind(&self, kind: u64) -> Option<&str> {
        let mut kinds = self.ours.iter().filter(|(_, number)| **number == kind);
        kinds.find_map(|(name, _)| name.strip_prefix(OUR_NUMBERS))
    }

    /// Adds what the manifest says of pyshim's own.
    #[must_use]
    pub fn with_ours(mut self, manifest: &Surface) -> Self {
        for (name, item) in &manifest.items {
            match &item.kind {
                Kind::Record(record) if OUR_STRUCTS.contains(&name.as_str()) => {
                    let layout = record.layout(MODEL);
                    layout.into_iter().for_each(|one| self.layout(name, one));
                }
                Kind::Constant(values) if name.starts_with(OUR_NUMBERS) => {
                    if let Some(Value::Number(number)) = values.values().next()
                        && let Ok(number) = u64::try_from(*number)
                    {
                        self.ours.insert(name.clone(), number);
                    }
                }
                Kind::Bits(bits) if OUR_BITS.contains(&name.as_str()) => {
                    for (bit, range) in &bits.bits {
                        let mask = ((1 << range.width) - 1) << range.shift;
                        self.ours.insert(format!("{name}.{bit}"), mask);
                    }
                }
                _ => {}
            }
        }
        self
    }

    /// What snapshots say.
    #[must_use]
    pub fn of_snapshots(observed: &[Observed]) -> Self {
        let mut known = Known::default();
        for one in observed {
            let Some(runtime) = Runtime::parse(&one.label) else {
                continue;
            };
            for (name, item) in &one.surface.items {
                match &item.kind {
                    Kind::Constant(values) => {
                        let numbers = values.values().filter_map(|value| match value {
                            Value::Number(number) => u64::try_from(*number).ok(),
                            Value::Text(_) => None,
                        });
                        known.constant(name, numbers.collect(), runtime.version);
                    }
                    Kind::Record(record) if STRUCTS.contains(&name.as_str()) => {
                        let layout = record.layout(MODEL);
                        let of = match runtime.build {
                            Build::Gil => name.clone(),
                            Build::Ft if !WITH_A_HEAD.contains(&name.as_str()) => continue,
                            Build::Ft => format!("{FREE_THREADED}{name}"),
                        };
                        layout.into_iter().for_each(|one| known.layout(&of, one));
                    }
                    _ => {}
                }
            }
        }
        known
    }

    fn constant(&mut self, name: &str, numbers: BTreeSet<u64>, version: Version) {
        if SLOTS.iter().any(|start| name.starts_with(start)) {
            for id in numbers {
                let known = self.ids.entry(id).or_insert((name.to_owned(), version));
                known.1 = known.1.min(version);
            }
        } else if ([IMMORTAL, STATIC].contains(&name)
            || FLAGS.iter().any(|start| name.starts_with(start)))
            && !name.contains("_DEFAULT_")
            && let (Some(number), 1) = (numbers.first(), numbers.len())
        {
            self.flags.insert(name.to_owned(), *number);
        }
    }

    fn layout(&mut self, name: &str, layout: &Layout) {
        self.places.insert(name.to_owned(), layout.size);
        for field in &layout.fields {
            if let Some(own) = field.in_source() {
                let place = format!("{name}.{own}");
                self.places.insert(place, field.bit_offset / 8);
            }
        }
    }

    /// Reads what [`Known::write`] has written; or says which line is not understood.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut known = Known::default();
        for line in text.lines().skip(1) {
            let wrong = || format!("`{line}` is not understood");
            let number = |text: &str| text.parse::<u64>().map_err(|_| wrong());
            match *Vec::from_iter(line.split(' ')) {
                ["slot", id, name, since] => {
                    let since = Version::parse(since).ok_or_else(wrong)?;
                    known.ids.insert(number(id)?, (name.to_owned(), since));
                }
                ["flag", name, value] => {
                    known.flags.insert(name.to_owned(), number(value)?);
                }
                ["ours", name, value] => {
                    known.ours.insert(name.to_owned(), number(value)?);
                }
                ["place", name, bytes] => {
                    known.places.insert(name.to_owned(), number(bytes)?);
                }
                _ => return Err(wrong()),
            }
        }
        match text.starts_with(HEAD) {
            true => Ok(known),
            false => Err(format!("a file of slots begins with `{HEAD}`")),
        }
    }

    /// One line for each.
    #[must_use]
    pub fn write(&self) -> String {
        let mut text = format!("{HEAD}\n");
        for (id, (name, since)) in &self.ids {
            let _ = writeln!(text, "slot {id} {name} {since}");
        }
        for (name, value) in &self.flags {
            let _ = writeln!(text, "flag {name} {value}");
        }
        for (name, value) in &self.ours {
            let _ = writeln!(text, "ours {name} {value}");
        }
        for (name, bytes) in &self.places {
            let _ = writeln!(text, "place {name} {bytes}");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Known, OBSERVED};
    use crate::surface::manifest::of_model;

    #[test]
    fn what_is_compiled_in_is_what_the_snapshots_and_the_manifest_say() {
        let abi = Path::new(env!("CARGO_MANIFEST_DIR")).join("../abi");
        let observed =
            crate::read_observed(&abi.join("observed")).expect("the snapshots can be read");
        assert!(!observed.is_empty());
        let reading = crate::read(&abi).expect("the manifest can be read");
        let model = reading.model.as_ref().expect("it is valid");
        let manifest = of_model(model, &reading.sources);
        let fresh = Known::of_snapshots(&observed).with_ours(&manifest).write();
        assert_eq!(fresh, OBSERVED, "stale: run `cargo xtask symbols`");
        assert_eq!(Known::parse(OBSERVED).as_ref(), Ok(Known::observed()));
    }
}

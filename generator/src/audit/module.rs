//! One extension module, and what is claimed of it.

use std::collections::{BTreeMap, BTreeSet};

use super::binary::{Binary, Hook, HookKind};
use super::claim::{Abi, FileName, Suffix, Tag};
use super::machine::Machine;
use super::runtime::Runtime;
use super::symbols::Symbols;
use crate::model::version::Version;
use crate::model::when::Os;

/// A file that is named like a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// Where it is: a path, or a member of a wheel.
    pub path: String,
    /// What its name says.
    pub name: FileName,
    /// Its architectures.
    pub binaries: Vec<Binary>,
    /// The libraries of its wheel that are loaded with it, by their place in the list of these.
    pub libraries: BTreeSet<usize>,
}

/// What is promised of modules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claim {
    /// The stable ABI of GIL-enabled builds is kept.
    pub abi3: bool,
    /// That of free-threaded builds is kept.
    pub abi3t: bool,
    /// The least version that is promised, where somebody says.
    pub floor: Option<Version>,
    /// Who is promised to load them, of those that are known. Empty where nobody says.
    pub promised: BTreeSet<Runtime>,
    /// Whose own ABI is kept.
    pub versions: BTreeSet<Runtime>,
    /// A tag promises every Linux of a kind: such a wheel may not need libpython (PEP 513).
    pub is_many_linux: bool,
    /// Every Linux that a tag promises has glibc.
    pub is_for_glibc: bool,
    /// All tags are for any system and any ABI: what is for one alone is done without elsewhere.
    pub is_for_any: bool,
    /// The systems that are promised, each with its processors. Empty where nobody says.
    pub platforms: BTreeMap<Os, BTreeSet<Machine>>,
}

impl Claim {
    /// Of a wheel, by its tags. A tag without an ABI, such as `py3-none`, promises something of modules
    /// where there are modules to be imported. What CPythons of other systems do was not observed.
    #[must_use]
    pub fn of_tags(tags: &BTreeSet<Tag>, has_modules: bool, symbols: &Symbols) -> Self {
        let promising = tags
            .iter()
            .filter(|tag| tag.is_of_known_platform() && (has_modules || tag.abi().is_some()));
        let promising = Vec::from_iter(promising);
        let is_promised = |one: &&Runtime| promising.iter().any(|tag| tag.is_for(**one));
        let promised = symbols.runtimes.keys().filter(is_promised);
        let mut linux = tags
            .iter()
            .filter(|tag| tag.os() == Some(Os::Linux))
            .peekable();
        let mut claim = Claim {
            is_for_any: !tags.is_empty() && tags.iter().all(Tag::is_for_any),
            is_for_glibc: linux.peek().is_some() && linux.all(Tag::is_for_glibc),
            platforms: platforms(tags),
            is_many_linux: tags.iter().any(Tag::is_many_linux),
            promised: promised.copied().collect(),
            ..Claim::default()
        };
        for abi in tags.iter().filter_map(Tag::abi) {
            let floor = match abi {
                Abi::Abi3(since) => {
                    claim.abi3 = true;
                    since
                }
                Abi::Abi3t(since) => {
                    claim.abi3t = true;
                    since
                }
                Abi::Version(runtime) => {
                    claim.versions.insert(runtime);
                    runtime.version
                }
            };
            claim.floor = Some(claim.floor.map_or(floor, |known| known.min(floor)));
        }
        claim
    }

    /// Of a file by itself, by its suffix.
    #[must_use]
    pub fn of_suffix(suffix: &Suffix) -> Self {
        let mut claim = Claim::default();
        match suffix {
            Suffix::Abi3 | Suffix::Abi3Platform => claim.abi3 = true,
            Suffix::Abi3t | Suffix::Abi3tPlatform => claim.abi3t = true,
            Suffix::Version(runtime) => {
                claim.promised.insert(*runtime);
                claim.versions.insert(*runtime);
                claim.floor = Some(runtime.version);
            }
            Suffix::Bare | Suffix::Other(_) => {}
        }
        claim
    }

    /// What is promised of a file by itself: one with the suffix of a CPython no other one loads.
    #[must_use]
    pub fn of_those_with(&self, suffix: &Suffix) -> Self {
        let mut claim = self.clone();
        if let Suffix::Version(only) = suffix {
            claim.promised.retain(|one| one == only);
        }
        claim
    }

    /// Whether it has to do without a file with this suffix somewhere.
    #[must_use]
    pub fn does_without(&self, suffix: &Suffix) -> bool {
        self.is_for_any && matches!(suffix, Suffix::Version(_))
    }

    /// The systems alone, of which nothing is promised.
    #[must_use]
    pub fn of_nobody(&self) -> Self {
        Claim {
            is_many_linux: self.is_many_linux,
            is_for_glibc: self.is_for_glibc,
            is_for_any: self.is_for_any,
            platforms: self.platforms.clone(),
            ..Claim::default()
        }
    }

    /// Adds what another file promises that loads the same library.
    pub fn absorb(&mut self, other: &Claim) {
        self.abi3 |= other.abi3;
        self.abi3t |= other.abi3t;
        self.floor = [self.floor, other.floor].into_iter().flatten().min();
        self.promised.extend(&other.promised);
        self.versions.extend(&other.versions);
    }

    /// Whether files for a system are what is promised.
    #[must_use]
    pub fn is_for(&self, os: Os) -> bool {
        self.platforms.is_empty() || self.platforms.contains_key(&os)
    }

    /// Whether a stable ABI is claimed, and with it every later version.
    #[must_use]
    pub fn is_stable(&self) -> bool {
        self.abi3 || self.abi3t
    }
}

fn platforms(tags: &BTreeSet<Tag>) -> BTreeMap<Os, BTreeSet<Machine>> {
    let mut platforms: BTreeMap<Os, BTreeSet<Machine>> = BTreeMap::new();
    for tag in tags {
        if let Some(os) = tag.os() {
            let machines = platforms.entry(os).or_default();
            machines.extend(Machine::of_platform(&tag.platform));
        }
    }
    platforms
}

impl Module {
    /// The place of its suffix in a CPython's list, where it looks for it.
    #[must_use]
    pub fn place(&self, runtime: Runtime, symbols: &Symbols) -> Option<usize> {
        let looks_for = symbols.runtimes.get(&runtime);
        let looks_for = looks_for.map_or(&[][..], Vec::as_slice);
        let mut binaries = self.binaries.iter();
        binaries.find_map(|one| (self.name).place(runtime, looks_for, one.os, one.machine))
    }

    /// The processors that are promised for its system, where it has not got all that it needs. A Mac
    /// of either kind takes the same file; of other systems a wheel may have a file for each.
    #[must_use]
    pub fn lacks(&self, claim: &Claim) -> BTreeSet<Machine> {
        let os = self.binaries.first().map(|binary| binary.os);
        let promised = os.and_then(|os| claim.platforms.get(&os));
        let promised = promised.cloned().unwrap_or_default();
        let has = self.binaries.iter().filter_map(|binary| binary.machine);
        let lacks = &promised - &has.collect();
        match os {
            Some(Os::Macos) => lacks,
            _ if lacks.len() == promised.len() => lacks,
            _ => BTreeSet::new(),
        }
    }

    /// Whether its suffix is for musl, and no Linux with that is promised.
    #[must_use]
    pub fn is_for_other_libc(&self, claim: &Claim) -> bool {
        claim.is_for_glibc && self.name.is_for_musl()
    }

    /// What its hooks are called after.
    #[must_use]
    pub fn hook(&self) -> String {
        self.name.hook(&self.path)
    }

    /// Whether it is a library that something else than an import loads: it has no hook, and takes
    /// nothing from CPython.
    #[must_use]
    pub fn is_library(&self) -> bool {
        let mut binaries = self.binaries.iter();
        binaries.all(|binary| binary.hooks.is_empty() && binary.python_imports().next().is_none())
    }

    /// Whether it has a hook of a kind, of those of one architecture.
    #[must_use]
    pub fn has(&self, binary: &Binary, kind: HookKind) -> bool {
        let own = self.hook();
        // What is not ASCII is spelled in another way there, and what is loaded by its path has any name.
        let is_any = !own.is_ascii() || self.name.is_loaded_by_path();
        let mut hooks = binary.hooks.iter().filter(|hook| hook.kind == kind);
        hooks.any(|hook| is_any || hook.module == own)
    }

    /// Whether something else than an import loads it, by its name, and by its hooks, of which none is its own,
    /// and none that it would have without `lib`, as cargo calls what it makes.
    #[must_use]
    pub fn is_like_library(&self) -> bool {
        let hooks = || self.binaries.iter().flat_map(|binary| &binary.hooks);
        let (own, name) = (self.hook(), self.name.module.strip_prefix("lib"));
        let is_own = |hook: &Hook| hook.module == own || Some(hook.module.as_str()) == name;
        let is_named = name.is_some() && self.name.suffix == Suffix::Bare;
        is_named && !self.path.ends_with(".pyd") && !hooks().any(is_own)
    }

    /// Whether it is one at all: a library may have the bare suffix, too.
    #[must_use]
    pub fn is_module(&self) -> bool {
        let is_windows = self.path.ends_with(".pyd");
        let hooks = |binary: &Binary| !binary.hooks.is_empty();
        is_windows || self.name.suffix != Suffix::Bare || self.binaries.iter().any(hooks)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Claim, Module};
    use crate::audit::binary::Binary;
    use crate::audit::claim::{FileName, Tag};
    use crate::audit::machine::Machine::{self, Aarch64, X86, X86_64};
    use crate::audit::symbols::Symbols;
    use crate::model::when::Os;

    /// A file with an architecture for each of these.
    fn file(os: Os, machines: &[Machine]) -> Module {
        let binaries = machines.iter().map(|machine| Binary {
            machine: Some(*machine),
            ..Binary::of_nothing(os)
        });
        Module {
            path: "demo.abi3.so".to_owned(),
            name: FileName::parse("demo.abi3.so").expect("a module's name"),
            binaries: binaries.collect(),
            libraries: BTreeSet::new(),
        }
    }

    #[test]
    fn a_file_is_for_every_mac_and_for_one_of_other_machines() {
        for (platform, os, has, lacks) in [
            (
                "macosx_11_0_universal2",
                Os::Macos,
                &[Aarch64, X86_64][..],
                &[][..],
            ),
            ("macosx_11_0_universal2", Os::Macos, &[Aarch64], &[X86_64]),
            ("macosx_11_0_x86_64", Os::Macos, &[Aarch64, X86_64], &[]),
            ("linux_x86_64.linux_aarch64", Os::Linux, &[Aarch64], &[]),
            ("linux_x86_64", Os::Linux, &[Aarch64], &[X86_64]),
            ("win_amd64", Os::Windows, &[X86], &[X86_64]),
            ("any", Os::Linux, &[Aarch64], &[]),
        ] {
            let tags = Tag::parse(&format!("cp39-abi3-{platform}"));
            let tags = tags.expect("a few tags").expect("tags");
            let claim = Claim::of_tags(&tags, true, Symbols::known());
            let found = Vec::from_iter(file(os, has).lacks(&claim));
            assert_eq!(found, lacks, "{platform} {has:?}");
        }
    }
}

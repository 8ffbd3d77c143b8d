//! Processors, which tags, suffixes and files name each in their own way.

use std::collections::BTreeSet;
use std::fmt;

use object::read::elf::FileHeader;
use object::{Architecture, Endianness, FileKind, Object as _, elf};

use crate::model::when::Os;

/// A processor for which there are CPythons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Machine {
    Aarch64,
    Arm,
    Loongarch64,
    Powerpc64,
    Riscv64,
    S390x,
    X86,
    X86_64,
}

/// As tags of wheels and suffixes have them, the usual word first.
const WORDS: [(Machine, &[&str]); 8] = [
    (Machine::Aarch64, &["aarch64", "arm64"]),
    (
        Machine::Arm,
        &["arm", "armv6l", "armv7l", "armv8l", "arm32"],
    ),
    (Machine::Loongarch64, &["loongarch64"]),
    (
        Machine::Powerpc64,
        &["ppc64le", "ppc64", "powerpc64le", "powerpc64"],
    ),
    (Machine::Riscv64, &["riscv64"]),
    (Machine::S390x, &["s390x"]),
    (Machine::X86, &["i686", "i386", "i486", "i586", "win32"]),
    (Machine::X86_64, &["x86_64", "amd64"]),
];

impl Machine {
    /// Those that the platform of a tag is for; none where it says none that is known.
    #[must_use]
    pub fn of_platform(platform: &str) -> BTreeSet<Machine> {
        if platform.ends_with("_universal2") {
            return BTreeSet::from([Machine::Aarch64, Machine::X86_64]);
        }
        let is_last = |word: &&str| {
            let before = platform.strip_suffix(*word);
            before.is_some_and(|before| before.is_empty() || before.ends_with('_'))
        };
        let named = WORDS.iter().filter(|(_, words)| words.iter().any(&is_last));
        named.map(|(machine, _)| *machine).collect()
    }

    /// That of a file with one architecture; nothing where it is another.
    #[must_use]
    pub fn of_file(data: &[u8]) -> Option<Machine> {
        match FileKind::parse(data).ok()? {
            // A loader reads no more than this of the header.
            FileKind::Elf32 => of_elf::<elf::FileHeader32<Endianness>>(data),
            FileKind::Elf64 => of_elf::<elf::FileHeader64<Endianness>>(data),
            _ => match object::File::parse(data).ok()?.architecture() {
                Architecture::Aarch64 => Some(Machine::Aarch64),
                Architecture::Arm => Some(Machine::Arm),
                Architecture::I386 => Some(Machine::X86),
                Architecture::X86_64 => Some(Machine::X86_64),
                _ => None,
            },
        }
    }

    /// Whether the platform in a suffix, such as `x86_64-linux-gnu`, `darwin` or `win_amd64`, is that of
    /// a file. CPython has not always told musl from glibc.
    #[must_use]
    pub fn is_of_suffix(file: Option<Machine>, os: Os, platform: &str) -> bool {
        let is_for = |named: &str| {
            let named = Machine::of_platform(named);
            named.is_empty() || file.is_some_and(|file| named.contains(&file))
        };
        match os {
            Os::Macos => platform == "darwin",
            Os::Windows => platform.starts_with("win") && is_for(platform),
            Os::Linux => platform
                .split_once("-linux")
                .is_some_and(|(machine, _)| is_for(machine)),
        }
    }
}

fn of_elf<H: FileHeader<Endian = Endianness>>(data: &[u8]) -> Option<Machine> {
    let header = H::parse(data).ok()?;
    match header.e_machine(header.endian().ok()?) {
        elf::EM_386 => Some(Machine::X86),
        elf::EM_AARCH64 => Some(Machine::Aarch64),
        elf::EM_ARM => Some(Machine::Arm),
        elf::EM_LOONGARCH => Some(Machine::Loongarch64),
        elf::EM_PPC64 => Some(Machine::Powerpc64),
        elf::EM_RISCV => Some(Machine::Riscv64),
        elf::EM_S390 => Some(Machine::S390x),
        elf::EM_X86_64 => Some(Machine::X86_64),
        _ => None,
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = WORDS.iter().find(|(machine, _)| machine == self);
        f.write_str(words.map_or("", |(_, words)| words[0]))
    }
}

#[cfg(test)]
mod tests {
    use super::Machine::{self, *};
    use crate::model::when::Os;

    #[test]
    fn platforms_name_processors() {
        for (platform, machines) in [
            ("manylinux_2_28_x86_64", &[X86_64][..]),
            ("musllinux_1_2_aarch64", &[Aarch64]),
            ("manylinux2014_armv7l", &[Arm]),
            ("manylinux2014_ppc64le", &[Powerpc64]),
            ("macosx_10_9_universal2", &[Aarch64, X86_64]),
            ("macosx_11_0_arm64", &[Aarch64]),
            ("win32", &[X86]),
            ("win_amd64", &[X86_64]),
            ("linux_i686", &[X86]),
            ("any", &[]),
        ] {
            let found = Vec::from_iter(Machine::of_platform(platform));
            assert_eq!(found, machines, "{platform}");
        }
    }

    #[test]
    fn a_suffix_names_the_platform_of_its_file() {
        for (platform, os, machine, fits) in [
            ("x86_64-linux-gnu", Os::Linux, X86_64, true),
            ("i386-linux-gnu", Os::Linux, X86, true),
            ("arm-linux-gnueabihf", Os::Linux, Arm, true),
            ("powerpc64le-linux-gnu", Os::Linux, Powerpc64, true),
            ("aarch64-linux-gnu", Os::Linux, X86_64, false),
            ("darwin", Os::Linux, X86_64, false),
            ("darwin", Os::Macos, Aarch64, true),
            ("x86_64-linux-gnu", Os::Macos, X86_64, false),
            ("win_amd64", Os::Windows, X86_64, true),
            ("win_arm64", Os::Windows, X86_64, false),
            ("win32", Os::Windows, X86, true),
        ] {
            let found = Machine::is_of_suffix(Some(machine), os, platform);
            assert_eq!(found, fits, "{platform} on {os:?}");
        }
    }
}

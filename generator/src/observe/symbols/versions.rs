//! The versions of an ELF file's symbols: `area@@LIB_2` is what programs are linked to now, and
//! `area@LIB_1` what those are that were linked before.

use std::collections::BTreeMap;

use object::read::ReadRef as _;
use object::read::elf::{FileHeader, SectionHeader as _, SectionTable};
use object::{Endianness, elf};

use super::room::Room;
use crate::surface::Bound;

/// The version of each symbol of a table.
#[derive(Clone, Debug, Default)]
pub(super) struct Versions<'data> {
    endian: Endianness,
    /// One for each symbol.
    indexes: &'data [elf::Versym<Endianness>],
    /// Those that the file defines, but for its own name.
    names: BTreeMap<u16, &'data str>,
}

/// A list of versions as it lies in a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Definitions<'data> {
    /// From its start on.
    pub(super) data: &'data [u8],
    /// How many there are.
    pub(super) count: u64,
    /// The table that has their names.
    pub(super) names: &'data [u8],
}

impl<'data> Versions<'data> {
    /// From what a loader reads.
    pub(super) fn new(
        endian: Endianness,
        indexes: &'data [elf::Versym<Endianness>],
        definitions: &Definitions<'data>,
    ) -> Result<Self, String> {
        Ok(Versions {
            endian,
            indexes,
            names: definitions.read(endian)?,
        })
    }

    /// From what the section headers list.
    pub(super) fn listed<Elf: FileHeader<Endian = Endianness>>(
        sections: &SectionTable<'data, Elf>,
        endian: Endianness,
        data: &'data [u8],
    ) -> Result<Self, String> {
        let text = |error: object::Error| error.to_string();
        let mut all = sections.iter();
        let definitions = all.find(|one| one.sh_type(endian) == elf::SHT_GNU_VERDEF);
        let indexes = sections.gnu_versym(endian, data).map_err(text)?;
        let (Some(section), Some((indexes, _))) = (definitions, indexes) else {
            return Ok(Versions::default());
        };
        let names = sections.section(section.link(endian)).map_err(text)?;
        let definitions = Definitions {
            data: section.data(endian, data).map_err(text)?,
            count: section.sh_info(endian).into(),
            names: names.data(endian, data).map_err(text)?,
        };
        Versions::new(endian, indexes, &definitions)
    }

    /// Every version that the file defines.
    pub(super) fn names(&self) -> impl Iterator<Item = &'data str> {
        self.names.values().copied()
    }

    /// The version of a symbol, by its place in the table.
    pub(super) fn of(&self, symbol: usize) -> Option<(&'data str, Bound)> {
        let index = self.indexes.get(symbol)?.0.get(self.endian);
        let bound = if index.is_hidden() {
            Bound::Kept
        } else {
            Bound::Linked
        };
        Some((self.names.get(&index.index().0)?, bound))
    }
}

impl<'data> Definitions<'data> {
    /// By index.
    fn read(&self, endian: Endianness) -> Result<BTreeMap<u16, &'data str>, String> {
        let outside = || "its list of versions lies outside of the file".to_owned();
        let (mut names, mut room) = (BTreeMap::new(), Room::of(self.names));
        let mut at: u64 = 0;
        for _ in 0..self.count {
            let (version, name) = self.version(at, endian).ok_or_else(outside)?;
            room.take(name)?;
            if !version.vd_flags.get(endian).contains(elf::VER_FLG_BASE) {
                let name = std::str::from_utf8(name).map_err(|_| outside())?;
                names.insert(version.vd_ndx.get(endian).0, name);
            }
            match version.vd_next.get(endian) {
                0 => break,
                next => at = at.checked_add(next.into()).ok_or_else(outside)?,
            }
        }
        Ok(names)
    }

    /// The version that lies somewhere, and its name.
    fn version(
        &self,
        at: u64,
        endian: Endianness,
    ) -> Option<(&'data elf::Verdef<Endianness>, &'data [u8])> {
        let version: &elf::Verdef<Endianness> = self.data.read_at(at).ok()?;
        let first = at.checked_add(version.vd_aux.get(endian).into())?;
        let first: &elf::Verdaux<Endianness> = self.data.read_at(first).ok()?;
        let start = usize::try_from(first.vda_name.get(endian)).ok()?;
        let name = self.names.get(start..)?.split(|byte| *byte == 0).next()?;
        Some((version, name))
    }
}

//! A file as a loader lays it out in memory: what is at an address, a number or a pointer.

use std::ops::Range;

use object::read::elf::{Dyn as _, FileHeader as _, ProgramHeader as _, Rela as _, Sym as _};
use object::read::macho::{LoadCommandVariant, MachHeader as _};
use object::{Endianness, FileKind, Object as _, ObjectSegment as _, ReadRef as _};
use object::{elf, macho};

use crate::audit::unread::Unread;

/// The bytes of a word.
pub(super) const WORD: u64 = 8;
/// The most places at which a module's name is believed to be: one of a letter ends many strings.
const MOST_NAMES: usize = 1 << 20;
/// How many times the size of a file its segments may have together. Each is gone through, and those of
/// most files share nothing.
const MOST_SEGMENTS: usize = 2;
/// The most pointers that a packed list is believed to have in any file, and else one for so many bytes:
/// few bytes of it stand for many pointers.
const MOST_PACKED: u64 = 1 << 19;
const PACKED_EACH: u64 = 64;
/// What lies lower is no address that anything leads to: it is where a file's own headers are.
const LOWEST: u64 = 0x200;

const OTHER: &str = "only little-endian files of 64 bits are read for slots";
const MANY_POINTERS: &str = "its list of pointers is longer than that of any file, or not whole";

/// What is loaded.
pub(super) struct Image<'data> {
    /// Sorted. None is empty, and each has an end.
    segments: Vec<Segment<'data>>,
    pointers: Pointers,
}

struct Segment<'data> {
    address: u64,
    data: &'data [u8],
}

/// How the file says what is a pointer.
enum Pointers {
    /// By a list, of what lies where. Sorted.
    Listed(Vec<(u64, Target)>),
    /// By what is there: an address of its own. These bits are it.
    InPlace(u64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    Own(u64),
    Other,
}

/// What is in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// No pointer.
    Number(u64),
    /// A pointer into the file.
    Address(u64),
    /// A pointer to what another file has.
    Other,
}

impl<'data> Image<'data> {
    /// Nothing, and why, where the file has words of another size or order, or is laid out as none is. It
    /// has nothing at the addresses of what is not read.
    pub(super) fn read(data: &'data [u8], unread: &Unread) -> Result<Self, &'static str> {
        let image = match FileKind::parse(data) {
            Ok(FileKind::Elf64) => Image::elf(data, unread)?,
            Ok(FileKind::MachO64) => Image::mach(data).ok_or(OTHER)?,
            Ok(FileKind::Pe64) => Image::in_place(data, u64::MAX).ok_or(OTHER)?,
            _ => return Err(OTHER),
        };
        let sizes = image.segments.iter().map(|segment| segment.data.len());
        match sizes.fold(0, usize::saturating_add) <= data.len().saturating_mul(MOST_SEGMENTS) {
            true => Ok(image),
            false => Err("its segments have the same bytes again and again"),
        }
    }

    fn elf(data: &'data [u8], unread: &Unread) -> Result<Self, &'static str> {
        let header = elf::FileHeader64::<Endianness>::parse(data).map_err(|_| OTHER)?;
        let endian = header.endian().map_err(|_| OTHER)?;
        match endian {
            Endianness::Little => Image::of_elf(header, endian, data, unread).ok_or(MANY_POINTERS),
            Endianness::Big => Err(OTHER),
        }
    }

    /// Nothing where a list of pointers leads out of the file, or is too long.
    fn of_elf(
        header: &elf::FileHeader64<Endianness>,
        endian: Endianness,
        data: &'data [u8],
        unread: &Unread,
    ) -> Option<Self> {
        let headers = header.program_headers(endian, data).ok()?;
        let loaded = headers.iter();
        let loaded = loaded.filter(|one| one.p_type(endian) == elf::PT_LOAD);
        let segments = loaded.flat_map(|one| {
            let whole = one.data(endian, data).unwrap_or_default();
            let read = unread.read(one.p_offset(endian), whole);
            read.filter_map(move |(skip, data)| {
                let address = one.p_vaddr(endian).checked_add(skip)?;
                Some(Segment { address, data })
            })
        });
        let mut image = Image::of(segments.collect(), Pointers::Listed(Vec::new()));
        let mut dynamic = headers.iter();
        let dynamic = dynamic.find_map(|one| one.dynamic(endian, data).ok()?)?;
        let value = |tag| {
            let entry = dynamic.iter().find(|entry| entry.tag(endian) == tag)?;
            Some(entry.val(endian))
        };
        let mut listed = Vec::new();
        if let (Some(place), Some(size)) = (value(elf::DT_RELA), value(elf::DT_RELASZ)) {
            let table = image.bytes(place)?;
            let count = usize::try_from(size).ok()? / size_of::<elf::Rela64<Endianness>>();
            let table: &[elf::Rela64<Endianness>] = table.read_slice_at(0, count).ok()?;
            listed.reserve(table.len());
            let symbols = value(elf::DT_SYMTAB).and_then(|place| image.bytes(place));
            for one in table {
                let addend = one.r_addend(endian).cast_unsigned();
                let target = match one.r_sym(endian, false) {
                    0 => Target::Own(addend),
                    index => of_symbol(symbols, index, endian)
                        .map_or(Target::Other, |at| Target::Own(at.wrapping_add(addend))),
                };
                listed.push((one.r_offset(endian), target));
            }
        }
        if let (Some(place), Some(size)) = (value(elf::DT_RELR), value(elf::DT_RELRSZ)) {
            let most = MOST_PACKED.max(data.len() as u64 / PACKED_EACH);
            image.packed(place, size, most, &mut listed)?;
        }
        // Linkers make a few sorted runs, which this only merges.
        listed.sort();
        image.pointers = Pointers::Listed(listed);
        Some(image)
    }

    /// Relocations as bits, where each pointer has its own target in place: no more than `most`.
    fn packed(
        &self,
        place: u64,
        size: u64,
        most: u64,
        listed: &mut Vec<(u64, Target)>,
    ) -> Option<()> {
        let table = self.bytes(place)?.get(..usize::try_from(size).ok()?)?;
        let (mut next, mut left) = (0_u64, most);
        let mut add = |address: u64| {
            left = left.checked_sub(1)?;
            let target = self.raw(address);
            listed.extend(target.map(|target| (address, Target::Own(target))));
            Some(())
        };
        for entry in table.chunks_exact(8) {
            let entry = u64::from_le_bytes(entry.try_into().ok()?);
            if entry & 1 == 0 {
                add(entry)?;
                next = entry.wrapping_add(WORD);
                continue;
            }
            for bit in (1..64).filter(|bit| entry >> bit & 1 == 1) {
                add(next.wrapping_add((bit - 1) * WORD))?;
            }
            next = next.wrapping_add(63 * WORD);
        }
        Some(())
    }

    fn mach(data: &'data [u8]) -> Option<Self> {
        let header = macho::MachHeader64::<Endianness>::parse(data, 0).ok()?;
        let endian = header.endian().ok()?;
        if endian != Endianness::Little {
            return None;
        }
        let mut commands = header.load_commands(endian, data, 0).ok()?;
        let mut is_chained = false;
        while let Some(command) = commands.next().ok()? {
            let chained = command.cmd() == macho::LC_DYLD_CHAINED_FIXUPS;
            is_chained |=
                chained && matches!(command.variant(), Ok(LoadCommandVariant::LinkeditData(_)));
        }
        // Where the pointer is one of a chain, its upper bits say where the next one is.
        let bits = if is_chained { (1 << 36) - 1 } else { u64::MAX };
        Image::in_place(data, bits)
    }

    fn in_place(data: &'data [u8], bits: u64) -> Option<Self> {
        let file = object::File::parse(data).ok()?;
        let segments = file.segments().filter_map(|one| {
            Some(Segment {
                address: one.address(),
                data: one.data().ok()?,
            })
        });
        Some(Image::of(segments.collect(), Pointers::InPlace(bits)))
    }

    fn of(mut segments: Vec<Segment<'data>>, pointers: Pointers) -> Self {
        // What goes beyond the last address lies nowhere.
        let has_end = |one: &Segment<'_>| one.address.checked_add(one.data.len() as u64).is_some();
        segments.retain(|segment| !segment.data.is_empty() && has_end(segment));
        segments.sort_by_key(|segment| segment.address);
        Image { segments, pointers }
    }

    /// From an address to the end of what the file has of its segment.
    pub(super) fn bytes(&self, address: u64) -> Option<&'data [u8]> {
        let after = (self.segments).partition_point(|segment| segment.address <= address);
        let segment = self.segments.get(after.checked_sub(1)?)?;
        let skip = usize::try_from(address - segment.address).ok()?;
        segment.data.get(skip..).filter(|rest| !rest.is_empty())
    }

    /// All that its segments have, and what lies between them.
    fn addresses(&self) -> Range<u64> {
        let end = |segment: &Segment<'_>| segment.address + segment.data.len() as u64;
        let first = self.segments.first().map(|segment| segment.address);
        first.unwrap_or_default()..self.segments.iter().map(end).max().unwrap_or_default()
    }

    fn raw(&self, address: u64) -> Option<u64> {
        let bytes = self.bytes(address)?.get(..8)?;
        Some(u64::from_le_bytes(bytes.try_into().ok()?))
    }

    /// What is in a word; nothing where the file has no such address.
    pub(super) fn word(&self, address: u64) -> Option<Word> {
        let raw = self.raw(address)?;
        Some(match &self.pointers {
            Pointers::Listed(listed) => match listed.binary_search_by_key(&address, |one| one.0) {
                Ok(index) => match listed[index].1 {
                    Target::Own(target) => Word::Address(target),
                    Target::Other => Word::Other,
                },
                Err(_) => Word::Number(raw),
            },
            Pointers::InPlace(bits) => self.in_word(raw, *bits),
        })
    }

    fn in_word(&self, raw: u64, bits: u64) -> Word {
        let target = raw & bits;
        // A pointer to another file has some of these as zeroes, and a size of -1 has none.
        let is_minus = raw >> 32 == u64::from(u32::MAX);
        match target >= LOWEST && self.bytes(target).is_some() {
            _ if is_minus => Word::Number(raw),
            _ if raw >> 63 == 1 && bits != u64::MAX => Word::Other,
            true => Word::Address(target),
            false => Word::Number(raw),
        }
    }

    /// Where a string begins that is a module's name, alone or after those of packages: ranges of
    /// addresses, sorted. Nothing where they are more than any file has.
    pub(super) fn names(&self, module: &str) -> Option<Vec<Range<u64>>> {
        let wanted = format!("{module}\0");
        let finder = memchr::memmem::Finder::new(&wanted);
        let mut places = Vec::new();
        for segment in &self.segments {
            for found in finder.find_iter(segment.data) {
                if places.len() == MOST_NAMES {
                    return None;
                }
                let before = segment.data[..found].iter().rev();
                let is_name =
                    |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(**byte, b'_' | b'.');
                let packages = before.take_while(is_name).count() as u64;
                let at = segment.address + found as u64;
                places.push(at - packages..at + 1);
            }
        }
        Some(places)
    }

    /// Whether what begins at an address is a module's name, one of these places having been found.
    pub(super) fn is_name(&self, address: u64, places: &[Range<u64>]) -> bool {
        let after = places.partition_point(|place| place.start <= address);
        let place = after.checked_sub(1).map(|index| &places[index]);
        let Some(place) = place.filter(|place| place.contains(&address)) else {
            return false;
        };
        let packages = usize::try_from(place.end - 1 - address).unwrap_or_default();
        let text = self.bytes(address).and_then(|text| text.get(..packages));
        text.is_some_and(|text| text.is_empty() || text.ends_with(b"."))
    }

    /// Every pointer into the file, with where it is.
    pub(super) fn pointers(&self) -> Box<dyn Iterator<Item = (u64, u64)> + '_> {
        match &self.pointers {
            Pointers::Listed(listed) => {
                Box::new(listed.iter().filter_map(|(at, target)| match target {
                    Target::Own(target) => Some((*at, *target)),
                    Target::Other => None,
                }))
            }
            Pointers::InPlace(bits) => {
                let all = self.addresses();
                Box::new(self.segments.iter().flat_map(move |segment| {
                    let words = segment.data.chunks_exact(8).enumerate();
                    let all = all.clone();
                    words.filter_map(move |(index, word)| {
                        let raw = u64::from_le_bytes(word.try_into().ok()?);
                        // Most words are no address at all, and this is the fastest way to see it.
                        let raw = all.contains(&(raw & bits)).then_some(raw)?;
                        match self.in_word(raw, *bits) {
                            Word::Address(target) => {
                                Some((segment.address + index as u64 * WORD, target))
                            }
                            _ => None,
                        }
                    })
                }))
            }
        }
    }
}

/// The address of a symbol that the file itself has.
fn of_symbol(table: Option<&[u8]>, index: u32, endian: Endianness) -> Option<u64> {
    let size = size_of::<elf::Sym64<Endianness>>() as u64;
    let symbol: &elf::Sym64<Endianness> = table?.read_at(u64::from(index) * size).ok()?;
    (symbol.st_shndx(endian) != elf::SHN_UNDEF).then(|| symbol.st_value(endian))
}

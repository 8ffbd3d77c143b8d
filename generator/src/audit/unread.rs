//! What nobody looks at in a module: its machine code, and what no segment loads. Of a large one it is not kept.

use std::ops::Range;

use object::read::elf::{Dyn as _, FileHeader as _, ProgramHeader as _, SectionHeader as _};
use object::{Endianness, Object as _, ObjectSegment as _, elf};

use crate::observe::symbols::TABLES;

/// So many bytes of a file have its program headers, wherever linkers made them.
pub(super) const START: u64 = 1 << 12;
/// Memory comes in pieces of so many bytes at least.
const PAGE: u64 = 1 << 12;

type Header = elf::FileHeader64<Endianness>;
type Segment = elf::ProgramHeader64<Endianness>;
type Section = elf::SectionHeader64<Endianness>;

/// The segment of Mach-O in which all is for linkers and loaders, names in spellings of their own too.
const LINKS: &str = "__LINKEDIT";

/// The places of a file where nothing else is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Unread {
    /// Sorted, none of which meet, nor is one empty.
    places: Vec<Range<u64>>,
}

impl Unread {
    /// Of a file, which may be without them: none where anything that is looked at may be there. Of formats that
    /// are not read in parts, it is what no segment loads.
    pub(super) fn of_file(data: &[u8]) -> Unread {
        if Header::parse(data).is_err() {
            return Unread::of_another_format(data).unwrap_or_default();
        }
        let start = &data[..data.len().min(START as usize)];
        let unread = Unread::of(start, data.len() as u64);
        match unread.is_apart(data) {
            true => unread,
            false => Unread::default(),
        }
    }

    /// By the headers of a file of so many bytes that begins so. Linkers put code into segments of its own,
    /// and where they did not, there is none.
    pub(super) fn of(start: &[u8], size: u64) -> Unread {
        let Ok(headers) = headers(start) else {
            return Unread::default();
        };
        let (_, endian, segments) = headers;
        let is_code = |segment: &&Segment| {
            segment.p_type(endian) == elf::PT_LOAD
                && segment.p_flags(endian) == elf::PF_R | elf::PF_X
        };
        let place_of = |segment: &Segment| place(segment, endian);
        let is_alone = |one: &&Segment| {
            let mut others = segments.iter().filter(|other| !std::ptr::eq(*other, *one));
            place_of(one).start >= START
                && !others.any(|other| meet(&place_of(one), &place_of(other)))
        };
        let code = segments.iter().filter(is_code).filter(is_alone);
        Unread::at(code.map(place_of).chain(not_loaded(headers, size)), size)
    }

    fn of_another_format(data: &[u8]) -> Option<Unread> {
        let file = object::File::parse(data).ok()?;
        let segments = file.segments();
        let segments = segments.filter(|one| one.name() != Ok(Some(LINKS)));
        let mut loaded = Vec::from_iter(segments.map(|one| one.file_range()));
        loaded.sort_unstable();
        let mut at = 0;
        let mut between = Vec::new();
        for (start, size) in loaded {
            between.push(at..start);
            at = at.max(start.saturating_add(size));
        }
        let size = data.len() as u64;
        between.push(at..size);
        Some(Unread::at(between, size))
    }

    /// Those of the places that a file of so many bytes has.
    pub(super) fn at(places: impl IntoIterator<Item = Range<u64>>, size: u64) -> Unread {
        let places = places.into_iter();
        let mut places =
            Vec::from_iter(places.filter(|place| !place.is_empty() && place.end <= size));
        places.sort_by_key(|place| place.start);
        Unread { places }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// How many bytes need not be kept.
    pub(super) fn size(&self) -> u64 {
        self.pages().map(|place| place.end - place.start).sum()
    }

    /// The first byte that need not be kept.
    pub(super) fn first(&self) -> Option<u64> {
        self.pages().map(|place| place.start).next()
    }

    /// The whole pages of it, which nothing else shares.
    fn pages(&self) -> impl Iterator<Item = Range<u64>> {
        self.places.iter().filter_map(|place| {
            let start = place.start.checked_next_multiple_of(PAGE)?;
            let end = place.end / PAGE * PAGE;
            (start < end).then_some(start..end)
        })
    }

    /// A file of so many bytes, piece by piece, and whether each need not be kept.
    pub(super) fn pieces(&self, size: u64) -> Vec<(Range<u64>, bool)> {
        cut(self.pages(), size)
    }

    /// The parts of something that lies in a file that are looked at, each with its distance from the
    /// beginning of that.
    pub(super) fn read<'data>(
        &self,
        offset: u64,
        data: &'data [u8],
    ) -> impl Iterator<Item = (u64, &'data [u8])> {
        let end = offset.saturating_add(data.len() as u64);
        let pieces = cut(self.places.iter().cloned(), end).into_iter();
        let read = pieces.filter(|(_, is_unread)| !is_unread);
        read.filter_map(move |(place, _)| {
            let (from, to) = (place.start.max(offset), place.end);
            let range = usize::try_from(from - offset).ok()?
                ..usize::try_from(to.checked_sub(offset)?).ok()?;
            Some((from - offset, data.get(range)?))
        })
    }

    /// Whether all that is looked at lies elsewhere, by a file without these places: what its dynamic segment
    /// leads to, its section headers, and its sections. A file without section headers may have anything
    /// there.
    pub(super) fn is_apart(&self, data: &[u8]) -> bool {
        self.is_empty() || self.is_read_apart(data).unwrap_or(false)
    }

    fn is_read_apart(&self, data: &[u8]) -> object::Result<bool> {
        let (header, endian, segments) = headers(data)?;
        let leads_there = |address: u64| {
            let loaded = segments.iter();
            let mut loaded = loaded.filter(|one| one.p_type(endian) == elf::PT_LOAD);
            loaded.any(|one| {
                let start = one.p_vaddr(endian);
                let is_there =
                    (start..start.saturating_add(one.p_filesz(endian))).contains(&address);
                is_there && self.meets(&place(one, endian))
            })
        };
        let dynamic = segments
            .iter()
            .find_map(|one| one.dynamic(endian, data).ok()?);
        let entries = dynamic.unwrap_or_default().iter();
        let mut entries = entries.filter(|one| leads_to_table(one.tag(endian)));
        if entries.any(|one| leads_there(one.val(endian))) {
            return Ok(false);
        }
        let sections = header.sections(endian, data)?;
        if sections.is_empty() || self.meets(&section_headers(header, endian, sections.len())) {
            return Ok(false);
        }
        let names_of = |one: &Section| sections.section(one.link(endian)).ok();
        let tables = sections.iter().filter(|one| is_table(one, endian));
        let tables = tables.flat_map(|one| [Some(one), names_of(one)]).flatten();
        let loaded = sections.iter().filter(|one| is_loaded_data(one, endian));
        Ok(!loaded.chain(tables).any(|one| {
            let start = one.sh_offset(endian);
            self.meets(&(start..start.saturating_add(one.sh_size(endian))))
        }))
    }

    fn meets(&self, place: &Range<u64>) -> bool {
        self.places.iter().any(|unread| meet(unread, place))
    }
}

/// What a file begins with.
type Headers<'data> = (&'data Header, Endianness, &'data [Segment]);

fn headers(data: &[u8]) -> object::Result<Headers<'_>> {
    let header = Header::parse(data)?;
    let endian = header.endian()?;
    Ok((header, endian, header.program_headers(endian, data)?))
}

/// What lies behind the end of all segments in a file of so many bytes, without the section headers. Nothing
/// where those lie elsewhere.
fn not_loaded((header, endian, segments): Headers<'_>, size: u64) -> [Range<u64>; 2] {
    let ends = segments.iter().map(|segment| place(segment, endian).end);
    let end = ends.fold(START, u64::max);
    let listed = section_headers(header, endian, header.e_shnum(endian).into());
    match end <= listed.start && !listed.is_empty() {
        true => [end..listed.start, listed.end..size],
        false => [0..0, 0..0],
    }
}

/// Where so many section headers are.
fn section_headers(header: &Header, endian: Endianness, count: usize) -> Range<u64> {
    let start = header.e_shoff(endian);
    let size = count as u64 * u64::from(header.e_shentsize(endian));
    start..start.saturating_add(size)
}

/// Whether it is loaded, and no code.
fn is_loaded_data(section: &Section, endian: Endianness) -> bool {
    let flags = section.sh_flags(endian);
    section.sh_type(endian) != elf::SHT_NOBITS
        && flags.contains(elf::SHF_ALLOC)
        && !flags.contains(elf::SHF_EXECINSTR)
}

/// Whether it is one of those that tell what a file exports, whatever else they say of themselves.
fn is_table(section: &Section, endian: Endianness) -> bool {
    [
        elf::SHT_DYNSYM,
        elf::SHT_SYMTAB_SHNDX,
        elf::SHT_GNU_VERSYM,
        elf::SHT_GNU_VERDEF,
        elf::SHT_GNU_VERNEED,
    ]
    .contains(&section.sh_type(endian))
}

/// Whether an entry of the dynamic segment leads to what is looked at.
fn leads_to_table(tag: elf::DynamicTag) -> bool {
    [elf::DT_SYMTAB, elf::DT_RELR].contains(&tag) || TABLES.contains(&tag)
}

fn place(segment: &Segment, endian: Endianness) -> Range<u64> {
    let (start, size) = segment.file_range(endian);
    start..start.saturating_add(size)
}

fn meet(a: &Range<u64>, b: &Range<u64>) -> bool {
    a.start.max(b.start) < a.end.min(b.end)
}

/// So many bytes, cut where sorted places begin and end, each with whether it is one of them.
fn cut(places: impl Iterator<Item = Range<u64>>, size: u64) -> Vec<(Range<u64>, bool)> {
    let mut pieces = Vec::new();
    let mut at = 0;
    for place in places {
        pieces.push((at..place.start.min(size), false));
        pieces.push((place.start.min(size)..place.end.min(size), true));
        at = place.end.min(size);
    }
    pieces.push((at..size, false));
    pieces.retain(|(piece, _)| !piece.is_empty());
    pieces
}

#[cfg(all(test, target_os = "linux", target_pointer_width = "64"))]
mod tests {
    use std::{env, fs};

    use object::read::elf::{Dyn as _, FileHeader as _, ProgramHeader as _, SectionHeader as _};
    use object::{Endianness, elf};

    use super::{Header, START, Section, Unread};
    use crate::observe::symbols;

    /// An executable as linkers make it: this one.
    fn linked() -> (Vec<u8>, Unread) {
        let own = env::current_exe().and_then(fs::read);
        let own = own.expect("the test is a file");
        let unread = Unread::of(&own[..START as usize], own.len() as u64);
        (own, unread)
    }

    fn without(unread: &Unread, mut data: Vec<u8>) -> Vec<u8> {
        for (place, is_unread) in unread.pieces(data.len() as u64) {
            if is_unread {
                data[place.start as usize..place.end as usize].fill(0);
            }
        }
        data
    }

    #[test]
    fn pieces_are_all_of_a_file() {
        let (own, unread) = linked();
        let mut at = 0;
        let mut left_out = 0;
        for (place, is_unread) in unread.pieces(own.len() as u64) {
            assert_eq!(place.start, at);
            at = place.end;
            left_out += if is_unread {
                place.end - place.start
            } else {
                0
            };
        }
        assert_eq!(at, own.len() as u64);
        assert_eq!(left_out, unread.size());
    }

    #[test]
    fn code_and_what_is_not_loaded_are_unread() {
        let (_, unread) = linked();
        assert_eq!(unread.places.len(), 2, "{unread:?}");
        for place in unread.pages() {
            assert!(place.end - place.start > 1 << 18, "{unread:?}");
        }
    }

    #[test]
    fn nothing_that_is_looked_at_is_unread() {
        let (own, unread) = linked();
        let imports = symbols::imports(&own).expect("it is loaded");
        let exports = symbols::of_bytes(&own).expect("it has symbols");
        let kept = without(&unread, own);
        assert!(unread.is_apart(&kept));
        assert_eq!(symbols::imports(&kept), Ok(imports));
        assert_eq!(symbols::of_bytes(&kept), Ok(exports));
    }

    #[test]
    fn what_goes_beyond_the_file_is_not_believed() {
        let (own, unread) = linked();
        assert!(unread.size() > 0);
        assert_eq!(Unread::of(&own[..START as usize], START).size(), 0);
    }

    #[test]
    fn a_file_without_section_headers_may_have_anything_there() {
        let (own, unread) = linked();
        let mut kept = without(&unread, own);
        let inside = unread.places[0].start;
        assert!(unread.is_apart(&kept));
        for place in [0, inside] {
            kept[0x28..0x30].copy_from_slice(&place.to_le_bytes());
            assert!(!unread.is_apart(&kept), "{place}");
        }
    }

    #[test]
    fn what_is_read_of_a_segment_is_the_rest() {
        let unread = Unread {
            places: Vec::from_iter([0x2000..0x3000, 0x3000..0x4000]),
        };
        let data = [0_u8; 0x4000];
        let read = |offset: u64| {
            Vec::from_iter(
                unread
                    .read(offset, &data)
                    .map(|(at, part)| (at, part.len())),
            )
        };
        assert_eq!(read(0x1000), [(0, 0x1000), (0x3000, 0x1000)]);
        assert_eq!(read(0x2800), [(0x1800, 0x2800)]);
        assert_eq!(read(0x4000), [(0, 0x4000)]);
    }

    /// A file could hide its tables there, for loaders or for those who read section headers.
    #[test]
    fn a_section_with_symbols_that_is_not_loaded_is_seen() {
        let (own, unread) = linked();
        let kept = without(&unread, own);
        let header = Header::parse(kept.as_slice()).unwrap();
        let sections = header
            .sections(Endianness::Little, kept.as_slice())
            .unwrap();
        let inside = unread.places[1].start;
        let of = |kind| {
            let mut sections = sections.enumerate();
            sections.find(|(_, one)| one.sh_type(Endianness::Little) == kind)
        };
        let (symbols, table) = of(elf::SHT_DYNSYM).unwrap();
        let (versions, _) = of(elf::SHT_GNU_VERSYM).unwrap();
        let names = table.link(Endianness::Little);
        for index in [symbols, names, versions] {
            let mut hidden = kept.clone();
            let place =
                header.e_shoff(Endianness::Little) as usize + index.0 * size_of::<Section>();
            hidden[place + 8..place + 16].fill(0);
            hidden[place + 24..place + 32].copy_from_slice(&inside.to_le_bytes());
            assert!(!unread.is_apart(&hidden), "section {index}");
        }
    }

    #[test]
    fn a_table_in_code_is_seen() {
        let (own, unread) = linked();
        let kept = without(&unread, own);
        let header = Header::parse(kept.as_slice()).unwrap();
        let segments = header
            .program_headers(Endianness::Little, kept.as_slice())
            .unwrap();
        let of = |kind| {
            segments
                .iter()
                .find(|one| one.p_type(Endianness::Little) == kind)
        };
        let is_code = |one: &&super::Segment| {
            one.p_flags(Endianness::Little).contains(elf::PF_X)
                && one.p_filesz(Endianness::Little) > 0
        };
        let there = segments.iter().find(is_code).unwrap();
        let address = there.p_vaddr(Endianness::Little) + (2 << 12);
        let dynamic = of(elf::PT_DYNAMIC).unwrap();
        let entries = dynamic
            .dynamic(Endianness::Little, kept.as_slice())
            .unwrap()
            .unwrap();
        let start = dynamic.p_offset(Endianness::Little) as usize;
        for tag in [
            elf::DT_SYMTAB,
            elf::DT_STRTAB,
            elf::DT_GNU_HASH,
            elf::DT_RELA,
        ] {
            let index = entries
                .iter()
                .position(|one| one.tag(Endianness::Little) == tag)
                .unwrap();
            let mut hidden = kept.clone();
            let value = start + index * 16 + 8;
            hidden[value..value + 8].copy_from_slice(&address.to_le_bytes());
            assert!(!unread.is_apart(&hidden), "{tag:?}");
        }
    }
}

#[cfg(test)]
mod tests_of_other_formats {
    use super::Unread;

    /// A file of so many bytes that begins with these numbers, each of so many bytes, and has a text.
    fn file(size: usize, numbers: &[(usize, u64)], texts: &[(usize, &str)]) -> Vec<u8> {
        let mut data = Vec::new();
        for (bytes, number) in numbers {
            data.extend(&number.to_le_bytes()[..*bytes]);
        }
        data.resize(size, 0);
        for (at, text) in texts {
            data[*at..at + text.len()].copy_from_slice(text.as_bytes());
        }
        data
    }

    /// There, names of C have one more underscore.
    #[test]
    fn what_mach_o_has_for_linkers_is_unread() {
        const BUNDLE: [u64; 8] = [0xfeed_facf, 0x0100_0007, 3, 8, 2, 2 * 72, 0, 0];
        let mut numbers = Vec::from_iter(BUNDLE.map(|number| (4, number)));
        for (start, size) in [(0, 0x1000), (0x1000, 0x100)] {
            numbers.extend([(4, 0x19), (4, 72), (8, 0), (8, 0)]);
            numbers.extend([start, size, start, size].map(|number| (8, number)));
            numbers.extend([(4, 1), (4, 1), (4, 0), (4, 0)]);
        }
        let names = [(32 + 8, "__TEXT"), (32 + 72 + 8, "__LINKEDIT")];
        let unread = Unread::of_file(&file(0x1200, &numbers, &names));
        assert_eq!(unread.places, std::slice::from_ref(&(0x1000..0x1200)));
    }

    /// Behind the sections, MinGW has the names of all functions for debuggers.
    #[test]
    fn what_is_in_no_section_of_pe_is_unread() {
        let mut numbers = vec![(2, 0x5a4d)];
        numbers.extend([(2, 0); 29]);
        numbers.extend([(4, 64), (4, 0x4550)]);
        // A file for x86-64 with one section and sixteen directories.
        numbers.extend([
            (2, 0x8664),
            (2, 1),
            (4, 0),
            (4, 0),
            (4, 0),
            (2, 240),
            (2, 0x2022),
        ]);
        numbers.push((2, 0x20b));
        numbers.extend([(2, 0); 53]);
        numbers.push((4, 16));
        numbers.extend([(8, 0); 16]);
        numbers.extend([(8, 0), (4, 0x200), (4, 0x1000), (4, 0x200), (4, 0x200)]);
        let unread = Unread::of_file(&file(0x500, &numbers, &[]));
        assert_eq!(unread.places, Vec::from_iter([0..0x200, 0x400..0x500]));
    }
}

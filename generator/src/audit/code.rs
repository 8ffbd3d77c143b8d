//! The machine code of a large module. Nothing in it is looked at, so it need not be kept.

use std::ops::Range;

use object::read::elf::{Dyn as _, FileHeader as _, ProgramHeader as _, SectionHeader as _};
use object::{Endianness, elf};

/// So many bytes of a file have its program headers, wherever linkers made them.
pub(super) const START: u64 = 1 << 12;
/// Memory comes in pieces of so many bytes at least.
const PAGE: u64 = 1 << 12;

type Header = elf::FileHeader64<Endianness>;
type Segment = elf::ProgramHeader64<Endianness>;

/// The places of a file where only code is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Code {
    /// Whole pages, sorted, none of which meet.
    places: Vec<Range<u64>>,
}

impl Code {
    /// By the program headers of a file of so many bytes that begins so. Linkers put code into segments of its
    /// own, and where they did not, there is none.
    pub(super) fn of(start: &[u8], size: u64) -> Code {
        let segments = Header::parse(start).and_then(|header| {
            let endian = header.endian()?;
            Ok((endian, header.program_headers(endian, start)?))
        });
        let Ok((endian, segments)) = segments else {
            return Code::default();
        };
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
        let places = code.map(place_of).filter(|place| place.end <= size);
        let mut places = Vec::from_iter(places.filter_map(pages));
        places.sort_by_key(|place| place.start);
        Code { places }
    }

    /// How many bytes it has.
    pub(super) fn size(&self) -> u64 {
        self.places
            .iter()
            .map(|place| place.end - place.start)
            .sum()
    }

    /// A file of so many bytes, piece by piece, and whether each is code.
    pub(super) fn pieces(&self, size: u64) -> impl Iterator<Item = (Range<u64>, bool)> {
        let mut pieces = Vec::new();
        let mut at = 0;
        for place in &self.places {
            pieces.push((at..place.start.min(size), false));
            pieces.push((place.start.min(size)..place.end.min(size), true));
            at = place.end.min(size);
        }
        pieces.push((at..size, false));
        pieces.into_iter().filter(|(place, _)| !place.is_empty())
    }

    /// The parts of something that lies in a file that are not left out, each with its distance from the
    /// beginning of that.
    pub(super) fn kept<'data>(
        &self,
        offset: u64,
        data: &'data [u8],
    ) -> impl Iterator<Item = (u64, &'data [u8])> {
        let end = offset.saturating_add(data.len() as u64);
        let kept = self.pieces(end).filter(|(_, is_code)| !is_code);
        kept.filter_map(move |(place, _)| {
            let (from, to) = (place.start.max(offset), place.end);
            let range = usize::try_from(from - offset).ok()?
                ..usize::try_from(to.checked_sub(offset)?).ok()?;
            Some((from - offset, data.get(range)?))
        })
    }

    /// Whether all that is looked at lies elsewhere, by a file without its code: what its dynamic segment
    /// leads to, its section headers, and the sections that are not code. A file without section headers
    /// may have anything there.
    pub(super) fn is_apart(&self, data: &[u8]) -> bool {
        self.places.is_empty() || self.is_kept_apart(data).unwrap_or(false)
    }

    fn is_kept_apart(&self, data: &[u8]) -> object::Result<bool> {
        let header = Header::parse(data)?;
        let endian = header.endian()?;
        let segments = header.program_headers(endian, data)?;
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
        let mut entries = entries.filter(|one| !is_function(one.tag(endian)));
        if entries.any(|one| leads_there(one.val(endian))) {
            return Ok(false);
        }
        let sections = header.sections(endian, data)?;
        let headers = header.e_shoff(endian);
        let size = sections.len() as u64 * u64::from(header.e_shentsize(endian));
        if sections.is_empty() || self.meets(&(headers..headers.saturating_add(size))) {
            return Ok(false);
        }
        let mut others = sections.iter().filter(|one| {
            one.sh_type(endian) != elf::SHT_NOBITS
                && !one.sh_flags(endian).contains(elf::SHF_EXECINSTR)
        });
        Ok(!others.any(|one| {
            let start = one.sh_offset(endian);
            self.meets(&(start..start.saturating_add(one.sh_size(endian))))
        }))
    }

    fn meets(&self, place: &Range<u64>) -> bool {
        self.places.iter().any(|code| meet(code, place))
    }
}

/// Entries of the dynamic segment that lead to code.
fn is_function(tag: elf::DynamicTag) -> bool {
    [elf::DT_INIT, elf::DT_FINI, elf::DT_TLSDESC_PLT].contains(&tag)
}

fn place(segment: &Segment, endian: Endianness) -> Range<u64> {
    let (start, size) = segment.file_range(endian);
    start..start.saturating_add(size)
}

fn meet(a: &Range<u64>, b: &Range<u64>) -> bool {
    a.start.max(b.start) < a.end.min(b.end)
}

/// The pages that nothing else shares.
fn pages(place: Range<u64>) -> Option<Range<u64>> {
    let (start, end) = (
        place.start.checked_next_multiple_of(PAGE)?,
        place.end / PAGE * PAGE,
    );
    (start < end).then_some(start..end)
}

#[cfg(all(test, target_os = "linux", target_pointer_width = "64"))]
mod tests {
    use std::{env, fs};

    use object::read::elf::{Dyn as _, FileHeader as _, ProgramHeader as _};
    use object::{Endianness, elf};

    use super::{Code, Header, START};
    use crate::observe::symbols;

    /// An executable as linkers make it: this one.
    fn linked() -> (Vec<u8>, Code) {
        let own = env::current_exe().and_then(fs::read);
        let own = own.expect("the test is a file");
        let code = Code::of(&own[..START as usize], own.len() as u64);
        (own, code)
    }

    fn without(code: &Code, mut data: Vec<u8>) -> Vec<u8> {
        for (place, is_code) in code.pieces(data.len() as u64) {
            if is_code {
                data[place.start as usize..place.end as usize].fill(0);
            }
        }
        data
    }

    #[test]
    fn pieces_are_all_of_a_file() {
        let (own, code) = linked();
        let mut at = 0;
        let mut left_out = 0;
        for (place, is_code) in code.pieces(own.len() as u64) {
            assert_eq!(place.start, at);
            at = place.end;
            left_out += if is_code { place.end - place.start } else { 0 };
        }
        assert_eq!(at, own.len() as u64);
        assert_eq!(left_out, code.size());
        assert!(
            code.size() > 1 << 20,
            "a megabyte of code at least: {code:?}"
        );
    }

    #[test]
    fn nothing_that_is_looked_at_is_code() {
        let (own, code) = linked();
        let imports = symbols::imports(&own).expect("it is loaded");
        let kept = without(&code, own);
        assert!(code.is_apart(&kept));
        assert_eq!(symbols::imports(&kept), Ok(imports));
    }

    #[test]
    fn what_goes_beyond_the_file_is_not_believed() {
        let (own, code) = linked();
        assert!(code.size() > 0);
        assert_eq!(Code::of(&own[..START as usize], START).size(), 0);
    }

    #[test]
    fn a_file_without_section_headers_may_have_anything_there() {
        let (own, code) = linked();
        let mut kept = without(&code, own);
        let inside = code.places[0].start;
        assert!(code.is_apart(&kept));
        for place in [0, inside] {
            kept[0x28..0x30].copy_from_slice(&place.to_le_bytes());
            assert!(!code.is_apart(&kept), "{place}");
        }
    }

    #[test]
    fn what_is_kept_of_a_segment_is_what_is_no_code() {
        let code = Code {
            places: Vec::from_iter([0x2000..0x3000, 0x3000..0x4000]),
        };
        let data = [0_u8; 0x4000];
        let kept = |offset: u64| {
            Vec::from_iter(code.kept(offset, &data).map(|(at, part)| (at, part.len())))
        };
        assert_eq!(kept(0x1000), [(0, 0x1000), (0x3000, 0x1000)]);
        assert_eq!(kept(0x2800), [(0x1800, 0x2800)]);
        assert_eq!(kept(0x4000), [(0, 0x4000)]);
    }

    /// A file could hide its tables there.
    #[test]
    fn a_table_in_code_is_seen() {
        let (own, code) = linked();
        let kept = without(&code, own);
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
            assert!(!code.is_apart(&hidden), "{tag:?}");
        }
    }
}

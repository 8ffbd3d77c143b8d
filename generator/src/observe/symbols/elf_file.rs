//! What an ELF file exports.

use std::collections::{BTreeMap, BTreeSet};

use object::read::elf::{Dyn as _, FileHeader, GnuHashTable, HashTable, ProgramHeader as _, Sym};
use object::read::{ReadRef as _, StringTable};
use object::{Endianness, U64, elf};

use super::room::Room;
use super::versions::{Definitions, Versions};
use super::{Export, Exported, Exports, Import, Imports, is_whole};
use crate::surface::{Bound, Symbol};

/// The tables that a dynamic segment names by their addresses, of those that linkers lay out beside symbols.
pub(crate) const TABLES: [elf::DynamicTag; 9] = [
    elf::DT_STRTAB,
    elf::DT_HASH,
    elf::DT_GNU_HASH,
    elf::DT_VERSYM,
    elf::DT_VERNEED,
    elf::DT_VERDEF,
    elf::DT_RELA,
    elf::DT_REL,
    elf::DT_JMPREL,
];

/// The program headers are what a loader reads; a file without section headers runs as well. Where
/// there are both they must say the same.
pub(super) fn exports<Elf: FileHeader<Endian = Endianness>>(
    data: &[u8],
) -> Result<Exports, String> {
    let text = |error: object::Error| error.to_string();
    let header = Elf::parse(data).map_err(text)?;
    let endian = header.endian().map_err(text)?;
    let loaded = Loaded::find(header, endian, data)?
        .map(|loaded| {
            let names = Names {
                endian,
                names: loaded.names,
                versions: &loaded.versions,
                room: Room::of(data),
            };
            names.collect::<Elf>(loaded.table)
        })
        .transpose()?;
    let sections = header.sections(endian, data).map_err(text)?;
    let table = sections
        .symbols(endian, data, elf::SHT_DYNSYM)
        .map_err(text)?;
    let listed = (!table.is_empty())
        .then(|| {
            let versions = Versions::listed(&sections, endian, data)?;
            let names = Names {
                endian,
                names: table.strings(),
                versions: &versions,
                room: Room::of(data),
            };
            names.collect::<Elf>(table.symbols())
        })
        .transpose()?;
    match (loaded, listed) {
        (Some(loaded), Some(listed)) if loaded != listed => Err(format!(
            "its program headers and its section headers disagree on what it exports, on `{}`",
            differing(&loaded, &listed)
        )),
        (Some(exports), _) | (None, Some(exports)) => Ok(exports),
        (None, None) => Err("it has no table of dynamic symbols".to_owned()),
    }
}

fn differing(a: &Exports, b: &Exports) -> String {
    let only = |a: &Exports, b: &Exports| {
        let mut names = a.names.iter();
        names.find_map(|(name, export)| (b.names.get(name) != Some(export)).then(|| name.clone()))
    };
    (only(a, b).or_else(|| only(b, a))).unwrap_or_else(|| "the versions of symbols".to_owned())
}

/// What a file takes from others.
pub(super) fn imports<Elf: FileHeader<Endian = Endianness>>(
    data: &[u8],
) -> Result<Imports, String> {
    let text = |error: object::Error| error.to_string();
    let header = Elf::parse(data).map_err(text)?;
    let endian = header.endian().map_err(text)?;
    let loaded = Loaded::find(header, endian, data)?;
    let loaded = loaded.ok_or("it has no dynamic segment, so nothing can load it")?;
    let mut room = Room::of(data);
    let mut imports = Imports {
        names: BTreeMap::new(),
        needed: loaded.needed,
    };
    for symbol in loaded
        .table
        .iter()
        .filter(|symbol| symbol.is_undefined(endian))
    {
        let name = symbol.name(endian, loaded.names).map_err(text)?;
        room.take(name)?;
        let name = std::str::from_utf8(name).map_err(|error| error.to_string())?;
        if name.is_empty() {
            continue;
        }
        let import = Import {
            is_optional: symbol.st_bind() == elf::STB_WEAK,
            library: None,
        };
        imports.names.insert(name.to_owned(), import);
    }
    Ok(imports)
}

/// What the dynamic segment leads to.
struct Loaded<'data, Elf: FileHeader<Endian = Endianness>> {
    table: &'data [Elf::Sym],
    names: StringTable<'data>,
    versions: Versions<'data>,
    /// The libraries that a loader loads before.
    needed: BTreeSet<String>,
}

impl<'data, Elf: FileHeader<Endian = Endianness>> Loaded<'data, Elf> {
    /// None where there is no such segment.
    fn find(header: &Elf, endian: Endianness, data: &'data [u8]) -> Result<Option<Self>, String> {
        let fail = |error: object::Error| error.to_string();
        let segments = header.program_headers(endian, data).map_err(fail)?;
        let Some(dynamic) = segments
            .iter()
            .find_map(|segment| segment.dynamic(endian, data).transpose())
        else {
            return Ok(None);
        };
        let dynamic = dynamic.map_err(fail)?;
        let loaded = segments.iter();
        let loaded = loaded.filter(|segment| segment.p_type(endian) == elf::PT_LOAD);
        is_whole(loaded.map(|segment| segment.file_range(endian)), data)?;
        let value = |tag| {
            let entry = dynamic.iter().find(|entry| entry.tag(endian) == tag)?;
            Some(entry.val(endian))
        };
        let (Some(symbols), Some(strings), Some(strings_size)) = (
            value(elf::DT_SYMTAB),
            value(elf::DT_STRTAB),
            value(elf::DT_STRSZ),
        ) else {
            return Err("its dynamic segment names no symbols".to_owned());
        };
        // From an address to the end of what the file has of its segment.
        let at = |address: u64| {
            segments.iter().find_map(|segment| {
                let start: u64 = segment.p_vaddr(endian).into();
                let (offset, size) = segment.file_range(endian);
                let inside = segment.p_type(endian) == elf::PT_LOAD
                    && address.checked_sub(start).is_some_and(|skip| skip < size);
                let skip = address.checked_sub(start).filter(|_| inside)?;
                let whole: &[u8] = data.read_bytes_at(offset, size).ok()?;
                whole.get(usize::try_from(skip).ok()?..)
            })
        };
        let outside = |what: &str| format!("its {what} lies outside of the file");
        let table = at(symbols).ok_or_else(|| outside("symbol table"))?;
        let text = at(strings)
            .and_then(|names| names.get(..usize::try_from(strings_size).ok()?))
            .ok_or_else(|| outside("string table"))?;
        let is_wide = has_wide_hash(header, endian);
        let by_hash = || {
            let hash = value(elf::DT_HASH).and_then(at)?;
            match is_wide {
                true => wide_hash_length(endian, hash),
                false => {
                    let hash = HashTable::<Elf>::parse(endian, hash).ok()?;
                    Some(hash.symbol_table_length())
                }
            }
        };
        let by_gnu_hash = || {
            let hash = value(elf::DT_GNU_HASH).and_then(at)?;
            let hash = GnuHashTable::<Elf>::parse(endian, hash).ok()?;
            // An empty one knows of no symbol at all, and then they end where another table begins.
            Some(hash.symbol_table_length(endian).unwrap_or_else(|| {
                let tables = dynamic
                    .iter()
                    .filter(|entry| TABLES.contains(&entry.tag(endian)));
                let next = tables.map(|entry| entry.val(endian));
                let next = next.filter(|next| *next > symbols).min();
                let bytes = next.map_or(0, |next| next - symbols);
                let count = u32::try_from(bytes / size_of::<Elf::Sym>() as u64);
                count.unwrap_or_default().max(hash.symbol_base())
            }))
        };
        // Not every linker knows of wide ones, and loaders for these processors take the other table first.
        let count = match is_wide {
            true => by_gnu_hash().or_else(by_hash),
            false => by_hash().or_else(by_gnu_hash),
        };
        let count = count.ok_or("nothing says how many symbols it has")?;
        let count = usize::try_from(count).map_err(|error| error.to_string())?;
        let table: &[Elf::Sym] = table
            .read_slice_at(0, count)
            .map_err(|()| outside("symbol table"))?;
        let names = StringTable::new(text, 0, text.len() as u64);
        let versions = match (value(elf::DT_VERSYM), value(elf::DT_VERDEF)) {
            (Some(indexes), Some(definitions)) => {
                let definitions = Definitions {
                    data: at(definitions).ok_or_else(|| outside("list of versions"))?,
                    count: value(elf::DT_VERDEFNUM).unwrap_or_default(),
                    names: text,
                };
                let indexes = at(indexes).and_then(|data| data.read_slice_at(0, count).ok());
                let indexes = indexes.ok_or_else(|| outside("table of versions"))?;
                Versions::new(endian, indexes, &definitions)?
            }
            _ => Versions::default(),
        };
        let mut room = Room::of(data);
        let needed = dynamic
            .iter()
            .filter(|entry| entry.tag(endian) == elf::DT_NEEDED);
        let needed = needed.map(|entry| {
            let offset = u32::try_from(entry.val(endian)).ok();
            let name = offset.and_then(|offset| names.get(offset).ok());
            let name = name.ok_or_else(|| outside("list of libraries"))?;
            room.take(name)?;
            Ok(String::from_utf8_lossy(name).into_owned())
        });
        let needed: Result<_, String> = needed.collect();
        Ok(Some(Loaded {
            table,
            names,
            versions,
            needed: needed?,
        }))
    }
}

/// Whether the words of the older hash table have 8 bytes, as two processors have them, and not 4.
fn has_wide_hash<Elf: FileHeader<Endian = Endianness>>(header: &Elf, endian: Endianness) -> bool {
    let machine = header.e_machine(endian);
    header.is_class_64() && matches!(machine, elf::EM_S390 | elf::EM_ALPHA)
}

/// How many symbols such a table says that there are. Its first word counts buckets and its second one symbols,
/// and as many words of each follow.
fn wide_hash_length(endian: Endianness, hash: &[u8]) -> Option<u32> {
    let words: &[U64<Endianness>] = hash.read_slice_at(0, 2).ok()?;
    let [buckets, symbols] = [words[0].get(endian), words[1].get(endian)];
    let after = buckets.checked_add(symbols)?.checked_mul(8)?;
    hash.read_bytes_at(16, after).ok()?;
    u32::try_from(symbols).ok()
}

/// What the symbols of a table are called.
struct Names<'a> {
    endian: Endianness,
    names: StringTable<'a>,
    versions: &'a Versions<'a>,
    room: Room,
}

impl Names<'_> {
    /// What a table exports.
    fn collect<Elf: FileHeader<Endian = Endianness>>(
        mut self,
        table: &[Elf::Sym],
    ) -> Result<Exports, String> {
        let endian = self.endian;
        let mut exports = Exports {
            names: BTreeMap::new(),
            versions: self.versions.names().map(str::to_owned).collect(),
        };
        for (index, symbol) in table.iter().enumerate() {
            let visible = matches!(
                symbol.st_visibility(),
                elf::STV_DEFAULT | elf::STV_PROTECTED
            );
            if symbol.is_local() || symbol.is_undefined(endian) || !visible {
                continue;
            }
            let name = symbol
                .name(endian, self.names)
                .map_err(|error| error.to_string())?;
            let version = self.versions.of(index);
            self.room.take(name)?;
            self.room.take(version.map_or("", |(version, _)| version))?;
            let name = std::str::from_utf8(name).map_err(|error| error.to_string())?;
            // Linkers put a symbol without a place there for each version, which nobody can use.
            if symbol.is_absolute(endian) && exports.versions.contains(name) {
                continue;
            }
            let export = export::<Elf>(symbol, endian, version);
            match exports.names.get_mut(name) {
                None => {
                    exports.names.insert(name.to_owned(), export);
                }
                Some(known) => add(known, export),
            }
        }
        Ok(exports)
    }
}

fn export<Elf: FileHeader<Endian = Endianness>>(
    symbol: &Elf::Sym,
    endian: Endianness,
    version: Option<(&str, Bound)>,
) -> Export {
    let kind = match symbol.st_type() {
        elf::STT_FUNC | elf::STT_GNU_IFUNC => Exported::Function,
        elf::STT_OBJECT | elf::STT_COMMON | elf::STT_TLS => Exported::Variable,
        _ => Exported::Unknown,
    };
    let size: u64 = symbol.st_size(endian).into();
    let version = version.map(|(name, bound)| (name.to_owned(), bound));
    Export {
        kind,
        symbol: Symbol {
            thread_local: symbol.st_type() == elf::STT_TLS,
            size: (kind == Exported::Variable && size > 0).then_some(size),
            versions: version.into_iter().collect(),
        },
    }
}

/// A name may be there once for each version; what is linked to now says what it is.
fn add(known: &mut Export, other: Export) {
    let mut versions = std::mem::take(&mut known.symbol.versions);
    let is_bound = other
        .symbol
        .versions
        .values()
        .all(|bound| *bound == Bound::Linked);
    versions.extend(other.symbol.versions.clone());
    if is_bound {
        *known = other;
    }
    known.symbol.versions = versions;
}

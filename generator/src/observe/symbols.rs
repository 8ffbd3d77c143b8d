//! The symbol table: which names an executable or shared object exports.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use object::read::elf::{Dyn as _, FileHeader, GnuHashTable, HashTable, ProgramHeader as _, Sym};
use object::read::{ReadRef as _, StringTable};
use object::{
    Endianness, FileKind, LittleEndian, Object as _, ObjectSegment as _, ObjectSymbol as _,
    SymbolKind, elf,
};

use super::failure::{Failure, Trouble};

/// The largest file that is read. LLVM with debug information is half of it.
const LARGEST: u64 = 2 << 30;

/// What an exported name stands for, when the file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exported {
    /// Code.
    Function,
    /// Data.
    Variable,
    /// The format has no word for it.
    Unknown,
}

/// Exported names.
pub type Exports = BTreeMap<String, Exported>;

/// How the formats that are read begin: ELF, PE, Mach-O of either width and byte order, and several
/// Mach-Os in one file.
const MAGIC: [&[u8]; 7] = [
    b"\x7fELF",
    b"MZ",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
];

/// Whether a file begins as executables and libraries do.
pub fn is_binary(path: &Path) -> Result<bool, Failure> {
    let start = start(path)?;
    Ok(MAGIC.iter().any(|magic| start.starts_with(magic)))
}

fn start(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut start = Vec::new();
    File::open(path)
        .and_then(|file| file.take(4).read_to_end(&mut start))
        .map_err(|error| Failure::file("read", path, &error))?;
    Ok(start)
}

/// How zip files begin, a wheel among them.
const ZIP: &[u8] = b"PK\x03\x04";

/// Whether a file is a wheel or another zip file, by its name or by how it begins.
pub fn is_archive(path: &Path) -> Result<bool, Failure> {
    let named = path.extension().is_some_and(|extension| extension == "whl");
    Ok(named || start(path)?.starts_with(ZIP))
}

/// Says that an archive is not looked into.
#[must_use]
pub fn archive(path: &Path) -> Failure {
    Failure::new(
        Trouble::Binary,
        format!(
            "`{}` is a wheel or another archive, and only what is in it can be looked at",
            path.display()
        ),
        "unpack it, as `python3 -m zipfile -e` does, and name the extension module or library in it",
    )
}

/// What a file exports. Of a Mach-O file with several architectures, what all of them do.
pub fn exports(path: &Path) -> Result<Exports, Failure> {
    if is_archive(path)? {
        return Err(archive(path));
    }
    let data = read(path)?;
    of_bytes(&data).map_err(|reason| damaged(path, &reason))
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let fail = |error: std::io::Error| Failure::file("read", path, &error);
    let file = File::open(path).map_err(fail)?;
    let mut data = Vec::new();
    file.take(LARGEST + 1)
        .read_to_end(&mut data)
        .map_err(fail)?;
    if data.len() as u64 > LARGEST {
        return Err(damaged(path, &format!("it is larger than {LARGEST} bytes")));
    }
    Ok(data)
}

fn damaged(path: &Path, reason: &str) -> Failure {
    Failure::new(
        Trouble::Binary,
        format!(
            "`{}` is not a whole executable or shared object: {reason}",
            path.display()
        ),
        "name a file in the ELF, Mach-O or PE format, and check that it was copied whole",
    )
}

/// What the bytes of a file export.
pub fn of_bytes(data: &[u8]) -> Result<Exports, String> {
    if data.is_empty() {
        return Err("it is empty".to_owned());
    }
    let kind = FileKind::parse(data).map_err(|_| {
        let start = String::from_utf8_lossy(&data[..data.len().min(16)]).into_owned();
        format!("it starts with {start:?}")
    })?;
    match kind {
        FileKind::Elf32 => elf_exports::<elf::FileHeader32<Endianness>>(data),
        FileKind::Elf64 => elf_exports::<elf::FileHeader64<Endianness>>(data),
        FileKind::MachOFat32 | FileKind::MachOFat64 => fat_exports(data, kind),
        FileKind::MachO32 | FileKind::MachO64 | FileKind::Pe32 | FileKind::Pe64 => {
            listed_exports(data)
        }
        other => Err(format!("it is {other:?}")),
    }
}

/// Mach-O and PE have a list of exports that loaders use themselves.
fn listed_exports(data: &[u8]) -> Result<Exports, String> {
    let file = object::File::parse(data).map_err(|error| error.to_string())?;
    is_whole(stored(&file).into_iter(), data)?;
    let kinds: BTreeMap<&str, Exported> = file
        .symbols()
        .filter_map(|symbol| Some((symbol.name().ok()?, exported(symbol.kind()))))
        .collect();
    let mut exports = Exports::new();
    for export in file.exports().map_err(|error| error.to_string())? {
        let export = export.map_err(|error| error.to_string())?;
        let object::read::NameOrOrdinal::Name(name) = export.name() else {
            continue;
        };
        let Ok(name) = std::str::from_utf8(name) else {
            continue;
        };
        let kind = kinds.get(name).copied().unwrap_or(Exported::Unknown);
        exports.insert(plain(name, file.format()).to_owned(), kind);
    }
    Ok(exports)
}

/// What a file says that it has to be loaded: offsets and sizes, of PE with what fills a section up.
fn stored(file: &object::File<'_>) -> Vec<(u64, u64)> {
    let sections = match file {
        object::File::Pe32(file) => file.section_table(),
        object::File::Pe64(file) => file.section_table(),
        file => return file.segments().map(|one| one.file_range()).collect(),
    };
    let number = |number: object::U32<LittleEndian>| u64::from(number.get(LittleEndian));
    let range = |section: &object::pe::ImageSectionHeader| {
        (
            number(section.pointer_to_raw_data),
            number(section.size_of_raw_data),
        )
    };
    sections.iter().map(range).collect()
}

/// Fails unless all is there that is to be loaded: offsets and sizes in the file.
fn is_whole(parts: impl Iterator<Item = (u64, u64)>, data: &[u8]) -> Result<(), String> {
    let ends = parts.map(|(offset, size)| offset.saturating_add(size));
    let end = ends.max().unwrap_or_default();
    if end <= data.len() as u64 {
        return Ok(());
    }
    Err(format!(
        "it has {} bytes, and what is to be loaded ends at {end}",
        data.len()
    ))
}

fn exported(kind: SymbolKind) -> Exported {
    match kind {
        SymbolKind::Text => Exported::Function,
        SymbolKind::Data | SymbolKind::Tls => Exported::Variable,
        _ => Exported::Unknown,
    }
}

/// The name as C has it: Mach-O puts an underscore before.
fn plain(name: &str, format: object::BinaryFormat) -> &str {
    if format == object::BinaryFormat::MachO {
        name.strip_prefix('_').unwrap_or(name)
    } else {
        name
    }
}

fn fat_exports(data: &[u8], kind: FileKind) -> Result<Exports, String> {
    use object::read::macho::{FatArch as _, MachOFatFile32, MachOFatFile64};
    let text = |error: object::Error| error.to_string();
    let mut slices = Vec::new();
    if kind == FileKind::MachOFat32 {
        for arch in MachOFatFile32::parse(data).map_err(text)?.arches() {
            slices.push(arch.data(data).map_err(text)?);
        }
    } else {
        for arch in MachOFatFile64::parse(data).map_err(text)?.arches() {
            slices.push(arch.data(data).map_err(text)?);
        }
    }
    let mut slices = slices.into_iter().map(listed_exports);
    let mut exports = slices.next().ok_or("it has no architecture")??;
    for slice in slices {
        let slice = slice?;
        exports.retain(|name, _| slice.contains_key(name));
    }
    Ok(exports)
}

/// The program headers are what a loader reads; a file without section headers runs as well. Where
/// there are both they must say the same.
fn elf_exports<Elf: FileHeader<Endian = Endianness>>(data: &[u8]) -> Result<Exports, String> {
    let text = |error: object::Error| error.to_string();
    let header = Elf::parse(data).map_err(text)?;
    let endian = header.endian().map_err(text)?;
    let loaded = loaded_exports(header, endian, data)?;
    let sections = header.sections(endian, data).map_err(text)?;
    let table = sections
        .symbols(endian, data, elf::SHT_DYNSYM)
        .map_err(text)?;
    let listed = (!table.is_empty())
        .then(|| collect::<Elf>(table.symbols(), &table.strings(), endian))
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
    let only = |a: &Exports, b: &Exports| a.keys().find(|name| !b.contains_key(*name)).cloned();
    (only(a, b).or_else(|| only(b, a))).unwrap_or_else(|| "the kind of a symbol".to_owned())
}

/// What the dynamic segment leads to; none where there is no such segment.
fn loaded_exports<Elf: FileHeader<Endian = Endianness>>(
    header: &Elf,
    endian: Endianness,
    data: &[u8],
) -> Result<Option<Exports>, String> {
    let text = |error: object::Error| error.to_string();
    let segments = header.program_headers(endian, data).map_err(text)?;
    let Some(dynamic) = segments
        .iter()
        .find_map(|segment| segment.dynamic(endian, data).transpose())
    else {
        return Ok(None);
    };
    let dynamic = dynamic.map_err(text)?;
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
    let names = at(strings)
        .and_then(|names| names.get(..usize::try_from(strings_size).ok()?))
        .ok_or_else(|| outside("string table"))?;
    let by_hash = value(elf::DT_HASH).and_then(at).and_then(|hash| {
        Some(
            HashTable::<Elf>::parse(endian, hash)
                .ok()?
                .symbol_table_length(),
        )
    });
    let by_gnu_hash = || {
        let hash = value(elf::DT_GNU_HASH).and_then(at)?;
        let hash = GnuHashTable::<Elf>::parse(endian, hash).ok()?;
        // An empty one says that everything from its base on is not exported.
        Some(
            hash.symbol_table_length(endian)
                .unwrap_or(hash.symbol_base()),
        )
    };
    let count = by_hash
        .or_else(by_gnu_hash)
        .ok_or("nothing says how many symbols it has")?;
    let count = usize::try_from(count).map_err(|error| error.to_string())?;
    let table: &[Elf::Sym] = table
        .read_slice_at(0, count)
        .map_err(|()| outside("symbol table"))?;
    let names = StringTable::new(names, 0, names.len() as u64);
    collect::<Elf>(table, &names, endian).map(Some)
}

fn collect<Elf: FileHeader<Endian = Endianness>>(
    table: &[Elf::Sym],
    names: &StringTable<'_>,
    endian: Endianness,
) -> Result<Exports, String> {
    let mut exports = Exports::new();
    for symbol in table {
        let visible = matches!(
            symbol.st_visibility(),
            elf::STV_DEFAULT | elf::STV_PROTECTED
        );
        if symbol.is_local() || symbol.is_undefined(endian) || !visible {
            continue;
        }
        let kind = match symbol.st_type() {
            elf::STT_FUNC | elf::STT_GNU_IFUNC => Exported::Function,
            elf::STT_OBJECT | elf::STT_COMMON | elf::STT_TLS => Exported::Variable,
            _ => Exported::Unknown,
        };
        let name = symbol
            .name(endian, *names)
            .map_err(|error| error.to_string())?;
        let name = std::str::from_utf8(name).map_err(|error| error.to_string())?;
        exports.insert(name.to_owned(), kind);
    }
    Ok(exports)
}

//! The symbol table: which names an executable or shared object exports.

mod elf_file;
mod pe_file;
mod room;
mod versions;

pub(crate) use elf_file::TABLES;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use object::{
    Endianness, FileFlags, FileKind, LittleEndian, Object as _, ObjectSegment as _,
    ObjectSymbol as _, SymbolKind, elf, macho, pe,
};

use super::failure::{Failure, Trouble};
use crate::surface::Symbol;
use room::Room;

/// The largest file that is read. LLVM with debug information is half of it.
pub(crate) const LARGEST: u64 = 2 << 30;

/// The most architectures that a file is believed to have. Apple's tools have had eight.
const MOST_SLICES: usize = 16;

/// What a file exports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exports {
    /// By name.
    pub names: BTreeMap<String, Export>,
    /// The versions of symbols that it defines.
    pub versions: BTreeSet<String>,
}

/// One name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// What it stands for.
    pub kind: Exported,
    /// What else is said of it.
    pub symbol: Symbol,
}

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

/// What a file takes from others when it is loaded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imports {
    /// By name.
    pub names: BTreeMap<String, Import>,
    /// The libraries that are loaded before it.
    pub needed: BTreeSet<String>,
}

/// One name that is taken from others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// Whether the file is loaded without it: a weak symbol, or one that is looked for when it is
    /// used first.
    pub is_optional: bool,
    /// The library that has it, where the format says of one alone.
    pub library: Option<String>,
}

impl Imports {
    /// Adds one that is taken, maybe again: in another way, or from another library.
    fn take(&mut self, name: String, import: Import) {
        match self.names.entry(name) {
            Entry::Vacant(place) => {
                place.insert(import);
            }
            Entry::Occupied(mut known) => {
                let known = known.get_mut();
                known.is_optional &= import.is_optional;
                if known.library != import.library {
                    known.library = None;
                }
            }
        }
    }
}

/// How the formats that are read begin: ELF, PE, Mach-O of either width and byte order, and several
/// Mach-Os in one file.
const MAGIC: [&[u8]; 8] = [
    b"\x7fELF",
    b"MZ",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"\xca\xfe\xba\xbf",
];

/// Whether a file begins as executables and libraries do.
pub fn is_binary(path: &Path) -> Result<bool, Failure> {
    let start = start(path)?;
    Ok(MAGIC.iter().any(|magic| start.starts_with(magic)))
}

/// Whether some first bytes are those of executables and libraries, and else what they are.
pub fn starts_like_one(start: &[u8]) -> Result<(), String> {
    match MAGIC.iter().any(|magic| start.starts_with(magic)) {
        true => Ok(()),
        false if start.is_empty() => Err("it is empty".to_owned()),
        false => Err(odd_start(start)),
    }
}

fn odd_start(data: &[u8]) -> String {
    let start = String::from_utf8_lossy(&data[..data.len().min(16)]).into_owned();
    format!("it starts with {start:?}")
}

fn start(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut start = Vec::new();
    File::open(path)
        .and_then(|file| file.take(4).read_to_end(&mut start))
        .map_err(|error| Failure::file("read", path, &error))?;
    Ok(start)
}

/// How zip files begin, a wheel among them.
pub(crate) const ZIP: &[u8] = b"PK\x03\x04";

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
    let kind = FileKind::parse(data).map_err(|_| odd_start(data))?;
    match kind {
        FileKind::Elf32 => elf_file::exports::<elf::FileHeader32<Endianness>>(data),
        FileKind::Elf64 => elf_file::exports::<elf::FileHeader64<Endianness>>(data),
        FileKind::MachOFat32 | FileKind::MachOFat64 => fat_exports(data, kind),
        FileKind::MachO32 | FileKind::MachO64 | FileKind::Pe32 | FileKind::Pe64 => {
            listed_exports(data)
        }
        other => Err(format!("it is {other:?}")),
    }
}

/// What the bytes of a file, or of one architecture in it, take from others.
pub fn imports(data: &[u8]) -> Result<Imports, String> {
    let kind = FileKind::parse(data).map_err(|error| error.to_string())?;
    match kind {
        FileKind::Elf32 => elf_file::imports::<elf::FileHeader32<Endianness>>(data),
        FileKind::Elf64 => elf_file::imports::<elf::FileHeader64<Endianness>>(data),
        FileKind::Pe32 => pe_file::imports::<pe::ImageNtHeaders32>(data),
        FileKind::Pe64 => pe_file::imports::<pe::ImageNtHeaders64>(data),
        FileKind::MachO32 | FileKind::MachO64 => listed_imports(data),
        other => Err(format!("it is {other:?}")),
    }
}

/// Mach-O has a list of imports that the loader uses itself.
fn listed_imports(data: &[u8]) -> Result<Imports, String> {
    let text = |error: object::Error| error.to_string();
    let file = object::File::parse(data).map_err(text)?;
    // Otherwise a loader looks for each name in all that is loaded, whichever library it was linked to.
    let has_two_levels = matches!(
        file.flags(),
        FileFlags::MachO { flags } if flags.contains(macho::MH_TWOLEVEL)
    );
    let (mut imports, mut room) = (Imports::default(), Room::of(data));
    for library in file.import_libraries().map_err(text)? {
        let name = library.map_err(text)?.name();
        room.take(name)?;
        let name = String::from_utf8_lossy(name);
        imports.needed.insert(name.into_owned());
    }
    for import in file.imports().map_err(text)? {
        let import = import.map_err(text)?;
        let object::read::NameOrOrdinal::Name(name) = import.name() else {
            continue;
        };
        room.take(name)?;
        room.take(import.library())?;
        let name = String::from_utf8_lossy(name);
        let library = String::from_utf8_lossy(import.library()).into_owned();
        let import = Import {
            is_optional: import.is_weak(),
            library: (has_two_levels && !library.is_empty()).then_some(library),
        };
        imports.take(plain(&name, file.format()).to_owned(), import);
    }
    Ok(imports)
}

/// The architectures of a file, each with its bytes; most formats have one.
pub fn slices(data: &[u8]) -> Result<Vec<&[u8]>, String> {
    match FileKind::parse(data) {
        Ok(kind @ (FileKind::MachOFat32 | FileKind::MachOFat64)) => fat_slices(data, kind),
        _ => Ok(vec![data]),
    }
}

/// Mach-O and PE have a list of exports that loaders use themselves.
fn listed_exports(data: &[u8]) -> Result<Exports, String> {
    let file = object::File::parse(data).map_err(|error| error.to_string())?;
    is_whole(stored(&file).into_iter(), data)?;
    let kinds = kinds(&file, Room::of(data))?;
    let (mut exports, mut room) = (Exports::default(), Room::of(data));
    for export in file.exports().map_err(|error| error.to_string())? {
        let export = export.map_err(|error| error.to_string())?;
        let object::read::NameOrOrdinal::Name(name) = export.name() else {
            continue;
        };
        room.take(name)?;
        let Ok(name) = std::str::from_utf8(name) else {
            continue;
        };
        let kind = kinds.get(name).copied().unwrap_or(SymbolKind::Unknown);
        let export = Export {
            kind: exported(kind),
            symbol: Symbol {
                thread_local: kind == SymbolKind::Tls,
                ..Symbol::default()
            },
        };
        let name = plain(name, file.format()).to_owned();
        exports.names.insert(name, export);
    }
    Ok(exports)
}

/// What each symbol of a table is, where the file has one.
fn kinds<'data>(
    file: &object::File<'data>,
    mut room: Room,
) -> Result<BTreeMap<&'data str, SymbolKind>, String> {
    let mut kinds = BTreeMap::new();
    for symbol in file.symbols() {
        if let Ok(name) = symbol.name() {
            room.take(name)?;
            kinds.insert(name, symbol.kind());
        }
    }
    Ok(kinds)
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

fn fat_slices(data: &[u8], kind: FileKind) -> Result<Vec<&[u8]>, String> {
    use object::read::macho::{FatArch as _, MachOFatFile32, MachOFatFile64};
    let text = |error: object::Error| error.to_string();
    let slices: Result<Vec<&[u8]>, _> = if kind == FileKind::MachOFat32 {
        let file = MachOFatFile32::parse(data).map_err(text)?;
        file.arches().iter().map(|arch| arch.data(data)).collect()
    } else {
        let file = MachOFatFile64::parse(data).map_err(text)?;
        file.arches().iter().map(|arch| arch.data(data)).collect()
    };
    let slices = slices.map_err(text)?;
    are_apart(&slices)?;
    Ok(slices)
}

/// Fails where architectures are more than there are, or share bytes: each is looked at by itself.
fn are_apart(slices: &[&[u8]]) -> Result<(), String> {
    if slices.len() > MOST_SLICES {
        return Err(format!(
            "it has {} architectures, and {MOST_SLICES} are the most that is read",
            slices.len()
        ));
    }
    let mut ranges = Vec::from_iter(slices.iter().map(|slice| slice.as_ptr_range()));
    ranges.sort_by_key(|range| range.start);
    let is_shared = ranges.windows(2).any(|pair| pair[0].end > pair[1].start);
    match is_shared {
        true => Err("its architectures overlap".to_owned()),
        false => Ok(()),
    }
}

fn fat_exports(data: &[u8], kind: FileKind) -> Result<Exports, String> {
    let mut slices = fat_slices(data, kind)?.into_iter().map(listed_exports);
    let mut exports = slices.next().ok_or("it has no architecture")??;
    for slice in slices {
        let slice = slice?;
        let names = &mut exports.names;
        names.retain(|name, _| slice.names.contains_key(name));
    }
    Ok(exports)
}

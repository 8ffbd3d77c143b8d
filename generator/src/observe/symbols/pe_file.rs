//! PE: what a file takes from DLLs. Each address is looked for by itself: tools that rename DLLs, as delvewheel
//! does, put a longer name wherever there is room, and not into the section that has the others.

use object::pe::{
    IMAGE_DELAYLOAD_RVA_BASED, IMAGE_DIRECTORY_ENTRY_DELAY_IMPORT, IMAGE_DIRECTORY_ENTRY_IMPORT,
};
use object::pod::bytes_of;
use object::read::pe::{
    DelayLoadImportTable, ImageNtHeaders, ImageThunkData as _, ImportTable, PeFile,
};
use object::{Error, LittleEndian as LE};

use super::room::Room;
use super::{Import, Imports};

/// What is loaded, sorted by address.
struct Sections<'data>(Vec<(u32, &'data [u8])>);

/// A DLL that a file names.
struct Library {
    /// Where its name is.
    name: u32,
    /// Where the list of its functions is.
    functions: u32,
    /// Windows loads it when one of them is called.
    is_delayed: bool,
}

/// All of a file, with 32 or 64 bits.
pub(super) fn imports<Headers: ImageNtHeaders>(data: &[u8]) -> Result<Imports, String> {
    let text = |error: Error| error.to_string();
    let file = PeFile::<Headers>::parse(data).map_err(text)?;
    let sections = Sections::of(&file);
    let (mut imports, mut room) = (Imports::default(), Room::of(data));
    for library in libraries(&file, &sections)? {
        let table = sections.at(library.name);
        let name = table.name(library.name).map_err(text)?;
        room.take(name)?;
        let dll = String::from_utf8_lossy(name).into_owned();
        let list = sections.at(library.functions);
        let mut functions = list.thunks(library.functions).map_err(text)?;
        while let Some(function) = functions.next::<Headers>().map_err(text)? {
            // Lists may share their bytes, too.
            room.take(bytes_of(&function))?;
            if function.is_ordinal() {
                continue;
            }
            let place = function.address();
            let (_, name) = sections.at(place).hint_name(place).map_err(text)?;
            room.take(name)?;
            room.take(&dll)?;
            let name = String::from_utf8_lossy(name).into_owned();
            let import = Import {
                is_optional: library.is_delayed,
                library: Some(dll.clone()),
            };
            imports.take(name, import);
        }
        imports.needed.insert(dll);
    }
    Ok(imports)
}

/// Those that are loaded with the file, and those that are loaded later.
fn libraries<Headers: ImageNtHeaders>(
    file: &PeFile<'_, Headers>,
    sections: &Sections<'_>,
) -> Result<Vec<Library>, String> {
    let text = |error: Error| error.to_string();
    let place = |index| {
        let directory = file.data_directory(index);
        let place = directory.map(|directory| directory.virtual_address.get(LE));
        place.filter(|place| *place != 0)
    };
    let mut libraries = Vec::new();
    if let Some(place) = place(IMAGE_DIRECTORY_ENTRY_IMPORT) {
        let mut descriptors = sections.at(place).descriptors().map_err(text)?;
        while let Some(one) = descriptors.next().map_err(text)? {
            // Some linkers write one list of the two.
            let list = match one.original_first_thunk.get(LE) {
                0 => one.first_thunk.get(LE),
                list => list,
            };
            libraries.push(Library {
                name: one.name.get(LE),
                functions: list,
                is_delayed: false,
            });
        }
    }
    if let Some(place) = place(IMAGE_DIRECTORY_ENTRY_DELAY_IMPORT) {
        let table = DelayLoadImportTable::new(sections.from(place), place, place);
        let mut descriptors = table.descriptors().map_err(text)?;
        while let Some(one) = descriptors.next().map_err(text)? {
            if one.attributes.get(LE) & IMAGE_DELAYLOAD_RVA_BASED == 0 {
                return Err("its list of DLLs to load later has addresses of an old kind".into());
            }
            libraries.push(Library {
                name: one.dll_name_rva.get(LE),
                functions: one.import_name_table_rva.get(LE),
                is_delayed: true,
            });
        }
    }
    Ok(libraries)
}

impl<'data> Sections<'data> {
    fn of<Headers: ImageNtHeaders>(file: &PeFile<'data, Headers>) -> Self {
        let table = file.section_table();
        let sections = table.iter().filter_map(|section| {
            let address = section.virtual_address.get(LE);
            Some((address, section.pe_data_at(file.data(), address)?))
        });
        let mut sections = Vec::from_iter(sections);
        sections.sort_by_key(|(address, _)| *address);
        Sections(sections)
    }

    /// What is from an address to the end of its section; nothing where the file has no such address.
    fn from(&self, address: u32) -> &'data [u8] {
        let after = self.0.partition_point(|(start, _)| *start <= address);
        let section = after.checked_sub(1).map(|index| self.0[index]);
        let rest = section.and_then(|(start, data)| data.get((address - start) as usize..));
        rest.unwrap_or_default()
    }

    /// What reads names and lists at an address.
    fn at(&self, address: u32) -> ImportTable<'data> {
        ImportTable::new(self.from(address), address, address)
    }
}

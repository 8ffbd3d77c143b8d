//! Shared objects that no linker makes, of 64 bits for x86_64.

/// What is in one.
pub(crate) struct Elf {
    /// How many segments are loaded. Each is all of the file.
    pub(crate) loads: u16,
    /// The table of names, which begins and ends with a zero.
    pub(crate) names: Vec<u8>,
    /// Where in it the name of each exported function begins.
    pub(crate) functions: Vec<u32>,
    /// The words of a packed list of relocations.
    pub(crate) packed: Vec<u64>,
    /// The least size of the file.
    pub(crate) size: usize,
}

impl Elf {
    /// With one function.
    pub(crate) fn exporting(name: &str) -> Self {
        Elf {
            loads: 1,
            names: format!("\0{name}\0").into_bytes(),
            functions: vec![1],
            packed: Vec::new(),
            size: 0,
        }
    }

    /// Its bytes: headers, dynamic segment, symbols, their hash table, relocations, names.
    pub(crate) fn write(&self) -> Vec<u8> {
        let dynamic = 64 + 56 * (usize::from(self.loads) + 1);
        let symbols = dynamic + 16 * 8;
        let count = self.functions.len() + 1;
        let hash = symbols + 24 * count;
        let packed = hash + (4 * (3 + count)).next_multiple_of(8);
        let names = packed + 8 * self.packed.len();
        let end = self.size.max(names + self.names.len());
        let mut file = Vec::with_capacity(end);
        file.extend(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0");
        // A shared object of this processor; its program headers follow, and sections there are none.
        file.extend([3, 0, 62, 0, 1, 0, 0, 0]);
        words(&mut file, &[0, 64, 0]);
        file.extend([0, 0, 0, 0, 64, 0, 56, 0]);
        file.extend((self.loads + 1).to_le_bytes());
        file.extend([64, 0, 0, 0, 0, 0]);
        let whole = [0, 0, 0, end, end, 1 << 12];
        for _ in 0..self.loads {
            words(&mut file, &[1 | 5 << 32]);
            words(&mut file, &whole);
        }
        words(&mut file, &[2 | 4 << 32]);
        words(&mut file, &[dynamic, dynamic, dynamic, 16 * 8, 16 * 8, 8]);
        for (tag, value) in [
            (6, symbols),
            (11, 24),
            (4, hash),
            (5, names),
            (10, self.names.len()),
            (36, packed),
            (35, 8 * self.packed.len()),
            (0, 0),
        ] {
            words(&mut file, &[tag, value]);
        }
        words(&mut file, &[0, 0, 0]);
        for name in &self.functions {
            file.extend(name.to_le_bytes());
            file.extend([0x12, 0, 1, 0]);
            words(&mut file, &[0x1000, 8]);
        }
        let count = u32::try_from(count).expect("a few symbols");
        file.extend([1_u32, count, 0].iter().flat_map(|word| word.to_le_bytes()));
        file.resize(packed, 0);
        file.extend(self.packed.iter().flat_map(|word| word.to_le_bytes()));
        file.extend(&self.names);
        file.resize(end, 0);
        file
    }
}

fn words(file: &mut Vec<u8>, words: &[usize]) {
    for word in words {
        file.extend((*word as u64).to_le_bytes());
    }
}

//! Shared objects that no linker makes, of 64 bits for x86_64 or s390x.

/// What is in one.
pub(crate) struct Elf {
    /// Whether it is for s390x, whose numbers begin with the highest byte, and whose hash table is as wide as
    /// pointers are.
    pub(crate) is_for_s390x: bool,
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
            is_for_s390x: false,
            loads: 1,
            names: format!("\0{name}\0").into_bytes(),
            functions: vec![1],
            packed: Vec::new(),
            size: 0,
        }
    }

    /// Its bytes: headers, dynamic segment, symbols, their hash table, relocations, names.
    pub(crate) fn write(&self) -> Vec<u8> {
        let count = self.functions.len() + 1;
        let hash_word = if self.is_for_s390x { 8 } else { 4 };
        let dynamic = 64 + 56 * (usize::from(self.loads) + 1);
        let symbols = dynamic + 16 * 8;
        let hash = symbols + 24 * count;
        let packed = hash + (hash_word * (3 + count)).next_multiple_of(8);
        let names = packed + 8 * self.packed.len();
        let end = self.size.max(names + self.names.len());
        let mut file = Bytes {
            bytes: Vec::with_capacity(end),
            is_big_endian: self.is_for_s390x,
        };
        let (order, machine) = if self.is_for_s390x { (2, 22) } else { (1, 62) };
        file.bytes.extend([0x7f, b'E', b'L', b'F', 2, order, 1, 0]);
        file.longs(&[0]);
        // A shared object of the processor; its program headers follow, and sections there are none.
        file.halves(&[3, machine]);
        file.words(&[1]);
        file.longs(&[0, 64, 0]);
        file.words(&[0]);
        file.halves(&[64, 56, self.loads + 1, 64, 0, 0]);
        for _ in 0..self.loads {
            file.words(&[1, 5]);
            file.longs(&[0, 0, 0, end, end, 1 << 12]);
        }
        file.words(&[2, 4]);
        file.longs(&[dynamic, dynamic, dynamic, 16 * 8, 16 * 8, 8]);
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
            file.longs(&[tag, value]);
        }
        file.longs(&[0, 0, 0]);
        for name in &self.functions {
            file.words(&[*name]);
            file.bytes.extend([0x12, 0]);
            file.halves(&[1]);
            file.longs(&[0x1000, 8]);
        }
        match self.is_for_s390x {
            true => file.longs(&[1, count, 0]),
            false => file.words(&[1, u32::try_from(count).expect("a few symbols"), 0]),
        }
        file.bytes.resize(packed, 0);
        for word in &self.packed {
            file.put(word.to_le_bytes());
        }
        file.bytes.extend(&self.names);
        file.bytes.resize(end, 0);
        file.bytes
    }
}

/// A file as far as it is written.
struct Bytes {
    bytes: Vec<u8>,
    is_big_endian: bool,
}

impl Bytes {
    fn halves(&mut self, halves: &[u16]) {
        for half in halves {
            self.put(half.to_le_bytes());
        }
    }

    fn words(&mut self, words: &[u32]) {
        for word in words {
            self.put(word.to_le_bytes());
        }
    }

    fn longs(&mut self, longs: &[usize]) {
        for long in longs {
            self.put((*long as u64).to_le_bytes());
        }
    }

    /// A number, whose least byte comes first, in the order of the file.
    fn put<const SIZE: usize>(&mut self, mut number: [u8; SIZE]) {
        if self.is_big_endian {
            number.reverse();
        }
        self.bytes.extend(number);
    }
}

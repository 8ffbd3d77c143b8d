//! Inflates the extension modules of the wheels that are named, and nothing else: what `cargo xtask bench
//! audit` measures an audit against. As an audit it uses libdeflate and all processors, begins with the
//! largest, and has no memory cleared twice.

use std::cmp::Reverse;
use std::error::Error;
use std::fs::File;
use std::io::Read;
use std::sync::Mutex;
use std::{env, thread};

use libdeflater::Decompressor;
use rawzip::{CompressionMethod, FileReader, ZipArchive, ZipArchiveEntryWayfinder};

type Done = Result<(), Box<dyn Error + Send + Sync>>;

/// A compressed module: the index of its wheel, its place there, and its size once inflated.
type Module = (usize, ZipArchiveEntryWayfinder, u64);

fn main() -> Done {
    let mut wheels = Vec::new();
    let mut modules: Vec<Module> = Vec::new();
    let mut buffer = vec![0; rawzip::RECOMMENDED_BUFFER_SIZE];
    for path in env::args_os().skip(1) {
        let file = File::open(&path).map_err(|error| format!("`{}`: {error}", path.display()))?;
        let wheel = ZipArchive::from_file(file, &mut buffer)?;
        let mut entries = wheel.entries(&mut buffer);
        while let Some(entry) = entries.next_entry()? {
            let path = entry.file_path();
            let name = path.as_ref();
            let is_module = name.ends_with(b".so") || name.ends_with(b".pyd");
            if is_module && entry.compression_method() == CompressionMethod::DEFLATE {
                let size = entry.uncompressed_size_hint();
                modules.push((wheels.len(), entry.wayfinder(), size));
            }
        }
        wheels.push(wheel);
    }
    modules.sort_by_key(|(_, _, size)| Reverse(*size));
    let next = Mutex::new(modules.iter());
    let processors = thread::available_parallelism()?.get();
    thread::scope(|scope| {
        let threads = Vec::from_iter((0..processors).map(|_| scope.spawn(|| work(&wheels, &next))));
        for thread in threads {
            thread.join().map_err(|_| "a thread panicked")??;
        }
        Ok(())
    })
}

fn work<'a>(
    wheels: &[ZipArchive<FileReader>],
    next: &Mutex<impl Iterator<Item = &'a Module>>,
) -> Done {
    let mut inflater = Decompressor::new();
    let (mut deflated, mut inflated) = (Vec::new(), Vec::new());
    loop {
        let taken = next.lock().map_err(|_| "a thread panicked")?.next();
        let Some((wheel, place, size)) = taken else {
            return Ok(());
        };
        let entry = wheels[*wheel].get_entry(*place)?;
        let (start, end) = entry.compressed_data_range();
        let bytes = room(&mut deflated, usize::try_from(end - start)?);
        entry.reader().read_exact(bytes)?;
        inflater.deflate_decompress(bytes, room(&mut inflated, usize::try_from(*size)?))?;
    }
}

/// So many bytes, which may have anything in them.
fn room(memory: &mut Vec<u8>, size: usize) -> &mut [u8] {
    if memory.len() < size {
        *memory = vec![0; size];
    }
    &mut memory[..size]
}

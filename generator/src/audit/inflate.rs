//! Memory for one file after another, and putting a member of a wheel there.

use std::io::{self, Read};

use flate2::read::DeflateDecoder;
use libdeflater::{Crc, DecompressionError, Decompressor};
use memmap2::MmapMut;
use rawzip::{CompressionMethod, ReaderAt, ZipEntry, ZipVerification};

/// A member of no more bytes is read as it lies in the wheel, and inflated in one piece, which takes two
/// thirds of the time. A larger one would need more memory for that than [`Memory`] may take.
pub(super) const ONE_PIECE: u64 = 16 << 20;

/// What is in a file, and a member as it lies in the wheel.
#[derive(Debug, Default)]
pub struct Memory {
    pub(super) whole: Buffer,
    pub(super) deflated: Buffer,
}

/// Memory of the system's own, which has it again as soon as this goes: an allocator keeps some for later.
/// It is used again where it can be, since what is new has to be cleared, which takes as long as inflating.
#[derive(Debug, Default)]
pub struct Buffer(Option<MmapMut>);

impl Buffer {
    /// The bytes that there are.
    pub(super) fn size(&self) -> u64 {
        self.0.as_ref().map_or(0, |bytes| bytes.len() as u64)
    }

    /// So many of them, which may have anything in them.
    pub(super) fn room(&mut self, bytes: u64) -> Result<&mut [u8], String> {
        let size = usize::try_from(bytes).map_err(|error| error.to_string())?;
        if self.size() < bytes {
            self.0 = None;
            let new = MmapMut::map_anon(size).map_err(|error| error.to_string())?;
            // Fewer and larger pages take less time to come by; without them it works as well.
            #[cfg(target_os = "linux")]
            drop(new.advise(memmap2::Advice::HugePage));
            self.0 = Some(new);
        }
        Ok(self
            .0
            .as_mut()
            .map_or(&mut [], |buffer| &mut buffer[..size]))
    }
}

/// The memory beside what is in it that a member of so many bytes takes.
pub(super) fn beside(method: CompressionMethod, deflated: u64) -> u64 {
    match method {
        CompressionMethod::DEFLATE if deflated <= ONE_PIECE => deflated,
        _ => 0,
    }
}

/// What is in a member, once its size and checksum are right.
pub(super) fn read<'m, R: ReaderAt>(
    entry: &ZipEntry<'_, R>,
    method: CompressionMethod,
    memory: &'m mut Memory,
) -> Result<&'m [u8], String> {
    let expected = entry.reader().claim_verifier();
    let whole = memory.whole.room(expected.uncompressed_size)?;
    let (start, end) = entry.compressed_data_range();
    let deflated = end - start;
    let done = match method {
        CompressionMethod::STORE => in_pieces(entry.verifying_reader(entry.reader()), whole),
        CompressionMethod::DEFLATE if deflated <= ONE_PIECE => {
            let deflated = memory.deflated.room(deflated)?;
            let read = entry.reader().read_exact(deflated);
            read.map_err(|error| error.to_string())?;
            return in_one_piece(deflated, whole, expected);
        }
        CompressionMethod::DEFLATE => {
            let inflating = DeflateDecoder::new(entry.reader());
            in_pieces(entry.verifying_reader(inflating), whole)
        }
        other => {
            return Err(format!(
                "it is compressed by method {}, which wheels do not use",
                other.as_u16()
            ));
        }
    };
    done.map_err(|error| error.to_string())?;
    Ok(whole)
}

fn in_pieces(mut from: impl Read, whole: &mut [u8]) -> io::Result<()> {
    from.read_exact(whole)?;
    // At its end the reader looks whether there is more.
    from.read(&mut [0]).map(drop)
}

fn in_one_piece<'m>(
    deflated: &[u8],
    whole: &'m mut [u8],
    expected: ZipVerification,
) -> Result<&'m [u8], String> {
    let size = match Decompressor::new().deflate_decompress(deflated, whole) {
        Ok(size) => size,
        Err(DecompressionError::BadData) => {
            return Err("it is damaged: no deflated data".to_owned());
        }
        Err(DecompressionError::InsufficientSpace) => {
            return Err(format!(
                "it says that it has {} bytes, and has more",
                whole.len()
            ));
        }
    };
    let inflated = &whole[..size];
    let mut crc = Crc::new();
    crc.update(inflated);
    let found = ZipVerification {
        crc: crc.sum(),
        uncompressed_size: size as u64,
    };
    expected.valid(found).map_err(|error| error.to_string())?;
    Ok(inflated)
}

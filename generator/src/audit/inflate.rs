//! Putting a member of a wheel into memory.

use std::io::Read;

use flate2::read::DeflateDecoder;
use libdeflater::{Crc, DecompressionError, Decompressor};
use rawzip::{CompressionMethod, ReaderAt, ZipEntry, ZipVerification};

use super::buffer::Buffer;
use super::unread::{START, Unread};

/// A member of no more bytes is read as it lies in the wheel, and inflated in one piece, which takes less
/// time. A larger one would need more memory for that than [`Memory`] may take, and is inflated piece by
/// piece, of which those that nobody looks at are not kept.
pub(super) const ONE_PIECE: u64 = 16 << 20;
/// The bytes of a piece, which stay in the processor's cache.
const PIECE: usize = 1 << 18;

/// What is in a file, and a member as it lies in the wheel.
#[derive(Debug, Default)]
pub struct Memory {
    pub(super) whole: Buffer,
    /// What of the whole is left out, and reads as zeros.
    pub(super) unread: Unread,
    pub(super) deflated: Buffer,
}

/// The memory that a file takes.
#[derive(Clone, Debug, Default)]
pub(super) struct Needs {
    /// All of its bytes.
    pub(super) size: u64,
    /// Those that are left out.
    pub(super) unread: Unread,
    /// As it lies in its wheel.
    pub(super) deflated: u64,
}

impl Needs {
    /// Of a file that is kept as it is.
    pub(super) fn of(size: u64) -> Needs {
        Needs {
            size,
            ..Needs::default()
        }
    }
}

/// The memory that a member takes.
pub(super) fn needs<R: ReaderAt>(
    entry: &ZipEntry<'_, R>,
    method: CompressionMethod,
    size: u64,
) -> Result<Needs, String> {
    let (from, to) = entry.compressed_data_range();
    let mut needs = Needs::of(size);
    if method == CompressionMethod::DEFLATE {
        if to - from <= ONE_PIECE {
            needs.deflated = to - from;
        } else {
            let mut start = Vec::new();
            let mut inflating = DeflateDecoder::new(entry.reader()).take(START);
            let read = inflating.read_to_end(&mut start);
            read.map_err(|error| error.to_string())?;
            needs.unread = Unread::of(&start, size);
        }
    }
    Ok(needs)
}

/// What is in a member, once its size and checksum are right.
pub(super) fn read<'m, R: ReaderAt>(
    entry: &ZipEntry<'_, R>,
    method: CompressionMethod,
    memory: &'m mut Memory,
) -> Result<&'m [u8], String> {
    let expected = entry.reader().claim_verifier();
    let unread = &memory.unread;
    let whole = match unread.is_empty() {
        true => memory.whole.room(expected.uncompressed_size)?,
        false => memory.whole.zeros(expected.uncompressed_size, unread)?,
    };
    let (start, end) = entry.compressed_data_range();
    let deflated = end - start;
    match method {
        CompressionMethod::STORE => in_pieces(entry.reader(), whole, unread, expected),
        CompressionMethod::DEFLATE if deflated <= ONE_PIECE => {
            let deflated = memory.deflated.room(deflated)?;
            let read = entry.reader().read_exact(deflated);
            read.map_err(|error| error.to_string())?;
            in_one_piece(deflated, whole, expected)
        }
        CompressionMethod::DEFLATE => {
            let inflating = DeflateDecoder::new_with_buf(entry.reader(), vec![0; PIECE]);
            in_pieces(inflating, whole, unread, expected)
        }
        other => Err(format!(
            "it is compressed by method {}, which wheels do not use",
            other.as_u16()
        )),
    }
}

fn in_pieces<'m>(
    mut from: impl Read,
    whole: &'m mut [u8],
    unread: &Unread,
    expected: ZipVerification,
) -> Result<&'m [u8], String> {
    let mut elsewhere = vec![0; PIECE];
    let mut crc = Crc::new();
    for (place, is_unread) in unread.pieces(whole.len() as u64) {
        // What is as long as memory has an index for each of its bytes.
        for piece in whole[place.start as usize..place.end as usize].chunks_mut(PIECE) {
            let piece = match is_unread {
                true => &mut elsewhere[..piece.len()],
                false => piece,
            };
            from.read_exact(piece).map_err(|error| error.to_string())?;
            crc.update(piece);
        }
    }
    let more = from.read(&mut [0]).map_err(|error| error.to_string())?;
    verify(whole.len() + more, &crc, expected)?;
    Ok(whole)
}

fn verify(size: usize, crc: &Crc, expected: ZipVerification) -> Result<(), String> {
    let found = ZipVerification {
        crc: crc.sum(),
        uncompressed_size: size as u64,
    };
    expected.valid(found).map_err(|error| error.to_string())
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
    verify(size, &crc, expected)?;
    Ok(inflated)
}

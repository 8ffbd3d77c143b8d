//! The members of a wheel, which stay where they are: nothing is written.

use std::collections::BTreeMap;

use rawzip::{
    CompressionMethod, ReaderAt, ZipArchive, ZipArchiveEntryWayfinder, ZipEntry, ZipLocator,
};

use super::inflate::{self, Memory, Needs};
use crate::report::clean;

/// The largest member that is inflated.
const LARGEST: u64 = 1 << 30;
/// The most members that are listed.
const MOST: usize = 100_000;
/// How many times its size a large member may become. Machine code becomes ten times its size at most,
/// and zeros a thousand times.
const RATIO: u64 = 100;
/// What is not larger is read whatever its ratio is.
const SMALL: u64 = 16 << 20;
/// The least that a member takes besides what is in it: its header, without a name.
const HEADER: u64 = 30;

/// A wheel, or another zip file.
#[derive(Debug)]
pub struct Wheel<R> {
    archive: ZipArchive<R>,
    /// By name.
    pub members: BTreeMap<String, Member>,
    /// Members that nobody should have, each with what is wrong with it.
    pub refused: Vec<(String, String)>,
}

/// One file in it.
#[derive(Clone, Copy, Debug)]
pub struct Member {
    place: ZipArchiveEntryWayfinder,
    method: CompressionMethod,
    deflated: u64,
    /// What it says that its size is.
    pub size: u64,
}

impl<R: ReaderAt> Wheel<R> {
    /// Lists the members of what has so many bytes.
    pub fn open(from: R, size: u64) -> Result<Self, String> {
        let mut buffer = vec![0; rawzip::RECOMMENDED_BUFFER_SIZE];
        let archive = ZipLocator::new().locate_in_reader(from, &mut buffer, size);
        let archive = archive.map_err(|(_, error)| error.to_string())?;
        let mut wheel = Wheel {
            archive,
            members: BTreeMap::new(),
            refused: Vec::new(),
        };
        wheel.list(&mut buffer)?;
        Ok(wheel)
    }

    fn list(&mut self, buffer: &mut [u8]) -> Result<(), String> {
        let mut entries = self.archive.entries(buffer);
        let mut listed = 0_u64;
        let mut found = Vec::new();
        let mut places = Vec::new();
        while let Some(entry) = entries.next_entry().map_err(|error| error.to_string())? {
            listed += 1;
            if listed > MOST as u64 {
                return Err(format!("it has more than {MOST} members"));
            }
            let end = entry.compressed_size_hint().saturating_add(HEADER);
            let start = entry.local_header_offset();
            places.push((start, start.saturating_add(end)));
            let name = String::from_utf8_lossy(entry.file_path().as_ref()).into_owned();
            if entry.is_dir() {
                let strange = strange(&name).map(|reason| (name, reason));
                self.refused.extend(strange);
                continue;
            }
            let wrong = strange(&name).or_else(|| {
                entry
                    .mode()
                    .is_symlink()
                    .then(|| "it is a symbolic link".to_owned())
            });
            let member = Member {
                place: entry.wayfinder(),
                method: entry.compression_method(),
                deflated: entry.compressed_size_hint(),
                size: entry.uncompressed_size_hint(),
            };
            found.push((name, wrong, member));
        }
        if listed != self.archive.entries_hint() {
            let said = self.archive.entries_hint();
            return Err(format!(
                "it says that it has {said} members, and has {listed}"
            ));
        }
        places.push((self.archive.directory_offset(), u64::MAX));
        places.sort_unstable();
        if let Some(pair) = places.windows(2).find(|pair| pair[0].1 > pair[1].0) {
            let ((_, end), (start, _)) = (pair[0], pair[1]);
            return Err(format!(
                "its members overlap: one ends at byte {end}, and the next begins at {start}"
            ));
        }
        for (name, wrong, member) in found {
            let wrong = wrong.or_else(|| {
                let is_there = self.members.contains_key(&name);
                is_there.then(|| "it is there twice".to_owned())
            });
            match wrong {
                Some(reason) => self.refused.push((name, reason)),
                None => {
                    self.members.insert(name, member);
                }
            }
        }
        Ok(())
    }

    /// What is in a member, once its size and checksum are right.
    pub fn read(&self, member: &Member) -> Result<Vec<u8>, String> {
        let mut memory = Memory::default();
        self.read_into(member, &mut memory).map(<[u8]>::to_vec)
    }

    /// The same, in memory that was used before. What is code there, is not kept.
    pub(super) fn read_into<'m>(
        &self,
        member: &Member,
        memory: &'m mut Memory,
    ) -> Result<&'m [u8], String> {
        inflate::read(&self.entry(member)?, member.method, memory)
    }

    /// The memory that reading a member takes.
    pub(super) fn needs(&self, member: &Member) -> Result<Needs, String> {
        inflate::needs(&self.entry(member)?, member.method, member.size)
    }

    fn entry(&self, member: &Member) -> Result<ZipEntry<'_, R>, String> {
        member.is_believed()?;
        let entry = self.archive.get_entry(member.place);
        entry.map_err(|error| error.to_string())
    }
}

impl Member {
    /// Fails where its size is more than is read, or than so few bytes become.
    pub fn is_believed(&self) -> Result<(), String> {
        let Member { deflated, size, .. } = *self;
        if size > LARGEST {
            return Err(format!(
                "it says that it has {size} bytes, and {LARGEST} are the most that is read"
            ));
        }
        bomb(size, deflated)
    }
}

/// Fails where so few bytes would become so many, in one member or in several together.
fn bomb(size: u64, deflated: u64) -> Result<(), String> {
    match size > SMALL && size / RATIO > deflated {
        true => Err(format!(
            "{deflated} bytes that are compressed would become {size}, as in a zip bomb"
        )),
        false => Ok(()),
    }
}

/// Fails where members, of which each may be read, would become too much together.
pub fn bombs<'m>(members: impl Iterator<Item = &'m Member>) -> Result<(), String> {
    let (size, deflated) = members.fold((0_u64, 0_u64), |(size, deflated), member| {
        (
            size.saturating_add(member.size),
            deflated.saturating_add(member.deflated),
        )
    });
    bomb(size, deflated)
}

/// What is wrong with the name of a member that installers would put elsewhere.
fn strange(name: &str) -> Option<String> {
    let outside = name.starts_with(['/', '\\'])
        || name.split(['/', '\\']).any(|part| part == "..")
        || name.as_bytes().get(1) == Some(&b':');
    let odd = name.chars().any(|c| clean::is_odd(c) || c == '\u{fffd}');
    match (outside, odd) {
        (true, _) => Some("it lies outside of the wheel".to_owned()),
        (_, true) => Some("its name has characters that no file name has".to_owned()),
        _ => None,
    }
}

//! Memory for one file after another.

use memmap2::MmapMut;

use super::unread::Unread;

/// Memory of the system's own, which has it again as soon as this goes: an allocator keeps some for later.
/// It is used again where it can be, since what is new has to be cleared.
///
/// Huge pages would be fewer, and are not asked for: a virtual machine that gives what it does not use back to
/// its host gives those, and has to wait for each of them.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    bytes: Option<MmapMut>,
    /// How many of them, from the first on, have been used.
    begun: u64,
    /// And how many others at most.
    elsewhere: u64,
}

impl Buffer {
    /// The bytes that there are.
    fn size(&self) -> u64 {
        self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)
    }

    /// Those of them that are in memory: the system has the rest for others until they are used.
    pub(super) fn used(&self) -> u64 {
        self.used_with(0)
    }

    /// Those that will be, once there is room for so many.
    pub(super) fn used_with(&self, bytes: u64) -> u64 {
        let used = self.begun.max(bytes).saturating_add(self.elsewhere);
        used.min(self.size().max(bytes))
    }

    /// How many of so many bytes would be new. Nothing where there are not so many.
    pub(super) fn new_of(&self, bytes: u64) -> Option<u64> {
        (bytes <= self.size()).then(|| bytes.saturating_sub(self.begun))
    }

    /// So many of them, which may have anything in them.
    pub(super) fn room(&mut self, bytes: u64) -> Result<&mut [u8], String> {
        if self.size() < bytes {
            *self = Buffer::new(bytes)?;
        }
        self.begun = self.begun.max(bytes);
        self.first(bytes)
    }

    /// So many new ones. Those that are left out of it stay zeros, and are not in memory.
    pub(super) fn zeros(&mut self, bytes: u64, without: &Unread) -> Result<&mut [u8], String> {
        *self = Buffer::new(bytes)?;
        self.begun = without.first().unwrap_or(bytes);
        self.elsewhere = bytes.saturating_sub(without.size() + self.begun);
        self.first(bytes)
    }

    fn new(bytes: u64) -> Result<Buffer, String> {
        let size = usize::try_from(bytes).map_err(|error| error.to_string())?;
        let new = MmapMut::map_anon(size).map_err(|error| error.to_string())?;
        Ok(Buffer {
            bytes: Some(new),
            ..Buffer::default()
        })
    }

    fn first(&mut self, bytes: u64) -> Result<&mut [u8], String> {
        let size = usize::try_from(bytes).map_err(|error| error.to_string())?;
        Ok(&mut self.bytes.as_deref_mut().unwrap_or_default()[..size])
    }
}

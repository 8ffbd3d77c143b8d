//! Zip files that tests make, as wheels are and as none should be.

use std::io::Write as _;

/// A member.
#[derive(Clone)]
pub(crate) struct Member {
    /// Its name, with `/`.
    pub(crate) name: String,
    /// What is in it.
    pub(crate) data: Vec<u8>,
}

impl Member {
    /// A plain file.
    pub(crate) fn new(name: impl Into<String>, data: &[u8]) -> Self {
        Member {
            name: name.into(),
            data: data.to_vec(),
        }
    }
}

/// All of them, deflated, with their names as they are given. Nothing is tidied.
pub(crate) fn write(members: &[Member]) -> Vec<u8> {
    let (mut local, mut directory) = (Vec::new(), Vec::new());
    for member in members {
        let mut deflated =
            flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        deflated
            .write_all(&member.data)
            .expect("memory can be written");
        let deflated = deflated.finish().expect("memory can be written");
        let mut crc = flate2::Crc::new();
        crc.update(&member.data);
        let number = |number: usize| u32::try_from(number).expect("a small file").to_le_bytes();
        let mut shared = vec![20, 0, 0, 0, 8, 0, 0, 0, 0x21, 0];
        shared.extend(crc.sum().to_le_bytes());
        shared.extend(number(deflated.len()));
        shared.extend(number(member.data.len()));
        shared.extend(&number(member.name.len())[..2]);
        shared.extend([0, 0]);
        let place = local.len();
        local.extend(b"PK\x03\x04");
        local.extend(&shared);
        local.extend(member.name.as_bytes());
        local.extend(deflated);
        directory.extend(b"PK\x01\x02\x14\x03");
        directory.extend(&shared);
        // Neither comment, disk nor attributes; then where the file is.
        directory.extend([0; 10]);
        directory.extend(number(place));
        directory.extend(member.name.as_bytes());
    }
    let number = |number: usize| u32::try_from(number).expect("a small file").to_le_bytes();
    let count = number(members.len());
    let mut end = b"PK\x05\x06\0\0\0\0".to_vec();
    end.extend(&count[..2]);
    end.extend(&count[..2]);
    end.extend(number(directory.len()));
    end.extend(number(local.len()));
    end.extend([0, 0]);
    [local, directory, end].concat()
}

//! A file that may be anything: the members of a wheel are read, or it is said why not.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pyshim_gen::audit::binary::Binary;
use pyshim_gen::audit::claim::{FileName, metadata_tags};
use pyshim_gen::audit::container::Wheel;

fuzz_target!(|data: &[u8]| {
    let wheel = match Wheel::open(data, data.len() as u64) {
        Ok(wheel) => wheel,
        Err(why) => return assert!(!why.is_empty()),
    };
    for (name, member) in &wheel.members {
        let _ = FileName::parse(name);
        match wheel.read(member) {
            Ok(inside) => {
                assert_eq!(inside.len() as u64, member.size);
                let _ = metadata_tags(&String::from_utf8_lossy(&inside));
                let _ = Binary::read(&inside, "demo");
            }
            Err(why) => assert!(!why.is_empty()),
        }
    }
});

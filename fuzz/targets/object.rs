//! A file that may be anything: what it exports and takes is read, or it is said why not.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pyshim_gen::audit::binary::Binary;
use pyshim_gen::observe::symbols;

fuzz_target!(|data: &[u8]| {
    if let Err(why) = symbols::of_bytes(data) {
        assert!(!why.is_empty());
    }
    if let Err(why) = Binary::read(data, "demo") {
        assert!(!why.is_empty());
    }
});

//! A snapshot that may be anything: what is understood is written, and reads as the same again.
#![no_main]

use std::path::PathBuf;

use libfuzzer_sys::fuzz_target;
use pyshim_gen::diag::{Colour, Sink};
use pyshim_gen::source::Sources;
use pyshim_gen::surface::Surface;
use pyshim_gen::surface::read::read;
use pyshim_gen::surface::write::write;

fn parse(text: String) -> (Surface, usize) {
    let mut sources = Sources::default();
    let mut sink = Sink::default();
    let file = sources.add(PathBuf::from("snapshot.txt"), text);
    let surface = read(file, &sources, &mut sink);
    let complaints = sink.into_sorted();
    for complaint in &complaints {
        complaint.render(&sources, Colour::Never);
    }
    (surface, complaints.len())
}

fuzz_target!(|text: &str| {
    let (surface, complaints) = parse(text.to_owned());
    if complaints == 0 {
        let written = write(&surface);
        let (again, complaints) = parse(written.clone());
        assert_eq!(complaints, 0, "{written}");
        assert_eq!(write(&again), written);
    }
});

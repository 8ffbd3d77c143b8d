//! A family of a manifest that may be anything: mistakes are said, and what has none is emitted.
#![no_main]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use pyshim_gen::diag::Colour;

/// A manifest folder of this process's own, with one family that is replaced each time.
fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a temporary folder").keep();
        fs::create_dir(folder.join("entries")).expect("it can be written");
        let targets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../abi/targets.yaml");
        fs::copy(targets, folder.join("targets.yaml")).expect("the project's targets");
        folder
    })
}

fuzz_target!(|data: &[u8]| {
    let folder = folder();
    fs::write(folder.join("entries/family.yaml"), data).expect("it can be written");
    let Ok(reading) = pyshim_gen::read(folder) else {
        return; // not UTF-8
    };
    for complaint in &reading.diagnostics {
        complaint.render(&reading.sources, Colour::Never);
        complaint.to_json(&reading.sources);
    }
    if reading.diagnostics.is_empty() {
        let model = reading
            .model
            .expect("a manifest without mistakes is understood");
        pyshim_gen::emit::emit(&model);
    }
});

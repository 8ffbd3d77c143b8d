//! A file that may be anything: the members of a wheel are read and judged, and what is found is shown; or
//! it is said why not.
#![no_main]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use pyshim_gen::audit::binary::Binary;
use pyshim_gen::audit::claim::{FileName, metadata_tags};
use pyshim_gen::audit::container::Wheel;
use pyshim_gen::audit::{Audited, each};
use pyshim_gen::html::{self, Subject, Wheels};
use pyshim_gen::model::Model;
use pyshim_gen::report::{Format, Options, Report, render};
use pyshim_gen::surface::Surface;
use tempfile::TempDir;

/// A name that claims much: two stable ABIs, and every CPython from 3.12 on.
const NAME: &str = "demo-1.0-cp312-abi3.abi3t-linux_x86_64.whl";

fuzz_target!(|data: &[u8]| {
    members(data);
    let folder = folder();
    fs::write(folder.join(NAME), data).expect("the folder is ours");
    show(each(&[folder.to_owned()]), folder);
});

/// Reads all that is in it.
fn members(data: &[u8]) {
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
}

/// Shows what was found, as text and as pages. What a terminal obeys is in neither.
fn show(files: Vec<Audited>, folder: &Path) {
    let mut report: Report = files.iter().map(|file| file.report.clone()).collect();
    report.sort();
    let text = render(&report, Format::Text, &Options::default());
    let folder = folder.display().to_string();
    let wheels = Wheels {
        folder,
        files,
        report,
    };
    let pages = html::pages(&Subject {
        model: model(),
        surface: &Surface::default(),
        observed: &[],
        wheels: Some(&wheels),
    });
    for text in pages.files.values().chain([&text]) {
        assert!(!text.contains(|c: char| c.is_control() && c != '\n'));
    }
}

/// A folder for one wheel after another.
fn folder() -> &'static Path {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    FOLDER
        .get_or_init(|| tempfile::tempdir().expect("a temporary folder"))
        .path()
}

/// A small manifest, for the pages beside that of wheels.
fn model() -> &'static Model {
    static MODEL: OnceLock<Model> = OnceLock::new();
    MODEL.get_or_init(|| {
        let fixture = "../generator/tests/fixtures/golden/plain-function";
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(fixture);
        let reading = pyshim_gen::read(&folder).expect("the manifest is there");
        reading.model.expect("it is understood")
    })
}

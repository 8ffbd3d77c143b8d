//! `pyshim audit` with a folder.

use std::fs;

use crate::elf::Elf;
use crate::project::run_in;
use crate::scratch;

/// No system call takes as many bytes as a path. A folder whose path has more cannot be read, whoever asks.
#[cfg(target_os = "linux")]
const LONGEST_PATH: usize = 4096;

#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_cannot_be_read_hides_nothing_beside_it() {
    let scratch = scratch::folder();
    let dist = scratch.path().join("dist");
    let mut deep = dist.clone();
    while deep.as_os_str().len() < LONGEST_PATH - 200 {
        deep.push("d".repeat(100));
    }
    fs::create_dir_all(&deep).expect("the folders can be made");
    let long = "e".repeat(250);
    let moved = scratch.path().join("moved");
    fs::create_dir_all(moved.join(&long)).expect("the folders can be made");
    fs::rename(moved, deep.join("moved")).expect("it can be moved");
    let module = Elf::exporting("PyInit_demo").write();
    for folder in [dist.clone(), deep.join("moved")] {
        fs::write(folder.join("demo.abi3.so"), &module).expect("the module can be written");
    }

    let report = pyshim_gen::audit::audit(std::slice::from_ref(&dist));
    let found = report.subjects.iter().map(|subject| subject.given.clone());
    let modules = [&dist, &deep.join("moved")].map(|folder| folder.join("demo.abi3.so"));
    let modules = modules.map(|module| module.display().to_string());
    assert_eq!(std::collections::BTreeSet::from_iter(found), modules.into());
    let unread = deep.join("moved").join(long);
    let [failure] = report.failures.as_slice() else {
        panic!("one failure: {:?}", report.failures);
    };
    let start = format!("`{}`: ", unread.display());
    assert!(failure.starts_with(&start), "{failure}");
    let dist = dist.display().to_string();
    run_in(scratch.path(), &["audit", &dist]).exits_with(3);
}

//! Large manifests work, and say all that they should. How fast is for `cargo xtask bench`.

use crate::big;
use std::fs;

use pyshim_gen::{emit_all, read};

#[test]
fn ten_thousand_entries_are_checked_and_emitted() {
    for entries in [5_000, 10_000] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        big::write(folder.path(), entries).expect("the manifest can be written");
        let reading = read(folder.path()).expect("the manifest can be read");
        let first = reading.diagnostics.first().map(|d| d.message.as_str());
        assert_eq!(first, None);
        let model = reading.model.expect("nothing is wrong with it");
        assert_eq!(model.entries().count(), entries);
        assert_eq!(model.table().len(), entries * 4 / 10);
        let files = emit_all(&model, folder.path()).expect("there are no pages");
        let lock = &files.files["abi/table.lock"];
        let last = format!("\n{} big_f{} ", model.table().len() - 1, entries - 1);
        assert!(lock.contains(&last), "the last function has the last slot");
        let ffi = &files.files["shim/src/generated/ffi.rs"];
        assert_eq!(ffi.matches("pub fn big_").count(), entries / 2);
    }
}

#[test]
fn ten_thousand_mistakes_are_reported() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    big::write(folder.path(), 10_000).expect("the manifest can be written");
    for item in fs::read_dir(folder.path().join("entries")).expect("it was written") {
        let path = item.expect("it can be read").path();
        let text = fs::read_to_string(&path).expect("it was written");
        fs::write(&path, text.replace("added: \"0.1.0\"", "added: \"0.1\"")).expect("it is ours");
    }
    let reading = read(folder.path()).expect("the manifest can be read");
    assert_eq!(reading.diagnostics.len(), 8_000);
}

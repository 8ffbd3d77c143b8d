//! libclang's reading of C headers: everything that C can declare, on machines of each data model.

#![cfg(feature = "clang")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use pyshim_gen::observe::Trouble;
use pyshim_gen::observe::clang::{Request, Wanted, observe, observe_all};
use pyshim_gen::surface::ctype::CType;
use pyshim_gen::surface::write::write;
use pyshim_gen::surface::{Form, Kind, Layout, Surface};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clang")
}

/// A file of C, read for a target; all that it declares.
fn request(file: &Path, target: Option<&str>) -> Request {
    let target = target.map(|target| format!("--target={target}"));
    Request {
        header: format!("#include \"{}\"", file.display()),
        arguments: target.into_iter().collect(),
        wanted: Wanted::Under(vec![file.to_owned()]),
        label: "full".to_owned(),
    }
}

/// A text of C, read here; the names that are given.
fn read(text: &str, names: &[&str]) -> Surface {
    let request = Request {
        header: text.to_owned(),
        arguments: Vec::new(),
        wanted: Wanted::Names(names.iter().map(|name| (*name).to_owned()).collect()),
        label: "full".to_owned(),
    };
    observe(&request).unwrap_or_else(|failure| panic!("{failure}"))
}

fn is_as_blessed(target: &str) {
    let surface = observe(&request(&folder().join("everything.h"), Some(target)));
    let found = write(&surface.unwrap_or_else(|failure| panic!("{failure}")));
    let path = folder().join(format!("{target}.txt"));
    if std::env::var_os("PYSHIM_BLESS").is_some_and(|value| value == "1") {
        fs::write(&path, &found).expect("the folder is there");
    }
    let wanted = fs::read_to_string(&path).expect("PYSHIM_BLESS=1 writes it");
    assert!(
        found == wanted,
        "{}PYSHIM_BLESS=1 accepts it",
        similar::TextDiff::from_lines(&wanted, &found).unified_diff()
    );
}

#[test]
fn everything_on_linux() {
    is_as_blessed("x86_64-unknown-linux-gnu");
}

#[test]
fn everything_on_windows() {
    is_as_blessed("x86_64-pc-windows-msvc");
}

#[test]
fn everything_on_i386() {
    is_as_blessed("i686-unknown-linux-gnu");
}

#[test]
fn everything_most_significant_byte_first() {
    is_as_blessed("s390x-unknown-linux-gnu");
}

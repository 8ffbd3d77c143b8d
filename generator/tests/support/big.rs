//! Manifests as large as one likes, for tests and for `cargo xtask bench`.
//!
//! This file needs nothing but the standard library, so that others can include it by its path.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

/// How many entries one family has.
const FAMILY: usize = 250;

/// Writes a manifest of some number of entries to a folder. Of ten entries, four are functions of
/// the table, with a symbol each to provide some; the others are symbols, structs, constants,
/// bitfields and plain functions.
pub(crate) fn write(dir: &Path, entries: usize) -> io::Result<()> {
    fs::create_dir_all(dir.join("entries"))?;
    let targets = "prefix: big\npythons:\n  \
        - { version: \"3.13\", builds: [gil, ft] }\n  \
        - { version: \"3.14\", builds: [gil, ft] }\n  \
        - { version: \"3.15\", builds: [gil, ft], abi3t_since: \"3.15\" }\n";
    fs::write(dir.join("targets.yaml"), targets)?;
    let mut slot = 0;
    for (number, start) in (0..entries).step_by(FAMILY).enumerate() {
        let mut text = format!("family: f{number}\ndoc: Family {number}.\n");
        let _ = write!(
            text,
            "groups:\n  - name: g{number}\n    symbols: [PyBig_F{start}_1]\n"
        );
        text.push_str("entries:\n");
        for index in start..entries.min(start + FAMILY) {
            entry(&mut text, start, index, &mut slot);
        }
        fs::write(dir.join(format!("entries/f{number}.yaml")), text)?;
    }
    Ok(())
}

/// One entry; `start` is the first of its family.
fn entry(text: &mut String, start: usize, index: usize, slot: &mut usize) {
    let life = "      life: { added: \"0.1.0\" }\n";
    let _ = match index % 10 {
        0 => write!(
            text,
            "  - struct:\n      name: big_s{index}\n      doc: Struct {index}.\n      \
             allocated_by: caller\n      fields:\n        \
             - {{ name: a, type: u32, doc: \"A number.\" }}\n        \
             - {{ name: b, type: u64 }}\n        - {{ name: c, type: object? }}\n      \
             reserved: 2\n{life}"
        ),
        1 => write!(
            text,
            "  - symbol:\n      name: PyBig_F{start}_{offset}\n      doc: Symbol {index}.\n      \
             source: Include/big.h\n      params: [{{ name: op, type: object }}]\n      \
             returns: int\n      declared: [{{ since: \"3.13\", api: [full] }}]\n      \
             exported: [{{ since: \"3.13\", until: \"3.16\" }}]\n",
            offset = index - start
        ),
        2 => write!(
            text,
            "  - constant:\n      name: BIG_C{index}\n      doc: Constant {index}.\n      \
             value: {index}\n{life}"
        ),
        3 => write!(
            text,
            "  - bitfield:\n      name: big_b{index}\n      doc: Bits {index}.\n      \
             unit: u32\n      bits:\n        - {{ name: one, shift: 0, doc: \"One.\" }}\n        \
             - {{ name: two, shift: 1, width: 3, doc: \"Two.\" }}\n{life}"
        ),
        4 => write!(
            text,
            "  - upstream:\n      name: PyBig_U{index}\n      doc: CPython's {index}.\n      \
             source: Include/big.h\n      layouts:\n        - when: [{{ build: [gil] }}]\n          \
             fields: [{{ name: a, type: ssize }}, {{ name: b, type: u16 }}]\n        \
             - when: [{{ build: [ft] }}]\n          fields: [{{ name: a, type: uintptr }}]\n      \
             declared: [{{}}]\n      complete: [{{ api: [full] }}]\n"
        ),
        5 => {
            let head = format!("      doc: Function {index}.\n");
            let _ = write!(text, "  - function:\n      name: big_p{index}\n{head}");
            write!(text, "{}{life}", signature(start))
        }
        _ => {
            let head = format!("      slot: {slot}\n      doc: Function {index}.\n");
            *slot += 1;
            let _ = write!(text, "  - function:\n      name: big_f{index}\n{head}");
            let family = start / FAMILY;
            write!(
                text,
                "{}      direct:\n        \
                 - {{ when: [{{ since: \"3.14\", build: [ft] }}], returns: 1 }}\n        \
                 - {{ returns: 0 }}\n      providers:\n        \
                 - {{ when: [{{ until: \"3.16\" }}], requires: g{family}, core: big_core_n{index} }}\n        \
                 - {{ core: big_core_f{index} }}\n{life}",
                signature(start)
            )
        }
    };
}

fn signature(start: usize) -> String {
    format!(
        "      params:\n        - {{ name: s, type: ptr<big_s{start}> }}\n        \
         - {{ name: op, type: object }}\n      returns: int\n      contract:\n        \
         thread_state: attached\n        ownership: borrows both\n        \
         errors: none\n        versions: the same on all\n"
    )
}

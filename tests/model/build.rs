//! Compiles the C core so that each atomic operation asks the model checker, and numbers the sites
//! of `orders.h` on both sides of the border.

use std::path::{Path, PathBuf};
use std::{env, fs};

/// The sites of `orders.h` with their orders, in the order of the file.
fn sites(orders: &str) -> Vec<(String, String)> {
    orders
        .lines()
        .filter_map(|line| line.strip_prefix("#define PYSHIM_ORDER_"))
        .filter_map(|rest| rest.split_once(" PYSHIM_"))
        .map(|(site, order)| (site.to_owned(), order.trim().to_owned()))
        .collect()
}

fn variant(order: &str) -> &str {
    match order {
        "RELAXED" => "Relaxed",
        "ACQUIRE" => "Acquire",
        "RELEASE" => "Release",
        "ACQ_REL" => "AcqRel",
        "SEQ_CST" => "SeqCst",
        other => panic!("orders.h has the unknown order `{other}`"),
    }
}

fn main() {
    let root = Path::new("../..");
    let csrc = root.join("shim/csrc");
    let orders = fs::read_to_string(csrc.join("orders.h")).expect("orders.h can be read");
    let sites = sites(&orders);
    assert!(!sites.is_empty(), "orders.h has no sites");

    let mut table = String::from("&[\n");
    for (site, order) in &sites {
        table += &format!("    (\"{site}\", Ordering::{}),\n", variant(order));
    }
    table += "]\n";
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    fs::write(out.join("sites.rs"), table).expect("OUT_DIR can be written");

    let mut build = cc::Build::new();
    build
        .file("csrc/model.c")
        .include(root.join("include"))
        .include(&csrc)
        .define("PYSHIM_MODEL", None)
        .define("PYSHIM_NO_PYTHON_H", None)
        // Two slots are enough for every case: one's own, another's, and none left.
        .define("PYSHIM_HAZARD_SLOTS", "2")
        // Panics of the model cross the C frames.
        .flag("-fexceptions")
        // core.h declares functions of files that are not part of this.
        .flag("-Wno-unused-function");
    for (number, (site, _)) in sites.iter().enumerate() {
        build.define(&format!("PYSHIM_ORDER_{site}"), number.to_string().as_str());
    }
    build.compile("pyshim_model");

    for folder in [Path::new("csrc"), &csrc, &root.join("include")] {
        println!("cargo::rerun-if-changed={}", folder.display());
    }
}

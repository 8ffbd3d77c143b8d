//! Compiles the C side of the layout tests.

fn main() {
    println!("cargo::rerun-if-changed=generated/layout.c");
    println!("cargo::rerun-if-changed=../include");
    cc::Build::new()
        .file("generated/layout.c")
        .include("../include")
        .define("PYSHIM_TEST_NO_MAIN", None)
        .compile("pyshim_layout_test");
}

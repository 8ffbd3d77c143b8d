//! What Rust refuses to compile about stack references: each mistake that is reported in C, but for
//! the leak, and why; and an exception that leaves its interpreter. `TRYBUILD=overwrite` writes what the compiler says. Other compilers than the one
//! of the committed text say it in other words; the doc tests refuse the same with any.

use std::process::Command;

/// The compiler of the committed text.
const BLESSED: &str = "rustc 1.95.";

/// One for each file, so that none is lost.
const CASES: [&str; 10] = [
    "borrow_outlives_its_owner",
    "borrowed_after_close",
    "closed_twice",
    "closed_while_borrowed",
    "copied",
    "exception_leaves_its_interpreter",
    "kept_longer_than_attached",
    "sent",
    "stolen_twice",
    "used_after_close",
];

#[test]
fn mistakes_do_not_compile() {
    let version = Command::new("rustc").arg("--version").output();
    let version = version.expect("rustc runs").stdout;
    let version = String::from_utf8_lossy(&version);
    if version.starts_with(BLESSED) {
        let tests = trybuild::TestCases::new();
        for case in CASES {
            tests.compile_fail(format!("tests/refused/{case}.rs"));
        }
    } else {
        eprintln!("skipped: the committed text is of {BLESSED} and this is {version}");
    }
}

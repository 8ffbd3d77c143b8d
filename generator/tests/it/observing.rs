//! `pyshim observe` of a library of the user's own: what it is given is what it has as evidence.

use crate::scratch;
use std::path::Path;

use crate::project::run_in;
use tempfile::TempDir;

const HEADER: &str = "\
struct point { int x; double y; };
struct hidden;
#define POINT_LIMIT 7
int point_norm(const struct point *p);
struct hidden *point_open(void);
";

/// A library without its source: the fuzzer's seed, which exports `answer`, `f` and `g`.
const LIBRARY: &str = "../fuzz/seeds/object/elf-gnu";
const OF_LIBRARY: &str = "int f(void);\nint not_there(void);\n";

fn folder() -> TempDir {
    let folder = scratch::folder();
    scratch::write(&folder.path().join("include/point.h"), HEADER);
    scratch::write(&folder.path().join("api.h"), OF_LIBRARY);
    let copied = std::fs::copy(LIBRARY, folder.path().join("libapi.so.1"));
    copied.expect("it is a seed of the fuzzer");
    folder
}

/// A snapshot's lines, of a run that was clean.
fn observed(folder: &Path, arguments: &[&str]) -> Vec<String> {
    let arguments = [&["observe"], arguments].concat();
    let ran = run_in(folder, &arguments).exits_with(0);
    ran.stdout.lines().map(str::to_owned).collect()
}

#[track_caller]
fn says(snapshot: &[String], line: &str) {
    let found = snapshot.iter().any(|found| found == line);
    assert!(found, "{line}\n{}", snapshot.join("\n"));
}

#[track_caller]
fn is_silent(snapshot: &[String], start: &str) {
    let found = snapshot.iter().any(|found| found.starts_with(start));
    assert!(!found, "{start}\n{}", snapshot.join("\n"));
}

#[test]
fn a_library_alone_has_its_symbols() {
    let folder = folder();
    let seen = observed(folder.path(), &["--library", "libapi.so.1"]);
    for line in [
        "pyshim snapshot 1",
        "about subject libapi.so.1",
        "about evidence symbols",
        "about missing-evidence clang",
        "about missing-evidence probe",
        "f function",
        "f exported all",
    ] {
        says(&seen, line);
    }
    is_silent(&seen, "f declared");
}

#[test]
fn a_header_alone_has_what_it_declares() {
    let folder = folder();
    let arguments = ["--include", "include", "--header", "point.h"];
    let seen = observed(folder.path(), &arguments);
    for line in [
        "about subject point.h",
        "about evidence clang",
        "about evidence probe",
        "about missing-evidence symbols",
        "hidden struct",
        "point_norm function",
        "POINT_LIMIT value all = 7",
    ] {
        says(&seen, line);
    }
    // Nobody has looked, which is not to say that it is absent; and what is opaque has no size.
    is_silent(&seen, "point_norm exported");
    is_silent(&seen, "hidden layout");
}

#[test]
fn a_header_and_a_library_are_compared() {
    let folder = folder();
    let arguments = ["--header", "api.h", "--library", "libapi.so.1"];
    let seen = observed(folder.path(), &arguments);
    for line in [
        "about subject libapi.so.1",
        "about evidence clang",
        "about evidence probe",
        "about evidence symbols",
        "f declared function all",
        "f exported all",
        "not_there declared function all",
        "not_there exported nowhere",
        // Exported, and no header names it.
        "g exported all",
    ] {
        says(&seen, line);
    }
    is_silent(&seen, "about missing-evidence");
}

#[test]
fn one_oracle_is_asked_alone() {
    let folder = folder();
    for (oracle, other) in [("clang", "probe"), ("probe", "clang")] {
        let arguments = ["--header", "api.h", "--oracle", oracle];
        let seen = observed(folder.path(), &arguments);
        says(&seen, &format!("about evidence {oracle}"));
        is_silent(&seen, &format!("about evidence {other}"));
    }
    let arguments = ["observe", "--header", "api.h", "--oracle", "symbols"];
    let ran = run_in(folder.path(), &arguments).exits_with(3);
    let wanted = "error[E006]: there is no library\n";
    assert!(ran.stderr.starts_with(wanted), "{}", ran.stderr);
}

/// Headers as a CPython for another machine has them: nothing of them runs here.
#[test]
fn a_cross_include_folder_is_a_cpython() {
    let folder = scratch::folder();
    let file = |name: &str, text: &str| scratch::write(&folder.path().join("inc").join(name), text);
    file("patchlevel.h", "#define PY_VERSION \"3.14.2\"\n");
    let declared = "#include \"patchlevel.h\"\ntypedef struct { long a; } PyThing;\n\
                    extern int PyThing_Check(PyThing *);\n";
    file("Python.h", declared);
    let seen = observed(folder.path(), &["--include", "inc"]);
    for line in [
        "about subject CPython 3.14",
        "about headers 3.14.2",
        "about missing-evidence symbols",
        "about where full",
        "PyThing_Check function",
    ] {
        says(&seen, line);
    }
    let arguments = ["observe", "--include", "inc", "--out", "out"];
    let ran = run_in(folder.path(), &arguments).exits_with(0);
    assert_eq!(ran.stdout, "wrote out/3.14.txt\n");
    let again = run_in(folder.path(), &arguments).exits_with(0);
    assert_eq!(again.stdout, "unchanged out/3.14.txt\n");
}

#[test]
fn a_version_is_an_interpreter_of_this_machine() {
    let folder = folder();
    let seen = observed(folder.path(), &["--python", "3.14t", "--oracle", "symbols"]);
    says(&seen, "about subject CPython 3.14t");
    for arguments in [
        ["observe", "--python", "3.2"].as_slice(),
        &["audit", "--import-check", "3.2", "libapi.so.1"],
    ] {
        let ran = run_in(folder.path(), arguments).exits_with(3);
        // A report breaks lines at spaces.
        let said = (ran.stdout + &ran.stderr).replace("\n", " ");
        let wanted = "there is no CPython 3.2 here; there are 3.";
        assert!(said.contains(wanted), "{arguments:?}: {said}");
        assert!(said.contains("E008"), "{arguments:?}: {said}");
    }
}

#[test]
fn what_is_no_folder_of_headers_is_refused() {
    let folder = scratch::folder();
    std::fs::create_dir(folder.path().join("inc")).expect("the folder is ours");
    let ran = run_in(folder.path(), &["observe", "--include", "inc"]).exits_with(3);
    assert!(ran.stderr.starts_with("error[E003]: "), "{}", ran.stderr);
    let arguments = ["observe", "--header", "nothing.h"];
    let ran = run_in(folder.path(), &arguments).exits_with(3);
    assert!(ran.stderr.contains("nothing.h"), "{}", ran.stderr);
    let ran = run_in(folder.path(), &["observe"]).exits_with(3);
    let wanted = "error[E008]: nothing to observe is named\n";
    assert!(ran.stderr.starts_with(wanted), "{}", ran.stderr);
}

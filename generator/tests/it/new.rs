//! `pyshim new`: what it writes, and what it refuses. That the projects build is tested where the
//! examples are built.

use std::fs;
use std::path::Path;

use crate::project::run_in;
use pyshim_gen::new::{TOOLS, Tool};

const EXAMPLES: &str = "../examples";
const KEPT: &str = "src/new/examples.txt";

/// The command has the examples in it, as one text.
#[test]
fn projects_are_the_examples() {
    let mut all = String::new();
    for tool in TOOLS {
        let top = Path::new(EXAMPLES).join(tool.folder);
        for path in files(&top) {
            let text = fs::read_to_string(top.join(&path)).expect("examples are text");
            assert!(text.ends_with('\n'), "{path}");
            assert!(!text.lines().any(|line| line.starts_with("-- ")), "{path}");
            all.push_str(&format!("-- {}/{path} --\n{text}", tool.folder));
        }
    }
    if std::env::var_os("PYSHIM_BLESS").is_some_and(|value| value == "1") {
        fs::write(KEPT, &all).expect("it can be written");
    }
    let kept = fs::read_to_string(KEPT).expect("PYSHIM_BLESS=1 writes it");
    assert!(
        kept == all,
        "{}PYSHIM_BLESS=1 brings examples.txt up to date",
        similar::TextDiff::from_lines(&kept, &all).unified_diff()
    );
}

/// What is committed of an example, without what a project has of its own: which crates were there.
fn files(folder: &Path) -> Vec<String> {
    let mut git = std::process::Command::new("git");
    let listed = git.arg("ls-files").current_dir(folder).output();
    let listed = String::from_utf8(listed.expect("git runs").stdout).expect("UTF-8");
    let files: Vec<String> = listed
        .lines()
        .filter(|path| *path != "Cargo.lock")
        .map(str::to_owned)
        .collect();
    assert!(files.len() >= 2, "{}: {files:?}", folder.display());
    files
}

#[test]
fn a_new_project_is_in_a_folder_of_its_name() {
    for Tool { name: tool, .. } in TOOLS {
        let here = tempfile::tempdir().expect("a folder");
        let ran = run_in(here.path(), &["new", "gear_box", "--with", tool]).exits_with(0);
        assert!(ran.stdout.contains("  cd ./gear_box\n"), "{}", ran.stdout);
        let written = ran
            .stdout
            .lines()
            .filter_map(|line| line.strip_prefix("wrote "));
        let written: Vec<&str> = written.collect();
        assert!(written.len() >= 2, "{tool}: {}", ran.stdout);
        for path in written {
            assert!(here.path().join(path).is_file(), "{tool}: {path}");
        }
    }
}

#[test]
fn nothing_is_written_where_the_command_line_is_wrong() {
    let here = tempfile::tempdir().expect("a folder");
    fs::create_dir(here.path().join("there")).expect("it is new");
    for (arguments, words) in [
        (&["gear-box", "--with", "make"][..], "such as `gear_box`"),
        (&["lambda", "--with", "make"], "it is a keyword of Python"),
        (&["lock", "--with", "cffi"], "tally.py has that word"),
        (&["there", "--with", "make"], "`./there` is there already"),
        (
            &["gear", "--with", "make", "--out", "no"],
            "there is no folder `no`",
        ),
        (&["gear", "--with", "bazel"], "setuptools, meson"),
        (&["gear"], "--with <TOOL>"),
    ] {
        let all: Vec<&str> = ["new"].iter().chain(arguments).copied().collect();
        let ran = run_in(here.path(), &all).exits_with(2);
        assert!(ran.stderr.contains(words), "{words}: {}", ran.stderr);
    }
    let left: Vec<_> = fs::read_dir(here.path()).expect("it is there").collect();
    assert_eq!(left.len(), 1);
}

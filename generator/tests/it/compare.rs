//! `pyshim diff` and `pyshim release-baseline` as people and CI use them.

use crate::scratch;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::project::{Project, run_in};

/// A manifest with a function in the table.
const GOOD: &str = "golden/table-function";

/// A manifest, and the same with another parameter for a function.
fn changed() -> Project {
    let project = Project::generated(GOOD);
    project.run(&["release-baseline", "0.1.0"]).exits_with(0);
    let family = project.path("abi/entries/widget.yaml");
    let text = fs::read_to_string(&family).expect("the fixture's family");
    let (before, after) = text
        .split_once("name: acme_stop")
        .expect("the fixture has it");
    let after = after.replacen(
        "type: object }]",
        "type: object }, { name: how, type: int }]",
        1,
    );
    scratch::write(&family, &format!("{before}name: acme_stop{after}"));
    project
}

#[test]
fn a_manifest_is_as_its_baseline_until_it_changes() {
    let project = Project::generated(GOOD);
    let ran = project.run(&["release-baseline", "0.1.0"]).exits_with(0);
    assert_eq!(ran.stdout, "wrote abi/baselines/0.1.0.txt\n");
    project.run(&["diff", "release:0.1.0", "abi"]).exits_with(0);
    let ran = project.run(&["release-baseline", "0.1.0"]).exits_with(0);
    assert_eq!(ran.stdout, "abi/baselines/0.1.0.txt is as it was\n");
}

#[test]
fn a_break_is_shown_with_its_line_and_ends_with_1() {
    let project = changed();
    let ran = project.run(&["diff", "release:0.1.0", "abi"]).exits_with(1);
    for words in [
        "D301",
        "acme_stop",
        "abi/entries/widget.yaml:",
        "old binary, new library: breaks",
    ] {
        assert!(ran.stdout.contains(words), "{words}\n{}", ran.stdout);
    }
    assert_eq!(ran.stderr, "");
}

#[test]
fn what_a_release_promised_is_not_rewritten() {
    let project = changed();
    let before = project.files();
    let ran = project.run(&["release-baseline", "0.1.0"]).exits_with(1);
    assert!(ran.stderr.contains("does not change"), "{}", ran.stderr);
    assert_eq!(project.files(), before);
    project.run(&["release-baseline", "one"]).exits_with(2);
}

#[test]
fn a_git_revision_is_a_side() {
    let project = Project::generated(GOOD);
    let git = |arguments: &[&str]| {
        let status = Command::new("git")
            .args(["-c", "user.name=x", "-c", "user.email=x@example.org"])
            .args(arguments)
            .current_dir(project.path("."))
            .output()
            .expect("git runs");
        assert!(status.status.success(), "{status:?}");
    };
    git(&["init", "--quiet"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message", "x"]);
    git(&["tag", "v1"]);
    project.run(&["diff", "git:v1", "abi"]).exits_with(0);
    let family = project.path("abi/entries/widget.yaml");
    let text = fs::read_to_string(&family).expect("the fixture's family");
    scratch::write(&family, &text.replace("acme_rest\n", "acme_sleep\n"));
    fs::remove_file(project.path("abi/table.lock")).expect("it was generated");
    let ran = project.run(&["diff", "git:v1:abi", "abi"]).exits_with(1);
    assert!(ran.stdout.contains("acme_rest"), "{}", ran.stdout);
    // The old line is that of the repository's file, not of some temporary copy.
    assert!(!ran.stdout.contains("/tmp"), "{}", ran.stdout);
    let ran = project.run(&["diff", "git:v2", "abi"]).exits_with(3);
    assert!(ran.stderr.contains("v2"), "{}", ran.stderr);
    let ran = project.run(&["diff", "git:--help", "abi"]).exits_with(3);
    assert!(ran.stderr.contains("no git revision"), "{}", ran.stderr);
}

#[test]
fn a_change_has_to_be_in_the_changelog() {
    let project = changed();
    let log = |text: &str| {
        scratch::write(&project.path("CHANGELOG.md"), text);
        let arguments = [
            "diff",
            "release:0.1.0",
            "abi",
            "--changelog",
            "CHANGELOG.md",
        ];
        // The break alone fails it.
        project.run(&arguments).exits_with(1);
        project.run(&[&arguments[..], &["--fail-on", "mistake"]].concat())
    };
    let ran = log("# Changelog\n\n## [Unreleased]\n\n### ABI\n\n- nothing\n");
    let ran = ran.exits_with(1).stdout;
    assert!(
        ran.contains("D901") && ran.contains("CHANGELOG.md:5"),
        "{ran}"
    );
    let ran = log("# Changelog\n\n## [Unreleased]\n\n### ABI\n\n- `acme_stop` takes how.\n");
    let ran = ran.exits_with(0).stdout;
    assert!(!ran.contains("D901"), "{ran}");
}

#[test]
fn every_format_ends_as_text_does() {
    let project = changed();
    for format in ["text", "json", "markdown", "sarif", "github", "junit"] {
        let ran = project
            .run(&["diff", "release:0.1.0", "abi", "--format", format])
            .exits_with(1);
        assert!(ran.stdout.contains("acme_stop"), "{format}\n{}", ran.stdout);
        if format == "json" {
            assert_eq!(ran.json()["result"]["outcome"], "findings");
        }
        let file = ["--format", format, "--output", "report"];
        let quiet = project
            .run(&[&["diff", "release:0.1.0", "abi"], file.as_slice()].concat())
            .exits_with(1);
        assert_eq!(quiet.stdout, "");
        let written = fs::read_to_string(project.path("report")).expect("it was written");
        assert_eq!(written, ran.stdout, "{format}");
    }
}

#[test]
fn the_gate_says_what_fails() {
    let project = Project::generated(GOOD);
    project.run(&["release-baseline", "0.1.0"]).exits_with(0);
    let family = project.path("abi/entries/widget.yaml");
    let text = fs::read_to_string(&family).expect("the fixture's family");
    let constant =
        "  - constant: { name: ACME_NEW, doc: New., value: 1, life: { added: \"0.2.0\" } }\n";
    scratch::write(&family, &format!("{text}{constant}"));
    let diff = ["diff", "release:0.1.0", "abi"];
    let with = |more: &[&str], code| {
        let arguments = [diff.as_slice(), more].concat();
        project.run(&arguments).exits_with(code)
    };
    with(&[], 0);
    with(&["--fail-on", "api"], 0);
    with(&["--fail-on", "addition"], 1);
    with(&["--require", "symbols"], 3);
    with(&["--fail-on", "loudly"], 2);
}

#[test]
fn what_cannot_be_read_ends_with_3_and_says_why() {
    let project = Project::generated(GOOD);
    scratch::write(&project.path("x.txt"), "pyshim snapshot 1\nx y z\n");
    scratch::write(&project.path("x.so"), "this is text\n");
    scratch::write(&project.path("empty.txt"), "");
    scratch::write(&project.path("x.whl"), "no zip\n");
    fs::write(project.path("x.bin"), [0xff, 0xfe, 0]).expect("it can be written");
    scratch::write(&project.path("broken/targets.yaml"), "prefix: [\n");
    scratch::write(&project.path("broken/entries/x.yaml"), "family: x\n");
    for (side, words) in [
        ("absent", "absent"),
        ("x.txt", "x.txt:2:3"),
        ("x.so", "x.so"),
        ("empty.txt", "the file is empty"),
        ("x.whl", "unpack it"),
        ("x.bin", "is not UTF-8 from byte 0 on"),
        ("broken", "broken/targets.yaml:"),
        ("release:9.9.9", "abi/baselines/9.9.9.txt"),
        ("python:/nonexistent/python3", "/nonexistent/python3"),
    ] {
        for sides in [[side, "abi"], ["abi", side]] {
            let ran = project.run(&["diff", sides[0], sides[1]]).exits_with(3);
            assert!(ran.stderr.contains(words), "{side}\n{}", ran.stderr);
            assert_eq!(ran.stdout, "");
        }
    }
    run_in(Path::new("."), &["diff", "one-side"]).exits_with(2);
}

/// Each CPython has a name of its own for what runs, and its symbols are compared all the same.
#[test]
fn what_runs_is_no_way_to_compile_that_the_other_side_lacks() {
    let folder = scratch::folder();
    for version in ["3.14t", "3.15t"] {
        let text = format!(
            "pyshim snapshot 1\nabout evidence probe\nabout evidence symbols\nabout where full\n\
             about where {version}\nPyThing_New function\nPyThing_New declared function full\n\
             PyThing_New exported {version}\n"
        );
        scratch::write(&folder.path().join(format!("{version}.txt")), &text);
    }
    let arguments = ["diff", "3.14t.txt", "3.15t.txt", "--fail-on", "undecided"];
    let ran = run_in(folder.path(), &arguments).exits_with(0);
    assert!(!ran.stdout.contains("GAPS"), "{}", ran.stdout);
    // A mode that only one of both has is one still.
    let path = folder.path().join("3.15t.txt");
    let text = fs::read_to_string(&path).expect("it was written");
    let more = text.replace(
        "about where full\n",
        "about where abi3t-3.15\nabout where full\n",
    );
    scratch::write(&path, &more);
    let ran = run_in(folder.path(), &arguments).exits_with(3);
    assert!(ran.stdout.contains("of `abi3t-3.15`"), "{}", ran.stdout);
}

#[test]
fn nothing_in_common_is_not_clean() {
    let folder = scratch::folder();
    scratch::write(&folder.path().join("a.txt"), "pyshim snapshot 1\n");
    let ran = run_in(folder.path(), &["diff", "a.txt", "a.txt"]).exits_with(3);
    assert!(
        ran.stdout.contains("nothing was compared"),
        "{}",
        ran.stdout
    );
}

//! The command as people and machines use it: exit codes, texts, files.

use crate::scratch;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use crate::project::{Project, Ran, pyshim, run_in};

/// A manifest with a bit of everything, and how many files follow from it.
const GOOD: &str = "golden/table-function";
const FILES: usize = 20;

#[test]
fn this_projects_own_tree_is_up_to_date() {
    let ran = run_in(Path::new(".."), &["check"]).exits_with(0);
    assert!(
        ran.stdout.ends_with(" files are up to date\n"),
        "{}",
        ran.stdout
    );
}

#[test]
fn check_of_a_clean_tree_says_how_many_files_it_looked_at() {
    let project = Project::generated(GOOD);
    let ran = project.run(&["check"]).exits_with(0);
    assert_eq!(ran.stdout, format!("{FILES} files are up to date\n"));
    assert_eq!(ran.stderr, "");
}

#[test]
fn check_of_a_stale_tree_shows_the_difference_and_names_the_command() {
    let project = Project::generated(GOOD);
    let header = project.path("include/acme.h");
    let text = fs::read_to_string(&header).expect("it was generated");
    fs::write(&header, text.replace("ACME_H", "ACNE_H")).expect("it can be written");
    fs::remove_file(project.path("shim/exports/acme.def")).expect("it was generated");
    let before = project.files();
    let ran = project.run(&["check"]).exits_with(1);
    for line in [
        "--- include/acme.h (on disk)",
        "+++ include/acme.h (from the manifest)",
        "-#ifndef ACNE_H",
        "+#ifndef ACME_H",
        "--- shim/exports/acme.def (on disk)",
        "+EXPORTS",
    ] {
        assert!(
            ran.stdout.lines().any(|found| found == line),
            "{line}\n{}",
            ran.stdout
        );
    }
    assert_eq!(
        ran.stderr,
        format!("2 of {FILES} files are stale; run `pyshim generate`\n")
    );
    assert_eq!(project.files(), before, "check writes nothing");
}

#[test]
fn the_command_that_a_stale_tree_names_is_the_one_that_helps() {
    let project = Project::new(GOOD);
    let arguments = ["check", "--manifest", "abi", "--out", "some where"];
    let ran = project.run(&arguments).exits_with(1);
    let named = ran.stderr.split('`').nth(1).expect("a command is quoted");
    assert_eq!(named, "pyshim generate --manifest abi --out 'some where'");
    let words = ["generate", "--manifest", "abi", "--out", "some where"];
    project.run(&words).exits_with(0);
    project.run(&arguments).exits_with(0);
}

#[test]
fn a_stale_tree_under_cargo_names_cargos_command() {
    let project = Project::new(GOOD);
    let mut command = pyshim();
    command.arg("check").current_dir(project.path(""));
    command.env("CARGO_PKG_NAME", "pyshim-gen");
    let ran = Ran::of(command.output().expect("the command runs")).exits_with(1);
    assert!(
        ran.stderr.ends_with("run `cargo run -- generate`\n"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_generated_file_that_nothing_asks_for_any_more_is_stale_and_goes() {
    let project = Project::generated("golden/two-families");
    fs::remove_file(project.path("abi/entries/lid.yaml")).expect("it is there");
    let widget = project.path("abi/entries/widget.yaml");
    let text = fs::read_to_string(&widget).expect("it is there");
    fs::write(&widget, text.replace("ptr<acme_lid>", "ptr<void>")).expect("it can be written");
    fs::write(project.path("include/acme/own.h"), "/* Ours. */\n").expect("it can be written");
    let ran = project.run(&["check"]).exits_with(1);
    assert!(
        ran.stdout.contains("--- include/acme/lid.h (on disk)\n"),
        "{}",
        ran.stdout
    );
    let ran = project.run(&["generate"]).exits_with(0);
    assert!(
        ran.stdout.contains("removed include/acme/lid.h\n"),
        "{}",
        ran.stdout
    );
    assert!(!project.path("include/acme/lid.h").exists());
    assert!(
        project.path("include/acme/own.h").exists(),
        "what has no banner is not ours"
    );
    project.run(&["check"]).exits_with(0);
}

#[test]
fn a_manifest_with_mistakes_is_a_finding_and_nothing_is_written() {
    let project = Project::new("policy/no-reserve");
    for command in ["check", "generate"] {
        let before = project.files();
        let ran = project.run(&[command]).exits_with(1);
        assert_eq!(ran.stdout, "");
        assert!(
            ran.stderr
                .starts_with("error[P201]: callers allocate `acme_widget`")
        );
        assert!(
            ran.stderr.contains(" --> abi/entries/widget.yaml:9:17\n"),
            "{}",
            ran.stderr
        );
        assert!(
            ran.stderr
                .ends_with("\n\n1 mistake; `pyshim explain CODE` says more\n")
        );
        assert_eq!(project.files(), before);
    }
    let ran = Project::new("policy/doc").run(&["check"]).exits_with(1);
    assert!(ran.stderr.contains("\n8 mistakes; "), "{}", ran.stderr);
}

#[test]
fn what_cannot_be_read_is_not_decided() {
    let project = Project::new("shape/not-utf-8");
    let ran = project.run(&["check"]).exits_with(3);
    let message =
        "error: cannot read `abi/entries/widget.yaml`: stream did not contain valid UTF-8\n";
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", message));

    let ran = project
        .run(&["generate", "--manifest", "nowhere"])
        .exits_with(3);
    assert!(
        ran.stderr
            .starts_with("error: cannot read `nowhere/targets.yaml`: ")
    );

    let project = Project::new(GOOD);
    fs::remove_dir_all(project.path("abi/entries")).expect("it is there");
    let ran = project.run(&["check"]).exits_with(3);
    assert!(
        ran.stderr.starts_with("error: cannot read `abi/entries`: "),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_huge_file_is_not_read() {
    let project = Project::new(GOOD);
    let most = 16 << 20;
    fs::write(project.path("abi/entries/huge.yaml"), vec![b'#'; most + 1]).expect("it fits");
    let ran = project.run(&["check"]).exits_with(3);
    let wanted = "error: cannot read `abi/entries/huge.yaml`: \
                  16777217 bytes, and the most that is read is 16777216\n";
    assert_eq!(ran.stderr, wanted);
    let mut comment = vec![b'#'; most];
    comment[most - 1] = b'\n';
    fs::write(project.path("abi/entries/huge.yaml"), comment).expect("it fits");
    let ran = project.run(&["check"]).exits_with(1);
    assert!(ran.stderr.starts_with("error[P001]: the file is empty\n"));
}

#[test]
fn without_a_manifest_nothing_is_decided() {
    let folder = scratch::folder();
    let ran = run_in(folder.path(), &["check"]).exits_with(3);
    let wanted =
        "error: no manifest folder `abi` here or in a folder above; name one with --manifest\n";
    assert_eq!(ran.stderr, wanted);
}

#[test]
fn what_cannot_be_written_is_not_decided_and_nothing_is_half_done() {
    let project = Project::generated(GOOD);
    // A folder where a file belongs stops everyone, root included.
    fs::remove_file(project.path("shim/exports/acme.map")).expect("it was generated");
    fs::remove_file(project.path("include/acme.h")).expect("it was generated");
    scratch::write(&project.path("shim/exports/acme.map/in-the-way"), "");
    let before = project.files();
    let ran = project.run(&["generate"]).exits_with(3);
    assert!(
        ran.stderr
            .starts_with("error: cannot read `shim/exports/acme.map`: ")
    );
    assert_eq!(project.files(), before);
}

#[cfg(unix)]
#[test]
fn a_read_only_folder_leaves_everything_as_it_was() {
    use std::os::unix::fs::{PermissionsExt, chown};
    let project = Project::generated(GOOD);
    for name in [
        "include/acme.h",
        "shim/exports/acme.map",
        "tests/generated/layout.c",
    ] {
        fs::remove_file(project.path(name)).expect("it was generated");
    }
    // Root may write anywhere, so the command runs as somebody else.
    let program = project.path("pyshim");
    fs::copy(env!("CARGO_BIN_EXE_pyshim"), &program).expect("it can be copied");
    let mut command = Command::new(&program);
    if is_root() {
        let nobody = Some(65534);
        for name in ["", "include", "shim/exports", "tests/generated"] {
            chown(project.path(name), nobody, nobody).expect("root can give files away");
        }
        command = Command::new("setpriv");
        command
            .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
            .arg(&program);
    }
    let folder = project.path("tests/generated");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o555)).expect("it is ours");
    let before = project.files();
    let output = command
        .arg("generate")
        .current_dir(project.path(""))
        .output();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).expect("it is ours");
    let Ok(output) = output else {
        println!("skipped: there is no setpriv, and root may write anywhere");
        return;
    };
    let ran = Ran::of(output).exits_with(3);
    let start = "error: cannot write `tests/generated/layout.c`: ";
    assert!(ran.stderr.starts_with(start), "{}", ran.stderr);
    assert_eq!(project.files(), before, "no file is new, old or left over");
}

#[cfg(unix)]
fn is_root() -> bool {
    let output = Command::new("id")
        .arg("-u")
        .output()
        .expect("every unix has id");
    output.stdout == b"0\n"
}

#[test]
fn generate_writes_only_what_changed() {
    let project = Project::new(GOOD);
    let ran = project.run(&["generate"]).exits_with(0);
    assert!(
        ran.stdout.contains("wrote include/acme.h\n"),
        "{}",
        ran.stdout
    );
    let end = format!("{FILES} files written, 0 unchanged\n");
    assert!(ran.stdout.ends_with(&end), "{}", ran.stdout);
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    for (name, _) in project.files() {
        let file = fs::File::options().append(true).open(project.path(&name));
        file.and_then(|file| file.set_modified(long_ago))
            .expect("it is ours");
    }
    let targets = project.path("abi/entries/widget.yaml");
    let text = fs::read_to_string(&targets).expect("it is there");
    fs::write(&targets, text.replace("doc: Widgets.", "doc: Wheels.")).expect("it is ours");
    let ran = project.run(&["generate"]).exits_with(0);
    let wanted = format!(
        "wrote include/acme/inventory.json\nwrote include/acme/widget.h\n\
         wrote python/src/acme/__init__.pxd\n3 files written, {} unchanged\n",
        FILES - 3
    );
    assert_eq!(ran.stdout, wanted);
    let changed: Vec<String> = project
        .files()
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| {
            let data = fs::metadata(project.path(name)).expect("it is there");
            data.modified().expect("the system keeps times") != long_ago
        })
        .collect();
    let wanted = [
        "abi/entries/widget.yaml",
        "include/acme/inventory.json",
        "include/acme/widget.h",
        "python/src/acme/__init__.pxd",
    ];
    assert_eq!(changed, wanted);
}

#[test]
fn the_output_is_the_same_from_wherever_and_however_it_is_made() {
    let project = Project::generated(GOOD);
    let wanted = project.files();
    let ran = project.run(&["generate"]).exits_with(0);
    assert_eq!(ran.stdout, format!("0 files written, {FILES} unchanged\n"));

    // From a folder below.
    fs::remove_file(project.path("include/acme.h")).expect("it was generated");
    run_in(&project.path("include/acme"), &["generate"]).exits_with(0);
    assert_eq!(project.files(), wanted);

    // From a copy, named from elsewhere.
    let copy = Project::new(GOOD);
    let elsewhere = scratch::folder();
    let manifest = copy.path("abi").display().to_string();
    run_in(elsewhere.path(), &["generate", "--manifest", &manifest]).exits_with(0);
    assert_eq!(copy.files(), wanted);

    // From a checkout with other line ends.
    let crlf = Project::new(GOOD);
    for (name, content) in crlf.files() {
        let text = String::from_utf8(content).expect("manifests are text");
        fs::write(crlf.path(&name), text.replace('\n', "\r\n")).expect("it is ours");
    }
    crlf.run(&["generate"]).exits_with(0);
    let generated = |files: Vec<(String, Vec<u8>)>| -> Vec<_> {
        files
            .into_iter()
            .filter(|(name, _)| !name.starts_with("abi/"))
            .collect()
    };
    assert_eq!(generated(crlf.files()), generated(wanted));
}

#[test]
fn the_lock_and_the_schema_stay_with_the_manifest() {
    let project = Project::new(GOOD);
    fs::rename(project.path("abi"), project.path("manifest")).expect("it is ours");
    project
        .run(&["generate", "--manifest", "manifest", "--out", "out"])
        .exits_with(0);
    let lock = fs::read_to_string(project.path("manifest/table.lock")).expect("it is written");
    assert!(lock.ends_with("2 acme_rest (object) -> void\n"), "{lock}");
    assert!(project.path("manifest/schema.json").exists());
    assert!(project.path("out/include/acme.h").exists());
    assert!(!project.path("out/abi").exists());
}

#[test]
fn paths_are_shown_from_where_the_user_stands() {
    let project = Project::new("policy/no-reserve");
    scratch::write(&project.path("src/deep/file"), "");
    let ran = run_in(&project.path("src/deep"), &["check"]).exits_with(1);
    assert!(
        ran.stderr
            .contains(" --> ../../abi/entries/widget.yaml:9:17\n"),
        "{}",
        ran.stderr
    );

    let project = Project::generated(GOOD);
    fs::remove_file(project.path("include/acme.h")).expect("it was generated");
    let ran = run_in(&project.path("shim"), &["check"]).exits_with(1);
    assert!(
        ran.stdout.starts_with("--- ../include/acme.h (on disk)\n"),
        "{}",
        ran.stdout
    );
    let ran = run_in(&project.path("shim"), &["generate"]).exits_with(0);
    assert!(
        ran.stdout.starts_with("wrote ../include/acme.h\n"),
        "{}",
        ran.stdout
    );
}

#[test]
fn json_says_what_the_text_says() {
    let project = Project::new("names/unknown-mirrored");
    let ran = project.run(&["check", "--format", "json"]).exits_with(1);
    assert_eq!(ran.stderr, "");
    let wanted = serde_json::json!({
        "format": 1,
        "diagnostics": [{
            "code": "P102",
            "level": "error",
            "message": "no struct of CPython's is called `PyWigdet`",
            "label": "",
            "help": "did you mean `PyWidget`?",
            "file": "abi/entries/widget.yaml",
            "line": 17,
            "column": 16,
            "byte_start": 363,
            "byte_end": 371,
        }],
    });
    assert_eq!(ran.json(), wanted);
    let text = fs::read_to_string(project.path("abi/entries/widget.yaml")).expect("it is there");
    assert_eq!(&text[363..371], "PyWigdet");

    let project = Project::new(GOOD);
    let ran = project.run(&["generate", "--format", "json"]).exits_with(0);
    let json = ran.json();
    assert_eq!(json["format"], 1);
    assert_eq!(json["written"].as_array().map(Vec::len), Some(FILES));
    assert_eq!(
        (&json["removed"], &json["unchanged"]),
        (&serde_json::json!([]), &0.into())
    );

    let json = project
        .run(&["check", "--format", "json"])
        .exits_with(0)
        .json();
    let clean = serde_json::json!({ "format": 1, "diagnostics": [], "stale": [], "files": FILES });
    assert_eq!(json, clean);

    fs::remove_file(project.path("include/acme.h")).expect("it was generated");
    let json = project
        .run(&["check", "--format", "json"])
        .exits_with(1)
        .json();
    assert_eq!(json["stale"], serde_json::json!(["include/acme.h"]));
}

#[test]
fn json_says_what_could_not_be_read_or_written() {
    let undecided = |file: Option<&str>, message: &str| {
        serde_json::json!({
            "format": 1,
            "diagnostics": [{
                "code": null,
                "level": "error",
                "message": message,
                "label": "",
                "help": null,
                "file": file,
                "line": null,
                "column": null,
                "byte_start": null,
                "byte_end": null,
            }],
        })
    };
    let project = Project::new("shape/not-utf-8");
    let file = "abi/entries/widget.yaml";
    let message = format!("cannot read `{file}`: stream did not contain valid UTF-8");
    for command in ["check", "generate"] {
        let ran = project.run(&[command, "--format", "json"]).exits_with(3);
        assert_eq!(ran.stderr, "");
        assert_eq!(ran.json(), undecided(Some(file), &message));
    }

    let folder = scratch::folder();
    let ran = run_in(folder.path(), &["check", "--format", "json"]).exits_with(3);
    let message = "no manifest folder `abi` here or in a folder above; name one with --manifest";
    assert_eq!(ran.json(), undecided(None, message));

    let project = Project::new(GOOD);
    // A file where a folder belongs stops everyone, root included.
    scratch::write(&project.path("include"), "");
    let ran = project.run(&["generate", "--format", "json"]).exits_with(3);
    let diagnostics = &ran.json()["diagnostics"];
    assert_eq!(diagnostics[0]["file"], "include/acme.h");
}

#[test]
fn colours_are_for_terminals_unless_they_are_asked_for() {
    let project = Project::new("policy/no-reserve");
    let coloured = |arguments: &[&str], no_color: bool| {
        let mut command = pyshim();
        command
            .arg("check")
            .args(arguments)
            .current_dir(project.path(""));
        if no_color {
            command.env("NO_COLOR", "1");
        }
        let ran = Ran::of(command.output().expect("the command runs")).exits_with(1);
        ran.stderr.contains('\u{1b}')
    };
    assert!(!coloured(&[], false), "a pipe is no terminal");
    assert!(!coloured(&["--color", "never"], false));
    assert!(coloured(&["--color", "always"], false));
    assert!(
        coloured(&["--color", "always"], true),
        "the command line is nearer"
    );
    assert!(!coloured(&["--color", "auto"], true));
}

#[test]
fn explain_knows_every_code_and_no_other() {
    let all = run_in(Path::new("."), &["explain"]).exits_with(0).stdout;
    assert!(all.starts_with("P001  the YAML cannot be read"), "{all}");
    for line in all.lines() {
        let (code, meaning) = line.split_once("  ").expect("a code and what it means");
        let ran = run_in(Path::new("."), &["explain", &code.to_lowercase()]).exits_with(0);
        let advice = ran.stdout.strip_prefix(&format!("{code}: {meaning}\n\n"));
        assert!(
            advice.is_some_and(|advice| advice.len() > 10),
            "{}",
            ran.stdout
        );
    }
    let ran = run_in(Path::new("."), &["explain", "NOPE"]).exits_with(2);
    assert_eq!(
        ran.stderr,
        "error: there is no code `NOPE`; `pyshim explain` lists them\n"
    );
}

#[test]
fn completions_name_the_subcommands_in_each_shells_language() {
    for (shell, sign) in [
        ("bash", "complete -F"),
        ("zsh", "#compdef pyshim"),
        ("fish", "complete -c"),
    ] {
        let ran = run_in(Path::new("."), &["completions", shell]).exits_with(0);
        for word in [sign, "check", "generate", "explain", "--manifest"] {
            let word = if shell == "fish" {
                word.trim_start_matches("--")
            } else {
                word
            };
            assert!(ran.stdout.contains(word), "{shell}: {word}");
        }
    }
    let ran = run_in(Path::new("."), &["completions", "tcsh"]).exits_with(2);
    assert!(ran.stderr.contains("bash"), "{}", ran.stderr);
}

#[test]
fn each_command_has_a_man_page_with_what_its_help_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let pages = folder.path().join("new/man1");
    let arguments = ["man", pages.to_str().expect("UTF-8")];
    run_in(Path::new("."), &arguments).exits_with(0);
    for (page, words) in [
        ("pyshim.1", ["pyshim\\-diff(1)", "Exit codes: 0 clean"]),
        (
            "pyshim-diff.1",
            ["\\-\\-old\\-header", "Exit codes: 0 clean"],
        ),
        ("pyshim-man.1", ["pyshim man", "pyshim 0."]),
    ] {
        let text = fs::read_to_string(pages.join(page)).expect("it was written");
        for word in words {
            assert!(text.contains(word), "{page}: {word}\n{text}");
        }
    }
    let in_a_file = pages.join("pyshim.1/man1");
    let arguments = ["man", in_a_file.to_str().expect("UTF-8")];
    let ran = run_in(Path::new("."), &arguments).exits_with(3);
    assert!(
        ran.stderr
            .starts_with("error: the man pages cannot be written into")
    );
}

#[test]
fn help_reads_as_it_was_read_last() {
    for (name, arguments) in [
        ("help", &["--help"][..]),
        ("help-check", &["check", "--help"]),
        ("help-generate", &["generate", "--help"]),
        ("help-explain", &["explain", "--help"]),
        ("help-completions", &["completions", "--help"]),
        ("help-man", &["man", "--help"]),
        ("help-diff", &["diff", "--help"]),
        ("help-observe", &["observe", "--help"]),
        ("help-verify", &["verify", "--help"]),
        ("help-config", &["config", "--help"]),
        ("help-release-baseline", &["release-baseline", "--help"]),
        ("help-report", &["report", "--help"]),
        ("help-new", &["new", "--help"]),
        ("help-audit", &["audit", "--help"]),
    ] {
        let found = run_in(Path::new("."), arguments).exits_with(0).stdout;
        let path = Path::new("tests/help").join(name).with_extension("txt");
        if std::env::var_os("PYSHIM_BLESS").is_some_and(|value| value == "1") {
            scratch::write(&path, &found);
        }
        let wanted = fs::read_to_string(&path).expect("PYSHIM_BLESS=1 writes it");
        assert_eq!(
            found,
            wanted.replace("\r\n", "\n"),
            "PYSHIM_BLESS=1 accepts it"
        );
    }
}

#[test]
fn the_version_is_the_packages() {
    let ran = run_in(Path::new("."), &["--version"]).exits_with(0);
    assert_eq!(
        ran.stdout,
        format!("pyshim {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn a_command_line_that_is_not_understood_is_a_usage_error() {
    for arguments in [
        &[][..],
        &["chek"],
        &["check", "--manifests"],
        &["check", "--format", "xml"],
    ] {
        let ran = run_in(Path::new("."), arguments).exits_with(2);
        assert_eq!(ran.stdout, "");
        assert!(ran.stderr.contains("Usage: pyshim") || ran.stderr.contains("--help"));
    }
    let ran = run_in(Path::new("."), &["chek"]).exits_with(2);
    assert!(ran.stderr.contains("'check'"), "{}", ran.stderr);
}

#[test]
fn a_reader_that_goes_away_changes_nothing() {
    let stale = Project::new(GOOD);
    let wrong = Project::new("policy/doc");
    let unreadable = Project::new("shape/not-utf-8");
    for (project, arguments, exit) in [
        (&stale, &["check"][..], 1),
        (&wrong, &["check"], 1),
        (&wrong, &["check", "--format", "json"], 1),
        (&unreadable, &["check"], 3),
        (&unreadable, &["check", "--format", "json"], 3),
        (&stale, &["explain"], 0),
        (&stale, &["explain", "NOPE"], 2),
        (&stale, &["completions", "bash"], 0),
        (&stale, &["--help"], 0),
        (&stale, &["chek"], 2),
    ] {
        let closed = || {
            let (_, writer) = std::io::pipe().expect("the system has pipes");
            writer
        };
        let mut command = pyshim();
        command.args(arguments).current_dir(project.path(""));
        let output = command.stdout(closed()).stderr(Stdio::piped()).output();
        let ran = Ran::of(output.expect("the command runs")).exits_with(exit);
        assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
        let output = command.stdout(Stdio::piped()).stderr(closed()).output();
        Ran::of(output.expect("the command runs")).exits_with(exit);
    }
}

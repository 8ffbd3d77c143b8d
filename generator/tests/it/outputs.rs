//! Where results go: files, links to them, pipes, and standard output.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::project::{Project, Ran, pyshim};

/// A project without a finding, and the command that compares it with itself.
const GOOD: &str = "golden/table-function";
const DIFF: [&str; 5] = ["diff", "abi", "abi", "--format", "json"];

/// Runs a comparison with its report into a file, and ends it where it waits for what never comes.
fn into(project: &Project, file: &str) -> Ran {
    let mut command = pyshim();
    command.args(DIFF).args(["-o", file]);
    command.current_dir(project.path(""));
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the command runs");
    let end = Instant::now() + Duration::from_secs(60);
    while child.try_wait().expect("it is ours").is_none() {
        if end < Instant::now() {
            child.kill().expect("it is ours");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ran::of(child.wait_with_output().expect("it is ours"))
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).expect("it was written")
}

#[test]
fn a_report_goes_where_links_lead_and_the_links_stay() {
    let project = Project::generated(GOOD);
    let report = project.run(&DIFF).exits_with(0).stdout;
    fs::create_dir(project.path("kept")).expect("it is ours");
    for (link, target) in [
        ("link", "kept/report"),
        ("kept/chain", "../link"),
        ("dangling", "new"),
    ] {
        symlink(target, project.path(link)).expect("it is ours");
    }
    for (file, target) in [
        ("link", "kept/report"),
        ("kept/chain", "kept/report"),
        ("dangling", "new"),
    ] {
        fs::write(project.path("kept/report"), "old").expect("it is ours");
        into(&project, file).exits_with(0);
        assert!(project.path(file).is_symlink(), "{file}");
        assert_eq!(text(&project.path(target)), report, "{file}");
    }
    into(&project, "made/folder/report").exits_with(0);
    assert_eq!(text(&project.path("made/folder/report")), report);
}

#[test]
fn a_pipe_is_written_and_stays_a_pipe() {
    use std::os::unix::fs::FileTypeExt;
    let project = Project::generated(GOOD);
    let report = project.run(&DIFF).exits_with(0).stdout;
    let pipe = project.path("pipe");
    let made = Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("the system has mkfifo").success());
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || text(&pipe)
    });
    into(&project, "pipe").exits_with(0);
    assert_eq!(reader.join().expect("it reads"), report);
    let kind = fs::symlink_metadata(&pipe).expect("it is there");
    assert!(kind.file_type().is_fifo());
}

#[test]
#[cfg(target_os = "linux")]
fn what_is_open_already_is_written_and_keeps_what_it_has() {
    let project = Project::generated(GOOD);
    let report = project.run(&DIFF).exits_with(0).stdout;
    symlink("/proc/self/fd/1", project.path("out")).expect("it is ours");
    let printed = into(&project, "out").exits_with(0).stdout;
    assert_eq!(printed, report, "a pipe");

    let log = project.path("log");
    fs::write(&log, "before\n").expect("it is ours");
    let append = || fs::File::options().append(true).open(&log);
    let mut command = pyshim();
    command.args(DIFF).args(["-o", "out"]);
    command.current_dir(project.path(""));
    command.stdout(append().expect("it is ours"));
    assert!(command.status().expect("the command runs").success());
    assert_eq!(text(&log), format!("before\n{report}"));
}

#[test]
fn a_folder_is_no_place_for_a_report() {
    let project = Project::generated(GOOD);
    fs::create_dir(project.path("folder")).expect("it is ours");
    symlink("folder", project.path("link")).expect("it is ours");
    symlink("circle", project.path("circle")).expect("it is ours");
    for file in ["folder", "link", "circle"] {
        let ran = into(&project, file).exits_with(3);
        assert!(
            ran.stderr.contains("error: cannot write `"),
            "{}",
            ran.stderr
        );
        assert_eq!(project.path(file).is_symlink(), file != "folder");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn what_could_not_be_printed_is_no_success() {
    let good = Project::generated(GOOD);
    let wrong = Project::new("policy/doc");
    let full = || fs::File::options().write(true).open("/dev/full");
    // Nothing can be written to what is open for reading.
    let closed = || fs::File::open("/dev/null");
    for (project, arguments) in [
        (&good, &DIFF[..]),
        (&good, &["check"]),
        (&good, &["generate", "--format", "json"]),
        (&wrong, &["check", "--format", "json"]),
        (&good, &["explain"]),
        (&good, &["completions", "bash"]),
    ] {
        for output in [full(), closed()] {
            let ran = printing(project, arguments, output.expect("the system has it"));
            let lines = ran.stderr.lines();
            let told = lines.filter(|line| line.starts_with("error: cannot write to standard"));
            assert_eq!(told.count(), 1, "{arguments:?}\n{}", ran.stderr);
        }
    }
    for arguments in [&["--help"][..], &["diff", "--help"], &["--version"]] {
        let ran = printing(&good, arguments, full().expect("the system has it"));
        assert!(ran.stderr.contains("cannot write"), "{arguments:?}");
    }
}

/// Runs a command with its results into a file, where they cannot be written.
#[cfg(target_os = "linux")]
fn printing(project: &Project, arguments: &[&str], output: fs::File) -> Ran {
    let mut command = pyshim();
    command.args(arguments).current_dir(project.path(""));
    command.stdout(output).stderr(Stdio::piped());
    Ran::of(command.output().expect("the command runs")).exits_with(3)
}

//! Damaged input ends in a clear error: a stable code, exit code 3 or what the command says of
//! mistakes, soon, and without taking the machine's memory.

use crate::scratch;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::project::{Project, Ran, pyshim};
use tempfile::TempDir;

/// Address space that a run without libclang may have, in KiB, where the system can limit it.
const LITTLE: u64 = 768 << 10;
/// With libclang, whose threads have large stacks.
const MORE: u64 = 4 << 20;
/// After this a run hangs. Builds with assertions on a busy machine take a tenth of it.
const SOON: Duration = Duration::from_secs(120);

const HEAD: &str = "pyshim snapshot 1\n";

/// Runs the command in a folder, and fails when it hangs. Out of memory, it dies of a signal.
fn run(folder: &Path, memory: u64, arguments: &[&str]) -> Ran {
    let mut command = limited(memory);
    let mut child = command
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(scratch_file(folder, "stdout"))
        .stderr(scratch_file(folder, "stderr"))
        .spawn()
        .expect("the command runs");
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("it can be waited for") {
            break status;
        }
        if start.elapsed() > SOON {
            child.kill().expect("it is ours");
            panic!("{arguments:?} hangs");
        }
        thread::sleep(Duration::from_millis(5));
    };
    let said = |name| fs::read(folder.join(name)).expect("it was written");
    Ran::of(std::process::Output {
        status,
        stdout: said("stdout"),
        stderr: said("stderr"),
    })
}

fn scratch_file(folder: &Path, name: &str) -> fs::File {
    fs::File::create(folder.join(name)).expect("the folder is ours")
}

/// The command with a limit on its memory.
fn limited(memory: u64) -> Command {
    let plain = pyshim();
    if !cfg!(target_os = "linux") {
        return plain;
    }
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -v $0; exec \"$@\""])
        .arg(memory.to_string())
        .arg(plain.get_program())
        .env_remove("NO_COLOR")
        .env_remove("CARGO_PKG_NAME");
    command
}

/// Fails unless a run could not decide, and says so under a code, in words that fit on a screen.
#[track_caller]
fn refused(folder: &Path, arguments: &[&str], code: &str, words: &str) {
    let ran = run(folder, LITTLE, arguments).exits_with(3);
    says(&ran, arguments, code, words);
}

#[track_caller]
fn says(ran: &Ran, arguments: &[&str], code: &str, words: &str) {
    let start = format!("error[{code}]: ");
    let said = &ran.stderr;
    assert!(said.contains(&start), "{arguments:?}: {said}");
    assert!(said.contains(words), "{arguments:?}: {said}");
    assert!(said.len() < 100_000, "{arguments:?}: {} bytes", said.len());
    assert_eq!(ran.stdout, "", "{arguments:?}");
}

/// A folder with a file that is as it should be, to compare with.
fn beside() -> TempDir {
    let folder = scratch::folder();
    scratch::write(&folder.path().join("good.txt"), HEAD);
    folder
}

/// Fails unless `diff` and `observe` refuse a file.
#[track_caller]
fn no_library(name: &str, content: &[u8], words: &str) {
    let folder = beside();
    fs::write(folder.path().join(name), content).expect("the folder is ours");
    refused(folder.path(), &["diff", name, "good.txt"], "E004", words);
    refused(folder.path(), &["diff", "good.txt", name], "E004", words);
    refused(
        folder.path(),
        &["observe", "--library", name],
        "E004",
        words,
    );
}

#[test]
fn what_is_called_a_library_and_is_none() {
    no_library("text.so", b"this is a text\n", "it starts with \"this is");
    no_library("empty.so", b"", "it is empty");
    no_library("zero.so", &[0; 1 << 20], "check that it was copied whole");
    no_library(
        "fat.dylib",
        b"\xca\xfe\xba\xbe\xff\xff\xff\xff",
        "is not a whole",
    );
}

#[test]
fn a_wheel_whole_or_not_is_to_be_unpacked() {
    let words = "unpack it, as `python3 -m zipfile -e` does";
    no_library("not-a-zip.whl", b"this is no zip\n", words);
    no_library("cut.whl", b"PK\x03\x04\x14\0", words);
    no_library("renamed", b"PK\x03\x04\x14\0\0\0", words);
}

#[test]
fn a_folder_that_is_called_as_a_library() {
    let folder = beside();
    fs::create_dir(folder.path().join("folder.so")).expect("the folder is ours");
    let words = "a folder without `targets.yaml`, so it is no manifest";
    refused(
        folder.path(),
        &["diff", "folder.so", "good.txt"],
        "E005",
        words,
    );
    let observe = ["observe", "--library", "folder.so"];
    refused(folder.path(), &observe, "E005", "cannot read `folder.so`");
}

#[test]
fn a_library_that_ends_too_early() {
    for seed in ["elf-gnu", "elf-sysv", "pe"] {
        let path = Path::new("../fuzz/seeds/object").join(seed);
        let whole = fs::read(path).expect("it is a seed of the fuzzer");
        let folder = beside();
        let ends = (0..64).chain((64..whole.len()).step_by(whole.len() / 50));
        for end in ends {
            println!("{seed}, {end} bytes");
            fs::write(folder.path().join("cut.so"), &whole[..end]).expect("the folder is ours");
            let observe = ["observe", "--library", "cut.so"];
            refused(folder.path(), &observe, "E004", "is not a whole executable");
        }
    }
}

/// What a snapshot must not be, the code that says so, and words of the message.
fn snapshots() -> Vec<(&'static str, Vec<u8>, &'static str, &'static str)> {
    let head = |rest: &str| format!("{HEAD}{rest}").into_bytes();
    let long = "9".repeat(10 << 20);
    vec![
        ("empty", Vec::new(), "S001", "the file is empty"),
        (
            "no head",
            b"hello\n".to_vec(),
            "S001",
            "begins with `pyshim snapshot 1`",
        ),
        ("50 MB", vec![b'x'; 50 << 20], "E005", "is larger than"),
        (
            "many lines",
            head(&"x constant\n".repeat(5 << 20)),
            "E005",
            "is larger than",
        ),
        (
            "nothing but wrong",
            head(&"x y\n".repeat(3 << 20)),
            "S001",
            "`y` is no kind",
        ),
        (
            "binary",
            (0..=255).cycle().take(1 << 20).collect(),
            "E005",
            "is not UTF-8",
        ),
        (
            "not UTF-8",
            [HEAD.as_bytes(), b"about subject \xff"].concat(),
            "E005",
            "from byte 32 on",
        ),
        ("zeros", vec![0; 10 << 20], "S001", "this is no snapshot"),
        (
            "a long head",
            long.clone().into_bytes(),
            "S001",
            "this is no snapshot",
        ),
        ("a long name", head(&long), "S001", "the line ends"),
        (
            "a long kind",
            head(&format!("x {long}\n")),
            "S001",
            "is no kind",
        ),
        (
            "a long value",
            head(&format!("x constant\nx value full = {long}\n")),
            "S001",
            "x.txt:3:",
        ),
        ("blanks", head(&" ".repeat(10 << 20)), "S001", "x.txt:2:1"),
        (
            "a deep type",
            head(&format!(
                "x function\nx type full = {}\n",
                "ptr<".repeat(1 << 20)
            )),
            "S001",
            "is no type",
        ),
    ]
}

#[test]
fn snapshots_that_are_none() {
    for (what, content, code, words) in snapshots() {
        println!("{what}");
        let folder = beside();
        fs::write(folder.path().join("x.txt"), content).expect("the folder is ours");
        refused(folder.path(), &["diff", "x.txt", "good.txt"], code, words);
    }
}

#[cfg(unix)]
#[test]
fn a_device_that_never_ends() {
    let words = "is larger than";
    let folder = beside();
    let arguments = ["diff", "/dev/zero", "good.txt"];
    refused(folder.path(), &arguments, "E005", words);
}

/// Families that are bombs for other readers of YAML, and words of the first complaint.
fn bombs() -> Vec<(&'static str, String, &'static str)> {
    let most = 15 << 20;
    let mut laughs = "a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    for pair in b"abcdefghij".windows(2) {
        let (of, name) = (char::from(pair[0]), char::from(pair[1]));
        let many = vec![format!("*{of}"); 9].join(", ");
        laughs.push_str(&format!("{name}: &{name} [{many}]\n"));
    }
    let deep: String = (0..1000)
        .map(|depth| format!("{}a:\n", " ".repeat(depth)))
        .collect();
    vec![
        ("a billion laughs", laughs, "found an anchor"),
        (
            "aliases",
            format!("a: &a x\nb:\n{}", "  - *a\n".repeat(most / 8)),
            "found an alias",
        ),
        (
            "anchors",
            format!("b:\n{}", "  - &a x\n".repeat(most / 10)),
            "found an anchor",
        ),
        (
            "tags",
            format!("b:\n{}", "  - !t x\n".repeat(most / 10)),
            "found a tag",
        ),
        (
            "merge keys",
            "family: bomb\ndoc: A.\nentries: []\n<<: {a: {<<: {}}}\n".to_owned(),
            "found a merge key",
        ),
        ("deep lists", "[".repeat(1 << 20), "recursion limit"),
        ("deep mappings", deep, "more than 32 levels"),
        ("deep dashes", "- ".repeat(1 << 20), "more than 32 levels"),
        (
            "a huge scalar",
            format!("a: {}", "x".repeat(most)),
            "unknown key `a`",
        ),
        (
            "a huge key",
            format!("{}: 1", "x".repeat(most)),
            "this is not YAML",
        ),
        (
            "a huge quoted key",
            format!("\"{}\": 1", "x".repeat(1000)),
            "unknown key",
        ),
        (
            "a huge number",
            format!("family: {}", "9".repeat(most)),
            "the key `doc` is missing",
        ),
        (
            "documents",
            "---\na: 1\n".repeat(1 << 20),
            "a second document",
        ),
        (
            "directives",
            "%YAML 9\n".repeat(1 << 20),
            "this is not YAML",
        ),
        ("zeros", "\0".repeat(1 << 20), "this is not YAML"),
        (
            "keys",
            (0..500_000).map(|key| format!("k{key}: 1\n")).collect(),
            "unknown key",
        ),
        (
            "entries",
            format!(
                "family: bomb\ndoc: A.\nentries:\n{}",
                "  - { strct: {} }\n".repeat(1 << 16)
            ),
            "unknown kind of entry",
        ),
    ]
}

#[test]
fn manifests_that_are_bombs() {
    for (what, family, words) in bombs() {
        println!("{what}");
        let project = Project::new("golden/table-function");
        scratch::write(&project.path("abi/entries/bomb.yaml"), &family);
        let check = run(&project.path(""), LITTLE, &["check"]).exits_with(1);
        says(&check, &["check"], "P001", words);
        let arguments = ["diff", "abi", "abi"];
        refused(&project.path(""), &arguments, "P001", words);
    }
}

#[test]
fn a_manifest_of_50_megabytes() {
    let project = Project::new("golden/table-function");
    scratch::write(
        &project.path("abi/entries/huge.yaml"),
        &"#".repeat(50 << 20),
    );
    let words = "and the most that is read is";
    refused(&project.path(""), &["diff", "abi", "abi"], "E005", words);
    let ran = run(&project.path(""), LITTLE, &["check"]).exits_with(3);
    assert!(ran.stderr.contains(words), "{}", ran.stderr);
}

/// What stands for an interpreter or a compiler: shell scripts, which only some systems have.
#[cfg(unix)]
mod programs {
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::Path;

    use super::{Duration, Instant, MORE, SOON, fs, refused, run, says, scratch, thread};

    fn script(folder: &Path, name: &str, text: &str) {
        let path = folder.join(name);
        scratch::write(&path, &format!("#!/bin/sh\n{text}\n"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it is ours");
    }

    #[test]
    fn interpreters_that_are_none() {
        for (text, code, words) in [
            (
                "head -c 5000 /dev/urandom",
                "E002",
                "not as a CPython would",
            ),
            (
                "printf '\\033[31m{\"hex\": tea}'",
                "E002",
                "`[31m{\"hex\": tea}`",
            ),
            ("echo '{}'", "E002", "answered `{}`"),
            ("exit 0", "E002", "answered nothing"),
            (
                "exit 1",
                "E002",
                "failed (exit status: 1) when it was asked",
            ),
            ("echo no >&2; exit 7", "E002", "and said no"),
            ("kill -SEGV $$", "E002", "signal: 11"),
            ("exec yes", "E001", "printed more than"),
            ("exec yes >&2", "E001", "printed more than"),
            ("yes & exit 0", "E001", "printed more than"),
            ("exec sleep 600", "E001", "took longer than 2 s"),
            ("sleep 600; :", "E001", "took longer than 2 s"),
            // Its output stays open.
            ("sleep 600 & echo hi", "E002", "answered `hi`"),
        ] {
            let folder = super::beside();
            script(folder.path(), "python", text);
            let observe = ["observe", "--python", "./python", "--timeout", "2"];
            refused(folder.path(), &observe, code, words);
            let diff = ["diff", "python:./python", "good.txt", "--timeout", "2"];
            refused(folder.path(), &diff, code, words);
        }
    }

    #[test]
    fn what_cannot_be_run_is_no_interpreter() {
        let folder = super::beside();
        scratch::write(&folder.path().join("plain"), "#!/bin/sh\n");
        fs::create_dir(folder.path().join("folder")).expect("the folder is ours");
        for name in ["./plain", "./folder", "./nothing"] {
            let observe = ["observe", "--python", name];
            refused(folder.path(), &observe, "E001", "could not be started");
        }
    }

    /// Whether a process with this in its command line is there.
    fn is_running(words: &str) -> bool {
        let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
        processes
            .map(|process| process.path().join("cmdline"))
            .filter_map(|path| fs::read_to_string(path).ok())
            .any(|line| line.replace('\0', " ").contains(words))
    }

    #[test]
    fn what_a_program_started_ends_with_it() {
        // A number that nobody else sleeps.
        let sleep = format!("sleep 9{}", std::process::id());
        for text in [format!("{sleep}; :"), format!("{sleep} & echo hi")] {
            let folder = super::beside();
            script(folder.path(), "python", &text);
            let observe = ["observe", "--python", "./python", "--timeout", "1"];
            run(folder.path(), super::LITTLE, &observe).exits_with(3);
            let start = Instant::now();
            while is_running(&sleep) {
                assert!(start.elapsed() < SOON, "{text}");
                thread::sleep(Duration::from_millis(5));
            }
        }
    }

    /// A compiler that says of itself what the real one says, and then does something else.
    fn later(text: &str) -> String {
        format!("case \"$*\" in *--version*|*-dumpmachine*) exec cc \"$@\";; esac\n{text}")
    }

    #[test]
    fn compilers_that_are_none() {
        for (text, code, words) in [
            ("exit 1".to_owned(), "E006", "failed (exit status: 1)"),
            ("exec yes".to_owned(), "E006", "printed more than"),
            ("exec sleep 600".to_owned(), "E006", "took longer than 2 s"),
            ("exit 0".to_owned(), "E001", "wrote no object file"),
            (
                "head -c 1000 /dev/urandom".to_owned(),
                "E001",
                "wrote no object file",
            ),
            (
                later("echo 'it is broken' >&2; exit 1"),
                "E003",
                "and says it is broken",
            ),
            (later("exec yes"), "E001", "printed more than"),
            (later("sleep 600; :"), "E001", "took longer than 2 s"),
            (
                later("echo x > values.o"),
                "E004",
                "the object file of the probe cannot be read",
            ),
        ] {
            let folder = super::beside();
            script(folder.path(), "cc", &text);
            scratch::write(&folder.path().join("api.h"), "int f(void);\n");
            let arguments = [
                "observe",
                "--header",
                "api.h",
                "--cc",
                "./cc",
                "--oracle",
                "probe",
                "--no-cache",
                "--timeout",
                "2",
            ];
            println!("{text}");
            let ran = run(folder.path(), MORE, &arguments).exits_with(3);
            says(&ran, &arguments, code, words);
        }
    }

    /// A libclang that does something else when a function of it is called.
    #[cfg(all(target_os = "linux", feature = "clang"))]
    fn false_libclang(folder: &Path, function: &str, does: &str) {
        let source = format!(
            "#include <stdlib.h>\n#include <unistd.h>\n\
             typedef struct {{ const char *data; unsigned flags; }} CXString;\n\
             static void in(const char *name) {{ if (name[6] == '{}') {{ {does}; }} }}\n\
             void *clang_createIndex(void) {{ in(__func__); return 0; }}\n\
             CXString clang_getClangVersion(void) {{ in(__func__); return (CXString){{\"1.2\", 0}}; }}\n\
             const char *clang_getCString(CXString text) {{ return text.data; }}\n\
             void clang_disposeString(CXString text) {{}}\n",
            char::from(function.as_bytes()["clang_".len()])
        );
        scratch::write(&folder.join("libclang.c"), &source);
        let mut cc = std::process::Command::new("cc");
        cc.args(["-w", "-shared", "-fPIC", "-o", "libclang.so", "libclang.c"]);
        let status = cc
            .current_dir(folder)
            .status()
            .expect("there is a compiler");
        assert!(status.success());
    }

    /// Runs the command with the libclang that is in the folder.
    #[cfg(all(target_os = "linux", feature = "clang"))]
    fn run_with_it(folder: &Path, arguments: &[&str]) -> super::Ran {
        let mut command = super::pyshim();
        command.args(arguments).current_dir(folder);
        command.env("LIBCLANG_PATH", folder);
        command.env("PYSHIM_CACHE", folder.join("cache"));
        super::Ran::of(command.output().expect("the command runs"))
    }

    #[cfg(all(target_os = "linux", feature = "clang"))]
    #[test]
    fn a_libclang_that_crashes_or_hangs_is_an_error_that_names_the_headers() {
        for (does, words) in [
            ("abort()", "signal: 6 (SIGABRT)"),
            ("*(volatile int *)0 = 1", "signal: 11 (SIGSEGV)"),
            ("_exit(0)", "an answer that is none"),
            ("sleep(600)", "libclang took longer than 2 s"),
            (
                "for (;;) write(1, \"xxxxxxxx\", 8)",
                "libclang printed more than",
            ),
        ] {
            println!("{does}");
            let folder = super::beside();
            scratch::write(&folder.path().join("api.h"), "int f(void);\n");
            let patience = if does.starts_with("sleep") { "2" } else { "60" };
            let base = ["observe", "--header", "api.h", "--timeout", patience];
            for (function, when) in [
                ("clang_createIndex", "when it read `#include"),
                ("clang_getClangVersion", "when it was asked what it is"),
            ] {
                false_libclang(folder.path(), function, does);
                let ran = run_with_it(folder.path(), &base).exits_with(3);
                says(&ran, &base, "E001", words);
                let says_when = ran.stderr.contains(when) || words.contains("none");
                assert!(says_when, "{function}\n{}", ran.stderr);
            }
            // The other oracle does without it.
            let probe = [&base[..], &["--oracle", "probe"]].concat();
            let ran = run_with_it(folder.path(), &probe).exits_with(0);
            assert!(
                ran.stdout.contains("about evidence probe\n"),
                "{}",
                ran.stdout
            );
        }
    }
}

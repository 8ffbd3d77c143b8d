//! The stand-in runtimes are what they claim to be: they export what real interpreters export, a
//! tiny extension sees in them what it sees in real interpreters, and each variation does what its
//! name says.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use conformance::place::{root, scratch};
use conformance::run::{run, succeed};
use conformance::standin::{Build, GilRule, Outcome, Sanitizer, Spec, Standin, Step, Variation};
use pythons::Python;

static PYTHONS: LazyLock<Vec<Python>> =
    LazyLock::new(|| conformance::interpreters().unwrap_or_else(|error| panic!("{error}")));

/// A real interpreter's version, for which there is a stand-in.
fn spec_of(python: &Python) -> Option<Spec> {
    let build = if python.free_threaded {
        Build::FreeThreaded
    } else {
        Build::Gil
    };
    let minor = python.version.minor();
    (8..=15).contains(&minor).then(|| Spec::new(minor, build))
}

fn build(spec: &Spec) -> Standin {
    Standin::new(spec).unwrap_or_else(|error| panic!("{}: {error}", spec.label()))
}

fn names_of(library: &Path) -> BTreeSet<String> {
    let listing = succeed(
        Command::new("nm")
            .args(["-D", "--defined-only"])
            .arg(library),
    )
    .unwrap_or_else(|error| panic!("{error}"));
    let names = listing
        .lines()
        .filter_map(|line| line.split_whitespace().last());
    names
        .map(|name| name.split('@').next().unwrap_or(name).to_owned())
        .collect()
}

/// What an interpreter exports, from its executable or from its libpython.
fn names_of_python(python: &Python) -> BTreeSet<String> {
    let mut names = names_of(&python.executable);
    let executable = python.executable.canonicalize().unwrap();
    let library = executable
        .parent()
        .and_then(Path::parent)
        .unwrap()
        .join("lib");
    let t = if python.free_threaded { "t" } else { "" };
    let library = library.join(format!("libpython3.{}{t}.so", python.version.minor()));
    if library.exists() {
        names.extend(names_of(&library));
    }
    names
}

#[test]
fn every_variant_exports_its_list_and_nothing_else() {
    for spec in Spec::all() {
        let names = names_of(build(&spec).library());
        assert_eq!(names, spec.exports().unwrap(), "{}", spec.label());
    }
}

#[test]
fn no_name_is_exported_that_the_real_interpreter_lacks() {
    let mut compared = 0;
    let mut newest = [BTreeSet::new(), BTreeSet::new()];
    for python in PYTHONS.iter() {
        let Some(spec) = spec_of(python) else {
            continue;
        };
        let real = names_of_python(python);
        let invented: Vec<_> = spec.exports().unwrap().difference(&real).cloned().collect();
        assert!(
            invented.is_empty(),
            "CPython {} has no {invented:?}",
            spec.label()
        );
        if spec.minor == 15 {
            newest[usize::from(python.free_threaded)] = real;
        }
        compared += 1;
        println!("compared with {} {}", python.label, python.version);
    }
    for minor in [16, 17] {
        for (build, real) in [Build::Gil, Build::FreeThreaded].into_iter().zip(&newest) {
            assert!(
                Spec::new(minor, build).exports().unwrap().is_subset(real),
                "3.{minor}"
            );
        }
    }
    assert!(
        compared >= pythons::REQUIRED.len(),
        "only {compared} interpreters were compared"
    );
}

#[test]
fn a_missing_name_is_absent_and_an_added_one_is_there() {
    let probe = probe("missing", &[]);
    let symbols = |spec: &Spec| said(&build(spec), &probe, &["symbols"])[0].clone();
    let ft = Spec::new(14, Build::FreeThreaded);
    assert!(symbols(&ft).contains("PyUnstable_TryIncRef"));
    assert!(!symbols(&ft.missing("PyUnstable_TryIncRef")).contains("PyUnstable_TryIncRef"));
    let gil = Spec::new(13, Build::Gil);
    assert!(!symbols(&gil).contains("PyUnstable_Module_SetGIL"));
    assert!(symbols(&gil.added("Py_REFCNT")).contains("Py_REFCNT"));
    assert!(Standin::new(&Spec::new(15, Build::Gil).missing("PyNothing")).is_err());
}

/// The test extension; with `-DPROBE_EXPORT` it has both hooks.
fn probe(folder: &str, flags: &[&str]) -> PathBuf {
    let output = scratch(&format!("standin::{folder}")).join("probe.so");
    let mut command = Command::new("gcc");
    command.args([
        "-std=c11",
        "-D_GNU_SOURCE",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-g",
        "-O1",
    ]);
    command.args(["-fPIC", "-shared", "-pthread"]).args(flags);
    command
        .arg(root().join("tests/standin/selftest/probe.c"))
        .arg("-o")
        .arg(&output);
    succeed(&mut command).unwrap_or_else(|error| panic!("{error}"));
    output
}

fn said(standin: &Standin, probe: &Path, calls: &[&str]) -> Vec<String> {
    let outcome = standin.run(probe, "probe", calls).unwrap();
    assert!(outcome.success, "{outcome:?}");
    outcome.texts()
}

/// Every question of the extension but those whose answer is the machine's or the micro version's.
const QUESTIONS: &[&str] = &[
    "symbols",
    "section",
    "section2",
    "section2_same",
    "nested",
    "try_incref",
    "hand_over",
    "head",
    "immortal",
    "format_error",
    "fetched",
    "shown",
    "claims",
    "gil",
    "hooks_run",
];

/// What the extension is told to do wrong, or right.
const PRESENTATIONS: &[&str] = &[
    "",
    "PROBE_GIL=1",
    "PROBE_GIL=0",
    "PROBE_GIL=2",
    "PROBE_GIL=3",
    "PROBE_GIL=1 PROBE_GIL_TWICE=1",
    "PROBE_SLOT=5",
    "PROBE_SLOT=84",
    "PROBE_SLOT=85",
    "PROBE_SLOT=87",
    "PROBE_SLOT=99",
    "PROBE_SLOT=100",
    "PROBE_SLOT=103",
    "PROBE_SLOT=109",
    "PROBE_SLOT=110",
    "PROBE_SLOT=200",
    "PROBE_SLOT=-5",
    "PROBE_HEAD=gil",
    "PROBE_ZERO_FLAGS=1",
    "PROBE_INIT_RAISES=1",
    "PROBE_INIT_NULL=1",
    "PROBE_EXEC_RAISES=1",
    "PROBE_SINGLE_PHASE=1",
    "PROBE_SINGLE_PHASE=1 PROBE_GIL=1",
    "PROBE_SINGLE_PHASE=1 PROBE_GIL=2",
    "PYTHON_GIL=0",
    "PYTHON_GIL=1 PROBE_GIL=1",
];

/// The same for modules of slots only, besides those above.
const EXPORT_PRESENTATIONS: &[&str] = &[
    "PROBE_SLOT=200 PROBE_OPTIONAL=1",
    "PROBE_NO_ABI=1",
    "PROBE_METHODS_NOT_STATIC=1",
    "PROBE_ABI_FLAGS=0",
    "PROBE_ABI_FLAGS=2",
    "PROBE_ABI_FLAGS=3",
    "PROBE_ABI_FLAGS=4",
    "PROBE_ABI_FLAGS=5",
    "PROBE_ABI_FLAGS=6 PROBE_ABI_VERSION=0x030e0000",
    "PROBE_ABI_VERSION=0",
    "PROBE_ABI_VERSION=3",
    "PROBE_ABI_VERSION=0x030e0000",
    "PROBE_ABI_VERSION=0x03100000",
];

/// The lines of a program in a real interpreter and in its stand-in.
fn compare(python: &Python, spec: &Spec, environment: &str, program: &str) {
    let variables = environment
        .split(' ')
        .filter_map(|word| word.split_once('='));
    let script = root().join("tests/standin/selftest/program.py");
    let mut real = Command::new(&python.executable);
    real.arg("-B")
        .arg(script)
        .arg(program)
        .env_remove("PYTHON_GIL")
        .envs(variables.clone());
    let mut spec = spec.clone();
    for (name, value) in variables {
        spec = spec.env(name, value);
    }
    let real = run(&mut real).unwrap();
    let standin = build(&spec).run_program(program).unwrap();
    let label = spec.label();
    // A CPython that stops before it has started says why on standard error, and so does the stand-in.
    if real.stdout.is_empty() {
        let first = real.stderr.lines().next().unwrap_or_default();
        assert!(
            standin.stderr.contains(first),
            "{label} {environment}: {first}\n{standin:?}"
        );
        return;
    }
    let shown = standin
        .stdout
        .lines()
        .map(|line| line.split(" objects=").next().unwrap_or(line));
    let shown: Vec<&str> = shown.collect();
    let expected: Vec<&str> = real.stdout.lines().collect();
    assert_eq!(
        shown, expected,
        "{label} {environment}\n{}{}",
        real.stderr, standin.stderr
    );
}

#[test]
fn the_extension_sees_what_it_sees_in_real_interpreters() {
    let init = probe("same_init", &[]);
    let export = probe("same_export", &["-DPROBE_EXPORT"]);
    let mut compared = 0;
    for python in PYTHONS.iter() {
        let Some(spec) = spec_of(python) else {
            continue;
        };
        for extension in [&init, &export] {
            let import = format!("import probe {}\n", extension.display());
            let calls: String = QUESTIONS
                .iter()
                .map(|name| format!("call probe {name}\n"))
                .collect();
            let threads = "threads 4 probe increment\ncall probe counted\nstate\n";
            compare(python, &spec, "", &format!("{import}{calls}{threads}"));
            compared += 1;
        }
    }
    assert!(
        compared >= 2 * pythons::REQUIRED.len(),
        "only {compared} comparisons were made"
    );
}

#[test]
fn imports_end_as_they_do_in_real_interpreters() {
    let init = probe("imports_init", &[]);
    let export = probe("imports_export", &["-DPROBE_EXPORT"]);
    let rest = "call probe gil\ncall probe hooks_run\nstate\n";
    let program = |path: &Path| format!("import probe {}\n{rest}", path.display());
    let mut compared = 0;
    for python in PYTHONS.iter() {
        let Some(spec) = spec_of(python) else {
            continue;
        };
        for environment in PRESENTATIONS {
            compare(python, &spec, environment, &program(&init));
            compared += 1;
        }
        if spec.minor < 15 {
            continue;
        }
        for environment in PRESENTATIONS.iter().chain(EXPORT_PRESENTATIONS) {
            compare(python, &spec, environment, &program(&export));
            compared += 1;
        }
    }
    println!("{compared} imports compared");
    assert!(compared >= pythons::REQUIRED.len() * PRESENTATIONS.len());
}

#[test]
fn variations_do_what_their_names_say() {
    let probe = probe("variations", &[]);
    let ft = |variation| Spec::new(16, Build::FreeThreaded).with(variation);
    let gil = |variation| Spec::new(16, Build::Gil).with(variation);
    let cannot = "RuntimeError: the critical section cannot be entered";
    let cases: &[(Spec, &[&str], &[&str])] = &[
        (
            Spec::new(16, Build::FreeThreaded),
            &["section", "section2"],
            &["2", "3"],
        ),
        (
            Spec::new(17, Build::Gil),
            &["section", "section2"],
            &["0", "0"],
        ),
        (
            ft(Variation::NoOpSections),
            &["section", "nested"],
            &["0", "'untouched'"],
        ),
        (
            gil(Variation::LiveSections),
            &["section", "nested"],
            &["2", "'skipped'"],
        ),
        (
            ft(Variation::ExtraSectionWords(1)),
            &["section", "section2"],
            &["3", "4"],
        ),
        (
            ft(Variation::ExtraSectionWords(40)),
            &["section", "section2"],
            &["42", "43"],
        ),
        (ft(Variation::BeginRaisesFrom(1)), &["section"], &[cannot]),
        (
            ft(Variation::BeginRaisesFrom(2)),
            &["section", "section2", "gil"],
            &["2", cannot, "False"],
        ),
        (
            gil(Variation::Hexversion(0x030d_00f0)),
            &["hexversion"],
            &["51183856"],
        ),
        (
            ft(Variation::PyVersion(0x030d_00f0)),
            &["claims"],
            &["'13, t, None, True, 32'"],
        ),
        (
            gil(Variation::ClaimsFreeThreaded(true)),
            &["claims"],
            &["'16, t, None, True, 16'"],
        ),
        (
            ft(Variation::ClaimsFreeThreaded(false)),
            &["claims"],
            &["'16, , 1, False, 32'"],
        ),
        (
            gil(Variation::ObjectBasicsize(32)),
            &["claims"],
            &["'16, , 1, False, 32'"],
        ),
        (
            ft(Variation::PythonGil(true)),
            &["claims", "gil"],
            &["'16, t, 1, True, 32'", "True"],
        ),
    ];
    for (spec, calls, expected) in cases {
        // A module that does without the GIL, so that begin really runs beside others.
        let spec = spec.clone().env("PROBE_GIL", "1");
        assert_eq!(
            said(&build(&spec), &probe, calls),
            *expected,
            "{:?}",
            spec.variations
        );
    }
}

#[test]
fn the_gil_slot_is_read_by_the_rule() {
    let probe = probe("gil_rule", &[]);
    let rules = [GilRule::Nonzero, GilRule::One, GilRule::Bit0];
    for (value, enabled) in [
        ("0", [true, true, true]),
        ("1", [false, false, false]),
        ("2", [false, true, true]),
        ("3", [false, true, false]),
    ] {
        for (rule, enabled) in rules.into_iter().zip(enabled) {
            let spec = Spec::new(16, Build::FreeThreaded).with(Variation::GilRule(rule));
            let outcome = build(&spec.env("PROBE_GIL", value))
                .run(&probe, "probe", &[])
                .unwrap();
            assert_eq!(outcome.gil_enabled, Some(enabled), "{rule:?} {value}");
            assert_eq!(
                outcome.warnings,
                Some(u64::from(enabled)),
                "{rule:?} {value}"
            );
        }
    }
}

#[test]
fn a_section_whose_storage_is_damaged_or_that_was_never_entered_ends_the_process() {
    let probe = probe("damage", &[]);
    let ft = Spec::new(16, Build::FreeThreaded);
    let crash = |spec: Spec| -> Outcome {
        build(&spec)
            .run(&probe, "probe", &["ends_too_much", "section"])
            .unwrap()
    };
    let damaged = crash(
        ft.clone()
            .with(Variation::ExtraSectionWords(1))
            .env("PROBE_DAMAGE", "1"),
    );
    assert!(
        damaged
            .stderr
            .contains("the section's storage was overwritten"),
        "{damaged:?}"
    );
    assert_eq!((damaged.success, damaged.gil_enabled), (false, None));
    let never = crash(ft.with(Variation::BeginRaisesFrom(1)));
    assert!(
        never.stderr.contains("the section was never entered"),
        "{never:?}"
    );
}

#[test]
fn an_import_error_has_its_type_and_text() {
    let probe = probe("import_error", &[]);
    let spec = Spec::new(15, Build::FreeThreaded).env("PROBE_ZERO_FLAGS", "1");
    let outcome = build(&spec).run(&probe, "probe", &["gil"]).unwrap();
    let raised = outcome.import_error.unwrap();
    assert_eq!(raised.kind, "SystemError");
    assert!(
        raised.text.starts_with("invalid PyModuleDef"),
        "{}",
        raised.text
    );
    assert_eq!((outcome.success, outcome.lines.len()), (false, 0));
    let absent = build(&spec)
        .run(Path::new("/nowhere.so"), "probe", &[])
        .unwrap();
    assert_eq!(absent.import_error.unwrap().kind, "ImportError");
}

#[test]
fn threads_and_counts_are_clean_under_sanitizers() {
    for sanitizer in [Sanitizer::Thread, Sanitizer::Address] {
        let probe = probe(&format!("{sanitizer:?}"), &[sanitizer.flag()]);
        for minor in [13, 15] {
            for build_kind in [Build::Gil, Build::FreeThreaded] {
                let spec = Spec::new(minor, build_kind)
                    .sanitized(sanitizer)
                    .env("PROBE_GIL", "1");
                let steps = [
                    Step::Threads(8, "increment"),
                    Step::Call("counted"),
                    Step::Threads(4, "hand_over"),
                    Step::Threads(4, "try_incref"),
                    Step::Reimport,
                    Step::Call("nested"),
                ];
                let outcome = build(&spec).run_steps(&probe, "probe", &steps).unwrap();
                assert!(
                    outcome.success,
                    "{} {sanitizer:?}: {outcome:?}",
                    spec.label()
                );
                assert_eq!(outcome.texts()[8], "80000", "{}", spec.label());
                assert_eq!(outcome.texts().len(), 18);
            }
        }
    }
}

#[test]
fn objects_that_change_hands_are_freed() {
    let probe = probe("objects", &[]);
    for minor in [13, 14, 15] {
        let spec = Spec::new(minor, Build::FreeThreaded).env("PROBE_GIL", "1");
        let standin = build(&spec);
        let alive = |steps: &[Step<'_>]| {
            standin
                .run_steps(&probe, "probe", steps)
                .unwrap()
                .objects
                .unwrap()
        };
        let work = [
            Step::Call("hand_over"),
            Step::Threads(4, "try_incref"),
            Step::Call("nested"),
        ];
        assert_eq!(alive(&work), alive(&[]), "3.{minor}");
    }
}

#[test]
fn the_sources_compile_without_warnings() {
    for flag in ["-DSTANDIN_FT", "-USTANDIN_FT"] {
        for file in std::fs::read_dir(root().join("tests/standin")).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "c") {
                let mut command = Command::new("gcc");
                command.args([
                    "-std=c11",
                    "-D_GNU_SOURCE",
                    "-Wall",
                    "-Wextra",
                    "-Werror",
                    "-O1",
                ]);
                command.args(["-fsyntax-only", flag]).arg(&path);
                succeed(&mut command).unwrap_or_else(|error| panic!("{error}"));
            }
        }
    }
}

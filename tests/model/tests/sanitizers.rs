//! The C core on real threads, under ThreadSanitizer and AddressSanitizer, with objects whose memory
//! really goes away. Deliberately broken copies show that the programs would notice.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

use libtest_mimic::{Arguments, Failed, Trial};

type Outcome = Result<(), Failed>;

/// How a program is compiled.
#[derive(Clone, Copy)]
enum Mode {
    /// With every warning that the core promises to be free of, in this standard.
    Strict(&'static str),
    /// To find data races.
    Threads,
    /// To find accesses to memory that is gone, and undefined behaviour.
    Addresses,
    /// The branch for MSVC, with its intrinsics played by GCC's.
    Msvc,
}

impl Mode {
    fn flags(self) -> Vec<&'static str> {
        match self {
            Mode::Strict(standard) => {
                vec![
                    standard,
                    "-O2",
                    "-Werror",
                    "-Wall",
                    "-Wextra",
                    "-Wpedantic",
                    "-Wconversion",
                ]
            }
            // -Wno-tsan: GCC says that it does not model fences, which are not what orders objects.
            Mode::Threads => vec!["-std=c11", "-O1", "-g", "-fsanitize=thread", "-Wno-tsan"],
            Mode::Addresses => vec!["-std=c11", "-O1", "-g", "-fsanitize=address,undefined"],
            Mode::Msvc => vec![
                "-std=gnu11",
                "-O2",
                "-D_MSC_VER=1940",
                "-D_M_X64",
                "-D_WIN64",
                "-D__declspec(what)=",
                "-isystem",
                "tests/race/msvc",
            ],
        }
    }
}

/// One change to a file of the core that breaks it.
struct Damage {
    name: &'static str,
    file: &'static str,
    before: &'static str,
    after: &'static str,
    /// Slots in a block; of the program `hammer`, and otherwise it is `views`.
    slots: Option<&'static str>,
    /// What the program says then.
    says: &'static str,
}

const DAMAGES: &[Damage] = &[
    Damage {
        name: "no_second_look_at_the_cell",
        file: "atomic_ref.c",
        before: "held = pyshim_atomic_load_object(&ref->value, PYSHIM_ORDER_CELL_VALIDATE) == value;",
        after: "held = 1;",
        slots: Some("64"),
        says: "AddressSanitizer",
    },
    Damage {
        name: "no_references_for_readers",
        file: "atomic_ref.c",
        before: "pyshim_core_hazard_share(old);",
        after: ";",
        slots: Some("64"),
        says: "AddressSanitizer",
    },
    Damage {
        name: "no_bit_for_a_used_slot",
        file: "hazard.c",
        before: "pyshim_atomic_fetch_or_word(&block->used, bit, PYSHIM_ORDER_HAZARD_USED_SET);",
        after: ";",
        slots: Some("64"),
        says: "AddressSanitizer",
    },
    Damage {
        name: "no_scan_beyond_the_first_block",
        file: "hazard.c",
        before: "while (block != NULL) {",
        after: "if (block != NULL) {",
        slots: Some("1"),
        says: "AddressSanitizer",
    },
    Damage {
        name: "a_gift_is_forgotten",
        file: "atomic_ref.c",
        before: "if (pyshim_core_hazard_release(slot)) {",
        after: "if (pyshim_core_hazard_release(slot) && 0) {",
        slots: Some("64"),
        says: "objects leaked",
    },
    Damage {
        name: "a_gift_that_nobody_took_is_forgotten",
        file: "hazard.c",
        before: "Py_DecRef(object); /* not the last one: the caller has another */",
        after: ";",
        slots: Some("64"),
        says: "objects leaked",
    },
    Damage {
        name: "an_end_that_waits_for_nobody",
        file: "registry.c",
        before: "while (guarded != NULL) {",
        after: "while (guarded != NULL && 0) {",
        slots: None,
        says: "it is not the last thread",
    },
    Damage {
        name: "a_guard_on_what_has_ended",
        file: "registry.c",
        before: "int stays = !home->ended && !pyshim_core_registry.process_ends;",
        after: "int stays = 1;",
        slots: None,
        says: "AddressSanitizer",
    },
    Damage {
        name: "an_object_that_is_released_from_elsewhere",
        file: "view.c",
        before: "} else if (here) {",
        after: "} else if (here || 1) {",
        slots: None,
        says: "an object is touched from elsewhere",
    },
    Damage {
        name: "an_open_view_that_is_forgotten_at_the_end",
        file: "view_table.c",
        before: "pyshim_core_views.pinned += *open;",
        after: ";",
        slots: None,
        says: "views are left, or were lost",
    },
    Damage {
        name: "an_end_of_the_process_that_is_forgotten",
        file: "view_table.c",
        before: "pyshim_core_registry.process_ends |= home->id == 0;",
        after: ";",
        slots: None,
        says: "somebody was let in after the process has ended",
    },
    Damage {
        name: "an_end_that_does_not_wait_for_other_interpreters",
        file: "registry.c",
        before: "if (home->id != 0) {",
        after: "if (home->id == home->id) {",
        slots: None,
        says: "somebody is in when the process ends",
    },
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn scratch() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

/// Compiles a program of `tests/race`. `name` is the file to write and no other test's.
fn compile(name: &str, program: &str, mode: Mode, extra: &[&str]) -> Result<PathBuf, Failed> {
    let compiler = env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    let executable = scratch().join(name);
    let output = Command::new(&compiler)
        .current_dir(root())
        .args(extra)
        .args(mode.flags())
        // core.h declares functions of files that are not part of this.
        .args([
            "-Wno-unused-function",
            "-D_GNU_SOURCE",
            "-DPYSHIM_NO_PYTHON_H",
            "-pthread",
        ])
        .args(["-Itests/race", "-Ishim/csrc", "-Iinclude"])
        .arg(format!("tests/race/{program}.c"))
        .args(["tests/race/host.c", "-o"])
        .arg(&executable)
        .output()
        .map_err(|error| format!("`{compiler}` cannot be run: {error}"))?;
    if output.status.success() {
        Ok(executable)
    } else {
        Err(describe(&output).into())
    }
}

fn describe(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let first: Vec<_> = text.lines().take(60).collect();
    format!("{}\n{}", output.status, first.join("\n"))
}

fn run(executable: &Path, arguments: &[&str]) -> Result<Output, Failed> {
    Ok(Command::new(executable).args(arguments).output()?)
}

/// The program ends well and, as it must, says something.
fn holds(name: &str, program: &str, mode: Mode, extra: &[&str], arguments: &[&str]) -> Outcome {
    let output = run(&compile(name, program, mode, extra)?, arguments)?;
    if !output.status.success() || output.stdout.is_empty() {
        return Err(describe(&output).into());
    }
    print!("{name}: {}", String::from_utf8_lossy(&output.stdout));
    Ok(())
}

/// ThreadSanitizer reports the program when one order is weakened.
fn is_reported(name: &str, program: &str, arguments: &[&str], weakened: &str) -> Outcome {
    let output = run(
        &compile(name, program, Mode::Threads, &[weakened])?,
        arguments,
    )?;
    if String::from_utf8_lossy(&output.stderr).contains("ThreadSanitizer: data race") {
        Ok(())
    } else {
        Err("ThreadSanitizer found nothing".into())
    }
}

/// The program fails, as it is expected to, with a broken copy of one file.
fn is_noticed(damage: &Damage) -> Outcome {
    let folder = scratch().join(damage.name);
    fs::create_dir_all(&folder)?;
    let text = fs::read_to_string(root().join("shim/csrc").join(damage.file))?;
    if text.matches(damage.before).count() != 1 {
        return Err(format!("`{}` is not once in {}", damage.before, damage.file).into());
    }
    fs::write(
        folder.join(damage.file),
        text.replace(damage.before, damage.after),
    )?;
    // The folder comes first, so that its copy is the one that is included.
    let include = format!("-I{}", folder.display());
    let slots = format!("-DPYSHIM_HAZARD_SLOTS={}", damage.slots.unwrap_or("64"));
    let extra = [include.as_str(), slots.as_str(), "-DRACE_BLIND"];
    let (program, arguments) = match damage.slots {
        Some(_) => ("hammer", &["malloc", "1000"][..]),
        None => ("views", &[][..]),
    };
    let name = format!("{}_{program}", damage.name);
    let executable = compile(&name, program, Mode::Addresses, &extra)?;
    // Mostly found in a tenth of a second; a machine that is busy with other things needs longer.
    for _ in 0..10 {
        let output = run(&executable, arguments)?;
        if String::from_utf8_lossy(&output.stderr).contains(damage.says) {
            return Ok(());
        }
    }
    Err(format!("nothing said `{}`", damage.says).into())
}

fn main() {
    let mut trials = Vec::new();
    let mut add = |name: &'static str, test: Box<dyn FnOnce(&str) -> Outcome + Send>| {
        trials.push(Trial::test(name, move || test(name)));
    };

    for (name, standard) in [
        ("the_contract_in_c99", "-std=c99"),
        ("the_contract_in_c11", "-std=c11"),
    ] {
        let test = move |name: &str| holds(name, "contract", Mode::Strict(standard), &[], &[]);
        add(name, Box::new(test));
    }
    add(
        "the_contract_with_addresses",
        Box::new(|name| holds(name, "contract", Mode::Addresses, &[], &[])),
    );
    for (name, mode, memory, slots) in [
        ("hammer_malloc_with_threads", Mode::Threads, "malloc", "64"),
        ("hammer_page_with_threads", Mode::Threads, "page", "64"),
        (
            "hammer_freelist_with_threads",
            Mode::Threads,
            "freelist",
            "64",
        ),
        (
            "hammer_freelist_with_threads_and_few_slots",
            Mode::Threads,
            "freelist",
            "1",
        ),
        (
            "hammer_malloc_with_addresses",
            Mode::Addresses,
            "malloc",
            "64",
        ),
        ("hammer_page_with_addresses", Mode::Addresses, "page", "64"),
        (
            "hammer_freelist_with_addresses",
            Mode::Addresses,
            "freelist",
            "64",
        ),
        (
            "hammer_malloc_with_addresses_and_few_slots",
            Mode::Addresses,
            "malloc",
            "1",
        ),
        ("hammer_malloc_as_msvc", Mode::Msvc, "malloc", "64"),
        (
            "hammer_freelist_at_full_speed",
            Mode::Strict("-std=c11"),
            "freelist",
            "64",
        ),
    ] {
        if matches!(mode, Mode::Msvc) && !cfg!(target_arch = "x86_64") {
            println!("skip {name}: the intrinsics are played for x86-64 only");
            continue;
        }
        let test = move |name: &str| {
            let slots = format!("-DPYSHIM_HAZARD_SLOTS={slots}");
            holds(name, "hammer", mode, &[&slots], &[memory, "2000"])
        };
        add(name, Box::new(test));
    }
    add(
        "publication_with_threads",
        Box::new(|name| holds(name, "publication", Mode::Threads, &[], &[])),
    );
    for (name, weakened) in [
        (
            "a_relaxed_table_publish_is_reported",
            "-DPYSHIM_ORDER_TABLE_PUBLISH=PYSHIM_RELAXED",
        ),
        (
            "a_relaxed_table_get_is_reported",
            "-DPYSHIM_ORDER_TABLE_GET=__ATOMIC_RELAXED",
        ),
        (
            "a_relaxed_slots_publish_is_reported",
            "-DPYSHIM_ORDER_SLOTS_PUBLISH=PYSHIM_RELAXED",
        ),
        (
            "a_relaxed_slots_get_is_reported",
            "-DPYSHIM_ORDER_SLOTS_GET=PYSHIM_RELAXED",
        ),
        (
            "relaxed_slots_of_another_are_reported",
            "-DPYSHIM_ORDER_SLOTS_LOST=PYSHIM_RELAXED",
        ),
    ] {
        let test = move |name: &str| is_reported(name, "publication", &[], weakened);
        add(name, Box::new(test));
    }
    for (name, mode) in [
        ("waiting_with_threads", Mode::Threads),
        ("waiting_with_addresses", Mode::Addresses),
        ("waiting_at_full_speed", Mode::Strict("-std=c99")),
        ("waiting_as_msvc", Mode::Msvc),
    ] {
        if matches!(mode, Mode::Msvc) && !cfg!(target_arch = "x86_64") {
            println!("skip {name}: the intrinsics are played for x86-64 only");
            continue;
        }
        let test = move |name: &str| holds(name, "waiting", mode, &[], &["2000"]);
        add(name, Box::new(test));
    }
    for (name, weakened) in [
        (
            "a_relaxed_lock_is_reported",
            "-DPYSHIM_ORDER_MUTEX_TAKE=PYSHIM_RELAXED",
        ),
        (
            "a_relaxed_unlock_is_reported",
            "-DPYSHIM_ORDER_MUTEX_LEAVE=PYSHIM_RELAXED",
        ),
        (
            "a_relaxed_look_at_what_is_done_is_reported",
            "-DPYSHIM_ORDER_ONCE_DONE_GET=PYSHIM_RELAXED",
        ),
        (
            "a_relaxed_word_that_it_is_done_is_reported",
            "-DPYSHIM_ORDER_ONCE_DONE_SET=PYSHIM_RELAXED",
        ),
    ] {
        let test = move |name: &str| is_reported(name, "waiting", &["1000"], weakened);
        add(name, Box::new(test));
    }
    for (name, mode) in [
        ("views_with_threads", Mode::Threads),
        ("views_with_addresses", Mode::Addresses),
    ] {
        let test = move |name: &str| holds(name, "views", mode, &[], &[]);
        add(name, Box::new(test));
    }
    add(
        "fork",
        Box::new(|name| holds(name, "fork", Mode::Addresses, &[], &["100"])),
    );
    add(
        "fork_within_a_stay",
        Box::new(|name| holds(name, "stay", Mode::Addresses, &[], &[])),
    );
    add(
        "fork_with_few_slots",
        Box::new(|name| {
            holds(
                name,
                "fork",
                Mode::Addresses,
                &["-DPYSHIM_HAZARD_SLOTS=2"],
                &["100"],
            )
        }),
    );
    for damage in DAMAGES {
        add(damage.name, Box::new(|_| is_noticed(damage)));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

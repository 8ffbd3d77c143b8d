//! Direct mode is free: for each function the compiler gives the same instructions as for CPython's
//! own macro or call, or none where there is nothing to do. What it gives is committed under
//! `asm/`, so that a lost optimisation shows as a diff; `PYSHIM_BLESS=1` rewrites it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use conformance::compile::{Dialect, compiler};
use conformance::mode::extension_modes;
use conformance::place::root;
use conformance::run::succeed;
use libtest_mimic::{Arguments, Failed, Trial};
use pythons::{Python, REQUIRED};

const GCC: Dialect = Dialect {
    program: "gcc",
    standard: "c11",
    language: "c",
};

/// As extensions are compiled, without what distributions add to every function.
const FLAGS: &[&str] = &[
    "-O2",
    "-fPIC",
    "-fno-asynchronous-unwind-tables",
    "-fno-stack-protector",
    "-fcf-protection=none",
    "-S",
    "-o-",
];

/// The compiler of the committed text. Others give other text, and must give equal text for both
/// spellings all the same.
const BLESSED: &str = "gcc 12";

/// What a function is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spelling {
    Pyshim,
    Cpython,
    Nothing,
}

impl Spelling {
    fn flag(self) -> String {
        format!("-DSPELLING_{}", format!("{self:?}").to_uppercase())
    }
}

/// Functions whose way through the table is shown, and what of the C core they call.
const TABLE: &[(&str, &[&str])] = &[
    (
        "section",
        &[
            "pyshim_critical_section_begin",
            "pyshim_critical_section_end",
        ],
    ),
    (
        "section2",
        &[
            "pyshim_critical_section2_begin",
            "pyshim_critical_section2_end",
        ],
    ),
    ("try_incref", &["pyshim_try_incref"]),
    ("enable_try_incref", &["pyshim_enable_try_incref"]),
    ("atomic_ref_load", &["pyshim_atomic_ref_load"]),
];

/// What plain reference counting does in any mode, without the table.
const STACK_REFS: [&str; 5] = [
    "stack_ref_new",
    "stack_ref_close",
    "stack_ref_xclose",
    "stack_ref_clear",
    "stack_ref_frame",
];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let pythons = match conformance::interpreters() {
        Ok(pythons) => pythons,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::FAILURE;
        }
    };
    if !cfg!(target_arch = "x86_64") {
        eprintln!("skipped: stack frames are only told apart from other code on x86-64");
        return ExitCode::SUCCESS;
    }
    let goldens = match compiler_name() {
        Ok(name) if name == BLESSED => true,
        Ok(name) => {
            eprintln!("skipped: the committed text is of {BLESSED} and this is {name}");
            false
        }
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::FAILURE;
        }
    };
    // Headers that nobody has observed get no direct mode.
    let newest = REQUIRED.iter().map(|label| label.minor).max();
    let trials = pythons
        .iter()
        .filter(|python| Some(python.version.minor()) <= newest)
        .flat_map(|python| trials(python, goldens))
        .collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// `gcc 12`.
fn compiler_name() -> Result<String, String> {
    let version = succeed(Command::new("gcc").arg("-dumpversion"))?;
    let major = version.trim().split('.').next().unwrap_or_default();
    Ok(format!("gcc {major}"))
}

fn trials(python: &Python, goldens: bool) -> Vec<Trial> {
    let required = REQUIRED.contains(&python.label);
    let mut trials = Vec::new();
    for (function, others) in comparisons(python) {
        let golden = root().join(format!("tests/asm/{}/{function}.s", python.label));
        let golden = (goldens && required).then_some(golden);
        let python = python.clone();
        trials.push(Trial::test(
            format!("direct::{}::{function}", python.label),
            move || {
                equals(&python, function, &[], &others, golden.as_deref()).map_err(Failed::from)
            },
        ));
    }
    for (function, mode) in STACK_REFS.iter().flat_map(|function| {
        let limited = extension_modes(python).into_iter().skip(1);
        limited.map(move |mode| (*function, mode))
    }) {
        let python = python.clone();
        trials.push(Trial::test(
            format!("{}::{}::{function}", mode.name, python.label),
            move || {
                let others = &[Spelling::Cpython];
                equals(&python, function, &mode.flags, others, None).map_err(Failed::from)
            },
        ));
    }
    if required {
        let python = python.clone();
        trials.push(Trial::test(format!("table::{}", python.label), move || {
            is_one_jump_through_the_table(&python, goldens).map_err(Failed::from)
        }));
    }
    trials
}

/// What each function is equal to on an interpreter.
fn comparisons(python: &Python) -> BTreeMap<&'static str, Vec<Spelling>> {
    let minor = python.version.minor();
    let own = |since: u32| (minor >= since).then_some(Spelling::Cpython);
    let nothing = (!python.free_threaded).then_some(Spelling::Nothing);
    let sections: Vec<Spelling> = own(13).into_iter().chain(nothing).collect();
    let mut comparisons = BTreeMap::from([
        ("section", sections.clone()),
        ("section2", sections),
        ("try_incref", vec![Spelling::Cpython]),
    ]);
    if python.free_threaded || minor >= 14 {
        comparisons.insert("enable_try_incref", vec![Spelling::Cpython]);
    } else {
        comparisons.insert("enable_try_incref", vec![Spelling::Nothing]);
    }
    comparisons.extend(STACK_REFS.map(|function| (function, vec![Spelling::Cpython])));
    if minor >= 13 {
        comparisons.insert("mutex", vec![Spelling::Cpython]);
    }
    // On free-threaded builds CPython has nothing that does what the cell does.
    if !python.free_threaded {
        comparisons.insert("atomic_ref_load", vec![Spelling::Cpython]);
        comparisons.insert("atomic_ref_store", vec![Spelling::Cpython]);
    }
    comparisons
}

fn equals(
    python: &Python,
    function: &str,
    flags: &[String],
    others: &[Spelling],
    golden: Option<&Path>,
) -> Result<(), String> {
    let spelled = |spelling: Spelling| -> Vec<String> {
        flags.iter().cloned().chain([spelling.flag()]).collect()
    };
    let ours = assembly(python, function, &spelled(Spelling::Pyshim))?;
    for other in others {
        let theirs = assembly(python, function, &spelled(*other))?;
        if ours != theirs {
            return Err(format!("pyshim:\n{ours}\n{other:?}:\n{theirs}"));
        }
    }
    golden.map_or(Ok(()), |golden| is_as_committed(golden, &ours))
}

/// The caller has one direct call, and the C core behind it loads the table and jumps: no null
/// check, no initialisation, no lookup. The same instructions in every mode and for every
/// interpreter.
fn is_one_jump_through_the_table(python: &Python, goldens: bool) -> Result<(), String> {
    let full = vec!["-DPYSHIM_FORCE_TABLE".to_owned()];
    let limited = extension_modes(python)
        .into_iter()
        .map(|mode| mode.flags)
        .skip(1);
    let mut first: BTreeMap<&str, String> = BTreeMap::new();
    for mut flags in std::iter::once(full).chain(limited) {
        flags.push(Spelling::Pyshim.flag());
        let core = core(python, &flags)?;
        for (function, slots) in TABLE {
            let mut found = assembly(python, function, &flags)?;
            for slot in *slots {
                found.push_str(&one_function(&core, slot)?);
            }
            match first.get(function) {
                None => drop(first.insert(function, found)),
                Some(first) if *first == found => {}
                Some(first) => return Err(format!("{flags:?}:\n{found}\nbut:\n{first}")),
            }
        }
    }
    for (function, found) in first.iter().filter(|_| goldens) {
        let golden = root().join(format!("tests/asm/table/{function}.s"));
        is_as_committed(&golden, found)?;
    }
    Ok(())
}

fn core(python: &Python, flags: &[String]) -> Result<String, String> {
    let mut command = compiler(GCC, Some(python));
    let folder = root().join("shim/csrc");
    command.args(flags).args(FLAGS).arg("-I").arg(&folder);
    Ok(normal(&succeed(command.arg(folder.join("pyshim.c")))?))
}

/// The lines of one function.
fn one_function(assembly: &str, name: &str) -> Result<String, String> {
    let head = format!("{name}:\n");
    let (_, body) = assembly
        .split_once(&head)
        .ok_or(format!("the C core has no `{name}`"))?;
    let lines = body.lines().take_while(|line| line.starts_with([' ', '.']));
    Ok(head + &lines.map(|line| format!("{line}\n")).collect::<String>())
}

fn assembly(python: &Python, function: &str, flags: &[String]) -> Result<String, String> {
    let source: PathBuf = root().join("tests/asm").join(format!("{function}.c"));
    let mut command = compiler(GCC, Some(python));
    command.args(flags).args(FLAGS).arg(source);
    Ok(normal(&succeed(&mut command)?))
}

fn is_as_committed(golden: &Path, found: &str) -> Result<(), String> {
    let found = format!("# {BLESSED}, x86-64\n{found}");
    if std::env::var_os("PYSHIM_BLESS").is_some() {
        let folder = golden.parent().unwrap_or(golden);
        return std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(golden, found))
            .map_err(|error| format!("{}: {error}", golden.display()));
    }
    let expected = std::fs::read_to_string(golden)
        .map_err(|error| format!("{}: {error}; PYSHIM_BLESS=1 writes it", golden.display()))?;
    if found == expected {
        Ok(())
    } else {
        Err(format!(
            "found:\n{found}\nexpected, in {}:\n{expected}",
            golden.display()
        ))
    }
}

/// The instructions alone: no directives and comments, labels by order, stack frames of any size.
fn normal(assembly: &str) -> String {
    let mut labels = Vec::new();
    let mut text = String::new();
    for line in assembly.lines() {
        let trimmed = line.trim();
        let label = trimmed.ends_with(':');
        if trimmed.is_empty() || trimmed.starts_with('#') || (trimmed.starts_with('.') && !label) {
            continue;
        }
        let renamed = any_frame(&with_labels_by_order(trimmed, &mut labels)).replace('\t', " ");
        text.push_str(if label { "" } else { "    " });
        text.push_str(&renamed);
        text.push('\n');
    }
    text
}

/// `.L13` becomes `.L1` when it is the first that is met.
fn with_labels_by_order(line: &str, labels: &mut Vec<String>) -> String {
    let mut parts = line.split(".L");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.chars().take_while(char::is_ascii_digit).count();
        let (number, rest) = part.split_at(digits);
        let index = labels
            .iter()
            .position(|label| label == number)
            .unwrap_or_else(|| {
                labels.push(number.to_owned());
                labels.len() - 1
            });
        text.push_str(&format!(".L{}{rest}", index + 1));
    }
    text
}

/// Takes the numbers out of what makes and addresses the stack frame.
fn any_frame(line: &str) -> String {
    let Some((instruction, operands)) = line.split_once('\t') else {
        return line.to_owned();
    };
    let sizes = ["sub", "add"]
        .iter()
        .any(|name| instruction.starts_with(name));
    if sizes && operands.ends_with(", %rsp") {
        return format!("{instruction} $FRAME, %rsp");
    }
    let mut text = operands.to_owned();
    for base in ["(%rsp)", "(%rbp)"] {
        if let Some(at) = text.find(base) {
            let number = |c: char| c.is_ascii_digit() || c == '-';
            let start = text[..at].trim_end_matches(number).len();
            text.replace_range(start..at, "FRAME");
        }
    }
    format!("{instruction} {text}")
}

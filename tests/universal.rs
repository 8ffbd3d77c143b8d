//! One file for every CPython: compiled once, imported by all, and used by two threads and by two
//! interpreters at once.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use conformance::c_core;
use conformance::compile::{C99, CPP11, Dialect, object_of};
use conformance::extension::build;
use conformance::manifest::exporting;
use conformance::mode::{Mode, extension_modes};
use conformance::place::{root, scratch};
use conformance::release::Release;
use conformance::run::{run, succeed};
use conformance::trials::trial;
use libtest_mimic::{Failed, Trial};
use pyshim_gen::audit::audit;
use pyshim_gen::audit::runtime::Runtime;
use pyshim_gen::audit::symbols::Symbols;
use pyshim_gen::report::{LoadingRow, Report};
use pyshim_gen::surface::label::Labels;
use pythons::Python;

/// The headers that universal modules are compiled with begin here.
const FIRST_HEADERS: u32 = 15;

/// What makes a module universal.
const UNIVERSAL: &str = "-DPYSHIM_UNIVERSAL=0x03080000";

/// An interpreter that begins takes the debug allocator from all that run (gh-123134), so that blocks with its
/// marks are freed without, and without them with: any two that begin at once may crash.
const BEGINS_BY_ANOTHER_ALLOCATOR: u32 = 12;

/// A module that is compiled once, by the first test that needs it.
struct Once {
    name: &'static str,
    headers: Python,
    dialect: Dialect,
    folder: OnceLock<Result<PathBuf, String>>,
}

impl Once {
    fn folder(&self) -> Result<&Path, String> {
        let built = self.folder.get_or_init(|| {
            let folder = scratch(&format!("universal::{}", self.name));
            let flags = [UNIVERSAL.to_owned()];
            build_universal(&folder, &self.headers, &flags, self.dialect)?;
            Ok(folder)
        });
        built.as_deref().map_err(Clone::clone)
    }
}

/// A mistake in a list of slots, and what every CPython says of it.
struct Faulty {
    name: &'static str,
    slots: &'static str,
    says: &'static str,
    /// Whether the auditor knows it, too. A later release may have more kinds.
    is_seen: bool,
}

const FAULTY: &[Faulty] = &[
    Faulty {
        name: "empty_exec",
        slots: "PYSHIM_SLOT_EXEC(NULL)",
        says: "a slot of faulty has NULL",
        is_seen: true,
    },
    Faulty {
        name: "empty_type",
        slots: "PYSHIM_SLOT_TYPE(NULL)",
        says: "a slot of faulty has NULL",
        is_seen: true,
    },
    Faulty {
        name: "methods_twice",
        slots: "PYSHIM_SLOT_METHODS(NULL), PYSHIM_SLOT_METHODS(NULL)",
        says: "faulty has more than one PYSHIM_SLOT_METHODS",
        is_seen: true,
    },
    Faulty {
        name: "gil_twice",
        slots: "PYSHIM_SLOT_GIL(0), PYSHIM_SLOT_DOC(\"\"), PYSHIM_SLOT_GIL(0)",
        says: "faulty has more than one PYSHIM_SLOT_GIL",
        is_seen: true,
    },
    Faulty {
        name: "of_no_kind",
        slots: "{99, 5}",
        says: "a slot of faulty is of kind 99",
        is_seen: false,
    },
];

/// An exception on every CPython, which names the module.
fn what_is_faulty_is_an_error(
    headers: &Python,
    faulty: &Faulty,
    users: &[Python],
    name: &str,
) -> Result<(), String> {
    let folder = scratch(name);
    let source = root().join("tests/ext/c/faulty.c");
    let flags = [
        UNIVERSAL.to_owned(),
        format!("-DFAULTY_SLOTS={}", faulty.slots),
        "-DFAULTY_NAME=faulty".to_owned(),
    ];
    let module = build(&folder, headers, &flags, C99, &source, "faulty")?;
    let report = audit(&[module]);
    for user in users {
        let mut import = Command::new(&user.executable);
        let ran = run(import.args(["-c", "import faulty"]).current_dir(&folder))?;
        let expected = format!("SystemError: pyshim: {}", faulty.says);
        if !ran.stderr.contains(&expected) {
            return Err(format!("{}: {} {}", user.label, ran.status, ran.stderr));
        }
        let said = answer(&report, user).ok_or("the auditor says nothing")?;
        if faulty.is_seen && said.word != "refuses" {
            return Err(format!("{}: {said:?}", user.label));
        }
    }
    Ok(())
}

/// A core that was compiled in another mode lacks what is supplied, and is not linked in silence.
fn core_of_another_mode_is_not_linked(headers: &Python, name: &str) -> Result<(), String> {
    let folder = scratch(name);
    let now = Release::current();
    let module = folder.join("faulty.o");
    let flags = [
        UNIVERSAL,
        "-DFAULTY_SLOTS=PYSHIM_SLOT_DOC(0)",
        "-DFAULTY_NAME=faulty",
    ]
    .map(str::to_owned);
    let source = root().join("tests/ext/c/faulty.c");
    object_of(&now, C99, Some(headers), &flags, &source, &module)?;
    let link = |core: &Path| {
        let mut command = Command::new(C99.program);
        command
            .args(["-shared", "-o"])
            .arg(folder.join("faulty.so"));
        run(command.arg(&module).arg(core))
    };
    let fits = link(&c_core::object(&now, headers, &flags)?)?;
    let other = link(&c_core::object(&now, headers, &[])?)?;
    if !fits.stderr.is_empty() || !other.stderr.contains("pyshim_core_for_universal") {
        return Err(format!("{}\n{}", fits.stderr, other.stderr));
    }
    Ok(())
}

fn build_universal(
    folder: &Path,
    headers: &Python,
    flags: &[String],
    dialect: Dialect,
) -> Result<PathBuf, String> {
    let source = root().join("tests/ext/c/universal.c");
    // As many projects compile, and the hooks have to be found all the same.
    let hidden = "-fvisibility=hidden".to_owned();
    let flags: Vec<String> = flags.iter().cloned().chain([hidden]).collect();
    build(folder, headers, &flags, dialect, &source, "universal")
}

/// One source, compiled in ways that not every CPython takes.
struct Audited {
    headers: [Python; 2],
    files: OnceLock<Result<Vec<PathBuf>, String>>,
}

impl Audited {
    fn files(&self) -> Result<&[PathBuf], String> {
        let built = self.files.get_or_init(|| {
            let [gil, free_threaded] = &self.headers;
            let ways = [
                ("universal", gil, UNIVERSAL),
                ("full", gil, ""),
                ("full-t", free_threaded, ""),
                ("abi3", gil, "-DPy_LIMITED_API=0x030B0000"),
                ("abi3t", free_threaded, "-DPy_TARGET_ABI3T=0x030F0000"),
            ];
            let built = ways.iter().map(|(name, headers, flag)| {
                let folder = scratch(&format!("universal::audited::{name}"));
                let flags = flag.split_whitespace().map(str::to_owned);
                build_universal(&folder, headers, &Vec::from_iter(flags), C99)
            });
            built.collect()
        });
        built.as_deref().map_err(Clone::clone)
    }
}

/// Every interpreter loads the same file of either language, and a file of the same source that is for
/// it alone.
pub(crate) fn all(pythons: &[Python]) -> Vec<Trial> {
    let newest = |free_threaded: bool| {
        pythons.iter().find(|python| {
            python.free_threaded == free_threaded && python.version.minor() >= FIRST_HEADERS
        })
    };
    let (Some(gil), Some(free_threaded)) = (newest(false), newest(true)) else {
        return vec![Trial::test("universal::headers", || {
            Err(Failed::from("no headers of 3.15 and 3.15t"))
        })];
    };
    let modules: [&'static Once; 2] =
        [("c", gil, C99), ("cpp", free_threaded, CPP11)].map(|(name, headers, dialect)| {
            &*Box::leak(Box::new(Once {
                name,
                headers: headers.clone(),
                dialect,
                folder: OnceLock::new(),
            }))
        });
    let mut trials = Vec::new();
    trials.push(trial(gil, "universal::core", |headers, name| {
        core_of_another_mode_is_not_linked(headers, name)
    }));
    for faulty in FAULTY {
        let users = pythons.to_vec();
        let name = format!("universal::{}", faulty.name);
        trials.push(trial(gil, &name, move |headers, name| {
            what_is_faulty_is_an_error(headers, faulty, &users, name)
        }));
    }
    for python in pythons {
        for once in modules {
            let name = format!("universal::{}", once.name);
            trials.push(trial(python, &name, move |python, name| {
                loads_and_works(python, once.folder()?, name)
            }));
        }
        trials.push(trial(python, "universal::rust", |python, _| {
            rust_works(python, &built_rust()?)
        }));
        for mode in extension_modes(python) {
            let name = format!("universal::{}", mode.name);
            trials.push(trial(python, &name, move |python, name| {
                same_source_works(python, &mode, name)
            }));
        }
    }
    let audited: &'static Audited = Box::leak(Box::new(Audited {
        headers: [gil.clone(), free_threaded.clone()],
        files: OnceLock::new(),
    }));
    for python in pythons {
        trials.push(trial(python, "universal::audited", |python, _| {
            what_audit_says_happens(python, audited)
        }));
    }
    for python in pythons.iter().filter(|python| !python.free_threaded) {
        let headers = gil.clone();
        trials.push(trial(python, "universal::supplied", move |python, name| {
            what_headers_leak_is_supplied(&headers, python, name)
        }));
    }
    trials
}

/// Runs Python on the module in a folder. Nothing is looked up late, so that what is missing fails.
fn script(python: &Python, folder: &Path, code: &str) -> Command {
    let path = std::env::join_paths([folder, &root().join("tests/ext")]).unwrap_or_default();
    let mut command = Command::new(&python.executable);
    command
        .env_remove("PYTHON_GIL")
        .env("LD_BIND_NOW", "1")
        .env("PYTHONPATH", path)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTHONMALLOC", "debug") // what is written behind an object is found
        .args(["-W", "error", "-c", code]);
    command
}

fn loads_and_works(python: &Python, folder: &Path, name: &str) -> Result<(), String> {
    let script = |code: &str| {
        let code = format!("import check_universal; check_universal.{code}");
        script(python, folder, &code)
    };
    let interpreters = scratch(name);
    let source = root().join("tests/ext/c/interpreters.c");
    build(&interpreters, python, &[], C99, &source, "interpreters")?;
    let found = interpreters.display();
    succeed(&mut script("check()"))?;
    succeed(&mut script("first_import_in_threads()"))?;
    succeed(&mut script("check_room()"))?;
    succeed(&mut script(&format!(
        "check_interpreters_in_turn({found:?})"
    )))?;
    let mut at_once = script(&format!("check_interpreters_at_once({found:?})"));
    if python.version.minor() == BEGINS_BY_ANOTHER_ALLOCATOR {
        at_once.env_remove("PYTHONMALLOC");
    }
    succeed(&mut at_once).map(drop)
}

/// The folder of the module in Rust, which the first test that needs it builds.
fn built_rust() -> Result<PathBuf, String> {
    static FOLDER: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let built = FOLDER.get_or_init(|| {
        let folder = scratch("universal::rust");
        let target = root().join("target/demo-universal");
        let mut command = Command::new(env!("CARGO"));
        command
            .current_dir(root())
            .args(["build", "--quiet", "--package", "demo-rust"])
            .args(["--example", "demo_universal", "--target-dir"])
            .arg(&target);
        succeed(&mut command)?;
        let library = target.join("debug/examples/libdemo_universal.so");
        std::fs::copy(library, folder.join("demo_universal.so"))
            .map_err(|error| error.to_string())?;
        Ok(folder)
    });
    built.clone()
}

fn rust_works(python: &Python, folder: &Path) -> Result<(), String> {
    succeed(&mut script(python, folder, "import check_universal_rust")).map(drop)
}

/// What the static reader foretells of each file is what an import comes to.
fn what_audit_says_happens(python: &Python, audited: &Audited) -> Result<(), String> {
    for file in audited.files()? {
        let report = audit(std::slice::from_ref(file));
        let shown = file.display();
        let said = answer(&report, python).ok_or_else(|| format!("{shown}: nothing is said"))?;
        let folder = file.parent().unwrap_or(file);
        let imported = run(&mut script(python, folder, "import universal"))?;
        let happened = if imported.success { "loads" } else { "refuses" };
        if said.word != happened || !imported.success && !imported.stderr.contains("ImportError") {
            return Err(format!("{shown}: {said:?}\n{}", imported.stderr));
        }
    }
    Ok(())
}

/// What is said of an interpreter.
fn answer<'a>(report: &'a Report, python: &Python) -> Option<&'a LoadingRow> {
    let all = Symbols::known().runtimes.keys().map(Runtime::to_string);
    let (all, label) = (Labels::new(&all.collect()), python.label.to_string());
    let is_in = |row: &&LoadingRow| {
        let labels = all.expand(row.pythons.split(", "));
        labels.is_ok_and(|labels| labels.contains(&label))
    };
    let mut rows = report.loading.iter().flat_map(|loading| &loading.rows);
    rows.find(is_in)
}

/// Whether what a module is compiled for has buffers; the limited API does from this version on.
fn has_buffer(mode: &Mode) -> bool {
    mode.abi3.is_none_or(|limited| limited >= 11)
}

fn same_source_works(python: &Python, mode: &Mode, name: &str) -> Result<(), String> {
    let folder = scratch(name);
    build_universal(&folder, python, &mode.flags, C99)?;
    let has_buffer = if has_buffer(mode) { "True" } else { "False" };
    let code = format!("import check_universal; check_universal.check({has_buffer})");
    succeed(&mut script(python, &folder, &code)).map(drop)
}

/// What macros and inline functions of the headers call, and what was a macro of an older CPython's and is a
/// function now, is exported by that CPython, or the C core of a universal module has it.
fn what_headers_leak_is_supplied(
    headers: &Python,
    older: &Python,
    name: &str,
) -> Result<(), String> {
    let folder = scratch(name);
    let source = folder.join("headers.c");
    std::fs::write(&source, "#include <Python.h>\n").map_err(|error| error.to_string())?;
    let mut called = called_by_headers(headers, &source, &folder)?;
    called.extend(were_macros(headers, older, &source)?);
    let core = conformance::c_core::object(
        &conformance::release::Release::current(),
        headers,
        &[UNIVERSAL.to_owned()],
    )?;
    let supplied = succeed(Command::new("nm").args(["--defined-only", "-j"]).arg(core))?;
    let supplied: BTreeSet<&str> = supplied.lines().collect();
    let names: Vec<&str> = called.iter().map(String::as_str).collect();
    // `_PyBaseExceptionGroup_Check` is CPython's own, and groups came with 3.11. The depth of calls was in
    // the thread state, where nobody may look; the docs name these two.
    let excepted = [
        "PyExc_BaseExceptionGroup",
        "Py_EnterRecursiveCall",
        "Py_LeaveRecursiveCall",
    ];
    let missing = missing_of(older, &names)?;
    let left: Vec<&String> = missing
        .iter()
        .filter(|name| !supplied.contains(name.as_str()) && !excepted.contains(&name.as_str()))
        .collect();
    // What headers call, and what was a macro.
    for expected in ["PyCMethod_New", "_Py_IncRef", "Py_REFCNT"] {
        let is_missing = missing.iter().any(|name| name == expected);
        if is_missing == exporting(expected)?.contains(&older.version.minor()) {
            return Err(format!(
                "{expected}, of {missing:?}, is missing: {is_missing}"
            ));
        }
    }
    if left.is_empty() {
        Ok(())
    } else {
        Err(format!("{} lacks {left:?}", older.label))
    }
}

/// Names in the bodies of macros, and those that inline functions refer to.
fn called_by_headers(
    headers: &Python,
    source: &Path,
    folder: &Path,
) -> Result<BTreeSet<String>, String> {
    let compiler = || {
        let mut command = Command::new(C99.program);
        command.arg("-DPy_TARGET_ABI3T=0x030F0000");
        for include in &headers.include_dirs {
            command.arg("-I").arg(include);
        }
        command
    };
    let object = folder.join("headers.o");
    succeed(
        compiler()
            .args(["-fkeep-inline-functions", "-fkeep-static-functions", "-c"])
            .arg(source)
            .arg("-o")
            .arg(&object),
    )?;
    let mut text = succeed(Command::new("nm").args(["-u", "-j"]).arg(&object))?;
    let macros = succeed(compiler().args(["-dM", "-E"]).arg(source))?;
    for line in macros.lines() {
        let body = line.splitn(3, ' ').nth(2).unwrap_or_default();
        text.push_str(body);
        text.push('\n');
    }
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let names: Vec<&str> = words
        .filter(|word| word.starts_with("Py") || word.starts_with("_Py"))
        .collect();
    let unknown: BTreeSet<String> = missing_of(headers, &names)?.into_iter().collect();
    let names = names.into_iter().map(str::to_owned);
    Ok(names.filter(|name| !unknown.contains(name)).collect())
}

/// Names of macros in the limited API of an older CPython that a newer one exports.
fn were_macros(headers: &Python, older: &Python, source: &Path) -> Result<Vec<String>, String> {
    let macros = |python: &Python, api: &str| {
        let mut compiler = Command::new(C99.program);
        compiler.args([api, "-dM", "-E"]);
        for include in &python.include_dirs {
            compiler.arg("-I").arg(include);
        }
        let defined = succeed(compiler.arg(source))?;
        let names = defined
            .lines()
            .filter_map(|line| line.strip_prefix("#define Py"))
            .filter_map(|rest| rest.split([' ', '(']).next());
        Ok::<_, String>(BTreeSet::from_iter(names.map(|name| format!("Py{name}"))))
    };
    let were = macros(older, "-DPy_LIMITED_API=0x03080000")?;
    let are = macros(headers, "-DPy_TARGET_ABI3T=0x030F0000")?;
    let names = Vec::from_iter(were.difference(&are).cloned());
    let words: Vec<&str> = names.iter().map(String::as_str).collect();
    let unknown = missing_of(headers, &words)?;
    Ok(names
        .into_iter()
        .filter(|name| !unknown.contains(name))
        .collect())
}

/// The names that an interpreter does not export.
fn missing_of(python: &Python, names: &[&str]) -> Result<Vec<String>, String> {
    let code = "
import ctypes, sys
for name in sorted(set(sys.argv[1].split())):
    if not hasattr(ctypes.pythonapi, name): print(name)
";
    let mut command = Command::new(&python.executable);
    let output = succeed(command.args(["-c", code]).arg(names.join(" ")))?;
    Ok(output.lines().map(str::to_owned).collect())
}

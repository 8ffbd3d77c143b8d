//! The examples do what their pages say, and `pyshim::bound` what its documentation says, on every
//! interpreter that they are for: one file for each stable ABI, and one for each free-threaded CPython that
//! has none.

use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::Mutex;

use conformance::compile::C99;
use conformance::extension;
use conformance::place::{root, scratch};
use conformance::run::succeed;
use conformance::trials;
use libtest_mimic::{Failed, Trial};
use pythons::Python;

/// How long threads hammer an example.
const SECONDS: [&str; 2] = ["0.1", "0.6"];

fn main() -> ExitCode {
    trials::on_interpreters(all)
}

fn all(pythons: &[Python]) -> Vec<Trial> {
    let mut trials = vec![Trial::test("documentation", || {
        documentation_compiles().map_err(Failed::from)
    })];
    for example in [&CACHE, &SYMBOLS, &BOUND] {
        for form in forms(example, pythons) {
            let name = format!("{}::{}", example.name, form.name);
            trials.push(Trial::test(name.clone(), move || {
                works(example, &form, &name).map_err(Failed::from)
            }));
        }
    }
    trials
}

/// A folder with a module, and with a `check.py` that uses it.
struct Example {
    name: &'static str,
    folder: &'static str,
    /// What `check.py` is told: with a GIL, and without, where more can go wrong.
    effort: [&'static str; 2],
    /// Whether it is for an interpreter at all.
    supports: fn(&Python) -> bool,
    /// Whether interpreters with GILs of their own may import it.
    in_interpreters: bool,
    /// Makes the module in a folder.
    build: fn(&Example, &Path, &Form) -> Result<(), String>,
}

const CACHE: Example = Example {
    name: "cache",
    folder: "examples/cache",
    effort: SECONDS,
    supports: |_| true,
    in_interpreters: true,
    build: build_cache,
};

/// PyO3's limits are its own.
const SYMBOLS: Example = Example {
    name: "symbols",
    folder: "examples/symbols",
    effort: SECONDS,
    supports: |python| python.version.minor() >= if python.free_threaded { 14 } else { 9 },
    in_interpreters: false,
    build: |example, folder, form| build_with_pyo3(example, "symbols", folder, form),
};

const BOUND: Example = Example {
    name: "bound",
    folder: "tests/ext/pyo3",
    effort: ["200", "2000"],
    supports: SYMBOLS.supports,
    in_interpreters: false,
    build: |example, folder, form| build_with_pyo3(example, "bound_demo", folder, form),
};

/// The first version with abi3t.
const FIRST_ABI3T: u32 = 15;
/// The first version with a module for interpreters that may each have a GIL of its own.
const FIRST_INTERPRETERS: u32 = 14;

/// One shared object, and who imports it.
struct Form {
    name: String,
    abi: Abi,
    /// The headers that it is compiled with: the oldest ones that can.
    headers: Python,
    runs_on: Vec<Python>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Abi {
    /// Of one version and build.
    Full,
    /// abi3: GIL-enabled builds.
    Limited,
    /// abi3t: both builds, from 3.15 on.
    Both,
}

fn forms(example: &Example, pythons: &[Python]) -> Vec<Form> {
    let mut pythons: Vec<Python> = pythons.to_vec();
    pythons.retain(example.supports);
    pythons.sort_by_key(|python| python.version);
    let of = |name: &str, abi, is_for: &dyn Fn(&Python) -> bool| {
        let runs_on: Vec<Python> = pythons.iter().filter(|p| is_for(p)).cloned().collect();
        Some(Form {
            name: name.to_owned(),
            abi,
            headers: runs_on.first()?.clone(),
            runs_on,
        })
    };
    let minor = |python: &Python| python.version.minor();
    let without_abi = pythons
        .iter()
        .filter(|python| python.free_threaded && minor(python) < FIRST_ABI3T)
        .filter_map(|python| {
            of(&python.label.to_string(), Abi::Full, &|other| {
                other == python
            })
        });
    [
        of("abi3", Abi::Limited, &|python| !python.free_threaded),
        of("abi3t", Abi::Both, &|python| minor(python) >= FIRST_ABI3T),
    ]
    .into_iter()
    .flatten()
    .chain(without_abi)
    .collect()
}

fn works(example: &Example, form: &Form, name: &str) -> Result<(), String> {
    let folder = scratch(&format!("examples::{name}"));
    (example.build)(example, &folder, form)?;
    for python in &form.runs_on {
        let mut command = Command::new(&python.executable);
        command
            .env("PYTHONPATH", &folder)
            .env_remove("PYTHON_GIL")
            .arg(root().join(example.folder).join("check.py"))
            .arg(example.effort[usize::from(python.free_threaded)]);
        // In abi3 of 3.8 a module cannot say that it is for interpreters with GILs of their own.
        if example.in_interpreters
            && form.abi != Abi::Limited
            && python.version.minor() >= FIRST_INTERPRETERS
        {
            command.arg("interpreters");
        }
        let output = succeed(&mut command).map_err(|error| format!("{}: {error}", python.label))?;
        if python.free_threaded && !output.contains("gil: False") {
            return Err(format!("{}: the GIL is on:\n{output}", python.label));
        }
    }
    Ok(())
}

fn build_cache(_: &Example, folder: &Path, form: &Form) -> Result<(), String> {
    let flags: &[String] = match form.abi {
        Abi::Full => &[],
        Abi::Limited => &["-DPy_LIMITED_API=0x03080000".to_owned()],
        Abi::Both => &["-DPy_TARGET_ABI3T=0x030F0000".to_owned()],
    };
    let source = root().join("examples/cache/cache.c");
    extension::build(folder, &form.headers, flags, C99, &source, "cache").map(drop)
}

fn build_with_pyo3(
    example: &Example,
    module: &str,
    folder: &Path,
    form: &Form,
) -> Result<(), String> {
    let features: &[&str] = match form.abi {
        Abi::Full => &[],
        Abi::Limited => &["--features", "abi3"],
        Abi::Both => &["--features", "abi3t"],
    };
    // PyO3 takes a while to compile, so what was compiled stays, and forms are built one by one.
    let target = root().join("target/examples");
    let _building = BUILDING.lock();
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .current_dir(root().join(example.folder))
        .env("PYO3_PYTHON", &form.headers.executable)
        .env("PYO3_BUILD_EXTENSION_MODULE", "1")
        .args(["build", "--quiet", "--locked", "--target-dir"])
        .arg(&target)
        .args(features);
    succeed(&mut cargo)?;
    std::fs::copy(
        target.join(format!("debug/lib{}.so", example.name)),
        folder.join(format!("{module}.so")),
    )
    .map(drop)
    .map_err(|error| error.to_string())
}

/// The rest of the workspace is tested without PyO3.
fn documentation_compiles() -> Result<(), String> {
    let _building = BUILDING.lock();
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .current_dir(root())
        .args([
            "test",
            "--quiet",
            "--locked",
            "--doc",
            "--package",
            "pyshim",
        ])
        .args(["--features", "lock_api,pyo3", "--target-dir"])
        .arg(root().join("target/examples"))
        .arg("src/bound/");
    let said = succeed(&mut cargo)?;
    match said.contains("ok. 3 passed") {
        true => Ok(()),
        false => Err(format!("three examples are there:\n{said}")),
    }
}

static BUILDING: Mutex<()> = Mutex::new(());

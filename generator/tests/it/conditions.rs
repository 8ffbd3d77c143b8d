//! A condition means the same to the model, to a C preprocessor and to rustc, at every cell of the
//! grid: those that the manifest has, and made-up ones.

use crate::compilers;
use crate::scratch;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use proptest::prelude::*;
use proptest::sample::subsequence;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use pyshim_gen::emit::{c, rust};
use pyshim_gen::model::version::Version;
use pyshim_gen::model::when::{Api, Arch, Arm, Build, Cell, Os, When, Word};
use pyshim_gen::model::{Kind, Model};

fn model() -> Model {
    let reading = pyshim_gen::read(Path::new("../abi")).expect("the manifest can be read");
    reading.model.expect("the manifest is understood")
}

/// Every condition that the manifest has.
fn written(model: &Model) -> Vec<When> {
    let mut all = Vec::new();
    for (_, entry) in model.entries() {
        match &entry.kind {
            Kind::Upstream(body) => {
                all.extend(body.layouts.iter().map(|(when, _)| when.clone()));
                all.extend(body.semantics.iter().map(|note| note.when.clone()));
                all.extend([body.declared.clone(), body.complete.clone()]);
            }
            Kind::Symbol(body) => all.extend([body.declared.clone(), body.exported.clone()]),
            Kind::Slot(body) => {
                all.extend(
                    body.ids
                        .iter()
                        .chain(&body.runtime)
                        .map(|(when, _)| when.clone()),
                );
                all.push(body.declared.clone());
            }
            Kind::Bitfield(body) => {
                all.extend(body.looked_at.iter().map(|(when, _)| when.clone()));
            }
            Kind::Function(body) => {
                all.extend(body.direct.iter().map(|(when, _)| when.clone()));
                all.extend(body.providers.iter().map(|provider| provider.when.clone()));
                all.push(body.when.clone());
            }
            Kind::Struct(_) | Kind::Constant(_) | Kind::Macro => {}
        }
    }
    all
}

/// Every way to compile on every machine.
fn grid(model: &Model) -> Vec<Cell> {
    let mut cells = Vec::new();
    for cell in model.pythons.compile_cells() {
        for (_, os) in Os::WORDS {
            for (_, arch) in Arch::WORDS {
                cells.push(Cell {
                    os: *os,
                    arch: *arch,
                    ..cell
                });
            }
        }
    }
    cells
}

/// A condition with up to three arms, each of which may have anything.
fn made_up() -> impl Strategy<Value = When> {
    let version = || {
        let minor = (7_u8..=16).prop_map(|minor| Version { major: 3, minor });
        proptest::option::weighted(0.3, minor)
    };
    let arm = (
        (version(), version(), version(), version()),
        some_of::<Build>(),
        some_of::<Api>(),
        some_of::<Os>(),
        some_of::<Arch>(),
    );
    let arm = arm.prop_map(
        |((since, until, limited, limited_below), build, api, os, arch)| Arm {
            since,
            until,
            build,
            api,
            limited,
            limited_below,
            os,
            arch,
            span: None,
        },
    );
    proptest::collection::vec(arm, 0..=3).prop_map(|arms| When { arms })
}

/// Often none, which means any.
fn some_of<T: Word + std::fmt::Debug>() -> impl Strategy<Value = Vec<T>> {
    let all: Vec<T> = T::WORDS.iter().map(|(_, value)| *value).collect();
    let most = all.len();
    prop_oneof![2 => Just(Vec::new()), 1 => subsequence(all, 1..=most)]
}

/// The same cases in every run.
fn runner(cases: u32) -> TestRunner {
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

#[test]
fn conditions_of_the_manifest_agree() {
    let model = model();
    let conditions = written(&model);
    assert!(
        conditions.len() > 100,
        "found {} conditions",
        conditions.len()
    );
    agree_in_c(&conditions, &grid(&model)).expect("C agrees");
    agree_in_rust(&conditions, &rust_grid(&model)).expect("Rust agrees");
    agree_with_rustc(&conditions, &model).expect("rustc agrees");
}

#[test]
fn made_up_conditions_agree_in_c() {
    let cells = grid(&model());
    let check = |when: When| agree_in_c(&[when], &cells).map_err(TestCaseError::fail);
    runner(100).run(&made_up(), check).expect("C agrees");
}

#[test]
fn made_up_conditions_agree_in_rust() {
    let model = model();
    let cells = rust_grid(&model);
    let check = |when: When| agree_in_rust(&[when], &cells).map_err(TestCaseError::fail);
    runner(1000).run(&made_up(), check).expect("Rust agrees");
    // The evaluator of this test is not to be trusted alone.
    let mut runner = runner(1);
    let conditions: Vec<When> = (0..100)
        .map(|_| {
            made_up()
                .new_tree(&mut runner)
                .expect("a condition")
                .current()
        })
        .collect();
    agree_with_rustc(&conditions, &model).expect("rustc agrees");
}

/// One preprocessor run a compiler: the grid's cells are defined one after the other, and all
/// conditions are tried at each.
fn agree_in_c(conditions: &[When], cells: &[Cell]) -> Result<(), String> {
    let folder = scratch::folder();
    let mut tried = String::new();
    for (index, when) in conditions.iter().enumerate() {
        tried.push_str(&format!(
            "#if {}\nholds {index}\n#endif\n",
            c::condition::print(when)
        ));
    }
    scratch::write(&folder.path().join("conditions.h"), &tried);
    let mut text = String::new();
    for cell in cells {
        text.push_str(&defines(cell));
        text.push_str("cell\n#include \"conditions.h\"\n");
    }
    scratch::write(&folder.path().join("cells.c"), &text);
    for compiler in compilers::all() {
        let mut command = Command::new(&compiler.c);
        command.args(["-E", "-P", "-undef", "-Werror", "-Wundef", "cells.c"]);
        let output = compilers::run(command.current_dir(folder.path()))?;
        let mut found: Vec<BTreeSet<usize>> = Vec::new();
        for line in output.lines() {
            match (line.strip_prefix("holds "), found.last_mut()) {
                (Some(index), Some(last)) => {
                    last.insert(index.parse().map_err(|_| format!("odd line: {line}"))?);
                }
                _ if line.is_empty() => {}
                _ if line == "cell" => found.push(BTreeSet::new()),
                _ => return Err(format!("odd line: {line}")),
            }
        }
        if found.len() != cells.len() {
            return Err(format!("{} cells of {}", found.len(), cells.len()));
        }
        for (cell, found) in cells.iter().zip(&found) {
            for (index, when) in conditions.iter().enumerate() {
                if found.contains(&index) != when.holds(cell) {
                    let c = c::condition::print(when);
                    return Err(format!("{} on {cell:?}: {when:?}\n#if {c}", compiler.c));
                }
            }
        }
    }
    Ok(())
}

/// What a compiler and CPython's headers define at a cell.
fn defines(cell: &Cell) -> String {
    let mut text = String::new();
    let version = format!("0x{:08X}", cell.version.hex() | 0x02F0);
    let limited = cell
        .limited
        .map(|limited| format!("0x{:08X}", limited.hex()));
    let os = |wanted| (cell.os == wanted).then(|| "1".to_owned());
    let arch = |wanted| (cell.arch == wanted).then(|| "1".to_owned());
    // Compilers for Windows have names of their own.
    let gnu = |value: Option<String>| value.filter(|_| cell.os != Os::Windows);
    let msvc = |value: Option<String>| value.filter(|_| cell.os == Os::Windows);
    for (name, value) in [
        ("PY_VERSION_HEX", Some(version)),
        ("Py_LIMITED_API", limited),
        (
            "Py_GIL_DISABLED",
            (cell.build == Build::Ft).then(|| "1".to_owned()),
        ),
        ("__linux__", os(Os::Linux)),
        ("__APPLE__", os(Os::Macos)),
        ("_WIN32", os(Os::Windows)),
        ("__i386__", gnu(arch(Arch::X86))),
        ("__x86_64__", gnu(arch(Arch::X86_64))),
        ("__aarch64__", gnu(arch(Arch::Aarch64))),
        ("__s390x__", arch(Arch::S390x)),
        ("_M_IX86", msvc(arch(Arch::X86))),
        ("_M_X64", msvc(arch(Arch::X86_64))),
        ("_M_ARM64", msvc(arch(Arch::Aarch64))),
    ] {
        text.push_str(&format!("#undef {name}\n"));
        if let Some(value) = value {
            text.push_str(&format!("#define {name} {value}\n"));
        }
    }
    text
}

/// Whether the Rust names say anything of a cell: in the limited API they speak of its version.
fn is_rusts(cell: &Cell) -> bool {
    cell.limited.is_none_or(|limited| limited == cell.version)
}

fn agree_in_rust(conditions: &[When], cells: &[(Cell, BTreeSet<String>)]) -> Result<(), String> {
    for when in conditions {
        let text = rust::cfg::print(when).to_string();
        let cfg = Cfg::parse(&text)?;
        for (cell, names) in cells {
            if cfg.holds(names) != when.holds(cell) {
                return Err(format!("{cell:?}: {when:?}\n#[cfg({text})]"));
            }
        }
    }
    Ok(())
}

/// The cells that Rust has names for, with the names.
fn rust_grid(model: &Model) -> Vec<(Cell, BTreeSet<String>)> {
    let cells = grid(model).into_iter().filter(is_rusts);
    cells.map(|cell| (cell, cfgs(&cell))).collect()
}

/// The names that pyo3-build-config and rustc give at a cell.
fn cfgs(cell: &Cell) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = (7..=cell.version.minor)
        .map(|minor| format!("Py_3_{minor}"))
        .collect();
    if cell.build == Build::Ft {
        names.insert("Py_GIL_DISABLED".to_owned());
    }
    if cell.api != Api::Full {
        names.insert("Py_LIMITED_API".to_owned());
    }
    names.insert(format!("target_os=\"{}\"", cell.os.word()));
    names.insert(format!("target_arch=\"{}\"", cell.arch.word()));
    names
}

/// A predicate, evaluated as rustc does.
enum Cfg {
    Name(String),
    All(Vec<Cfg>),
    Any(Vec<Cfg>),
    Not(Box<Cfg>),
}

impl Cfg {
    fn parse(text: &str) -> Result<Self, String> {
        let meta = syn::parse_str(text).map_err(|error| format!("{text}: {error}"))?;
        Cfg::of(&meta)
    }

    fn of(meta: &syn::Meta) -> Result<Self, String> {
        let text = quote::ToTokens::to_token_stream(meta)
            .to_string()
            .replace(' ', "");
        let syn::Meta::List(list) = meta else {
            return Ok(Cfg::Name(text));
        };
        let comma = syn::punctuated::Punctuated::<syn::Meta, syn::Token![,]>::parse_terminated;
        let inner = list
            .parse_args_with(comma)
            .map_err(|error| error.to_string())?;
        let mut inner: Vec<Cfg> = inner.iter().map(Cfg::of).collect::<Result<_, _>>()?;
        match (
            list.path.get_ident().map(ToString::to_string).as_deref(),
            inner.len(),
        ) {
            (Some("all"), _) => Ok(Cfg::All(inner)),
            (Some("any"), _) => Ok(Cfg::Any(inner)),
            (Some("not"), 1) => Ok(Cfg::Not(Box::new(inner.remove(0)))),
            _ => Err(format!("no predicate: {text}")),
        }
    }

    fn holds(&self, names: &BTreeSet<String>) -> bool {
        match self {
            Cfg::Name(name) => names.contains(name),
            Cfg::All(inner) => inner.iter().all(|cfg| cfg.holds(names)),
            Cfg::Any(inner) => inner.iter().any(|cfg| cfg.holds(names)),
            Cfg::Not(inner) => !inner.holds(names),
        }
    }
}

/// One rustc run a cell, on this machine: each condition is asserted to be what the model says.
fn agree_with_rustc(conditions: &[When], model: &Model) -> Result<(), String> {
    let folder = scratch::folder();
    let here = |cell: Cell| Cell {
        os: if cfg!(target_os = "macos") {
            Os::Macos
        } else {
            Os::Linux
        },
        arch: if cfg!(target_arch = "aarch64") {
            Arch::Aarch64
        } else {
            Arch::X86_64
        },
        ..cell
    };
    for cell in model
        .pythons
        .compile_cells()
        .into_iter()
        .filter(is_rusts)
        .map(here)
    {
        let mut text = String::new();
        for when in conditions {
            let (cfg, holds) = (rust::cfg::print(when).to_string(), when.holds(&cell));
            text.push_str(&format!("const _: () = assert!(cfg!({cfg}) == {holds});\n"));
        }
        scratch::write(&folder.path().join("conditions.rs"), &text);
        let mut command = Command::new(compilers::rustc());
        command.args(["--crate-type", "lib", "--emit", "metadata", "conditions.rs"]);
        for name in cfgs(&cell).iter().filter(|name| !name.contains('=')) {
            command.args(["--cfg", name]);
        }
        compilers::run(command.current_dir(folder.path()))?;
    }
    Ok(())
}

//! Each header stands alone, as it has to where a tool or an author includes just what is used.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use conformance::compile::{C99, CPP11, Dialect, check_syntax};
use conformance::place::{root, scratch};
use conformance::trials;
use libtest_mimic::{Failed, Trial};
use pythons::Python;

fn main() -> ExitCode {
    trials::on_interpreters(all)
}

fn all(pythons: &[Python]) -> Vec<Trial> {
    let mut trials = Vec::new();
    for dialect in [C99, CPP11] {
        for python in pythons.iter().map(Some).chain([None]) {
            let label = python.map_or("none".to_owned(), |python| python.label.to_string());
            let name = format!("{label}::{}", dialect.name());
            let python = python.cloned();
            trials.push(Trial::test(name.clone(), move || {
                each_stands_alone(&name, dialect, python.as_ref()).map_err(Failed::from)
            }));
        }
    }
    trials
}

/// For a CPython, or without one.
fn each_stands_alone(name: &str, dialect: Dialect, python: Option<&Python>) -> Result<(), String> {
    let source = scratch(&format!("headers::{name}")).join("alone.c");
    let flags = match python {
        Some(_) => Vec::new(),
        None => vec!["-DPYSHIM_NO_PYTHON_H".to_owned()],
    };
    for header in headers()? {
        // C has no empty files, and some headers only have macros.
        let text = format!("#include \"{}\"\nextern int alone;\n", header.display());
        fs::write(&source, text).map_err(|error| error.to_string())?;
        let outcome = check_syntax(dialect, python, &flags, &source)?;
        if !outcome.success {
            return Err(format!("{}: {}", header.display(), outcome.stderr));
        }
    }
    Ok(())
}

/// `pyshim.h` and those that it includes.
fn headers() -> Result<Vec<PathBuf>, String> {
    let include = root().join("include");
    let files = fs::read_dir(include.join("pyshim")).map_err(|error| error.to_string())?;
    let mut headers = vec![include.join("pyshim.h")];
    for file in files {
        let path = file.map_err(|error| error.to_string())?.path();
        if path.extension().is_some_and(|end| end == "h") {
            headers.push(path);
        }
    }
    Ok(headers)
}

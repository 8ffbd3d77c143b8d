//! Stack references that are checked: random programs do in the C core what they do in a model, each
//! mistake is reported with both places, and files of two kinds do not link.

#[path = "stack_refs/machine.rs"]
mod machine;
#[path = "stack_refs/mistakes.rs"]
mod mistakes;
#[path = "stack_refs/model.rs"]
mod model;
#[path = "stack_refs/outcome.rs"]
mod outcome;
#[path = "stack_refs/program.rs"]
mod program;

use std::process::ExitCode;

use conformance::compile::C99;
use conformance::extension::build;
use conformance::place::{root, scratch};
use conformance::trials;
use libtest_mimic::{Failed, Trial};
use machine::Machine;
use proptest::test_runner::{Config, TestCaseError, TestError, TestRunner};
use pythons::Python;

/// Random programs for each interpreter.
const PROGRAMS: u32 = 400;

/// What makes an extension's stack references checkable.
const CHECKABLE: &str = "-DPYSHIM_STACK_REF_CHECKS";

fn main() -> ExitCode {
    trials::on_interpreters(all)
}

fn all(pythons: &[Python]) -> Vec<Trial> {
    pythons.iter().flat_map(each).collect()
}

fn each(python: &Python) -> Vec<Trial> {
    let own = python.clone();
    let programs = Trial::test(format!("{}::programs", python.label), move || {
        programs_do_what_the_model_does(&own).map_err(Failed::from)
    });
    std::iter::once(programs)
        .chain(mistakes::trials(python))
        .collect()
}

fn programs_do_what_the_model_does(python: &Python) -> Result<(), String> {
    let folder = scratch(&format!("stack_refs::{}::programs", python.label));
    let source = root().join("tests/ext/c/stack_refs.c");
    build(
        &folder,
        python,
        &[CHECKABLE.to_owned()],
        C99,
        &source,
        "stack_refs",
    )?;
    let machine = std::cell::RefCell::new(Machine::start(python, &folder)?);
    let config = Config {
        cases: PROGRAMS,
        failure_persistence: None,
        ..Config::default()
    };
    let result = TestRunner::new(config).run(&program::programs(), |program| {
        let expected = model::run(&program).map_err(TestCaseError::fail)?;
        let did = machine
            .borrow_mut()
            .run(&program)
            .map_err(TestCaseError::fail)?;
        same(&expected, &did).map_err(TestCaseError::fail)
    });
    match result {
        Ok(()) => machine.into_inner().end(),
        Err(TestError::Fail(why, program)) => {
            Err(format!("{}:\n{why}", program::written(&program)))
        }
        Err(error) => Err(error.to_string()),
    }
}

/// The first step that differs, if any does.
fn same(
    expected: &[outcome::Outcome<outcome::Expected>],
    did: &[outcome::Outcome<[i64; 5]>],
) -> Result<(), String> {
    if expected.len() != did.len() {
        return Err(format!("{} steps, expected {}", did.len(), expected.len()));
    }
    for (line, (expected, did)) in (1..).zip(expected.iter().zip(did)) {
        if !expected.is(did) {
            return Err(format!("step {line}: found {did:?}, expected {expected:?}"));
        }
    }
    Ok(())
}

//! Runs one model through all of its executions.

use std::env;
use std::panic;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Once};
use std::thread;

use crate::models::Model;
use crate::site::{self, Weakening};

/// How much deeper to look than the models say.
fn deeper() -> usize {
    env::var("PYSHIM_MODEL_DEEPER").map_or(0, |text| text.parse().expect("a small number"))
}

/// Runs the model with the orders as shipped, or with one weakened. How many executions there were,
/// or what went wrong in one.
pub fn explore(model: &'static Model, weakening: Option<Weakening>) -> Result<usize, String> {
    // The hook would print a backtrace on the small stack of a coroutine.
    static QUIET: Once = Once::new();
    QUIET.call_once(|| panic::set_hook(Box::new(|_| ())));
    // A thread of its own: loom keeps state by thread, and a model that failed leaves some behind.
    let run = thread::Builder::new()
        .name(model.name.to_owned())
        .spawn(move || {
            site::apply(weakening);
            let mut loom = loom::model::Builder::new();
            loom.preemption_bound = model.preemptions.map(|bound| bound + deeper());
            loom.max_branches = 10_000;
            let executions = Arc::new(AtomicUsize::new(0));
            let counted = Arc::clone(&executions);
            loom.check(move || {
                counted.fetch_add(1, Ordering::Relaxed);
                (model.body)();
            });
            executions.load(Ordering::Relaxed)
        });
    let outcome = run.map_err(|error| error.to_string())?.join();
    outcome.map_err(|payload| match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => payload.downcast::<&'static str>().map_or_else(
            |_| "a panic without text".to_owned(),
            |text| text.to_string(),
        ),
    })
}

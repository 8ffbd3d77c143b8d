//! Every model holds with the orders as shipped.

use libtest_mimic::{Arguments, Failed, Trial};
use model::explore::explore;
use model::models;

fn main() {
    let trials = models::all()
        .map(|model| {
            Trial::test(model.name, move || {
                explore(model, None)
                    .map_err(Failed::from)
                    .map(|executions| {
                        println!("{}: {executions} executions", model.name);
                    })
            })
        })
        .collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

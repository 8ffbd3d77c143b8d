//! Tests that are folders or files, one test each, which can be named on the command line.

mod audits;
mod c_pairs;
#[path = "../support/compilers.rs"]
mod compilers;
mod diffs;
#[path = "../support/fixture.rs"]
mod fixture;
mod fixtures;
#[path = "../support/golden.rs"]
mod golden;
mod history;
#[path = "../support/report.rs"]
mod report;
#[path = "../support/scratch.rs"]
mod scratch;
#[path = "../support/snapshot.rs"]
mod snapshot;
#[path = "../support/zip.rs"]
mod zip;

use std::process::ExitCode;

use libtest_mimic::Arguments;

fn main() -> ExitCode {
    let groups = [
        fixtures::trials(),
        diffs::trials(),
        history::trials(),
        c_pairs::trials(),
        audits::trials(),
    ];
    let trials = groups.into_iter().flatten().collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

//! `cargo xtask bench`: what pyshim costs, beside what it replaces.
//!
//! Ratios are of things that take turns, in one process where they can be, so that a busy or slow
//! machine changes both alike. A figure that misses its limit is a finding.

mod audit;
#[path = "../../../generator/tests/support/big.rs"]
mod big;
mod child;
mod command;
mod compare;
mod extension;
mod figures;
mod include;
#[path = "../../../generator/tests/support/large.rs"]
mod large;
mod machine;
mod page;
mod row;
mod statistics;

use crate::failure::Failure;
use crate::place::root;
use crate::task::Task;
use clap::{Arg, ArgAction, ArgMatches, Command};
use figures::Figures;
use pythons::Python;
use row::Row;

pub(crate) const TASK: Task = Task {
    name: "bench",
    about: "Measure what pyshim costs beside what it replaces, against fixed limits",
    arguments,
    run,
};

/// What can be measured alone.
const PARTS: &[Part] = &[
    Part {
        name: "section",
        about: "critical sections through the table",
        measure: extension::sections,
    },
    Part {
        name: "try_incref",
        about: "try-incref through the table",
        measure: extension::try_incref,
    },
    Part {
        name: "cell",
        about: "the atomic reference",
        measure: extension::cell,
    },
    Part {
        name: "stack_ref",
        about: "stack references, and what checking them costs",
        measure: extension::stack_ref,
    },
    Part {
        name: "mutex",
        about: "the mutex and the once",
        measure: extension::mutex,
    },
    Part {
        name: "view",
        about: "views of memory for another interpreter, from 3.14 on",
        measure: extension::view,
    },
    Part {
        name: "include",
        about: "the headers in a compile",
        measure: include::measure,
    },
    Part {
        name: "check",
        about: "`pyshim check` on this manifest",
        measure: command::check,
    },
    Part {
        name: "manifest",
        about: "a manifest of 10,000 entries",
        measure: command::manifest,
    },
    Part {
        name: "diff",
        about: "`pyshim diff` on two snapshots of 10,000 items",
        measure: compare::snapshots,
    },
    Part {
        name: "abidiff",
        about: "`pyshim diff` on two CPythons, and abidiff on the same",
        measure: compare::libraries,
    },
    Part {
        name: "audit",
        about: "`pyshim audit` on abi3 wheels, and abi3audit and abi3t-doctor on the same",
        measure: audit::measure,
    },
];

struct Part {
    name: &'static str,
    about: &'static str,
    measure: fn(&Context) -> Result<Vec<Row>, Failure>,
}

/// What every part needs to know.
struct Context {
    pythons: Vec<Python>,
    pace: Pace,
}

/// How long to measure.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// Long enough for figures to be quoted.
    Full,
    /// Long enough to see that everything works.
    Quick,
}

impl Pace {
    /// How often to repeat something that is repeated so often at full pace.
    fn rounds(self, full: usize) -> usize {
        match self {
            Self::Full => full,
            Self::Quick => full.div_ceil(10),
        }
    }
}

fn arguments(command: Command) -> Command {
    let switch = |name: &'static str, help: &'static str| {
        Arg::new(name)
            .long(name)
            .action(ArgAction::SetTrue)
            .help(help)
    };
    let names = Arg::new("NAMES")
        .num_args(0..)
        .value_parser(PARTS.iter().map(|part| part.name).collect::<Vec<_>>())
        .help("What to measure [default: everything]");
    let list: String = PARTS
        .iter()
        .map(|part| format!("  {:12}{}\n", part.name, part.about))
        .collect();
    command
        .arg(switch("json", "Print a JSON object instead of a table"))
        .arg(switch(
            "quick",
            "Measure for a tenth of the time; the figures are rough",
        ))
        .arg(
            switch(
                "write",
                "Write what was measured into docs/benchmarks.json, and the tables of README.md and \
                 docs/benchmarks.md",
            )
            .conflicts_with("quick"),
        )
        .arg(names)
        .after_help(format!(
            "Names:\n{list}\nExit codes: 0 within all limits, 1 not."
        ))
}

fn run(arguments: &ArgMatches) -> Result<(), Failure> {
    let pace = if arguments.get_flag("quick") {
        Pace::Quick
    } else {
        Pace::Full
    };
    let wanted: Vec<&String> = arguments.get_many("NAMES").unwrap_or_default().collect();
    let is_wanted =
        |part: &&Part| wanted.is_empty() || wanted.iter().any(|name| *name == part.name);
    let parts = Vec::from_iter(PARTS.iter().filter(is_wanted));
    let context = Context {
        pythons: pythons::ensure()?,
        pace,
    };
    let names = Vec::from_iter(parts.iter().map(|part| part.name));
    let mut all = match arguments.get_flag("write") {
        true => Some(Figures::to_be_measured(&names, &context.pythons)?),
        false => None,
    };
    compare::needs(&names)?;
    let mut rows = Vec::new();
    for part in parts {
        eprintln!("xtask: {}", part.about);
        let measured = (part.measure)(&context)?;
        rows.extend(measured.iter().cloned());
        if let Some(all) = &mut all {
            all.add(part.name, measured);
        }
    }
    if arguments.get_flag("json") {
        println!("{:#}", page::json(&rows, &context.pythons));
    } else {
        print!("{}", page::text(&rows));
    }
    if let Some(all) = all {
        all.write()?;
        page::write(&all)?;
    }
    let missed: Vec<String> = rows
        .iter()
        .filter(|row| row.misses())
        .map(Row::complaint)
        .collect();
    if missed.is_empty() {
        Ok(())
    } else {
        Err(Failure::Findings(missed.join("\n")))
    }
}

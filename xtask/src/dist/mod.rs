//! `cargo xtask dist`: everything that is released, in one folder, from the last commit.
//!
//! It is built twice, in two folders, and has to be the same byte for byte.

mod archive;
mod checkout;
mod checks;
mod compare;
mod destination;
mod release;
mod sums;
mod tools;

use crate::failure::{Failure, could_not_at};
use crate::place::target;
use crate::step::Steps;
use crate::task::Task;
use checkout::Commit;
use clap::{Arg, ArgAction, Command, value_parser};
use destination::Destination;
use release::Release;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use tools::Tools;

pub(crate) const TASK: Task = Task {
    name: "dist",
    about: "Make everything that is released, twice and byte for byte the same, from the last commit",
    arguments,
    run: |arguments| {
        let mut steps = Steps::default();
        let out = arguments.get_one::<PathBuf>("out").cloned();
        let out = out.unwrap_or_else(|| target().join("dist"));
        let result = make(&mut steps, &out, arguments.get_flag("once"));
        eprint!("{}", steps.table());
        result
    },
};

fn arguments(command: Command) -> Command {
    let once = Arg::new("once").long("once").action(ArgAction::SetTrue);
    let out = Arg::new("out").long("out").value_name("DIR");
    command
        .arg(once.help("Build once, and compare nothing"))
        .arg(
            out.value_parser(value_parser!(PathBuf))
                .help("Where it goes, in the place of an earlier release [default: target/dist]"),
        )
}

/// Where the two builds are, in folders of different length: what a path leaves in a file shows.
const FOLDERS: [&str; 2] = ["first", "second/in-another-folder"];

/// Makes all of it where `dist` does by default.
pub(crate) fn run() -> Result<(), Failure> {
    make(&mut Steps::default(), &target().join("dist"), false)
}

fn make(steps: &mut Steps, out: &Path, once: bool) -> Result<(), Failure> {
    // Before the work, which takes minutes.
    let destination = Destination::of(out)?;
    let work = target().join("dist-work");
    let commit = Commit::last()?;
    let mut tools = None;
    steps.run("tools", || {
        tools = Some(Tools::get(&target().join("dist-tools"))?);
        Ok(())
    })?;
    let Some(tools) = tools else {
        unreachable!("a step that succeeded has set it")
    };
    remove(&work)?;
    let first = Release::new(&commit, &tools, &work.join(FOLDERS[0]));
    first.make(steps)?;
    checks::quick(steps, &first, &tools)?;
    if !once {
        let second = Release::new(&commit, &tools, &work.join(FOLDERS[1]));
        second.make(steps)?;
        steps.run("compare", || {
            compare::same(&first.out(), &second.out()).map_err(Failure::Findings)
        })?;
    }
    steps.run("crates compile", || checks::crates(&first))?;
    destination.fill(&first.out())?;
    remove(&work)?;
    show(&commit, out)
}

fn show(commit: &Commit, out: &Path) -> Result<(), Failure> {
    println!("{} of {}:", out.display(), commit.id);
    for name in compare::files(out).map_err(could_not_at("list", out))? {
        let path = out.join(&name);
        let size = fs::metadata(&path).map_err(could_not_at("look at", &path))?;
        println!("{:10}  {}", size.len(), name.display());
    }
    Ok(())
}

fn remove(folder: &Path) -> Result<(), Failure> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(could_not_at("remove", folder)(error))
        }
        _ => Ok(()),
    }
}

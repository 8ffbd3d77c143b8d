//! `pyshim new`: a project to begin with.

use std::io::ErrorKind;
use std::path::PathBuf;

use clap::builder::PossibleValue;
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgMatches, Command, value_parser};

use super::{CLEAN, UNDECIDED, USAGE, say, tell};
use crate::new::{Name, Project, TOOLS, Tool};

/// The command's arguments.
pub(super) fn command() -> Command {
    let tools = TOOLS
        .iter()
        .map(|tool| PossibleValue::new(tool.name).help(tool.about));
    Command::new("new")
        .about("Write a new project, an extension module that uses pyshim, for a build system")
        .after_help(
            "The project is the example of the same build system under another name: one module, which adds \
             numbers to a total and may be used by threads.\n\n\
             Exit codes: 0 written, 2 usage, among which are names that cannot be a module's and a folder that \
             is there, 3 could not write.",
        )
        .arg(
            Arg::new("name")
                .value_name("NAME")
                .required(true)
                .help("What the project, its folder and its module are called"),
        )
        .arg(
            Arg::new("with")
                .long("with")
                .value_name("TOOL")
                .required(true)
                .value_parser(PossibleValuesParser::new(tools))
                .help("What builds it"),
        )
        .arg(
            Arg::new("out")
                .long("out")
                .value_name("DIR")
                .value_parser(value_parser!(PathBuf))
                .default_value(".")
                .help("The folder that the project's folder is made in"),
        )
}

/// Runs the command.
pub(super) fn run(arguments: &ArgMatches) -> u8 {
    let text = |name| arguments.get_one::<String>(name).map(String::as_str);
    let out = arguments.get_one::<PathBuf>("out");
    let (Some(name), Some(tool), Some(out)) =
        (text("name"), text("with").and_then(Tool::named), out)
    else {
        return USAGE;
    };
    let project = name
        .parse::<Name>()
        .and_then(|name| Project::new(name, tool));
    let project = match project {
        Ok(project) => project,
        Err(refused) => {
            tell(&format!("error: `{name}` cannot be the name: {refused}"));
            return USAGE;
        }
    };
    if !out.is_dir() {
        tell(&format!("error: there is no folder `{}`", out.display()));
        return USAGE;
    }
    match project.write(out) {
        Ok(folder) => {
            for (path, _) in &project.files {
                say(&format!("wrote {}", folder.join(path).display()));
            }
            let next = next(name, tool, &folder.display().to_string());
            say(&format!("\nNow:\n{next}"));
            CLEAN
        }
        Err(refused) if refused.error.kind() == ErrorKind::AlreadyExists => {
            let shown = refused.path.display();
            tell(&format!(
                "error: `{shown}` is there already; expected the name of a new folder"
            ));
            USAGE
        }
        Err(error) => {
            tell(&format!("error: {error}"));
            UNDECIDED
        }
    }
}

/// What the user may type now. What pip builds gets pyshim by that.
fn next(name: &str, tool: &Tool, folder: &str) -> String {
    let build = match tool.makes_a_wheel {
        true => "pip install .",
        false => "pip install pyshim\n  make",
    };
    let folder = shlex::try_quote(folder).unwrap_or(folder.into());
    format!("  cd {folder}\n  {build}\n  python -c 'import {name}; print({name}.add(2))'")
}

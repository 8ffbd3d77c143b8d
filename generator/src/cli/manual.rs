//! `pyshim man`: the command's man pages.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, Command, value_parser};
use clap_mangen::Man;

use super::{CLEAN, UNDECIDED, say, tell};

/// Where every page says that it comes from.
const SOURCE: &str = concat!("pyshim ", env!("CARGO_PKG_VERSION"));

pub(super) fn command() -> Command {
    Command::new("man")
        .about("Write the man pages, one for each command, into a folder")
        .arg(
            Arg::new("DIR")
                .required(true)
                .value_parser(value_parser!(PathBuf))
                .help("The folder; it is made where it is missing"),
        )
}

pub(super) fn run(arguments: &ArgMatches) -> u8 {
    let Some(folder) = arguments.get_one::<PathBuf>("DIR") else {
        return UNDECIDED;
    };
    match write(folder) {
        Ok(pages) => {
            say(&format!("wrote {pages} pages into {}", folder.display()));
            CLEAN
        }
        Err(error) => {
            tell(&format!(
                "error: the man pages cannot be written into {}: {error}",
                folder.display()
            ));
            UNDECIDED
        }
    }
}

/// How many there are.
fn write(folder: &Path) -> io::Result<usize> {
    fs::create_dir_all(folder)?;
    let mut command = super::command().disable_help_subcommand(true);
    // What a command is called by, `pyshim-diff`, it knows from here on.
    command.build();
    let pages: Vec<&Command> = command.get_subcommands().chain([&command]).collect();
    for &page in &pages {
        let page = Man::new(page.clone()).source(SOURCE).manual("pyshim");
        page.generate_to(folder)?;
    }
    Ok(pages.len())
}

//! `cargo xtask pythons`: gets the required interpreters and lists all that the tests will use.

use crate::failure::Failure;
use crate::task::Task;
use clap::{Arg, ArgAction, ArgMatches, Command};
use pythons::Python;
use serde_json::{Value, json};
use std::io::{self, Write};

pub(crate) const TASK: Task = Task {
    name: "pythons",
    about: "Get the interpreters that tests need, and list every one found",
    arguments,
    run,
};

fn arguments(command: Command) -> Command {
    let json = Arg::new("json").long("json").action(ArgAction::SetTrue);
    command.arg(json.help("Print a JSON array instead of a table"))
}

fn run(arguments: &ArgMatches) -> Result<(), Failure> {
    pythons::ensure()?;
    let found = pythons::found()?;
    let text = if arguments.get_flag("json") {
        format!("{:#}\n", found.iter().map(object).collect::<Value>())
    } else {
        table(&found.iter().map(row).collect::<Vec<_>>())
    };
    let written = io::stdout().write_all(text.as_bytes());
    written.map_err(|error| Failure::CouldNot(format!("could not print the list: {error}")))
}

const HEAD: [&str; 6] = ["label", "version", "build", "headers", "from", "executable"];

fn row(python: &Python) -> [String; 6] {
    let headers = if python.has_headers() {
        &python.header_version
    } else {
        "none"
    };
    [
        python.label.to_string(),
        python.version.to_string(),
        build(python),
        headers.to_owned(),
        python.origin.to_string(),
        python.executable.display().to_string(),
    ]
}

fn build(python: &Python) -> String {
    let threads = if python.free_threaded {
        "free-threaded"
    } else {
        "GIL"
    };
    let debug = if python.label.debug { ", debug" } else { "" };
    format!("{threads}{debug}")
}

fn table(rows: &[[String; 6]]) -> String {
    let head = HEAD.map(str::to_owned);
    let width = |column: usize| {
        let cells = rows
            .iter()
            .chain([&head])
            .map(|row| row[column].chars().count());
        cells.max().unwrap_or_default()
    };
    let widths = [0, 1, 2, 3, 4, 5].map(width);
    let line = |row: &[String; 6]| {
        let cells = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:width$}"));
        let cells: Vec<String> = cells.collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    [&head].into_iter().chain(rows).map(line).collect()
}

fn object(python: &Python) -> Value {
    json!({
        "label": python.label.to_string(),
        "version": python.version.to_string(),
        "hexversion": python.version.hex,
        "free_threaded": python.free_threaded,
        "debug": python.label.debug,
        "executable": python.executable,
        "include_dirs": python.include_dirs,
        "header_version": python.header_version,
        "ext_suffixes": python.ext_suffixes,
        "origin": python.origin.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::{object, row, table};
    use pythons::{Label, Origin, Python, Version};

    fn python() -> Python {
        Python {
            label: Label::free_threaded(14),
            version: Version { hex: 0x030e_09f0 },
            free_threaded: true,
            executable: "/opt/python3.14t".into(),
            include_dirs: Vec::new(),
            header_version: String::new(),
            ext_suffixes: vec![".so".to_owned()],
            origin: Origin::Named,
        }
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let expected = "\
label  version  build          headers  from            executable
3.14t  3.14.9   free-threaded  none     PYSHIM_PYTHONS  /opt/python3.14t
";
        assert_eq!(table(&[row(&python())]), expected);
    }

    #[test]
    fn the_object_says_what_the_row_says_and_more() {
        let object = object(&python());
        assert_eq!(object["label"], "3.14t");
        assert_eq!(object["version"], "3.14.9");
        assert_eq!(object["hexversion"], 0x030e_09f0);
        assert_eq!(object["origin"], "PYSHIM_PYTHONS");
        assert_eq!(object["include_dirs"].as_array().map(Vec::len), Some(0));
    }
}

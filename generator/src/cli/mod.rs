//! The command: arguments in, text and an exit code out.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command, value_parser};
use clap_complete::Shell;

use crate::check::codes;
use crate::diag::Colour;
use crate::emit::FileSet;
use crate::source::Sources;
use crate::write::{self, Compared, Roots, State};
use crate::{Reading, emit_all, read};

/// Nothing is wrong.
const CLEAN: u8 = 0;
/// The tree is stale, or the manifest invalid.
const FINDINGS: u8 = 1;
/// Something could not be read or written, so nothing is known.
const UNDECIDED: u8 = 3;

/// The command's arguments. Usage errors exit with 2, as clap does.
#[must_use]
pub fn command() -> Command {
    let manifest = Arg::new("manifest")
        .long("manifest")
        .value_name("DIR")
        .value_parser(value_parser!(PathBuf))
        .help("The manifest folder [default: abi, here or in a folder above]");
    let out = Arg::new("out")
        .long("out")
        .value_name("DIR")
        .value_parser(value_parser!(PathBuf))
        .help("Where the output belongs [default: the folder that holds the manifest folder]");
    let format = Arg::new("format")
        .long("format")
        .value_parser(["text", "json"])
        .default_value("text")
        .help("How complaints are shown");
    let color = Arg::new("color")
        .long("color")
        .value_parser(["auto", "always", "never"])
        .default_value("auto")
        .help("Whether text is coloured; auto means on a terminal without NO_COLOR");
    let shared = [manifest, out, format, color];
    Command::new("pyshim")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Describes a C ABI once and keeps headers, Rust FFI, dispatch and layout tests true to it")
        .after_help("Exit codes: 0 clean, 1 stale or invalid, 2 usage, 3 could not decide.")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            Command::new("check")
                .about("Check the manifest, and that everything generated is up to date; writes nothing")
                .args(shared.clone()),
        )
        .subcommand(
            Command::new("generate")
                .about("Check the manifest and write what follows from it; only files that changed")
                .args(shared),
        )
        .subcommand(
            Command::new("explain")
                .about("Explain a code, or list them all")
                .arg(Arg::new("code").value_name("CODE")),
        )
        .subcommand(
            Command::new("completions").about("Print completions for a shell").arg(
                Arg::new("shell").required(true).value_parser(value_parser!(Shell)),
            ),
        )
}

/// Runs the command with the process's arguments.
#[must_use]
pub fn main() -> ExitCode {
    let matches = command().get_matches();
    let code = match matches.subcommand() {
        Some(("check", arguments)) => with_model(arguments, check),
        Some(("generate", arguments)) => with_model(arguments, generate),
        Some(("explain", arguments)) => explain(arguments.get_one::<String>("code")),
        Some(("completions", arguments)) => completions(arguments),
        _ => UNDECIDED,
    };
    ExitCode::from(code)
}

/// Where to read and write, and how to talk.
struct Context {
    roots: Roots,
    json: bool,
    /// The command that brings what is stale up to date.
    remedy: String,
}

fn with_model(arguments: &ArgMatches, run: fn(&FileSet, &Context) -> u8) -> u8 {
    let named = arguments.get_one::<PathBuf>("manifest").cloned();
    let Some(manifest) = named.or_else(find_manifest) else {
        error("no manifest folder `abi` here or in a folder above; name one with --manifest");
        return UNDECIDED;
    };
    let out = arguments
        .get_one::<PathBuf>("out")
        .cloned()
        .unwrap_or_else(|| parent(&manifest));
    let json = arguments
        .get_one::<String>("format")
        .is_some_and(|format| format == "json");
    let reading = match read(&manifest) {
        Ok(reading) => reading,
        Err(problem) => {
            error(&problem.to_string());
            return UNDECIDED;
        }
    };
    if !reading.diagnostics.is_empty() {
        complain(&reading, json, colour(arguments));
        return FINDINGS;
    }
    let Some(model) = &reading.model else {
        error("nothing was examined");
        return UNDECIDED;
    };
    let files = match emit_all(model, &out) {
        Ok(files) => files,
        Err(problem) => {
            error(&problem.to_string());
            return UNDECIDED;
        }
    };
    run(
        &files,
        &Context {
            roots: Roots { manifest, out },
            json,
            remedy: remedy(arguments),
        },
    )
}

/// The command that writes what this one found stale, as it has to be typed here.
fn remedy(arguments: &ArgMatches) -> String {
    // Cargo tells what it runs; there is no other sign of how this was started.
    let by_cargo = std::env::var_os("CARGO_PKG_NAME").is_some_and(|name| name == "pyshim-gen");
    let mut command = if by_cargo {
        "cargo run -- generate"
    } else {
        "pyshim generate"
    }
    .to_owned();
    for name in ["manifest", "out"] {
        if let Some(path) = arguments.get_one::<PathBuf>(name) {
            let path = path.display().to_string();
            let quote = if path.contains(' ') { "'" } else { "" };
            command.push_str(&format!(" --{name} {quote}{path}{quote}"));
        }
    }
    command
}

fn parent(manifest: &Path) -> PathBuf {
    match manifest.parent() {
        Some(parent) => parent.to_owned(),
        None => PathBuf::new(),
    }
}

/// `abi` in the current folder or one above, as relative as it can be.
fn find_manifest() -> Option<PathBuf> {
    let mut folder = PathBuf::new();
    let depth = std::env::current_dir().ok()?.components().count();
    for _ in 0..depth {
        let candidate = folder.join("abi");
        if candidate.join("targets.yaml").is_file() {
            return Some(candidate);
        }
        folder.push("..");
    }
    None
}

fn colour(arguments: &ArgMatches) -> Colour {
    let wanted = arguments.get_one::<String>("color").map(String::as_str);
    let auto = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    match wanted {
        Some("always") => Colour::Always,
        Some("never") => Colour::Never,
        _ if auto => Colour::Always,
        _ => Colour::Never,
    }
}

fn complain(reading: &Reading, json: bool, colour: Colour) {
    let sources: &Sources = &reading.sources;
    if json {
        let list: Vec<_> = reading
            .diagnostics
            .iter()
            .map(|d| d.to_json(sources))
            .collect();
        let document = serde_json::json!({ "format": 1, "diagnostics": list });
        say(&serde_json::to_string_pretty(&document).unwrap_or_default());
        return;
    }
    for diagnostic in &reading.diagnostics {
        eprintln!("{}\n", diagnostic.render(sources, colour));
    }
    let count = reading.diagnostics.len();
    let noun = if count == 1 { "mistake" } else { "mistakes" };
    eprintln!("{count} {noun}; `pyshim explain CODE` says more");
}

fn check(files: &FileSet, context: &Context) -> u8 {
    let compared = match write::compare(files, &context.roots) {
        Ok(compared) => compared,
        Err(problem) => {
            error(&problem.to_string());
            return UNDECIDED;
        }
    };
    let stale = stale(&compared);
    if context.json {
        let document = serde_json::json!({
            "format": 1, "diagnostics": [], "stale": paths(&stale), "files": compared.len(),
        });
        say(&serde_json::to_string_pretty(&document).unwrap_or_default());
    } else {
        for file in &stale {
            say(&file.unified());
        }
        if stale.is_empty() {
            say(&format!("{} files are up to date", compared.len()));
        }
    }
    if stale.is_empty() {
        return CLEAN;
    }
    eprintln!(
        "{} of {} files are stale; run `{}`",
        stale.len(),
        compared.len(),
        context.remedy
    );
    FINDINGS
}

fn stale<'a, 'b>(compared: &'b [Compared<'a>]) -> Vec<&'b Compared<'a>> {
    compared
        .iter()
        .filter(|file| file.state != State::Current)
        .collect()
}

fn paths(files: &[&Compared<'_>]) -> Vec<String> {
    files
        .iter()
        .map(|file| file.path.display().to_string())
        .collect()
}

fn generate(files: &FileSet, context: &Context) -> u8 {
    let compared = match write::compare(files, &context.roots) {
        Ok(compared) => compared,
        Err(problem) => {
            error(&problem.to_string());
            return UNDECIDED;
        }
    };
    if let Err(problem) = write::bring_up_to_date(&compared) {
        error(&problem.to_string());
        return UNDECIDED;
    }
    let stale = stale(&compared);
    let (removed, written): (Vec<_>, Vec<_>) = stale
        .iter()
        .partition(|file| matches!(file.state, State::Orphaned { .. }));
    let unchanged = compared.len() - stale.len();
    if context.json {
        let document = serde_json::json!({
            "format": 1,
            "diagnostics": [],
            "written": paths(&written),
            "removed": paths(&removed),
            "unchanged": unchanged,
        });
        say(&serde_json::to_string_pretty(&document).unwrap_or_default());
        return CLEAN;
    }
    for (verb, files) in [("wrote", &written), ("removed", &removed)] {
        for path in paths(files) {
            say(&format!("{verb} {path}"));
        }
    }
    let files = |count: usize| {
        if count == 1 {
            "1 file".to_owned()
        } else {
            format!("{count} files")
        }
    };
    let gone = if removed.is_empty() {
        String::new()
    } else {
        format!("{} removed, ", removed.len())
    };
    say(&format!(
        "{} written, {gone}{unchanged} unchanged",
        files(written.len())
    ));
    CLEAN
}

fn explain(code: Option<&String>) -> u8 {
    let Some(wanted) = code else {
        for code in codes::ALL {
            say(&format!("{}  {}", code.id(), code.meaning()));
        }
        return CLEAN;
    };
    match codes::ALL
        .iter()
        .find(|code| code.id().eq_ignore_ascii_case(wanted))
    {
        Some(code) => {
            say(&format!(
                "{}: {}\n\n{}",
                code.id(),
                code.meaning(),
                code.advice()
            ));
            CLEAN
        }
        None => {
            error(&format!(
                "there is no code `{wanted}`; `pyshim explain` lists them"
            ));
            2
        }
    }
}

fn completions(arguments: &ArgMatches) -> u8 {
    if let Some(shell) = arguments.get_one::<Shell>("shell") {
        clap_complete::generate(*shell, &mut command(), "pyshim", &mut std::io::stdout());
    }
    CLEAN
}

/// Prints to standard output; a reader that has gone away is not an error.
fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

fn error(text: &str) {
    eprintln!("error: {text}");
}

//! The command: arguments in, text and an exit code out.

mod audit;
mod config;
mod diff;
#[cfg(feature = "clang")]
mod libclang;
mod manual;
mod new;
mod observe;
mod release;
mod report;
mod reporting;
mod said;
mod usage;
mod verify;

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command, value_parser};
use clap_complete::Shell;

use crate::check::codes;
use crate::config::refusal::Wrong;
use crate::diag::Colour;
use crate::emit::{BANNER, FileSet};
use crate::observe::Trouble;
use crate::report::clean;
use crate::rules;
use crate::source::Sources;
use crate::undecided::Undecided;
use crate::write::{self, Compared, Roots, State};
use crate::{Reading, emit_all, read};

/// Nothing is wrong.
const CLEAN: u8 = 0;
/// The tree is stale, or the manifest invalid.
const FINDINGS: u8 = 1;
/// Something could not be read or written, so nothing is known.
const UNDECIDED: u8 = 3;
/// The command line says what cannot be.
const USAGE: u8 = 2;

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
        .subcommand(observe::command())
        .subcommand(verify::command())
        .subcommand(diff::command())
        .subcommand(audit::command())
        .subcommand(config::command())
        .subcommand(release::command())
        .subcommand(report::command())
        .subcommand(new::command())
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
        .subcommand(manual::command())
}

/// Runs the command with the process's arguments.
#[must_use]
pub fn main() -> ExitCode {
    ExitCode::from(said::outcome(run()))
}

fn run() -> u8 {
    #[cfg(feature = "clang")]
    if let Some(code) = libclang::run() {
        return code;
    }
    let matches = match command().try_get_matches() {
        Ok(matches) => matches,
        Err(other) => return other_than_run(&other),
    };
    match matches.subcommand() {
        Some(("check", arguments)) => with_model(arguments, check),
        Some(("generate", arguments)) => with_model(arguments, generate),
        Some(("observe", arguments)) => observe::run(arguments),
        Some(("verify", arguments)) => verify::run(arguments),
        Some(("diff", arguments)) => diff::run(arguments),
        Some(("audit", arguments)) => audit::run(arguments),
        Some(("config", arguments)) => config::run(arguments),
        Some(("release-baseline", arguments)) => release::run(arguments),
        Some(("report", arguments)) => report::run(arguments),
        Some(("new", arguments)) => new::run(arguments),
        Some(("explain", arguments)) => explain(arguments.get_one::<String>("code")),
        Some(("completions", arguments)) => completions(arguments),
        Some(("man", arguments)) => manual::run(arguments),
        _ => UNDECIDED,
    }
}

/// Prints what clap has in place of arguments: a usage error, or help that was asked for.
fn other_than_run(other: &clap::Error) -> u8 {
    let printed = other.print();
    if other.use_stderr() {
        return USAGE;
    }
    said::note(printed);
    CLEAN
}

/// Where to read and write, and how to talk.
struct Context {
    roots: Roots,
    json: bool,
    /// The command that brings what is stale up to date.
    remedy: String,
}

/// Runs a command on the manifest that the arguments name, and says why where it cannot.
fn with_model(arguments: &ArgMatches, run: Run) -> u8 {
    let json = arguments
        .get_one::<String>("format")
        .is_some_and(|format| format == "json");
    try_with_model(arguments, json, run).unwrap_or_else(|undecided| {
        if json {
            say_diagnostics(&[undecided.to_json()]);
        } else {
            tell(&undecided.to_string());
        }
        UNDECIDED
    })
}

type Run = fn(&FileSet, &Context) -> Result<u8, Undecided>;

fn try_with_model(arguments: &ArgMatches, json: bool, run: Run) -> Result<u8, Undecided> {
    let named = arguments.get_one::<PathBuf>("manifest").cloned();
    let manifest = named
        .or_else(find_manifest)
        .ok_or("no manifest folder `abi` here or in a folder above; name one with --manifest")?;
    let out = arguments
        .get_one::<PathBuf>("out")
        .cloned()
        .unwrap_or_else(|| parent(&manifest));
    let reading = read(&manifest)?;
    if !reading.diagnostics.is_empty() {
        complain(&reading, json, colour(arguments));
        return Ok(FINDINGS);
    }
    let model = reading.model.as_ref().ok_or("nothing was examined")?;
    let files = emit_all(model, &out)?;
    let context = Context {
        roots: Roots { manifest, out },
        json,
        remedy: remedy(arguments),
    };
    run(&files, &context)
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
    wanted_colour(arguments, std::io::stderr().is_terminal())
}

/// What `--color` asks for what may go to a terminal.
fn wanted_colour(arguments: &ArgMatches, is_terminal: bool) -> Colour {
    let wanted = arguments.get_one::<String>("color").map(String::as_str);
    let auto = is_terminal && std::env::var_os("NO_COLOR").is_none();
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
        say_diagnostics(&list);
        return;
    }
    for diagnostic in &reading.diagnostics {
        tell_exactly(&format!("{}\n", diagnostic.render(sources, colour)));
    }
    let count = reading.diagnostics.len();
    let noun = if count == 1 { "mistake" } else { "mistakes" };
    tell(&format!("{count} {noun}; `pyshim explain CODE` says more"));
}

/// Complaints as JSON, when there is nothing else to say.
fn say_diagnostics(list: &[serde_json::Value]) {
    say_json(&serde_json::json!({ "format": 1, "diagnostics": list }));
}

fn check(files: &FileSet, context: &Context) -> Result<u8, Undecided> {
    let compared = write::compare(files, &context.roots, BANNER)?;
    let stale = stale(&compared);
    if context.json {
        say_json(&serde_json::json!({
            "format": 1, "diagnostics": [], "stale": paths(&stale), "files": compared.len(),
        }));
    } else {
        for file in &stale {
            say(&file.unified());
        }
        if stale.is_empty() {
            say(&format!("{} files are up to date", compared.len()));
        }
    }
    if stale.is_empty() {
        return Ok(CLEAN);
    }
    tell(&format!(
        "{} of {} files are stale; run `{}`",
        stale.len(),
        compared.len(),
        context.remedy
    ));
    Ok(FINDINGS)
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

fn generate(files: &FileSet, context: &Context) -> Result<u8, Undecided> {
    let compared = write::compare(files, &context.roots, BANNER)?;
    write::bring_up_to_date(&compared)?;
    let stale = stale(&compared);
    let (removed, written): (Vec<_>, Vec<_>) = stale
        .iter()
        .partition(|file| matches!(file.state, State::Orphaned { .. }));
    let unchanged = compared.len() - stale.len();
    if context.json {
        say_json(&serde_json::json!({
            "format": 1,
            "diagnostics": [],
            "written": paths(&written),
            "removed": paths(&removed),
            "unchanged": unchanged,
        }));
        return Ok(CLEAN);
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
    Ok(CLEAN)
}

/// A code, what it means, and what to do: of manifests and snapshots, of observing, of targets, then of
/// comparisons.
fn codes() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let of_manifests = codes::ALL.iter();
    let of_manifests = of_manifests.map(|code| (code.id(), code.meaning(), code.advice()));
    let of_observing = Trouble::ALL.map(|one| (one.code(), one.meaning(), one.advice()));
    let of_targets = Wrong::ALL.map(|one| (one.code(), one.meaning(), one.advice()));
    let before = of_manifests.chain(of_observing).chain(of_targets);
    before.chain(rules::every().map(|rule| (rule.id, rule.meaning, rule.hint)))
}

fn explain(code: Option<&String>) -> u8 {
    let Some(wanted) = code else {
        for (id, meaning, _) in codes() {
            say(&format!("{id}  {meaning}"));
        }
        return CLEAN;
    };
    match codes().find(|(id, ..)| id.eq_ignore_ascii_case(wanted)) {
        Some((id, meaning, advice)) => {
            say(&format!("{id}: {meaning}\n\n{advice}"));
            CLEAN
        }
        None => {
            tell(&format!(
                "error: there is no code `{wanted}`; `pyshim explain` lists them"
            ));
            2
        }
    }
}

fn completions(arguments: &ArgMatches) -> u8 {
    if let Some(shell) = arguments.get_one::<Shell>("shell") {
        let mut script = Vec::new();
        clap_complete::generate(*shell, &mut command(), "pyshim", &mut script);
        said::exactly(&script);
    }
    CLEAN
}

/// Prints a line to standard output, or several.
fn say(text: &str) {
    say_exactly(&format!("{text}\n"));
}

/// Prints text that has its line ends.
fn say_exactly(text: &str) {
    said::exactly(text.as_bytes());
}

fn say_json(document: &serde_json::Value) {
    say(&format!("{document:#}"));
}

/// Prints to standard error, whose reader may have gone away as well. Somebody else may have written a
/// part of it, such as the name of a file, and a terminal obeys nothing of that.
fn tell(text: &str) {
    tell_exactly(&clean::lines(text));
}

/// Prints what has its colours.
fn tell_exactly(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

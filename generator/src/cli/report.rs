//! `pyshim report`: pages for a browser.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, Command, value_parser};

use super::{CLEAN, FINDINGS, UNDECIDED, USAGE, colour, complain, find_manifest, say, tell};
use crate::audit;
use crate::html::{self, Subject, Wheels};
use crate::report::Report;
use crate::report::gate::{Gate, Outcome};
use crate::surface::manifest::of_model;
use crate::undecided::Undecided;
use crate::write::{self, Compared, Roots, State};
use crate::{read, read_observed};

/// The command's arguments.
pub(super) fn command() -> Command {
    let folder = |name: &'static str, help: &'static str| {
        let folder = Arg::new(name).long(name).value_name("DIR");
        folder.value_parser(value_parser!(PathBuf)).help(help)
    };
    Command::new("report")
        .about("Write pages for a browser: support matrix, bytes of structs, history, and an audit of wheels")
        .after_help(
            "The pages need no server and load nothing. The snapshots are those in `observed`, in the \
             manifest folder.\n\n\
             Exit codes: 0 written, 1 the manifest is invalid, 2 usage, among which is that the folder has \
             files that are not pages of this command, 3 could not read or write. What the audit finds is \
             shown and fails nothing; `pyshim audit` has a gate.",
        )
        .arg(folder("html", "Where the pages go: a new folder, an empty one, or one with such pages").required(true))
        .arg(folder("wheels", "Audit the wheels and extension modules in this folder, too"))
        .arg(folder("manifest", "The manifest folder [default: abi, here or in a folder above]"))
        .arg(
            Arg::new("color")
                .long("color")
                .value_parser(["auto", "always", "never"])
                .default_value("auto")
                .help("Whether text is coloured; auto means on a terminal without NO_COLOR"),
        )
}

/// Runs the command.
pub(super) fn run(arguments: &ArgMatches) -> u8 {
    let path = |name| arguments.get_one::<PathBuf>(name).cloned();
    let target = path("html").unwrap_or_default();
    let wheels = path("wheels");
    let mistake = unfit(&target).or_else(|| wheels.as_deref().and_then(not_a_folder));
    if let Some(mistake) = mistake {
        tell(&format!("error: {mistake}"));
        return USAGE;
    }
    let manifest = path("manifest").or_else(find_manifest);
    written(&target, manifest, wheels.as_deref(), arguments).unwrap_or_else(|undecided| {
        tell(&undecided.to_string());
        UNDECIDED
    })
}

/// Why pages may not be written into a folder: what is there would be lost, or mixed with them.
fn unfit(target: &Path) -> Option<String> {
    let shown = target.display();
    if target.exists() && !target.is_dir() {
        return Some(format!(
            "`{shown}` is a file; expected a folder for the pages, or a name for a new one"
        ));
    }
    let is_empty = fs::read_dir(target).map_or(true, |mut items| items.next().is_none());
    let first = fs::read_to_string(target.join(html::FIRST)).unwrap_or_default();
    (!is_empty && !is_ours(&first)).then(|| {
        format!(
            "`{shown}` has files, and no `{}` that `pyshim report` made; expected a new folder, an empty one, \
             or one of such pages",
            html::FIRST
        )
    })
}

/// Whether a file is a page that this command wrote.
fn is_ours(text: &str) -> bool {
    let first = text.lines().next();
    first.is_some_and(|line| line.contains(html::MARK))
}

/// A file that stands where a page would be, and is somebody else's.
fn somebody_elses(compared: &[Compared<'_>]) -> Option<String> {
    let foreign =
        |file: &&Compared<'_>| matches!(&file.state, State::Stale { found } if !is_ours(found));
    let found = compared.iter().find(foreign)?;
    Some(format!(
        "`{}` is no page that `pyshim report` made, and one would be written there; expected a new folder, \
         an empty one, or one of such pages",
        found.path.display()
    ))
}

fn not_a_folder(wheels: &Path) -> Option<String> {
    let shown = wheels.display();
    (!wheels.is_dir())
        .then(|| format!("`{shown}` is not a folder; expected one with wheels for --wheels"))
}

fn written(
    target: &Path,
    manifest: Option<PathBuf>,
    wheels: Option<&Path>,
    arguments: &ArgMatches,
) -> Result<u8, Undecided> {
    let manifest = manifest
        .ok_or("no manifest folder `abi` here or in a folder above; name one with --manifest")?;
    let reading = read(&manifest)?;
    if !reading.diagnostics.is_empty() {
        complain(&reading, false, colour(arguments));
        return Ok(FINDINGS);
    }
    let model = reading.model.as_ref().ok_or("nothing was examined")?;
    let observed = read_observed(&manifest.join("observed"))?;
    let wheels = wheels.map(audited);
    let surface = of_model(model, &reading.sources);
    let files = html::pages(&Subject {
        model,
        surface: &surface,
        observed: &observed,
        wheels: wheels.as_ref(),
    });
    let roots = Roots {
        manifest,
        out: target.to_owned(),
    };
    let compared = write::compare(&files, &roots, html::MARK)?;
    if let Some(mistake) = somebody_elses(&compared) {
        tell(&format!("error: {mistake}"));
        return Ok(USAGE);
    }
    write::bring_up_to_date(&compared)?;
    let count = compared
        .iter()
        .filter(|file| file.state != State::Current)
        .count();
    let first = target.join(html::FIRST);
    say(&format!(
        "{} pages, {count} of them changed: {}",
        files.files.len(),
        first.display()
    ));
    Ok(wheels.map_or(CLEAN, |wheels| outcome(&wheels)))
}

fn audited(folder: &Path) -> Wheels {
    let files = audit::each(&[folder.to_owned()]);
    let mut report: Report = files.iter().map(|file| file.report.clone()).collect();
    report.sort();
    Wheels {
        folder: folder.display().to_string(),
        files,
        report,
    }
}

/// Pages are no gate: only what could not be read counts.
fn outcome(wheels: &Wheels) -> u8 {
    match Gate::default().outcome(&wheels.report) {
        Outcome::Clean | Outcome::Findings(_) => CLEAN,
        Outcome::Undecided(reasons) => {
            for reason in reasons {
                tell(&format!("error: {reason}"));
            }
            UNDECIDED
        }
    }
}

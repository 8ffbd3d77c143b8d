//! `cargo xtask symbols`: observes what `pyshim audit` knows of each CPython of this machine.
//!
//! Who exports a name is what symbol tables say. What is stable is what CPython's own tests list,
//! where an interpreter comes with them: older headers declare names for the limited API that never
//! were part of it, and macros lead to names that no header declares. For versions that are newer
//! than all lists it is what headers declare.

use crate::failure::{Failure, could_not, could_not_at};
use crate::place::root;
use crate::task::Task;
use clap::{Arg, ArgAction, ArgMatches, value_parser};
use pyshim_gen::audit::runtime::Runtime;
use pyshim_gen::audit::slots::known::Known;
use pyshim_gen::audit::symbols::{Name, Symbols};
use pyshim_gen::history::Observed;
use pyshim_gen::model::version::Version;
use pyshim_gen::observe::process::PATIENCE;
use pyshim_gen::observe::python::ask;
use pyshim_gen::surface::manifest::of_model;
use pyshim_gen::surface::{Form, Item};
use pyshim_gen::{read, read_observed};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) const TASK: Task = Task {
    name: "symbols",
    about: "Observe what pyshim audit knows of each CPython of this machine",
    arguments: |command| {
        let folder = Arg::new("snapshots").long("snapshots").value_name("DIR");
        let help = "What `pyshim observe --stable-abi --all --out DIR` has written";
        let check = Arg::new("check").long("check").action(ArgAction::SetTrue);
        command
            .arg(folder.value_parser(value_parser!(PathBuf)).help(help))
            .arg(check.help("Write nothing, and fail where something would change"))
    },
    run,
};

/// Where it is compiled in from.
const FILE: &str = "generator/src/audit/data/symbols.txt";
/// The same for what is known of slots.
const SLOTS: &str = "generator/src/audit/data/slots.txt";

fn run(arguments: &ArgMatches) -> Result<(), Failure> {
    let snapshots = arguments.get_one::<PathBuf>("snapshots");
    observed(snapshots.map(PathBuf::as_path), arguments.get_flag("check"))
}

/// Whether what is written down is what the CPythons of this machine say.
pub(crate) fn check() -> Result<(), Failure> {
    observed(None, true)
}

/// Writes a file, or says that it would change.
fn put(path: &Path, text: &str, is_check: bool) -> Result<(), Failure> {
    if !is_check {
        return fs::write(path, text).map_err(could_not_at("write", path));
    }
    match fs::read_to_string(path).map_err(could_not_at("read", path))? == text {
        true => Ok(()),
        false => Err(Failure::Findings(format!(
            "`{}` is stale; run `cargo xtask symbols`",
            path.display()
        ))),
    }
}

fn observed(snapshots: Option<&Path>, is_check: bool) -> Result<(), Failure> {
    let root = root();
    let unread = could_not("read the snapshots");
    let committed = read_observed(&root.join("abi/observed")).map_err(&unread)?;
    let manifest = read(&root.join("abi")).map_err(&unread)?;
    let model = manifest.model.as_ref();
    let model = model.ok_or_else(|| Failure::CouldNot("the manifest is invalid".into()))?;
    let ours = of_model(model, &manifest.sources);
    let slots = Known::of_snapshots(&committed).with_ours(&ours).write();
    put(&root.join(SLOTS), &slots, is_check)?;
    let observed = match snapshots {
        Some(folder) => read_observed(folder).map_err(&unread)?,
        None => observe(&root)?,
    };
    let pythons = pythons::found()?;
    let mut listed = BTreeMap::new();
    for python in &pythons {
        if let Some(runtime) = Runtime::parse(&python.label.to_string()) {
            listed.extend(list(&python.executable, runtime.version));
        }
    }
    let newest_list = listed.keys().max().copied();
    let newest_list = newest_list.ok_or_else(|| {
        Failure::CouldNot("no CPython here comes with its tests, which list the stable ABI".into())
    })?;
    let listed: BTreeSet<String> = listed.into_values().flatten().collect();
    let mut symbols = condense(&observed, &listed, newest_list);
    for python in &pythons {
        let runtime = Runtime::parse(&python.label.to_string());
        if let Some(suffixes) = runtime.and_then(|one| symbols.runtimes.get_mut(&one)) {
            let answer = ask(&python.executable, PATIENCE)
                .map_err(could_not_at("ask", &python.executable))?;
            let place = |one: &String| answer.suffixes.iter().position(|known| known == one);
            // A snapshot has them sorted, and the first that is found is the one that is taken.
            suffixes.sort_by_key(place);
        }
    }
    put(&root.join(FILE), &symbols.write(), is_check)?;
    println!(
        "{} names of {} CPythons, {} of them stable",
        symbols.names.len(),
        symbols.runtimes.len(),
        symbols
            .names
            .values()
            .filter(|name| name.stable.is_some())
            .count()
    );
    Ok(())
}

/// Snapshots of everything that the CPythons of this machine export and declare as limited.
fn observe(root: &Path) -> Result<Vec<Observed>, Failure> {
    let folder = tempfile::tempdir().map_err(|error| Failure::CouldNot(error.to_string()))?;
    let mut pyshim = Command::new(env!("CARGO"));
    pyshim.args([
        "run",
        "-q",
        "-p",
        "pyshim-gen",
        "--",
        "observe",
        "--stable-abi",
        "--all",
    ]);
    pyshim.arg("--out").arg(folder.path()).current_dir(root);
    match pyshim.status() {
        Ok(status) if status.success() => {}
        Ok(status) => return Err(Failure::CouldNot(format!("{pyshim:?}: {status}"))),
        Err(error) => return Err(Failure::CouldNot(format!("{pyshim:?}: {error}"))),
    }
    let read = read_observed(folder.path());
    read.map_err(|error| Failure::CouldNot(error.to_string()))
}

/// What CPython's own tests say is stable, where they are installed.
fn list(executable: &Path, version: Version) -> Option<(Version, BTreeSet<String>)> {
    let prefix: PathBuf = executable.canonicalize().ok()?.parent()?.parent()?.into();
    let tests = prefix.join(format!(
        "lib/python{version}/test/test_stable_abi_ctypes.py"
    ));
    let text = fs::read_to_string(tests).ok()?;
    let (_, names) = text.split_once("SYMBOL_NAMES")?;
    // They are the strings in it that look like CPython's names.
    let words = names.split(['"', '\'']);
    let names = words.filter(|word| {
        let is_name = word
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        is_name && (word.starts_with("Py") || word.starts_with("_Py"))
    });
    Some((version, names.map(str::to_owned).collect()))
}

fn condense(observed: &[Observed], listed: &BTreeSet<String>, newest_list: Version) -> Symbols {
    let mut symbols = Symbols::default();
    let mut declared: BTreeMap<&str, Version> = BTreeMap::new();
    for one in observed {
        let Some(runtime) = Runtime::parse(&one.label) else {
            continue;
        };
        let facts = one.surface.about.facts.iter();
        let suffixes = facts.filter(|(key, _)| key == "suffix");
        let suffixes = suffixes.map(|(_, suffix)| suffix.clone()).collect();
        symbols.runtimes.insert(runtime, suffixes);
        for (name, item) in &one.surface.items {
            if item
                .exported
                .as_ref()
                .is_some_and(|where_| !where_.is_empty())
            {
                let known = symbols.names.entry(name.clone()).or_default();
                known.exported.insert(runtime);
            }
            if let Some(since) = limited_since(item) {
                // Headers are known to forget the guard of what is new.
                let since = since.max(runtime.version);
                let known = declared.entry(name).or_insert(since);
                *known = (*known).min(since);
            }
        }
    }
    // Some are there on one platform only.
    for name in listed {
        symbols.names.entry(name.clone()).or_default();
    }
    let oldest = symbols.runtimes.keys().map(|runtime| runtime.version).min();
    for (name, known) in &mut symbols.names {
        let since = declared.get(name.as_str()).copied();
        known.stable = match since {
            Some(since) if since > newest_list => Some(since),
            _ if listed.contains(name) => since.or_else(|| first(known)).or(oldest),
            _ => None,
        };
    }
    symbols
}

fn first(name: &Name) -> Option<Version> {
    name.exported.iter().map(|runtime| runtime.version).min()
}

/// The least `Py_LIMITED_API` for which headers declare something that has to be exported.
fn limited_since(item: &Item) -> Option<Version> {
    let exported = [Form::Function, Form::Variable];
    let declared = item.declared.iter();
    declared
        .filter(|(_, form)| exported.contains(form))
        .filter_map(|(label, _)| Version::parse(label.strip_prefix("limited-")?))
        .min()
}

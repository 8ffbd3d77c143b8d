//! What the pages print is true: their C compiles in every mode of every interpreter, the commands
//! of the quick start do what is said, the manifest of `abi/README.md` is one, and links lead
//! somewhere.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use conformance::compile::{C99, CPP11, Dialect, check_syntax};
use conformance::mode::{Mode, extension_modes, is_at_an_end};
use conformance::place::{root, scratch};
use conformance::run::succeed;
use libtest_mimic::{Arguments, Failed, Trial};
use pythons::Python;

#[path = "docs/walk.rs"]
mod walk;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    match trials() {
        Ok(trials) => libtest_mimic::run(&arguments, trials).exit_code(),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

type Checked = Result<(), String>;

fn trials() -> Result<Vec<Trial>, String> {
    let pages = pages()?;
    let pythons = conformance::interpreters().map_err(|error| error.to_string())?;
    let mut trials = vec![
        trial("links", {
            let pages = pages.clone();
            move |_| links_lead_somewhere(&pages)
        }),
        trial("manifest", {
            let pages = pages.clone();
            move |name| the_manifest_of_the_readme_is_one(&pages, name)
        }),
        trial("marks", {
            let (pages, pythons) = (pages.clone(), pythons.clone());
            move |_| every_mark_is_run(&pages, &pythons)
        }),
        trial("walk", {
            let (pages, pythons) = (pages.clone(), pythons.clone());
            move |_| walk::the_readme_is_walked(&pages, &pythons)
        }),
    ];
    for python in &pythons {
        let modes = extension_modes(python);
        for (number, mode) in modes.iter().enumerate() {
            let (python, pages, mode) = (python.clone(), pages.clone(), mode.clone());
            let name = format!("{}::{}::snippets", python.label, mode.name);
            let turns = match is_at_an_end(&python, &pythons) {
                true => Turns::All,
                false => Turns::One(number, modes.len()),
            };
            trials.push(trial(&name, move |name| {
                snippets_compile(&python, &mode, turns, &pages, name)
            }));
        }
        for way in ways(&pages).into_iter().filter(|way| can(python, way)) {
            let (python, pages, way) = (python.clone(), pages.clone(), way.to_owned());
            let name = format!("{}::quick_start::{way}", python.label);
            trials.push(trial(&name, move |name| {
                quick_start_works(&python, &way, &pages, name)
            }));
        }
    }
    Ok(trials)
}

fn trial(name: &str, test: impl Fn(&str) -> Checked + Send + 'static) -> Trial {
    let inner = name.to_owned();
    Trial::test(name, move || test(&inner).map_err(Failed::from))
}

/// A page that people read.
#[derive(Clone)]
struct Page {
    /// Relative to the checkout.
    name: String,
    text: String,
}

/// A fenced block.
struct Block<'a> {
    /// The line before the fence.
    before: &'a str,
    language: &'a str,
    text: String,
}

/// What a mark begins with.
const MARK: &str = "<!-- run ";

impl Page {
    /// The page that has the quick start.
    fn is_readme(&self) -> bool {
        self.name == "README.md"
    }

    fn blocks(&self) -> Vec<Block<'_>> {
        let mut blocks = Vec::new();
        let mut before = "";
        let mut lines = self.text.lines();
        while let Some(line) = lines.next() {
            if let Some(language) = line.strip_prefix("```") {
                let body = lines.by_ref().take_while(|line| *line != "```");
                let text = body.map(|line| format!("{line}\n")).collect();
                blocks.push(Block {
                    before,
                    language,
                    text,
                });
            }
            before = line;
        }
        blocks
    }
}

impl Block<'_> {
    /// The file that the block's first line names, between the given marks.
    fn file(&self, open: &str, close: &str) -> Option<&str> {
        self.text
            .lines()
            .next()?
            .strip_prefix(open)?
            .strip_suffix(close)
    }

    /// The way to build that these commands are, and what they print: `<!-- run WAY: OUTPUT -->`.
    fn mark(&self) -> Option<(&str, &str)> {
        let mark = self.before.strip_prefix(MARK)?.strip_suffix(" -->")?;
        mark.split_once(": ").filter(|_| self.language == "sh")
    }

    /// A file of C or C++, and how it is compiled.
    fn source(&self) -> Option<(&str, Dialect)> {
        match self.language {
            "c" => Some((self.file("/* file: ", " */")?, C99)),
            "cpp" => Some((self.file("/* file: ", " */")?, CPP11)),
            _ => None,
        }
    }
}

fn pages() -> Result<Vec<Page>, String> {
    let mut names: Vec<PathBuf> = [
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "abi/README.md",
    ]
    .map(PathBuf::from)
    .to_vec();
    collect(Path::new("docs"), &mut names)?;
    collect(Path::new("examples"), &mut names)?;
    names
        .into_iter()
        .map(|name| {
            let text = fs::read_to_string(root().join(&name))
                .map_err(|error| format!("{}: {error}", name.display()))?;
            Ok(Page {
                name: name.to_string_lossy().into_owned(),
                text,
            })
        })
        .collect()
}

/// The pages of a folder and those below, in order.
fn collect(folder: &Path, names: &mut Vec<PathBuf>) -> Result<(), String> {
    let entries = fs::read_dir(root().join(folder)).map_err(|error| error.to_string())?;
    let mut found: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
    found.sort();
    for name in found {
        let path = folder.join(name);
        if root().join(&path).is_dir() {
            collect(&path, names)?;
        } else if path.extension().is_some_and(|extension| extension == "md") {
            names.push(path);
        }
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Checked {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

fn symlink(target: &Path, link: &Path) -> Checked {
    std::os::unix::fs::symlink(target, link).map_err(|error| error.to_string())
}

fn links_lead_somewhere(pages: &[Page]) -> Checked {
    let mut broken = Vec::new();
    for page in pages {
        let here = root().join(&page.name);
        let folder = here.parent().unwrap_or(&here);
        for part in page.text.split("](").skip(1) {
            let target = part.split([')', '#']).next().unwrap_or_default();
            if !target.is_empty() && !target.contains("://") && !folder.join(target).exists() {
                broken.push(format!("{}: {target}", page.name));
            }
        }
    }
    if broken.is_empty() {
        Ok(())
    } else {
        Err(broken.join("\n"))
    }
}

/// Blocks of YAML that name a file make up a manifest of their own.
fn the_manifest_of_the_readme_is_one(pages: &[Page], name: &str) -> Checked {
    let folder = scratch(&format!("docs::{name}"));
    let mut n_files = 0;
    for page in pages.iter().filter(|page| page.name == "abi/README.md") {
        for block in page.blocks() {
            if let Some(file) = block
                .file("# file: ", "")
                .filter(|_| block.language == "yaml")
            {
                write(&folder.join(file), &block.text)?;
                n_files += 1;
            }
        }
    }
    let reading = pyshim_gen::read(&folder.join("abi")).map_err(|error| error.to_string())?;
    let complaints: Vec<&str> = reading
        .diagnostics
        .iter()
        .map(|diagnostic| diagnostic.message.as_str())
        .collect();
    match (n_files, complaints.is_empty()) {
        (0, _) => Err("abi/README.md has no manifest".to_owned()),
        (_, true) => Ok(()),
        (_, false) => Err(complaints.join("\n")),
    }
}

/// Which files of the pages are compiled in one mode. Between the oldest and the newest CPython each file
/// has one mode of each, and another one with each.
#[derive(Clone, Copy)]
enum Turns {
    All,
    /// What this mode has, of so many.
    One(usize, usize),
}

impl Turns {
    fn have(self, file: usize, minor: u32) -> bool {
        match self {
            Turns::All => true,
            Turns::One(mode, of) => (file + minor as usize) % of == mode,
        }
    }
}

fn snippets_compile(
    python: &Python,
    mode: &Mode,
    turns: Turns,
    pages: &[Page],
    name: &str,
) -> Checked {
    let folder = scratch(&format!("docs::{name}"));
    // What a page shows need not be called on the page.
    let mut flags = mode.flags.clone();
    flags.push("-Wno-unused-function".to_owned());
    let mut files = 0;
    for page in pages {
        let mut is_silent = page.is_readme() || page.name.starts_with("docs/families/");
        for block in page.blocks() {
            let Some((file, dialect)) = block.source() else {
                continue;
            };
            is_silent = false;
            files += 1;
            if !turns.have(files, python.version.minor()) {
                continue;
            }
            let source = folder.join(file);
            write(&source, &block.text)?;
            let outcome = check_syntax(dialect, Some(python), &flags, &source)?;
            if !outcome.success {
                return Err(format!("{}, {file}:\n{}", page.name, outcome.stderr));
            }
        }
        if is_silent {
            return Err(format!("{} shows no file of C", page.name));
        }
    }
    Ok(())
}

/// The ways to build of the quick start.
fn ways(pages: &[Page]) -> Vec<&str> {
    let readme = pages.iter().filter(|page| page.is_readme());
    let marks = readme.flat_map(|page| page.text.lines());
    let ways = marks.filter_map(|line| line.strip_prefix(MARK)?.split(": ").next());
    ways.collect()
}

/// A mark looks as if somebody had tried what is below it.
fn every_mark_is_run(pages: &[Page], pythons: &[Python]) -> Checked {
    let mut idle = Vec::new();
    for page in pages {
        let blocks = page.blocks();
        for line in page.text.lines().filter(|line| line.starts_with(MARK)) {
            let mut ways = blocks
                .iter()
                .filter(|block| block.before == line)
                .filter_map(Block::mark);
            let is_run = page.is_readme()
                && ways.any(|(way, _)| pythons.iter().any(|python| can(python, way)));
            if !is_run {
                idle.push(format!("{}: nothing runs `{line}`", page.name));
            }
        }
    }
    match (ways(pages).is_empty(), idle.is_empty()) {
        (true, _) => Err("the README has no quick start".to_owned()),
        (_, true) => Ok(()),
        (_, false) => Err(idle.join("\n")),
    }
}

/// Whether a way of the quick start is for an interpreter; PyO3's own limits count for Rust, which
/// is built once for each kind of build.
fn can(python: &Python, way: &str) -> bool {
    let minor = python.version.minor();
    match way {
        "full" => true,
        "abi3" => !python.free_threaded,
        "abi3t" | "universal" => minor >= 15,
        "rust" => minor == 14,
        _ => false,
    }
}

/// A folder as the README has it: the clone, the sources, and a `python3`.
fn quick_start_works(python: &Python, way: &str, pages: &[Page], name: &str) -> Checked {
    let folder = scratch(&format!("docs::{name}"));
    let here = if way == "rust" {
        folder.join("latest")
    } else {
        folder.clone()
    };
    symlink(&root(), &folder.join("pyshim"))?;
    let mut script = None;
    for block in pages
        .iter()
        .filter(|page| page.is_readme())
        .flat_map(Page::blocks)
    {
        if let Some((_, expected)) = block.mark().filter(|(marked, _)| *marked == way) {
            script = Some((block.text.clone(), expected.to_owned()));
        }
        match block.language {
            // The scratch folder is inside of another workspace.
            "toml" => {
                write(
                    &here.join("Cargo.toml"),
                    &format!("{}\n[workspace]\n", block.text),
                )?;
            }
            "rust" => write(&here.join("src/lib.rs"), &block.text)?,
            "c" => write(&here.join("tally.c"), &block.text)?,
            _ => {}
        }
    }
    let Some((script, expected)) = script else {
        return Err(format!("the README has no commands for {way}"));
    };
    let output = succeed(&mut shell(python, &here, &folder.join("bin"), &script)?)?;
    if output.trim_end() == expected {
        Ok(())
    } else {
        Err(format!(
            "found {output:?}, and the README says {expected:?}"
        ))
    }
}

/// Runs a script where `python3` is the given one.
fn shell(python: &Python, folder: &Path, bin: &Path, script: &str) -> Result<Command, String> {
    let wrapper = bin.join("python3");
    write(
        &wrapper,
        &format!("#!/bin/sh\nexec '{}' \"$@\"\n", python.executable.display()),
    )?;
    let executable = fs::Permissions::from_mode(0o755);
    fs::set_permissions(&wrapper, executable).map_err(|error| error.to_string())?;
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut path: Vec<PathBuf> = std::env::split_paths(&path).collect();
    path.insert(0, bin.to_owned());
    let path = std::env::join_paths(path).map_err(|error| error.to_string())?;
    // PyO3 takes a while to compile, so what was compiled stays.
    let target = root().join("target/docs").join(python.label.to_string());
    fs::create_dir_all(&target).map_err(|error| error.to_string())?;
    symlink(&target, &folder.join("target"))?;
    let mut command = Command::new("sh");
    command
        .current_dir(folder)
        .env("PATH", path)
        .env_remove("CARGO_TARGET_DIR")
        .env_remove("PYTHON_GIL")
        .args(["-euc", script]);
    Ok(command)
}

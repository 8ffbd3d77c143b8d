//! Runs extensions in the stand-in for CPythons that do not exist; `tests/standin/README.md` says what it is.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use crate::place::root;
use crate::run::{run, succeed};

/// Which of the two object layouts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Build {
    /// A 16-byte head and a GIL.
    Gil,
    /// A 32-byte head and threads that run at once.
    FreeThreaded,
}

/// What the stand-in, its host and the extension are instrumented with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sanitizer {
    /// `-fsanitize=address`.
    Address,
    /// `-fsanitize=thread`.
    Thread,
}

impl Sanitizer {
    /// The compiler's flag; an extension has to be built with it too.
    #[must_use]
    pub fn flag(self) -> &'static str {
        match self {
            Sanitizer::Address => "-fsanitize=address",
            Sanitizer::Thread => "-fsanitize=thread",
        }
    }
}

/// How `Py_mod_gil` is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GilRule {
    /// Everything but 0 means not used: 3.13 and 3.14.
    Nonzero,
    /// Only 1 means not used: 3.15.
    One,
    /// The lowest bit decides.
    Bit0,
}

/// A way in which the stand-in differs from an honest CPython of its version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Variation {
    /// Sections do nothing and leave their struct alone.
    NoOpSections,
    /// Sections use their struct, on a GIL build too.
    LiveSections,
    /// Sections use so many words more than 3.15's.
    ExtraSectionWords(u32),
    /// Begin raises from the one with this number on, counted from 1 over the whole process.
    BeginRaisesFrom(u32),
    /// How `Py_mod_gil` is read.
    GilRule(GilRule),
    /// `sys.hexversion` and all that follows from it.
    Hexversion(u32),
    /// The exported `Py_Version`.
    PyVersion(u32),
    /// Whether `sys` says that this is a free-threaded build.
    ClaimsFreeThreaded(bool),
    /// `object.__basicsize__`.
    ObjectBasicsize(u32),
    /// `PYTHON_GIL`.
    PythonGil(bool),
}

impl Variation {
    fn variable(&self) -> (&'static str, String) {
        match self {
            Variation::NoOpSections => ("STANDIN_SECTIONS", "noop".into()),
            Variation::LiveSections => ("STANDIN_SECTIONS", "live".into()),
            Variation::ExtraSectionWords(n) => ("STANDIN_SECTION_EXTRA_WORDS", n.to_string()),
            Variation::BeginRaisesFrom(n) => ("STANDIN_BEGIN_RAISES_FROM", n.to_string()),
            Variation::GilRule(GilRule::Nonzero) => ("STANDIN_GIL_RULE", "nonzero".into()),
            Variation::GilRule(GilRule::One) => ("STANDIN_GIL_RULE", "one".into()),
            Variation::GilRule(GilRule::Bit0) => ("STANDIN_GIL_RULE", "bit0".into()),
            Variation::Hexversion(hex) => ("STANDIN_HEXVERSION", format!("{hex:#x}")),
            Variation::PyVersion(hex) => ("STANDIN_PY_VERSION", format!("{hex:#x}")),
            Variation::ClaimsFreeThreaded(claim) => {
                ("STANDIN_CLAIMS_FREE_THREADED", u8::from(*claim).to_string())
            }
            Variation::ObjectBasicsize(n) => ("STANDIN_OBJECT_BASICSIZE", n.to_string()),
            Variation::PythonGil(on) => ("PYTHON_GIL", u8::from(*on).to_string()),
        }
    }
}

/// One stand-in runtime.
#[derive(Clone, Debug)]
pub struct Spec {
    /// 13 for 3.13; from 8 to 17.
    pub minor: u32,
    /// GIL or free-threaded, which there is from 3.13 on.
    pub build: Build,
    /// Names of `exports.txt` that it does not export.
    pub missing: Vec<String>,
    /// Names of `exports.txt` that it exports although its version does not.
    pub added: Vec<String>,
    /// Names that it exports with another signature: whoever calls them as before ends the process.
    pub changed: Vec<String>,
    /// What it is instrumented with.
    pub sanitizer: Option<Sanitizer>,
    /// In what it differs.
    pub variations: Vec<Variation>,
    /// Further environment, for the extension.
    pub environment: BTreeMap<String, String>,
}

impl Spec {
    /// An honest one.
    #[must_use]
    pub fn new(minor: u32, build: Build) -> Self {
        Spec {
            minor,
            build,
            missing: Vec::new(),
            added: Vec::new(),
            changed: Vec::new(),
            sanitizer: None,
            variations: Vec::new(),
            environment: BTreeMap::new(),
        }
    }

    /// Every version and build there is.
    #[must_use]
    pub fn all() -> Vec<Spec> {
        let gil = (8..=17).map(|minor| Spec::new(minor, Build::Gil));
        let free_threaded = (13..=17).map(|minor| Spec::new(minor, Build::FreeThreaded));
        gil.chain(free_threaded).collect()
    }

    /// `3.15t`.
    #[must_use]
    pub fn label(&self) -> String {
        let t = if self.build == Build::FreeThreaded {
            "t"
        } else {
            ""
        };
        format!("3.{}{t}", self.minor)
    }

    /// Differs in this.
    #[must_use]
    pub fn with(mut self, variation: Variation) -> Self {
        self.variations.push(variation);
        self
    }

    /// Lacks this name.
    #[must_use]
    pub fn missing(mut self, name: &str) -> Self {
        self.missing.push(name.to_owned());
        self
    }

    /// Has this name too.
    #[must_use]
    pub fn added(mut self, name: &str) -> Self {
        self.added.push(name.to_owned());
        self
    }

    /// Has this name with another signature.
    #[must_use]
    pub fn changed(mut self, name: &str) -> Self {
        self.changed.push(name.to_owned());
        self
    }

    /// Is instrumented.
    #[must_use]
    pub fn sanitized(mut self, sanitizer: Sanitizer) -> Self {
        self.sanitizer = Some(sanitizer);
        self
    }

    /// Runs with this variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    /// The names that it exports.
    ///
    /// # Errors
    ///
    /// When `exports.txt` cannot be read, or does not know a name that is to be missing, added or
    /// changed.
    pub fn exports(&self) -> Result<BTreeSet<String>, String> {
        let table = export_table()?;
        if let Some(name) = self
            .missing
            .iter()
            .chain(&self.added)
            .chain(&self.changed)
            .find(|n| !table.contains_key(*n))
        {
            return Err(format!("exports.txt has no `{name}`"));
        }
        let chosen = table.into_iter().filter(|(name, range)| {
            !self.missing.contains(name)
                && (self.added.contains(name) || range.includes(self.minor, self.build))
        });
        Ok(chosen.map(|(name, _)| name).collect())
    }
}

/// The versions that export a name.
struct Range {
    first: u32,
    last: u32,
    free_threaded_only: bool,
}

impl Range {
    fn includes(&self, minor: u32, build: Build) -> bool {
        (self.first..=self.last).contains(&minor)
            && (build == Build::FreeThreaded || !self.free_threaded_only)
    }

    /// `3.8+`, `3.13t+` or `3.8-3.12`.
    fn parse(text: &str) -> Option<Range> {
        let minor = |version: &str| version.strip_prefix("3.")?.parse().ok();
        if let Some(first) = text.strip_suffix('+') {
            let plain = first.strip_suffix('t');
            let first = minor(plain.unwrap_or(first))?;
            return Some(Range {
                first,
                last: u32::MAX,
                free_threaded_only: plain.is_some(),
            });
        }
        let (first, last) = text.split_once('-')?;
        Some(Range {
            first: minor(first)?,
            last: minor(last)?,
            free_threaded_only: false,
        })
    }
}

fn export_table() -> Result<BTreeMap<String, Range>, String> {
    let text = read(&source_dir().join("exports.txt"))?;
    let mut table = BTreeMap::new();
    for line in text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let row = line
            .split_once(char::is_whitespace)
            .and_then(|(range, name)| Some((name.trim().to_owned(), Range::parse(range)?)));
        let (name, range) = row.ok_or_else(|| format!("exports.txt: cannot read `{line}`"))?;
        if table.insert(name, range).is_some() {
            return Err(format!("exports.txt: `{line}` is there twice"));
        }
    }
    Ok(table)
}

/// What a function gave back, or an import did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// Its `repr`.
    Value(String),
    /// An exception.
    Raised(Raised),
}

/// An exception.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raised {
    /// `ImportError`.
    pub kind: String,
    /// Its `str`, in one line.
    pub text: String,
}

impl Said {
    /// From `= 42` or `! TypeError: why`.
    fn parse(text: &str) -> Option<Said> {
        if let Some(value) = text.strip_prefix("= ") {
            return Some(Said::Value(value.to_owned()));
        }
        let (kind, text) = text.strip_prefix("! ")?.split_once(':')?;
        Some(Said::Raised(Raised {
            kind: kind.to_owned(),
            text: text.trim().to_owned(),
        }))
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Said::Value(value) => f.write_str(value),
            Said::Raised(raised) => write!(f, "{}: {}", raised.kind, raised.text),
        }
    }
}

/// One thing that a program does with the module.
#[derive(Clone, Copy, Debug)]
pub enum Step<'a> {
    /// Calls a function without arguments.
    Call(&'a str),
    /// Calls it on so many threads at once; one line for each.
    Threads(usize, &'a str),
    /// Makes a second module, as another import after a removal from `sys.modules` does.
    Reimport,
}

/// What a run did.
#[derive(Debug)]
pub struct Outcome {
    /// Whether the process ended with 0, which an import error and a crash prevent.
    pub success: bool,
    /// How it ended, in words.
    pub status: String,
    /// What the calls gave, in order, as far as it came; extensions may print what they like beside it.
    pub lines: Vec<Said>,
    /// Standard output as it was.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// The exception that the import ended with.
    pub import_error: Option<Raised>,
    /// Whether the GIL was on at the end; none when the end was not reached.
    pub gil_enabled: Option<bool>,
    /// Warnings, the one about the GIL among them.
    pub warnings: Option<u64>,
    /// Objects that were alive at the end.
    pub objects: Option<u64>,
}

impl Outcome {
    /// The lines as text.
    #[must_use]
    pub fn texts(&self) -> Vec<String> {
        self.lines.iter().map(Said::to_string).collect()
    }
}

/// A runtime that is built.
#[derive(Debug)]
pub struct Standin {
    library: PathBuf,
    host: PathBuf,
    spec: Spec,
}

impl Standin {
    /// Builds it, or takes it from the cache in cargo's target folder.
    ///
    /// # Errors
    ///
    /// When it does not compile, or the spec makes no sense.
    pub fn new(spec: &Spec) -> Result<Standin, String> {
        if spec.build == Build::FreeThreaded && spec.minor < 13 {
            return Err(format!("there is no {}", spec.label()));
        }
        let exports = spec.exports()?;
        // Tests of one process do not compile the same thing twice; other processes are kept apart by renaming.
        static BUILDING: Mutex<()> = Mutex::new(());
        let _guard = BUILDING.lock().unwrap_or_else(PoisonError::into_inner);
        let flags = flags(spec);
        let sources = sources()?;
        let host = build_host(&sources, &flags)?;
        let library = link(&build_objects(&sources, &flags)?, &exports, spec)?;
        Ok(Standin {
            library,
            host,
            spec: spec.clone(),
        })
    }

    /// The shared library.
    #[must_use]
    pub fn library(&self) -> &Path {
        &self.library
    }

    /// Imports an extension and calls functions of it without arguments.
    ///
    /// # Errors
    ///
    /// When the host cannot be started or does not end. A crash is an outcome and not an error.
    pub fn run(&self, extension: &Path, module: &str, calls: &[&str]) -> Result<Outcome, String> {
        let steps: Vec<Step<'_>> = calls.iter().copied().map(Step::Call).collect();
        self.run_steps(extension, module, &steps)
    }

    /// Imports an extension and does some things with it.
    ///
    /// # Errors
    ///
    /// As [`Standin::run`].
    pub fn run_steps(
        &self,
        extension: &Path,
        module: &str,
        steps: &[Step<'_>],
    ) -> Result<Outcome, String> {
        let import = format!("import {module} {}\n", extension.display());
        let mut program = import.clone();
        for step in steps {
            program += &match step {
                Step::Call(function) => format!("call {module} {function}\n"),
                Step::Threads(n, function) => format!("threads {n} {module} {function}\n"),
                Step::Reimport => import.clone(),
            };
        }
        program += "state\n";
        self.run_program(&program)
    }

    /// The command that runs a program of `interpreter.c`'s commands, for a debugger or for more environment.
    #[must_use]
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(&self.host);
        command.arg(&self.library).arg(program);
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("STANDIN_") || text.starts_with("PYTHON") {
                command.env_remove(&name);
            }
        }
        // Objects of a process that ends are not freed one by one, here as in CPython.
        command.env("ASAN_OPTIONS", "detect_leaks=0");
        command.env("STANDIN_VERSION", format!("3.{}", self.spec.minor));
        command.envs(self.spec.variations.iter().map(Variation::variable));
        command.envs(&self.spec.environment);
        command
    }

    /// Runs such a program.
    ///
    /// # Errors
    ///
    /// As [`Standin::run`].
    pub fn run_program(&self, program: &str) -> Result<Outcome, String> {
        let ended = run(&mut self.command(program))?;
        let mut outcome = Outcome {
            success: ended.success,
            status: ended.status,
            lines: Vec::new(),
            stdout: ended.stdout,
            stderr: ended.stderr,
            import_error: None,
            gil_enabled: None,
            warnings: None,
            objects: None,
        };
        for line in outcome.stdout.lines() {
            match line.split_once(' ') {
                Some(("call", said)) => outcome.lines.extend(Said::parse(said)),
                Some(("import", said)) => {
                    if let Some(Said::Raised(raised)) = Said::parse(said) {
                        outcome.import_error = Some(raised);
                    }
                }
                Some(("state", state)) => {
                    outcome.gil_enabled = number(state, "gil").map(|n| n != 0);
                    outcome.warnings = number(state, "warnings");
                    outcome.objects = number(state, "objects");
                }
                _ => {}
            }
        }
        Ok(outcome)
    }
}

/// From `gil=1 warnings=0`.
fn number(state: &str, name: &str) -> Option<u64> {
    state
        .split(' ')
        .find_map(|field| field.strip_prefix(name)?.strip_prefix('=')?.parse().ok())
}

fn source_dir() -> PathBuf {
    root().join("tests/standin")
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("cannot read `{}`: {error}", path.display()))
}

/// The C files and headers, with their text.
fn sources() -> Result<BTreeMap<PathBuf, String>, String> {
    let folder = source_dir();
    let entries = fs::read_dir(&folder)
        .map_err(|error| format!("cannot list `{}`: {error}", folder.display()))?;
    let mut sources = BTreeMap::new();
    for entry in entries {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "c" || extension == "h")
        {
            sources.insert(path.clone(), read(&path)?);
        }
    }
    Ok(sources)
}

fn is_host(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == "host.c")
}

/// What both the library and the host are compiled with.
fn flags(spec: &Spec) -> Vec<String> {
    let mut flags: Vec<String> = [
        "-std=c11",
        "-D_GNU_SOURCE",
        "-Wall",
        "-Wextra",
        "-g",
        "-O1",
        "-fPIC",
        "-pthread",
    ]
    .map(str::to_owned)
    .to_vec();
    flags.extend(spec.sanitizer.map(|sanitizer| sanitizer.flag().to_owned()));
    if spec.build == Build::FreeThreaded {
        flags.push("-DSTANDIN_FT".to_owned());
    }
    flags
}

fn build_host(sources: &BTreeMap<PathBuf, String>, flags: &[String]) -> Result<PathBuf, String> {
    let (path, text) = sources
        .iter()
        .find(|(path, _)| is_host(path))
        .ok_or("host.c is not there")?;
    let folder = cached("host", &(text, flags), |folder| {
        succeed(
            compiler(flags)
                .arg(path)
                .arg("-o")
                .arg(folder.join("host"))
                .arg("-ldl"),
        )
        .map(drop)
    })?;
    Ok(folder.join("host"))
}

/// A folder with an object of each file but the host's.
fn build_objects(sources: &BTreeMap<PathBuf, String>, flags: &[String]) -> Result<PathBuf, String> {
    cached("objects", &(sources, flags), |folder| {
        let files = sources
            .keys()
            .filter(|path| path.extension().is_some_and(|e| e == "c") && !is_host(path));
        succeed(compiler(flags).arg("-c").args(files).current_dir(folder)).map(drop)
    })
}

fn link(objects: &Path, exports: &BTreeSet<String>, spec: &Spec) -> Result<PathBuf, String> {
    let flags = flags(spec);
    let key = (objects, exports, &spec.changed, &flags);
    let folder = cached("library", &key, |folder| {
        let script = folder.join("exports.map");
        let names: String = exports.iter().map(|name| format!("{name};\n")).collect();
        fs::write(&script, format!("{{ global:\n{names}local: *; }};\n"))
            .map_err(|error| format!("cannot write `{}`: {error}", script.display()))?;
        let mut files: Vec<PathBuf> = fs::read_dir(objects)
            .map_err(|error| error.to_string())?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .collect();
        files.sort();
        let mut command = compiler(&flags);
        command
            .arg("-shared")
            .args(files)
            .arg("-o")
            .arg(folder.join("libstandin.so"));
        for name in &spec.changed {
            command.arg(format!("-Wl,--defsym={name}=standin_changed_signature"));
        }
        command
            .arg(format!("-Wl,--version-script={}", script.display()))
            .arg("-ldl");
        succeed(&mut command).map(drop)
    })?;
    Ok(folder.join("libstandin.so"))
}

fn compiler(flags: &[String]) -> Command {
    let mut command = Command::new("gcc");
    command.args(flags);
    command
}

/// The folder in which `make` has made things from `key`: made now, or in an earlier run.
fn cached(
    kind: &str,
    key: &impl Hash,
    make: impl FnOnce(&Path) -> Result<(), String>,
) -> Result<PathBuf, String> {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    let cache = target_dir().join("standin");
    let folder = cache.join(format!("{kind}-{:016x}", hasher.finish()));
    if folder.exists() {
        return Ok(folder);
    }
    let unfinished = cache.join(format!(".{kind}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&unfinished);
    fs::create_dir_all(&unfinished)
        .map_err(|error| format!("cannot make `{}`: {error}", unfinished.display()))?;
    make(&unfinished)?;
    // Where another process was faster, its folder is as good.
    if fs::rename(&unfinished, &folder).is_err() && !folder.exists() {
        return Err(format!("cannot make `{}`", folder.display()));
    }
    let _ = fs::remove_dir_all(&unfinished);
    Ok(folder)
}

fn target_dir() -> PathBuf {
    let named = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    // The compiler runs in a folder of its own, where a relative path would lead elsewhere.
    named
        .and_then(|path| std::path::absolute(path).ok())
        .unwrap_or_else(|| root().join("target"))
}

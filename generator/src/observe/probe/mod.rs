//! The probe: C programs that a compiler is given, and that are never run.
//!
//! For each mode there are three. The first is preprocessed: which names are macros, and what of.
//! The second has one question a line, and each line that is an error is a "no". The third asks for
//! numbers where they are known to exist; they are read out of the object file, so that it works
//! for machines that are not this one.

mod answers;
mod gather;
mod macros;
mod questions;
mod text;
mod values;

use std::fs;
use std::path::{Path, PathBuf};

use super::cache::Cache;
use super::compiler::{Compiler, Headers};
use super::failure::{Failure, Trouble};
use super::mode::{Api, Mode};
use super::names::Names;
use crate::parallel;
use crate::surface::Surface;
use answers::Answers;

/// What the probe is asked.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// Who compiles.
    pub compiler: &'a Compiler,
    /// What.
    pub headers: &'a Headers,
    /// In which ways; those that the headers refuse are left out.
    pub modes: &'a [Mode],
    /// About which names.
    pub names: &'a Names,
    /// The files and folders, without links, whose declarations count; all when nothing is said.
    pub within: Option<&'a [PathBuf]>,
    /// What was asked before.
    pub cache: &'a Cache,
}

/// What the compiler says.
pub fn observe(request: &Request<'_>) -> Result<Surface, Failure> {
    let answered = parallel::map(request.modes, |mode| ask(request, mode));
    let mut modes = Vec::new();
    let mut refused = None;
    for (mode, answers) in request.modes.iter().zip(answered) {
        match answers? {
            Asked::Answered(answers) => modes.push((mode, answers)),
            Asked::Refused(failure) => refused = refused.or(Some(failure)),
            Asked::Unknown => {}
        }
    }
    if modes.is_empty() {
        return Err(refused.unwrap_or_else(unknown));
    }
    Ok(gather::gather(&modes, request.names))
}

/// The modes that headers have. It is an error when they have none.
pub fn known(compiler: &Compiler, headers: &Headers, modes: &[Mode]) -> Result<Vec<Mode>, Failure> {
    let folder = scratch()?;
    let program = macros::program(headers, &Names::default());
    write(folder.path(), MACROS, &program)?;
    let answered = parallel::map(modes, |mode| {
        compiler.run(folder.path(), MACROS, headers, mode, &["-E", "-P"])
    });
    let mut known = Vec::new();
    let mut refused = None;
    for (mode, output) in modes.iter().zip(answered) {
        let output = output?;
        if !output.status.success() {
            refused = refused.or_else(|| Some(compiler.refused(headers, &output)));
        } else if is(mode, macros::api(&output.stdout)) {
            known.push(mode.clone());
        }
    }
    match (known.is_empty(), refused) {
        (false, _) => Ok(known),
        (true, Some(failure)) => Err(failure),
        (true, None) => Err(unknown()),
    }
}

fn unknown() -> Failure {
    Failure::new(
        Trouble::Headers,
        "the headers know none of the modes",
        "name the headers of CPython 3.8 or newer",
    )
}

fn is(mode: &Mode, api: Api) -> bool {
    mode.api == Api::Any || mode.api == api
}

/// The first program of each mode.
const MACROS: &str = "macros.c";

fn scratch() -> Result<tempfile::TempDir, Failure> {
    tempfile::tempdir()
        .map_err(|error| Failure::file("create a folder in", &std::env::temp_dir(), &error))
}

/// What came of asking in one mode.
enum Asked {
    /// The headers have it.
    Answered(Answers),
    /// They do not compile in it.
    Refused(Failure),
    /// They compile, and become something else.
    Unknown,
}

fn ask(request: &Request<'_>, mode: &Mode) -> Result<Asked, Failure> {
    let folder = scratch()?;
    let folder = folder.path();
    let Request {
        compiler,
        headers,
        names,
        ..
    } = request;

    write(folder, MACROS, &macros::program(headers, names))?;
    let output = compiler.run(folder, MACROS, headers, mode, &["-E", "-dD"])?;
    if !output.status.success() {
        return Ok(Asked::Refused(compiler.refused(headers, &output)));
    }
    let printed = output.stdout;
    if !is(mode, macros::api(&printed)) {
        return Ok(Asked::Unknown);
    }
    // Everything that the compiler is going to see is in it, so nothing else has to be compared.
    let key = Cache::key(&[&compiler.identity, &mode.name, &printed]);
    if let Some(answers) = request.cache.get::<Answers>(&key) {
        return Ok(Asked::Answered(answers));
    }
    let preprocessed = macros::read(&printed, names, request.within);

    let questions =
        questions::Questions::about(&preprocessed.seen, &preprocessed.macros, &preprocessed.uses);
    write(folder, "questions.c", &questions.program(headers))?;
    // In two steps, for gcc puts the error of a macro that becomes the name of another into the
    // header of the first, and after preprocessing there are no macros.
    let apart = ["-E", "-o", "questions.i"];
    let output = compiler.run(folder, "questions.c", headers, mode, &apart)?;
    if !output.status.success() {
        return Ok(Asked::Refused(compiler.refused(headers, &output)));
    }
    let output = compiler.run(folder, "questions.i", headers, mode, &["-fsyntax-only"])?;
    let Some(yes) = questions.read(&output.stderr, headers, &preprocessed.seen) else {
        return Ok(Asked::Refused(compiler.refused(headers, &output)));
    };

    let values = values::Values::of(&yes);
    write(folder, "values.c", &values.program(headers))?;
    let output = compiler.run(folder, "values.c", headers, mode, &["-c", "-o", "values.o"])?;
    if !output.status.success() {
        return Err(compiler.refused(headers, &output));
    }
    let object = fs::read(folder.join("values.o")).map_err(|_| compiler.left_nothing(&output))?;
    let answers = values.read(&object)?;
    request.cache.put(&key, &answers);
    Ok(Asked::Answered(answers))
}

fn write(folder: &Path, name: &str, text: &str) -> Result<(), Failure> {
    let path = folder.join(name);
    fs::write(&path, text).map_err(|error| Failure::file("write", &path, &error))
}

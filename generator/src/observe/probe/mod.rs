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
mod values;

use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::thread;

use super::cache::Cache;
use super::compiler::{Compiler, Headers};
use super::failure::{Failure, Trouble};
use super::mode::{Api, Mode};
use super::names::Names;
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
    /// What was asked before.
    pub cache: &'a Cache,
}

/// What the compiler says.
pub fn observe(request: &Request<'_>) -> Result<Surface, Failure> {
    let answered = in_parallel(request.modes, |mode| ask(request, mode));
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
        return Err(refused.unwrap_or_else(|| {
            Failure::new(
                Trouble::Headers,
                "the headers know none of the modes",
                "name the headers of CPython 3.8 or newer",
            )
        }));
    }
    Ok(gather::gather(&modes, request.names))
}

/// Does something for each, on as many threads as there are processors, and keeps the order.
fn in_parallel<T: Sync, R: Send>(items: &[T], run: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = Mutex::new(items.iter().enumerate());
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let work = || {
        let mut done = Vec::new();
        loop {
            let taken = next
                .lock()
                .unwrap_or_else(|poisoned| poisoned.into_inner())
                .next();
            match taken {
                Some((index, item)) => done.push((index, run(item))),
                None => return done,
            }
        }
    };
    let mut results: Vec<(usize, R)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.min(items.len()))
            .map(|_| scope.spawn(work))
            .collect();
        let joined = workers.into_iter().map(|worker| worker.join());
        joined
            .flat_map(|done| done.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
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
    let folder = tempfile::tempdir()
        .map_err(|error| Failure::file("create a folder in", &std::env::temp_dir(), &error))?;
    let folder = folder.path();
    let Request {
        compiler,
        headers,
        names,
        ..
    } = request;

    write(folder, "macros.c", &macros::program(headers, names))?;
    let output = compiler.run(folder, "macros.c", headers, mode, &["-E", "-P", "-dD"])?;
    if !output.status.success() {
        return Ok(Asked::Refused(compiler.refused(headers, &output)));
    }
    let preprocessed = macros::read(&output.stdout, names);
    if mode.api != Api::Any && mode.api != preprocessed.api {
        return Ok(Asked::Unknown);
    }
    // Everything that the compiler is going to see is in it, so nothing else has to be compared.
    let key = Cache::key(&[&compiler.identity, &mode.name, &output.stdout]);
    if let Some(answers) = request.cache.get::<Answers>(&key) {
        return Ok(Asked::Answered(answers));
    }

    let questions = questions::Questions::about(names, &preprocessed.macros);
    write(folder, "questions.c", &questions.program(headers))?;
    let output = compiler.run(folder, "questions.c", headers, mode, &["-fsyntax-only"])?;
    let Some(yes) = questions.read(&output.stderr, headers, names) else {
        return Ok(Asked::Refused(compiler.refused(headers, &output)));
    };

    let values = values::Values::of(&yes);
    write(folder, "values.c", &values.program(headers))?;
    let output = compiler.run(folder, "values.c", headers, mode, &["-c", "-o", "values.o"])?;
    if !output.status.success() {
        return Err(compiler.refused(headers, &output));
    }
    let object = folder.join("values.o");
    let object = fs::read(&object).map_err(|error| Failure::file("read", &object, &error))?;
    let answers = values.read(&object)?;
    request.cache.put(&key, &answers);
    Ok(Asked::Answered(answers))
}

fn write(folder: &Path, name: &str, text: &str) -> Result<(), Failure> {
    let path = folder.join(name);
    fs::write(&path, text).map_err(|error| Failure::file("write", &path, &error))
}

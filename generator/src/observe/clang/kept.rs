//! What libclang was asked before. An answer is good for as long as every file that was read for it
//! is as it was.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Apart, Request, Wanted, files, library, look};
use crate::diag::Sink;
use crate::observe::Failure;
use crate::observe::cache::Cache;
use crate::source::Sources;
use crate::surface::read::read;
use crate::surface::{Surface, write};

/// An answer.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// The hash of each file that was read. One that is new, and would be read first, goes unseen.
    files: BTreeMap<PathBuf, String>,
    /// What was said, as a snapshot.
    snapshot: String,
}

/// What libclang says, or what it said when the same was asked of the same files.
pub(super) fn observe(
    request: &Request,
    cache: &Cache,
    apart: Option<&Apart>,
) -> Result<Surface, Failure> {
    let look = || match apart {
        Some(apart) => apart.look(request),
        None => look(request, library::system_headers(&request.arguments)),
    };
    if cache.keeps_nothing() {
        return Ok(look()?.surface);
    }
    let version = match apart {
        Some(apart) => apart.version()?.to_owned(),
        None => library::version()?,
    };
    let key = key(request, &version)?;
    let kept = cache.get::<Kept>(&key).filter(Kept::holds);
    if let Some(surface) = kept.and_then(|kept| understand(kept.snapshot)) {
        return Ok(surface);
    }
    let looked = look()?;
    let hashes = looked.files.into_iter().map(|file| {
        let hash = hash(&file)?;
        Some((file, hash))
    });
    if let Some(files) = hashes.collect() {
        let snapshot = write::write(&looked.surface);
        cache.put(&key, &Kept { files, snapshot });
    }
    Ok(looked.surface)
}

/// Everything but the files that the answer depends on.
fn key(request: &Request, version: &str) -> Result<String, Failure> {
    let system = library::system_headers(&request.arguments);
    let wanted = match &request.wanted {
        Wanted::Names(names) => format!("names {names:?}"),
        // Which macros count is read from files that may not be included.
        Wanted::Under(places) => format!("under {places:?} {:?}", files::macros(places)?),
    };
    let lists = [format!("{:?}", request.arguments), format!("{system:?}")];
    let [arguments, system] = &lists;
    Ok(Cache::key(&[
        version,
        &request.header,
        &request.label,
        arguments,
        system,
        &wanted,
    ]))
}

impl Kept {
    fn holds(&self) -> bool {
        self.files
            .iter()
            .all(|(file, kept)| hash(file).is_some_and(|now| now == *kept))
    }
}

fn hash(file: &Path) -> Option<String> {
    Some(Cache::hash(&fs::read(file).ok()?))
}

pub(super) fn understand(snapshot: String) -> Option<Surface> {
    let (mut sources, mut sink) = (Sources::default(), Sink::default());
    let file = sources.add(PathBuf::from("kept"), snapshot);
    let mut surface = read(file, &sources, &mut sink);
    // Lines of a file that nobody has.
    for item in surface.items.values_mut() {
        item.place = None;
    }
    sink.is_empty().then_some(surface)
}

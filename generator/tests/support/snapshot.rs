//! Snapshots that tests read.

use std::path::Path;

use pyshim_gen::diag::{Colour, Sink};
use pyshim_gen::source::Sources;
use pyshim_gen::surface::Surface;
use pyshim_gen::surface::read::read as read_snapshot;

/// Reads one that has no mistakes.
pub(crate) fn read(path: &Path) -> Surface {
    let text = std::fs::read_to_string(path).expect("the snapshot can be read");
    let mut sources = Sources::default();
    let mut sink = Sink::default();
    let file = sources.add(path.to_owned(), text);
    let surface = read_snapshot(file, &sources, &mut sink);
    let mistakes = sink.into_sorted();
    let said = mistakes
        .iter()
        .map(|one| one.render(&sources, Colour::Never));
    let said: Vec<String> = said.collect();
    assert!(said.is_empty(), "{}", said.join("\n"));
    surface
}

//! Pages for a browser: what is where, the bytes of structs, what changed, and what an audit found.
//!
//! Pure: data in, files out. Each page is whole by itself: style and script are in it, and its
//! Content-Security-Policy lets it load nothing else.

mod bytes;
mod frame;
mod history;
mod matrix;
mod overview;
mod rules;
mod shapes;
mod structs;
mod tools;
mod wheels;
mod words;

use crate::audit::Audited;
use crate::emit::FileSet;
use crate::history::Observed;
use crate::model::Model;
use crate::report::Report;
use crate::surface::Surface;
use frame::{Frame, Tab};

pub use frame::MARK;
pub use overview::FILE as FIRST;

/// What pages are made of.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The manifest.
    pub model: &'a Model,
    /// The same as an ABI.
    pub surface: &'a Surface,
    /// The snapshots of CPythons, sorted.
    pub observed: &'a [Observed],
    /// What an audit found, sorted; nothing where none was asked for.
    pub wheels: Option<&'a Wheels>,
}

/// An audit of a folder.
#[derive(Clone, Debug)]
pub struct Wheels {
    /// How the user named the folder, which file names begin with.
    pub folder: String,
    /// What was found in each file.
    pub files: Vec<Audited>,
    /// The same of all files together, sorted.
    pub report: Report,
}

/// Every page, by file name.
#[must_use]
pub fn pages(subject: &Subject<'_>) -> FileSet {
    let tabs = Tab::ALL
        .into_iter()
        .filter(|tab| *tab != Tab::Wheels || subject.wheels.is_some());
    let frame = Frame::new(tabs.collect());
    let structs = shapes::all(subject);
    let mut files = FileSet::default();
    overview::page(subject, &structs, &frame, &mut files);
    matrix::page(subject, &structs, &frame, &mut files);
    structs::pages(subject, &structs, &frame, &mut files);
    history::page(subject, &structs, &frame, &mut files);
    rules::page(&frame, &mut files);
    if let Some(wheels) = subject.wheels {
        wheels::page(wheels, &frame, &mut files);
    }
    files
}

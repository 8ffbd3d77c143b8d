//! The history of CPython's ABI, as snapshots of neighbouring versions tell it: tables of what each
//! name is where, and what changed from one version to the next.
//!
//! Pure: snapshots and names in, tables out, also as Markdown.

mod cell;
mod changes;
mod layouts;
mod table;

use crate::model::{Kind, Model};
use crate::parallel;
use crate::surface::Surface;

pub use changes::{Change, Step, changes, steps};
pub(crate) use layouts::fields;
pub use table::Table;

/// A snapshot of a CPython.
#[derive(Clone, Debug)]
pub struct Observed {
    /// `3.13t`.
    pub label: String,
    version: Vec<u32>,
    is_free_threaded: bool,
    /// What was seen.
    pub surface: Surface,
}

impl Observed {
    /// Of a snapshot, if it is one of a CPython.
    #[must_use]
    pub fn new(surface: Surface) -> Option<Self> {
        let label = surface.about.subject.strip_prefix("CPython ")?.to_owned();
        let version = label.trim_end_matches('t').split('.');
        Some(Observed {
            version: version.map(str::parse).collect::<Result<_, _>>().ok()?,
            is_free_threaded: label.ends_with('t'),
            label,
            surface,
        })
    }
}

/// GIL-enabled builds first, each from the oldest to the newest.
pub fn sort(observed: &mut [Observed]) {
    observed.sort_by(|a, b| {
        (a.is_free_threaded, &a.version, &a.label).cmp(&(b.is_free_threaded, &b.version, &b.label))
    });
}

/// Who is compared with whom, of sorted ones: each version with the next one of its build, and the
/// GIL-enabled build of a version with the free-threaded one.
#[must_use]
pub fn neighbours(observed: &[Observed]) -> Vec<(&Observed, &Observed)> {
    let successive = observed.windows(2).filter_map(|pair| match pair {
        [old, new] if old.is_free_threaded == new.is_free_threaded => Some((old, new)),
        _ => None,
    });
    let builds = observed.iter().filter_map(|gil| {
        let twin = |other: &&Observed| {
            other.version == gil.version && other.is_free_threaded && !gil.is_free_threaded
        };
        Some((gil, observed.iter().find(twin)?))
    });
    successive.chain(builds).collect()
}

/// Names that have something in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What they have in common.
    pub heading: String,
    /// The names.
    pub names: Vec<String>,
}

/// What a manifest is about, and what it watches.
#[must_use]
pub fn groups(model: &Model) -> Vec<Group> {
    let families = model.families.iter().map(|family| Group {
        heading: format!("Family `{}`", family.id),
        names: family
            .entries
            .iter()
            .filter(|entry| {
                matches!(
                    entry.kind,
                    Kind::Upstream(_) | Kind::Symbol(_) | Kind::Slot(_)
                )
            })
            .map(|entry| entry.name.clone())
            .collect(),
    });
    let watched = model.watched.iter().map(|group| Group {
        heading: group.about.clone(),
        names: group.names.clone(),
    });
    families
        .chain(watched)
        .filter(|group| !group.names.is_empty())
        .collect()
}

/// What there is to say of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// What its names have in common.
    pub heading: String,
    /// Where each name is what.
    pub table: Table,
    /// Where the fields lie of structs whose layouts differ, by name.
    pub layouts: Vec<(String, Table)>,
}

/// Where each name is what, group by group, and the layouts that differ.
#[must_use]
pub fn sections(groups: &[Group], observed: &[Observed]) -> Vec<Section> {
    let section = |group: &Group| Section {
        heading: group.heading.clone(),
        table: table::of_names(&group.names, observed),
        layouts: (group.names.iter())
            .filter_map(|name| Some((name.clone(), layouts::table(name, observed)?)))
            .collect(),
    };
    parallel::map(groups, section)
}

/// The same for a page.
#[must_use]
pub fn tables(groups: &[Group], observed: &[Observed]) -> String {
    let mut text = String::new();
    for section in sections(groups, observed) {
        text.push_str(&format!("\n### {}\n\n", section.heading));
        text.push_str(&section.table.markdown());
        for (name, layout) in section.layouts {
            let layout = layout.markdown();
            text.push_str(&format!("\n`{name}`, offsets of fields:\n\n{layout}"));
        }
    }
    text + "\n"
}

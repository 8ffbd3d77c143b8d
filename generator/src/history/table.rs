//! Tables with a column for each CPython. Neighbours that are alike share one, and so do rows.

use super::{Observed, cell};

/// A table with a column for each CPython, or for several that are alike in all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// What the rows are: `name`.
    pub first: &'static str,
    /// `3.13`, `3.8 to 3.12`.
    pub columns: Vec<String>,
    /// What names have in common, by column.
    pub rows: Vec<(Vec<String>, Vec<String>)>,
}

/// What each name is where.
pub(super) fn of_names(names: &[String], observed: &[Observed]) -> Table {
    let rows = names.iter().map(|name| {
        let cells = observed.iter().map(|one| cell::of(name, &one.surface));
        (name.clone(), cells.collect())
    });
    merge("name", rows.collect(), observed)
}

/// A table of rows that have a cell for each CPython.
pub(super) fn merge(
    first: &'static str,
    rows: Vec<(String, Vec<String>)>,
    observed: &[Observed],
) -> Table {
    let mut merged: Vec<(Vec<String>, Vec<String>)> = Vec::new();
    for (name, cells) in rows {
        match merged.iter_mut().find(|(_, same)| *same == cells) {
            Some((names, _)) => names.push(name),
            None => merged.push((vec![name], cells)),
        }
    }
    let columns = columns(&merged, observed);
    let label = |(from, to): &(usize, usize)| match (&observed[*from].label, &observed[*to].label) {
        (from, to) if from == to => from.clone(),
        (from, to) => format!("{from} to {to}"),
    };
    let shown = |cells: Vec<String>| {
        let cells = columns.iter().map(|(from, _)| cells[*from].clone());
        cells.collect()
    };
    Table {
        first,
        rows: (merged.into_iter())
            .map(|(names, cells)| (names, shown(cells)))
            .collect(),
        columns: columns.iter().map(label).collect(),
    }
}

impl Table {
    /// For a page.
    #[must_use]
    pub fn markdown(&self) -> String {
        let columns = self.columns.iter().map(|label| format!(" {label} |"));
        let columns = columns.collect::<String>();
        let mut text = format!("| {} |{columns}\n", self.first);
        text.push_str(&format!("|---|{}\n", "---|".repeat(self.columns.len())));
        for (names, cells) in &self.rows {
            let names = names.iter().map(|name| format!("`{name}`"));
            text.push_str(&format!("| {} |", Vec::from_iter(names).join("<br>")));
            for cell in cells {
                text.push_str(&format!(" {cell} |"));
            }
            text.push('\n');
        }
        text
    }
}

/// Runs of CPythons that are alike in every row: first and last.
fn columns(rows: &[(Vec<String>, Vec<String>)], observed: &[Observed]) -> Vec<(usize, usize)> {
    let mut columns: Vec<(usize, usize)> = Vec::new();
    for (index, one) in observed.iter().enumerate() {
        match columns.last_mut() {
            Some((_, last))
                if observed[*last].is_free_threaded == one.is_free_threaded
                    && rows.iter().all(|(_, cells)| cells[*last] == cells[index]) =>
            {
                *last = index;
            }
            _ => columns.push((index, index)),
        }
    }
    columns
}

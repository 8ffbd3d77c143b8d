//! Tables with a column for each CPython. Neighbours that are alike share one, and so do rows.

use super::{Observed, cell};

/// What each name is where.
pub(super) fn table(names: &[String], observed: &[Observed]) -> String {
    let rows = names.iter().map(|name| {
        let cells = observed.iter().map(|one| cell::of(name, &one.surface));
        (format!("`{name}`"), cells.collect())
    });
    render("name", rows.collect(), observed)
}

/// A table of rows that have a cell for each CPython.
pub(super) fn render(
    first: &str,
    rows: Vec<(String, Vec<String>)>,
    observed: &[Observed],
) -> String {
    let mut merged: Vec<(String, Vec<String>)> = Vec::new();
    for (name, cells) in rows {
        match merged.iter_mut().find(|(_, same)| *same == cells) {
            Some((names, _)) => names.push_str(&format!("<br>{name}")),
            None => merged.push((name, cells)),
        }
    }
    let columns = columns(&merged, observed);
    let mut text = format!("| {first} |");
    for (from, to) in &columns {
        text.push_str(&match (&observed[*from].label, &observed[*to].label) {
            (from, to) if from == to => format!(" {from} |"),
            (from, to) => format!(" {from} to {to} |"),
        });
    }
    text.push_str(&format!("\n|---|{}\n", "---|".repeat(columns.len())));
    for (names, cells) in &merged {
        text.push_str(&format!("| {names} |"));
        for (from, _) in &columns {
            text.push_str(&format!(" {} |", cells[*from]));
        }
        text.push('\n');
    }
    text
}

/// Runs of CPythons that are alike in every row: first and last.
fn columns(rows: &[(String, Vec<String>)], observed: &[Observed]) -> Vec<(usize, usize)> {
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

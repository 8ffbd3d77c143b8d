//! Shows rows: as text, as JSON, and in the pages that quote them.

use super::figures::Figures;
use super::machine;
use super::row::{Figure, Row};
use crate::failure::Failure;
use crate::measured;
use pythons::Python;
use serde_json::{Value, json};

/// The pages with parts that are measured.
const PAGES: [&str; 2] = ["README.md", "docs/benchmarks.md"];

const HEAD: [&str; 8] = [
    "what", "on", "pyshim", "other", "found", "spread", "limit", "",
];

fn cells(row: &Row) -> [String; 8] {
    let side = |index: usize| {
        row.sides
            .map(|sides| sides[index].to_string())
            .unwrap_or_default()
    };
    let limit = row.limit.map(|limit| limit.to_string()).unwrap_or_default();
    let spread = format!("{} – {}", row.spread[0], row.spread[1]);
    [
        row.what.clone(),
        row.on.clone(),
        side(0),
        side(1),
        row.found.to_string(),
        spread,
        limit,
        row.verdict().to_owned(),
    ]
}

/// A table in columns.
pub(crate) fn text(rows: &[Row]) -> String {
    let lines: Vec<[String; 8]> = std::iter::once(HEAD.map(str::to_owned))
        .chain(rows.iter().map(cells))
        .collect();
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max();
    let widths: Vec<usize> = (0..HEAD.len())
        .map(|column| width(column).unwrap_or(0))
        .collect();
    let mut text = String::new();
    for line in &lines {
        let cells = line
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:width$}"));
        let joined = cells.collect::<Vec<_>>().join("  ");
        text.push_str(joined.trim_end());
        text.push('\n');
    }
    text
}

/// The same with what it was measured on.
pub(crate) fn json(rows: &[Row], pythons: &[Python]) -> Value {
    let number = |figure: Figure| json!(figure.number());
    let rows: Vec<Value> = rows
        .iter()
        .map(|row| {
            json!({
                "what": row.what,
                "on": row.on,
                "pyshim": row.sides.map(|sides| number(sides[0])),
                "other": row.sides.map(|sides| number(sides[1])),
                "found": number(row.found),
                "spread": row.spread.map(number),
                "limit": row.limit.map(number),
                "missed": row.misses(),
            })
        })
        .collect();
    let machine: Value = machine::describe(pythons)
        .into_iter()
        .map(|(key, value)| (key.to_owned(), json!(value)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    json!({ "format": 1, "machine": machine, "rows": rows })
}

/// Fills what is measured in the pages.
pub(crate) fn write(all: &Figures) -> Result<(), Failure> {
    let rows = all.rows();
    for page in PAGES {
        measured::write(page, |name| part(name, all, &rows))?;
    }
    Ok(())
}

fn part(name: &str, all: &Figures, rows: &[Row]) -> Option<String> {
    match name {
        "figures" => Some(figures(rows)),
        "summary" => Some(summary(rows)),
        "machine" => Some(machine_list(&all.machine)),
        _ => None,
    }
}

fn line(cells: &[String]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

fn figures(rows: &[Row]) -> String {
    let head = HEAD.map(str::to_owned);
    let rule = HEAD.map(|_| "---".to_owned());
    let rows = rows.iter().map(|row| line(&cells(row)));
    [line(&head), line(&rule)].into_iter().chain(rows).collect()
}

/// The highest figure of each thing that has a limit, and whether it keeps it.
fn summary(rows: &[Row]) -> String {
    let mut worst: Vec<&Row> = Vec::new();
    for row in rows.iter().filter(|row| row.limit.is_some()) {
        match worst.iter_mut().find(|other| other.what == row.what) {
            Some(other) if other.found.number() < row.found.number() => *other = row,
            Some(_) => {}
            None => worst.push(row),
        }
    }
    let mut text = "| what | highest found | limit |  |\n| --- | --- | --- | --- |\n".to_owned();
    for row in worst {
        let limit = row.limit.map(|limit| limit.to_string()).unwrap_or_default();
        let (what, found) = (row.what.clone(), row.found.to_string());
        text.push_str(&line(&[what, found, limit, row.verdict().to_owned()]));
    }
    text
}

fn machine_list(machine: &[(String, String)]) -> String {
    let lines = machine.iter();
    lines
        .map(|(key, value)| format!("- {key}: {value}\n"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Figure, Figures, PAGES, Row, part, summary, text};
    use crate::measured::fill;
    use crate::place::root;

    fn row(what: &str, on: &str, found: f64) -> Row {
        Row {
            what: what.to_owned(),
            on: on.to_owned(),
            sides: Some([Figure::Time(1.2e-9), Figure::Time(1.3e-9)]),
            found: Figure::Ratio(found),
            spread: [Figure::Ratio(0.9), Figure::Ratio(1.0)],
            limit: Some(Figure::Ratio(1.05)),
        }
    }

    #[test]
    fn the_table_lines_up() {
        let expected = "\
what        on     pyshim  other   found  spread       limit
try-incref  3.14t  1.2 ns  1.3 ns  0.95   0.90 – 1.00  1.05   within
";
        assert_eq!(text(&[row("try-incref", "3.14t", 0.95)]), expected);
    }

    #[test]
    fn the_summary_has_the_highest_of_each_and_says_which_missed() {
        let rows = [
            row("a", "3.14", 0.9),
            row("a", "3.15", 1.0),
            row("b", "3.14", 0.5),
            row("c", "3.14", 0.5),
            row("c", "3.15", 1.06),
        ];
        let lines: Vec<String> = summary(&rows).lines().skip(2).map(str::to_owned).collect();
        let expected = [
            "| a | 1.00 | 1.05 | within |",
            "| b | 0.50 | 1.05 | within |",
            "| c | 1.06 | 1.05 | missed |",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn pages_have_the_figures_that_are_kept() {
        let all = Figures::kept().expect("the figures can be read");
        let rows = all.rows();
        for page in PAGES {
            let text = std::fs::read_to_string(root().join(page)).expect("the page can be read");
            let filled = fill(&text, |name| part(name, &all, &rows)).expect("it has its marks");
            let mut lines = text.lines().zip(filled.lines());
            let differing = lines.find(|(page, kept)| page != kept);
            assert_eq!(
                differing, None,
                "{page}: `cargo xtask bench --write` writes it"
            );
            assert_eq!(text.len(), filled.len(), "{page}");
        }
    }
}

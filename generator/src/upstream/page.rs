//! The list of faults for a page.

use super::{Fault, Name};

/// A section for each.
#[must_use]
pub fn page(faults: &[Fault]) -> String {
    let sections = faults.iter().map(section);
    sections.collect::<String>() + "\n"
}

fn section(fault: &Fault) -> String {
    let mode = match &fault.limited {
        Some(limited) => format!("`Py_LIMITED_API` {limited}"),
        None => "the full API".to_owned(),
    };
    format!(
        "\n### {}\n\n{} Seen in the headers of CPython {}, in {mode}. Reproducer: \
         [{id}.c](upstream/{id}.c).\n\n{}",
        fault.title,
        fault.meaning,
        fault.headers,
        names(&fault.names),
        id = fault.id,
    )
}

/// A row for names of which the same is known.
fn names(names: &[Name]) -> String {
    let mut rows: Vec<(&Name, Vec<String>)> = Vec::new();
    for name in names {
        let quoted = format!("`{}`", name.name);
        let same = |(known, _): &&mut (&Name, _)| {
            (&known.wrongly_in, &known.from) == (&name.wrongly_in, &name.from)
        };
        match rows.iter_mut().find(same) {
            Some((_, list)) => list.push(quoted),
            None => rows.push((name, vec![quoted])),
        }
    }
    let mut text = "| names | came with | wrongly in limited APIs |\n|---|---|---|\n".to_owned();
    for (name, list) in rows {
        let dash = || "–".to_owned();
        text.push_str(&format!(
            "| {} | {} | {} |\n",
            list.join(", "),
            name.from.clone().unwrap_or_else(dash),
            match &name.wrongly_in {
                Some((first, last)) if first == last => first.clone(),
                Some((first, last)) => format!("{first} to {last}"),
                None => dash(),
            },
        ));
    }
    text
}

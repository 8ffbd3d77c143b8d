//! What was measured last, in `docs/benchmarks.json`, of which the tables in the pages are made. A part that
//! is measured by itself replaces its own rows, if the others are of the same machine.

use super::PARTS;
use super::machine;
use super::row::Row;
use crate::failure::{Failure, could_not, could_not_at};
use crate::place::root;
use pythons::Python;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// All figures that are quoted.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Figures {
    /// What they were measured on, line by line.
    pub(crate) machine: Vec<(String, String)>,
    /// By the names of parts.
    parts: BTreeMap<String, Vec<Row>>,
}

fn path() -> PathBuf {
    root().join("docs/benchmarks.json")
}

impl Figures {
    /// Of this machine, and what is known of it besides what will be measured.
    pub(crate) fn to_be_measured(names: &[&str], pythons: &[Python]) -> Result<Self, Failure> {
        let machine = Vec::from_iter(
            machine::describe(pythons)
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value)),
        );
        if names.len() == PARTS.len() {
            let parts = BTreeMap::new();
            return Ok(Figures { machine, parts });
        }
        Figures::kept()?.on(&machine)
    }

    /// Those that are quoted now.
    pub(crate) fn kept() -> Result<Self, Failure> {
        let path = path();
        let text = fs::read_to_string(&path).map_err(could_not_at("read", &path))?;
        let mut kept: Figures =
            serde_json::from_str(&text).map_err(could_not("read the figures"))?;
        kept.parts
            .retain(|name, _| PARTS.iter().any(|part| part.name == name));
        Ok(kept)
    }

    fn on(self, machine: &[(String, String)]) -> Result<Self, Failure> {
        let mut lines = machine.iter().zip(&self.machine);
        match lines.find(|(found, known)| found != known) {
            None if machine.len() == self.machine.len() => Ok(self),
            differing => Err(Failure::CouldNot(format!(
                "the other figures are of another machine{}: measure everything, without NAMES",
                differing.map_or(String::new(), |((key, found), (_, known))| format!(
                    ", whose {key} was {known}, and here it is {found}"
                ))
            ))),
        }
    }

    pub(crate) fn add(&mut self, part: &str, rows: Vec<Row>) {
        self.parts.insert(part.to_owned(), rows);
    }

    /// All rows, in the order of the parts.
    pub(crate) fn rows(&self) -> Vec<Row> {
        let parts = PARTS.iter().filter_map(|part| self.parts.get(part.name));
        parts.flatten().cloned().collect()
    }

    pub(crate) fn write(&self) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(self).map_err(could_not("show the figures"))?;
        let path = path();
        crate::measured::replace(&path, &format!("{text}\n")).map_err(could_not_at("write", &path))
    }
}

#[cfg(test)]
mod tests {
    use super::Figures;

    #[test]
    fn what_another_machine_has_measured_is_not_mixed_in() {
        let machine = |name: &str| vec![("machine".to_owned(), name.to_owned())];
        let known = || Figures {
            machine: machine("this"),
            ..Figures::default()
        };
        assert_eq!(known().on(&machine("this")).ok(), Some(known()));
        let refused = known().on(&machine("that")).map(drop);
        let said = refused.expect_err("it is another").to_string();
        assert!(said.contains("was this, and here it is that"), "{said}");
    }
}

//! `cargo xtask upstream`: compares pyo3-ffi's layouts and constants with the snapshots, by a Rust
//! program that is compiled for each CPython, and writes what differs into docs/upstream.md.

mod calls;

use crate::failure::{Failure, could_not};
use crate::measured;
use crate::place::{root, target};
use crate::task::Task;
use pyshim_gen::history::Observed;
use pyshim_gen::observe::mode::FULL;
use pyshim_gen::surface::{Form, Kind, Value};
use pythons::Python;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

pub(crate) const TASK: Task = Task {
    name: "upstream",
    about: "Compare pyo3-ffi with the snapshots, and write what differs into docs/upstream.md",
    arguments: |command| command,
    run: |_| run(),
};

/// The release that is compared.
const RELEASE: &str = "0.30";

fn run() -> Result<(), Failure> {
    let root = root();
    let observed = pyshim_gen::read_observed(&root.join("abi/observed"))
        .map_err(|error| Failure::CouldNot(error.to_string()))?;
    let pythons = pythons::found().map_err(|error| Failure::CouldNot(error.to_string()))?;
    let probe = Probe::new()?;
    let mut compared = Vec::new();
    let mut differences: BTreeMap<Difference, Vec<String>> = BTreeMap::new();
    for one in &observed {
        let Some(python) = pythons.iter().find(|p| p.label.to_string() == one.label) else {
            continue;
        };
        let facts = facts(one);
        let Some(answers) = probe.ask(python, &facts)? else {
            // That is pyo3-ffi's word, and no failure.
            println!("pyo3-ffi {RELEASE} does not take CPython {}", one.label);
            continue;
        };
        println!("{}: {} facts of {}", one.label, answers.len(), facts.len());
        compared.push((one.label.clone(), answers.len()));
        for (fact, says) in answers {
            if says != facts[fact].expected {
                let difference = Difference {
                    what: facts[fact].what.clone(),
                    headers: facts[fact].expected.clone(),
                    bindings: says,
                };
                differences
                    .entry(difference)
                    .or_default()
                    .push(one.label.clone());
            }
        }
    }
    for (label, difference) in calls::ask(&probe, &pythons, &compared)? {
        differences.entry(difference).or_default().push(label);
    }
    if compared.is_empty() {
        return Err(Failure::CouldNot("nothing was compared".to_owned()));
    }
    let text = page(&probe.version()?, &compared, &differences);
    measured::write("docs/upstream.md", |name| {
        (name == "pyo3-ffi").then(|| text.clone())
    })
}

/// Something that a Rust program can be asked.
struct Fact {
    /// In words.
    what: String,
    /// The expression, which is a text in Rust.
    expression: String,
    /// What the headers say.
    expected: String,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Difference {
    what: String,
    headers: String,
    bindings: String,
}

/// Sizes, places of fields, and constants of the full API.
fn facts(one: &Observed) -> Vec<Fact> {
    let mut facts = Vec::new();
    for (name, item) in &one.surface.items {
        match &item.kind {
            Kind::Record(record) if item.declared.get(FULL) == Some(&Form::Type) => {
                let Some(layout) = record.layouts.values().next() else {
                    continue;
                };
                facts.push(Fact {
                    what: format!("`{name}`"),
                    expression: format!(
                        "format!(\"{{}} bytes, aligned to {{}}\", size_of::<{name}>(), align_of::<{name}>())"
                    ),
                    expected: format!("{} bytes, aligned to {}", layout.size, layout.align),
                });
                for field in layout.fields.iter().filter(|field| !field.is_bit_field) {
                    let Some(leaf) = field.in_source() else {
                        continue;
                    };
                    facts.push(Fact {
                        what: format!("`{name}.{leaf}`"),
                        expression: format!(
                            "format!(\"at {{}}, {{}} bytes\", std::mem::offset_of!({name}, {leaf}), \
                             width(|s: &{name}| &s.{leaf}))"
                        ),
                        expected: format!("at {}, {} bytes", field.bit_offset / 8, field.bits / 8),
                    });
                }
            }
            Kind::Constant(values) => {
                if let Some(Value::Number(number)) = values.get(FULL) {
                    facts.push(Fact {
                        what: format!("`{name}`"),
                        expression: format!("({name} as i128).to_string()"),
                        expected: number.to_string(),
                    });
                }
            }
            _ => {}
        }
    }
    facts
}

/// A Rust package that depends on pyo3-ffi.
struct Probe {
    folder: tempfile::TempDir,
    target: PathBuf,
}

/// The lines of the program before the first question.
const HEAD: &str = "\
#![allow(warnings)]
use pyo3_ffi::*;
fn width<S, F>(_: impl Fn(&S) -> &F) -> usize { size_of::<F>() }
fn main() {
";

/// How often a program is mended before it is given up.
const ROUNDS: usize = 10;

impl Probe {
    fn new() -> Result<Self, Failure> {
        let folder = tempfile::tempdir().map_err(could_not("make a folder"))?;
        let manifest = format!(
            "[package]\nname = \"probe\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             [lib]\nname = \"calls\"\ncrate-type = [\"cdylib\"]\n\n\
             [dependencies]\npyo3-ffi = \"{RELEASE}\"\n\n[workspace]\n"
        );
        fs::write(folder.path().join("Cargo.toml"), manifest)
            .and_then(|()| fs::create_dir(folder.path().join("src")))
            .and_then(|()| fs::write(folder.path().join("src/lib.rs"), calls::LIBRARY))
            .map_err(could_not("write a package"))?;
        let target = target().join("upstream");
        Ok(Probe { folder, target })
    }

    /// What the bindings say, by the number of the fact. What they do not have is left out, and so
    /// are types that they only declare. Nothing where they refuse the CPython.
    fn ask(
        &self,
        python: &Python,
        facts: &[Fact],
    ) -> Result<Option<Vec<(usize, String)>>, Failure> {
        let mut asked: Vec<usize> = (0..facts.len()).collect();
        for _ in 0..ROUNDS {
            self.write(facts, &asked)?;
            let built = self.cargo(python, &["check", "--bins", "--message-format=short"])?;
            let wrong = errors(&String::from_utf8_lossy(&built.stderr));
            if built.status.success() {
                let output = self.cargo(python, &["run", "--quiet"])?;
                let answers = succeeded(&output).and_then(|stdout| read(&stdout, &asked));
                return answers.map(Some).map_err(|why| {
                    Failure::CouldNot(format!("the program for CPython {}: {why}", python.label))
                });
            }
            if wrong.is_empty() {
                return Ok(None);
            }
            let mut line = HEAD.lines().count();
            asked.retain(|_| {
                line += 1;
                !wrong.contains(&line)
            });
        }
        Err(Failure::CouldNot(format!(
            "the program for CPython {} does not compile",
            python.label
        )))
    }

    fn write(&self, facts: &[Fact], asked: &[usize]) -> Result<(), Failure> {
        let mut text = HEAD.to_owned();
        for fact in asked {
            let _ = writeln!(
                text,
                "    println!(\"{fact} {{}}\", {});",
                facts[*fact].expression
            );
        }
        text.push_str("}\n");
        fs::write(self.folder.path().join("src/main.rs"), text)
            .map_err(could_not("write a program"))
    }

    fn cargo(&self, python: &Python, arguments: &[&str]) -> Result<Output, Failure> {
        Command::new(env!("CARGO"))
            .args(arguments)
            .current_dir(self.folder.path())
            .env("CARGO_TARGET_DIR", &self.target)
            .env("PYO3_PYTHON", &python.executable)
            .env("PYO3_BUILD_EXTENSION_MODULE", "1")
            .output()
            .map_err(could_not("run cargo"))
    }

    /// Which release it was.
    fn version(&self) -> Result<String, Failure> {
        let lock = fs::read_to_string(self.folder.path().join("Cargo.lock"))
            .map_err(could_not("read Cargo.lock"))?;
        let entry = lock.split("name = \"pyo3-ffi\"\nversion = \"").nth(1);
        let version = entry.and_then(|rest| rest.split('"').next());
        Ok(version.unwrap_or(RELEASE).to_owned())
    }
}

/// The lines of the program that a compiler complains of.
fn errors(stderr: &str) -> BTreeSet<usize> {
    let places = stderr.lines().filter_map(|line| {
        let (place, _) = line.split_once(": error")?;
        place
            .strip_prefix("src/main.rs:")?
            .split(':')
            .next()?
            .parse()
            .ok()
    });
    places.collect()
}

/// What a program printed, if it came to its end.
fn succeeded(output: &Output) -> Result<String, String> {
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(format!(
            "{}\n{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        )),
    }
}

/// The answers, of which there has to be one to each question: what is not compared would look as if
/// it agreed.
fn read(stdout: &str, asked: &[usize]) -> Result<Vec<(usize, String)>, String> {
    let answers = stdout.lines().filter_map(|line| {
        let (fact, says) = line.split_once(' ')?;
        Some((fact.parse::<usize>().ok()?, says.to_owned()))
    });
    let mut answers: Vec<_> = answers.collect();
    if !answers.iter().map(|(fact, _)| fact).eq(asked) {
        return Err(format!(
            "found {} answers, expected {}, in the order of the questions",
            answers.len(),
            asked.len()
        ));
    }
    answers.retain(|(_, says)| !says.starts_with("0 bytes"));
    Ok(answers)
}

fn page(
    version: &str,
    compared: &[(String, usize)],
    differences: &BTreeMap<Difference, Vec<String>>,
) -> String {
    let counts: Vec<String> = compared
        .iter()
        .map(|(label, count)| format!("{count} of {label}"))
        .collect();
    let mut text = format!(
        "\nVersion {version} was compiled for each CPython that it takes, and asked for sizes, \
         alignments, places of public fields and values of constants, as far as it has them: {} \
         facts. Its `Py_REFCNT` was called with `None` \
         ([pyo3-ffi.rs](upstream/pyo3-ffi.rs)). {}\n",
        counts.join(", "),
        match differences.len() {
            0 => "Everything is what the headers say.".to_owned(),
            _ => "What differs:".to_owned(),
        }
    );
    if !differences.is_empty() {
        text.push_str("\n| what | headers | pyo3-ffi | on |\n|---|---|---|---|\n");
    }
    for (difference, labels) in differences {
        let Difference {
            what,
            headers,
            bindings,
        } = difference;
        let _ = writeln!(
            text,
            "| {what} | {headers} | {bindings} | {} |",
            labels.join(", ")
        );
    }
    text + "\n"
}

#[cfg(test)]
mod tests {
    use super::{read, succeeded};
    use std::process::Command;

    #[test]
    fn each_question_has_an_answer_and_types_without_content_have_none() {
        let stdout = "0 8 bytes, aligned to 8\n2 0 bytes, aligned to 1\n3 at 0, 8 bytes\n";
        let answers = vec![
            (0, "8 bytes, aligned to 8".to_owned()),
            (3, "at 0, 8 bytes".to_owned()),
        ];
        assert_eq!(read(stdout, &[0, 2, 3]), Ok(answers));
        for asked in [vec![0, 2], vec![0, 2, 3, 4], vec![0, 1, 3], vec![3, 2, 0]] {
            assert!(read(stdout, &asked).is_err(), "{asked:?}");
        }
        assert!(read("", &[0]).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_program_that_ends_early_has_answered_nothing() {
        let said = |script| succeeded(&Command::new("sh").args(["-c", script]).output().unwrap());
        assert_eq!(said("echo 0 x"), Ok("0 x\n".to_owned()));
        let why = said("echo 0 x; echo crash >&2; exit 1").unwrap_err();
        assert!(why.contains("crash"), "{why}");
    }
}

//! libclang's reading of headers against gcc's: CPython's on every interpreter in every mode that
//! extensions are built in, and everything that C can declare for machines of several kinds.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use conformance::mode::{Mode, extension_modes};
use conformance::place::{root, scratch};
use conformance::run::{Outcome, run, succeed};
use conformance::trials;
use libtest_mimic::{Failed, Trial};
use pyshim_gen::observe::clang::{Request, Wanted, observe};
use pyshim_gen::surface::{Form, Kind, Layout, Surface, Value};
use pythons::Python;

/// How gcc is called for a target of libclang's, and what runs its programs.
struct Machine {
    target: &'static str,
    gcc: &'static [&'static str],
    runner: Option<&'static [&'static str]>,
    most_significant_first: bool,
}

const MACHINES: &[Machine] = &[
    Machine {
        target: "x86_64-unknown-linux-gnu",
        gcc: &["gcc"],
        runner: Some(&[]),
        most_significant_first: false,
    },
    Machine {
        target: "i686-unknown-linux-gnu",
        gcc: &["gcc", "-m32"],
        runner: Some(&[]),
        most_significant_first: false,
    },
    Machine {
        target: "s390x-unknown-linux-gnu",
        gcc: &["s390x-linux-gnu-gcc", "-static"],
        runner: Some(&["qemu-s390x"]),
        most_significant_first: true,
    },
    Machine {
        target: "x86_64-pc-windows-gnu",
        gcc: &["x86_64-w64-mingw32-gcc"],
        runner: None,
        most_significant_first: false,
    },
];

/// The fixture's constant that is none for gcc.
const STATIC_VARIABLE: &str = "inside";

/// Headers ask which C it is.
const STANDARD: &str = "-std=gnu11";

/// What the limited API of 3.15 declares at least: functions and variables.
const STABLE_SYMBOLS: usize = 900;
/// And structs, with those that are declared only.
const STABLE_STRUCTS: usize = 30;

fn main() -> ExitCode {
    trials::on_interpreters(all)
}

fn all(pythons: &[Python]) -> Vec<Trial> {
    let mut trials = Vec::new();
    for python in pythons {
        for mode in extension_modes(python) {
            let python = python.clone();
            let name = format!("{}::{}", python.label, mode.name);
            trials.push(Trial::test(name.clone(), move || {
                headers_are_read_as_gcc_does(&python, &mode, &name)
            }));
        }
    }
    for machine in MACHINES {
        trials.push(Trial::test(
            format!("everything::{}", machine.target),
            || everything_is_read_as_gcc_does(machine),
        ));
    }
    trials
}

fn headers_are_read_as_gcc_does(python: &Python, mode: &Mode, name: &str) -> Result<(), Failed> {
    let folders = python.include_dirs.iter();
    let mut arguments: Vec<String> = folders
        .map(|folder| format!("-I{}", folder.display()))
        .collect();
    arguments.extend(mode.flags.iter().cloned());
    arguments.push(STANDARD.to_owned());
    let surface = observe(&Request {
        header: "#include <Python.h>".to_owned(),
        arguments: arguments.clone(),
        wanted: Wanted::Under(python.include_dirs.clone()),
        label: mode.name.clone(),
    })?;

    let object = surface.items.get("PyObject").ok_or("no PyObject")?;
    let wanted = match (mode.name.starts_with("abi3t"), python.free_threaded) {
        (true, _) => None,
        (false, true) => Some(32),
        (false, false) => Some(16),
    };
    assert_eq!(size(&surface, "PyObject"), wanted);
    let form = wanted.map_or(Form::Incomplete, |_| Form::Type);
    assert_eq!(object.declared.get(&mode.name), Some(&form));
    if mode.name == "abi3-3.15" {
        let count = |wanted: Form| {
            let forms = surface
                .items
                .values()
                .flat_map(|item| item.declared.values());
            forms.filter(|form| **form == wanted).count()
        };
        let (functions, variables) = (count(Form::Function), count(Form::Variable));
        assert!(
            functions + variables >= STABLE_SYMBOLS,
            "{functions} functions, {variables} variables"
        );
        let items = surface.items.values();
        let structs = items.filter(|item| matches!(item.kind, Kind::Record(_)));
        let structs = structs.count();
        assert!(structs >= STABLE_STRUCTS, "{structs} structs");
    }
    let unknown = surface
        .about
        .facts
        .iter()
        .filter(|(key, _)| key == "unknown");
    assert_eq!(unknown.collect::<Vec<_>>(), Vec::<&(String, String)>::new());

    let gcc = Gcc {
        command: &["gcc"],
        arguments: &arguments,
        header: "#include <Python.h>",
        folder: &scratch(&format!("clang/{name}")),
    };
    gcc.agrees(&surface)
}

fn everything_is_read_as_gcc_does(machine: &Machine) -> Result<(), Failed> {
    let file = root().join("generator/tests/clang/everything.h");
    let header = format!("#include \"{}\"", file.display());
    let surface = observe(&Request {
        header: header.clone(),
        arguments: vec![format!("--target={}", machine.target), STANDARD.to_owned()],
        wanted: Wanted::Under(vec![file]),
        label: "full".to_owned(),
    })?;
    let folder = scratch(&format!("clang/{}", machine.target));
    let gcc = Gcc {
        command: machine.gcc,
        arguments: &[STANDARD.to_owned()],
        header: &header,
        folder: &folder,
    };
    gcc.agrees(&surface)?;
    match machine.runner {
        Some(runner) => gcc.bits_agree(&surface, runner, machine.most_significant_first),
        None => Ok(()),
    }
}

/// The only layout of a struct.
fn layout(item: &pyshim_gen::surface::Item) -> Option<&Layout> {
    match &item.kind {
        Kind::Record(record) => record.layouts.values().next(),
        _ => None,
    }
}

fn size(surface: &Surface, name: &str) -> Option<u64> {
    layout(surface.items.get(name)?).map(|layout| layout.size)
}

/// A field as C names it: anonymous members are left out.
fn path(field: &str) -> Option<String> {
    let parts = field.split('.').filter(|part| !part.starts_with('<'));
    let path = parts.collect::<Vec<_>>().join(".");
    let is_anonymous = field.ends_with('>');
    (!is_anonymous).then_some(path)
}

struct Gcc<'a> {
    command: &'a [&'a str],
    arguments: &'a [String],
    header: &'a str,
    folder: &'a Path,
}

impl Gcc<'_> {
    fn compile(&self, source: &str, flags: &[&str]) -> Result<(Command, Outcome), String> {
        let file = self.folder.join("check.c");
        let text = format!("{}\n#include <stddef.h>\n{source}", self.header);
        fs::write(&file, text).map_err(|error| error.to_string())?;
        let mut command = Command::new(self.command[0]);
        command
            .args(&self.command[1..])
            .args(["-w", "-fmax-errors=0"])
            .args(self.arguments)
            .args(flags)
            .arg(&file)
            .env("LC_ALL", "C");
        let outcome = run(&mut command)?;
        Ok((command, outcome))
    }

    /// What gcc says of the size, alignment, offsets and values that libclang has.
    fn agrees(&self, surface: &Surface) -> Result<(), Failed> {
        let records: BTreeSet<&str> = surface
            .items
            .iter()
            .filter(|(name, item)| matches!(item.kind, Kind::Record(_)) && !name.contains('.'))
            .map(|(name, _)| name.as_str())
            .collect();
        let names = self.type_names(surface, &records)?;
        let mut source = String::new();
        let mut incomplete = String::new();
        let mut examined = 0;
        for (name, item) in &surface.items {
            if let Some((_, ty)) = names.iter().find(|(known, _)| known == name) {
                let Some(layout) = layout(item) else {
                    if item.declared.values().any(|form| *form == Form::Incomplete) {
                        let _ = writeln!(incomplete, "int size_{name} = sizeof({ty});");
                    }
                    continue;
                };
                let mut says = |expression: String, number: u64| {
                    let _ = writeln!(
                        source,
                        "_Static_assert({expression} == {number}, \"{name}\");"
                    );
                };
                says(format!("sizeof({ty})"), layout.size);
                says(format!("_Alignof({ty})"), layout.align);
                for field in layout.fields.iter().filter(|field| !field.is_bit_field) {
                    if let Some(path) = path(&field.name) {
                        says(format!("8 * offsetof({ty}, {path})"), field.bit_offset);
                        examined += 1;
                    }
                }
            }
            if let Kind::Constant(values) = &item.kind
                && let Some(Value::Number(number)) = values.values().next()
                && name != STATIC_VARIABLE
            {
                // Both sides as 64 bits: that is what a macro's value is compared in.
                let low = *number as u64;
                let _ = writeln!(
                    source,
                    "_Static_assert((unsigned long long)({name}) == {low}ULL, \"{name}\");"
                );
                examined += 1;
            }
        }
        assert!(examined > 20, "{examined} facts are too few");
        let (command, outcome) = self.compile(&source, &["-fsyntax-only"])?;
        if !outcome.success {
            return Err(format!("{command:?}:\n{}", outcome.stderr).into());
        }
        let (_, outcome) = self.compile(&incomplete, &["-fsyntax-only"])?;
        for line in incomplete.lines() {
            if !outcome.stderr.contains(line) {
                return Err(format!("complete for gcc: {line}").into());
            }
        }
        Ok(())
    }

    /// How each struct or union is written: by its name, or with a word before it.
    fn type_names(
        &self,
        surface: &Surface,
        records: &BTreeSet<&str>,
    ) -> Result<Vec<(String, String)>, Failed> {
        let mut source = String::new();
        for name in records {
            let _ = writeln!(source, "void *is_type_{name} = (({name} *)0);");
        }
        let (_, outcome) = self.compile(&source, &["-fsyntax-only"])?;
        let word = |name: &str| match surface.items.get(name).map(|item| &item.kind) {
            Some(Kind::Record(record)) if record.is_union => "union",
            _ => "struct",
        };
        let names = records.iter().map(|name| {
            let is_tag = outcome.stderr.contains(&format!("is_type_{name} ="));
            let ty = if is_tag {
                format!("{} {name}", word(name))
            } else {
                (*name).to_owned()
            };
            ((*name).to_owned(), ty)
        });
        Ok(names.collect())
    }

    /// Which bits a program sets when it fills a bit-field.
    fn bits_agree(
        &self,
        surface: &Surface,
        runner: &[&str],
        most_significant_first: bool,
    ) -> Result<(), Failed> {
        let mut body = String::new();
        let mut wanted = String::new();
        for name in ["bits", "packed", "object"] {
            let item = surface.items.get(name).ok_or("the fixture has these")?;
            let layout = layout(item).ok_or("a layout")?;
            let ty = if name == "object" {
                name.to_owned()
            } else {
                format!("struct {name}")
            };
            for field in layout.fields.iter().filter(|field| field.is_bit_field) {
                let path = path(&field.name).unwrap_or_default();
                let mut bytes = vec![0_u8; usize::try_from(layout.size)?];
                for bit in field.bit_offset..field.bit_offset + field.bits {
                    let in_byte = if most_significant_first {
                        7 - bit % 8
                    } else {
                        bit % 8
                    };
                    bytes[usize::try_from(bit / 8)?] |= 1 << in_byte;
                }
                let _ = writeln!(
                    body,
                    "{{ {ty} s; memset(&s, 0, sizeof s); s.{path} = -1; show(\"{name}.{path}\", &s, sizeof s); }}"
                );
                let shown: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                let _ = writeln!(wanted, "{name}.{path} {shown}");
            }
        }
        let source = format!(
            "#include <stdio.h>\n#include <string.h>\n\
             static void show(const char *name, const void *bytes, size_t size) {{\n\
             printf(\"%s \", name);\n\
             for (size_t i = 0; i < size; i++) printf(\"%02x\", ((const unsigned char *)bytes)[i]);\n\
             puts(\"\");\n}}\n\
             int main(void) {{\n{body}return 0;\n}}\n"
        );
        let program = self.folder.join("bits");
        let output = program.display().to_string();
        let (command, outcome) = self.compile(&source, &["-o", &output])?;
        if !outcome.success {
            return Err(format!("{command:?}:\n{}", outcome.stderr).into());
        }
        let mut run = match runner {
            [] => Command::new(&program),
            [first, rest @ ..] => {
                let mut command = Command::new(first);
                command.args(rest).arg(&program);
                command
            }
        };
        let found = succeed(&mut run)?;
        assert_eq!(found, wanted);
        Ok(())
    }
}

//! C files that show a fault, each with the command to run.

use super::{Fault, Name, Shows, Usage};
use crate::emit::banner;

/// `0x03080000`, of `3.8`; sorted as versions are.
#[must_use]
pub fn hex(version: &str) -> String {
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0u8));
    let (major, minor) = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    format!("0x{major:02x}{minor:02x}0000")
}

pub(super) fn text(fault: &Fault) -> String {
    let mut text = banner("//");
    text.push_str("//\n");
    text.push_str(&format!("// {}: {}\n//\n", fault.title, outcome(fault)));
    for line in commands(fault) {
        text.push_str(&format!("//     {line}\n"));
    }
    text.push_str("\n#include <Python.h>\n");
    match fault.shows {
        Shows::Unloadable => module(fault, &mut text),
        Shows::Compiles => {
            for name in &fault.names {
                guarded(name, &mut text, &there(name));
            }
        }
        Shows::Refused => {
            for name in &fault.names {
                text.push_str(&format!("\n{} instance_of_{};\n", name.name, name.name));
            }
        }
    }
    text
}

/// What happens, and what should.
fn outcome(fault: &Fault) -> &'static str {
    match fault.shows {
        Shows::Compiles => "this compiles, and should not.",
        Shows::Unloadable if fault.limited.is_some() => {
            "this compiles, and should not;\n// what comes out cannot be imported."
        }
        Shows::Unloadable => "this compiles, and what comes out\n// cannot be imported.",
        Shows::Refused => "this does not compile, and should.",
    }
}

fn commands(fault: &Fault) -> Vec<String> {
    let headers = format!("$(python{}-config --includes)", fault.headers);
    let define = fault.define().map(|d| d + " ").unwrap_or_default();
    match fault.shows {
        Shows::Compiles | Shows::Refused => {
            vec![format!("cc -fsyntax-only {define}{headers} {}.c", fault.id)]
        }
        Shows::Unloadable => {
            let runs = fault.limited.as_ref().unwrap_or(&fault.headers);
            vec![
                format!(
                    "cc -shared -fPIC {define}{headers} {}.c -o fault.so",
                    fault.id
                ),
                format!("python{runs} -c 'import fault'"),
            ]
        }
    }
}

/// A line for a name, in the limited APIs that should not have it.
fn guarded(name: &Name, text: &mut String, line: &str) {
    let Some((first, last)) = &name.wrongly_in else {
        text.push_str(&format!("\n{line}\n"));
        return;
    };
    let came = match &name.from {
        Some(from) => format!("came with {from}"),
        None => "not exported yet".to_owned(),
    };
    text.push_str(&format!(
        "\n#if Py_LIMITED_API >= {} && Py_LIMITED_API <= {} // {came}\n{line}\n#endif\n",
        hex(first),
        hex(last),
    ));
}

/// What compiles only if the name is there.
fn there(Name { name, usage, .. }: &Name) -> String {
    match usage {
        Usage::Macro => format!("#ifndef {name}\n#error \"{name} is no longer here\"\n#endif"),
        Usage::Type => format!("extern {name} *has_{name};"),
        Usage::Address => format!("(void)&{name};"),
    }
}

/// An extension module that needs the names.
fn module(fault: &Fault, text: &mut String) {
    text.push_str("\nvoid *needed[] = {\n    NULL,");
    for name in &fault.names {
        guarded(name, text, &format!("    (void *)&{},", name.name));
    }
    text.push_str(
        "};\n\n\
         static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, \"fault\", NULL, 0, NULL, \
         NULL, NULL, NULL, NULL};\n\n\
         PyMODINIT_FUNC PyInit_fault(void)\n{\n    return PyModuleDef_Init(&definition);\n}\n",
    );
}

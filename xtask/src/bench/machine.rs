//! What the figures were measured on.

use pythons::Python;
use std::fs;
use std::process::Command;

/// Machine, compilers and interpreters, a line each.
pub(crate) fn describe(pythons: &[Python]) -> Vec<(&'static str, String)> {
    let interpreters: Vec<String> = pythons
        .iter()
        .map(|python| format!("{} ({})", python.label, python.version))
        .collect();
    vec![
        ("machine", machine()),
        ("C compiler", first_line("gcc", "--version")),
        ("Rust", first_line("rustc", "--version")),
        ("CPython", interpreters.join(", ")),
    ]
}

fn machine() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let value = |key: &str| {
        let line = text.lines().find(|line| line.starts_with(key));
        line.and_then(|line| line.split_once(": "))
            .map_or("unknown", |(_, value)| value)
    };
    let processors = text
        .lines()
        .filter(|line| line.starts_with("processor"))
        .count();
    let model = value("model name");
    let generation = format!("family {}, model {}", value("cpu family"), value("model\t"));
    format!(
        "{model} ({generation}), {processors} processors, {}",
        std::env::consts::OS
    )
}

fn first_line(program: &str, argument: &str) -> String {
    let output = Command::new(program).arg(argument).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    text.unwrap_or_default()
        .lines()
        .next()
        .unwrap_or("unknown")
        .to_owned()
}

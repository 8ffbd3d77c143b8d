//! The first program: which names are macros, and what they become.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::super::compiler::Headers;
use super::super::mode::Api;
use super::super::names::Names;
use super::text::{Reader, Uses};

/// What the preprocessor says of one mode.
pub(super) struct Preprocessed {
    /// By name, the macros among the names.
    pub(super) macros: BTreeMap<String, Macro>,
    /// The names, and the fields of each, that are in the text at all, or are macros. What is not is
    /// not declared, and compilers take their time to say so, for they look for similar names.
    pub(super) seen: Names,
    /// Which of them may be declared, also below a macro of that name, and as what.
    pub(super) uses: BTreeMap<String, Uses>,
}

/// What a macro is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Macro {
    /// One with parameters, or one of its own name: the name still means what is below it.
    Cover,
    /// One without parameters that can stand where an expression can.
    Object,
    /// One without parameters that begins with a text in quotes.
    Text,
    /// One that cannot: nothing, half a block, a keyword.
    Fragment,
}

const MARK: &str = "pyshim_mark";

/// A line for each name that is a macro, with what it becomes as a text.
pub(super) fn program(headers: &Headers, names: &Names) -> String {
    let mut text = headers.directives();
    text.push_str("#define PYSHIM_TEXT_(...) #__VA_ARGS__\n");
    text.push_str("#define PYSHIM_TEXT(...) PYSHIM_TEXT_(__VA_ARGS__)\n");
    for name in ["Py_LIMITED_API", "Py_TARGET_ABI3T"] {
        text.push_str(&format!("#ifdef {name}\n{MARK} api \"{name}\"\n#endif\n"));
    }
    for name in names.all() {
        text.push_str(&format!(
            "#ifdef {name}\n{MARK} macro PYSHIM_TEXT({name})\n{MARK} of \"{name}\"\n#endif\n"
        ));
    }
    // So that the questions are part of what the preprocessor prints, and thereby of the cache's
    // key.
    for (name, fields) in &names.fields {
        let fields: Vec<_> = fields.iter().map(String::as_str).collect();
        text.push_str(&format!("{MARK} asked \"{name}: {}\"\n", fields.join(" ")));
    }
    for name in &names.symbols {
        text.push_str(&format!("{MARK} exported \"{name}\"\n"));
    }
    text
}

/// Which API the headers show, of what the preprocessor printed.
pub(super) fn api(printed: &str) -> Api {
    let marks = printed.lines().filter_map(|line| line.strip_prefix(MARK));
    let seen = marks.filter_map(|rest| rest.trim().strip_prefix("api "));
    let seen: Vec<&str> = seen.map(|name| name.trim_matches('"')).collect();
    match seen.as_slice() {
        ["Py_LIMITED_API"] => Api::Limited,
        ["Py_LIMITED_API", "Py_TARGET_ABI3T"] => Api::Abi3t,
        // Headers that do not know the second macro show everything in spite of it.
        _ => Api::Full,
    }
}

/// Reads what the preprocessor printed. Only what is `within` these files and folders counts.
pub(super) fn read(printed: &str, names: &Names, within: Option<&[PathBuf]>) -> Preprocessed {
    let mut reader = Reader::new(within);
    let mut macros = BTreeMap::new();
    let mut expansion = "";
    for line in printed.lines() {
        let Some(rest) = line.trim().strip_prefix(MARK) else {
            reader.line(line);
            continue;
        };
        let Some((word, quoted)) = rest.trim().split_once(' ') else {
            continue;
        };
        let quoted = quoted.trim().trim_matches('"');
        match word {
            "macro" => expansion = quoted,
            "of" if names.contains(quoted) => {
                macros.insert(quoted.to_owned(), classify(quoted, expansion));
            }
            _ => {}
        }
    }
    let text = reader.into_text();
    let is_seen = |name: &String| text.uses(name).is_some() || macros.contains_key(name);
    let fields_seen = |fields: &BTreeSet<String>| {
        let known = fields.iter().filter(|field| {
            field
                .split('.')
                .all(|part| part.starts_with('<') || text.has(part))
        });
        known.cloned().collect()
    };
    let fields = names.fields.iter().filter(|(name, _)| is_seen(name));
    let fields = fields
        .map(|(name, fields)| (name.clone(), fields_seen(fields)))
        .collect();
    let symbols = names.symbols.iter().filter(|name| is_seen(name));
    let symbols = symbols.cloned().collect();
    let seen = Names { fields, symbols };
    let uses = seen.all();
    let uses = uses.filter_map(|name| Some((name.clone(), text.uses(name)?)));
    Preprocessed {
        uses: uses.collect(),
        macros,
        seen,
    }
}

fn classify(name: &str, expansion: &str) -> Macro {
    if expansion == name {
        return Macro::Cover;
    }
    if expansion.starts_with("\\\"") {
        return Macro::Text;
    }
    let mut depth = Vec::new();
    for character in expansion.chars() {
        match character {
            '(' | '[' => depth.push(character),
            ')' if depth.pop() != Some('(') => return Macro::Fragment,
            ']' if depth.pop() != Some('[') => return Macro::Fragment,
            '{' | '}' | ';' | '#' => return Macro::Fragment,
            _ => {}
        }
    }
    if expansion.is_empty() || !depth.is_empty() {
        Macro::Fragment
    } else {
        Macro::Object
    }
}

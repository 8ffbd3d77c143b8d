//! C that answers what the first reading of a header leaves open.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use syn::Item;

use super::reading::{ITEM, Macro, Notes, OURS};

/// An enumeration with a constant for each macro that is defined at the end.
pub(super) const DEFINED: &str = "pyshim_asks_defined_";
/// A function for each tag, which tells whether the tag is a typedef, too.
pub(super) const IS_TYPE: &str = "pyshim_asks_type_";
/// An enumeration for each macro that bindgen found no value for, with a constant that has it, and
/// for each that it has as negative, for it keeps 64 bits of a number and no sign.
pub(super) const VALUE: &str = "pyshim_asks_value_";

/// How often headers are read for the questions that may be asked: a macro with half of something
/// in it makes errors of questions that are none.
const ATTEMPTS: usize = 4;

/// What to ask.
pub(super) struct Questions {
    /// Each of these is answered.
    certain: String,
    /// Macros whose values are asked for. The question is an error for one that is no number.
    open: Vec<String>,
    attempts: usize,
}

impl Questions {
    /// About what was noted when these were declared.
    pub(super) fn about(notes: &Notes, declared: &[Item]) -> Self {
        let known: BTreeSet<String> = declared.iter().filter_map(constant).collect();
        let is_open = |name: &str, found: &Macro| {
            notes.negative.contains(name) || (!known.contains(name) && may_be_number(found))
        };
        let open = notes.macros.iter();
        Questions {
            certain: certain(notes),
            open: open
                .filter(|(name, found)| is_open(name, found))
                .map(|(name, _)| name.clone())
                .collect(),
            attempts: 0,
        }
    }

    /// The header, and then the questions. Each open one is a line.
    pub(super) fn after(&self, header: &str) -> String {
        let mut text = self.before(header);
        for name in &self.open {
            let _ = writeln!(
                text,
                "enum {VALUE}{name} {{ {VALUE}of_{name} = ({name}) }};"
            );
        }
        text
    }

    /// What comes before the open questions.
    fn before(&self, header: &str) -> String {
        format!("{header}\n{}", self.certain)
    }

    /// Leaves out the open questions that were errors. Says whether that makes it worth asking again.
    pub(super) fn leave_out(&mut self, header: &str, file: &Path, errors: &str) -> bool {
        let first = self.before(header).lines().count() + 1;
        let file = format!("{}:", file.display());
        let wrong: BTreeSet<usize> = errors
            .lines()
            .filter_map(|error| {
                let line = error.strip_prefix(&file)?.split(':').next()?;
                line.parse::<usize>().ok()?.checked_sub(first)
            })
            .collect();
        let before = self.open.len();
        self.attempts += 1;
        if wrong.is_empty() || self.attempts == ATTEMPTS {
            self.open.clear();
        }
        let mut index = 0..;
        self.open
            .retain(|_| !index.next().is_some_and(|index| wrong.contains(&index)));
        self.open.len() < before
    }
}

/// The name of a constant.
fn constant(item: &Item) -> Option<String> {
    let Item::Const(item) = item else { return None };
    let name = item.ident.to_string();
    Some(name.strip_prefix(ITEM)?.to_owned())
}

/// Whether a macro stands for something that a value can be asked of: for statements, or half of
/// something, it would not do to ask.
fn may_be_number(found: &Macro) -> bool {
    let Macro::Object(words) = found else {
        return *found == Macro::Changing;
    };
    let mut open = 0_usize;
    for word in words {
        match word.as_slice() {
            b"(" => open += 1,
            b")" if open == 0 => return false,
            b")" => open -= 1,
            b"{" | b"}" | b";" | b"#" | b"_Pragma" | b"__pragma" => return false,
            _ => {}
        }
    }
    open == 0 && !words.is_empty()
}

/// What is certain to compile.
fn certain(notes: &Notes) -> String {
    let mut text = format!("enum {DEFINED} {{\n");
    for name in notes.macros.keys() {
        let _ = writeln!(text, "#ifdef {name}\n{DEFINED}{name},\n#endif");
    }
    let _ = writeln!(text, "{DEFINED}end_\n}};");
    let tags = notes
        .types
        .values()
        .filter_map(|origin| origin.tag.as_ref());
    for tag in tags.filter(|tag| !tag.starts_with(OURS)) {
        // A pointer to a function when the tag is a typedef, and else an `int` of that name.
        let _ = writeln!(text, "void {IS_TYPE}{tag}(int({tag}));");
    }
    text
}

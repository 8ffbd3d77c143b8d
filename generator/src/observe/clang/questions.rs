//! C that answers what bindgen's reading of a header leaves open.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use syn::Item;

use super::reading::{ITEM, Macro, Notes, OURS};

/// Before a macro's name, a constant that is there if the macro is, at the end.
pub(super) const DEFINED: &str = "pyshim_asks_defined_";
/// Before a tag, a typedef that is there if the tag is one, too.
pub(super) const IS_TYPE: &str = "pyshim_asks_type_";
/// Before a macro's name, a variable that is there if the macro is a value, and has it. For macros
/// that bindgen finds no value for, or a negative one: it keeps 64 bits of a number and no sign.
pub(super) const VALUE: &str = "pyshim_asks_value_";

/// Questions about what was noted when these were declared, each of which is an error, or is
/// declared. What may be an error is a line.
pub(super) fn about(notes: &Notes, declared: &[Item]) -> String {
    let known: BTreeSet<String> = declared.iter().filter_map(constant).collect();
    let mut text = String::new();
    for (name, found) in &notes.macros {
        let _ = writeln!(text, "#ifdef {name}\nenum {{ {DEFINED}{name} }};\n#endif");
        let is_open = !known.contains(name) && may_be_number(found);
        if is_open || notes.negative.contains(name) {
            // Constants of enumerations are an `int` on Windows.
            let _ = writeln!(
                text,
                "static const __typeof__({name}) {VALUE}{name} = ({name});"
            );
        }
    }
    let tags = notes
        .types
        .values()
        .filter_map(|origin| origin.tag.as_ref());
    for tag in tags.filter(|tag| !tag.starts_with(OURS)) {
        let _ = writeln!(text, "typedef {tag} {IS_TYPE}{tag};");
    }
    text
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

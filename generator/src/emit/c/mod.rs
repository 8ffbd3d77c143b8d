//! C output: headers, the dispatch part of the C core, export lists and layout tests.

pub mod condition;
pub mod dispatch;
pub mod exports;
pub(crate) mod function;
pub mod guards;
pub mod header;
pub(crate) mod items;
pub mod layout_test;
pub mod supplied;

use crate::model::Signature;
use crate::model::layout::DataModel;

/// The macro that is 1 for a data model.
fn data_model_macro(prefix: &str, model: DataModel) -> String {
    let name = model.name().to_uppercase().replace('-', "_");
    format!("{prefix}_DATA_MODEL_{name}")
}

/// Text that differs by data model, under `#if`; models with the same text share an arm.
pub(crate) fn by_data_model(
    prefix: &str,
    otherwise: &str,
    text_for: impl Fn(DataModel) -> Option<String>,
) -> String {
    // Both byte orders share a macro, for they share the layout.
    let models = [
        DataModel::Lp64,
        DataModel::Llp64,
        DataModel::Ilp32,
        DataModel::Ilp32Align8,
    ];
    let mut arms: Vec<(Vec<String>, String)> = Vec::new();
    for model in models {
        let Some(text) = text_for(model) else {
            continue;
        };
        let guard = data_model_macro(prefix, model);
        match arms.iter_mut().find(|(_, other)| *other == text) {
            Some((guards, _)) => guards.push(guard),
            None => arms.push((vec![guard], text)),
        }
    }
    let mut text = String::new();
    for (index, (guards, arm)) in arms.iter().enumerate() {
        let keyword = if index == 0 { "#if" } else { "#elif" };
        text.push_str(&format!("{keyword} {}\n{arm}", guards.join(" || ")));
    }
    text + otherwise + "#endif\n"
}

/// A parameter list with names, `void` when empty.
pub(crate) fn params(signature: &Signature) -> String {
    if signature.params.is_empty() {
        return "void".to_owned();
    }
    let params: Vec<String> = signature
        .params
        .iter()
        .map(|(name, ty)| ty.c(name))
        .collect();
    params.join(", ")
}

/// A function's declaration without a semicolon.
pub(crate) fn prototype(name: &str, signature: &Signature) -> String {
    signature
        .returns
        .c(&format!("{name}({})", params(signature)))
}

/// A comment of whole sentences, wrapped.
pub(crate) fn comment(text: &str, indent: &str) -> String {
    let lines = wrap(text, 96 - indent.len());
    match lines.as_slice() {
        [] => String::new(),
        [line] => format!("{indent}/* {line} */\n"),
        lines => {
            let body = lines.join(&format!("\n{indent} * "));
            format!("{indent}/* {body}\n{indent} */\n")
        }
    }
}

/// Breaks text into lines of a width, at blanks; line ends in the text stay.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines
}

//! The YAML library's errors in the words of this project: what was found, what was expected.

use std::ops::Range;

use serde_saphyr::{Error, MessageFormatter, UserMessageFormatter};

use super::events;
use crate::suggest::nearest;

/// What is wrong with a text, and the range of bytes it is about.
#[derive(Debug)]
pub(in crate::manifest) struct Complaint {
    pub(in crate::manifest) message: String,
    pub(in crate::manifest) range: Range<usize>,
    pub(in crate::manifest) help: Option<String>,
}

impl Complaint {
    pub(super) fn new(message: impl Into<String>, range: Range<usize>) -> Self {
        Complaint {
            message: message.into(),
            range,
            help: None,
        }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// What an error says of the text that it was found in.
pub(super) fn of_error(error: &Error, text: &str) -> Complaint {
    let error = error.without_snippet();
    let range = error
        .location()
        .map_or(0..0, |location| super::bytes(&location));
    let end = range.end.min(text.len());
    let range = range.start.min(end)..end;
    let found = found(&text[range.clone()]);
    match error {
        Error::SerdeUnknownField {
            field, expected, ..
        } => unknown("key", field, expected, range),
        Error::SerdeUnknownVariant {
            variant, expected, ..
        } => unknown("kind of entry", variant, expected, range),
        Error::SerdeMissingField { field, .. } => {
            let range = events::around_key(text, range.start).unwrap_or(range);
            Complaint::new(format!("the key `{field}` is missing"), range)
        }
        Error::DuplicateMappingKey { key, .. } => {
            let key = key.as_deref().unwrap_or_default();
            Complaint::new(format!("the key `{key}` is already in this mapping"), range)
        }
        Error::MergeKeyNotAllowed { .. } => Complaint::new("found a merge key", range)
            .help("write the keys out: anchors, aliases, merge keys and tags are not used here"),
        Error::QuotingRequired { value, .. } => Complaint::new(
            format!("found `{value}` without quotes, expected text"),
            range,
        )
        .help(format!(
            "write `\"{value}\"`: unquoted it is not text to every reader"
        )),
        Error::InvalidScalar { ty, .. } => {
            Complaint::new(format!("found {found}, expected {}", number(ty)), range)
        }
        Error::InvalidBooleanStrict { .. } => {
            Complaint::new(format!("found {found}, expected `true` or `false`"), range)
        }
        Error::NullIntoString { .. } => Complaint::new("found nothing, expected text", range),
        Error::Unexpected { expected, .. } => Complaint::new(
            format!("found {found}, expected {}", shape(expected)),
            range,
        ),
        Error::ExternallyTaggedEnumExpectedScalarOrMapping { .. } => {
            Complaint::new(format!("found {found}, expected a mapping"), range)
        }
        Error::Eof { .. } => Complaint::new("the file is empty", 0..0),
        other => Complaint::new(UserMessageFormatter.format_message(other), range),
    }
}

fn unknown(what: &str, found: &str, expected: &[&str], range: Range<usize>) -> Complaint {
    let message = format!(
        "unknown {what} `{found}`, expected one of `{}`",
        expected.join("`, `")
    );
    let complaint = Complaint::new(message, range);
    match nearest(found, expected.iter().copied()) {
        Some(word) => complaint.help(format!("did you mean `{word}`?")),
        None => complaint,
    }
}

/// What stands at a place, by how it begins.
fn found(text: &str) -> String {
    match text.trim() {
        "" | "~" | "null" => "nothing".to_owned(),
        text if text.starts_with('[') || text.starts_with("- ") => "a list".to_owned(),
        text if text.starts_with('{') => "a mapping".to_owned(),
        text if text.contains('\n') => "text".to_owned(),
        text => format!("`{text}`"),
    }
}

fn shape(expected: &str) -> &str {
    match expected {
        "string scalar" | "scalar" => "text",
        "sequence start" => "a list",
        "mapping start" => "a mapping",
        other => other,
    }
}

fn number(ty: &str) -> String {
    let most = match ty {
        "u8" => u8::MAX.into(),
        "u16" => u16::MAX.into(),
        "u32" => u32::MAX,
        "i64" => return "a whole number".to_owned(),
        other => return other.to_owned(),
    };
    format!("a whole number from 0 to {most}")
}

//! The only file that knows the YAML library.
//!
//! The manifest uses a small part of YAML: no anchors, aliases, merge keys or tags, and text that
//! looks like a number or a boolean (a version, say) is quoted, so that every reader of the file
//! sees the same value.

use serde::de::DeserializeOwned;
use serde_saphyr::{Error, Location, MessageFormatter, Options, UserMessageFormatter};

/// A value and where it was written.
#[allow(unreachable_pub, reason = "it is part of the public entry types")]
pub type Spanned<T> = serde_saphyr::Spanned<T>;

/// The largest manifest file that is read, in bytes. Ten thousand entries take about 4 MB.
pub(super) const MAX_FILE_BYTES: usize = 16 << 20;

/// What is wrong with a text, and the range of bytes it is about.
#[derive(Debug)]
pub(super) struct Complaint {
    pub(super) message: String,
    pub(super) range: std::ops::Range<usize>,
}

/// Reads one document.
pub(super) fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Complaint> {
    serde_saphyr::from_str_with_options(text, options()).map_err(|error| complaint(&error, text))
}

/// The range of bytes that a spanned value was written in.
pub(super) fn range<T>(spanned: &Spanned<T>) -> std::ops::Range<usize> {
    bytes(&spanned.referenced)
}

fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_anchors: 0,
            max_aliases: 0,
            max_depth: 32,
            max_documents: 1,
            max_events: MAX_FILE_BYTES,
            max_nodes: MAX_FILE_BYTES,
            max_total_scalar_bytes: MAX_FILE_BYTES,
        },
        merge_keys: serde_saphyr::MergeKeyPolicy::Error,
        strict_booleans: true,
        no_schema: true,
        reject_unsupported_tags: true,
        with_snippet: false,
    }
}

fn complaint(error: &Error, text: &str) -> Complaint {
    let range = error.location().map_or(0..0, |location| bytes(&location));
    let message = UserMessageFormatter.format_message(error.without_snippet()).to_lowercase_start();
    let end = range.end.min(text.len());
    Complaint { message, range: range.start.min(end)..end }
}

fn bytes(location: &Location) -> std::ops::Range<usize> {
    let span = location.span();
    let start = span.byte_offset().unwrap_or(0) as usize;
    let len = span.byte_len().unwrap_or(0) as usize;
    start..start + len
}

trait LowercaseStart {
    fn to_lowercase_start(&self) -> String;
}

impl LowercaseStart for str {
    /// The house style starts messages in lower case, without touching names in them.
    fn to_lowercase_start(&self) -> String {
        let mut chars = self.chars();
        match (chars.next(), self.chars().nth(1)) {
            (Some(first), Some(second)) if first.is_uppercase() && second.is_lowercase() => {
                first.to_lowercase().chain(chars).collect()
            }
            _ => self.trim_end_matches('.').to_owned(),
        }
    }
}

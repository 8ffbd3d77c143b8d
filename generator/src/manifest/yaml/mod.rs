//! The only folder that knows the YAML library.
//!
//! The manifest uses a small part of YAML: no anchors, aliases, merge keys or tags, and text that
//! looks like a number or a boolean (a version, say) is quoted, so that every reader of the file
//! sees the same value.

mod complaint;
mod events;

use serde::de::DeserializeOwned;
use serde_saphyr::{Location, Options};

pub(super) use complaint::Complaint;
pub(super) use events::lint;

/// A value and where it was written.
#[allow(unreachable_pub, reason = "it is part of the public entry types")]
pub type Spanned<T> = serde_saphyr::Spanned<T>;

/// The largest manifest file that is read, in bytes. Ten thousand entries take about 4 MB.
pub(super) const MAX_FILE_BYTES: usize = 16 << 20;

/// How deep lists and mappings may nest; the manifest's own shape needs 9 levels.
const MAX_DEPTH: usize = 32;

/// Reads one document, of a text that [`lint`] had nothing against.
pub(super) fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Complaint> {
    serde_saphyr::from_str_with_options(text, options())
        .map_err(|error| complaint::of_error(&error, text))
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
            max_depth: MAX_DEPTH,
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

fn bytes(location: &Location) -> std::ops::Range<usize> {
    let span = location.span();
    let start = span.byte_offset().unwrap_or(0) as usize;
    let len = span.byte_len().unwrap_or(0) as usize;
    start..start + len
}

//! Text that came from elsewhere, fit for one line of a page.

use std::borrow::Cow;

/// The most of one text that a table or an annotation shows.
const MOST: usize = 600;

/// A text on one line, without what a terminal would obey: line ends become blanks, and other
/// control characters, and those that reverse the direction of text, are spelled out.
pub(crate) fn line(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    // Nearly all of it is.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => clean.push(' '),
            '\r' => {}
            c if c.is_control() || is_direction(c) => clean.extend(c.escape_unicode()),
            c => clean.push(c),
        }
    }
    Cow::Owned(clean)
}

/// The same, cut where nobody reads on.
pub(super) fn short_line(text: &str) -> Cow<'_, str> {
    let text = line(text);
    match text.char_indices().nth(MOST) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => text,
    }
}

fn is_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

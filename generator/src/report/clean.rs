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
    let text = text.replace(['\n', '\t'], " ");
    Cow::Owned(lines(&text).into_owned())
}

/// The same of several lines, each of which stays one and keeps its indentation.
pub(crate) fn lines(text: &str) -> Cow<'_, str> {
    let is_fit = |c: char| matches!(c, '\n' | '\t') || !is_odd(c);
    if text.chars().all(is_fit) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\r' => {}
            c if is_fit(c) => clean.push(c),
            c => clean.extend(c.escape_unicode()),
        }
    }
    Cow::Owned(clean)
}

/// The same, cut where nobody reads on.
pub(crate) fn short_line(text: &str) -> Cow<'_, str> {
    let text = line(text);
    match text.char_indices().nth(MOST) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => text,
    }
}

/// Whether a terminal obeys it, or it turns text around, so that nothing is called by it in good faith.
pub(crate) fn is_odd(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

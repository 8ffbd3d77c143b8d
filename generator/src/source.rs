//! Source files and places in them, so that every complaint can point at what it means.

use std::ops::Range;
use std::path::PathBuf;

/// Which file of a [`Sources`] a span lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileId(usize);

/// A range of bytes in one source file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte, from 0.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// An empty span at the start of a file, for complaints about the file as a whole.
    #[must_use]
    pub fn whole_file(file: FileId) -> Self {
        Span {
            file,
            start: 0,
            end: 0,
        }
    }
}

/// One text that was read.
#[derive(Debug)]
pub struct SourceFile {
    /// The path as it is shown to the user, relative to where they stand when that is shorter.
    pub path: PathBuf,
    /// The whole text.
    pub text: String,
    /// Where each line begins.
    lines: Vec<usize>,
}

impl SourceFile {
    /// Each line with where it begins, and with its end of line.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let ends = self.lines.iter().skip(1).copied();
        let ends = ends.chain([self.text.len()]);
        let lines = self.lines.iter().zip(ends);
        lines
            .map(|(start, end)| (*start, &self.text[*start..end]))
            .filter(|(_, line)| !line.is_empty())
    }

    /// The line that a byte is in, from 0.
    fn line(&self, at: usize) -> usize {
        self.lines
            .partition_point(|start| *start <= at)
            .saturating_sub(1)
    }

    /// The lines that a range of bytes is in: the number of the first, from 1, the text, and the
    /// range in it.
    #[must_use]
    pub fn excerpt(&self, range: Range<usize>) -> (usize, &str, Range<usize>) {
        let first = self.line(range.start);
        let start = self.lines[first];
        let after = self.lines.get(self.line(range.end) + 1).copied();
        let text = &self.text[start..after.unwrap_or(self.text.len())];
        (first + 1, text, range.start - start..range.end - start)
    }

    /// A span's range, with all of a list or mapping in brackets where only the first is named,
    /// and the first word of one without.
    #[must_use]
    pub fn range(&self, span: Span) -> Range<usize> {
        let rest = self.text.get(span.start..).unwrap_or_default();
        let opens = rest.starts_with(['{', '[']) && span.end == span.start + 1;
        let word = rest
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        let end = match span.end {
            _ if opens => span.start + bracketed(rest),
            end if end == span.start => end + word,
            end => end,
        };
        let last = self.text.len();
        span.start.min(last)..end.min(last)
    }
}

/// How many bytes a text in brackets has. Brackets in quotes do not count.
fn bracketed(text: &str) -> usize {
    let mut depth = 0;
    let mut quote = None;
    let mut before = b' ';
    for (at, byte) in text.bytes().enumerate() {
        // An apostrophe in a word is no quote.
        let opens = b" [{,:".contains(&std::mem::replace(&mut before, byte));
        match (quote, byte) {
            (Some(open), close) if open == close => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') if opens => quote = Some(byte),
            (None, b'{' | b'[') => depth += 1,
            (None, b'}' | b']') => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    1
}

/// Every text that was read in a run.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    /// Keeps a text and names it.
    pub fn add(&mut self, path: PathBuf, text: String) -> FileId {
        let ends = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1);
        let lines = [0].into_iter().chain(ends).collect();
        self.files.push(SourceFile { path, text, lines });
        FileId(self.files.len() - 1)
    }

    /// The file that an id names.
    #[must_use]
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0]
    }

    /// Line and column of a span's start, both from 1, the column in characters.
    #[must_use]
    pub fn position(&self, span: Span) -> (usize, usize) {
        let file = self.file(span.file);
        let at = span.start.min(file.text.len());
        let line = file.line(at);
        let column = file.text[file.lines[line]..at].chars().count();
        (line + 1, column + 1)
    }
}

/// A value and where it was written. The same value at another place is equal.
#[derive(Clone, Copy, Debug)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it was written.
    pub span: Span,
}

impl<T: PartialEq> PartialEq for Located<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: std::fmt::Display> std::fmt::Display for Located<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.value.fmt(f)
    }
}

impl<T> std::ops::Deref for Located<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> (Sources, FileId) {
        let mut sources = Sources::default();
        let file = sources.add(PathBuf::from("a.yaml"), text.to_owned());
        (sources, file)
    }

    #[test]
    fn places_are_counted_in_lines_and_characters() {
        let (sources, file) = one("ä: 1\n\nb: é c\n");
        for (start, wanted) in [
            (0, (1, 1)),
            (2, (1, 2)),
            (6, (2, 1)),
            (7, (3, 1)),
            (12, (3, 5)),
        ] {
            let span = Span {
                file,
                start,
                end: start,
            };
            assert_eq!(sources.position(span), wanted, "byte {start}");
        }
        assert_eq!(
            sources.position(Span {
                file,
                start: 99,
                end: 99
            }),
            (4, 1)
        );
    }

    #[test]
    fn an_excerpt_has_the_lines_of_its_range_and_no_others() {
        let (sources, file) = one("one\ntwo\nthree\nfour");
        let file = sources.file(file);
        assert_eq!(file.excerpt(5..6), (2, "two\n", 1..2));
        assert_eq!(file.excerpt(5..10), (2, "two\nthree\n", 1..6));
        assert_eq!(file.excerpt(15..18), (4, "four", 1..4));
    }

    #[test]
    fn the_first_bracket_stands_for_all_up_to_the_last() {
        for (text, wanted) in [
            ("{ a: [b, c], d: e } f", "{ a: [b, c], d: e }"),
            ("{ a: \"}\", b: '}' }, c }", "{ a: \"}\", b: '}' }"),
            ("[CPython's, ours]]", "[CPython's, ours]"),
            ("[never closed", "["),
            ("word: more", "word"),
        ] {
            let (sources, file) = one(text);
            let end = usize::from(text.starts_with(['{', '[']));
            let range = sources.file(file).range(Span {
                file,
                start: 0,
                end,
            });
            assert_eq!(&text[range], wanted);
        }
    }
}

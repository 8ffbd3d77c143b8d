//! What C has to write before a name can be declared as something, looked for in a preprocessed
//! text. What is not found was not declared, and need not be asked for: each question that is
//! answered with no is an error, which compilers take their time to word.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

/// How a name occurs, anywhere in a text. More may be said than is true, and never less.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Uses {
    /// Between `typedef` and its semicolon.
    pub(super) in_typedef: bool,
    /// Between `static` and the body or the semicolon.
    pub(super) in_static: bool,
    /// In the braces of an enumeration.
    pub(super) in_enum: bool,
    /// After `struct`, and its attributes.
    pub(super) after_struct: bool,
    /// After `union`.
    pub(super) after_union: bool,
    /// After `enum`.
    pub(super) after_enum: bool,
}

/// The words of a preprocessed text.
#[derive(Debug, Default)]
pub(super) struct Text {
    /// Every word.
    words: BTreeSet<String>,
    /// Those in files that count, with what is before them.
    own: BTreeMap<String, Uses>,
}

impl Text {
    /// Whether a word occurs at all.
    pub(super) fn has(&self, word: &str) -> bool {
        self.words.contains(word)
    }

    /// How a word occurs in the files that count, if it does.
    pub(super) fn uses(&self, word: &str) -> Option<Uses> {
        self.own.get(word).copied()
    }
}

/// Reads line after line.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    text: Text,
    /// Files and folders that count; all when nothing is said.
    within: Option<&'a [PathBuf]>,
    files: BTreeMap<String, bool>,
    counts: bool,
    depth: i32,
    typedef_at: Option<i32>,
    static_at: Option<i32>,
    enum_at: Option<i32>,
    enum_begins: bool,
    before: Before,
}

/// The token before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Before {
    Struct,
    Union,
    Enum,
    /// The end of an attribute, perhaps.
    Parenthesis,
    Other,
}

impl<'a> Reader<'a> {
    pub(super) fn new(within: Option<&'a [PathBuf]>) -> Self {
        Reader {
            text: Text::default(),
            within,
            files: BTreeMap::new(),
            counts: within.is_none(),
            depth: 0,
            typedef_at: None,
            static_at: None,
            enum_at: None,
            enum_begins: false,
            before: Before::Other,
        }
    }

    pub(super) fn into_text(self) -> Text {
        self.text
    }

    /// A line of the preprocessor's own tells from which file what follows is; others of it do not
    /// declare anything.
    pub(super) fn line(&mut self, line: &str) {
        match line.strip_prefix('#') {
            Some(rest) => {
                if let (Some(within), Some(file)) = (self.within, file_of(rest)) {
                    self.counts = self.is_within(file, within);
                }
            }
            None => self.code(line),
        }
    }

    fn is_within(&mut self, file: &str, within: &[PathBuf]) -> bool {
        if let Some(known) = self.files.get(file) {
            return *known;
        }
        let is = fs::canonicalize(file)
            .is_ok_and(|file| within.iter().any(|place| file.starts_with(place)));
        self.files.insert(file.to_owned(), is);
        is
    }

    fn code(&mut self, line: &str) {
        let mut rest = line;
        while let Some(first) = rest.chars().next() {
            let length = if is_of_word(first) {
                rest.find(|c| !is_of_word(c)).unwrap_or(rest.len())
            } else if first == '"' || first == '\'' {
                quoted(rest, first)
            } else {
                first.len_utf8()
            };
            let (token, further) = rest.split_at(length);
            if is_of_word(first) {
                self.word(token);
            } else if !first.is_whitespace() {
                self.punctuation(first);
            }
            rest = further;
        }
    }

    fn word(&mut self, word: &str) {
        self.before = match word {
            "struct" => Before::Struct,
            "union" => Before::Union,
            "enum" => {
                self.enum_begins = true;
                Before::Enum
            }
            "typedef" => {
                self.typedef_at = Some(self.depth);
                Before::Other
            }
            "static" => {
                self.static_at = Some(self.depth);
                Before::Other
            }
            _ => {
                self.name(word);
                Before::Other
            }
        };
    }

    fn name(&mut self, name: &str) {
        if !self.text.words.contains(name) {
            self.text.words.insert(name.to_owned());
        }
        if !self.counts {
            return;
        }
        let after = |tag| [tag, Before::Parenthesis].contains(&self.before);
        let here = Uses {
            in_typedef: self.typedef_at.is_some(),
            in_static: self.static_at.is_some(),
            in_enum: self.enum_at.is_some(),
            after_struct: after(Before::Struct),
            after_union: after(Before::Union),
            after_enum: after(Before::Enum),
        };
        match self.text.own.get_mut(name) {
            Some(uses) => uses.add(here),
            None => {
                self.text.own.insert(name.to_owned(), here);
            }
        }
    }

    fn punctuation(&mut self, character: char) {
        self.before = Before::Other;
        match character {
            ')' => self.before = Before::Parenthesis,
            '{' => {
                if self.static_at == Some(self.depth) {
                    self.static_at = None;
                }
                self.depth += 1;
                if std::mem::take(&mut self.enum_begins) {
                    self.enum_at = Some(self.depth);
                }
            }
            '}' => {
                if self.enum_at == Some(self.depth) {
                    self.enum_at = None;
                }
                self.depth -= 1;
            }
            ';' => {
                self.enum_begins = false;
                for at in [&mut self.typedef_at, &mut self.static_at] {
                    if *at == Some(self.depth) {
                        *at = None;
                    }
                }
            }
            _ => {}
        }
    }
}

impl Uses {
    fn add(&mut self, more: Uses) {
        self.in_typedef |= more.in_typedef;
        self.in_static |= more.in_static;
        self.in_enum |= more.in_enum;
        self.after_struct |= more.after_struct;
        self.after_union |= more.after_union;
        self.after_enum |= more.after_enum;
    }
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || "_$".contains(c)
}

/// How long a text in quotes is, with both.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The file that `# 12 "object.h" 1` is about, without its `#`.
fn file_of(rest: &str) -> Option<&str> {
    let rest = rest.strip_prefix("line").unwrap_or(rest).trim_start();
    if !rest.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let (_, quoted) = rest.split_once('"')?;
    quoted.rsplit_once('"').map(|(file, _)| file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Text {
        let mut reader = Reader::new(None);
        for line in text.lines() {
            reader.line(line);
        }
        reader.into_text()
    }

    fn uses(text: &str, word: &str) -> Vec<&'static str> {
        let uses = read(text).uses(word).unwrap_or_default();
        let said = [
            ("typedef", uses.in_typedef),
            ("static", uses.in_static),
            ("enum", uses.in_enum),
            ("struct", uses.after_struct),
            ("union", uses.after_union),
            ("enum tag", uses.after_enum),
        ];
        said.iter()
            .filter(|(_, is)| *is)
            .map(|(word, _)| *word)
            .collect()
    }

    #[test]
    fn what_c_writes_before_a_name_is_found() {
        for (text, expected) in [
            ("typedef struct { int a; } name;", vec!["typedef"]),
            ("typedef int\n(*name)(int);", vec!["typedef"]),
            ("typedef int a; int name(void);", vec![]),
            ("struct name { int a; };", vec!["struct"]),
            ("union name;", vec!["union"]),
            ("enum name { A };", vec!["enum tag"]),
            (
                "struct __attribute__((packed)) name { int a; };",
                vec!["struct", "union", "enum tag"],
            ),
            ("enum { A, name = 1 };", vec!["enum"]),
            ("enum e { A }; extern int name;", vec![]),
            ("enum __attribute__((x)) e : char { name };", vec!["enum"]),
            ("static inline int name(void) { return 0; }", vec!["static"]),
            ("static int f(void) { return 0; } int name(void);", vec![]),
            ("int f(void) __asm__(\"} struct\"); int name(void);", vec![]),
            ("int f(char c) { return c == '{'; } int name(void);", vec![]),
        ] {
            assert_eq!(uses(text, "name"), expected, "{text}");
        }
    }

    #[test]
    fn words_of_other_files_do_not_count() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().canonicalize().unwrap();
        let own = place.join("own.h");
        fs::write(&own, "").unwrap();
        let places = [place];
        let mut reader = Reader::new(Some(&places));
        for line in [
            "# 1 \"/usr/include/ctype.h\" 1 3 4",
            "int isalnum(int);",
            &format!("# 1 \"{}\" 1", own.display()),
            "int ours(int);",
            "#define HERE 1",
            "# 7 \"/usr/include/ctype.h\" 2 3 4",
            "int isalpha(int);",
        ] {
            reader.line(line);
        }
        let text = reader.into_text();
        assert!(text.has("isalnum") && text.has("ours"));
        assert!(text.uses("ours").is_some());
        for word in ["isalnum", "isalpha", "HERE"] {
            assert_eq!(text.uses(word), None, "{word}");
        }
    }
}

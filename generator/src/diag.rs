//! Complaints about what a user wrote: stable code, place, what was found, what to do.
//!
//! They are collected, so that one run shows all of them, sorted by place.

use std::collections::BTreeSet;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::check::codes::Code;
use crate::parallel;
use crate::source::{Sources, Span};
use crate::suggest::nearest;

/// Lines that are longer than this, all together, are named and not shown: nobody reads them.
const LONGEST_EXCERPT: usize = 1 << 16;
/// A message that quotes more than this is cut.
const LONGEST_MESSAGE: usize = 2000;

/// One complaint.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// The stable code.
    pub code: Code,
    /// What is wrong: found and expected, lower case, no final dot.
    pub message: String,
    /// Where.
    pub span: Span,
    /// What stands under the caret.
    pub label: String,
    /// What to do, when that can be named.
    pub help: Option<String>,
}

/// Collects complaints.
#[derive(Debug, Default)]
pub struct Sink {
    list: Vec<Diagnostic>,
}

impl Sink {
    /// Adds a complaint; the label may be empty.
    pub fn push(&mut self, code: Code, span: Span, message: impl Into<String>) -> &mut Diagnostic {
        self.list.push(Diagnostic {
            code,
            message: cut(message.into()),
            span,
            label: String::new(),
            help: None,
        });
        let last = self.list.len() - 1;
        &mut self.list[last]
    }

    /// Does the same with many things at once, and collects what is wrong with each.
    pub(crate) fn of_each<'a, T: Sync, R: Send>(
        &mut self,
        items: &'a [T],
        run: impl Fn(&'a T, &mut Sink) -> R + Sync,
    ) -> Vec<R> {
        let done = parallel::map(items, |item| {
            let mut sink = Sink::default();
            let result = run(item, &mut sink);
            (result, sink)
        });
        let done = done.into_iter().map(|(result, sink)| {
            self.list.extend(sink.list);
            result
        });
        done.collect()
    }

    /// Whether nothing was wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether what was written is understood, though it may not be as it should.
    #[must_use]
    pub fn is_understood(&self) -> bool {
        self.list
            .iter()
            .all(|diagnostic| diagnostic.code.is_policy())
    }

    /// How many complaints there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// All complaints by place, each once.
    #[must_use]
    pub fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.list.sort_by(|a, b| {
            (a.span, a.code.id(), &a.message).cmp(&(b.span, b.code.id(), &b.message))
        });
        let mut seen = BTreeSet::new();
        self.list
            .retain(|d| seen.insert((d.span, d.code.id(), d.message.clone())));
        self.list
    }
}

/// A message without the middle of what it quotes, where that is a whole file.
fn cut(message: String) -> String {
    if message.len() <= LONGEST_MESSAGE {
        return message;
    }
    let half = LONGEST_MESSAGE / 2;
    let start: String = message.chars().take(half).collect();
    let mut end: Vec<char> = message.chars().rev().take(half).collect();
    end.reverse();
    format!("{start} … {}", String::from_iter(end))
}

impl Diagnostic {
    /// Says what stands under the caret.
    pub fn label(&mut self, label: impl Into<String>) -> &mut Self {
        self.label = label.into();
        self
    }

    /// Says which known name was meant, when one is near.
    pub fn meant<'a>(
        &mut self,
        written: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> &mut Self {
        if let Some(word) = nearest(written, known) {
            self.help = Some(format!("did you mean `{word}`?"));
        }
        self
    }

    /// Says what to do.
    pub fn help(&mut self, help: impl Into<String>) -> &mut Self {
        self.help = Some(help.into());
        self
    }

    /// The complaint with its line of source and a caret, as rustc shows it.
    #[must_use]
    pub fn render(&self, sources: &Sources, colour: Colour) -> String {
        let file = sources.file(self.span.file);
        let path = file.path.display().to_string();
        // Only these lines: the renderer counts all that it is given.
        let (line, text, range) = file.excerpt(file.range(self.span));
        let mut annotation = AnnotationKind::Primary.span(range);
        if !self.label.is_empty() {
            annotation = annotation.label(&self.label);
        }
        let title = Level::ERROR
            .primary_title(self.message.as_str())
            .id(self.code.id());
        let mut group = if text.len() > LONGEST_EXCERPT {
            let (line, column) = sources.position(self.span);
            title.element(Origin::path(&path).line(line).char_column(column))
        } else {
            title.element(
                Snippet::source(text)
                    .line_start(line)
                    .path(&path)
                    .annotation(annotation),
            )
        };
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        let report: [Group<'_>; 1] = [group];
        let renderer = match colour {
            Colour::Never => Renderer::plain(),
            Colour::Always => Renderer::styled(),
        };
        renderer.render(&report)
    }

    /// The complaint as JSON.
    #[must_use]
    pub fn to_json(&self, sources: &Sources) -> serde_json::Value {
        let (line, column) = sources.position(self.span);
        let range = sources.file(self.span.file).range(self.span);
        serde_json::json!({
            "code": self.code.id(),
            "level": "error",
            "message": self.message,
            "label": self.label,
            "help": self.help,
            "file": sources.file(self.span.file).path.display().to_string(),
            "line": line,
            "column": column,
            "byte_start": range.start,
            "byte_end": range.end,
        })
    }
}

/// Whether text is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// Plain text.
    Never,
    /// ANSI colours.
    Always,
}

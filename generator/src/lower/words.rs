//! Reads the words of a manifest file: versions, builds, types, conditions.

use std::collections::BTreeSet;

use crate::check::codes::Code;
use crate::diag::{Diagnostic, Sink};
use crate::manifest::entry::{self, Text};
use crate::manifest::{Spanned, place};
use crate::model::Life;
use crate::model::layout::{DATA_MODELS, DataModel, Field};
use crate::model::ty::{Ty, is_identifier};
use crate::model::version::{Release, Version};
use crate::model::when::{Api, Arm, When, Word};
use crate::source::{FileId, Span};

/// Reads words of one file, complaining of those it does not know.
pub(super) struct Reader<'a> {
    pub(super) file: FileId,
    pub(super) sink: &'a mut Sink,
}

impl Reader<'_> {
    pub(super) fn complain(
        &mut self,
        code: Code,
        at: &Text,
        message: impl Into<String>,
    ) -> &mut Diagnostic {
        self.sink.push(code, place(self.file, at), message)
    }

    pub(super) fn version(&mut self, text: &Text) -> Option<Version> {
        let version = Version::parse(&text.value);
        if version.is_none() {
            let message = format!("found `{}`, expected a CPython version", text.value);
            self.complain(Code::Version, text, message)
                .help("write `\"3.15\"`, quoted");
        }
        version
    }

    pub(super) fn release(&mut self, text: &Text) -> Option<Release> {
        let release = Release::parse(&text.value);
        if release.is_none() {
            let message = format!("found `{}`, expected a release", text.value);
            self.complain(Code::Version, text, message)
                .help("write `\"0.1.0\"`, quoted");
        }
        release
    }

    pub(super) fn word<T: Word>(&mut self, text: &Text) -> Option<T> {
        let found = T::WORDS.iter().find(|(word, _)| *word == text.value);
        if found.is_none() {
            let known: Vec<&str> = T::WORDS.iter().map(|(word, _)| *word).collect();
            self.unknown_word(text, &known);
        }
        found.map(|(_, value)| *value)
    }

    pub(super) fn unknown_word(&mut self, text: &Text, known: &[&str]) {
        let message = format!(
            "found `{}`, expected one of `{}`",
            text.value,
            known.join("`, `")
        );
        self.complain(Code::Word, text, message)
            .meant(&text.value, known.iter().copied());
    }

    pub(super) fn words<T: Word>(&mut self, texts: &[Text]) -> Vec<T> {
        texts.iter().filter_map(|text| self.word(text)).collect()
    }

    pub(super) fn ty(&mut self, text: &Text) -> Option<Ty> {
        let ty = Ty::parse(&text.value);
        if ty.is_none() {
            let message = format!("found `{}`, expected a type", text.value);
            let help = format!("a type is the name of a struct, or one of {}", Ty::words());
            self.complain(Code::Type, text, message).help(help);
        }
        ty
    }

    /// A name that C, C++ and Rust can have.
    pub(super) fn identifier(&mut self, text: &Text) {
        if !is_identifier(&text.value) {
            let message = format!("found `{}`, expected an identifier", text.value);
            self.complain(Code::Identifier, text, message)
                .help("use letters, digits and underscores, and do not begin with a digit");
        } else if RESERVED_WORDS.contains(&text.value.as_str()) {
            let message = format!("found `{}`, which is a word of C, C++ or Rust", text.value);
            self.complain(Code::Identifier, text, message);
        }
    }

    /// Names that are each used once.
    pub(super) fn once<'t>(&mut self, what: &str, names: impl Iterator<Item = &'t Text>) {
        let mut seen = BTreeSet::new();
        for name in names {
            if !seen.insert(&name.value) {
                let message = format!("{what} `{}` is here twice", name.value);
                self.complain(Code::DuplicateName, name, message);
            }
        }
    }

    /// A doc: sentences, which C can have in a comment.
    pub(super) fn sentence(&mut self, text: &Text) {
        let doc = text.value.trim();
        let mut chars = doc.chars();
        // A name may begin a sentence, whatever it begins with.
        let first_word = doc.split_whitespace().next().unwrap_or_default();
        let begins = chars.next().is_some_and(|c| !c.is_lowercase())
            || first_word.contains(|c: char| !c.is_alphabetic());
        if doc.is_empty() || !begins || !doc.ends_with('.') {
            self.complain(Code::Doc, text, "this is not a sentence")
                .help("begin with a capital letter or a name, and end with a full stop");
        }
        self.comment(text);
    }

    /// A line of a contract, which becomes the end of a sentence.
    pub(super) fn contract_line(&mut self, text: &Text) -> String {
        let line = text.value.trim();
        if line.is_empty() || line.ends_with('.') {
            self.complain(Code::Doc, text, "this does not continue a sentence").help(
                "say something, `none` at least, without a full stop: it follows a colon, and the \
                 stop is added",
            );
        }
        self.comment(text);
        line.to_owned()
    }

    /// Text that goes into a comment of C.
    fn comment(&mut self, text: &Text) {
        for mark in ["/*", "*/"] {
            if text.value.contains(mark) {
                let message = format!("found `{mark}`, which begins or ends a comment in C");
                self.complain(Code::Doc, text, message);
            }
        }
    }

    pub(super) fn when(&mut self, arms: &entry::Arms) -> When {
        When {
            arms: arms.iter().map(|arm| self.arm(arm)).collect(),
        }
    }

    /// As [`Reader::when`], but nothing written means "always". `at` is what the condition is of.
    pub(super) fn when_or_always(&mut self, arms: &entry::Arms, at: Span) -> When {
        if arms.is_empty() {
            return When {
                arms: vec![Arm {
                    span: Some(at),
                    ..Arm::default()
                }],
            };
        }
        self.when(arms)
    }

    /// A condition on the running CPython, which has no API and is of the machine that it is on.
    pub(super) fn when_running(&mut self, arms: &entry::Arms) -> When {
        for arm in arms {
            let unused = [
                api(arm),
                limited(arm),
                arm.value.os.first(),
                arm.value.arch.first(),
            ];
            self.no_effect(
                unused,
                "the running CPython is known by version and build only",
            );
        }
        self.when(arms)
    }

    /// As [`Reader::when_running`], but nothing written means "always".
    pub(super) fn when_running_or_always(&mut self, arms: &entry::Arms, at: Span) -> When {
        if arms.is_empty() {
            self.when_or_always(arms, at)
        } else {
            self.when_running(arms)
        }
    }

    /// A condition on headers in the full API; nothing written means "always".
    pub(super) fn when_full_api(&mut self, arms: &entry::Arms, at: Span) -> When {
        for arm in arms {
            self.no_effect(
                [api(arm), limited(arm)],
                "direct arms are for the full API only",
            );
        }
        self.when_or_always(arms, at)
    }

    fn no_effect<'t>(&mut self, unused: impl IntoIterator<Item = Option<&'t Text>>, why: &str) {
        for text in unused.into_iter().flatten() {
            let message = format!("`{}` has no effect here: {why}", text.value);
            self.complain(Code::NoEffect, text, message)
                .help("drop the key");
        }
    }

    fn arm(&mut self, written: &Spanned<entry::When>) -> Arm {
        let arm = &written.value;
        Arm {
            since: arm.since.as_ref().and_then(|text| self.version(text)),
            until: arm.until.as_ref().and_then(|text| self.version(text)),
            build: self.words(&arm.build),
            api: self.apis(&arm.api),
            limited: arm.limited.as_ref().and_then(|text| self.version(text)),
            limited_below: arm
                .limited_below
                .as_ref()
                .and_then(|text| self.version(text)),
            os: self.words(&arm.os),
            arch: self.words(&arm.arch),
            span: Some(place(self.file, written)),
        }
    }

    /// `limited` stands for both of its binary forms.
    fn apis(&mut self, texts: &[Text]) -> Vec<Api> {
        let mut apis = Vec::new();
        for text in texts {
            if text.value == "limited" {
                apis.extend([Api::Abi3, Api::Abi3t]);
            } else {
                apis.extend(self.word::<Api>(text));
            }
        }
        apis
    }

    pub(super) fn fields(&mut self, fields: &[entry::Field]) -> Vec<Field> {
        let mut lowered = Vec::new();
        for field in fields {
            self.identifier(&field.name);
            if let Some(doc) = &field.doc {
                self.sentence(doc);
            }
            let models = field
                .models
                .iter()
                .filter_map(|text| self.data_model(text))
                .collect();
            match self.ty(&field.ty) {
                Some(Ty::Void) => {
                    self.complain(Code::Type, &field.ty, "a field cannot be `void`");
                }
                Some(ty) => lowered.push(Field {
                    name: field.name.value.clone(),
                    ty,
                    models,
                    doc: field.doc.as_ref().map(|doc| doc.value.trim().to_owned()),
                }),
                None => {}
            }
        }
        self.once("field", fields.iter().map(|field| &field.name));
        lowered
    }

    fn data_model(&mut self, text: &Text) -> Option<DataModel> {
        let found = DATA_MODELS
            .iter()
            .copied()
            .find(|model| model.name() == text.value);
        if found.is_none() {
            let known: Vec<&str> = DATA_MODELS.iter().map(|model| model.name()).collect();
            self.unknown_word(text, &known);
        }
        found
    }

    pub(super) fn life(&mut self, life: &entry::Life) -> Option<Life> {
        let added = self.release(&life.added)?;
        let deprecated = life.deprecated.as_ref().and_then(|deprecated| {
            let since = self.release(&deprecated.since)?;
            if since <= added {
                let message = format!("deprecated in {since}, and added in {added}");
                self.complain(Code::Life, &deprecated.since, message)
                    .help("an entry is deprecated in a later release");
            }
            Some((since, deprecated.replacement.value.clone()))
        });
        let removed = life.removed.as_ref().and_then(|text| {
            let removed = self.release(text)?;
            match &deprecated {
                Some((since, _)) if removed > *since => {}
                Some((since, _)) => {
                    let message = format!("removed in {removed}, and deprecated in {since}");
                    self.complain(Code::Life, text, message)
                        .help("an entry is removed in a later release");
                }
                None => {
                    let message = format!("removed in {removed}, and never deprecated");
                    self.complain(Code::Life, text, message)
                        .help("deprecate it in a release before");
                }
            }
            Some(removed)
        });
        Some(Life {
            added,
            deprecated,
            removed,
        })
    }
}

fn api(arm: &Spanned<entry::When>) -> Option<&Text> {
    arm.value.api.first()
}

fn limited(arm: &Spanned<entry::When>) -> Option<&Text> {
    arm.value
        .limited
        .as_ref()
        .or(arm.value.limited_below.as_ref())
}

/// Words that no name can be in all of C, C++ and Rust; Rust's others are written raw there.
const RESERVED_WORDS: &[&str] = &[
    "Self",
    "_",
    "alignas",
    "alignof",
    "and",
    "asm",
    "auto",
    "bool",
    "break",
    "case",
    "catch",
    "char",
    "class",
    "const",
    "constexpr",
    "continue",
    "crate",
    "decltype",
    "default",
    "delete",
    "do",
    "double",
    "else",
    "enum",
    "explicit",
    "export",
    "extern",
    "false",
    "float",
    "for",
    "friend",
    "goto",
    "if",
    "inline",
    "int",
    "long",
    "mutable",
    "namespace",
    "new",
    "noexcept",
    "not",
    "nullptr",
    "operator",
    "or",
    "private",
    "protected",
    "public",
    "register",
    "restrict",
    "return",
    "self",
    "short",
    "signed",
    "sizeof",
    "static",
    "struct",
    "super",
    "switch",
    "template",
    "this",
    "throw",
    "true",
    "try",
    "typedef",
    "typeid",
    "typename",
    "union",
    "unsigned",
    "using",
    "virtual",
    "void",
    "volatile",
    "while",
    "xor",
];

//! Reads the words of a manifest file: versions, builds, types, conditions.

use crate::check::codes::Code;
use crate::diag::{Diagnostic, Sink};
use crate::manifest::entry::{self, Text};
use crate::manifest::place;
use crate::model::Life;
use crate::model::layout::{DATA_MODELS, DataModel, Field};
use crate::model::ty::Ty;
use crate::model::version::{Release, Version};
use crate::model::when::{Api, Arm, When, Word};
use crate::source::FileId;

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
            let message = format!("`{}` is not a CPython version", text.value);
            self.complain(Code::Version, text, message).help("write `\"3.15\"`, quoted");
        }
        version
    }

    pub(super) fn release(&mut self, text: &Text) -> Option<Release> {
        let release = Release::parse(&text.value);
        if release.is_none() {
            let message = format!("`{}` is not a release", text.value);
            self.complain(Code::Version, text, message).help("write `\"0.1.0\"`, quoted");
        }
        release
    }

    pub(super) fn word<T: Word>(&mut self, text: &Text) -> Option<T> {
        let found = T::WORDS.iter().find(|(word, _)| *word == text.value);
        if found.is_none() {
            let known: Vec<&str> = T::WORDS.iter().map(|(word, _)| *word).collect();
            self.unknown_word(text, &known.join("`, `"));
        }
        found.map(|(_, value)| *value)
    }

    pub(super) fn unknown_word(&mut self, text: &Text, known: &str) {
        let message = format!("found `{}`, expected one of `{known}`", text.value);
        self.complain(Code::Word, text, message);
    }

    pub(super) fn words<T: Word>(&mut self, texts: &[Text]) -> Vec<T> {
        texts.iter().filter_map(|text| self.word(text)).collect()
    }

    pub(super) fn ty(&mut self, text: &Text) -> Option<Ty> {
        let ty = Ty::parse(&text.value);
        if ty.is_none() {
            let message = format!("`{}` is not a type", text.value);
            let help = format!("a type is the name of a struct, or one of {}", Ty::words());
            self.complain(Code::Type, text, message).help(help);
        }
        ty
    }

    pub(super) fn when(&mut self, arms: &[entry::When]) -> When {
        When { arms: arms.iter().map(|arm| self.arm(arm)).collect() }
    }

    /// As [`Reader::when`], but nothing written means "always".
    pub(super) fn when_or_always(&mut self, arms: &[entry::When]) -> When {
        if arms.is_empty() { When::always() } else { self.when(arms) }
    }

    fn arm(&mut self, arm: &entry::When) -> Arm {
        Arm {
            since: arm.since.as_ref().and_then(|text| self.version(text)),
            until: arm.until.as_ref().and_then(|text| self.version(text)),
            build: self.words(&arm.build),
            api: self.apis(&arm.api),
            limited: arm.limited.as_ref().and_then(|text| self.version(text)),
            limited_below: arm.limited_below.as_ref().and_then(|text| self.version(text)),
            os: self.words(&arm.os),
            arch: self.words(&arm.arch),
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
            let models = field.models.iter().filter_map(|text| self.data_model(text)).collect();
            if let Some(ty) = self.ty(&field.ty) {
                let name = field.name.value.clone();
                lowered.push(Field { name, ty, models, doc: field.doc.clone() });
            }
        }
        lowered
    }

    fn data_model(&mut self, text: &Text) -> Option<DataModel> {
        let found = DATA_MODELS.iter().copied().find(|model| model.name() == text.value);
        if found.is_none() {
            let known: Vec<&str> = DATA_MODELS.iter().map(|model| model.name()).collect();
            self.unknown_word(text, &known.join("`, `"));
        }
        found
    }

    pub(super) fn life(&mut self, life: &entry::Life) -> Option<Life> {
        let added = self.release(&life.added)?;
        let deprecated = life.deprecated.as_ref().and_then(|deprecated| {
            let since = self.release(&deprecated.since)?;
            Some((since, deprecated.replacement.value.clone()))
        });
        let removed = life.removed.as_ref().and_then(|text| self.release(text));
        let forward = deprecated.as_ref().is_none_or(|(since, _)| *since > added)
            && match (&removed, &deprecated) {
                (None, _) => true,
                (Some(removed), Some((since, _))) => removed > since,
                (Some(_), None) => false,
            };
        if !forward {
            let message = "this life does not move from added to deprecated to removed";
            self.complain(Code::Life, &life.added, message)
                .help("each step needs a later release, and only what is deprecated is removed");
        }
        Some(Life { added, deprecated, removed })
    }
}

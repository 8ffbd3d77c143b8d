//! From what is written to what is true: words are understood, names resolved, and everything that
//! cannot be is complained of. Policy is not looked at here; `check` does that.

mod entry;
mod function;
mod mirror;
mod words;

use crate::check::codes::Code;
use crate::diag::Sink;
use crate::manifest::{Manifest, Text};
use crate::manifest::targets::TargetsFile;
use crate::model::python::{Python, Pythons};
use crate::model::{Family, Group, Model};
use crate::source::FileId;
use words::Reader;

/// Makes a model of a manifest. What is wrong goes to the sink; the model holds the rest.
pub(crate) fn lower(manifest: &Manifest, sink: &mut Sink) -> Option<Model> {
    let targets = manifest.targets.as_ref()?;
    let pythons = lower_pythons(targets, manifest.targets_file, sink)?;
    let prefix = targets.prefix.value.clone();
    let mut families = Vec::new();
    for family in &manifest.families {
        let mut reader = Reader { file: family.file, sink };
        families.push(lower_family(family, &mut reader));
    }
    mirror::resolve(&mut families, sink);
    Some(Model::new(prefix, pythons, families, manifest.inline.clone()))
}

fn lower_pythons(targets: &TargetsFile, file: FileId, sink: &mut Sink) -> Option<Pythons> {
    let mut reader = Reader { file, sink };
    let mut list: Vec<Python> = Vec::new();
    for python in &targets.pythons {
        let version = reader.version(&python.version)?;
        let builds = reader.words(&python.builds);
        let abi3t_since = python.abi3t_since.as_ref().and_then(|text| reader.version(text));
        if list.last().is_some_and(|last| last.version >= version) {
            let message = format!("version `{version}` does not come after the one before it");
            reader.complain(Code::Version, &python.version, message);
        }
        list.push(Python { version, builds, abi3t_since });
    }
    if list.is_empty() {
        reader.complain(Code::NeverAvailable, &targets.prefix, "`pythons` is empty");
        return None;
    }
    Some(Pythons { list })
}

fn lower_family(family: &crate::manifest::Family, reader: &mut Reader<'_>) -> Family {
    let content = &family.content;
    if content.family.value != family.stem {
        let message = format!(
            "family `{}` is in a file called `{}.yaml`",
            content.family.value, family.stem
        );
        reader
            .complain(Code::FamilyStem, &content.family, message)
            .help(format!("call the file `{}.yaml`", content.family.value));
    }
    Family {
        id: content.family.value.clone(),
        doc: content.doc.value.clone(),
        inline_headers: values(&content.inline_headers),
        macro_headers: values(&content.macro_headers),
        groups: content
            .groups
            .iter()
            .map(|group| Group {
                name: group.name.value.clone(),
                symbols: values(&group.symbols),
            })
            .collect(),
        entries: content.entries.iter().filter_map(|e| entry::lower(e, reader)).collect(),
    }
}

fn values(texts: &[Text]) -> Vec<String> {
    texts.iter().map(|text| text.value.clone()).collect()
}

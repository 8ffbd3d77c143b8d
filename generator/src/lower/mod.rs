//! From what is written to what is true: words are understood, names resolved, and everything that
//! cannot be is complained of. Policy is not looked at here; `check` does that.

mod entry;
mod function;
mod mirror;
mod order;
mod references;
mod words;

use crate::check::codes::Code;
use crate::diag::Sink;
use crate::manifest::targets::TargetsFile;
use crate::manifest::{Manifest, Text, place};
use crate::model::python::{Python, Pythons};
use crate::model::{Behaviour, Family, Group, Model, Watched};
use crate::source::FileId;
use words::Reader;

/// Makes a model of a manifest. What is wrong goes to the sink; the model holds the rest.
pub(crate) fn lower(manifest: &Manifest, sink: &mut Sink) -> Option<Model> {
    let targets = manifest.targets.as_ref()?;
    let pythons = lower_pythons(targets, manifest.targets_file, sink)?;
    Reader {
        file: manifest.targets_file,
        sink,
    }
    .identifier(&targets.prefix);
    let prefix = targets.prefix.value.clone();
    let watched = lower_watched(targets, manifest.targets_file, sink);
    let mut families = Vec::new();
    for family in &manifest.families {
        let mut reader = Reader {
            file: family.file,
            sink,
        };
        families.push(lower_family(family, &mut reader));
    }
    // What could not be read is not unknown.
    if manifest.is_whole && references::check(manifest, sink) {
        mirror::resolve(&mut families, sink);
    }
    let inline = manifest
        .inline
        .iter()
        .map(|header| (header.name.clone(), header.text.clone()));
    Some(Model::new(
        prefix,
        pythons,
        watched,
        families,
        inline.collect(),
    ))
}

fn lower_pythons(targets: &TargetsFile, file: FileId, sink: &mut Sink) -> Option<Pythons> {
    let mut reader = Reader { file, sink };
    let mut list: Vec<Python> = Vec::new();
    for python in &targets.pythons {
        let version = reader.version(&python.version)?;
        let builds = reader.words(&python.builds);
        if python.builds.is_empty() {
            let message = format!("CPython {version} comes in no build");
            reader.complain(Code::NeverAvailable, &python.version, message);
        }
        let abi3t_since = python
            .abi3t_since
            .as_ref()
            .and_then(|text| reader.version(text));
        if list.last().is_some_and(|last| last.version >= version) {
            let message = format!("version `{version}` does not come after the one before it");
            reader.complain(Code::Version, &python.version, message);
        }
        list.push(Python {
            version,
            builds,
            abi3t_since,
        });
    }
    if list.is_empty() {
        reader.complain(Code::NeverAvailable, &targets.prefix, "`pythons` is empty");
        return None;
    }
    Some(Pythons { list })
}

fn lower_watched(targets: &TargetsFile, file: FileId, sink: &mut Sink) -> Vec<Watched> {
    let mut reader = Reader { file, sink };
    reader.once("heading", targets.watched.iter().map(|group| &group.about));
    let names = targets.watched.iter().flat_map(|group| &group.names);
    reader.once("watched name", names.clone());
    for name in names {
        reader.identifier(name);
    }
    let groups = targets.watched.iter().map(|group| Watched {
        about: group.about.value.clone(),
        names: values(&group.names),
    });
    groups.collect()
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
    reader.identifier(&content.family);
    reader.sentence(&content.doc);
    for group in &content.groups {
        reader.identifier(&group.name);
        reader.once("symbol", group.symbols.iter());
    }
    let behaviours = content
        .behaviours
        .iter()
        .map(|b| lower_behaviour(b, reader))
        .collect();
    Family {
        id: content.family.value.clone(),
        doc: content.doc.value.trim().to_owned(),
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
        behaviours,
        entries: content
            .entries
            .iter()
            .filter_map(|e| entry::lower(e, reader))
            .collect(),
    }
}

fn lower_behaviour(
    behaviour: &crate::manifest::entry::Behaviour,
    reader: &mut Reader<'_>,
) -> Behaviour {
    reader.identifier(&behaviour.name);
    reader.sentence(&behaviour.doc);
    Behaviour {
        name: behaviour.name.value.clone(),
        doc: behaviour.doc.value.trim().to_owned(),
        source: behaviour.source.as_ref().map(|text| text.value.clone()),
        when: reader.when_running(&behaviour.when),
        span: place(reader.file, &behaviour.name),
    }
}

fn values(texts: &[Text]) -> Vec<String> {
    texts.iter().map(|text| text.value.clone()).collect()
}

//! Nothing in the manifest is without effect: whatever single thing is changed or left out, either
//! some output changes or the manifest is refused.
//!
//! `PYSHIM_MUTATIONS=all` tries every edit there is; without it a few for each key are tried.

use crate::scratch;
use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::Path;
use std::thread;

use pyshim_gen::emit::{FileSet, docs, emit};
use pyshim_gen::read;
use serde_saphyr::granit_parser::{Event, Parser, ScalarStyle, Span};

const MANIFEST: &str = "../abi";

/// How many edits of one kind are tried at one key, of those there are.
const SAMPLE: usize = 1;

/// One change of one file.
#[derive(Clone, Debug)]
struct Edit {
    file: String,
    /// The key without list indices: `entries.function.contract.errors`.
    key: String,
    what: &'static str,
    range: Range<usize>,
    text: String,
}

#[test]
fn whatever_is_changed_is_noticed() {
    let mut edits = Vec::new();
    let mut names = vec!["targets.yaml".to_owned()];
    for item in fs::read_dir(Path::new(MANIFEST).join("entries")).expect("it is there") {
        let name = item
            .expect("it can be read")
            .file_name()
            .to_string_lossy()
            .into_owned();
        names.push(format!("entries/{name}"));
    }
    names.sort();
    for name in names {
        edits.extend(edits_of(&name, &source(&name)));
    }
    let found = edits.len();
    let edits = sample(edits);
    println!("{} edits of {found}", edits.len());
    assert!(
        edits.len() > 200,
        "the manifest has more than that to change"
    );
    let wanted = outcome(&[]).expect("the manifest is right as it is");
    let chunk = edits.len().div_ceil(2);
    let silent: Vec<String> = thread::scope(|scope| {
        let workers: Vec<_> = edits
            .chunks(chunk)
            .map(|edits| {
                scope.spawn(|| edits.iter().filter_map(|e| try_edit(e, &wanted)).collect())
            })
            .collect();
        let lists = workers
            .into_iter()
            .map(|worker| worker.join().expect("no edit panics"));
        lists.flat_map(|list: Vec<String>| list).collect()
    });
    assert!(
        silent.is_empty(),
        "{} without effect:\n{}",
        silent.len(),
        silent.join("\n")
    );
}

/// Says what an edit is, when nothing notices it.
fn try_edit(edit: &Edit, wanted: &FileSet) -> Option<String> {
    let mut text = source(&edit.file);
    let before = text[edit.range.clone()].to_owned();
    text.replace_range(edit.range.clone(), &edit.text);
    let noticed = outcome(&[(&edit.file, text)]).is_none_or(|files| files != *wanted);
    let Edit {
        file,
        key,
        what,
        text,
        ..
    } = edit;
    (!noticed).then(|| format!("{file}: {key}: {what}: `{before}` to `{text}`"))
}

fn source(name: &str) -> String {
    let text = fs::read_to_string(Path::new(MANIFEST).join(name)).expect("it can be read");
    text.replace("\r\n", "\n")
}

/// What follows from the manifest with some files replaced, unless it is refused.
fn outcome(replaced: &[(&str, String)]) -> Option<FileSet> {
    let folder = scratch::folder();
    copy(Path::new(MANIFEST), folder.path());
    for (name, text) in replaced {
        scratch::write(&folder.path().join(name), text);
    }
    let reading = read(folder.path()).expect("the copy can be read");
    if !reading.diagnostics.is_empty() {
        return None;
    }
    let model = reading.model.expect("nothing is wrong with it");
    let mut files = emit(&model);
    // Snapshots say the same whatever the manifest says, and reading them takes its time.
    let page = |name: &str| Ok(fs::read_to_string(Path::new("..").join(name)).ok());
    let pages = docs::fill(&model, &[], &page).expect("the pages can be read");
    files.files.extend(pages.files);
    Some(files)
}

fn copy(from: &Path, to: &Path) {
    for item in fs::read_dir(from).expect("it can be read") {
        let path = item.expect("it can be read").path();
        let target = to.join(path.file_name().expect("it has a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            scratch::write(&target, &fs::read_to_string(&path).expect("it is text"));
        }
    }
}

/// The first edits of each kind at each key, or all.
fn sample(edits: Vec<Edit>) -> Vec<Edit> {
    if std::env::var_os("PYSHIM_MUTATIONS").is_some_and(|value| value == "all") {
        return edits;
    }
    let mut taken: BTreeMap<(String, &str), usize> = BTreeMap::new();
    edits
        .into_iter()
        .filter(|edit| {
            let count = taken.entry((edit.key.clone(), edit.what)).or_default();
            *count += 1;
            *count <= SAMPLE
        })
        .collect()
}

/// A list or mapping that is open while the events go by.
struct Open {
    key: String,
    is_mapping: bool,
    start: usize,
    /// The key whose value comes next, and where it begins.
    pending: Option<(String, usize)>,
    items: usize,
}

/// Every single edit of a file.
fn edits_of(file: &str, text: &str) -> Vec<Edit> {
    let mut edits = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.expect("the manifest is YAML");
        let at = bytes(&span);
        match event {
            Event::MappingStart(..) | Event::SequenceStart(..) => {
                let key = open.last().map(key_of).unwrap_or_default();
                let is_mapping = matches!(event, Event::MappingStart(..));
                open.push(Open {
                    key,
                    is_mapping,
                    start: at.start,
                    pending: None,
                    items: 0,
                });
            }
            Event::MappingEnd | Event::SequenceEnd => {
                let closed = open.pop().expect("it was opened");
                let end = at.end.max(closed.start);
                value_ended(file, text, &mut open, closed.start..end, &mut edits);
            }
            Event::Scalar(value, style, ..) => {
                let Some(last) = open.last_mut() else {
                    continue;
                };
                if last.is_mapping && last.pending.is_none() {
                    last.pending = Some((value.into_owned(), at.start));
                    continue;
                }
                let key = key_of(last);
                for (what, changed) in changes(&key, &value, style) {
                    let (file, key) = (file.to_owned(), key.clone());
                    edits.push(Edit {
                        file,
                        key,
                        what,
                        range: at.clone(),
                        text: changed,
                    });
                }
                value_ended(file, text, &mut open, at, &mut edits);
            }
            _ => {}
        }
    }
    edits
}

fn key_of(open: &Open) -> String {
    match &open.pending {
        Some((key, _)) if open.key.is_empty() => key.clone(),
        Some((key, _)) => format!("{}.{key}", open.key),
        None => open.key.clone(),
    }
}

/// After a value: its key, or the list's item, can be left out.
fn value_ended(
    file: &str,
    text: &str,
    open: &mut [Open],
    value: Range<usize>,
    edits: &mut Vec<Edit>,
) {
    let Some(last) = open.last_mut() else { return };
    let key = key_of(last);
    let (what, start) = match last.pending.take() {
        Some((_, start)) => ("key left out", start),
        None => ("item left out", value.start),
    };
    last.items += 1;
    let range = match what {
        "item left out" => whole_item(text, start..value.end),
        _ => whole_key(text, start..value.end),
    };
    edits.push(Edit {
        file: file.to_owned(),
        key,
        what,
        range,
        text: String::new(),
    });
}

/// An item of a list with its lines, or with a comma.
fn whole_item(text: &str, range: Range<usize>) -> Range<usize> {
    let line = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
    if text[line..range.start].trim() == "-" {
        lines(text, line, range.end)
    } else {
        with_comma(text, range)
    }
}

/// A key and its value with their lines, or with a comma.
fn whole_key(text: &str, range: Range<usize>) -> Range<usize> {
    let line = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
    match text[line..range.start].trim() {
        "" => lines(text, line, range.end),
        "-" => {
            // The next key takes this one's place behind the dash.
            let lines = lines(text, range.start, range.end);
            let indent = range.start - line;
            let next = &text[lines.end..];
            let follows = next.len() > indent
                && next[..indent].trim().is_empty()
                && !next[indent..].starts_with([' ', '-']);
            if follows {
                range.start..lines.end + indent
            } else {
                range.start..range.end
            }
        }
        _ => with_comma(text, range),
    }
}

fn lines(text: &str, start: usize, end: usize) -> Range<usize> {
    // A mapping ends where the next token begins, which is some lines further.
    let end = start + text[start..end].trim_end().len();
    start..text[end..].find('\n').map_or(text.len(), |at| end + at + 1)
}

fn with_comma(text: &str, range: Range<usize>) -> Range<usize> {
    if text[range.end..].starts_with(", ") {
        range.start..range.end + 2
    } else if text[..range.start].ends_with(", ") {
        range.start - 2..range.end
    } else {
        range
    }
}

/// Other values for a scalar, which mean something else and are well-formed if that can be.
fn changes(key: &str, value: &str, style: ScalarStyle) -> Vec<(&'static str, String)> {
    if let ("true" | "false", ScalarStyle::Plain) = (value, style) {
        return vec![("flipped", (value == "false").to_string())];
    }
    if let (Ok(number), ScalarStyle::Plain) = (value.parse::<i64>(), style) {
        return vec![("one more", (number + 1).to_string())];
    }
    let version: Vec<&str> = value.split('.').collect();
    if let (["3", _], Ok(number)) = (version.as_slice(), version[version.len() - 1].parse::<u8>()) {
        return vec![
            ("next version", format!("\"3.{}\"", number + 1)),
            ("version before", format!("\"3.{}\"", number - 1)),
        ];
    }
    if let ([major, minor, patch], true) = (version.as_slice(), key.contains("life")) {
        return vec![("later release", format!("\"{major}.{minor}.{patch}1\""))];
    }
    let words = [
        ("gil", "ft"),
        ("ft", "gil"),
        ("full", "abi3"),
        ("abi3", "full"),
        ("abi3t", "abi3"),
        ("limited", "full"),
        ("caller", "library"),
        ("object", "ptr<void>"),
        ("object?", "cstr"),
        ("int", "i64"),
        ("u32", "u64"),
        ("u8", "u16"),
    ];
    if let Some((_, other)) = words.iter().find(|(word, _)| *word == value) {
        return vec![("another word", (*other).to_owned())];
    }
    let mut changed = value.to_owned();
    match value.split_once(' ') {
        // Prose: another word in the middle.
        Some((first, rest)) => changed = format!("{first} indeed {rest}"),
        None => changed.push('x'),
    }
    vec![(
        "other text",
        format!("\"{}\"", changed.replace('\\', "\\\\").replace('"', "\\\"")),
    )]
}

fn bytes(span: &Span) -> Range<usize> {
    let start = span.start.byte_offset().expect("the source is a string");
    start..span.end.byte_offset().expect("the source is a string")
}

//! Looks at the parser's events for what other readers of the file would see differently, before
//! anything is made of them.

use serde_saphyr::granit_parser::{self, Event, Parser, ScalarStyle, ScanError, Span};

use super::{Complaint, MAX_DEPTH};

/// After so many complaints the rest is left for the next run.
const ENOUGH: usize = 50;

/// What is wrong with a text whatever it is to be read as. Nothing else is looked at until this is
/// empty.
pub(in crate::manifest) fn lint(text: &str) -> Vec<Complaint> {
    let options = granit_parser::options! {
        disallow_directives: true,
        emit_unresolved_aliases: true,
        emit_anchor_events: true,
    };
    let mut complaints = Vec::new();
    let mut depth = 0;
    let mut documents = 0;
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) = match event {
            Ok(found) => found,
            Err(error) => {
                complaints.push(syntax(&error, text));
                break;
            }
        };
        match &event {
            Event::DocumentStart(..) => documents += 1,
            Event::Anchor(..) => complaints.push(unused("an anchor", &span)),
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                complaints.push(unused("an alias", &span));
            }
            Event::MappingStart(..) | Event::SequenceStart(..) => depth += 1,
            Event::MappingEnd | Event::SequenceEnd => depth -= 1,
            Event::Scalar(value, style, ..) => complaints.extend(number(value, *style, &span)),
            _ => {}
        }
        if event.tag().is_some() {
            complaints.push(unused("a tag", &span.tag_span().unwrap_or(span)));
        }
        if complaints.len() >= ENOUGH {
            break;
        }
        if documents == 2 {
            let message = "found a second document, expected one a file";
            complaints.push(Complaint::new(message, bytes(&span)));
            break;
        }
        if depth > MAX_DEPTH {
            let message = format!("found more than {MAX_DEPTH} levels of lists and mappings");
            complaints.push(Complaint::new(message, bytes(&span)));
            break;
        }
    }
    complaints
}

fn syntax(error: &ScanError, text: &str) -> Complaint {
    let message = format!("this is not YAML: {}", error.info());
    let mut start = error
        .marker()
        .byte_offset()
        .unwrap_or(text.len())
        .min(text.len());
    if message.contains("a tab") {
        // The parser names the beginning of what the tab is in.
        start += text[start..].find('\t').unwrap_or_default();
    }
    let len = text[start..].chars().next().map_or(0, char::len_utf8);
    Complaint::new(message, start..start + len)
}

/// The key whose mapping another key is in, or what stands for it: where a key is missing.
pub(super) fn around_key(text: &str, key: usize) -> Option<std::ops::Range<usize>> {
    // For each list and mapping that is open: the key it is under, and its last key.
    let mut open: Vec<(std::ops::Range<usize>, Option<std::ops::Range<usize>>)> = Vec::new();
    let mut is_key = false;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.ok()?;
        let at = bytes(&span);
        match &event {
            Event::MappingStart(..) | Event::SequenceStart(..) => {
                let under = open.last().and_then(|(_, last)| last.clone());
                open.push((under.unwrap_or(at), None));
                is_key = matches!(event, Event::MappingStart(..));
            }
            Event::MappingEnd | Event::SequenceEnd => {
                open.pop();
                is_key = open.last().is_some_and(|(_, last)| last.is_some());
            }
            Event::Scalar(..) => {
                let (under, last) = open.last_mut()?;
                if at.start == key {
                    return Some(under.clone());
                }
                if is_key {
                    *last = Some(at);
                    is_key = false;
                } else {
                    is_key = last.is_some();
                }
            }
            _ => {}
        }
    }
    None
}

/// A piece of YAML that manifests do without.
fn unused(what: &str, span: &Span) -> Complaint {
    Complaint::new(format!("found {what}, expected plain YAML"), bytes(span))
        .help("write the value out: anchors, aliases, merge keys and tags are not used here")
}

/// A whole number in quotes is a number to this reader and text to others.
fn number(value: &str, style: ScalarStyle, span: &Span) -> Option<Complaint> {
    let quoted = matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted);
    if !quoted || value.parse::<i64>().is_err() {
        return None;
    }
    let message = format!("found `{value}` in quotes, expected a number or a version");
    let help = "write a number without quotes, and a version as `\"3.15\"`";
    Some(Complaint::new(message, bytes(span)).help(help))
}

fn bytes(span: &Span) -> std::ops::Range<usize> {
    let start = span.start.byte_offset().unwrap_or(0);
    start..span.end.byte_offset().unwrap_or(start)
}

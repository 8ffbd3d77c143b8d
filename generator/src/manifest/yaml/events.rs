//! Looks at the parser's events for what other readers of the file would see differently, before
//! anything is made of them.

use serde_saphyr::granit_parser::{self, Event, Parser, ScalarStyle, Span};

use super::{Complaint, MAX_DEPTH};

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
                let start = error
                    .marker()
                    .byte_offset()
                    .unwrap_or(text.len())
                    .min(text.len());
                let len = text[start..].chars().next().map_or(0, char::len_utf8);
                let message = format!("this is not YAML: {}", error.info());
                complaints.push(Complaint::new(message, start..start + len));
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
    let message = format!("found `{value}` in quotes, expected a number");
    Some(Complaint::new(message, bytes(span)).help("write it without the quotes"))
}

fn bytes(span: &Span) -> std::ops::Range<usize> {
    let start = span.start.byte_offset().unwrap_or(0);
    start..span.end.byte_offset().unwrap_or(start)
}

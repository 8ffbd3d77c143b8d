//! Reads a snapshot. Everything that is wrong is said, with its line.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;

use super::ctype::{CType, Function};
use super::label::Labels;
use super::write::HEAD;
use super::{
    Allocator, BitRange, Bits, Bound, Enum, Evidence, Field, Form, Item, Kind, Layout, Life, Place,
    Record, Surface, Symbol, Value,
};
use crate::check::codes::Code;
use crate::diag::Sink;
use crate::source::{FileId, Sources, Span};

/// After so many complaints a file is something else than a snapshot.
const ENOUGH: usize = 20;

/// There is room for so many items from the start, if there may be as many.
const ROOM: usize = 1 << 13;

/// Bytes that an item takes at least, as a rule.
const LEAST: usize = 128;

/// Reads a snapshot that is one of the sources. What is not understood is left out, and said.
pub fn read(file: FileId, sources: &Sources, sink: &mut Sink) -> Surface {
    let source = sources.file(file);
    let mut reader = Reader {
        surface: Surface::default(),
        shared: Shared::default(),
        open: None,
        closed: Vec::with_capacity(ROOM.min(source.text.len() / LEAST)),
    };
    let complaints = sink.len();
    for (index, (start, line)) in source.lines().enumerate() {
        // A word is a part of the text, so where it lies in memory says where in the file.
        let span = |word: &str| {
            let at = (word.as_ptr() as usize).saturating_sub(source.text.as_ptr() as usize);
            Span {
                file,
                start: at,
                end: at + word.len(),
            }
        };
        let written = line.trim_end_matches(['\n', '\r']);
        let outcome = if index == 0 {
            head(written)
        } else {
            let place = || Place {
                file: source.path.clone(),
                line: u32::try_from(index + 1).unwrap_or(u32::MAX),
            };
            reader.line(written, place)
        };
        if let Err(mistake) = outcome {
            let place = if mistake.word.is_empty() {
                Span {
                    file,
                    start,
                    end: start + written.len(),
                }
            } else {
                span(mistake.word)
            };
            sink.push(Code::Snapshot, place, mistake.message);
            if index == 0 || sink.len() - complaints >= ENOUGH {
                break;
            }
        }
    }
    if source.text.is_empty() {
        sink.push(
            Code::Snapshot,
            Span::whole_file(file),
            format!("the file is empty; a snapshot begins with `{HEAD}`"),
        );
    }
    reader.close();
    reader.keep();
    reader.surface
}

fn head(line: &str) -> Result<(), Mistake<'_>> {
    if line == HEAD {
        Ok(())
    } else {
        Err(Mistake::new(
            line,
            format!("this is no snapshot that this pyshim reads; one begins with `{HEAD}`"),
        ))
    }
}

/// A word that is not understood; empty when one is missing.
struct Mistake<'a> {
    word: &'a str,
    message: String,
}

impl<'a> Mistake<'a> {
    fn new(word: &'a str, message: impl Into<String>) -> Self {
        Mistake {
            word,
            message: message.into(),
        }
    }

    fn unknown(word: &'a str, what: &str) -> Self {
        Mistake::new(word, format!("`{word}` is no {what}"))
    }
}

type Outcome<'a, T = ()> = Result<T, Mistake<'a>>;

/// The words of a line, one after the other.
struct Words<'a> {
    rest: &'a str,
}

impl<'a> Words<'a> {
    fn next(&mut self, what: impl Display) -> Outcome<'a, &'a str> {
        if self.rest.is_empty() {
            return Err(Mistake::new(
                "",
                format!("the line ends where {what} should be"),
            ));
        }
        // Words are short: to look byte by byte is faster than to search.
        let end = self.rest.bytes().position(|byte| byte == b' ');
        let (word, rest) = match end {
            Some(end) => (&self.rest[..end], &self.rest[end + 1..]),
            None => (self.rest, ""),
        };
        if word.is_empty() {
            let why = format!("a second space stands where {what} should be");
            return Err(Mistake::new("", why));
        }
        self.rest = rest;
        Ok(word)
    }

    fn rest(&mut self, what: &str) -> Outcome<'a, &'a str> {
        if self.rest.is_empty() {
            return self.next(what);
        }
        Ok(std::mem::take(&mut self.rest))
    }

    fn number<T: FromStr>(&mut self, what: &str) -> Outcome<'a, T> {
        let word = self.next(what)?;
        word.parse().map_err(|_| Mistake::unknown(word, "number"))
    }

    fn expect(&mut self, wanted: &str) -> Outcome<'a> {
        let word = self.next(format_args!("`{wanted}`"))?;
        if word == wanted {
            Ok(())
        } else {
            Err(Mistake::new(
                word,
                format!("`{word}` stands where `{wanted}` should"),
            ))
        }
    }

    fn end(&mut self) -> Outcome<'a> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(Mistake::new(self.rest, "the line should have ended before"))
        }
    }

    /// Two numbers with a plus between them.
    fn range<T: FromStr>(&mut self, what: &str) -> Outcome<'a, (T, T)> {
        let word = self.next(what)?;
        let parse = |text: &str| text.parse().ok();
        word.split_once('+')
            .and_then(|(a, b)| Some((parse(a)?, parse(b)?)))
            .ok_or_else(|| Mistake::unknown(word, what))
    }

    fn ty(&mut self) -> Outcome<'a, CType> {
        let word = self.rest("a type")?;
        CType::parse(word).ok_or_else(|| Mistake::unknown(word, "type"))
    }
}

/// Labels, and facts for some of them. Few are different, and what was read is shared.
#[derive(Default)]
struct Shared<'a> {
    labels: Labels,
    /// What is declared of a name at first.
    nothing: Arc<BTreeMap<String, Form>>,
    wheres: HashMap<&'a str, Arc<BTreeSet<String>>>,
    declared: HashMap<(Form, &'a str), Arc<BTreeMap<String, Form>>>,
    functions: HashMap<&'a str, Arc<BTreeMap<String, Function>>>,
    constants: HashMap<&'a str, Arc<BTreeMap<String, Value>>>,
}

impl<'a> Shared<'a> {
    fn add(&mut self, label: String) {
        self.labels.add(label);
        self.wheres.clear();
        self.declared.clear();
        self.constants.clear();
    }

    fn wheres(&mut self, words: &mut Words<'a>) -> Outcome<'a, Arc<BTreeSet<String>>> {
        let list = words.rest("a label")?;
        if let Some(known) = self.wheres.get(list) {
            return Ok(Arc::clone(known));
        }
        let labels = self.labels.expand(list.split(' '));
        let labels = Arc::new(labels.map_err(|word| Mistake::unknown(word, "run of labels"))?);
        self.wheres.insert(list, Arc::clone(&labels));
        Ok(labels)
    }

    /// What was known already, and this form for a list of labels.
    fn declared(
        &mut self,
        known: &Arc<BTreeMap<String, Form>>,
        form: Form,
        words: &mut Words<'a>,
    ) -> Outcome<'a, Arc<BTreeMap<String, Form>>> {
        let list = words.rest;
        let same = self.declared.get(&(form, list));
        if let Some(same) = same.filter(|_| known.is_empty()) {
            words.rest = "";
            return Ok(Arc::clone(same));
        }
        let labels = self.wheres(words)?;
        let form_of = |label: &String| (label.clone(), form);
        let mut declared = BTreeMap::clone(known);
        declared.extend(labels.iter().map(form_of));
        let declared = Arc::new(declared);
        if known.is_empty() {
            self.declared.insert((form, list), Arc::clone(&declared));
        }
        Ok(declared)
    }

    /// What was known of a function already, and its type for a data model.
    fn function(
        &mut self,
        known: &mut Arc<BTreeMap<String, Function>>,
        words: &mut Words<'a>,
    ) -> Outcome<'a> {
        let line = words.rest;
        if let Some(same) = self.functions.get(line).filter(|_| known.is_empty()) {
            words.rest = "";
            *known = Arc::clone(same);
            return Ok(());
        }
        let variant = words.next("a data model")?.to_owned();
        let text = words.rest("a type")?;
        let found = Function::parse(text);
        let found = found.ok_or_else(|| Mistake::unknown(text, "type of a function"))?;
        if known.is_empty() {
            *known = Arc::new(BTreeMap::from([(variant, found)]));
            self.functions.insert(line, Arc::clone(known));
        } else {
            Arc::make_mut(known).insert(variant, found);
        }
        Ok(())
    }

    /// What was known of a constant already, and its value for a list of labels.
    fn constant(
        &mut self,
        known: &mut Arc<BTreeMap<String, Value>>,
        words: &mut Words<'a>,
    ) -> Outcome<'a> {
        let text = words.rest("labels, `=` and a value")?;
        if let Some(same) = self.constants.get(text).filter(|_| known.is_empty()) {
            *known = Arc::clone(same);
            return Ok(());
        }
        let (list, value) = text
            .split_once(" = ")
            .ok_or_else(|| Mistake::new(text, "there is no ` = ` between labels and value"))?;
        let value = constant(value)?;
        let labels = self.wheres(&mut Words { rest: list })?;
        let values = labels.iter().map(|label| (label.clone(), value.clone()));
        if known.is_empty() {
            *known = Arc::new(values.collect());
            self.constants.insert(text, Arc::clone(known));
        } else {
            Arc::make_mut(known).extend(values);
        }
        Ok(())
    }
}

struct Reader<'a> {
    surface: Surface,
    shared: Shared<'a>,
    /// What the lines are about now: those of an item follow one another, and need not look for it.
    open: Option<(String, Item)>,
    /// What came before, each name after the one before it. In a sorted file that is everything, and
    /// to make a map of what is sorted is cheaper than to add to one.
    closed: Vec<(String, Item)>,
}

impl<'a> Reader<'a> {
    fn line(&mut self, line: &'a str, place: impl FnOnce() -> Place) -> Outcome<'a> {
        if line.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        let mut words = Words { rest: line };
        let name = words.next("a name")?;
        if name == "about" {
            return self.about(&mut words);
        }
        let key = words.next("a fact")?;
        self.turn_to(name);
        let Some((_, item)) = &mut self.open else {
            let kind = new_kind(key).ok_or_else(|| {
                Mistake::new(key, format!("the first line of `{name}` should say what it is, and `{key}` is no kind of thing"))
            })?;
            // Libraries of other languages export what they like; the rest is of C's headers.
            if !matches!(kind, Kind::Function(_) | Kind::Variable(_)) && !is_of_headers(name) {
                return Err(Mistake::new(
                    name,
                    format!(
                        "`{name}` is no name that headers of C give a {key}: letters, digits and `_`, and dots between such names"
                    ),
                ));
            }
            words.end()?;
            let item = Item {
                kind,
                declared: Arc::clone(&self.shared.nothing),
                exported: None,
                symbol: Symbol::default(),
                life: Life::default(),
                place: Some(place()),
            };
            self.open = Some((name.to_owned(), item));
            return Ok(());
        };
        fact(item, key, &mut words, &mut self.shared)?;
        words.end()
    }

    /// Opens the item of a name, if it is known.
    fn turn_to(&mut self, name: &str) {
        if self.open.as_ref().is_some_and(|(open, _)| open == name) {
            return;
        }
        self.close();
        let last = self.closed.last();
        if last.is_some_and(|(last, _)| last.as_str() >= name) {
            self.keep();
        }
        self.open = self.surface.items.remove_entry(name);
    }

    fn close(&mut self) {
        self.closed.extend(self.open.take());
    }

    fn keep(&mut self) {
        let closed = self.closed.drain(..);
        if self.surface.items.is_empty() {
            self.surface.items = closed.collect();
        } else {
            self.surface.items.extend(closed);
        }
    }

    fn about(&mut self, words: &mut Words<'a>) -> Outcome<'a> {
        let about = &mut self.surface.about;
        match words.next("a fact")? {
            "subject" => words.rest("what it is")?.clone_into(&mut about.subject),
            "evidence" => {
                let word = words.next("a kind of evidence")?;
                let found = Evidence::ALL.into_iter().find(|one| one.word() == word);
                about
                    .evidence
                    .insert(found.ok_or_else(|| Mistake::unknown(word, "kind of evidence"))?);
            }
            "where" => {
                let label = words.next("a label")?.to_owned();
                self.shared.add(label.clone());
                about.wheres.insert(label);
            }
            key => {
                let value = words.rest("a value")?;
                about.facts.insert((key.to_owned(), value.to_owned()));
            }
        }
        words.end()
    }
}

/// Whether C's headers have such a name. What is unnamed in a struct is called by the way to it, with dots.
/// A page is called after a struct, so that a name with other characters could lead out of its folder.
fn is_of_headers(name: &str) -> bool {
    name.split('.').all(|part| {
        let is_letter = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
        part.chars().all(is_letter) && part.starts_with(|c: char| !c.is_ascii_digit())
    })
}

fn new_kind(word: &str) -> Option<Kind> {
    Some(match word {
        "struct" => Kind::Record(Record::default()),
        "union" => Kind::Record(Record {
            is_union: true,
            ..Record::default()
        }),
        "enum" => Kind::Enum(Enum::default()),
        "alias" => Kind::Alias(Default::default()),
        "function" => Kind::Function(Default::default()),
        "variable" => Kind::Variable(Default::default()),
        "constant" => Kind::Constant(Default::default()),
        "bits" => Kind::Bits(Bits {
            unit: CType::Void,
            bits: Default::default(),
        }),
        "slots" => Kind::Slots(Default::default()),
        "macro" => Kind::Macro,
        _ => return None,
    })
}

fn fact<'a>(
    item: &mut Item,
    key: &'a str,
    words: &mut Words<'a>,
    all: &mut Shared<'a>,
) -> Outcome<'a> {
    let life = &mut item.life;
    match key {
        "added" => life.added = Some(words.next("a release")?.to_owned()),
        "deprecated" => life.deprecated = Some(words.next("a release")?.to_owned()),
        "replacement" => life.replacement = Some(words.rest("what to use instead")?.to_owned()),
        "removed" => life.removed = Some(words.next("a release")?.to_owned()),
        "declared" => {
            let word = words.next("a form")?;
            let form = Form::ALL.into_iter().find(|form| form.word() == word);
            let form = form.ok_or_else(|| Mistake::unknown(word, "form of a declaration"))?;
            item.declared = all.declared(&item.declared, form, words)?;
        }
        "exported" => item.exported = Some(all.wheres(words)?),
        "thread-local" => item.symbol.thread_local = true,
        "size" => item.symbol.size = Some(words.number("a size")?),
        "version" => {
            let version = words.next("a version")?.to_owned();
            let bound = match words.next("`linked` or `kept`")? {
                "linked" => Bound::Linked,
                "kept" => Bound::Kept,
                word => {
                    return Err(Mistake::unknown(
                        word,
                        "way to have a version; it is `linked` or `kept`",
                    ));
                }
            };
            item.symbol.versions.insert(version, bound);
        }
        _ => return kind_fact(&mut item.kind, key, words, all),
    }
    Ok(())
}

fn kind_fact<'a>(
    kind: &mut Kind,
    key: &'a str,
    words: &mut Words<'a>,
    all: &mut Shared<'a>,
) -> Outcome<'a> {
    let word = kind.word();
    match (kind, key) {
        (Kind::Record(record), _) => return record_fact(record, key, words),
        (Kind::Enum(body), "unit") => {
            let variant = words.next("a data model")?.to_owned();
            body.unit.insert(variant, words.ty()?);
        }
        (Kind::Enum(body), "member") => {
            let name = words.next("a name")?.to_owned();
            body.members.push((name, words.number("a value")?));
        }
        (Kind::Alias(variants), "is") => {
            let variant = words.next("a data model")?.to_owned();
            variants.insert(variant, words.ty()?);
        }
        (Kind::Function(variants), "type") => all.function(variants, words)?,
        (Kind::Variable(variants), "type") => {
            let variant = words.next("a data model")?.to_owned();
            variants.insert(variant, words.ty()?);
        }
        (Kind::Constant(values), "value") => all.constant(values, words)?,
        (Kind::Bits(bits), "unit") => bits.unit = words.ty()?,
        (Kind::Bits(bits), "bit") => {
            let name = words.next("a name")?.to_owned();
            let (shift, width) = words.range("place of bits")?;
            bits.bits.insert(name, BitRange { shift, width });
        }
        (Kind::Slots(slots), "slot") => {
            let name = words.next("a name")?.to_owned();
            slots.insert(name, words.number("a number")?);
        }
        _ => {
            return Err(Mistake::new(
                key,
                format!("`{key}` is no fact about a thing of kind `{word}`"),
            ));
        }
    }
    Ok(())
}

fn constant(text: &str) -> Outcome<'_, Value> {
    if text.starts_with('"') {
        return serde_json::from_str(text)
            .map(Value::Text)
            .map_err(|_| Mistake::unknown(text, "text in quotes"));
    }
    text.parse()
        .map(Value::Number)
        .map_err(|_| Mistake::unknown(text, "number or text in quotes"))
}

fn record_fact<'a>(record: &mut Record, key: &'a str, words: &mut Words<'a>) -> Outcome<'a> {
    match key {
        "allocated-by" => {
            record.usage.allocated_by = Some(match words.next("`caller` or `library`")? {
                "caller" => Allocator::Caller,
                "library" => Allocator::Library,
                word => {
                    return Err(Mistake::unknown(
                        word,
                        "allocator; it is `caller` or `library`",
                    ));
                }
            });
        }
        "by-value" => record.usage.by_value = true,
        "in-arrays" => record.usage.in_arrays = true,
        "size-field" => record.size_field = Some(words.next("a field")?.to_owned()),
        "reserve" => {
            record.reserve.insert(words.next("a field")?.to_owned());
        }
        "layout" => {
            let variant = words.next("a data model")?.to_owned();
            words.expect("size")?;
            let size = words.number("a size")?;
            words.expect("align")?;
            let align = words.number("an alignment")?;
            let layout = Layout {
                size,
                align,
                fields: Vec::new(),
            };
            record.layouts.insert(variant, layout);
        }
        "field" => {
            let variant = words.next("a data model")?;
            let layout = record.layouts.get_mut(variant).ok_or_else(|| {
                Mistake::new(
                    variant,
                    format!("no line before this one says `layout {variant}`"),
                )
            })?;
            layout.fields.push(field(words)?);
        }
        _ => return Err(Mistake::unknown(key, "fact about a struct")),
    }
    Ok(())
}

fn field<'a>(words: &mut Words<'a>) -> Outcome<'a, Field> {
    let name = words.next("a name")?.to_owned();
    let (is_bit_field, bit_offset, bits) = match words.next("`at` or `bits`")? {
        "at" => {
            let offset = bytes(words, "an offset")?;
            words.expect("size")?;
            (false, offset, bytes(words, "a size")?)
        }
        "bits" => {
            let (offset, width) = words.range("place of bits")?;
            (true, offset, width)
        }
        word => {
            return Err(Mistake::new(
                word,
                format!("`{word}` stands where `at` or `bits` should"),
            ));
        }
    };
    let (ty, spelled) = typed(words.rest("a type")?)?;
    Ok(Field {
        name,
        ty,
        spelled,
        bit_offset,
        bits,
        is_bit_field,
    })
}

/// A type, or `?`, and perhaps ` as ` and how it is spelled. Either part may have that word in it.
fn typed(text: &str) -> Outcome<'_, (Option<CType>, Option<String>)> {
    let ends = text.match_indices(" as ").map(|(at, _)| at);
    for end in ends.chain([text.len()]) {
        let (ty, rest) = text.split_at(end);
        let spelled = rest.strip_prefix(" as ").map(str::to_owned);
        match CType::parse(ty) {
            None if ty == "?" => return Ok((None, spelled)),
            None => {}
            found => return Ok((found, spelled)),
        }
    }
    Err(Mistake::unknown(text, "type"))
}

/// A number of bytes, in bits.
fn bytes<'a>(words: &mut Words<'a>, what: &str) -> Outcome<'a, u64> {
    let word = words.next(what)?;
    let bytes: Option<u64> = word.parse().ok();
    bytes
        .and_then(|bytes| bytes.checked_mul(8))
        .ok_or_else(|| Mistake::unknown(word, "number of bytes"))
}

//! The second program: one question a line, and a line that is an error is a "no".

use std::collections::{BTreeMap, BTreeSet};

use super::super::compiler::Headers;
use super::super::names::Names;
use super::macros::Macro;
use super::text::Uses;
use crate::surface::in_source;

/// What can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ask {
    /// Is it a type?
    Type,
    /// Has it a size?
    Complete,
    /// Can its address be taken?
    Address,
    /// Is it a function?
    Function,
    /// Is it an integer that is known to the compiler?
    Number,
    /// Is it a text in quotes?
    Text,
    /// Is there such a field?
    Field,
    /// Has the field an offset?
    Offset,
    /// Has the field a size?
    Size,
    /// Does the header bring the function itself?
    Static,
}

/// One question.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Question {
    ask: Ask,
    name: String,
    /// `struct ` where the name is a tag; mostly nothing.
    tag: &'static str,
    field: Option<String>,
}

/// Questions, each of which becomes a line.
pub(super) struct Questions {
    list: Vec<Question>,
    /// From here on, macros are out of the way.
    bare: usize,
    macros: BTreeMap<String, Macro>,
}

/// The questions whose answer is yes.
pub(super) struct Yes {
    set: BTreeSet<Question>,
    /// By name, what is a macro.
    pub(super) macros: BTreeMap<String, Macro>,
    /// Every name, with the fields that were asked for.
    pub(super) names: Names,
}

/// Whether a name is a typedef, or a tag of which there is no typedef.
pub(super) const TAGS: [&str; 4] = ["", "struct ", "union ", ENUM];
/// Has no fields.
const ENUM: &str = "enum ";

const FILE: &str = "questions.c";

/// The tags that may stand before a name.
fn tags(uses: &Uses) -> impl Iterator<Item = &'static str> {
    let may_be = [
        uses.in_typedef,
        uses.after_struct,
        uses.after_union,
        uses.after_enum,
    ];
    let tags = TAGS.into_iter().zip(may_be);
    tags.filter(|(_, may_be)| *may_be).map(|(tag, _)| tag)
}

/// What is asked of a type, if it is one.
fn about_type(name: &str, tag: &'static str, fields: &BTreeSet<String>) -> Vec<Question> {
    let question = |ask, field: Option<&String>| Question {
        ask,
        name: name.to_owned(),
        tag,
        field: field.cloned(),
    };
    let mut questions = vec![question(Ask::Complete, None)];
    for field in fields.iter().filter(|_| tag != ENUM) {
        for ask in [Ask::Field, Ask::Offset, Ask::Size] {
            questions.push(question(ask, Some(field)));
        }
    }
    questions
}

impl Questions {
    /// `uses` tells which names may be declared, also below a macro, and as what.
    pub(super) fn about(
        names: &Names,
        macros: &BTreeMap<String, Macro>,
        uses: &BTreeMap<String, Uses>,
    ) -> Self {
        let mut list = Vec::new();
        let mut bare = Vec::new();
        for name in names.all() {
            let form = macros.get(name);
            if form == Some(&Macro::Fragment) {
                continue;
            }
            let question = |ask| Question {
                ask,
                name: name.clone(),
                tag: "",
                field: None,
            };
            let uses = uses.get(name);
            if let Some(uses) = uses {
                bare.extend([Ask::Address, Ask::Function].map(question));
                bare.extend(uses.in_static.then(|| question(Ask::Static)));
            }
            let Some(fields) = names.fields.get(name) else {
                continue;
            };
            match (form, uses) {
                (Some(Macro::Object), _) => list.push(question(Ask::Number)),
                (Some(Macro::Text), _) => list.push(question(Ask::Text)),
                (_, None) => {}
                (_, Some(uses)) => {
                    list.extend(uses.in_typedef.then(|| question(Ask::Type)));
                    list.extend(uses.in_enum.then(|| question(Ask::Number)));
                    for tag in tags(uses) {
                        list.extend(about_type(name, tag, fields));
                    }
                }
            }
        }
        // A second declaration changes what comes after it.
        bare.sort_by_key(|question| question.ask == Ask::Static);
        let first = list.len();
        list.append(&mut bare);
        Questions {
            list,
            bare: first,
            macros: macros.clone(),
        }
    }

    pub(super) fn program(&self, headers: &Headers) -> String {
        let mut text = headers.directives();
        for (index, question) in self.list.iter().enumerate() {
            if index == self.bare {
                text.extend(self.covers().map(|name| format!("#undef {name}\n")));
            }
            text.push_str(&question.line(index));
            text.push('\n');
        }
        text
    }

    /// Macros without parameters may stand before a function of the same name, which is there all
    /// the same.
    fn covers(&self) -> impl Iterator<Item = &String> {
        let objects = self
            .macros
            .iter()
            .filter(|(_, form)| matches!(form, Macro::Object | Macro::Text));
        objects.map(|(name, _)| name)
    }

    /// Reads what the compiler complains of. None when it complains of the headers.
    pub(super) fn read(self, stderr: &str, headers: &Headers, names: &Names) -> Option<Yes> {
        let first = headers.names.len() + 1;
        let covers = self.covers().count();
        let mut no = BTreeSet::new();
        for line in stderr.lines() {
            let Some((place, _)) =
                (line.split_once(": error:")).or_else(|| line.split_once(": fatal error:"))
            else {
                continue;
            };
            let mut parts = place.split(':');
            let line = match (parts.next(), parts.next().map(str::parse::<usize>)) {
                (Some(FILE), Some(Ok(line))) => line,
                _ => return None,
            };
            let line = line.checked_sub(first)?;
            no.insert(if line < self.bare {
                line
            } else {
                line.checked_sub(covers)?
            });
        }
        let questions = self.list.into_iter().enumerate();
        Some(Yes {
            set: questions
                .filter(|(index, _)| !no.contains(index))
                .map(|(_, question)| question)
                .collect(),
            macros: self.macros,
            names: names.clone(),
        })
    }
}

impl Question {
    /// Each is a function of its own, since compilers complain once a function of a name that they
    /// do not know.
    fn line(&self, index: usize) -> String {
        let (name, ty) = (&self.name, format!("{}{}", self.tag, self.name));
        let field = self
            .field
            .as_deref()
            .and_then(in_source)
            .unwrap_or_default();
        let body = match self.ask {
            Ask::Type => format!("(void)({ty} *)0;"),
            // Members that are functions or void do not exist either; arrays of what is aligned to
            // more than its size do not, though it is complete. What is no type, but has one, is
            // taken for it, since gcc looks for types of similar names when a type is not known, and
            // takes 10 ms for that.
            Ask::Complete => {
                format!("struct pyshim_whole_{index} {{ __typeof__({ty}) member; }};")
            }
            Ask::Address => format!("(void)&({name});"),
            // The address of a function is the same as that of what it points at.
            Ask::Function => format!(
                "char same[__builtin_types_compatible_p(__typeof__(&({name})), \
                 __typeof__(&*({name}))) ? 1 : -1];"
            ),
            Ask::Number => format!("enum {{ number = ({name}) }};"),
            Ask::Text => format!("static const char text[] = \"\" {name};"),
            Ask::Field => format!("(void)(({ty} *)0)->{field};"),
            Ask::Offset => format!("enum {{ offset = __builtin_offsetof({ty}, {field}) }};"),
            Ask::Size => format!("(void)sizeof((({ty} *)0)->{field});"),
            Ask::Static => return format!("static __typeof__({name}) {name};"),
        };
        format!("void pyshim_question_{index}(void) {{ {body} }}")
    }
}

impl Yes {
    pub(super) fn has(&self, ask: Ask, name: &str) -> bool {
        self.has_all(ask, name, "", None)
    }

    /// How a type is spelled in C, if it is one; the size of a tag that is only declared cannot be
    /// asked for, so such a tag is not seen.
    pub(super) fn spelled(&self, name: &str) -> Option<(String, bool)> {
        for tag in TAGS {
            let complete = self.has_all(Ask::Complete, name, tag, None);
            let is_type = match tag {
                "" => self.has(Ask::Type, name),
                _ => complete,
            };
            if is_type {
                return Some((format!("{tag}{name}"), complete));
            }
        }
        None
    }

    /// What of a field of a type is known, by the type's spelling.
    pub(super) fn has_field(&self, ask: Ask, spelled: &str, name: &str, field: &str) -> bool {
        let tag = TAGS
            .into_iter()
            .find(|tag| spelled.len() == tag.len() + name.len() && spelled.starts_with(tag));
        tag.is_some_and(|tag| self.has_all(ask, name, tag, Some(field)))
    }

    fn has_all(&self, ask: Ask, name: &str, tag: &'static str, field: Option<&str>) -> bool {
        self.set.contains(&Question {
            ask,
            name: name.to_owned(),
            tag,
            field: field.map(str::to_owned),
        })
    }
}

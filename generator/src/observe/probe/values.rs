//! The third program: numbers, in an array that is read out of the object file.

use object::{Object as _, ObjectSection as _, ObjectSymbol as _};

use super::super::compiler::Headers;
use super::super::failure::{Failure, Trouble};
use super::answers::{Answer, Answers, Class, Complete, Member, Type};
use super::macros::Macro;
use super::questions::{Ask, Yes};
use crate::surface::in_source;

/// Says that what follows was written by the third program.
const MAGIC: u64 = 0x7079_7368_696d_0001;

/// What is asked of the compiler, in the order of the rows.
pub(super) struct Values {
    /// Expressions, each an integer.
    rows: Vec<String>,
    /// Texts, each the name of a macro.
    texts: Vec<String>,
    /// What is already known, with the rows of what is not.
    names: Vec<(String, Wanted)>,
}

/// What the rows of a name will say.
enum Wanted {
    Known(Answer),
    /// The row of an enumerator, or of a macro.
    Number {
        row: usize,
        is_macro: bool,
    },
    /// The text's index, and the row of its size.
    Text {
        text: usize,
        row: usize,
    },
    /// Size, alignment and class are in three rows.
    Type {
        spelled: String,
        row: usize,
        fields: Vec<(String, Places)>,
    },
}

/// In which rows a field's numbers are.
struct Places {
    offset: Option<usize>,
    size: Option<usize>,
    class: Option<usize>,
}

const PRELUDE: &str = "\
#define PYSHIM_INT(x) (__builtin_classify_type(x) >= 1 && __builtin_classify_type(x) <= 4)
#define PYSHIM_SIGNED(x) ((__typeof__(__builtin_choose_expr(PYSHIM_INT(x), (x), 0)))-1 < 0)
#define PYSHIM_BOOL(x) _Generic((x), _Bool: 1, default: 0)
#define PYSHIM_CLASS(x) (__builtin_classify_type(x) == 12 ? 1 \
: __builtin_classify_type(x) == 13 ? 2 : __builtin_classify_type(x) == 8 ? 6 \
: !PYSHIM_INT(x) ? 0 : PYSHIM_BOOL(x) ? 3 : PYSHIM_SIGNED(x) ? 4 : 5)
struct pyshim_aligned { char before; long long number; };
";

/// What tells the data model: the first rows.
const MODEL: [&str; 3] = [
    "sizeof(void *)",
    "sizeof(long)",
    "__builtin_offsetof(struct pyshim_aligned, number)",
];

impl Values {
    pub(super) fn of(yes: &Yes) -> Self {
        let mut values = Values {
            rows: MODEL.map(str::to_owned).to_vec(),
            texts: Vec::new(),
            names: Vec::new(),
        };
        for name in yes.names.all() {
            if let Some(wanted) = values.want(name, yes) {
                values.names.push((name.clone(), wanted));
            }
        }
        values
    }

    fn row(&mut self, expression: String) -> usize {
        self.rows.push(expression);
        self.rows.len() - 1
    }

    fn want(&mut self, name: &str, yes: &Yes) -> Option<Wanted> {
        let form = yes.macros.get(name);
        // A macro that becomes its own name is there to be asked for by `#ifdef`.
        let object = matches!(form, Some(Macro::Object | Macro::Text));
        if form == Some(&Macro::Fragment) {
            return Some(Wanted::Known(Answer::Macro));
        }
        // Some compilers take the value of a constant variable for a number, too.
        if yes.has(Ask::Number, name) && (object || !yes.has(Ask::Address, name)) {
            let row = self.row(format!("({name})"));
            return Some(Wanted::Number {
                row,
                is_macro: object,
            });
        }
        if object && yes.has(Ask::Text, name) {
            self.texts.push(name.to_owned());
            let text = self.texts.len() - 1;
            let row = self.row(format!("sizeof(pyshim_text_{text})"));
            return Some(Wanted::Text { text, row });
        }
        if yes.has(Ask::Function, name) {
            let inline = yes.has(Ask::Static, name);
            return Some(Wanted::Known(Answer::Function { inline }));
        }
        if yes.has(Ask::Address, name) {
            return Some(Wanted::Known(Answer::Variable));
        }
        match yes.spelled(name) {
            Some((spelled, true)) => Some(self.complete(name, spelled, yes)),
            Some((spelled, false)) => Some(Wanted::Known(Answer::Type(Type {
                spelled,
                complete: None,
            }))),
            None => form.is_some().then_some(Wanted::Known(Answer::Macro)),
        }
    }

    fn complete(&mut self, name: &str, spelled: String, yes: &Yes) -> Wanted {
        let row = self.row(format!("sizeof({spelled})"));
        self.row(format!("_Alignof({spelled})"));
        self.row(format!("PYSHIM_CLASS(*({spelled} *)0)"));
        let mut fields = Vec::new();
        for field in yes.names.fields.get(name).into_iter().flatten() {
            let has = |ask| yes.has_field(ask, &spelled, name, field);
            let Some(own) = in_source(field).filter(|_| has(Ask::Field)) else {
                continue;
            };
            let there = format!("(({spelled} *)0)->{own}");
            let places = Places {
                offset: has(Ask::Offset)
                    .then(|| self.row(format!("__builtin_offsetof({spelled}, {own})"))),
                size: has(Ask::Size).then(|| self.row(format!("sizeof({there})"))),
                // What has no size or no address is a bit-field or a flexible array.
                class: (has(Ask::Size) && has(Ask::Offset))
                    .then(|| self.row(format!("PYSHIM_CLASS({there})"))),
            };
            fields.push((field.clone(), places));
        }
        Wanted::Type {
            spelled,
            row,
            fields,
        }
    }

    pub(super) fn program(&self, headers: &Headers) -> String {
        let mut text = headers.directives();
        text.push_str(PRELUDE);
        for (index, name) in self.texts.iter().enumerate() {
            text.push_str(&format!(
                "const char pyshim_text_{index}[] = \"\" {name};\n"
            ));
        }
        text.push_str(&format!(
            "const unsigned long long pyshim_rows[] = {{\n{MAGIC:#x}ull, {}ull,\n",
            self.rows.len()
        ));
        for row in &self.rows {
            text.push_str(&format!("({row}) < 0, (unsigned long long)({row}),\n"));
        }
        text.push_str("};\n");
        text
    }

    /// Reads the numbers out of the object file.
    pub(super) fn read(self, object: &[u8]) -> Result<Answers, Failure> {
        let file = object::File::parse(object).map_err(|error| strange(&error.to_string()))?;
        let rows = self.numbers(&file)?;
        let number = |row: usize| rows.get(row).copied().unwrap_or_default();
        let bytes = |row: usize| u64::try_from(number(row)).unwrap_or_default();
        let mut answers = Answers {
            model: model(bytes(0), bytes(1), bytes(2), file.is_little_endian()),
            ..Answers::default()
        };
        for (name, wanted) in self.names {
            let answer = match wanted {
                Wanted::Known(answer) => answer,
                Wanted::Number {
                    row,
                    is_macro: true,
                } => Answer::Number(number(row)),
                Wanted::Number {
                    row,
                    is_macro: false,
                } => Answer::Enumerator(number(row)),
                Wanted::Text { text, row } => {
                    let data = content(&file, &format!("pyshim_text_{text}"), bytes(row))?;
                    let text = data.strip_suffix(&[0]).unwrap_or(data);
                    Answer::Text(String::from_utf8_lossy(text).into_owned())
                }
                Wanted::Type {
                    spelled,
                    row,
                    fields,
                } => {
                    let field = |places: &Places| Member {
                        offset: places.offset.map(bytes),
                        size: places.size.map(bytes),
                        class: places
                            .class
                            .map(|row| class(number(row)))
                            .unwrap_or_default(),
                    };
                    Answer::Type(Type {
                        spelled,
                        complete: Some(Complete {
                            size: bytes(row),
                            align: bytes(row + 1),
                            class: class(number(row + 2)),
                            fields: fields
                                .iter()
                                .map(|(name, at)| (name.clone(), field(at)))
                                .collect(),
                        }),
                    })
                }
            };
            answers.names.insert(name, answer);
        }
        Ok(answers)
    }

    /// Every row as a number with its sign.
    fn numbers(&self, file: &object::File<'_>) -> Result<Vec<i128>, Failure> {
        let size = (self.rows.len() as u64 + 1) * 16;
        let data = content(file, "pyshim_rows", size)?;
        let words: Vec<u64> = data
            .chunks_exact(8)
            .filter_map(|word| <[u8; 8]>::try_from(word).ok())
            .map(|word| match file.is_little_endian() {
                true => u64::from_le_bytes(word),
                false => u64::from_be_bytes(word),
            })
            .collect();
        if words.first() != Some(&MAGIC) || words.get(1) != Some(&(self.rows.len() as u64)) {
            return Err(strange("it does not begin as it should"));
        }
        let rows = words[2..].chunks_exact(2).map(|row| match row {
            [0, value] => i128::from(*value),
            [_, value] => i128::from(value.cast_signed()),
            _ => 0,
        });
        Ok(rows.collect())
    }
}

fn strange(what: &str) -> Failure {
    Failure::new(
        Trouble::Binary,
        format!("the object file of the probe cannot be read: {what}"),
        "name a compiler that writes ELF, Mach-O or COFF with --cc",
    )
}

/// The bytes of a variable.
fn content<'a>(file: &object::File<'a>, name: &str, size: u64) -> Result<&'a [u8], Failure> {
    let symbol = file
        .symbols()
        .find(|symbol| {
            let found = symbol.name().unwrap_or_default();
            symbol.is_definition() && (found == name || found.strip_prefix('_') == Some(name))
        })
        .ok_or_else(|| strange(&format!("it has no `{name}`")))?;
    symbol
        .section_index()
        .and_then(|index| file.section_by_index(index).ok())
        .and_then(|section| section.data_range(symbol.address(), size).ok().flatten())
        .ok_or_else(|| strange(&format!("it has no bytes of `{name}`")))
}

fn class(number: i128) -> Class {
    match number {
        1 => Class::Struct,
        2 => Class::Union,
        3 => Class::Bool,
        4 => Class::Signed,
        5 => Class::Unsigned,
        6 => Class::Float,
        _ => Class::Other,
    }
}

/// The data model's name; one that has no name here gets one that says what it is.
fn model(pointer: u64, long: u64, align: u64, little: bool) -> String {
    let name = match (pointer, long, align) {
        (8, 8, 8) => "lp64",
        (8, 4, 8) => "llp64",
        (4, 4, 4) => "ilp32",
        (4, 4, 8) => "ilp32-align8",
        _ => return format!("pointer{pointer}-long{long}-align{align}"),
    };
    let order = if little { "" } else { "-be" };
    format!("{name}{order}")
}

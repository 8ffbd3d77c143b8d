//! Running bindgen: what it wrote, and what it said meanwhile.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use bindgen::callbacks::{
    DiscoveredItem, DiscoveredItemId, EnumVariantValue, FieldInfo, IntKind, ItemInfo, ItemKind,
    MacroParsingBehavior, ParseCallbacks, SourceLocation, Token,
};
use bindgen::{BindgenError, Builder, EnumVariation, Formatter, RustTarget};
use syn::Item;

use super::answers::{self, Answers};
use super::files::Filter;
use super::{Request, Wanted, questions, target};
use crate::observe::{Failure, Trouble};

/// Before the name of each item, so that none is a word of Rust or of bindgen, and nothing has to be
/// guessed back.
pub(super) const ITEM: &str = "C_";
/// Before the name of each field.
pub(super) const FIELD: &str = "f_";
/// Before the name of each constant of an enumeration.
pub(super) const MEMBER: &str = "v_";
/// Before each name that the header is asked with; nobody else's begin so.
pub(super) const OURS: &str = "pyshim_asks_";

/// Whether bindgen made a type's name up: `X__bindgen_ty_1`.
pub(super) fn is_unnamed(name: &str) -> bool {
    let number = name.rsplit_once("_bindgen_ty_").map(|(_, number)| number);
    number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// What was read.
pub(super) struct Reading {
    /// What is declared.
    pub(super) declared: Vec<Item>,
    /// What bindgen leaves open.
    pub(super) answers: Answers,
    /// What bindgen said.
    pub(super) notes: Notes,
    /// What was asked for.
    pub(super) filter: Rc<Filter>,
}

impl Reading {
    /// Whether one of some texts is in a file that was asked for. Where names were asked for, their
    /// files are not known, and neither is this.
    pub(super) fn mentions(&self, texts: &[&str]) -> Option<bool> {
        let own = |file: &&PathBuf| self.filter.has(&[], file.to_str());
        let mut own = self.notes.files.iter().filter(own);
        self.filter.goes_by_files().then(|| {
            own.any(|file| {
                let file = fs::read(file).unwrap_or_default();
                let file = String::from_utf8_lossy(&file);
                texts.iter().any(|text| file.contains(text))
            })
        })
    }
}

/// What bindgen says while it works.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// Where types are declared, by their names in Rust.
    pub(super) types: BTreeMap<String, Origin>,
    /// Where functions, variables and constants are declared, by their names in Rust.
    pub(super) values: BTreeMap<String, Origin>,
    /// Functions by their names in C, whether or not they were written.
    pub(super) functions: Vec<String>,
    /// Every file that was included.
    pub(super) files: BTreeSet<PathBuf>,
    /// Macros that were asked for.
    pub(super) macros: BTreeMap<String, Macro>,
    /// Those whose low 64 bits are a negative number, or a large one.
    pub(super) negative: BTreeSet<String>,
}

/// Where something is declared, and how it is called there.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    pub(super) file: Option<String>,
    /// Its name in C, when it is a struct, union or enumeration that has one.
    pub(super) tag: Option<String>,
}

/// A macro.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Macro {
    /// With parameters.
    Function,
    /// Without; the words that it stands for.
    Object(Vec<Vec<u8>>),
    /// Without, and defined more than once, differently.
    Changing,
}

impl Macro {
    /// `{0}`: bindgen takes it for a block, whose value is that of what is inside.
    pub(super) fn is_initialiser(&self) -> bool {
        matches!(self, Macro::Object(words) if words.first().is_some_and(|word| word == b"{"))
    }
}

/// Reads a header: with bindgen for what it declares, and without it to ask about that. `system` says
/// where headers are that no `-I` names.
pub(super) fn read(request: &Request, system: &[String]) -> Result<Reading, Failure> {
    let scratch = tempfile::tempdir()
        .map_err(|error| Failure::file("make a folder in", &std::env::temp_dir(), &error))?;
    let filter = Rc::new(Filter::new(&request.wanted)?);

    let header = format!("{}\n{}", request.header, target::QUESTIONS);
    let builder = builder().clang_args(&request.arguments).clang_args(system);
    let listener = Listener::new(Rc::clone(&filter));
    let file = scratch.path().join("declared.h");
    let builder = within(builder, &request.wanted);
    let declared = run(builder, request, &file, &header, &listener)?;
    let notes = listener.into_notes();

    let file = scratch.path().join("asked.h");
    let questions = questions::about(&notes, &declared);
    write(&file, &format!("{}\n{questions}", request.header))?;
    // bindgen is not asked a second time, for it takes ten times as long.
    let arguments = [
        &hidden()[..],
        &request.arguments,
        system,
        &[EVERY_ERROR.into()],
    ]
    .concat();
    Ok(Reading {
        answers: answers::read(&file, &arguments)?,
        declared,
        notes,
        filter,
    })
}

/// Each error is an answer.
const EVERY_ERROR: &str = "-ferror-limit=0";

/// bindgen passes over what is declared hidden, or protected. Nobody knows this attribute.
fn hidden() -> [String; 3] {
    [
        "-Wno-unknown-attributes".to_owned(),
        format!("-Dvisibility={OURS}visibility"),
        format!("-D__visibility__={OURS}visibility"),
    ]
}

/// bindgen passes over functions that are inline without being static, where it does not pass over
/// static ones.
const NOTHING_INLINE: [&str; 4] = [
    "-Dinline=",
    "-D__inline=",
    "-D__inline__=",
    "-D__forceinline=",
];

/// bindgen, told to lose as little as it can.
fn builder() -> Builder {
    Builder::default()
        .formatter(Formatter::None)
        .detect_include_paths(false)
        .generate_comments(false)
        .layout_tests(true)
        .clang_args(hidden())
        .clang_args(NOTHING_INLINE)
        .generate_inline_functions(true)
        .wrap_static_fns(true)
        // Nobody compiles what it writes, and finding out what can be derived takes a tenth of its time.
        .derive_debug(false)
        .default_enum_style(EnumVariation::ModuleConsts)
        .translate_enum_integer_types(true)
        .prepend_enum_name(false)
        // Tells `double` from what bindgen makes of `long double`.
        .no_convert_floats()
        .disable_nested_struct_naming()
        // Calling conventions that Rust has in no release.
        .rust_target(RustTarget::nightly())
}

/// Leaves out what other files declare and nobody needs, with which bindgen would spend a third of
/// its time.
fn within(builder: Builder, wanted: &Wanted) -> Builder {
    let Wanted::Under(places) = wanted else {
        return builder;
    };
    places
        .iter()
        .fold(builder.allowlist_item(ours()), |builder, place| {
            // The way to a file is spelled as its includers have it: `a/../b.h`. [`Filter`] looks again.
            let name = place.file_name().filter(|_| place.is_file());
            let files = match name.map(|name| regex::escape(&name.to_string_lossy())) {
                Some(name) => format!("(.*/)?{name}"),
                None => format!("{}/.*", regex::escape(&place.to_string_lossy())),
            };
            builder.allowlist_file(files)
        })
}

/// What the header is asked with, for bindgen's lists.
fn ours() -> String {
    format!("({ITEM})?{OURS}.*")
}

fn run(
    builder: Builder,
    request: &Request,
    file: &Path,
    header: &str,
    listener: &Listener,
) -> Result<Vec<Item>, Failure> {
    write(file, header)?;
    let bindings = builder
        .header(file.to_string_lossy())
        .parse_callbacks(Box::new(listener.clone()))
        .generate()
        .map_err(|error| refused(request, &error))?;
    let file = syn::parse_file(&bindings.to_string()).map_err(|error| {
        Failure::new(
            Trouble::Oracle,
            format!("bindgen wrote something that is not Rust: {error}"),
            "report it with the header",
        )
    })?;
    Ok(file.items)
}

fn refused(request: &Request, error: &BindgenError) -> Failure {
    let label = &request.label;
    match error {
        BindgenError::ClangDiagnostic(text) => Failure::new(
            Trouble::Headers,
            format!("the headers do not compile as `{label}`:\n{}", text.trim()),
            "see what libclang misses: a folder (`-I`), a definition (`-D`), or the headers of the \
             target's C library",
        ),
        other => Failure::new(
            Trouble::Oracle,
            format!("bindgen cannot read the headers as `{label}`: {other}"),
            "report it with the header",
        ),
    }
}

fn write(file: &Path, text: &str) -> Result<(), Failure> {
    fs::write(file, text).map_err(|error| Failure::file("write", file, &error))
}

/// Gives names that can be taken apart again, and takes notes.
#[derive(Clone, Debug)]
struct Listener {
    /// Which macros to evaluate.
    macros: Rc<Filter>,
    notes: Rc<RefCell<Notes>>,
}

impl Listener {
    fn new(macros: Rc<Filter>) -> Self {
        Listener {
            macros,
            notes: Rc::default(),
        }
    }

    fn into_notes(self) -> Notes {
        self.notes.take()
    }

    fn note_macro(&self, name: &str, found: Macro) {
        let macros = &mut self.notes.borrow_mut().macros;
        match macros.get_mut(name) {
            None => {
                macros.insert(name.to_owned(), found);
            }
            Some(known) if *known != found => *known = Macro::Changing,
            Some(_) => {}
        }
    }
}

impl ParseCallbacks for Listener {
    fn item_name(&self, item: ItemInfo<'_>) -> Option<String> {
        Some(format!("{ITEM}{}", item.name))
    }

    fn field_name(&self, field: FieldInfo<'_>) -> Option<String> {
        Some(format!("{FIELD}{}", field.field_name))
    }

    fn enum_variant_name(
        &self,
        _: Option<&str>,
        name: &str,
        _: EnumVariantValue,
    ) -> Option<String> {
        Some(format!("{MEMBER}{name}"))
    }

    fn generated_name_override(&self, item: ItemInfo<'_>) -> Option<String> {
        if item.kind == ItemKind::Function {
            self.notes.borrow_mut().functions.push(item.name.to_owned());
        }
        None
    }

    /// A static function that has a name to link with needs no wrapper in C, which bindgen would
    /// write, and cannot always.
    fn generated_link_name_override(&self, item: ItemInfo<'_>) -> Option<String> {
        (item.kind == ItemKind::Function).then(|| item.name.to_owned())
    }

    fn include_file(&self, file: &str) {
        self.notes.borrow_mut().files.insert(PathBuf::from(file));
    }

    fn will_parse_macro(&self, name: &str) -> MacroParsingBehavior {
        match self.macros.has_macro(name) {
            true => MacroParsingBehavior::Default,
            false => MacroParsingBehavior::Ignore,
        }
    }

    fn modify_macro(&self, name: &str, tokens: &mut Vec<Token>) {
        let words = tokens.iter().skip(1).map(|token| token.raw.to_vec());
        self.note_macro(name, Macro::Object(words.collect()));
    }

    fn int_macro(&self, name: &str, value: i64) -> Option<IntKind> {
        if value < 0 {
            self.notes.borrow_mut().negative.insert(name.to_owned());
        }
        // The type does not matter, and this one holds every value.
        Some(IntKind::I64)
    }

    fn func_macro(&self, declaration: &str, _: &[&[u8]]) {
        let name = declaration.split('(').next().unwrap_or(declaration);
        self.note_macro(name, Macro::Function);
    }

    fn new_item_found(
        &self,
        _: DiscoveredItemId,
        item: DiscoveredItem,
        place: Option<&SourceLocation>,
    ) {
        let notes = &mut *self.notes.borrow_mut();
        let origin = |tag| Origin {
            file: place.and_then(|place| place.file_name.clone()),
            tag,
        };
        match item {
            DiscoveredItem::Struct {
                original_name,
                final_name,
            }
            | DiscoveredItem::Union {
                original_name,
                final_name,
            } => {
                notes.types.insert(final_name, origin(original_name));
            }
            DiscoveredItem::Alias { alias_name, .. } => {
                notes.types.insert(alias_name, origin(None));
            }
            DiscoveredItem::Enum { final_name } => {
                let tag = final_name
                    .strip_prefix(ITEM)
                    .filter(|_| !is_unnamed(&final_name));
                let origin = origin(tag.map(str::to_owned));
                notes.types.insert(final_name, origin);
            }
            DiscoveredItem::Function { final_name }
            | DiscoveredItem::Constant { final_name }
            | DiscoveredItem::Variable { final_name } => {
                notes.values.insert(final_name, origin(None));
            }
            DiscoveredItem::Method { .. } => {}
        }
    }
}

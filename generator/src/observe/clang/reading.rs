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

use super::files::Filter;
use super::questions::Questions;
use super::{Request, Wanted, target};
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
    /// What is declared: all but functions that are inline without being static.
    pub(super) declared: Vec<Item>,
    /// Functions, all but static ones, and the answers to what the first reading left open.
    pub(super) asked: Vec<Item>,
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

/// Reads a header: once for what it declares, and once to ask about that. `system` says where
/// headers are that no `-I` names.
pub(super) fn read(request: &Request, system: &[String]) -> Result<Reading, Failure> {
    let builder = || builder().clang_args(&request.arguments).clang_args(system);
    let scratch = tempfile::tempdir()
        .map_err(|error| Failure::file("make a folder in", &std::env::temp_dir(), &error))?;
    let filter = Rc::new(Filter::new(&request.wanted)?);

    let header = format!("{}\n{}", request.header, target::QUESTIONS);
    let declaring = within(builder(), &request.wanted).wrap_static_fns(true);
    let listener = Listener::new(Some(Rc::clone(&filter)));
    let file = scratch.path().join("declared.h");
    let declared = run(declaring, &file, &header, &listener);
    let declared = declared.map_err(|refusal| refused(request, refusal))?;
    let mut notes = listener.into_notes();

    let listener = Listener::new(None);
    let file = scratch.path().join("asked.h");
    let ask = |questions: &Questions| {
        let asking = match &request.wanted {
            Wanted::Names(_) => builder().allowlist_function(".*"),
            Wanted::Under(_) => within(builder(), &request.wanted),
        };
        let asking = asking.allowlist_recursively(false).allowlist_item(ours());
        // Each refusal is of interest.
        let asking = asking.clang_arg("-ferror-limit=0");
        run(asking, &file, &questions.after(&request.header), &listener)
    };
    let mut questions = Questions::about(&notes, &declared);
    let asked = loop {
        match ask(&questions) {
            Err(Refusal::Headers(errors))
                if questions.leave_out(&request.header, &file, &errors) => {}
            done => break done.map_err(|refusal| refused(request, refusal))?,
        }
    };
    for (name, origin) in listener.into_notes().values {
        notes.values.entry(name).or_insert(origin);
    }
    Ok(Reading {
        declared,
        asked,
        notes,
        filter,
    })
}

/// bindgen, told to lose as little as it can.
fn builder() -> Builder {
    Builder::default()
        .formatter(Formatter::None)
        .detect_include_paths(false)
        .generate_comments(false)
        .layout_tests(true)
        // bindgen passes over what is declared hidden, or protected. Nobody knows this attribute.
        .clang_arg("-Wno-unknown-attributes")
        .clang_arg(format!("-Dvisibility={OURS}visibility"))
        .clang_arg(format!("-D__visibility__={OURS}visibility"))
        .generate_inline_functions(true)
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

/// Why nothing was read.
enum Refusal {
    /// What libclang says of the headers.
    Headers(String),
    /// What else can go wrong.
    Other(Failure),
}

fn run(
    builder: Builder,
    file: &Path,
    header: &str,
    listener: &Listener,
) -> Result<Vec<Item>, Refusal> {
    fs::write(file, header)
        .map_err(|error| Refusal::Other(Failure::file("write", file, &error)))?;
    let bindings = builder
        .header(file.to_string_lossy())
        .parse_callbacks(Box::new(listener.clone()))
        .generate()
        .map_err(|error| match error {
            BindgenError::ClangDiagnostic(errors) => Refusal::Headers(errors),
            other => gave_up(&format!("bindgen cannot read the headers: {other}")),
        })?;
    let file = syn::parse_file(&bindings.to_string()).map_err(|error| {
        gave_up(&format!(
            "bindgen wrote something that is not Rust: {error}"
        ))
    })?;
    Ok(file.items)
}

fn gave_up(message: &str) -> Refusal {
    Refusal::Other(Failure::new(
        Trouble::Oracle,
        message,
        "report it with the header",
    ))
}

fn refused(request: &Request, refusal: Refusal) -> Failure {
    match refusal {
        Refusal::Headers(errors) => Failure::new(
            Trouble::Headers,
            format!(
                "the headers do not compile as `{}`:\n{}",
                request.label,
                errors.trim()
            ),
            "see what libclang misses: a folder (`-I`), a definition (`-D`), or the headers of the \
             target's C library",
        ),
        Refusal::Other(failure) => failure,
    }
}

/// Gives names that can be taken apart again, and takes notes.
#[derive(Clone, Debug)]
struct Listener {
    /// Which macros to evaluate.
    macros: Option<Rc<Filter>>,
    notes: Rc<RefCell<Notes>>,
}

impl Listener {
    fn new(macros: Option<Rc<Filter>>) -> Self {
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
        match &self.macros {
            Some(filter) if filter.has_macro(name) => MacroParsingBehavior::Default,
            _ => MacroParsingBehavior::Ignore,
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

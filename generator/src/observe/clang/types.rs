//! Types as bindgen writes them, understood as C's again.

use std::collections::BTreeMap;

use syn::{Expr, FnArg, GenericArgument, Lit, PathArguments, PointerMutability, ReturnType, Type};

use super::reading::ITEM;
use super::target::{Extent, Target};
use crate::surface::ctype::{CType, Function};

/// How deep typedefs may be nested; a header that bindgen has read has no circles, but has had no
/// limit either.
const DEEPEST: u32 = 256;

/// What is one of [`Wide`], and nobody knows which.
pub(super) const IN_DOUBT: &str = "long double or __float128 or unsigned __int128";

/// What bindgen has one word for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wide {
    LongDouble,
    Float,
    Integer,
}

impl Wide {
    pub(super) const ALL: [Wide; 3] = [Wide::LongDouble, Wide::Float, Wide::Integer];

    /// How headers write it; they may write it otherwise.
    pub(super) fn words(self) -> &'static [&'static str] {
        match self {
            Wide::LongDouble => &["long double", "double long"],
            Wide::Float => &["__float128", "_Float128"],
            Wide::Integer => &["__int128", "__uint128", "__u128"],
        }
    }

    fn ctype(self) -> CType {
        match self {
            Wide::LongDouble => CType::Named("long double".to_owned()),
            Wide::Float => CType::Named("__float128".to_owned()),
            Wide::Integer => CType::Int {
                signed: false,
                bits: 128,
            },
        }
    }
}

/// Understands types.
pub(super) struct Types<'a> {
    pub(super) target: &'a Target,
    /// Which of these the headers write.
    pub(super) wide: Vec<Wide>,
    /// What typedefs stand for, by their names in Rust.
    pub(super) aliases: BTreeMap<String, &'a Type>,
    /// What structs and unions are called, by their names in Rust.
    pub(super) records: BTreeMap<String, String>,
    /// What enumerations are called, by their names in Rust.
    pub(super) enums: BTreeMap<String, String>,
    /// How large structs and unions are, and what integers enumerations are kept in, by their names
    /// in Rust.
    pub(super) extents: BTreeMap<String, Extent>,
}

/// A path of Rust: how it is spelled, and the type in its brackets.
struct Word<'a> {
    /// The last name.
    name: String,
    /// The name before it.
    before: Option<String>,
    /// `::std::os::raw::c_int` and the like, and not something that the header names.
    is_absolute: bool,
    inner: Option<&'a Type>,
}

impl<'a> Word<'a> {
    fn of(ty: &'a Type) -> Option<Self> {
        let Type::Path(path) = ty else { return None };
        let path = &path.path;
        let last = path.segments.last()?;
        let before = path.segments.iter().rev().nth(1);
        let inner = match &last.arguments {
            PathArguments::AngleBracketed(arguments) => arguments.args.first(),
            _ => None,
        };
        Some(Word {
            name: last.ident.to_string(),
            before: before.map(|segment| segment.ident.to_string()),
            is_absolute: path.leading_colon.is_some(),
            inner: match inner {
                Some(GenericArgument::Type(ty)) => Some(ty),
                _ => None,
            },
        })
    }
}

impl Types<'_> {
    /// What a type is in C.
    pub(super) fn ctype(&self, ty: &Type) -> CType {
        self.resolve(ty, 0)
    }

    fn resolve(&self, ty: &Type, depth: u32) -> CType {
        if depth > DEEPEST {
            return CType::Other("nested too deeply".to_owned());
        }
        let deeper = |ty: &Type| Box::new(self.resolve(ty, depth + 1));
        match ty {
            Type::Never(_) => CType::Void,
            Type::Tuple(tuple) if tuple.elems.is_empty() => CType::Void,
            Type::Group(group) => self.resolve(&group.elem, depth),
            Type::Paren(paren) => self.resolve(&paren.elem, depth),
            Type::Ptr(pointer) => CType::Pointer {
                constant: matches!(pointer.mutability, PointerMutability::Const(_)),
                to: deeper(&pointer.elem),
            },
            Type::Array(array) => CType::Array {
                length: number(&array.len).and_then(|length| u64::try_from(length).ok()),
                of: deeper(&array.elem),
            },
            Type::FnPtr(function) => CType::Function(Function {
                params: function
                    .inputs
                    .iter()
                    .map(|input| self.resolve(&input.ty, depth + 1))
                    .collect(),
                variadic: function.variadic.is_some(),
                returns: Box::new(self.returns(&function.output, depth + 1)),
                convention: convention(function.abi.as_ref()),
            }),
            Type::Path(_) => self.path(ty, depth),
            other => CType::Other(spelling(other)),
        }
    }

    fn path(&self, ty: &Type, depth: u32) -> CType {
        let Some(word) = Word::of(ty) else {
            return CType::Other(spelling(ty));
        };
        let inner = |ty: Option<&Type>| ty.map_or(CType::Void, |ty| self.resolve(ty, depth + 1));
        let name = word.name.as_str();
        match (name, word.before.as_deref()) {
            ("Option", Some("option")) => {
                return CType::Pointer {
                    constant: false,
                    to: Box::new(inner(word.inner)),
                };
            }
            ("ManuallyDrop", Some("mem")) => return inner(word.inner),
            ("Type", Some(before)) => {
                let known = self.enums.get(before);
                return known.map_or(CType::Other(before.to_owned()), |name| {
                    CType::Enum(name.clone())
                });
            }
            ("__IncompleteArrayField", _) => {
                return CType::Array {
                    length: None,
                    of: Box::new(inner(word.inner)),
                };
            }
            ("__BindgenComplex", _) => {
                return match inner(word.inner) {
                    part @ (CType::Float { .. } | CType::Named(_)) => {
                        CType::Named(format!("_Complex {part}"))
                    }
                    part => CType::Other(format!("_Complex {part}")),
                };
            }
            ("__BindgenFloat16", _) => return CType::Float { bits: 16 },
            _ => {}
        }
        if let Some(known) = self.records.get(name) {
            return CType::Record(known.clone());
        }
        if let Some(alias) = self.aliases.get(name) {
            return self.resolve(alias, depth + 1);
        }
        self.scalar(&word)
            .unwrap_or_else(|| CType::Other(name.strip_prefix(ITEM).unwrap_or(name).to_owned()))
    }

    fn scalar(&self, word: &Word<'_>) -> Option<CType> {
        let int = |signed, bits| Some(CType::Int { signed, bits });
        let pointer = self.target.bits("pointer")?;
        match word.name.as_str() {
            "bool" => return Some(CType::Bool),
            "usize" => return int(false, pointer),
            "isize" => return int(true, pointer),
            // `long double`, when it is no wider than these; `double` has another word.
            "f32" => return Some(CType::Float { bits: 32 }),
            "f64" => return Some(self.long_double()),
            "u128" => return self.sixteen_bytes(),
            plain if !word.is_absolute => {
                let bits = plain.get(1..)?.parse().ok()?;
                return match plain.as_bytes().first()? {
                    b'i' => int(true, bits),
                    b'u' => int(false, bits),
                    _ => None,
                };
            }
            _ => {}
        }
        let bits = |word| self.target.bits(word);
        match word.name.as_str() {
            "c_void" => Some(CType::Void),
            "c_char" => int(self.target.char_is_signed(), 8),
            "c_schar" => int(true, 8),
            "c_uchar" => int(false, 8),
            "c_ushort" => int(false, bits("c_short")?),
            "c_uint" => int(false, bits("c_int")?),
            "c_ulong" => int(false, bits("c_long")?),
            "c_ulonglong" => int(false, bits("c_longlong")?),
            word @ ("c_short" | "c_int" | "c_long" | "c_longlong") => int(true, bits(word)?),
            word @ ("c_float" | "c_double") => Some(CType::Float { bits: bits(word)? }),
            _ => None,
        }
    }

    /// bindgen has one word for three types of this size.
    fn sixteen_bytes(&self) -> Option<CType> {
        let has_integer = self.target.extent("int128").is_some();
        let has_float = self.target.bits("long_double") == Some(128);
        match (has_integer, has_float, self.wide.as_slice()) {
            (false, false, _) => None,
            (true, false, _) => Some(Wide::Integer.ctype()),
            (_, true, [only]) => Some(only.ctype()),
            (_, true, _) => Some(CType::Other(IN_DOUBT.to_owned())),
        }
    }

    fn long_double(&self) -> CType {
        match self.target.bits("long_double") {
            Some(64) => CType::Float { bits: 64 },
            _ => CType::Named("long double".to_owned()),
        }
    }

    fn returns(&self, output: &ReturnType, depth: u32) -> CType {
        match output {
            ReturnType::Default => CType::Void,
            ReturnType::Type(_, ty) => self.resolve(ty, depth),
        }
    }

    /// What a declaration of a function says.
    pub(super) fn function(&self, signature: &syn::Signature, abi: &syn::Abi) -> Function {
        let params = signature.inputs.iter().filter_map(|input| match input {
            FnArg::Typed(param) => Some(self.ctype(&param.ty)),
            FnArg::Receiver(_) => None,
        });
        Function {
            params: params.collect(),
            variadic: signature.variadic.is_some(),
            returns: Box::new(self.returns(&signature.output, 0)),
            convention: convention(Some(abi)),
        }
    }

    /// How large a field of a type is.
    pub(super) fn extent(&self, ty: &Type) -> Option<Extent> {
        self.extent_of(ty, 0)
    }

    fn extent_of(&self, ty: &Type, depth: u32) -> Option<Extent> {
        if depth > DEEPEST {
            return None;
        }
        let word = match ty {
            Type::Ptr(_) | Type::FnPtr(_) => return self.target.extent("pointer"),
            Type::Group(group) => return self.extent_of(&group.elem, depth),
            Type::Paren(paren) => return self.extent_of(&paren.elem, depth),
            Type::Array(array) => {
                let of = self.extent_of(&array.elem, depth + 1)?;
                let length = u64::try_from(number(&array.len)?).ok()?;
                return Some(Extent {
                    size: of.size.checked_mul(length)?,
                    ..of
                });
            }
            _ => Word::of(ty)?,
        };
        let inner = || self.extent_of(word.inner?, depth + 1);
        match (word.name.as_str(), word.before.as_deref()) {
            ("Option", Some("option")) => self.target.extent("pointer"),
            ("ManuallyDrop", Some("mem")) => inner(),
            ("__BindgenBitfieldUnit", _) => Some(Extent {
                align: 1,
                ..inner()?
            }),
            ("__IncompleteArrayField", _) => Some(Extent {
                size: 0,
                ..inner()?
            }),
            ("__BindgenComplex", _) => inner().map(|part| Extent {
                size: part.size * 2,
                ..part
            }),
            ("__BindgenFloat16", _) => self.target.integer(16),
            ("Type", Some(before)) => self.extents.get(before).copied(),
            ("f64", None) => self.target.extent("long_double"),
            ("u128", None) => self
                .target
                .extent("int128")
                .or(self.target.extent("long_double")),
            (name, _) => {
                if let Some(known) = self.extents.get(name) {
                    return Some(*known);
                }
                if let Some(alias) = self.aliases.get(name) {
                    return self.extent_of(alias, depth + 1);
                }
                match self.scalar(&word)? {
                    CType::Int { bits, .. } => self.target.integer(bits),
                    CType::Bool => self.target.integer(8),
                    CType::Float { bits: 32 } => self.target.extent("c_float"),
                    CType::Float { .. } => self.target.extent("c_double"),
                    _ => None,
                }
            }
        }
    }

    /// A type as a person would write it; none where bindgen's word is not the header's.
    pub(super) fn spelled(&self, ty: &Type) -> Option<String> {
        match ty {
            Type::Ptr(pointer) => {
                let constant = matches!(pointer.mutability, PointerMutability::Const(_));
                let to = self.spelled(&pointer.elem)?;
                let star = if to.ends_with('*') { "*" } else { " *" };
                Some(match (constant, to.contains('*')) {
                    (false, _) => format!("{to}{star}"),
                    (true, false) => format!("const {to}{star}"),
                    (true, true) => format!("{to}const *"),
                })
            }
            Type::Array(array) => {
                let of = self.spelled(&array.elem)?;
                Some(format!("{of}[{}]", number(&array.len)?))
            }
            Type::Path(_) => {
                let word = Word::of(ty)?;
                let record = self.records.get(&word.name);
                match (word.name.as_str(), word.before.as_deref()) {
                    ("Type", Some(before)) => self.enums.get(before).cloned(),
                    ("__IncompleteArrayField", _) => {
                        Some(format!("{}[]", self.spelled(word.inner?)?))
                    }
                    (name, None) => record
                        .map(String::as_str)
                        .or_else(|| name.strip_prefix(ITEM))
                        .map(str::to_owned),
                    (name, Some("raw")) => basic(name).map(str::to_owned),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

/// The name in Rust that is at the core of a type: what is pointed at, or an array's element; of an
/// enumeration, the name of its module.
pub(super) fn named(ty: &Type) -> Option<String> {
    match ty {
        Type::Ptr(pointer) => named(&pointer.elem),
        Type::Array(array) => named(&array.elem),
        Type::Group(group) => named(&group.elem),
        Type::Paren(paren) => named(&paren.elem),
        _ => {
            let word = Word::of(ty)?;
            match (word.name.as_str(), word.before) {
                ("Type", Some(before)) => Some(before),
                ("ManuallyDrop" | "__IncompleteArrayField", _) => named(word.inner?),
                (name, None) if name.starts_with(ITEM) => Some(name.to_owned()),
                _ => None,
            }
        }
    }
}

fn basic(word: &str) -> Option<&'static str> {
    Some(match word {
        "c_void" => "void",
        "c_char" => "char",
        "c_schar" => "signed char",
        "c_uchar" => "unsigned char",
        "c_short" => "short",
        "c_ushort" => "unsigned short",
        "c_int" => "int",
        "c_uint" => "unsigned int",
        "c_long" => "long",
        "c_ulong" => "unsigned long",
        "c_longlong" => "long long",
        "c_ulonglong" => "unsigned long long",
        "c_float" => "float",
        "c_double" => "double",
        _ => return None,
    })
}

fn convention(abi: Option<&syn::Abi>) -> Option<String> {
    let name = abi?.name.as_ref()?.value();
    (name != "C").then_some(name)
}

fn spelling(ty: &Type) -> String {
    quote::ToTokens::to_token_stream(ty).to_string()
}

/// A whole number, as bindgen writes it: `-5`, `16usize`.
pub(super) fn number(expression: &Expr) -> Option<i128> {
    match expression {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(number) => number.base10_parse().ok(),
            Lit::Byte(byte) => Some(i128::from(byte.value())),
            Lit::Bool(value) => Some(i128::from(value.value)),
            _ => None,
        },
        Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Neg(_)) => Some(-number(&unary.expr)?),
        Expr::Group(group) => number(&group.expr),
        Expr::Paren(paren) => number(&paren.expr),
        _ => None,
    }
}

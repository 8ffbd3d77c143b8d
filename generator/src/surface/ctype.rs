//! Types as a compiler sees them: without typedefs, with the widths of one data model.
//!
//! The spelling is the manifest's, with more words: `i32`, `ptr<const u8>`, `array<4,ptr<void>>`,
//! `struct:timeval`, `fn(i32,...)->void`.

use std::fmt;

/// A type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CType {
    /// No value.
    Void,
    /// `_Bool`.
    Bool,
    /// An integer, by its width in bits.
    Int {
        /// Whether it has a sign.
        signed: bool,
        /// Bits.
        bits: u32,
    },
    /// A floating-point number, by its width in bits as stored.
    Float {
        /// Bits.
        bits: u32,
    },
    /// A pointer.
    Pointer {
        /// Whether what it points at is not written through it.
        constant: bool,
        /// What it points at.
        to: Box<CType>,
    },
    /// An array; no length when it is a flexible member.
    Array {
        /// How many.
        length: Option<u64>,
        /// Of what.
        of: Box<CType>,
    },
    /// A function.
    Function(Function),
    /// A struct or union, by name.
    Record(String),
    /// An enumeration, by name.
    Enum(String),
    /// Something that is never written after it was made: a variable may be, nothing else says so.
    Constant(Box<CType>),
    /// A type that is aligned otherwise than its kind is.
    Aligned {
        /// Bytes.
        to: u64,
        /// The type.
        of: Box<CType>,
    },
    /// A type that is nothing but itself: `long double`, `_Complex f64`.
    Named(String),
    /// Something that is not understood; two of the same text may differ.
    Other(String),
}

/// The type of a function.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Function {
    /// The parameters.
    pub params: Vec<CType>,
    /// Whether more may follow.
    pub variadic: bool,
    /// The result.
    pub returns: Box<CType>,
    /// The calling convention, where it is not the usual one: `stdcall`.
    pub convention: Option<String>,
}

impl fmt::Display for CType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CType::Void => f.write_str("void"),
            CType::Bool => f.write_str("bool"),
            CType::Int { signed, bits } => write!(f, "{}{bits}", if *signed { 'i' } else { 'u' }),
            CType::Float { bits } => write!(f, "f{bits}"),
            CType::Pointer { constant, to } => {
                write!(f, "ptr<{}{to}>", if *constant { "const " } else { "" })
            }
            CType::Array {
                length: Some(length),
                of,
            } => write!(f, "array<{length},{of}>"),
            CType::Array { length: None, of } => write!(f, "array<,{of}>"),
            CType::Function(function) => function.fmt(f),
            CType::Record(name) => write!(f, "struct:{name}"),
            CType::Enum(name) => write!(f, "enum:{name}"),
            CType::Constant(of) => write!(f, "const<{of}>"),
            CType::Aligned { to, of } => write!(f, "aligned<{to},{of}>"),
            CType::Named(name) => write!(f, "type:{name:?}"),
            CType::Other(text) => write!(f, "other:{text:?}"),
        }
    }
}

impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(convention) = &self.convention {
            write!(f, "{convention} ")?;
        }
        f.write_str("fn(")?;
        for (index, param) in self.params.iter().enumerate() {
            write!(f, "{}{param}", if index == 0 { "" } else { "," })?;
        }
        if self.variadic {
            f.write_str(if self.params.is_empty() {
                "..."
            } else {
                ",..."
            })?;
        }
        write!(f, ")->{}", self.returns)
    }
}

impl CType {
    /// The type, whether or not it is constant.
    #[must_use]
    pub fn plain(&self) -> &CType {
        match self {
            CType::Constant(of) => of,
            ty => ty,
        }
    }

    /// Reads the spelling that [`fmt::Display`] writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<CType> {
        let mut reader = Reader {
            rest: text,
            depth: 0,
        };
        let ty = reader.ty()?;
        reader.rest.is_empty().then_some(ty)
    }
}

impl Function {
    /// Reads the spelling that [`fmt::Display`] writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Function> {
        match CType::parse(text)? {
            CType::Function(function) => Some(function),
            _ => None,
        }
    }
}

/// How deep a type may be nested; more is nobody's header, but somebody's attack on the stack.
const DEEPEST: u32 = 64;

/// Reads from the start of a text.
struct Reader<'a> {
    rest: &'a str,
    depth: u32,
}

impl<'a> Reader<'a> {
    fn eat(&mut self, word: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(word)?;
        Some(())
    }

    /// What comes before the first character that does not belong.
    fn word(&mut self, belongs: impl Fn(char) -> bool) -> &'a str {
        let end = self
            .rest
            .find(|c: char| !belongs(c))
            .unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    fn number<T: std::str::FromStr>(&mut self) -> Option<T> {
        self.word(|c| c.is_ascii_digit()).parse().ok()
    }

    fn ty(&mut self) -> Option<CType> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let ty = self.ty_here();
        self.depth -= 1;
        ty
    }

    fn ty_here(&mut self) -> Option<CType> {
        if self.eat("ptr<").is_some() {
            let constant = self.eat("const ").is_some();
            let to = Box::new(self.ty()?);
            self.eat(">")?;
            return Some(CType::Pointer { constant, to });
        }
        if self.eat("array<").is_some() {
            let length = if self.rest.starts_with(',') {
                None
            } else {
                Some(self.number()?)
            };
            self.eat(",")?;
            let of = Box::new(self.ty()?);
            self.eat(">")?;
            return Some(CType::Array { length, of });
        }
        if self.eat("const<").is_some() {
            let of = Box::new(self.ty()?);
            self.eat(">")?;
            return Some(CType::Constant(of));
        }
        if self.eat("aligned<").is_some() {
            let to = self.number()?;
            self.eat(",")?;
            let of = Box::new(self.ty()?);
            self.eat(">")?;
            return Some(CType::Aligned { to, of });
        }
        if self.eat("struct:").is_some() {
            return Some(CType::Record(self.name()?));
        }
        if self.eat("enum:").is_some() {
            return Some(CType::Enum(self.name()?));
        }
        if self.eat("type:").is_some() {
            return self.quoted().map(CType::Named);
        }
        if self.eat("other:").is_some() {
            return self.quoted().map(CType::Other);
        }
        self.function_or_word()
    }

    fn name(&mut self) -> Option<String> {
        let name = self.word(|c| c.is_alphanumeric() || "_$.".contains(c));
        (!name.is_empty()).then(|| name.to_owned())
    }

    /// A text in quotes, as Rust escapes it; the escapes that it uses are those of JSON.
    fn quoted(&mut self) -> Option<String> {
        let mut texts = serde_json::Deserializer::from_str(self.rest).into_iter::<String>();
        let text = texts.next()?.ok()?;
        self.rest = self.rest.get(texts.byte_offset()..)?;
        Some(text)
    }

    fn function_or_word(&mut self) -> Option<CType> {
        let word = self.word(|c| c.is_ascii_alphanumeric() || c == '_');
        if word == "fn" {
            return self.function(None);
        }
        if self.eat(" fn").is_some() {
            return self.function(Some(word.to_owned()));
        }
        match word {
            "void" => return Some(CType::Void),
            "bool" => return Some(CType::Bool),
            _ => {}
        }
        let bits = word.get(1..)?.parse().ok()?;
        match word.as_bytes().first()? {
            b'i' => Some(CType::Int { signed: true, bits }),
            b'u' => Some(CType::Int {
                signed: false,
                bits,
            }),
            b'f' => Some(CType::Float { bits }),
            _ => None,
        }
    }

    fn function(&mut self, convention: Option<String>) -> Option<CType> {
        self.eat("(")?;
        let (mut params, mut variadic) = (Vec::new(), false);
        while self.eat(")").is_none() {
            if !params.is_empty() || variadic {
                self.eat(",")?;
            }
            if self.eat("...").is_some() {
                variadic = true;
            } else {
                params.push(self.ty()?);
            }
        }
        self.eat("->")?;
        let returns = Box::new(self.ty()?);
        Some(CType::Function(Function {
            params,
            variadic,
            returns,
            convention,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::CType;

    #[test]
    fn what_is_written_is_read_back() {
        for text in [
            "void",
            "i32",
            "ptr<const ptr<u8>>",
            "array<4,ptr<void>>",
            "array<,u8>",
            "struct:_ts.<0>",
            "fn(i32,...)->ptr<fn()->void>",
            "stdcall fn(...)->void",
            "const<ptr<const u8>>",
            "aligned<16,i32>",
            "other:\"__int128 \\\"x\\\"\"",
        ] {
            let text = text.replace(".<0>", "");
            let read = CType::parse(&text).map(|ty| ty.to_string());
            assert_eq!(read.as_deref(), Some(text.as_str()));
        }
    }

    #[test]
    fn what_is_not_a_type_is_refused() {
        for text in [
            "",
            "ptr<",
            "i",
            "array<x,u8>",
            "fn(i32",
            "i32 ",
            "struct:",
            "fn(...,i32",
        ] {
            assert_eq!(CType::parse(text), None, "{text}");
        }
        assert_eq!(CType::parse(&"ptr<".repeat(100_000)), None);
    }
}

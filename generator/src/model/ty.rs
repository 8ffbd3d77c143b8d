//! The small grammar of types, and how it is spelled in C and in Rust.

use std::fmt;

/// A type of the manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ty {
    /// No value.
    Void,
    /// A number.
    Scalar(Scalar),
    /// A Python object, never null.
    Object,
    /// A Python object or null.
    NullableObject,
    /// A pointer; `constant` when what it points at is not written.
    Ptr {
        /// What it points at.
        to: Box<Ty>,
        /// Whether that is not written through it.
        constant: bool,
    },
    /// A zero-terminated text in UTF-8.
    CStr,
    /// A pointer to some function.
    FnPtr,
    /// A struct, ours or CPython's.
    Named(String),
}

/// A number type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Scalar {
    Int,
    UInt,
    I64,
    U8,
    U16,
    U32,
    U64,
    Size,
    SSize,
    UIntPtr,
}

const SCALARS: &[(&str, Scalar, &str, &str)] = &[
    ("int", Scalar::Int, "int", "c_int"),
    ("uint", Scalar::UInt, "unsigned int", "c_uint"),
    ("i64", Scalar::I64, "int64_t", "i64"),
    ("u8", Scalar::U8, "uint8_t", "u8"),
    ("u16", Scalar::U16, "uint16_t", "u16"),
    ("u32", Scalar::U32, "uint32_t", "u32"),
    ("u64", Scalar::U64, "uint64_t", "u64"),
    ("size", Scalar::Size, "size_t", "usize"),
    ("ssize", Scalar::SSize, "Py_ssize_t", "isize"),
    ("uintptr", Scalar::UIntPtr, "uintptr_t", "usize"),
];

impl Scalar {
    fn row(self) -> &'static (&'static str, Scalar, &'static str, &'static str) {
        SCALARS
            .iter()
            .find(|row| row.1 == self)
            .unwrap_or(&SCALARS[0])
    }

    /// Its C spelling.
    #[must_use]
    pub fn c(self) -> &'static str {
        self.row().2
    }

    /// Its Rust spelling, in `core::ffi` and the prelude.
    #[must_use]
    pub fn rust(self) -> &'static str {
        self.row().3
    }
}

impl Scalar {
    /// Whether it can hold a value on every machine.
    #[must_use]
    pub fn holds(self, value: i64) -> bool {
        match self {
            Scalar::Int | Scalar::SSize => i32::try_from(value).is_ok(),
            Scalar::UInt | Scalar::U32 | Scalar::Size | Scalar::UIntPtr => {
                u32::try_from(value).is_ok()
            }
            Scalar::I64 => true,
            Scalar::U8 => u8::try_from(value).is_ok(),
            Scalar::U16 => u16::try_from(value).is_ok(),
            Scalar::U64 => u64::try_from(value).is_ok(),
        }
    }
}

impl Ty {
    /// Reads a type.
    #[must_use]
    pub fn parse(text: &str) -> Option<Ty> {
        if let Some(inner) = text.strip_prefix("ptr<") {
            let inner = inner.strip_suffix('>')?;
            let (constant, inner) = match inner.strip_prefix("const ") {
                Some(rest) => (true, rest),
                None => (false, inner),
            };
            return Some(Ty::Ptr {
                to: Box::new(Ty::parse(inner)?),
                constant,
            });
        }
        if let Some(row) = SCALARS.iter().find(|row| row.0 == text) {
            return Some(Ty::Scalar(row.1));
        }
        Some(match text {
            "void" => Ty::Void,
            "object" => Ty::Object,
            "object?" => Ty::NullableObject,
            "cstr" => Ty::CStr,
            "fnptr" => Ty::FnPtr,
            name if is_identifier(name) => Ty::Named(name.to_owned()),
            _ => return None,
        })
    }

    /// The words of the grammar, for messages.
    #[must_use]
    pub fn words() -> String {
        let mut words: Vec<&str> = SCALARS.iter().map(|row| row.0).collect();
        words.extend([
            "void",
            "object",
            "object?",
            "cstr",
            "fnptr",
            "ptr<T>",
            "ptr<const T>",
        ]);
        words.join(", ")
    }

    /// The struct that the type names, directly or behind pointers.
    #[must_use]
    pub fn named(&self) -> Option<&str> {
        match self {
            Ty::Named(name) => Some(name),
            Ty::Ptr { to, .. } => to.named(),
            _ => None,
        }
    }

    /// Whether it is a Python object, or leads to one.
    #[must_use]
    pub fn is_object(&self) -> bool {
        match self {
            Ty::Object | Ty::NullableObject => true,
            Ty::Ptr { to, .. } => to.is_object(),
            _ => false,
        }
    }

    /// A declaration in C: `int x`, `PyObject *op`; without a name just the type.
    #[must_use]
    pub fn c(&self, name: &str) -> String {
        let (base, stars) = self.c_parts();
        match (name.is_empty(), stars.is_empty()) {
            (true, true) => base,
            (false, true) => format!("{base} {name}"),
            (_, false) => format!("{base} {stars}{name}"),
        }
    }

    fn c_parts(&self) -> (String, String) {
        match self {
            Ty::Void => ("void".into(), String::new()),
            Ty::Scalar(scalar) => (scalar.c().into(), String::new()),
            Ty::Object | Ty::NullableObject => ("PyObject".into(), "*".into()),
            Ty::CStr => ("const char".into(), "*".into()),
            Ty::FnPtr => ("void".into(), "*".into()),
            Ty::Named(name) => (name.clone(), String::new()),
            Ty::Ptr { to, constant } => {
                let (base, stars) = to.c_parts();
                match (constant, stars.is_empty()) {
                    (true, true) => (format!("const {base}"), "*".into()),
                    (true, false) => (base, format!("{stars}const *")),
                    (false, _) => (base, format!("{stars}*")),
                }
            }
        }
    }
}

/// Whether a text is a C identifier.
#[must_use]
pub fn is_identifier(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

impl fmt::Display for Ty {
    /// The type as the manifest writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ty::Void => f.write_str("void"),
            Ty::Scalar(scalar) => f.write_str(scalar.row().0),
            Ty::Object => f.write_str("object"),
            Ty::NullableObject => f.write_str("object?"),
            Ty::CStr => f.write_str("cstr"),
            Ty::FnPtr => f.write_str("fnptr"),
            Ty::Named(name) => f.write_str(name),
            Ty::Ptr { to, constant } => {
                write!(f, "ptr<{}{to}>", if *constant { "const " } else { "" })
            }
        }
    }
}

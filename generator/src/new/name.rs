//! What a project, its module and its class may be called.

use std::fmt;
use std::str::FromStr;

/// A name that Python, C, C++ and Rust take for a module, and PyPI for a project: small letters, digits and
/// `_`, the first one a letter and the last one no `_`, and a word of none of these languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(String);

/// Why a name cannot be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It has other characters; perhaps there is a name that is nearly the same.
    Spelling(Option<String>),
    /// It is a keyword of this language.
    Keyword(&'static str),
    /// CMake has a target of that name.
    Target,
    /// CPython has a module of that name in itself, which it imports first.
    BuiltIn,
    /// This file of the example uses the word for something else.
    InUse(&'static str),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refused::Spelling(nearly) => {
                f.write_str(
                    "expected small letters, digits and `_`, the first one a letter and the last one no `_`",
                )?;
                nearly
                    .iter()
                    .try_for_each(|nearly| write!(f, ", such as `{nearly}`"))
            }
            Refused::Keyword(language) => write!(f, "it is a keyword of {language}"),
            Refused::Target => f.write_str("CMake has a target of that name"),
            Refused::BuiltIn => {
                f.write_str("CPython has a module of that name in itself, and imports that one")
            }
            Refused::InUse(path) => {
                write!(f, "the example's {path} has that word for something else")
            }
        }
    }
}

impl std::error::Error for Refused {}

/// Those that are lower case; Rust's are asked of syn.
const PYTHON: &str = "and as assert async await break class continue def del elif else except finally for \
                      from global if import in is lambda nonlocal not or pass raise return try while with \
                      yield";

/// Those of both that no other language here has.
const C: &str = "alignas alignof asm auto bool case catch char concept consteval constexpr constinit decltype \
                 default delete double explicit export float friend goto inline int long mutable namespace new \
                 noexcept nullptr operator private protected public register reinterpret_cast requires short \
                 signed sizeof static_assert static_cast switch template this thread_local throw typedef typeid \
                 typename union unsigned using void volatile wchar_t xor";

/// The targets that CMake makes by itself.
const TARGETS: &str = "all clean depend edit_cache help install list_install_components package \
                       package_source preinstall rebuild_cache test";

/// The modules that are part of each CPython or of most, on any system.
const BUILT_IN: &str = "array atexit binascii builtins cmath errno faulthandler fcntl gc grp itertools marshal \
                        math mmap msvcrt nt posix pwd select spwd sys syslog time unicodedata winreg zlib";

impl FromStr for Name {
    type Err = Refused;

    fn from_str(text: &str) -> Result<Self, Refused> {
        if !is_spelled_well(text) {
            let nearly: String = text
                .chars()
                .map(|c| match c {
                    '-' | '.' | ' ' => '_',
                    other => other.to_ascii_lowercase(),
                })
                .collect();
            return Err(Refused::Spelling(
                Some(nearly).filter(|n| is_spelled_well(n)),
            ));
        }
        let is_one_of = |words: &str| words.split_whitespace().any(|word| word == text);
        if is_one_of(PYTHON) {
            Err(Refused::Keyword("Python"))
        } else if is_one_of(C) {
            Err(Refused::Keyword("C or C++"))
        } else if syn::parse_str::<syn::Ident>(text).is_err() {
            Err(Refused::Keyword("Rust"))
        } else if is_one_of(TARGETS) {
            Err(Refused::Target)
        } else if is_one_of(BUILT_IN) {
            Err(Refused::BuiltIn)
        } else {
            Ok(Name(text.to_owned()))
        }
    }
}

fn is_spelled_well(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && !text.ends_with('_')
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

impl Name {
    /// As it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is a word of a text.
    pub(super) fn is_in(&self, text: &str) -> bool {
        text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .any(|word| word == self.0)
    }

    /// A text with this name in the place of another, in each way of writing it.
    pub(super) fn in_the_place_of(&self, other: &str, text: &str) -> String {
        let other = Name(other.to_owned());
        text.replace(&other.0, &self.0)
            .replace(&other.class(), &self.class())
            .replace(&other.0.to_uppercase(), &self.0.to_uppercase())
    }

    /// `gear_box` is `GearBox`.
    fn class(&self) -> String {
        let words = self.0.split('_').map(|word| {
            let first: String = word.chars().take(1).collect();
            first.to_uppercase() + &word.chars().skip(1).collect::<String>()
        });
        words.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Name, Refused};

    fn refused(text: &str) -> Refused {
        text.parse::<Name>().unwrap_err()
    }

    #[test]
    fn a_name_is_a_module_in_every_language() {
        let nearly = |text: &str| Refused::Spelling(Some(text.to_owned()));
        assert_eq!(refused("gear-box"), nearly("gear_box"));
        assert_eq!(refused("GearBox"), nearly("gearbox"));
        for text in [
            "", "1st", "_gear", "gear_", "gear/box", "../gear", "größe", "gear\n",
        ] {
            assert_eq!(refused(text), Refused::Spelling(None), "{text}");
        }
        assert_eq!(refused("lambda"), Refused::Keyword("Python"));
        assert_eq!(refused("namespace"), Refused::Keyword("C or C++"));
        assert_eq!(refused("crate"), Refused::Keyword("Rust"));
        assert_eq!(refused("all"), Refused::Target);
        assert_eq!(refused("sys"), Refused::BuiltIn);
        assert_eq!("gear_box2".parse::<Name>().unwrap().class(), "GearBox2");
    }
}

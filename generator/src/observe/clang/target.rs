//! How wide the target's types are, as libclang says.

use std::collections::BTreeMap;

use super::items::members;
use super::reading::Reading;
use crate::observe::{Failure, Trouble};
use crate::surface::Variant;

/// C that makes constants of what is to be known. The alignment is that of a field, which is not
/// always that of a variable.
pub(super) const QUESTIONS: &str = "
#define PYSHIM_ASKS(NAME, TYPE) \\
    pyshim_asks_size_##NAME = sizeof(TYPE), \\
    pyshim_asks_align_##NAME = __builtin_offsetof(struct { char pyshim_c; TYPE pyshim_t; }, pyshim_t),
enum pyshim_asks_target {
    PYSHIM_ASKS(c_short, short)
    PYSHIM_ASKS(c_int, int)
    PYSHIM_ASKS(c_long, long)
    PYSHIM_ASKS(c_longlong, long long)
    PYSHIM_ASKS(c_float, float)
    PYSHIM_ASKS(c_double, double)
    PYSHIM_ASKS(long_double, long double)
    PYSHIM_ASKS(pointer, void *)
#ifdef __SIZEOF_INT128__
    PYSHIM_ASKS(int128, __int128)
#endif
    pyshim_asks_signed_char = (char)-1 < 0,
    pyshim_asks_big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
};
";

/// How many bytes something takes, and on which addresses it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) size: u64,
    pub(super) align: u64,
}

/// What is known of a target.
#[derive(Clone, Debug)]
pub(super) struct Target {
    answers: BTreeMap<String, u64>,
}

impl Target {
    pub(super) fn of(reading: &Reading) -> Result<Self, Failure> {
        let answers = members(&reading.declared, "pyshim_asks_target")
            .filter_map(|(name, value)| {
                let name = name.strip_prefix("pyshim_asks_")?.to_owned();
                Some((name, u64::try_from(value).ok()?))
            })
            .collect();
        let target = Target { answers };
        if target.extent("pointer").is_none() {
            return Err(Failure::new(
                Trouble::Oracle,
                "libclang does not say how wide a pointer is",
                "report it with the header",
            ));
        }
        Ok(target)
    }

    /// Of a type, by bindgen's word for it.
    pub(super) fn extent(&self, word: &str) -> Option<Extent> {
        let answer = |what: &str| self.answers.get(&format!("{what}_{word}")).copied();
        Some(Extent {
            size: answer("size")?,
            align: answer("align")?,
        })
    }

    /// Bits of an integer.
    pub(super) fn bits(&self, word: &str) -> Option<u32> {
        u32::try_from(self.extent(word)?.size * 8).ok()
    }

    /// Of an integer, by its width.
    pub(super) fn integer(&self, bits: u32) -> Option<Extent> {
        let word = match bits {
            8 => return Some(Extent { size: 1, align: 1 }),
            16 => "c_short",
            32 => "c_int",
            64 => "c_longlong",
            128 => "int128",
            _ => return None,
        };
        self.extent(word)
    }

    /// Whether `char` has a sign.
    pub(super) fn char_is_signed(&self) -> bool {
        self.answers.get("signed_char") == Some(&1)
    }

    /// The data model's name, as manifests have it.
    pub(super) fn variant(&self) -> Variant {
        let of = |word| self.extent(word).map(|extent| extent.size);
        let wide = self.extent("c_longlong").map(|extent| extent.align);
        let name = match (of("pointer"), of("c_long"), wide) {
            (Some(8), Some(8), _) => "lp64",
            (Some(8), _, _) => "llp64",
            (_, _, Some(4)) => "ilp32",
            _ => "ilp32-align8",
        };
        let is_big = self.answers.get("big_endian") == Some(&1);
        format!("{name}{}", if is_big { "-be" } else { "" })
    }
}

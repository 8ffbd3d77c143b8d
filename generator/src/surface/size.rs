//! How large what has a type is, when that is known.

use super::Kind;
use super::ctype::CType;

/// Bytes.
pub fn bytes<'a>(
    kinds: &dyn Fn(&str) -> Option<&'a Kind>,
    variant: &str,
    ty: &CType,
) -> Option<u64> {
    match ty {
        CType::Bool => Some(1),
        CType::Int { bits, .. } | CType::Float { bits } => Some(u64::from(*bits).div_ceil(8)),
        CType::Pointer { .. } => pointer(variant),
        // No variable is an array of nothing: its length is not told.
        CType::Array { length, of } => {
            let length = length.filter(|length| *length > 0)?;
            length.checked_mul(bytes(kinds, variant, of)?)
        }
        CType::Record(name) => match kinds(name)? {
            Kind::Record(record) => record.layout(variant).map(|layout| layout.size),
            _ => None,
        },
        CType::Enum(name) => match kinds(name)? {
            Kind::Enum(body) => bytes(kinds, variant, body.unit.get(variant)?),
            _ => None,
        },
        CType::Constant(of) | CType::Aligned { of, .. } => bytes(kinds, variant, of),
        CType::Void | CType::Function(_) | CType::Named(_) | CType::Other(_) => None,
    }
}

/// Of a pointer, where the data model is named.
fn pointer(variant: &str) -> Option<u64> {
    let model = variant.split(['/', '@']).next().unwrap_or(variant);
    if model.starts_with("lp64") || model.starts_with("llp64") {
        Some(8)
    } else if model.starts_with("ilp32") {
        Some(4)
    } else {
        None
    }
}

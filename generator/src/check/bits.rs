//! Bits: inside their unit, and apart from one another.

use super::codes::Code;
use crate::diag::Sink;
use crate::model::{Kind, Model};

pub(super) fn check(model: &Model, sink: &mut Sink) {
    for (_, entry) in model.entries() {
        let Kind::Bitfield(body) = &entry.kind else {
            continue;
        };
        if body.bits.is_empty() {
            sink.push(
                Code::Bits,
                entry.span,
                format!("`{}` has no bits", entry.name),
            );
        }
        let mut taken: Vec<(&str, u64)> = Vec::new();
        for bit in &body.bits {
            let end = u64::from(bit.shift) + u64::from(bit.width);
            if bit.width == 0 {
                sink.push(
                    Code::Bits,
                    bit.span,
                    format!("bit `{}` covers none", bit.name),
                );
                continue;
            }
            if end > body.unit_bits.into() {
                let message = format!(
                    "bit `{}` covers {} to {}, and `{}` has 0 to {}",
                    bit.name,
                    bit.shift,
                    end - 1,
                    entry.name,
                    body.unit_bits - 1
                );
                sink.push(Code::Bits, bit.span, message);
                continue;
            }
            if let Some((other, _)) = taken.iter().find(|(_, mask)| mask & bit.mask() != 0) {
                let message = format!("bit `{}` overlaps bit `{other}`", bit.name);
                sink.push(Code::Bits, bit.span, message);
            }
            taken.push((&bit.name, bit.mask()));
        }
    }
}

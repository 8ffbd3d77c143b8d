//! Bits: inside their unit, and apart from one another.

use super::codes::Code;
use crate::diag::Sink;
use crate::model::{Kind, Model};

pub(super) fn check(model: &Model, sink: &mut Sink) {
    for (_, entry) in model.entries() {
        let Kind::Bitfield(body) = &entry.kind else { continue };
        let mut taken: Vec<(&str, u64)> = Vec::new();
        for bit in &body.bits {
            let end = bit.shift.saturating_add(bit.width);
            if bit.width == 0 || end > body.unit_bits {
                let message = format!(
                    "bit `{}` covers bits {} to {end}, and `{}` has {}",
                    bit.name, bit.shift, entry.name, body.unit_bits
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

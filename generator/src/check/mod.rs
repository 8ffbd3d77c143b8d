//! Rules over the model. Each complains of everything it finds, so that one run shows it all.

mod arms;
mod availability;
mod bits;
pub mod codes;
mod names;
mod providers;
mod slots;

use crate::diag::Sink;
use crate::manifest::Manifest;
use crate::model::Model;
use crate::source::Sources;

/// Applies every rule.
pub fn check(model: &Model, manifest: &Manifest, sources: &Sources, sink: &mut Sink) {
    names::check(model, manifest, sink);
    availability::check(model, sink);
    arms::check(model, sink);
    bits::check(model, sink);
    providers::check(model, sink);
    slots::check(model, manifest.lock, sources, sink);
}

//! Every rule that a finding can be of, for `pyshim explain`, suppressions, and the docs.

use crate::report::{Rule, suppress};
use crate::{audit, changelog, diff, verify};

/// Every rule, by topic and id.
pub fn every() -> impl Iterator<Item = &'static Rule> {
    let own = [&changelog::UNMENTIONED];
    diff::rules::all()
        .chain(own)
        .chain(verify::rules::ALL.iter().copied())
        .chain(audit::rules::ALL.iter().copied())
        .chain(suppress::RULES.iter().copied())
}

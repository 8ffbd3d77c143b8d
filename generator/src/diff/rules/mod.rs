//! What a comparison looks for, as data: `pyshim explain` and the docs list it.
//!
//! One file a topic. A code is never given another meaning.

use crate::report::Rule;

/// Rules of one topic: each a static, and all of them a table. `never_suppressed` stands after what
/// says that something is gone or has become smaller.
macro_rules! rules {
    ($($(#[doc = $doc:literal])* $name:ident = $id:literal $word:literal, $level:ident, $breaks:ident,
        $meaning:literal, $hint:literal $(, $never:ident)?;)*) => {
        $($(#[doc = $doc])*
        #[doc = $meaning]
        pub static $name: crate::report::Rule = crate::report::Rule {
            id: $id,
            name: $word,
            examines: crate::report::Examines::Interfaces,
            level: crate::report::Level::$level,
            breaks: crate::report::Breaks::$breaks,
            meaning: $meaning,
            hint: $hint,
            suppressible: [$(stringify!($never),)? ""].len() == 1,
        };)*

        /// Every rule of this topic, by id.
        pub(super) static TABLE: &[&crate::report::Rule] = &[$(&$name),*];
    };
}

pub mod availability;
pub mod functions;
pub mod presence;
pub mod records;
pub mod slots;
pub mod values;

/// Every rule, by id.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    ALL.iter().copied().flatten().copied()
}

/// Every rule, by topic and id.
pub static ALL: &[&[&Rule]] = &[
    presence::TABLE,
    records::TABLE,
    functions::TABLE,
    values::TABLE,
    availability::TABLE,
    slots::TABLE,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn ids_ascend_and_names_are_unique() {
        let ids: Vec<&str> = super::all().map(|rule| rule.id).collect();
        let sorted: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids, Vec::from_iter(sorted));
        let names: BTreeSet<&str> = super::all().map(|rule| rule.name).collect();
        assert_eq!(names.len(), ids.len());
    }
}

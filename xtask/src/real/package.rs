//! A package of PyPI, and how it is rebuilt on pyshim.

use super::overlay::Edit;
use pythons::Label;

/// What is known of one.
pub(crate) struct Package {
    /// As PyPI has it.
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    /// SHA-256 of the sdist.
    pub(crate) sha256: &'static str,
    /// Why it is not for an interpreter, in upstream's words, or `None`.
    pub(crate) refuses: fn(Label) -> Option<&'static str>,
    /// What builds and tests it, as pip takes it.
    pub(crate) requirements: &'static [&'static str],
    /// Where upstream's tests are.
    pub(crate) tests: Tests,
    /// What upstream gives pytest.
    pub(crate) pytest: &'static [&'static str],
    /// Where the C headers and the C core go, for a package that vendors them.
    pub(crate) vendored: Option<&'static str>,
    /// What is done to upstream's files, besides what lies in `tests/real/NAME/overlay`.
    pub(crate) edits: &'static [Edit],
}

/// Where tests come from.
pub(crate) enum Tests {
    /// The folder `tests` of the sdist.
    Sdist,
    /// The folder `tests` of a commit, for a package whose sdist has none.
    Commit {
        /// Any clone will do: the commit's hash pins what is in it.
        repository: &'static str,
        commit: &'static str,
    },
}

//! Which CPython: its feature version, and how it was built.

use std::fmt;

/// Names one kind of CPython, such as 3.13t.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label {
    /// 3.
    pub major: u32,
    /// 13 in 3.13t.
    pub minor: u32,
    /// Built without the GIL (`t`).
    pub free_threaded: bool,
    /// Built with `Py_DEBUG` (`d`).
    pub debug: bool,
}

impl Label {
    /// The release build with the GIL of Python 3.`minor`.
    pub const fn gil(minor: u32) -> Self {
        Self {
            major: 3,
            minor,
            free_threaded: false,
            debug: false,
        }
    }

    /// The free-threaded release build of Python 3.`minor`.
    pub const fn free_threaded(minor: u32) -> Self {
        Self {
            major: 3,
            minor,
            free_threaded: true,
            debug: false,
        }
    }

    /// The feature version alone: `3.13` for 3.13t.
    pub fn feature(self) -> String {
        format!("{}.{}", self.major, self.minor)
    }

    /// As wheels name it: `cp313t`.
    pub(crate) fn abi_tag(self) -> String {
        format!("cp{}", self.undotted())
    }

    /// As file names have it: `313t`.
    pub(crate) fn undotted(self) -> String {
        self.to_string().replace('.', "")
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let threads = if self.free_threaded { "t" } else { "" };
        let debug = if self.debug { "d" } else { "" };
        f.pad(&format!("{}.{}{threads}{debug}", self.major, self.minor))
    }
}

#[cfg(test)]
mod tests {
    use super::Label;

    #[test]
    fn a_label_reads_as_the_command_is_named() {
        assert_eq!(Label::free_threaded(13).to_string(), "3.13t");
        assert_eq!(Label::gil(8).to_string(), "3.8");
        assert_eq!(Label::free_threaded(15).abi_tag(), "cp315t");
        assert_eq!(format!("[{:6}]", Label::gil(14)), "[3.14  ]");
    }

    #[test]
    fn labels_sort_by_version_and_the_gil_build_comes_first() {
        let mut labels = [Label::free_threaded(9), Label::gil(10), Label::gil(9)];
        labels.sort();
        assert_eq!(
            labels,
            [Label::gil(9), Label::free_threaded(9), Label::gil(10)]
        );
    }
}

//! Bytes that are kept for later, and what may be put into them.

use std::collections::BTreeSet;

/// Whether a name says that a field is kept for later, where nobody has said so.
pub(super) fn is_kept_by_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let words: Vec<&str> = lower
        .split('_')
        .map(|word| word.trim_end_matches(|c: char| c.is_ascii_digit()))
        .filter(|word| !word.is_empty())
        .collect();
    let hidden = name.starts_with('_');
    let numbered = name.ends_with(|c: char| c.is_ascii_digit());
    match words.as_slice() {
        // `future` and `padding` may well be what a struct is about.
        ["pad" | "padding" | "unused" | "future"] => hidden || numbered,
        ["reserved" | "rsvd" | "reserve" | "spare", rest @ ..] => {
            rest.iter().all(|word| FILLERS.contains(word))
        }
        ["future", rest @ ..] => rest.iter().all(|word| FILLERS.contains(word)),
        [
            ..,
            "reserved" | "rsvd" | "spare",
            "padding" | "pad" | "slot" | "slots",
        ] => true,
        // `bytes_reserved` counts them.
        [.., before, "reserved" | "rsvd" | "spare"] => !COUNTED.contains(before),
        _ => false,
    }
}

/// Words that say nothing more.
const FILLERS: [&str; 16] = [
    "for", "future", "use", "slot", "slots", "field", "fields", "ptr", "pointer", "pointers",
    "space", "bytes", "bits", "flags", "pad", "abi",
];

/// Words before `reserved` with which a field is about reserving.
const COUNTED: [&str; 12] = [
    "bytes", "is", "n", "num", "count", "size", "total", "amount", "memory", "mem", "pages", "was",
];

/// Bits of a struct as runs, in order and apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Runs {
    runs: Vec<(u64, u64)>,
}

impl Runs {
    /// Of ranges, which may touch and overlap.
    pub(super) fn new(ranges: impl IntoIterator<Item = (u64, u64)>) -> Self {
        let sorted: BTreeSet<(u64, u64)> = ranges.into_iter().filter(|(a, b)| a < b).collect();
        let mut runs: Vec<(u64, u64)> = Vec::new();
        for (start, end) in sorted {
            match runs.last_mut() {
                Some(last) if start <= last.1 => last.1 = last.1.max(end),
                _ => runs.push((start, end)),
            }
        }
        Runs { runs }
    }

    /// Whether all of a range lies in one run.
    pub(super) fn hold(&self, (start, end): (u64, u64)) -> bool {
        self.runs.iter().any(|run| run.0 <= start && end <= run.1)
    }

    /// Whether some of a range lies in a run.
    pub(super) fn touch(&self, (start, end): (u64, u64)) -> bool {
        self.runs.iter().any(|run| start < run.1 && run.0 < end)
    }

    /// How many bytes.
    pub(super) fn bytes(&self) -> u64 {
        self.runs
            .iter()
            .map(|(start, end)| end - start)
            .sum::<u64>()
            / 8
    }

    /// What is in these and not in others.
    pub(super) fn without(&self, others: &Runs) -> Runs {
        let mut left = Vec::new();
        for &(mut start, end) in &self.runs {
            for &(from, to) in &others.runs {
                if to <= start || from >= end {
                    continue;
                }
                if start < from {
                    left.push((start, from));
                }
                start = to;
            }
            if start < end {
                left.push((start, end));
            }
        }
        Runs { runs: left }
    }
}

#[cfg(test)]
mod tests {
    use super::{Runs, is_kept_by_name};

    #[test]
    fn names_tell_what_is_kept_for_later() {
        for name in [
            "reserved",
            "_reserved",
            "reserved1",
            "__kabi_reserved2",
            "sl_reserved",
            "spare",
            "spare4",
            "lspare",
            "_pad",
            "__pad1",
            "_padding",
            "pad0",
            "__unused",
            "unused2",
            "reserved_for_future_use",
            "_future",
            "future_use",
            "rsvd",
            "Reserved",
            "abi_reserved_slots",
        ] {
            assert_eq!(is_kept_by_name(name), name != "lspare", "{name}");
        }
        for name in [
            "padding",
            "pad",
            "future",
            "bytes_reserved",
            "is_reserved",
            "reserved_words",
            "unused_count",
            "preserve",
            "notepad",
            "",
        ] {
            assert!(!is_kept_by_name(name), "{name}");
        }
    }

    #[test]
    fn runs_are_joined_and_taken_apart() {
        let runs = Runs::new([(64, 128), (128, 192), (256, 320)]);
        assert!(runs.hold((64, 192)) && runs.hold((100, 120)));
        assert!(!runs.hold((64, 256)) && !runs.hold((0, 64)));
        assert!(runs.touch((0, 65)) && !runs.touch((192, 256)));
        let left = runs.without(&Runs::new([(96, 128), (300, 400)]));
        assert_eq!(left, Runs::new([(64, 96), (128, 192), (256, 300)]));
        assert_eq!(runs.bytes(), 24);
    }
}

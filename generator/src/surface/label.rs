//! Labels of ways to compile: how they are sorted, and how many of them are written shortly.
//!
//! A run of neighbours is written `limited-3.8..limited-3.15`, and all of them `all`. Who the
//! neighbours are is said by the list of all labels, sorted.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::Where;

/// The word for all labels.
const ALL: &str = "all";
/// The word for no label.
const NONE: &str = "nowhere";

/// Numbers in labels are compared as numbers, so that 3.10 comes after 3.9.
#[must_use]
pub fn compare(a: &str, b: &str) -> Ordering {
    let parts = |label: &str| -> Vec<(u64, String)> {
        let mut parts = Vec::new();
        let mut rest = label;
        while !rest.is_empty() {
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let (number, after) = rest.split_at(digits);
            let text = after
                .find(|c: char| c.is_ascii_digit())
                .unwrap_or(after.len());
            let (text, after) = after.split_at(text);
            parts.push((number.parse().unwrap_or(0), text.to_owned()));
            rest = after;
        }
        parts
    };
    parts(a).cmp(&parts(b)).then_with(|| a.cmp(b))
}

/// All labels, sorted.
#[derive(Clone, Debug)]
pub struct Labels<'a> {
    sorted: Vec<&'a str>,
}

impl<'a> Labels<'a> {
    /// Of a set.
    #[must_use]
    pub fn new(all: &'a BTreeSet<Where>) -> Self {
        let mut sorted: Vec<&str> = all.iter().map(String::as_str).collect();
        sorted.sort_by(|a, b| compare(a, b));
        Labels { sorted }
    }

    /// Some of them, as short as it can be.
    pub fn shorten<'b>(&self, some: impl IntoIterator<Item = &'b Where>) -> String {
        let some: BTreeSet<&str> = some.into_iter().map(String::as_str).collect();
        if some.is_empty() {
            return NONE.to_owned();
        }
        if some.len() == self.sorted.len() && self.sorted.iter().all(|one| some.contains(one)) {
            return ALL.to_owned();
        }
        let mut words: Vec<String> = Vec::new();
        let runs = self.sorted.split(|label| !some.contains(label));
        for run in runs.filter(|run| !run.is_empty()) {
            match run {
                [first, .., last] if run.len() > 2 => words.push(format!("{first}..{last}")),
                _ => words.extend(run.iter().map(|label| (*label).to_owned())),
            }
        }
        let known: BTreeSet<&str> = self.sorted.iter().copied().collect();
        words.extend(some.difference(&known).map(|label| (*label).to_owned()));
        words.join(" ")
    }

    /// What [`Labels::shorten`] has written; or the word that is not understood.
    pub fn expand<'b>(
        &self,
        words: impl IntoIterator<Item = &'b str>,
    ) -> Result<BTreeSet<Where>, &'b str> {
        let mut labels = BTreeSet::new();
        for word in words {
            match word.split_once("..") {
                _ if word == NONE => {}
                _ if word == ALL => labels.extend(self.sorted.iter().map(|l| (*l).to_owned())),
                None => {
                    labels.insert(word.to_owned());
                }
                Some((first, last)) => {
                    let at = |wanted| self.sorted.iter().position(|label| *label == wanted);
                    let run = match (at(first), at(last)) {
                        (Some(first), Some(last)) if first < last => &self.sorted[first..=last],
                        _ => return Err(word),
                    };
                    labels.extend(run.iter().map(|label| (*label).to_owned()));
                }
            }
        }
        Ok(labels)
    }
}

#[cfg(test)]
mod tests {
    use super::{BTreeSet, Labels};

    fn set(labels: &[&str]) -> BTreeSet<String> {
        labels.iter().map(|label| (*label).to_owned()).collect()
    }

    #[test]
    fn runs_are_written_shortly_and_read_back() {
        let all = set(&[
            "full",
            "limited-3.8",
            "limited-3.9",
            "limited-3.10",
            "limited-3.11",
        ]);
        let labels = Labels::new(&all);
        for (some, text) in [
            (all.clone(), "all"),
            (set(&[]), "nowhere"),
            (set(&["full", "limited-3.8"]), "full limited-3.8"),
            (
                set(&["limited-3.8", "limited-3.9", "limited-3.10"]),
                "limited-3.8..limited-3.10",
            ),
            (set(&["limited-3.10", "abi3t"]), "limited-3.10 abi3t"),
        ] {
            assert_eq!(labels.shorten(&some), text);
            assert_eq!(labels.expand(text.split(' ')), Ok(some));
        }
        assert_eq!(
            labels.expand(["limited-3.9..limited-3.8"]),
            Err("limited-3.9..limited-3.8")
        );
        assert_eq!(labels.expand(["a..full"]), Err("a..full"));
    }
}

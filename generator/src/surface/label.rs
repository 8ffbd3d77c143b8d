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
    parts(a).cmp(parts(b)).then_with(|| a.cmp(b))
}

/// Numbers, each with the text that follows.
fn parts(label: &str) -> impl Iterator<Item = (u64, &str)> {
    let mut rest = label;
    std::iter::from_fn(move || {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, after) = rest.split_at(digits);
        let text = after.find(|c: char| c.is_ascii_digit());
        let (text, after) = after.split_at(text.unwrap_or(after.len()));
        let is_over = rest.is_empty();
        rest = after;
        (!is_over).then(|| (number.parse().unwrap_or(0), text))
    })
}

/// All labels, sorted.
#[derive(Clone, Debug, Default)]
pub struct Labels {
    sorted: Vec<Where>,
}

impl Labels {
    /// Of a set.
    #[must_use]
    pub fn new(all: &BTreeSet<Where>) -> Self {
        let mut sorted: Vec<Where> = all.iter().cloned().collect();
        sorted.sort_by(|a, b| compare(a, b));
        Labels { sorted }
    }

    /// One more.
    pub fn add(&mut self, label: Where) {
        let at = self.sorted.binary_search_by(|known| compare(known, &label));
        if let Err(at) = at {
            self.sorted.insert(at, label);
        }
    }

    /// Some of them, as short as it can be.
    pub fn shorten<'b>(&self, some: impl IntoIterator<Item = &'b Where>) -> String {
        let some: BTreeSet<&str> = some.into_iter().map(String::as_str).collect();
        if some.is_empty() {
            return NONE.to_owned();
        }
        if some.len() == self.sorted.len()
            && self.sorted.iter().all(|one| some.contains(one.as_str()))
        {
            return ALL.to_owned();
        }
        let mut words: Vec<String> = Vec::new();
        let runs = self.sorted.split(|label| !some.contains(label.as_str()));
        for run in runs.filter(|run| !run.is_empty()) {
            match run {
                [first, .., last] if run.len() > 2 => words.push(format!("{first}..{last}")),
                _ => words.extend(run.iter().cloned()),
            }
        }
        let known: BTreeSet<&str> = self.sorted.iter().map(String::as_str).collect();
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
                _ if word == ALL => labels.extend(self.sorted.iter().cloned()),
                None => {
                    labels.insert(word.to_owned());
                }
                Some((first, last)) => {
                    let at = |wanted| self.sorted.iter().position(|label| *label == wanted);
                    let run = match (at(first), at(last)) {
                        (Some(first), Some(last)) if first < last => &self.sorted[first..=last],
                        _ => return Err(word),
                    };
                    labels.extend(run.iter().cloned());
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

//! One line of the table.

use serde::{Deserialize, Serialize};

/// A figure, what it is of, and how high it may be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Row {
    /// What was measured.
    pub(crate) what: String,
    /// The interpreter, or empty.
    pub(crate) on: String,
    /// What pyshim took and what the other took, where the figure is their ratio.
    pub(crate) sides: Option<[Figure; 2]>,
    /// The figure.
    pub(crate) found: Figure,
    /// The lowest and the highest of its parts.
    pub(crate) spread: [Figure; 2],
    /// The most that it may be; none where it is for information.
    pub(crate) limit: Option<Figure>,
}

/// A number with a unit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Figure {
    /// How many times.
    Ratio(f64),
    /// Seconds.
    Time(f64),
    /// Bytes.
    Size(f64),
}

impl Figure {
    pub(crate) fn number(self) -> f64 {
        match self {
            Self::Ratio(number) | Self::Time(number) | Self::Size(number) => number,
        }
    }
}

impl std::fmt::Display for Figure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = match *self {
            Self::Ratio(ratio) if ratio < 0.1 => format!("1/{:.0}", 1.0 / ratio),
            Self::Ratio(ratio) => format!("{ratio:.2}"),
            Self::Time(seconds) if seconds < 1e-6 => format!("{:.1} ns", seconds * 1e9),
            Self::Time(seconds) if seconds < 1e-3 => format!("{:.1} µs", seconds * 1e6),
            Self::Time(seconds) if seconds < 10.0 => format!("{:.0} ms", seconds * 1e3),
            Self::Time(seconds) => format!("{seconds:.0} s"),
            Self::Size(bytes) => format!("{:.0} MB", bytes / 1e6),
        };
        f.pad(&text)
    }
}

impl Row {
    pub(crate) fn misses(&self) -> bool {
        self.limit
            .is_some_and(|limit| self.found.number() > limit.number())
    }

    /// `within`, `missed`, or nothing.
    pub(crate) fn verdict(&self) -> &'static str {
        match self.limit {
            None => "",
            Some(_) if self.misses() => "missed",
            Some(_) => "within",
        }
    }

    /// Both values of a miss, the found one as exact as it has to be to show it.
    pub(crate) fn complaint(&self) -> String {
        let limit = self
            .limit
            .map(|limit| limit.to_string())
            .unwrap_or_default();
        let on = if self.on.is_empty() {
            String::new()
        } else {
            format!(" on {}", self.on)
        };
        let exact = match self.found {
            Figure::Ratio(ratio) => format!("{ratio:.4}"),
            other => other.to_string(),
        };
        format!("{}{on}: found {exact}, expected at most {limit}", self.what)
    }
}

#[cfg(test)]
mod tests {
    use super::{Figure, Row};

    fn row(found: f64, limit: Option<f64>) -> Row {
        Row {
            what: "section".to_owned(),
            on: "3.14t".to_owned(),
            sides: None,
            found: Figure::Ratio(found),
            spread: [Figure::Ratio(found), Figure::Ratio(found)],
            limit: limit.map(Figure::Ratio),
        }
    }

    #[test]
    fn a_limit_is_kept_when_it_is_reached_and_missed_above() {
        assert_eq!(row(1.05, Some(1.05)).verdict(), "within");
        assert_eq!(row(1.0501, Some(1.05)).verdict(), "missed");
        assert_eq!(row(99.0, None).verdict(), "");
    }

    #[test]
    fn a_complaint_shows_a_narrow_miss() {
        let text = row(1.0501, Some(1.05)).complaint();
        assert_eq!(
            text,
            "section on 3.14t: found 1.0501, expected at most 1.05"
        );
    }

    #[test]
    fn figures_are_shown_in_a_unit_that_fits() {
        let shown = [
            (Figure::Ratio(0.994), "0.99"),
            (Figure::Ratio(0.002), "1/500"),
            (Figure::Ratio(0.025), "1/40"),
            (Figure::Time(1.24e-9), "1.2 ns"),
            (Figure::Time(2.34e-6), "2.3 µs"),
            (Figure::Time(0.0283), "28 ms"),
            (Figure::Time(12.4), "12 s"),
            (Figure::Size(91_600_000.0), "92 MB"),
        ];
        for (figure, text) in shown {
            assert_eq!(figure.to_string(), text);
        }
    }
}

//! Medians, and ratios of things that took turns.

/// The middle value; 0 where there is none.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => 0.0,
        n if n % 2 == 1 => sorted[middle],
        _ => (sorted[middle - 1] + sorted[middle]) / 2.0,
    }
}

/// The values that a quarter is below and a quarter above.
pub(crate) fn quartiles(values: &[f64]) -> [f64; 2] {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |index: usize| sorted.get(index).copied().unwrap_or(0.0);
    let quarter = sorted.len() / 4;
    [at(quarter), at(sorted.len().saturating_sub(quarter + 1))]
}

/// The lowest and the highest value.
pub(crate) fn extremes(values: &[f64]) -> [f64; 2] {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    [low, high]
}

/// Two things that took turns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Comparison {
    /// What the first took, on average over the places.
    pub(crate) first: f64,
    /// What the second took.
    pub(crate) second: f64,
    /// The lowest and the highest ratio of a place.
    pub(crate) spread: [f64; 2],
}

impl Comparison {
    /// Of rounds that went through so many places in turn. A place counts with its median, which
    /// forgets the rounds in which something else ran; places count alike, since an extension's
    /// code may be at any.
    pub(crate) fn new(first: &[f64], second: &[f64], places: usize) -> Self {
        let medians = |values: &[f64]| -> Vec<f64> {
            let place = |start| {
                values
                    .iter()
                    .copied()
                    .skip(start)
                    .step_by(places)
                    .collect::<Vec<_>>()
            };
            (0..places.min(values.len()))
                .map(|start| median(&place(start)))
                .collect()
        };
        let (firsts, seconds) = (medians(first), medians(second));
        let ratios: Vec<f64> = firsts.iter().zip(&seconds).map(|(a, b)| a / b).collect();
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
        Self {
            first: mean(&firsts),
            second: mean(&seconds),
            spread: extremes(&ratios),
        }
    }

    pub(crate) fn ratio(&self) -> f64 {
        self.first / self.second
    }
}

#[cfg(test)]
mod tests {
    use super::{Comparison, median, quartiles};

    #[test]
    fn the_median_forgets_outliers() {
        assert!((median(&[1.0, 900.0, 2.0]) - 2.0).abs() < 1e-9);
        assert!((median(&[4.0, 1.0, 2.0, 900.0]) - 3.0).abs() < 1e-9);
        assert!(median(&[]).abs() < 1e-9);
    }

    #[test]
    fn half_of_the_values_are_between_the_quartiles() {
        let values = [8.0, 1.0, 7.0, 2.0, 6.0, 3.0, 5.0, 4.0];
        assert_eq!(quartiles(&values), [3.0, 6.0]);
        assert_eq!(quartiles(&[2.0]), [2.0, 2.0]);
    }

    #[test]
    fn places_count_alike_and_are_the_spread() {
        // Two places: the first costs 2 against 1, the second 2 against 2; one round was disturbed.
        let first = [2.0, 2.0, 2.0, 2.0, 500.0, 2.0];
        let second = [1.0, 2.0, 1.0, 2.0, 1.0, 2.0];
        let comparison = Comparison::new(&first, &second, 2);
        assert!((comparison.ratio() - 2.0 / 1.5).abs() < 1e-9);
        assert!((comparison.spread[0] - 1.0).abs() < 1e-9);
        assert!((comparison.spread[1] - 2.0).abs() < 1e-9);
    }
}

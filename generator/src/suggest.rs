//! Which of the known words someone meant.

/// The known word nearest to what was written, when one is near enough to be meant.
pub(crate) fn nearest<'a>(
    written: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let (score, word) = known
        .into_iter()
        .map(|word| (strsim::jaro_winkler(written, word), word))
        .max_by(|(a, _), (b, _)| a.total_cmp(b))?;
    (score > 0.8).then_some(word)
}

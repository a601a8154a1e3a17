//! The name that a misspelt one probably means.

/// How many names a wrong one is compared with.
const COMPARED: usize = 1_000;
/// The candidate most like `word`, if any is like it at all.
pub fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // Names are short: a long text is not a misspelt one.
    if word.len() > 100 {
        return None;
    }
    candidates
        .take(COMPARED)
        .map(|candidate| {
            (
                strsim::jaro_winkler(&word.to_lowercase(), &candidate.to_lowercase()),
                candidate,
            )
        })
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

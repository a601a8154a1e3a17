//! Names that were probably misspelt.

use super::fault::Fault;

/// The known name that was probably meant.
pub(super) fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    known
        .iter()
        .map(|known| (strsim::jaro_winkler(name, known), *known))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(score, _)| *score > 0.7)
        .map(|(_, nearest)| nearest)
}

/// The fault of a name that is not known.
pub(super) fn unknown(place: String, name: &str, known: &[&str]) -> Fault {
    let remedy = nearest(name, known).map_or_else(
        || format!("known here: {}", known.join(", ")),
        |nearest| format!("did you mean {nearest}?"),
    );
    Fault::new(place, "is not a setting", remedy)
}

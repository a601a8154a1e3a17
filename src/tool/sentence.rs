//! Sentences that are put together: each ends once, and begins with a capital.

use std::borrow::Cow;

/// `text` as the end of a sentence.
pub fn ended(text: &str) -> Cow<'_, str> {
    let text = text.trim_end();
    if text.is_empty() || text.ends_with(['.', '!', '?', '…']) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(format!("{text}."))
    }
}

/// `clause` as a sentence of its own.
pub fn sentence(clause: &str) -> String {
    let mut chars = ended(clause.trim_start()).into_owned();
    if let Some(first) = chars.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    chars
}

/// Clauses and sentences one after the other; those that say nothing are left out.
pub fn sentences<S: AsRef<str>>(parts: impl IntoIterator<Item = S>) -> String {
    let parts = parts.into_iter().map(|part| sentence(part.as_ref()));
    let told: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
    told.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_ends_once_and_begins_with_a_capital() {
        for (clause, whole) in [
            ("ask the user", "Ask the user."),
            ("Ask the user. ", "Ask the user."),
            ("is it right?", "Is it right?"),
            ("`a` is missing", "`a` is missing."),
            ("\u{e4}", "\u{e4}."),
            ("", ""),
        ] {
            assert_eq!(sentence(clause), whole);
        }
        assert_eq!(sentences(["one", " Two.", "", "three"]), "One. Two. Three.");
    }
}

//! What is stored of a document, and whether it is another.

use serde_json::Value;
use vocabulary::Save;

use crate::tool::bindings::plain;

/// What there was.
pub(super) struct Stored {
    pub(super) value: Value,
    pub(super) revision: u64,
    pub(super) source: String,
}

impl Stored {
    /// What `value`, an answer of Kestra, says.
    pub(super) fn of(save: &Save, value: Value) -> Self {
        let revision = value.pointer(&save.revision).and_then(Value::as_u64);
        let kept = value.pointer(&save.stored);
        Self {
            revision: revision.unwrap_or_default(),
            source: kept
                .map(|source| plain(source).into_owned())
                .unwrap_or_default(),
            value,
        }
    }

    /// Whether `source` is what is stored. Kestra takes the line of the revision out of it.
    pub(super) fn holds(&self, save: &Save, source: &str) -> bool {
        let key = save.revision.trim_start_matches('/');
        let fits = |end: &str| self.source == without_number(source, key, end);
        // Of a line that ends in CRLF the end may stay.
        self.source == source || fits("\r\n") || fits("\n")
    }
}

/// `source` without its first line `key: NUMBER`, with `end` or less of that line's end.
fn without_number(source: &str, key: &str, end: &str) -> String {
    let mut kept = String::with_capacity(source.len());
    let mut found = false;
    for line in source.split_inclusive('\n') {
        let text = line.trim_end_matches(['\r', '\n']);
        let value = text
            .strip_prefix(key)
            .and_then(|rest| rest.strip_prefix(": "));
        let number = value
            .is_some_and(|value| !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()));
        if number && !found {
            found = true;
            let rest = line.get(text.len()..).unwrap_or_default();
            kept.push_str(if rest.len() > end.len() { rest } else { "" });
        } else {
            kept.push_str(line);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::without_number;

    #[test]
    fn only_the_first_number_of_that_key_is_taken_out() {
        let source = "id: a\nrevision: 12\nx: |\n  revision: 3\nrevision: 4";
        let kept = "id: a\nx: |\n  revision: 3\nrevision: 4";
        let without = |source: &str| without_number(source, "revision", "\r\n");
        assert_eq!(without(source), kept);
        assert_eq!(without("id: a\nrevision: 4"), "id: a\n");
        for same in [
            "revision: x\n",
            "revision:\n",
            "revisions: 1\n",
            " revision: 1\n",
            "revision: 1 # c\n",
        ] {
            assert_eq!(without(same), same);
        }
    }

    #[test]
    fn unproven_of_a_line_with_crlf_its_end_is_taken_out_or_stays() {
        let source = "id: a\r\nrevision: 4\r\nx: 1\r\n";
        assert_eq!(
            without_number(source, "revision", "\r\n"),
            "id: a\r\nx: 1\r\n"
        );
        assert_eq!(
            without_number(source, "revision", "\n"),
            "id: a\r\n\r\nx: 1\r\n"
        );
        let plain = "id: a\nrevision: 4\nx: 1\n";
        assert_eq!(without_number(plain, "revision", "\n"), "id: a\nx: 1\n");
    }
}

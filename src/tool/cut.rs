//! Text and values made fit to be read by a model: cleaned, and cut to a number of bytes.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::written;
use crate::secret::{Redactor, visible};

/// What Kestra shows in place of a SECRET input.
const ENCRYPTED: &str = "io.kestra.datatype:aes_encrypted";
/// Marks a cut.
pub const MORE: &str = "…";

/// `text` without hidden characters and without known secrets.
pub fn clean<'t>(text: &'t str, secrets: &Redactor) -> Cow<'t, str> {
    match visible(text) {
        Cow::Borrowed(seen) => secrets.clean(seen),
        Cow::Owned(seen) => Cow::Owned(secrets.clean(&seen).into_owned()),
    }
}

/// The longest start of `text` of at most `bytes` bytes, with a mark when something is left out.
pub fn text(text: &str, bytes: usize) -> (String, bool) {
    if text.len() <= bytes {
        return (text.to_owned(), false);
    }
    let end = text.floor_char_boundary(bytes.saturating_sub(MORE.len()));
    let (start, _) = text.split_at(end);
    (format!("{start}{MORE}"), true)
}

/// `value` without what cannot be seen, without encrypted values, and cut to about `bytes` bytes
/// of JSON; whether anything was left out. Only what is cut is searched for secrets, since a part
/// of one would not be found later; what stays whole is searched with the result.
pub fn value(value: &Value, bytes: usize, secrets: &Redactor) -> (Value, bool) {
    if stays(value, &mut { bytes }) {
        return (value.clone(), false);
    }
    Room::of(bytes, secrets).cut(value)
}

/// The same for a value that may be taken as it is; with how many bytes of JSON it had where anything was
/// left out.
pub fn taken(value: Cow<'_, Value>, bytes: usize, secrets: &Redactor) -> (Value, Option<usize>) {
    if stays(&value, &mut { bytes }) {
        return (value.into_owned(), None);
    }
    let (kept, cut) = Room::of(bytes, secrets).cut(&value);
    (kept, cut.then(|| written::length(&value)))
}

/// Whether `value` is sure to stay as it is: nothing in it is hidden or encrypted, and it fits into
/// `left` bytes, from which it is taken. Almost every value does.
fn stays(value: &Value, left: &mut usize) -> bool {
    fn spend(left: &mut usize, bytes: usize) -> bool {
        let rest = left.checked_sub(bytes);
        *left = rest.unwrap_or_default();
        rest.is_some()
    }
    match value {
        Value::String(content) => {
            matches!(visible(content), Cow::Borrowed(_)) && spend(left, written::of_text(content))
        }
        Value::Array(items) => items.iter().all(|item| {
            let is_row = !item.is_string() && !item.is_array();
            (!is_row || written::length(item) < *left) && spend(left, 1) && stays(item, left)
        }),
        Value::Object(members) => {
            members.get("type").is_none_or(|kind| kind != ENCRYPTED)
                && members.iter().all(|(name, member)| {
                    matches!(visible(name), Cow::Borrowed(_))
                        && spend(left, name.len() + 4)
                        && stays(member, left)
                })
        }
        scalar => spend(left, written::length(scalar)),
    }
}

struct Room<'a> {
    left: usize,
    cut: bool,
    secrets: &'a Redactor,
}

impl<'a> Room<'a> {
    const fn of(bytes: usize, secrets: &'a Redactor) -> Self {
        Self {
            left: bytes,
            cut: false,
            secrets,
        }
    }

    fn cut(mut self, value: &Value) -> (Value, bool) {
        let kept = self.take(value);
        (kept, self.cut)
    }

    fn spend(&mut self, bytes: usize) -> bool {
        let fits = bytes <= self.left;
        self.left = self.left.saturating_sub(bytes);
        self.cut |= !fits;
        fits
    }

    fn take(&mut self, value: &Value) -> Value {
        match value {
            Value::String(content) => self.string(content),
            Value::Array(items) => {
                let mut kept: Vec<Value> = Vec::new();
                for item in items {
                    // A row is whole or not there, unless it is the only one.
                    let whole = !kept.is_empty() && !item.is_string() && !item.is_array();
                    if whole && written::length(item) >= self.left {
                        self.cut = true;
                        break;
                    }
                    if !self.spend(1) {
                        break;
                    }
                    kept.push(self.take(item));
                }
                Value::Array(kept)
            }
            Value::Object(members) if members.get("type").is_some_and(|kind| kind == ENCRYPTED) => {
                Value::String("[redacted:secret]".into())
            }
            Value::Object(members) => {
                let mut kept = Map::new();
                for (key, item) in members {
                    let key = visible(key).into_owned();
                    if !self.spend(key.len() + 4) {
                        break;
                    }
                    let item = self.take(item);
                    kept.insert(key, item);
                }
                Value::Object(kept)
            }
            scalar => {
                self.spend(written::length(scalar));
                scalar.clone()
            }
        }
    }

    /// As much of a text as fits once it is written as JSON.
    fn string(&mut self, content: &str) -> Value {
        let mut seen = visible(content);
        if written::of_text(&seen) > self.left + 2 {
            seen = Cow::Owned(self.secrets.whole(&seen).into_owned());
        }
        let mut room = self.left.max(MORE.len());
        loop {
            let (kept, cut) = text(&seen, room);
            let length = written::of_text(&kept);
            // Quotes and line breaks take more room than they have bytes.
            if length <= self.left + 2 || room <= MORE.len() {
                self.cut |= cut;
                self.left = self.left.saturating_sub(length);
                return Value::String(kept);
            }
            room = (room / 2).max(MORE.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn cuts_between_characters() {
        assert_eq!(text("abc", 3), ("abc".into(), false));
        assert_eq!(text("äöü", 5), ("ä…".into(), true));
    }

    #[test]
    fn removes_what_cannot_be_seen() {
        let dirty = "a\u{1b}[31m\u{202e}b\u{200b}\nc\t\u{e0041}";
        assert_eq!(clean(dirty, &Redactor::default()), "a[31mb\nc\t");
    }

    #[test]
    fn cuts_values_to_a_number_of_bytes() {
        let big = json!({"a": "x".repeat(5000), "b": [1, 2, 3], "c": "y"});
        let (kept, cut) = value(&big, 1000, &Redactor::default());
        assert!(cut);
        assert!(kept.to_string().len() <= 1010, "{}", kept.to_string().len());
        let many = json!((0..10_000).collect::<Vec<_>>());
        let (kept, cut) = value(&many, 1000, &Redactor::default());
        assert!(cut && kept.to_string().len() <= 1000);
        assert_eq!(
            value(&json!({"a": [1, null]}), 1000, &Redactor::default()),
            (json!({"a": [1, null]}), false)
        );
    }

    #[test]
    fn what_stays_whole_is_what_a_cut_of_it_would_keep() {
        let secrets = Redactor::default();
        secrets.remember("Correct-Horse-1");
        for told in [
            json!({ "a": "x\n\"y\"", "b": [1, 2.5, { "c": [] }, "d"], "e": { "f": null } }),
            json!([["a"], ["b"], { "c": 1 }, { "d": "\u{ad}" }]),
            json!({ "hidden\u{200b}": 1 }),
            json!({ "s": { "value": "xyz", "type": ENCRYPTED } }),
            json!("Correct-Horse-1"),
            json!([true, false, null, -1, "", {}]),
        ] {
            for bytes in 0..100 {
                let cut = Room::of(bytes, &secrets).cut(&told);
                assert_eq!(value(&told, bytes, &secrets), cut, "{told} in {bytes}");
            }
        }
    }

    #[test]
    fn a_secret_is_not_cut_in_two() {
        let secrets = Redactor::default();
        for known in ["Correct-Horse-1", "4711"] {
            secrets.remember(known);
        }
        let long = json!({ "log": format!("{}Correct-Horse-1", "x".repeat(50)) });
        let encrypted = json!({ "s": { "value": "xyz", "type": ENCRYPTED } });
        assert_eq!(value(&encrypted, 100, &secrets).0["s"], "[redacted:secret]");
        for bytes in 40..150 {
            let (kept, _) = value(&long, bytes, &secrets);
            let shown = kept["log"].as_str().unwrap_or_default();
            let part = shown.contains("xC") && !shown.ends_with("Correct-Horse-1");
            assert!(!part, "{bytes}: {shown}");
        }
        assert_eq!(value(&json!("4711"), 3, &secrets).0, "…");
    }
}

//! Values that must never be printed, and the search for them in what goes out.

use std::fmt;
use std::sync::{Arc, RwLock};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

/// A text that does not print.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes ownership of the text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself, for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// How many values one process remembers; the oldest go first.
const REMEMBERED: usize = 256;
/// Shorter values are words of ordinary text.
const SHORTEST: usize = 4;
/// What stands in the place of a known value.
const MARK: &str = "[redacted:secret]";

/// The values that this process knows to be secret, in the forms in which they leak.
#[derive(Clone, Default)]
pub struct Redactor(Arc<RwLock<Vec<Zeroizing<String>>>>);

impl Redactor {
    /// Remembers `value` and its encoded forms; values under four bytes are not told from text.
    pub fn remember(&self, value: &str) {
        if value.len() < SHORTEST {
            return;
        }
        let percent: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
        let json = serde_json::to_string(value).unwrap_or_default();
        let inner = json.trim_matches('"').to_owned();
        let forms = [
            value.to_owned(),
            STANDARD.encode(value),
            STANDARD_NO_PAD.encode(value),
            URL_SAFE_NO_PAD.encode(value),
            percent.replace('+', "%20"),
            percent,
            inner,
        ];
        let Ok(mut known) = self.0.write() else {
            return;
        };
        for form in forms {
            if !known.iter().any(|old| **old == form) {
                known.push(Zeroizing::new(form));
            }
        }
        // The longest first, so that no form hides the rest of another.
        let surplus = known.len().saturating_sub(REMEMBERED * 7);
        known.drain(..surplus);
    }

    /// `text` without any remembered value.
    pub fn clean(&self, text: &str) -> String {
        let Ok(known) = self.0.read() else {
            return MARK.to_owned();
        };
        let mut forms: Vec<&str> = known.iter().map(|form| form.as_str()).collect();
        forms.sort_unstable_by_key(|form| std::cmp::Reverse(form.len()));
        forms.iter().fold(text.to_owned(), |text, form| {
            if text.contains(form) {
                text.replace(form, MARK)
            } else {
                text
            }
        })
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redactor")
    }
}

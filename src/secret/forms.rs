//! What of a value is searched for.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use zeroize::Zeroizing;

use super::visible;

/// Shorter values, in characters, are words of ordinary text.
pub(super) const SHORTEST: usize = 8;
/// Longer values, in bytes, are known as text alone: their encodings would take megabytes.
const LONG: usize = 64 << 10;
/// How many lines of one value are known by themselves.
const LINES: usize = 1024;

/// One value.
pub(super) struct Forms {
    /// As it came, but for hidden characters and space around it.
    text: Zeroizing<String>,
    /// What is searched for; nothing for a short value.
    found: Vec<Form>,
}

/// A text by which a value is found, however that is percent-encoded or escaped.
#[derive(PartialEq, Eq)]
pub(super) struct Form {
    /// At least [`SHORTEST`] characters, none of them hidden.
    pub(super) text: Zeroizing<String>,
    /// What is not the value itself.
    pub(super) base64: Option<Base64>,
}

/// The part of an encoding that depends on the value alone.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Base64 {
    /// Whether the letter before it tells of the value too.
    pub(super) before: bool,
    /// Whether the letter after it does.
    pub(super) after: bool,
}

impl Forms {
    /// The forms of `value`; none when nothing of it can be seen.
    pub(super) fn of(value: &str) -> Option<Self> {
        let text = Zeroizing::new(visible(value).trim().to_owned());
        if text.is_empty() {
            return None;
        }
        let mut found = Vec::new();
        if text.chars().count() >= SHORTEST {
            let unix = Zeroizing::new(value.replace("\r\n", "\n"));
            let breaks = Zeroizing::new(unix.replace('\r', "\n"));
            for plain in [value, &unix, &breaks, &text] {
                let plain = plain.trim();
                found.push(Form::text(plain));
                if plain.len() <= LONG {
                    found.extend(Form::base64(plain));
                }
            }
            if breaks.trim().contains('\n') {
                let lines = breaks.lines().map(Form::text);
                found.extend(lines.filter(Form::is_telling).take(LINES));
            }
            found.retain(|form| form.text.chars().count() >= SHORTEST);
            found.sort_unstable_by(|a, b| a.text.as_str().cmp(b.text.as_str()));
            found.dedup();
        }
        Some(Self { text, found })
    }

    pub(super) fn same(&self, other: &Self) -> bool {
        self.text == other.text && self.found == other.found
    }

    pub(super) fn is_short(&self) -> bool {
        self.found.is_empty()
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn at(&self, index: usize) -> Option<&Form> {
        self.found.get(index)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Form> {
        self.found.iter()
    }

    /// Of all forms.
    pub(super) fn bytes(&self) -> usize {
        self.iter().map(|form| form.text.len()).sum()
    }
}

impl Form {
    fn text(text: &str) -> Self {
        Self {
            text: Zeroizing::new(visible(text).trim().to_owned()),
            base64: None,
        }
    }

    /// Alone, and in the midst of something longer: one for each alignment.
    fn base64(text: &str) -> impl Iterator<Item = Self> {
        (0..3).map(move |before| {
            let mut bytes = Zeroizing::new(Vec::with_capacity(before + text.len()));
            bytes.resize(before, 0);
            bytes.extend_from_slice(text.as_bytes());
            let encoded = Zeroizing::new(STANDARD_NO_PAD.encode(&*bytes));
            // Six bits each; the first and the last may hold bits of a neighbour.
            let (first, end) = ((before * 8).div_ceil(6), bytes.len() * 8 / 6);
            let certain = encoded.get(first..end).unwrap_or_default();
            Self {
                text: Zeroizing::new(certain.to_owned()),
                base64: Some(Base64 {
                    before: !(before * 8).is_multiple_of(6),
                    after: !(bytes.len() * 8).is_multiple_of(6),
                }),
            }
        })
    }

    /// Whether a line of a value says anything: rulers do not.
    fn is_telling(&self) -> bool {
        self.text.chars().count() >= SHORTEST && self.text.contains(char::is_alphanumeric)
    }
}

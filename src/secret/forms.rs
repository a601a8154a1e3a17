//! The forms in which one value leaks.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::visible;

/// Shorter values, in characters, are words of ordinary text.
const SHORTEST: usize = 8;
/// Longer values, in bytes, are known as text alone: their encodings would take megabytes.
const LONG: usize = 64 << 10;
/// How many lines of one value are known by themselves.
const LINES: usize = 1024;

const UPPER: &[u8; 16] = b"0123456789ABCDEF";
const LOWER: &[u8; 16] = b"0123456789abcdef";

/// What percent-encoding leaves beside letters and digits: RFC 3986 §2.3, `encodeURIComponent`,
/// and forms (WHATWG, Java's `URLEncoder`).
const UNESCAPED: [&[u8]; 3] = [b"-._~", b"-_.!~*'()", b"*-._"];

/// One value.
pub(super) struct Forms {
    /// As it came, but for hidden characters and space around it.
    text: Zeroizing<String>,
    /// What is searched for; nothing for a short value.
    found: Vec<Zeroizing<String>>,
}

impl Forms {
    /// The forms of `value`; none when nothing of it can be seen.
    pub(super) fn of(value: &str) -> Option<Self> {
        let text = Zeroizing::new(visible(value).trim().to_owned());
        if text.is_empty() {
            return None;
        }
        let mut found = Found::default();
        if text.chars().count() >= SHORTEST {
            let unix = Zeroizing::new(value.replace("\r\n", "\n"));
            let breaks = Zeroizing::new(unix.replace('\r', "\n"));
            for plain in [value.trim(), unix.trim(), breaks.trim(), &text] {
                found.text(plain);
                if plain.len() <= LONG {
                    found.percent(plain);
                    found.base64(plain);
                }
            }
            if value.len() <= LONG {
                // The end of an encoding tells of line breaks that trimming removes.
                for whole in [value, &unix, &breaks] {
                    found.base64(whole);
                }
            }
            if breaks.trim().contains('\n') {
                let lines = breaks.lines().map(visible);
                let long = lines.filter(|line| is_telling(line.trim()));
                for line in long.take(LINES) {
                    found.text(line.trim());
                }
            }
        }
        Some(Self {
            text,
            found: found.finish(),
        })
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

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.found.iter().map(|form| form.as_str())
    }

    /// Of all forms.
    pub(super) fn bytes(&self) -> usize {
        self.iter().map(str::len).sum()
    }
}

/// Whether a line of a value says anything: rulers do not.
fn is_telling(line: &str) -> bool {
    line.chars().count() >= SHORTEST && line.contains(char::is_alphanumeric)
}

#[derive(Default)]
struct Found(Vec<Zeroizing<String>>);

impl Found {
    fn add(&mut self, form: String) {
        self.0.push(Zeroizing::new(form));
    }

    /// As it is, and as it stands between the quotes of JSON.
    fn text(&mut self, text: &str) {
        self.add(text.to_owned());
        let every: fn(char) -> bool = |_| true;
        for kept in [every, |next| next.is_ascii()] {
            for digits in [UPPER, LOWER] {
                for slash in ["/", "\\/"] {
                    self.add(json(text, kept, digits, slash));
                }
            }
        }
    }

    fn percent(&mut self, text: &str) {
        for unescaped in UNESCAPED {
            for digits in [UPPER, LOWER] {
                for space in ["%20", "+"] {
                    self.add(percent(text, unescaped, digits, space));
                }
            }
        }
    }

    /// Alone, and in the midst of something longer: what depends on it alone at each alignment.
    fn base64(&mut self, text: &str) {
        self.add(STANDARD.encode(text));
        self.add(URL_SAFE.encode(text));
        for alphabet in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            self.add(alphabet.encode(text));
            for before in 0..3 {
                let mut bytes = Zeroizing::new(Vec::with_capacity(before + text.len()));
                bytes.resize(before, 0);
                bytes.extend_from_slice(text.as_bytes());
                let encoded = Zeroizing::new(alphabet.encode(&*bytes));
                // Six bits each; the first and the last may hold bits of a neighbour.
                let certain = (before * 8).div_ceil(6)..bytes.len() * 8 / 6;
                self.add(encoded.get(certain).unwrap_or_default().to_owned());
            }
        }
    }

    fn finish(self) -> Vec<Zeroizing<String>> {
        let mut found = self.0;
        found.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
        found.dedup();
        found
    }
}

fn digit(digits: &[u8; 16], value: u32) -> char {
    let index = usize::try_from(value & 15).unwrap_or_default();
    digits.get(index).copied().map_or('0', char::from)
}

fn percent(text: &str, unescaped: &[u8], digits: &[u8; 16], space: &str) -> String {
    let mut encoded = String::with_capacity(text.len() * 3);
    for byte in text.bytes() {
        if byte == b' ' {
            encoded.push_str(space);
        } else if byte.is_ascii_alphanumeric() || unescaped.contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push(digit(digits, u32::from(byte) >> 4));
            encoded.push(digit(digits, u32::from(byte)));
        }
    }
    encoded
}

/// RFC 8259 §7; what is not `kept`, and control characters without a letter, by their number.
fn json(text: &str, kept: fn(char) -> bool, digits: &[u8; 16], slash: &str) -> String {
    let mut encoded = String::with_capacity(text.len() * 6);
    for next in text.chars() {
        match next {
            '"' => encoded.push_str("\\\""),
            '\\' => encoded.push_str("\\\\"),
            '/' => encoded.push_str(slash),
            '\n' => encoded.push_str("\\n"),
            '\r' => encoded.push_str("\\r"),
            '\t' => encoded.push_str("\\t"),
            '\u{8}' => encoded.push_str("\\b"),
            '\u{c}' => encoded.push_str("\\f"),
            ' '.. if kept(next) => encoded.push(next),
            _ => {
                for unit in next.encode_utf16(&mut [0; 2]) {
                    encoded.push_str("\\u");
                    for shift in [12, 8, 4, 0] {
                        encoded.push(digit(digits, u32::from(*unit) >> shift));
                    }
                }
            }
        }
    }
    encoded
}

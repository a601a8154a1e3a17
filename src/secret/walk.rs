//! Whether a form stands at a place of a text, in whatever way it is written there.

use std::ops::Range;

use super::character::is_ordinary;
use super::forms::{Base64, Form};
use super::reading::Text;
use super::visible::is_hidden;

/// What a search may cost for each byte of a text, and for any text, in comparisons of two bytes:
/// only a text that is made for it costs as much.
const COST: usize = 64;
const LEAST: usize = 16 << 20;
/// The cost of a character that may be encoded.
const DECODED: usize = 16;

/// One walk through a text.
pub(super) struct Walk<'t> {
    text: Text<'t>,
    bytes: &'t [u8],
    /// What it may still cost.
    left: usize,
    /// Where the form may have got to, and where its next character leads.
    now: Vec<usize>,
    next: Vec<usize>,
}

impl<'t> Walk<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text: Text::new(text),
            bytes: text.as_bytes(),
            left: text.len().saturating_mul(COST).max(LEAST),
            now: Vec::new(),
            next: Vec::new(),
        }
    }

    /// Whether it has cost too much.
    pub(super) const fn is_too_long(&self) -> bool {
        self.left == 0
    }

    /// Puts what may stand at `at` into `firsts`.
    pub(super) fn firsts(&self, at: usize, firsts: &mut Vec<char>) {
        firsts.clear();
        self.text.each(at, |(first, _)| {
            if !firsts.contains(&first) {
                firsts.push(first);
            }
        });
    }

    /// Where `form` stands that begins at `at`.
    pub(super) fn place(&mut self, form: &Form, at: usize) -> Option<Range<usize>> {
        let alike_so_far = self.plain(form, at);
        self.left = self.left.saturating_sub(alike_so_far + 1);
        self.now.clear();
        self.now.push(at + alike_so_far);
        for wanted in form.text.get(alike_so_far..)?.chars() {
            self.step(wanted, form.base64.is_some());
            if self.now.is_empty() || self.left == 0 {
                return None;
            }
        }
        let end = self.now.iter().max()?;
        Some(self.with_edges(at..*end, form.base64))
    }

    /// Bytes that are written as they are: almost all, and there is no other way to read them.
    fn plain(&self, form: &Form, at: usize) -> usize {
        let text = self.bytes.get(at..).unwrap_or_default().iter();
        let pairs = text.zip(form.text.as_bytes());
        pairs
            .take_while(|(text, form)| text == form && is_ordinary(**text))
            .count()
    }

    /// Takes the next character of a form from wherever it may stand.
    fn step(&mut self, wanted: char, base64: bool) {
        self.next.clear();
        let mut index = 0;
        while let Some(&place) = self.now.get(index) {
            index += 1;
            // Each place is looked for among those that are known: a run of hidden characters or
            // line breaks makes many.
            let known = self.now.len() + self.next.len();
            self.left = self.left.saturating_sub(DECODED + known);
            if self.left == 0 {
                return;
            }
            let (now, next) = (&mut self.now, &mut self.next);
            self.text.each(place, |(found, after)| {
                if fits(wanted, found, base64) && !next.contains(&after) {
                    next.push(after);
                }
                // Encoded too, they show nothing; and encodings are broken into lines.
                let between = is_hidden(found) || base64 && found.is_whitespace();
                if between && !now.contains(&after) {
                    now.push(after);
                }
            });
        }
        std::mem::swap(&mut self.now, &mut self.next);
    }

    /// With what beside an encoding tells of the value too, and its padding.
    fn with_edges(&self, place: Range<usize>, base64: Option<Base64>) -> Range<usize> {
        let Some(Base64 { before, after }) = base64 else {
            return place;
        };
        let letter = |c: char| c.is_ascii_alphanumeric() || "+/-_".contains(c);
        let Range { mut start, mut end } = place;
        let neighbour = start
            .checked_sub(1)
            .and_then(|at| Some((at, *self.bytes.get(at)?)));
        if let Some((at, byte)) = neighbour
            && before
            && letter(char::from(byte))
        {
            start = at;
        }
        if after {
            end = self.after(end, letter);
        }
        for _ in 0..2 {
            end = self.after(end, |c| c == '=');
        }
        start..end
    }

    /// Where the character ends that stands at `at`, if it is one of those.
    fn after(&self, at: usize, is_one: impl Fn(char) -> bool) -> usize {
        let mut end = at;
        self.text.each(at, |(c, after)| {
            if is_one(c) {
                end = after;
            }
        });
        end
    }
}

/// Whether `found` in a text is the character `wanted` of a form: forms (WHATWG) write a space as a
/// plus sign, line breaks have two characters, and base64 has two alphabets.
fn fits(wanted: char, found: char, base64: bool) -> bool {
    wanted == found
        || match (wanted, found) {
            (' ', '+') | ('\n', '\r') => !base64,
            ('+', '-') | ('/', '_') => base64,
            _ => false,
        }
}

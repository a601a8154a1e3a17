//! The search for many values at once.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::MARK;
use super::forms::{Base64, Form, Forms};
use super::reading::Text;
use super::visible::{Seen, is_hidden, visible};

/// Bits of the filter, as many as its hash can name.
const BITS: usize = 1 << 16;
/// What a search may cost for each byte of a text, and for any text, in comparisons of two bytes:
/// only a text that is made for it costs as much. What cannot be searched is not shown.
const COST: usize = 64;
const LEAST: usize = 16 << 20;
/// The cost of a character that may be encoded.
const DECODED: usize = 16;

/// A search for all forms of some values. Its memory is wiped.
#[derive(Default)]
pub(super) struct Search {
    values: Vec<Arc<Forms>>,
    /// Which form begins with which character: places in `values`, and among their forms.
    begins: Vec<(char, usize, usize)>,
    /// A bit for each three bytes with which a form may begin.
    filter: Zeroizing<Vec<u64>>,
}

impl Search {
    pub(super) fn of(values: impl Iterator<Item = Arc<Forms>>) -> Self {
        let values: Vec<Arc<Forms>> = values.collect();
        let mut begins = Vec::new();
        let mut filter = Zeroizing::new(vec![0; BITS / 64]);
        for (value, forms) in values.iter().enumerate() {
            for (index, form) in forms.iter().enumerate() {
                if let Some(first) = form.text.chars().next() {
                    begins.push((alike(first), value, index));
                }
                if let [first, second, third, ..] = form.text.as_bytes() {
                    let bit = hash([*first, *second, *third]);
                    if let Some(word) = filter.get_mut(bit / 64) {
                        *word |= 1 << (bit % 64);
                    }
                }
            }
        }
        begins.sort_unstable();
        Self {
            values,
            begins,
            filter,
        }
    }

    /// Whether `text` is as a whole a value that is too short to be searched for.
    pub(super) fn is_short(&self, text: &str) -> bool {
        let mut short = self.values.iter().filter(|value| value.is_short());
        let seen = visible(text);
        short.any(|value| value.text() == seen.trim())
    }

    pub(super) fn clean<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.begins.is_empty() {
            return Cow::Borrowed(text);
        }
        let seen = Seen::of(text);
        let Some(places) = self.places(&seen.text) else {
            return Cow::Owned(MARK.to_owned());
        };
        if places.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut cleaned = String::with_capacity(text.len());
        let mut shown = 0;
        for place in places {
            let (start, end) = (seen.start(place.start), seen.end(place.end));
            cleaned.push_str(text.get(shown..start).unwrap_or_default());
            cleaned.push_str(MARK);
            shown = end;
        }
        cleaned.push_str(text.get(shown..).unwrap_or_default());
        Cow::Owned(cleaned)
    }

    /// Where forms stand, in order; those that overlap are one. None when that takes too long.
    fn places(&self, text: &str) -> Option<Vec<Range<usize>>> {
        let bytes = text.as_bytes();
        let mut walk = Walk {
            text: Text::new(text),
            bytes,
            left: text.len().saturating_mul(COST).max(LEAST),
            now: Vec::new(),
            next: Vec::new(),
        };
        let mut places: Vec<Range<usize>> = Vec::new();
        for (at, window) in bytes.windows(3).enumerate() {
            let &[first, second, third] = window else {
                continue;
            };
            let ordinary = is_ordinary(first) && is_ordinary(second) && is_ordinary(third);
            if ordinary && !self.may_begin([first, second, third]) {
                continue;
            }
            let Some(place) = self.longest(&mut walk, at)? else {
                continue;
            };
            match places.last_mut() {
                Some(last) if place.start < last.end => last.end = last.end.max(place.end),
                _ => places.push(place),
            }
        }
        Some(places)
    }

    fn may_begin(&self, bytes: [u8; 3]) -> bool {
        let bit = hash(bytes);
        let word = self.filter.get(bit / 64).copied().unwrap_or_default();
        word & 1 << (bit % 64) != 0
    }

    /// The longest form that begins at `at`. None when that takes too long.
    fn longest(&self, walk: &mut Walk<'_>, at: usize) -> Option<Option<Range<usize>>> {
        let mut longest: Option<Range<usize>> = None;
        let mut firsts = [None; 9];
        let mut slots = firsts.iter_mut();
        walk.text.each(at, |(first, _)| {
            if let Some(slot) = slots.next() {
                *slot = Some(alike(first));
            }
        });
        for first in firsts.into_iter().flatten() {
            let begin = self.begins.partition_point(|begin| begin.0 < first);
            let begins = self.begins.get(begin..).unwrap_or_default();
            for (_, value, index) in begins.iter().take_while(|begin| begin.0 == first) {
                let form = self.values.get(*value).and_then(|forms| forms.at(*index));
                let Some(place) = form.and_then(|form| walk.place(form, at)) else {
                    continue;
                };
                let longer = |known: &Range<usize>| place.end > known.end;
                if longest.as_ref().is_none_or(longer) {
                    longest = Some(place);
                }
            }
        }
        (walk.left > 0).then_some(longest)
    }
}

/// One walk through a text.
struct Walk<'t> {
    text: Text<'t>,
    bytes: &'t [u8],
    /// What it may still cost.
    left: usize,
    /// Where the form may have got to, and where its next character leads.
    now: Vec<usize>,
    next: Vec<usize>,
}

impl Walk<'_> {
    /// Where `form` stands that begins at `at`.
    fn place(&mut self, form: &Form, at: usize) -> Option<Range<usize>> {
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
            self.left = self.left.saturating_sub(DECODED);
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

/// One character for all that [`fits`] takes for one another at the beginning of a form.
const fn alike(c: char) -> char {
    match c {
        ' ' | '-' => '+',
        '_' => '/',
        other => other,
    }
}

/// Whether a byte can only be read as itself.
const fn is_ordinary(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && byte != b'%' && byte != b'\\'
}

/// A bit of the filter.
fn hash(bytes: [u8; 3]) -> usize {
    let [first, second, third] = bytes.map(|byte| alike(char::from(byte)) as usize);
    (first << 9 ^ second << 5 ^ third) % BITS
}

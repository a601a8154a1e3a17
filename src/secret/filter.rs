//! Where in a text a form may begin: told at once of almost every byte, since almost none does.

use zeroize::Zeroizing;

use super::character::{alike, is_ordinary};

/// Bits for three bytes each, as many as [`shifted`] can name.
const BITS: usize = 1 << 16;

/// What is known of how forms begin.
pub(super) struct Filter {
    /// Of each byte, what it is alike; zero for one that may be read otherwise.
    alike: [u8; 256],
    /// A bit for each three ordinary bytes with which a form begins.
    threes: Zeroizing<Vec<u64>>,
    /// A bit for each byte of ASCII with which one begins.
    ascii: u128,
    /// Whether one begins with another character.
    beyond: bool,
}

impl Default for Filter {
    fn default() -> Self {
        let class = |byte| if is_ordinary(byte) { like(byte) } else { 0 };
        Self {
            alike: std::array::from_fn(|byte| u8::try_from(byte).map_or(0, class)),
            threes: Zeroizing::default(),
            ascii: 0,
            beyond: false,
        }
    }
}

impl Filter {
    pub(super) fn add(&mut self, form: &str) {
        if let Some(first) = form.chars().next() {
            match u8::try_from(first) {
                Ok(byte) if byte.is_ascii() => self.ascii |= 1 << like(byte),
                _ => self.beyond = true,
            }
        }
        if let [first, second, third, ..] = form.as_bytes() {
            self.threes.resize(BITS / 64, 0);
            let bytes = [*first, *second, *third];
            let three = bytes.into_iter().map(like).fold(0, shifted);
            if let Some(word) = self.threes.get_mut(three / 64) {
                *word |= 1 << (three % 64);
            }
        }
    }

    /// The places where a form may begin.
    pub(super) fn starts(&self, text: &[u8]) -> impl Iterator<Item = usize> {
        let (mut three, mut ordinary) = (0, 0_usize);
        text.iter().enumerate().filter_map(move |(end, byte)| {
            let alike = self.alike.get(usize::from(*byte)).copied();
            let alike = alike.unwrap_or_default();
            three = shifted(three, alike);
            ordinary = if alike == 0 { 0 } else { ordinary + 1 };
            let start = end.checked_sub(2)?;
            let may_begin = if ordinary > 2 {
                self.has(three)
            } else {
                self.may_begin(text.get(start..)?)
            };
            may_begin.then_some(start)
        })
    }

    fn has(&self, three: usize) -> bool {
        let word = self.threes.get(three / 64).copied();
        word.unwrap_or_default() & 1 << (three % 64) != 0
    }

    fn begins_with(&self, byte: u8) -> bool {
        byte.is_ascii() && self.ascii & 1 << like(byte) != 0
    }

    /// Whether a form may begin with `text`, not all of whose first bytes stand for themselves.
    fn may_begin(&self, text: &[u8]) -> bool {
        let Some((first, rest)) = text.split_first() else {
            return false;
        };
        match first {
            // Within a character none begins.
            0x80..=0xbf => false,
            0xc0..=0xff => self.beyond,
            b'%' => self.begins_with(b'%') || self.may_begin_encoded(rest),
            b'\\' => self.begins_with(b'\\') || self.may_begin_escaped(rest),
            byte => self.begins_with(*byte),
        }
    }

    fn may_begin_encoded(&self, digits: &[u8]) -> bool {
        let [high, low, ..] = digits else {
            return false;
        };
        match decoded(*high, *low) {
            // Whatever comes of them.
            Some(b'%' | b'\\') => true,
            Some(byte) if byte.is_ascii() => self.begins_with(byte),
            Some(_) => self.beyond,
            None => false,
        }
    }

    /// Up to three backslashes more may stand before one letter. Those of line breaks begin no form.
    fn may_begin_escaped(&self, rest: &[u8]) -> bool {
        match rest.iter().take(3).find(|byte| **byte != b'\\') {
            Some(b'u' | b'%') => true,
            Some(sign @ (b'"' | b'/' | b'\'')) => self.begins_with(*sign),
            _ => false,
        }
    }
}

fn decoded(high: u8, low: u8) -> Option<u8> {
    let digit = |byte| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? << 4 | digit(low)?).ok()
}

fn like(byte: u8) -> u8 {
    u8::try_from(alike(char::from(byte))).unwrap_or(byte)
}

/// The name of three bytes, of which `three` are those before and `alike` is the next.
const fn shifted(three: usize, alike: u8) -> usize {
    (three << 6 ^ alike as usize) % BITS
}

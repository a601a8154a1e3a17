//! What a character of a text may stand for: itself, or another one that is percent-encoded or
//! escaped as in JSON there.

/// How often something may be percent-encoded, one time within the other.
const PERCENT: usize = 2;
/// How often something may be escaped.
const JSON: usize = 2;

/// Bytes that can stand for one character: six for a unit of two, each escaped so and encoded twice.
const LONGEST: usize = 12 * 6 * 5;

/// A character, and where what stands for it ends.
pub(super) type Read = (char, usize);

/// A text that is read from any place of it.
#[derive(Clone, Copy)]
pub(super) struct Text<'t> {
    whole: &'t str,
    /// How often something may be percent-encoded: not at all where there is no percent sign.
    percent: usize,
    /// How often it may be escaped; the backslash may itself be encoded.
    json: usize,
}

impl<'t> Text<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let bytes = text.as_bytes();
        let percent = if bytes.contains(&b'%') { PERCENT } else { 0 };
        let escapes = percent > 0 || bytes.contains(&b'\\');
        let json = if escapes { JSON } else { 0 };
        Self {
            whole: text,
            percent,
            json,
        }
    }

    /// Tells everything that the character at `at` may stand for. Whoever wrote it may have encoded
    /// any of the characters and left others as they are, so the reading begins anew at each.
    pub(super) fn each(self, at: usize, mut tell: impl FnMut(Read)) {
        let Some(itself) = self.plain(at) else {
            return;
        };
        tell(itself);
        if !matches!(itself.0, '%' | '\\') {
            return;
        }
        let mut told = itself;
        let near = self.whole.as_bytes().iter().skip(at).take(LONGEST);
        let percent = if near.copied().any(|byte| byte == b'%') {
            self.percent
        } else {
            0
        };
        for percent in 0..=percent {
            for json in 0..=self.json {
                if let Some(read) = self.unescaped(at, percent, json)
                    && read != itself
                    && read != told
                {
                    told = read;
                    tell(read);
                }
            }
        }
    }

    fn plain(self, at: usize) -> Option<Read> {
        let next = self.whole.get(at..)?.chars().next()?;
        Some((next, at + next.len_utf8()))
    }

    /// The character at `at`, decoded where it is percent-encoded at most `levels` times.
    fn decoded(self, at: usize, levels: usize) -> Option<Read> {
        let encoded = (0..levels).rev().find_map(|level| self.encoded(at, level));
        encoded.or_else(|| self.plain(at))
    }

    /// The character that is percent-encoded at `at`, and its percent sign `again` times.
    fn encoded(self, at: usize, again: usize) -> Option<Read> {
        let (first, mut end) = self.byte(at, again)?;
        if first.is_ascii() {
            return Some((char::from(first), end));
        }
        let mut bytes = [first, 0, 0, 0];
        for length in 2..=4 {
            let (byte, next) = (0..PERCENT).rev().find_map(|again| self.byte(end, again))?;
            *bytes.get_mut(length - 1)? = byte;
            end = next;
            if let Ok(text) = str::from_utf8(bytes.get(..length)?) {
                return Some((text.chars().next()?, end));
            }
        }
        None
    }

    fn byte(self, at: usize, again: usize) -> Option<(u8, usize)> {
        let mut rest = self.whole.as_bytes().get(at..)?.strip_prefix(b"%")?;
        for _ in 0..again {
            rest = rest.strip_prefix(b"25")?;
        }
        let digit = |index: usize| char::from(*rest.get(index)?).to_digit(16);
        let byte = u8::try_from(digit(0)? << 4 | digit(1)?).ok()?;
        Some((byte, at + 3 + 2 * again))
    }

    /// The character at `at`, where it is escaped at most `levels` times and then percent-encoded.
    fn unescaped(self, at: usize, percent: usize, levels: usize) -> Option<Read> {
        let Some(levels) = levels.checked_sub(1) else {
            return self.decoded(at, percent);
        };
        let read = |at| self.unescaped(at, percent, levels);
        let (sign, after) = read(at)?;
        let itself = Some((sign, after));
        if sign != '\\' {
            return itself;
        }
        let Some((letter, end)) = read(after) else {
            return itself;
        };
        let escaped = match letter {
            '"' | '\\' | '/' | '\'' => letter,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                return unit(end, &read)
                    .and_then(|first| pair(first, &read))
                    .or(itself);
            }
            _ => return itself,
        };
        Some((escaped, end))
    }
}

/// The number of four digits at `at`.
fn unit(at: usize, read: &impl Fn(usize) -> Option<Read>) -> Option<(u16, usize)> {
    let (mut unit, mut end) = (0, at);
    for _ in 0..4 {
        let (digit, next) = read(end)?;
        unit = unit << 4 | u16::try_from(digit.to_digit(16)?).ok()?;
        end = next;
    }
    Some((unit, end))
}

/// The character of a number, or of it and the one after it.
fn pair(first: (u16, usize), read: &impl Fn(usize) -> Option<Read>) -> Option<Read> {
    let (unit, end) = first;
    if let Some(whole) = char::from_u32(unit.into()) {
        return Some((whole, end));
    }
    let (sign, end) = read(end)?;
    let (letter, end) = read(end)?;
    let (low, end) = self::unit(end, read).filter(|_| (sign, letter) == ('\\', 'u'))?;
    let character = char::decode_utf16([unit, low]).next()?.ok()?;
    Some((character, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(text: &str) -> Vec<Read> {
        let mut all = Vec::new();
        Text::new(text).each(0, |read| all.push(read));
        all.sort_unstable();
        all.dedup();
        all
    }

    #[test]
    fn a_character_stands_for_itself_and_for_what_it_encodes() {
        for (text, expected) in [
            ("a", 'a'),
            ("é", 'é'),
            ("%", '%'),
            ("%zz", '%'),
            ("%41", 'A'),
            ("%2541", 'A'),
            ("%2541", '%'),
            ("%c3%A9", 'é'),
            ("%25c3%a9", 'é'),
            ("%f0%9F%98%80", '😀'),
            ("\\", '\\'),
            ("\\x", '\\'),
            ("\\n", '\n'),
            ("\\/", '/'),
            ("\\\\", '\\'),
            ("\\\\n", '\n'),
            ("\\\\\\\"", '"'),
            ("\\\\\\\\", '\\'),
            ("\\u00E9", 'é'),
            ("\\\\u00e9", 'é'),
            ("\\ud83d\\uDE00", '😀'),
            ("\\\\ud83d\\\\uDE00", '😀'),
            ("\\u005c\\u0022", '"'),
            ("\\ud83dx", '\\'),
            ("%5C%22", '"'),
            ("%255cn", '\n'),
        ] {
            let all = reads(text);
            assert!(all.iter().any(|read| read.0 == expected), "{text}: {all:?}");
        }
        assert_eq!(reads("\\u00"), [('\\', 1)]);
        assert_eq!(reads("%c3x"), [('%', 1)]);
        assert_eq!(reads(""), []);
    }
}

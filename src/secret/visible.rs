//! Characters that show nothing, or make a reader see something else than what stands there.

use std::borrow::Cow;
use std::sync::LazyLock;

use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory};
use icu_properties::{CodePointMapData, CodePointSetData};

/// `text` without hidden characters; borrowed when there are none. Every text that leaves passes
/// through here, but those that are passed on byte for byte.
pub fn visible(text: &str) -> Cow<'_, str> {
    if is_plain(text) || !text.contains(is_hidden) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().filter(|next| !is_hidden(*next)).collect())
    }
}

/// Whether Unicode says of `c` that it is a control character (line feed and tab may stay), a
/// format character, or one without a shape of its own: by property, since a list of such
/// characters is never complete.
pub fn is_hidden(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control() && !matches!(c, '\n' | '\t');
    }
    let code = c as usize;
    match PLANE.get(code / 64) {
        Some(word) => word & 1 << (code % 64) != 0,
        None => has_property(c),
    }
}

/// A bit for each character of the basic plane, to ask once of each: most text is of them.
static PLANE: LazyLock<Vec<u64>> = LazyLock::new(|| {
    let mut plane = vec![0; (1 << 16) / 64];
    for c in '\0'..='\u{ffff}' {
        if has_property(c)
            && let Some(word) = plane.get_mut(c as usize / 64)
        {
            *word |= 1 << (c as usize % 64);
        }
    }
    plane
});

fn has_property(c: char) -> bool {
    let category = CodePointMapData::<GeneralCategory>::new().get(c);
    matches!(category, GeneralCategory::Control | GeneralCategory::Format)
        || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

/// Whether `text` is ASCII without control characters, as most is: asked of many bytes at a time.
fn is_plain(text: &str) -> bool {
    let plain = |byte: &u8| (b' '..=b'~').contains(byte) | matches!(byte, b'\n' | b'\t');
    let mut chunks = text.as_bytes().chunks(64);
    chunks.all(|chunk| chunk.iter().fold(true, |all, byte| all & plain(byte)))
}

/// The numbers of the lines of `text` that hold hidden characters, from 1. A carriage return before
/// a line feed ends a line.
pub fn hidden_lines(text: &str) -> impl Iterator<Item = usize> {
    // Nothing is split where nothing can be found.
    let text = if is_plain(text) { "" } else { text };
    let lines = text.split('\n').zip(1..);
    lines.filter_map(|(line, number)| {
        let line = line.strip_suffix('\r').unwrap_or(line);
        line.contains(is_hidden).then_some(number)
    })
}

/// A text without hidden characters that knows where what is left of it stood.
pub(super) struct Seen<'t> {
    pub(super) text: Cow<'t, str>,
    /// Where something is left out, and how many bytes are left out up to there.
    gaps: Vec<(usize, usize)>,
}

impl<'t> Seen<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let seen = visible(text);
        let mut gaps: Vec<(usize, usize)> = Vec::new();
        if let Cow::Owned(_) = seen {
            let mut left_out = 0;
            for (at, next) in text.char_indices().filter(|(_, next)| is_hidden(*next)) {
                let place = at - left_out;
                left_out += next.len_utf8();
                match gaps.last_mut() {
                    Some(gap) if gap.0 == place => gap.1 = left_out,
                    _ => gaps.push((place, left_out)),
                }
            }
        }
        Self { text: seen, gaps }
    }

    /// Where the character stands that begins at `at`.
    pub(super) fn start(&self, at: usize) -> usize {
        at + self.left_out(self.gaps.partition_point(|gap| gap.0 <= at))
    }

    /// Where the character ends that ends at `at`.
    pub(super) fn end(&self, at: usize) -> usize {
        at + self.left_out(self.gaps.partition_point(|gap| gap.0 < at))
    }

    fn left_out(&self, gaps: usize) -> usize {
        let last = gaps.checked_sub(1).and_then(|last| self.gaps.get(last));
        last.map_or(0, |gap| gap.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_shows_nothing_is_hidden_whatever_block_it_stands_in() {
        for hidden in [
            '\0',
            '\r',
            '\u{1b}',
            '\u{7f}',
            '\u{85}',
            '\u{ad}',
            '\u{34f}',
            '\u{600}',
            '\u{61c}',
            '\u{115f}',
            '\u{17b4}',
            '\u{180e}',
            '\u{200b}',
            '\u{202e}',
            '\u{2060}',
            '\u{2065}',
            '\u{2069}',
            '\u{3164}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{ffa0}',
            '\u{fff0}',
            '\u{fff9}',
            '\u{110bd}',
            '\u{1bca0}',
            '\u{1d173}',
            '\u{e0001}',
            '\u{e0041}',
            '\u{e0100}',
            '\u{e0fff}',
        ] {
            assert!(is_hidden(hidden), "{hidden:?}");
            assert_eq!(visible(&format!("a{hidden}b")), "ab", "{hidden:?}");
        }
        for shown in [
            '\n', '\t', ' ', '~', '\u{a0}', 'é', '\u{301}', '木', '😀', '\u{fffd}',
        ] {
            assert!(!is_hidden(shown), "{shown:?}");
        }
    }

    #[test]
    fn nothing_is_copied_where_nothing_is_hidden() {
        for text in ["", "a\n\tb", "größer 木"] {
            assert!(matches!(visible(text), Cow::Borrowed(same) if same == text));
        }
    }

    #[test]
    fn lines_are_counted_and_their_ends_are_not_hidden() {
        let lines = |text| hidden_lines(text).collect::<Vec<_>>();
        assert_eq!(lines("a\r\nb\r\n"), [0; 0]);
        assert_eq!(lines("a\n\u{ad}b\nc\u{200b}\r\nd\re"), [2, 3, 4]);
    }

    #[test]
    fn places_are_those_of_the_whole_text() {
        let text = "\u{ad}a\u{ad}\u{ad}bc\u{200b}";
        let seen = Seen::of(text);
        assert_eq!(seen.text, "abc");
        assert_eq!(text.get(seen.start(0)..seen.end(1)), Some("a"));
        assert_eq!(text.get(seen.start(1)..seen.end(3)), Some("bc"));
        assert_eq!(text.get(seen.start(0)..seen.end(2)), Some("a\u{ad}\u{ad}b"));
    }
}

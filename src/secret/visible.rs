//! Characters that a terminal or a reader could mistake for something else.

use std::borrow::Cow;

/// `text` without control characters (line feed and tab stay), and without bidirectional,
/// zero-width and tag characters.
pub fn visible(text: &str) -> Cow<'_, str> {
    if text.contains(hidden) {
        Cow::Owned(text.chars().filter(|next| !hidden(*next)).collect())
    } else {
        Cow::Borrowed(text)
    }
}

fn hidden(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\t'))
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

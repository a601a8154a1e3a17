//! Foreign text, cleaned for a person who must be able to trust what they see.

use crate::secret::visible;

/// Combining marks on one letter: scripts need two or three, disguises many.
const MARKS: usize = 3;

/// `text` on one line, without hidden characters, at most `limit`
/// characters; what was cut is shown by an ellipsis. HTML is escaped later, by the macro.
pub(super) fn shown(text: &str, limit: usize) -> String {
    let text = visible(text);
    let mut shown = String::new();
    let mut length = 0;
    let mut marks = 0;
    for next in text.chars().filter(|next| !unseen(*next)) {
        let next = if next.is_whitespace() { ' ' } else { next };
        if next == ' ' && (shown.is_empty() || shown.ends_with(' ')) {
            continue;
        }
        marks = if combines(next) { marks + 1 } else { 0 };
        if marks > MARKS {
            continue;
        }
        if length == limit {
            shown.truncate(shown.trim_end().len());
            shown.push('…');
            return shown;
        }
        shown.push(next);
        length += 1;
    }
    shown.truncate(shown.trim_end().len());
    shown
}

/// All of an address, in one piece: what does not show, or is no letter of an address, stands there by
/// its bytes (`%E2%80%AE`). Nothing is cut.
pub(super) fn whole(address: &str) -> String {
    let mut text = String::new();
    for next in address.chars() {
        if next.is_ascii_graphic() {
            text.push(next);
            continue;
        }
        let mut bytes = [0; 4];
        for byte in next.encode_utf8(&mut bytes).bytes() {
            text.push('%');
            for digit in [byte >> 4, byte & 15] {
                let digit = char::from_digit(u32::from(digit), 16).unwrap_or_default();
                text.push(digit.to_ascii_uppercase());
            }
        }
    }
    text
}

/// Characters that look like nothing, or like anything, and that [`visible`] leaves: a blank that is
/// no space, and those of private use.
const fn unseen(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}' | '\u{2800}' | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}')
}

/// The blocks of combining marks that belong to no script.
const fn combines(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_of_what_shows_and_no_more() {
        assert_eq!(
            shown("  A\tname\r\nof  two lines ", 80),
            "A name of two lines"
        );
        assert_eq!(
            shown("a\u{202e}b\u{200b}c\u{ad}d\u{3164}e\u{e0041}", 80),
            "abcde"
        );
        assert_eq!(shown("abcdef", 6), "abcdef");
        assert_eq!(shown("abc def", 4), "abc…");
        assert_eq!(shown(&"é".repeat(9), 3), "ééé…");
        assert_eq!(shown("\u{2028}\u{fe0f}", 3), "");
        assert_eq!(
            whole("app://\u{202e}h o\u{ad}st/%41?\u{7}é"),
            "app://%E2%80%AEh%20o%C2%ADst/%41?%07%C3%A9"
        );
        assert_eq!(whole(&"x".repeat(3000)).len(), 3000);
        let tower = format!("a{}b", "\u{301}".repeat(40));
        assert_eq!(shown(&tower, 80).chars().count(), 5);
    }
}

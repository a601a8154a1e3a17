//! Tabs, which `SnakeYAML` and `libyaml-safer` accept in different positions.

/// The first tab between two events that `SnakeYAML` does not accept. It accepts those after plain
/// scalars and in comments.
pub(super) fn tab_in(gap: &[char], after_plain: bool) -> Option<usize> {
    let (mut comment, mut behind) = (false, after_plain);
    for (at, c) in gap.iter().enumerate() {
        match c {
            '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => (comment, behind) = (false, false),
            '#' => comment = true,
            '\t' if !comment && !behind => return Some(at),
            ' ' | '\t' => {}
            _ => behind = false,
        }
    }
    None
}

/// The first tab at the start of a line within a scalar.
pub(super) fn tab_that_begins(text: &[char]) -> Option<usize> {
    let mut begin = false;
    for (at, c) in text.iter().enumerate() {
        match c {
            '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => begin = true,
            '\t' if begin => return Some(at),
            ' ' => {}
            _ => begin = false,
        }
    }
    None
}

/// The source as the parser needs it: with a final line break, without which it panics after some
/// blocks, and with another character in place of the tabs that start lines.
pub(super) fn parser_input(source: &str, tab: Option<char>) -> String {
    let mut text = String::with_capacity(source.len() + 1);
    let mut begin = true;
    for c in source.chars() {
        text.push(tab.filter(|_| begin && c == '\t').unwrap_or(c));
        begin = matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}') || begin && c == ' ';
    }
    if !source.ends_with('\n') {
        text.push('\n');
    }
    text
}

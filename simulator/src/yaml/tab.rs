//! Tabs, of which `SnakeYAML` and `libyaml-safer` take different ones.

/// The first tab between two events that `SnakeYAML` does not take: it takes those behind plain
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

/// The first tab with which a line of a text begins.
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

/// `source` with a line break at its end, without which the parser panics after some blocks, and
/// with another character for tabs that begin the text of a line.
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

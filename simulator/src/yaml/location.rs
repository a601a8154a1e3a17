//! Locations in a source.

use libyaml_safer::Mark;

/// A line and a column, counted from 1.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Location {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl Location {
    pub(super) const START: Self = Self { line: 1, column: 1 };

    /// Converts a mark, but not past the end of the source: the parser's input has one more line
    /// break.
    pub(super) fn of(mark: Mark, end: Self) -> Self {
        let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX - 1) + 1;
        let (line, column) = (number(mark.line), number(mark.column));
        if line > end.line {
            end
        } else {
            Self { line, column }
        }
    }

    /// The location after the last character.
    pub(super) fn end(source: &str) -> Self {
        let (mut line, mut last) = (0, "");
        for text in lines(source) {
            (line, last) = (line + 1, text);
        }
        let column = last.chars().count() + 1;
        Self { line, column }
    }
}

/// The lines of a source, split at the line breaks of YAML 1.1.
pub(super) fn lines(source: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(source);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = text.find(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']);
        let Some((line, more)) = end.and_then(|at| text.split_at_checked(at)) else {
            rest = None;
            return Some(text);
        };
        let more = more.strip_prefix("\r\n").unwrap_or_else(|| {
            let mut characters = more.chars();
            characters.next();
            characters.as_str()
        });
        rest = Some(more);
        Some(line)
    })
}

//! What a person who looks at a source does not see, and Kestra's readers take otherwise than others.

use super::event::{Place, is_break};
use super::limits::BYTE_ORDER_MARK;

/// Parsers drop it at the begin of a line, or take it for a part of a key.
const MARK: &str = "no byte order mark (U+FEFF) inside the source";
const DIVIDED: &str = "one document: no other line that begins with `---`";
const LINE_BREAK: &str = "no U+0085, U+2028, U+2029 or lone carriage return outside quotes: Kestra ends a line there, where few editors show one";

/// How a source was read.
pub(super) struct Read {
    /// How many characters of it.
    pub(super) until: usize,
    /// Where texts between quotes begin and end, in order.
    pub(super) quoted: Vec<(usize, usize)>,
    /// Characters before the mark of the document.
    pub(super) mark: Option<usize>,
}

impl Read {
    /// Tells `fault` of each place with what would be right there.
    pub(super) fn unseen(&self, source: &str, mut fault: impl FnMut(Place, &str)) {
        let (mut line, mut column, mut rest) = (1, 1, source);
        let mut characters = source.chars().take(self.until).enumerate().peekable();
        while let Some((index, c)) = characters.next() {
            let ended = c == '\n';
            let pair = c == '\r' && characters.peek().is_some_and(|(_, next)| *next == '\n');
            let place = Place {
                line,
                column,
                index,
            };
            match c {
                BYTE_ORDER_MARK if !self.is_quoted(index) => fault(place, MARK),
                _ if is_break(c) && !ended && !pair && !self.is_quoted(index) => {
                    fault(place, LINE_BREAK);
                }
                _ => {}
            }
            // Within quotes too: Kestra's validation divides a source at such lines.
            if column == 1 && rest.starts_with("---") && self.mark != Some(index) {
                fault(place, DIVIDED);
            }
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
            (line, column) = if ended {
                (line + 1, 1)
            } else {
                (line, column + 1)
            };
        }
    }

    fn is_quoted(&self, index: usize) -> bool {
        let next = self.quoted.partition_point(|(start, _)| *start <= index);
        next.checked_sub(1)
            .and_then(|at| self.quoted.get(at))
            .is_some_and(|(_, end)| index < *end)
    }
}

//! Ranges of lines of a text, such as `120-180`, counted from 1 as an editor counts them.

use std::fmt;

/// No text has more lines.
const MOST: usize = 1_000_000;

/// From a line to another, both included; to the end where there is no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    first: usize,
    last: Option<usize>,
}

/// Lines of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part<'t> {
    /// What stands in them, with their ends.
    pub text: &'t str,
    /// The first.
    pub first: usize,
    /// The last.
    pub last: usize,
    /// How many lines the whole text has.
    pub total: usize,
}

impl Range {
    /// Reads `120-180`, `120-` or `120`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (first, last) = match text.split_once('-') {
            None => (text, Some(text)),
            Some((first, last)) => (
                first.trim(),
                Some(last.trim()).filter(|last| !last.is_empty()),
            ),
        };
        let first = number(first)?;
        let last = match last {
            Some(last) => Some(number(last)?),
            None => None,
        };
        let range = Self { first, last };
        last.is_none_or(|last| first <= last).then_some(range)
    }

    /// The lines of `text`; none when it ends before the first.
    pub fn of(self, text: &str) -> Option<Part<'_>> {
        let (mut start, mut end, mut last, mut total) = (None, 0, 0, 0);
        let mut offset = 0;
        for line in text.split_inclusive('\n') {
            total += 1;
            if total == self.first {
                start = Some(offset);
            }
            offset += line.len();
            if self.last.is_none_or(|last| total <= last) {
                (end, last) = (offset, total);
            }
        }
        Some(Part {
            text: text.get(start?..end)?,
            first: self.first,
            last,
            total,
        })
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-", self.first)?;
        self.last.map_or(Ok(()), |last| write!(f, "{last}"))
    }
}

impl Part<'_> {
    /// As many lines after it.
    pub fn next(&self) -> Option<Range> {
        let more = self.last + 1 - self.first;
        (self.last < self.total).then(|| Range {
            first: self.last + 1,
            last: Some((self.last + more).min(self.total)),
        })
    }
}

fn number(text: &str) -> Option<usize> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.then(|| text.parse().ok()).flatten();
    number.filter(|number| (1..=MOST).contains(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_names_lines() {
        for (text, told) in [
            ("120-180", "120-180"),
            ("120-", "120-"),
            ("120", "120-120"),
            (" 1 - 2 ", "1-2"),
        ] {
            let range = Range::parse(text).map(|range| range.to_string());
            assert_eq!(range.as_deref(), Some(told), "{text}");
        }
        for bad in [
            "",
            "-",
            "-5",
            "0",
            "0-5",
            "5-4",
            "a",
            "1-b",
            "1-2-3",
            "+1",
            "1.0",
            "1000001",
            "99999999999999999999",
        ] {
            assert_eq!(Range::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn cuts_between_lines_and_knows_how_many_there_are() {
        let part = |range: &str, text: &'static str| {
            let part = Range::parse(range).and_then(|range| range.of(text));
            part.map(|part| (part.text, part.first, part.last, part.total))
        };
        let text = "a\r\nb\n\nd";
        assert_eq!(part("1", text), Some(("a\r\n", 1, 1, 4)));
        assert_eq!(part("2-3", text), Some(("b\n\n", 2, 3, 4)));
        assert_eq!(part("3-", text), Some(("\nd", 3, 4, 4)));
        assert_eq!(part("4-900", text), Some(("d", 4, 4, 4)));
        assert_eq!(part("1-", "a\n"), Some(("a\n", 1, 1, 1)));
        for (range, text) in [("5", text), ("1", ""), ("2", "a\n")] {
            assert_eq!(part(range, text), None, "{range}");
        }
    }

    #[test]
    fn as_many_lines_come_next() {
        let next = |range: &str| {
            let part = Range::parse(range).and_then(|range| range.of("1\n2\n3\n4\n5"));
            part.and_then(|part| part.next())
                .map(|range| range.to_string())
        };
        assert_eq!(next("1-2").as_deref(), Some("3-4"));
        assert_eq!(next("2-4").as_deref(), Some("5-5"));
        assert_eq!(next("5"), None);
    }
}

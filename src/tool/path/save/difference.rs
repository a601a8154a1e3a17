//! The unified diff of two sources, which shows a change of line ends as such.

use std::borrow::Cow;

/// A unified diff of `stored` and `given`. Where their line ends differ, that is said first, and the
/// diff is of the lines without them: otherwise every line would have changed.
pub(super) fn of(stored: &str, given: &str) -> String {
    let (before, after) = (lines(stored), lines(given));
    let (old, new) = (ends(stored), ends(given));
    if before == after && stored != given {
        return format!("line ends differ, nothing else: {old} stored, {new} given\n");
    }
    // One line has no end that could differ.
    let differ = old != new && ![old, new].contains(&"none");
    if !differ {
        return unified(stored, given);
    }
    let diff = unified(&before, &after);
    format!("line ends differ: {old} stored, {new} given; further changes:\n{diff}")
}

fn unified(stored: &str, given: &str) -> String {
    similar::TextDiff::from_lines(stored, given)
        .unified_diff()
        .context_radius(2)
        .header("stored", "given")
        .to_string()
}

/// `text` with LF alone at the ends of its lines.
fn lines(text: &str) -> Cow<'_, str> {
    if text.contains("\r\n") {
        Cow::Owned(text.replace("\r\n", "\n"))
    } else {
        Cow::Borrowed(text)
    }
}

/// How the lines of `text` end.
fn ends(text: &str) -> &'static str {
    let all = text.matches('\n').count();
    match text.matches("\r\n").count() {
        _ if all == 0 => "none",
        0 => "LF",
        both if both == all => "CRLF",
        _ => "CRLF and LF",
    }
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn line_ends_alone_are_told_in_words() {
        for (stored, given, told) in [
            ("a\r\nb\r\n", "a\nb\n", "CRLF stored, LF given"),
            ("a\nb\n", "a\r\nb\r\n", "LF stored, CRLF given"),
            ("a\r\nb\n", "a\nb\n", "CRLF and LF stored, LF given"),
            (
                "a\r\nb\n",
                "a\nb\r\n",
                "CRLF and LF stored, CRLF and LF given",
            ),
        ] {
            assert_eq!(
                of(stored, given),
                format!("line ends differ, nothing else: {told}\n")
            );
        }
    }

    #[test]
    fn beside_line_ends_only_what_differs_is_shown() {
        let diff = of("a\r\nb\r\nc\r\nd\r\n", "a\nB\nc\nd\n");
        assert!(
            diff.starts_with(
                "line ends differ: CRLF stored, LF given; further changes:\n--- stored\n"
            ),
            "{diff}"
        );
        let changed: Vec<&str> = diff
            .lines()
            .filter(|line| line.starts_with(['-', '+']))
            .collect();
        assert_eq!(changed, ["--- stored", "+++ given", "-b", "+B"], "{diff}");
    }

    #[test]
    fn the_same_line_ends_are_not_mentioned() {
        for (stored, given) in [
            ("a\r\nb\r\n", "a\r\nB\r\n"),
            ("a\nb\n", "a\nB\n"),
            ("a\n", "a"),
            ("a\r\n", "a"),
            ("a", "b\r\n"),
        ] {
            let diff = of(stored, given);
            assert!(diff.starts_with("--- stored"), "{diff}");
        }
    }
}

//! Text by runs of characters.

/// Text by runs of characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// As written.
    pub text: String,
    /// As read.
    pub runs: Vec<Run>,
}

/// A run of characters: these ranges, this often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Inclusive.
    pub ranges: Vec<(char, char)>,
    /// At least.
    pub least: usize,
    /// At most.
    pub most: usize,
}

impl Pattern {
    pub(crate) fn read(text: String) -> Result<Self, String> {
        let runs = runs(&text)
            .ok_or("a pattern is runs like [a-z0-9._-]{0,99}; only the last may vary in length")?;
        Ok(Self { text, runs })
    }
}

/// `[a-z][a-z0-9]{0,9}` as runs; none for anything richer.
fn runs(pattern: &str) -> Option<Vec<Run>> {
    let mut runs: Vec<Run> = Vec::new();
    let mut rest = pattern;
    while !rest.is_empty() {
        if runs.last().is_some_and(|run| run.least != run.most) {
            return None;
        }
        let (class, after) = rest.strip_prefix('[')?.split_once(']')?;
        rest = after;
        let (mut least, mut most) = (1, 1);
        if let Some(after) = rest.strip_prefix('{') {
            let (bounds, after) = after.split_once('}')?;
            let (low, high) = bounds.split_once(',').unwrap_or((bounds, bounds));
            (least, most) = (low.parse().ok()?, high.parse().ok()?);
            rest = after;
        }
        runs.push(Run {
            ranges: ranges(class)?,
            least,
            most,
        });
    }
    (!runs.is_empty()).then_some(runs)
}

fn ranges(class: &str) -> Option<Vec<(char, char)>> {
    let chars: Vec<char> = class.chars().collect();
    let mut ranges = Vec::new();
    let mut rest = chars.as_slice();
    while let Some((first, after)) = rest.split_first() {
        if matches!(first, '^' | '\\' | '[') {
            return None;
        }
        let (last, after) = match after {
            ['-', last, after @ ..] => (last, after),
            after => (first, after),
        };
        ranges.push((*first, *last));
        rest = after;
    }
    (!ranges.is_empty()).then_some(ranges)
}

#[cfg(test)]
mod tests {
    use super::{Run, runs};

    #[test]
    fn reads_runs() {
        let expected = vec![
            Run {
                ranges: vec![('a', 'z')],
                least: 1,
                most: 1,
            },
            Run {
                ranges: vec![('0', '9'), ('.', '.'), ('-', '-')],
                least: 0,
                most: 9,
            },
        ];
        assert_eq!(runs("[a-z][0-9.-]{0,9}"), Some(expected));
        for bad in ["", "a", "[a-z]+", "[^a]", "[a]{0,1}[b]", "[a"] {
            assert_eq!(runs(bad), None, "{bad}");
        }
    }
}

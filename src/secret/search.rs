//! The search for many values at once.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, AhoCorasickKind, Input, MatchKind};

use super::MARK;
use super::forms::Forms;

/// Bytes of a form that the automaton knows; the rest is compared. Its memory cannot be wiped,
/// and grows with every byte in it.
const HEAD: usize = 16;

/// A search for all forms of some values.
#[derive(Default)]
pub(super) struct Search {
    values: Vec<Arc<Forms>>,
    /// None when there is nothing to search for.
    heads: Option<Heads>,
}

enum Heads {
    Built(AhoCorasick),
    Failed,
}

impl Search {
    pub(super) fn of(values: impl Iterator<Item = Arc<Forms>>) -> Self {
        let values: Vec<Arc<Forms>> = values.collect();
        let mut heads: Vec<&[u8]> = values
            .iter()
            .flat_map(|value| value.iter())
            .map(head)
            .collect();
        heads.sort_unstable();
        heads.dedup();
        let heads = (!heads.is_empty()).then(|| {
            AhoCorasick::builder()
                .match_kind(MatchKind::LeftmostLongest)
                .kind(Some(AhoCorasickKind::ContiguousNFA))
                .build(heads)
                .map_or(Heads::Failed, Heads::Built)
        });
        Self { values, heads }
    }

    /// Whether `text` is as a whole a value that is too short to be searched for.
    pub(super) fn is_short(&self, text: &str) -> bool {
        let text = text.trim();
        let mut short = self.values.iter().filter(|value| value.is_short());
        short.any(|value| value.text() == text)
    }

    pub(super) fn clean<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let heads = match &self.heads {
            None => return Cow::Borrowed(text),
            Some(Heads::Built(heads)) => heads,
            // What cannot be searched is not shown.
            Some(Heads::Failed) => return Cow::Owned(MARK.to_owned()),
        };
        let places = self.places(heads, text);
        if places.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut cleaned = String::with_capacity(text.len());
        let mut shown = 0;
        for place in places {
            cleaned.push_str(text.get(shown..place.start).unwrap_or_default());
            cleaned.push_str(MARK);
            shown = place.end;
        }
        cleaned.push_str(text.get(shown..).unwrap_or_default());
        Cow::Owned(cleaned)
    }

    /// Where forms stand, in order; those that overlap are one.
    fn places(&self, heads: &AhoCorasick, text: &str) -> Vec<Range<usize>> {
        let mut places: Vec<Range<usize>> = Vec::new();
        let mut from = 0;
        while let Some(head) = heads.find(Input::new(text).range(from..)) {
            let start = head.start();
            from = start + 1;
            let Some(length) = text.get(start..).and_then(|rest| self.longest(rest)) else {
                continue;
            };
            let end = start + length;
            match places.last_mut() {
                Some(last) if start < last.end => last.end = last.end.max(end),
                _ => places.push(start..end),
            }
        }
        places
    }

    /// Bytes of the longest form that `text` begins with.
    fn longest(&self, text: &str) -> Option<usize> {
        let forms = self.values.iter().flat_map(|value| value.iter());
        let standing = forms.filter(|form| text.starts_with(form));
        standing.map(str::len).max()
    }
}

fn head(form: &str) -> &[u8] {
    let bytes = form.as_bytes();
    bytes.get(..HEAD).unwrap_or(bytes)
}

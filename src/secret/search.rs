//! The search for many values at once.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use super::character::alike;
use super::filter::Filter;
use super::forms::{Forms, SHORTEST};
use super::visible::{Seen, visible};
use super::walk::Walk;

/// What stands in the place of a known value.
pub(super) const MARK: &str = "[redacted:secret]";

/// A search for all forms of some values. Beside memory that is wiped, it holds no more of a value
/// than its first character.
#[derive(Default)]
pub(super) struct Search {
    values: Vec<Arc<Forms>>,
    /// Which form begins with which character: places in `values`, and among their forms.
    begins: Vec<(char, usize, usize)>,
    filter: Filter,
}

/// What cannot be searched is not shown.
struct TooLong;

impl Search {
    pub(super) fn of(values: impl Iterator<Item = Arc<Forms>>) -> Self {
        let values: Vec<Arc<Forms>> = values.collect();
        let mut begins = Vec::new();
        let mut filter = Filter::default();
        for (value, forms) in values.iter().enumerate() {
            for (index, form) in forms.iter().enumerate() {
                filter.add(&form.text);
                if let Some(first) = form.text.chars().next() {
                    begins.push((alike(first), value, index));
                }
            }
        }
        begins.sort_unstable();
        Self {
            values,
            begins,
            filter,
        }
    }

    /// Whether `text` is as a whole a value that is too short to be searched for.
    pub(super) fn is_short(&self, text: &str) -> bool {
        let mut short = self.values.iter().filter(|value| value.is_short());
        let seen = visible(text);
        short.any(|value| value.text() == seen.trim())
    }

    pub(super) fn clean<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.begins.is_empty() || text.len() < SHORTEST {
            return Cow::Borrowed(text);
        }
        let seen = Seen::of(text);
        let Ok(places) = self.places(&seen.text) else {
            return Cow::Owned(MARK.to_owned());
        };
        if places.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut cleaned = String::with_capacity(text.len());
        let mut shown = 0;
        for place in places {
            let (start, end) = (seen.start(place.start), seen.end(place.end));
            cleaned.push_str(text.get(shown..start).unwrap_or_default());
            cleaned.push_str(MARK);
            shown = end;
        }
        cleaned.push_str(text.get(shown..).unwrap_or_default());
        Cow::Owned(cleaned)
    }

    /// Where forms stand, in order; those that overlap are one.
    fn places(&self, text: &str) -> Result<Vec<Range<usize>>, TooLong> {
        let mut walk = Walk::new(text);
        let mut places: Vec<Range<usize>> = Vec::new();
        let mut firsts = Vec::new();
        for at in self.filter.starts(text.as_bytes()) {
            walk.firsts(at, &mut firsts);
            let longest = self.longest(&mut walk, at, &firsts);
            if walk.is_too_long() {
                return Err(TooLong);
            }
            let Some(place) = longest else {
                continue;
            };
            match places.last_mut() {
                Some(last) if place.start < last.end => last.end = last.end.max(place.end),
                _ => places.push(place),
            }
        }
        Ok(places)
    }

    /// The longest form that begins at `at`, with one of `firsts`.
    fn longest(&self, walk: &mut Walk<'_>, at: usize, firsts: &[char]) -> Option<Range<usize>> {
        let mut longest: Option<Range<usize>> = None;
        for first in firsts.iter().copied().map(alike) {
            let begin = self.begins.partition_point(|begin| begin.0 < first);
            let begins = self.begins.get(begin..).unwrap_or_default();
            for (_, value, index) in begins.iter().take_while(|begin| begin.0 == first) {
                let form = self.values.get(*value).and_then(|forms| forms.at(*index));
                let Some(place) = form.and_then(|form| walk.place(form, at)) else {
                    continue;
                };
                if longest.as_ref().is_none_or(|known| place.end > known.end) {
                    longest = Some(place);
                }
            }
        }
        longest
    }
}

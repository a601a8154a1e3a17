//! Values that must never be printed, and the search for them in what goes out.

mod character;
mod filter;
mod forms;
mod reading;
mod search;
mod visible;
mod walk;

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use zeroize::Zeroizing;

use forms::Forms;
use search::{MARK, Search};

pub use visible::{hidden_lines, is_hidden, visible};

/// A text that does not print.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes ownership of the text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself, for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// How many values one process remembers; the oldest go first.
const REMEMBERED: usize = 256;
/// Bytes of all forms of remembered values; the newest value is kept whatever it takes.
const BYTES: usize = 1 << 20;

/// The values that this process knows to be secret, in the forms in which they leak. Clones know
/// the same values.
///
/// A value of fewer than 8 characters is a word of ordinary text: only [`Redactor::whole`] takes
/// it out.
#[derive(Clone, Default)]
pub struct Redactor(Arc<Shared>);

#[derive(Default)]
struct Shared {
    known: Mutex<Known>,
    searches: RwLock<Searches>,
}

#[derive(Default)]
struct Known {
    /// The credential: never forgotten.
    pinned: Vec<Arc<Forms>>,
    /// What calls sent, the oldest first.
    remembered: VecDeque<Arc<Forms>>,
}

/// What a [`Redactor`] knows at one time, for who searches many texts. Built when a value becomes
/// known, not when a text is searched.
#[derive(Clone, Default)]
pub struct Searches {
    pinned: Arc<Search>,
    all: Arc<Search>,
}

impl Searches {
    /// As [`Redactor::clean`].
    pub fn clean<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.all.clean(text)
    }

    /// As [`Redactor::whole`].
    pub fn whole<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.all.is_short(text) {
            Cow::Owned(MARK.to_owned())
        } else {
            self.all.clean(text)
        }
    }

    /// As [`Redactor::guard`].
    pub fn guard<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.pinned.clean(text)
    }
}

impl fmt::Debug for Searches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Searches")
    }
}

impl Known {
    fn pin(&mut self, value: Forms) -> bool {
        let new = !self.pinned.iter().any(|known| known.same(&value));
        if new {
            self.pinned.push(Arc::new(value));
        }
        new
    }

    fn remember(&mut self, value: Forms) -> bool {
        if let Some(at) = self.remembered.iter().position(|known| known.same(&value)) {
            // Used again, it is the newest.
            let known = self.remembered.remove(at);
            self.remembered.extend(known);
            return false;
        }
        self.remembered.push_back(Arc::new(value));
        let mut bytes: usize = self.remembered.iter().map(|known| known.bytes()).sum();
        while self.remembered.len() > REMEMBERED || (bytes > BYTES && self.remembered.len() > 1) {
            let oldest = self.remembered.pop_front();
            bytes -= oldest.map_or(0, |oldest| oldest.bytes());
        }
        true
    }
}

impl Redactor {
    /// Knows `value`, the credential of this process, for as long as it runs.
    pub fn pin(&self, value: &str) {
        self.learn(value, Known::pin);
    }

    /// Knows `value`, which a call sent, until 256 others were sent after it.
    pub fn remember(&self, value: &str) {
        self.learn(value, Known::remember);
    }

    /// Knows what is pinned here and nothing that calls sent; what it learns stays its own.
    #[must_use]
    pub fn fork(&self) -> Self {
        let known = self.0.known.lock().unwrap_or_else(PoisonError::into_inner);
        let pinned = self.searches().pinned;
        let known = Known {
            pinned: known.pinned.clone(),
            remembered: VecDeque::new(),
        };
        Self(Arc::new(Shared {
            known: Mutex::new(known),
            searches: RwLock::new(Searches {
                all: Arc::clone(&pinned),
                pinned,
            }),
        }))
    }

    fn learn(&self, value: &str, put: impl FnOnce(&mut Known, Forms) -> bool) {
        let Some(forms) = Forms::of(value) else {
            return;
        };
        let mut known = self.0.known.lock().unwrap_or_else(PoisonError::into_inner);
        if !put(&mut known, forms) {
            return;
        }
        let pinned = Arc::new(Search::of(known.pinned.iter().cloned()));
        let all = known.pinned.iter().chain(&known.remembered).cloned();
        let all = Arc::new(Search::of(all));
        // Still under the lock of what is known: no later search is replaced by an earlier one.
        let mut searches = self
            .0
            .searches
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *searches = Searches { pinned, all };
    }

    /// What it knows now.
    pub fn searches(&self) -> Searches {
        let searches = self
            .0
            .searches
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        searches.clone()
    }

    /// `text` without any known value; borrowed when there is none in it.
    pub fn clean<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.searches().clean(text)
    }

    /// The same for a text that may as a whole be one value, which may then be short.
    pub fn whole<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.searches().whole(text)
    }

    /// `text` without the credential: the last guard over words of our own.
    pub fn guard<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.searches().guard(text)
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redactor")
    }
}

#[cfg(test)]
mod tests;

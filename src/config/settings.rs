//! The text of each setting, where it was said, and which source wins.

use std::collections::{BTreeMap, BTreeSet};

use super::Place;
use super::raw::Key;

/// The kinds of sources, the weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    File,
    EnvFile,
    Environment,
    Flag,
}

/// A text and where it stood.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    pub(super) text: String,
    pub(super) place: Place,
    pub(super) source: Source,
}

/// What a text of yes or no says.
pub(super) fn truth(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// The text of each key that has one, from the strongest source.
#[derive(Debug, Default)]
pub(super) struct Settings {
    of: BTreeMap<Key, Setting>,
    /// Said in a way that is a fault of its own: what follows from it is no other one.
    refused: BTreeSet<Key>,
}

impl Settings {
    pub(super) fn get(&self, key: Key) -> Option<&Setting> {
        self.of.get(&key)
    }

    pub(super) fn contains_key(&self, key: Key) -> bool {
        self.of.contains_key(&key)
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &Key> {
        self.of.keys()
    }

    /// Puts `setting` in the place of what a weaker source says. Any source makes a server read-only
    /// and none takes it back; a text that is neither stays, to be refused.
    pub(super) fn put(&mut self, key: Key, setting: Setting) {
        let stays = key == Key::ReadOnly
            && truth(&setting.text).is_some()
            && self
                .of
                .get(&key)
                .is_some_and(|before| truth(&before.text) != Some(false));
        if !stays {
            self.of.insert(key, setting);
        }
    }

    /// Notes that `key` was said, and could not be understood.
    pub(super) fn refuse(&mut self, key: Key) {
        self.refused.insert(key);
    }

    /// Whether one of `keys` was said, and could not be understood.
    pub(super) fn is_refused(&self, keys: &[Key]) -> bool {
        keys.iter().any(|key| self.refused.contains(key))
    }
}

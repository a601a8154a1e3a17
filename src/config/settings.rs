//! The text of each setting, where it was said, and which source wins.

use std::collections::{BTreeMap, BTreeSet};

use super::raw::Key;
use super::{Fault, Place, placeholder};

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
    /// Whether any other may stand where it could not be read.
    lost: bool,
    /// Placeholders that nothing replaced.
    unreplaced: Vec<(Key, Fault)>,
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

    /// Notes that settings were said of which not even the names could be read.
    pub(super) fn lose(&mut self) {
        self.lost = true;
    }

    /// Whether one of `keys` was said, or may have been, and could not be understood.
    pub(super) fn is_refused(&self, keys: &[Key]) -> bool {
        self.lost || keys.iter().any(|key| self.refused.contains(key))
    }

    /// Whether something was said, and could not be understood, for which `is` holds.
    pub(super) fn has_refused(&self, is: impl FnMut(&Key) -> bool) -> bool {
        self.refused.iter().any(is)
    }

    /// Takes out what is a placeholder that nothing replaced.
    pub(super) fn take_placeholders(&mut self) {
        let found = self
            .of
            .extract_if(.., |_, setting| placeholder::form(&setting.text).is_some());
        for (key, setting) in found {
            let form = placeholder::form(&setting.text).unwrap_or_default();
            self.unreplaced
                .push((key, placeholder::fault(key, &setting, form)));
            self.refused.insert(key);
        }
    }

    /// The placeholders that stood there, as faults.
    pub(super) fn unreplaced(&self) -> impl Iterator<Item = &(Key, Fault)> {
        self.unreplaced.iter()
    }
}

//! The text of each setting from its strongest source.

use std::collections::{BTreeMap, BTreeSet};

use super::fault::Fault;
use super::place::Found;
use super::placeholder;
use super::setting::Kind;
use super::setting::Setting;
use super::settings;

/// The boolean that a text stands for.
pub(super) fn truth(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// What the sources say.
#[derive(Debug, Default)]
pub(super) struct Said {
    texts: BTreeMap<&'static str, Found>,
    /// Set in a way that is a fault of its own: a setting missed because of it is not another fault.
    refused: BTreeSet<&'static str>,
    /// A source could not be read, so any setting may be refused.
    lost: bool,
    /// Placeholders that nothing replaced.
    placeholders: Vec<(&'static Setting, Fault)>,
}

impl Said {
    pub(super) fn get(&self, setting: &Setting) -> Option<&Found> {
        self.texts.get(setting.name)
    }

    pub(super) fn has(&self, setting: &Setting) -> bool {
        self.texts.contains_key(setting.name)
    }

    /// Replaces what a weaker source says. What any source turns on for good stays on; a text that is
    /// neither true nor false stays too, to be refused.
    pub(super) fn put(&mut self, setting: &Setting, found: Found) {
        let stays = setting.additive
            && truth(&found.text).is_some()
            && self
                .get(setting)
                .is_some_and(|before| truth(&before.text) != Some(false));
        if !stays {
            self.texts.insert(setting.name, found);
        }
    }

    /// Notes that `setting` is set to something that cannot be understood.
    pub(super) fn refuse(&mut self, setting: &Setting) {
        self.refused.insert(setting.name);
    }

    /// Notes that something is set, and that not even its name could be read.
    pub(super) fn lose(&mut self) {
        self.lost = true;
    }

    /// Whether one of `settings` is set, or may be, to something that cannot be understood.
    pub(super) fn is_refused(&self, settings: &[&Setting]) -> bool {
        let refused = |setting: &&Setting| self.refused.contains(setting.name);
        self.lost || settings.iter().any(refused)
    }

    /// Whether a setting of the HTTP mode is set.
    pub(super) fn is_for_http(&self) -> bool {
        settings::all()
            .filter(|setting| setting.is_of_http())
            .any(|setting| self.has(setting) || self.refused.contains(setting.name))
    }

    /// The one of a secret and the setting that names its file that holds: the stronger source.
    pub(super) fn secret(&self, secret: &Setting) -> Option<&Found> {
        let file = match secret.kind {
            Kind::Secret(file) => self.get(file),
            _ => None,
        };
        match (self.get(secret), file) {
            (Some(direct), Some(file)) if direct.source < file.source => Some(file),
            (direct, file) => direct.or(file),
        }
    }

    /// Takes out placeholders that nothing replaced.
    pub(super) fn take_placeholders(&mut self) {
        for setting in settings::all() {
            let found = self.get(setting);
            let Some(fault) = found.and_then(|found| placeholder::fault(setting, found)) else {
                continue;
            };
            self.texts.remove(setting.name);
            self.refuse(setting);
            self.placeholders.push((setting, fault));
        }
    }

    /// The faults of those placeholders whose settings `counts`.
    pub(super) fn placeholders(&self, counts: impl Fn(&Setting) -> bool) -> Vec<Fault> {
        let of = self.placeholders.iter();
        let of = of.filter(|(setting, _)| counts(setting));
        of.map(|(_, fault)| fault.clone()).collect()
    }
}

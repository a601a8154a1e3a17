//! A check in progress: what the sources say, what is wrong with it, and what holds in the end.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::Path;

use super::super::environment::{Environment, read};
use super::super::fault::Fault;
use super::super::file::Nested;
use super::super::gather::Gathered;
use super::super::place::{Found, Place};
use super::super::said::{Said, truth};
use super::super::setting::Kind;
use super::super::setting::Setting;
use super::super::words::Words;
use crate::secret::Secret;

/// A check in progress.
pub(in crate::config) struct Check<'g> {
    pub(in crate::config) said: &'g Said,
    pub(in crate::config) nested: &'g Nested,
    pub(in crate::config) variables: &'g Environment,
    pub(in crate::config) faults: Vec<Fault>,
    pub(in crate::config) warnings: Vec<String>,
    /// The values that hold, for the report, by the names of the settings.
    pub(in crate::config) values: BTreeMap<&'static str, String>,
}

impl<'g> Check<'g> {
    pub(in crate::config) fn new(gathered: &'g Gathered, faults: Vec<Fault>) -> Self {
        Self {
            said: &gathered.said,
            nested: &gathered.nested,
            variables: &gathered.variables,
            faults,
            warnings: gathered.warnings.clone(),
            values: BTreeMap::new(),
        }
    }

    pub(super) fn found(&self, setting: &Setting) -> Option<&'g Found> {
        self.said.get(setting)
    }

    pub(super) fn text(&self, setting: &Setting) -> Option<&'g str> {
        self.found(setting).map(|found| found.text.trim())
    }

    /// Adds a fault of what was found.
    pub(super) fn fault(
        &mut self,
        found: &Found,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.faults.push(Fault::new(&found.place, problem, remedy));
    }

    /// Adds the fault of a setting that is needed.
    pub(super) fn missing(&mut self, setting: &Setting, what: &str) {
        let remedy = format!("set it to {what}");
        self.faults
            .push(Fault::new(setting.spoken(), "is not set", remedy));
    }

    /// Notes the value that holds, for the report.
    pub(in crate::config) fn holds(&mut self, setting: &'static Setting, value: impl Display) {
        self.values.insert(setting.name, value.to_string());
    }

    /// Notes that these hold, or in a word that there are none.
    pub(super) fn hold_all<T: Display>(
        &mut self,
        setting: &'static Setting,
        all: &[T],
        none: &str,
    ) {
        let all: Vec<String> = all.iter().map(ToString::to_string).collect();
        self.holds(
            setting,
            if all.is_empty() {
                none.to_owned()
            } else {
                all.join(", ")
            },
        );
    }

    /// A whole number within its range, or the default.
    pub(super) fn number(&mut self, setting: &'static Setting) -> u64 {
        let Kind::Number { from, to, default } = setting.kind else {
            return 0;
        };
        let mut number = default;
        if let Some(found) = self.found(setting) {
            match found.text.trim().parse::<u64>() {
                Ok(given) if (from..=to).contains(&given) => number = given,
                _ => {
                    let remedy = format!("set a whole number from {from} to {to}");
                    self.fault(found, "is out of range", remedy);
                }
            }
        }
        self.holds(setting, number);
        number
    }

    /// A truth, its default, or what is safe if it cannot be understood.
    pub(super) fn truth(&mut self, setting: &'static Setting) -> bool {
        let Kind::Truth { default, safe } = setting.kind else {
            return false;
        };
        let holds = match self.found(setting) {
            Some(found) => truth(&found.text).unwrap_or_else(|| {
                let remedy = "write true (or yes, on, 1) or false (or no, off, 0)";
                self.fault(found, "is neither true nor false", remedy);
                safe
            }),
            None if self.said.is_refused(&[setting]) => safe,
            None => default,
        };
        self.holds(setting, holds);
        holds
    }

    /// One of a few words, or the default.
    pub(super) fn choice<T: Words>(&mut self, setting: &'static Setting) -> T {
        let found = self.found(setting);
        let text = found.map_or(T::default_name(), |found| found.text.trim());
        self.holds(setting, text);
        let value = T::of(text);
        if let Some(found) = found.filter(|_| value.is_none()) {
            match T::names().as_slice() {
                [first, second] => {
                    let problem = format!("is neither {first} nor {second}");
                    self.fault(found, problem, "set one of them");
                }
                [names @ .., last] => {
                    let problem = format!("is none of {} and {last}", names.join(", "));
                    let remedy = format!("set one of them; {} is the default", T::default_name());
                    self.fault(found, problem, remedy);
                }
                [] => {}
            }
        }
        value.unwrap_or_default()
    }

    /// Texts separated by commas.
    pub(super) fn list(&self, setting: &Setting) -> Vec<String> {
        let parts = self.text(setting).unwrap_or_default().split(',');
        let parts = parts.map(str::trim).filter(|part| !part.is_empty());
        parts.map(str::to_owned).collect()
    }

    /// A secret, or what stands in the file that holds it. Both from one source must be the same.
    pub(super) fn secret(&mut self, setting: &'static Setting) -> Option<Secret> {
        let strongest = self.said.secret(setting)?;
        let direct = self.found(setting);
        let Some(direct) = direct.filter(|direct| direct.place == strongest.place) else {
            return self.of_file(strongest);
        };
        let secret = Secret::new(direct.text.trim());
        let file = match setting.kind {
            Kind::Secret(file) => self.found(file),
            _ => None,
        };
        if let Some(file) = file.filter(|file| file.source == direct.source)
            && let Some(other) = self.of_file(file)
            && other.expose() != secret.expose()
        {
            let name = &direct.place.name;
            let problem = format!("names another secret than {name}, which means the same");
            self.fault(file, problem, "leave out the one that is not meant");
        }
        Some(secret)
    }

    fn of_file(&mut self, found: &Found) -> Option<Secret> {
        match read(Path::new(&found.text)).map(String::from_utf8) {
            Ok(Ok(text)) if !text.trim().is_empty() => return Some(Secret::new(text.trim())),
            Ok(_) => self.fault(
                found,
                "names a file without text",
                "write the secret into it",
            ),
            Err(problem) => self.fault(found, problem, "name a readable file"),
        }
        None
    }

    /// Where a secret is set.
    pub(super) fn place_of(&self, secret: &Setting) -> Option<Place> {
        self.said.secret(secret).map(|found| found.place.clone())
    }
}

//! A table of the configuration file, read key by key: what is unknown or of another type becomes a
//! fault, all of them in one pass.

use std::path::Path;

use super::{Environment, Fault, file, placeholder};
use crate::secret::Secret;

/// One table that is being read.
pub(super) struct Reader<'t, 'f> {
    /// File and name, such as `kestra-mcp.toml: role.editor`.
    place: String,
    table: &'t toml::Table,
    known: Vec<&'static str>,
    faults: &'f mut Vec<Fault>,
}

impl<'t, 'f> Reader<'t, 'f> {
    /// Of `value`, which must be a table.
    pub(super) fn new(
        path: &Path,
        name: &str,
        value: &'t toml::Value,
        faults: &'f mut Vec<Fault>,
    ) -> Option<Self> {
        let place = format!("{}: {name}", path.display());
        let Some(table) = value.as_table() else {
            faults.push(Fault {
                place,
                problem: format!("is of type {}", value.type_str()),
                remedy: "write a table".to_owned(),
            });
            return None;
        };
        Some(Self {
            place,
            table,
            known: Vec::new(),
            faults,
        })
    }

    /// Where `key` stands.
    pub(super) fn place_of(&self, key: &str) -> String {
        format!("{}.{key}", self.place)
    }

    /// Adds a fault at `key`.
    pub(super) fn fault(
        &mut self,
        key: &str,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.faults.push(Fault {
            place: self.place_of(key),
            problem: problem.into(),
            remedy: remedy.into(),
        });
    }

    /// Adds a fault if `key` is not there; one that is there and wrong has a fault already.
    pub(super) fn needs(&mut self, key: &str, remedy: impl Into<String>) {
        if !self.table.contains_key(key) {
            self.fault(key, "is missing", remedy);
        }
    }

    /// The value of `key` as `T`, or a fault that says what it should be, with its article.
    pub(super) fn get<T>(
        &mut self,
        key: &'static str,
        expected: &str,
        read: impl FnOnce(&'t toml::Value) -> Option<T>,
    ) -> Option<T> {
        self.known.push(key);
        let value = self.table.get(key)?;
        let found = read(value);
        if found.is_none() {
            let problem = format!("is not {expected}");
            self.fault(key, problem, format!("write {expected}"));
        }
        found
    }

    pub(super) fn text(&mut self, key: &'static str) -> Option<String> {
        let text = self.get(key, "a text in quotes", |value| {
            value
                .as_str()
                .filter(|text| !text.trim().is_empty())
                .map(|text| text.trim().to_owned())
        })?;
        let Some(form) = placeholder::form(&text) else {
            return Some(text);
        };
        self.fault(key, placeholder::problem(form), "write the value itself");
        None
    }

    /// The text of the variable that `key` names, for a secret; `fits` says whether it can be one.
    pub(super) fn secret_of(
        &mut self,
        key: &'static str,
        variable: &str,
        environment: &Environment,
        missing: &str,
        fits: impl FnOnce(&str) -> bool,
    ) -> Option<Secret> {
        let found = environment.get(variable).map(|text| text.trim());
        let (problem, remedy) = match found {
            Some(text) => match placeholder::form(text) {
                Some(form) => {
                    let problem = placeholder::problem(form);
                    (
                        format!("names {variable}, which {problem}"),
                        "set the value itself".to_owned(),
                    )
                }
                None if fits(text) => return Some(Secret::new(text)),
                None => (
                    format!("names {variable}, which {missing}"),
                    format!("set {variable}"),
                ),
            },
            None => (
                format!("names {variable}, which {missing}"),
                format!("set {variable}"),
            ),
        };
        self.fault(key, problem, remedy);
        None
    }

    pub(super) fn texts(&mut self, key: &'static str) -> Option<Vec<String>> {
        self.get(key, "a list of texts in quotes", |value| {
            let texts = value.as_array()?.iter().map(|one| one.as_str());
            texts.map(|text| text.map(str::to_owned)).collect()
        })
    }

    /// A text that is one of a few words.
    pub(super) fn word<T: Copy>(&mut self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        self.get(key, &format!("one of {}", known.join(", ")), |value| {
            let text = value.as_str()?;
            words
                .iter()
                .find(|(word, _)| *word == text)
                .map(|(_, of)| *of)
        })
    }

    /// Reads a table within this one.
    pub(super) fn inner(
        &mut self,
        path: &Path,
        name: &str,
        value: &toml::Value,
        read: impl FnOnce(&mut Reader<'_, '_>),
    ) {
        let shown = format!("{}: ", path.display());
        let outer = self.place.strip_prefix(&shown).unwrap_or(&self.place);
        let name = format!("{outer}.{name}");
        if let Some(mut inner) = Reader::new(path, &name, value, self.faults) {
            read(&mut inner);
            inner.finish();
        }
    }

    /// Adds a fault for every key that nobody asked for.
    pub(super) fn finish(self) {
        for key in self.table.keys() {
            if !self.known.contains(&key.as_str()) {
                let place = self.place_of(key);
                self.faults.push(file::unknown(place, key, &self.known));
            }
        }
    }
}

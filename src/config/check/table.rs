//! A nested table of the configuration file: all its faults in one pass, then its values.

use std::collections::BTreeMap;

use toml::Value;

use super::super::environment::Environment;
use super::super::fault::Fault;
use super::super::nearest::unknown;
use super::super::placeholder;
use super::super::setting::Kind;
use super::super::setting::Setting;
use super::super::words::Words;
use super::claims::{claim_path, shape};
use crate::secret::Secret;

/// A table whose values have the types that were declared.
pub(super) struct Table<'t> {
    /// File and name, such as `kestra-mcp.toml: role.editor`.
    place: String,
    values: BTreeMap<&'static str, &'t Value>,
}

impl<'t> Table<'t> {
    /// Checks `value`, which must be a table of these keys. Values of another type are left out.
    pub(super) fn read(
        place: String,
        value: &'t Value,
        keys: &[&'static Setting],
        faults: &mut Vec<Fault>,
    ) -> Option<Self> {
        let Some(table) = value.as_table() else {
            let problem = format!("is of type {}", value.type_str());
            faults.push(Fault::new(place, problem, "write a table"));
            return None;
        };
        let mut read = Self {
            place,
            values: BTreeMap::new(),
        };
        let known: Vec<&str> = keys.iter().map(|setting| setting.name).collect();
        for (key, value) in table {
            let place = read.place_of(key);
            match keys.iter().find(|setting| setting.name == key) {
                None => faults.push(unknown(place, key, &known)),
                Some(setting) => match problem(setting, value) {
                    None => _ = read.values.insert(setting.name, value),
                    Some((problem, remedy)) => faults.push(Fault::new(place, problem, remedy)),
                },
            }
        }
        for setting in keys {
            if let Some(remedy) = setting
                .required
                .filter(|_| !table.contains_key(setting.name))
            {
                faults.push(Fault::new(
                    read.place_of(setting.name),
                    "is missing",
                    remedy,
                ));
            }
        }
        Some(read)
    }

    /// Reads a list of tables, each named by its position.
    pub(super) fn list(
        place: &str,
        value: &'t Value,
        keys: &[&'static Setting],
        faults: &mut Vec<Fault>,
    ) -> Option<Vec<Self>> {
        let all = value.as_array()?.iter().enumerate();
        let read = all.filter_map(|(index, value)| {
            Self::read(format!("{place}[{index}]"), value, keys, faults)
        });
        Some(read.collect())
    }

    /// Where `key` stands.
    pub(super) fn place_of(&self, key: &str) -> String {
        format!("{}.{key}", self.place)
    }

    pub(super) fn fault(
        &self,
        setting: &Setting,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Fault {
        Fault::new(self.place_of(setting.name), problem, remedy)
    }

    pub(super) fn get(&self, setting: &Setting) -> Option<&'t Value> {
        self.values.get(setting.name).copied()
    }

    pub(super) fn text(&self, setting: &Setting) -> Option<String> {
        Some(self.get(setting)?.as_str()?.trim().to_owned())
    }

    pub(super) fn texts(&self, setting: &Setting) -> Option<Vec<String>> {
        let texts = self.get(setting)?.as_array()?.iter();
        Some(
            texts
                .filter_map(|text| Some(text.as_str()?.to_owned()))
                .collect(),
        )
    }

    pub(super) fn choice<T: Words>(&self, setting: &Setting) -> T {
        let text = self.get(setting).and_then(Value::as_str);
        text.and_then(T::of).unwrap_or_default()
    }

    pub(super) fn choices<T: Words>(&self, setting: &Setting) -> Option<Vec<T>> {
        let texts = self.texts(setting)?;
        Some(texts.iter().filter_map(|text| T::of(text)).collect())
    }

    /// The pairs of a table of texts.
    pub(super) fn map(&self, setting: &Setting) -> Option<Vec<(String, String)>> {
        let pairs = self.get(setting)?.as_table()?.iter();
        let pairs = pairs.filter_map(|(key, text)| Some((key.clone(), text.as_str()?.to_owned())));
        Some(pairs.collect())
    }

    /// The tables of a list within this one.
    pub(super) fn tables(&self, setting: &Setting, faults: &mut Vec<Fault>) -> Option<Vec<Self>> {
        let Kind::Tables(keys) = setting.kind else {
            return None;
        };
        let value = self.get(setting)?;
        Self::list(&self.place_of(setting.name), value, keys, faults)
    }

    /// The secret in the variable that `setting` names; `fits` says whether it can be one.
    pub(super) fn secret(
        &self,
        setting: &Setting,
        environment: &Environment,
        missing: &str,
        fits: impl FnOnce(&str) -> bool,
        faults: &mut Vec<Fault>,
    ) -> Option<Secret> {
        let variable = self.text(setting)?;
        let found = environment.get(&variable).map(|text| text.trim());
        let (problem, remedy) = match found.map(|text| (text, placeholder::form(text))) {
            Some((_, Some(form))) => (
                placeholder::problem(form),
                "set the value itself".to_owned(),
            ),
            Some((text, None)) if fits(text) => return Some(Secret::new(text)),
            _ => (missing.to_owned(), format!("set {variable}")),
        };
        let problem = format!("names {variable}, which {problem}");
        faults.push(self.fault(setting, problem, remedy));
        None
    }
}

/// Why `value` cannot be the value of `setting`, and what to do.
fn problem(setting: &Setting, value: &Value) -> Option<(String, String)> {
    let is_text = |value: &Value| value.is_str();
    let fits = match setting.kind {
        Kind::Text | Kind::Secret(_) => {
            let text = value.as_str().unwrap_or_default();
            if let Some(form) = placeholder::form(text) {
                return Some((
                    placeholder::problem(form),
                    "write the value itself".to_owned(),
                ));
            }
            !text.trim().is_empty()
        }
        Kind::Truth { .. } => value.is_bool(),
        Kind::Number { from, to, .. } => {
            let number = value
                .as_integer()
                .and_then(|number| u64::try_from(number).ok());
            number.is_some_and(|number| (from..=to).contains(&number))
        }
        Kind::List => value.as_array().is_some_and(|all| all.iter().all(is_text)),
        Kind::Choice { words, .. } => value.as_str().is_some_and(|text| words().contains(&text)),
        Kind::Choices(words) => value.as_array().is_some_and(|all| {
            let mut all = all.iter().map(Value::as_str);
            all.all(|text| text.is_some_and(|text| words().contains(&text)))
        }),
        Kind::Claim => claim_path(value).is_some(),
        Kind::Shape => value.as_str().and_then(shape).is_some(),
        Kind::Scalar => value.is_str() || value.is_integer() || value.is_bool(),
        Kind::Map => value
            .as_table()
            .is_some_and(|all| all.values().all(is_text)),
        Kind::Tables(_) => value.is_array(),
    };
    let expected = setting.kind.expected();
    (!fits).then(|| (format!("is not {expected}"), format!("write {expected}")))
}

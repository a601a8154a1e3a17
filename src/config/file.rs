//! The configuration file.

use std::path::{Path, PathBuf};

use toml::Value;

use super::environment::read;
use super::fault::Fault;
use super::nearest::unknown;
use super::place::{Found, Place, Source};
use super::said::Said;
use super::setting::Kind;
use super::setting::Setting;
use super::settings;

/// The tables of the file that hold tables.
#[derive(Debug, Default)]
pub(super) struct Nested {
    pub(super) path: PathBuf,
    pub(super) roles: Option<Value>,
    pub(super) providers: Option<Value>,
    pub(super) clients: Option<Value>,
}

impl Nested {
    /// The place where the table called `section` goes, with its key; none for one of plain settings.
    fn of(&mut self, section: &str) -> Option<&mut Option<Value>> {
        match section {
            "role" => Some(&mut self.roles),
            "identity_provider" => Some(&mut self.providers),
            "client" => Some(&mut self.clients),
            _ => None,
        }
    }
}

/// Reads the plain settings into `said`, and returns the nested tables.
pub(super) fn file(path: &Path, said: &mut Said, faults: &mut Vec<Fault>) -> Nested {
    let mut nested = Nested {
        path: path.to_path_buf(),
        ..Nested::default()
    };
    let text = match read(path) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(problem) => {
            faults.push(Fault::new("--config", problem, "name a readable file"));
            return nested;
        }
    };
    let shown = path.display();
    let table = match text.parse::<toml::Table>() {
        Ok(table) => table,
        Err(error) => {
            let start = error.span().map_or(0, |span| span.start);
            let line = text.get(..start).unwrap_or_default().matches('\n').count() + 1;
            let problem = format!("not TOML: {}", error.message());
            faults.push(Fault::new(
                format!("{shown}:{line}"),
                problem,
                "fix the line",
            ));
            return nested;
        }
    };
    for (section, value) in &table {
        if let Some(whole) = nested.of(section) {
            *whole = Some(value.clone());
            continue;
        }
        let of_section = |setting: &&Setting| setting.key().is_some_and(|key| key.0 == section);
        let known: Vec<&'static Setting> = settings::all().filter(of_section).collect();
        if let Some(entries) = value.as_table().filter(|_| !known.is_empty()) {
            for (key, value) in entries {
                entry(path, (section, key, value), &known, said, faults);
            }
        } else {
            faults.push(unknown(format!("{shown}: {section}"), section, &sections()));
        }
    }
    nested
}

/// The names of all tables.
fn sections() -> Vec<&'static str> {
    let plain = settings::all().filter_map(|setting| Some(setting.key()?.0));
    let mut names: Vec<&str> = plain
        .chain(["role", "identity_provider", "client"])
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// One key of one table.
fn entry(
    path: &Path,
    (section, key, value): (&str, &str, &Value),
    known: &[&'static Setting],
    said: &mut Said,
    faults: &mut Vec<Fault>,
) {
    let place = Place::new(format!("{section}.{key}"), Some(path));
    let Some(setting) = known.iter().find(|setting| setting.name == place.name) else {
        let known = known.iter().filter_map(|setting| Some(setting.key()?.1));
        let known: Vec<&str> = known.collect();
        faults.push(unknown(place.to_string(), key, &known));
        return;
    };
    if let Some(text) = text(value, setting.kind) {
        let source = Source::File;
        let found = Found {
            text,
            place,
            source,
        };
        said.put(setting, found);
    } else {
        said.refuse(setting);
        let problem = format!("is of type {}", value.type_str());
        let remedy = format!("write {}", setting.kind.expected());
        faults.push(Fault::new(place, problem, remedy));
    }
}

/// The value as a variable would hold it; none if its type is wrong.
fn text(value: &Value, kind: Kind) -> Option<String> {
    match (kind, value) {
        (Kind::List, Value::Array(all)) => {
            let texts: Option<Vec<&str>> = all.iter().map(Value::as_str).collect();
            Some(texts?.join(","))
        }
        (Kind::List, _) => None,
        (_, Value::String(text)) => Some(text.clone()),
        (Kind::Truth { .. }, Value::Boolean(truth)) => Some(truth.to_string()),
        (Kind::Number { .. }, Value::Integer(number)) => Some(number.to_string()),
        _ => None,
    }
}

//! The files that hold settings: one of tables, one of variables.

use std::path::{Path, PathBuf};

use super::raw::{Kind, NAMES};
use super::settings::{Setting, Settings, Source};
use super::{Environment, Fault, Place, dotenv, read};

/// The variables of the file at `path`. Lines that are none are faults, and the others count all the
/// same, so that little else follows from a fault.
pub(super) fn env_file(
    path: &Path,
    settings: &mut Settings,
    faults: &mut Vec<Fault>,
) -> Environment {
    let mut fault = |problem: String| {
        faults.push(Fault {
            place: "--env-file".to_owned(),
            problem,
            remedy: "name a file of VARIABLE=value lines, values with quotes or `#` in them in \
                     single quotes"
                .to_owned(),
        });
    };
    let text = match read(path) {
        Ok(text) => text,
        Err(problem) => {
            fault(problem);
            settings.lose();
            return Environment::new();
        }
    };
    let Ok(text) = str::from_utf8(&text) else {
        fault(format!("{} is not UTF-8", path.display()));
        settings.lose();
        return Environment::new();
    };
    let (variables, bad) = dotenv::parse(text);
    // A line may hold a secret: only its number is said.
    for line in bad {
        let names = NAMES.iter().find(|names| {
            let mut variables = names.variables.iter();
            variables.any(|variable| line.name.as_deref() == Some(variable))
        });
        match names {
            Some(names) => settings.refuse(names.key),
            None => settings.lose(),
        }
        fault(format!(
            "{}:{}: {}",
            path.display(),
            line.number,
            line.problem
        ));
    }
    variables
}

/// What names of variables begin with that are this program's.
const OURS: &[&str] = &["KESTRA_", "OIDC_", "ENTRA_", "ENCRYPTION_KEY"];

/// Warnings of the variables of the file at `path` that look like settings and are none; those whose
/// names stand in the configuration file are someone's secret.
pub(super) fn misspelt(path: &Path, variables: &Environment, nested: &Nested) -> Vec<String> {
    let known: Vec<&str> = NAMES
        .iter()
        .flat_map(|names| names.variables)
        .copied()
        .chain(["KESTRA_MCP_CONFIG"])
        .collect();
    let tables = [&nested.providers, &nested.clients];
    let tables: String = tables
        .into_iter()
        .flatten()
        .map(ToString::to_string)
        .collect();
    let ours = |name: &&String| OURS.iter().any(|start| name.starts_with(start));
    variables
        .keys()
        .filter(ours)
        .filter(|name| !known.contains(&name.as_str()) && !tables.contains(name.as_str()))
        .map(|name| {
            let remedy = nearest(name, &known)
                .map_or_else(String::new, |nearest| format!("; did you mean {nearest}?"));
            format!("{}: {name} is not a setting{remedy}", path.display())
        })
        .collect()
}

/// The tables of the configuration file that hold tables themselves.
#[derive(Debug, Default)]
pub(super) struct Nested {
    pub(super) path: PathBuf,
    pub(super) roles: Option<toml::Value>,
    pub(super) providers: Option<toml::Value>,
    pub(super) clients: Option<toml::Value>,
}

/// Puts the simple settings in their place; what is left are tables of tables.
pub(super) fn config_file(path: &Path, settings: &mut Settings, faults: &mut Vec<Fault>) -> Nested {
    let mut nested = Nested {
        path: path.to_path_buf(),
        ..Nested::default()
    };
    let shown = path.display().to_string();
    let text = match read(path) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(problem) => {
            let remedy = "name a readable file".to_owned();
            faults.push(Fault {
                place: "--config".to_owned(),
                problem,
                remedy,
            });
            return nested;
        }
    };
    let table = match text.parse::<toml::Table>() {
        Ok(table) => table,
        Err(error) => {
            let start = error.span().map_or(0, |span| span.start);
            let line = text.get(..start).unwrap_or_default().matches('\n').count() + 1;
            faults.push(Fault {
                place: format!("{shown}:{line}"),
                problem: format!("not TOML: {}", error.message()),
                remedy: "fix the line".to_owned(),
            });
            return nested;
        }
    };
    for (section, value) in &table {
        let whole = match section.as_str() {
            "role" => Some(&mut nested.roles),
            "identity_provider" => Some(&mut nested.providers),
            "client" => Some(&mut nested.clients),
            _ => None,
        };
        if let Some(whole) = whole {
            *whole = Some(value.clone());
            continue;
        }
        let known: Vec<&str> = NAMES
            .iter()
            .filter_map(|names| names.file.filter(|(table, _)| table == section))
            .map(|(_, key)| key)
            .collect();
        let Some(entries) = value.as_table().filter(|_| !known.is_empty()) else {
            faults.push(unknown(
                format!("{shown}: {section}"),
                section,
                &[
                    "kestra",
                    "mcp",
                    "http",
                    "oauth",
                    "role",
                    "identity_provider",
                    "client",
                ],
            ));
            continue;
        };
        for (key, value) in entries {
            entry(path, (section, key, value), &known, settings, faults);
        }
    }
    nested
}

/// One key of one table.
fn entry(
    path: &Path,
    (section, key, value): (&str, &str, &toml::Value),
    known: &[&str],
    settings: &mut Settings,
    faults: &mut Vec<Fault>,
) {
    let place = Place {
        name: format!("{section}.{key}"),
        file: Some(path.to_path_buf()),
    };
    let names = NAMES
        .iter()
        .find(|names| names.file == Some((section, key)));
    let text = match (names, value) {
        (None, _) => {
            faults.push(unknown(place.to_string(), key, known));
            return;
        }
        (Some(names), _) => match in_words(value, names.key.kind()) {
            Ok(text) => text,
            Err(remedy) => {
                settings.refuse(names.key);
                faults.push(Fault {
                    place: place.to_string(),
                    problem: format!("is of type {}", value.type_str()),
                    remedy: remedy.to_owned(),
                });
                return;
            }
        },
    };
    if let Some(names) = names {
        let source = Source::File;
        let setting = Setting {
            text,
            place,
            source,
        };
        settings.put(names.key, setting);
    }
}

/// The value as a variable would say it, or what to write.
fn in_words(value: &toml::Value, kind: Kind) -> Result<String, &'static str> {
    match (kind, value) {
        (Kind::Text | Kind::Truth | Kind::Number, toml::Value::String(text)) => Ok(text.clone()),
        (Kind::Truth, toml::Value::Boolean(truth)) => Ok(truth.to_string()),
        (Kind::Number, toml::Value::Integer(number)) => Ok(number.to_string()),
        (Kind::List, toml::Value::Array(all)) => {
            let texts: Option<Vec<&str>> = all.iter().map(toml::Value::as_str).collect();
            let texts = texts.ok_or("write a list of texts in quotes")?;
            Ok(texts.join(","))
        }
        (Kind::Text, _) => Err("write a text in quotes"),
        (Kind::Truth, _) => Err("write true or false"),
        (Kind::Number, _) => Err("write a whole number"),
        (Kind::List, _) => Err("write a list of texts in quotes"),
    }
}

/// The name that was probably meant.
fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    known
        .iter()
        .map(|known| (strsim::jaro_winkler(name, known), *known))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(score, _)| *score > 0.7)
        .map(|(_, nearest)| nearest)
}

pub(super) fn unknown(place: String, name: &str, known: &[&str]) -> Fault {
    let remedy = nearest(name, known).map_or_else(
        || format!("known here: {}", known.join(", ")),
        |nearest| format!("did you mean {nearest}?"),
    );
    Fault {
        place,
        problem: "is not a setting".to_owned(),
        remedy,
    }
}

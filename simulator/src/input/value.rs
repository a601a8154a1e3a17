//! Parses input values by type.

use regex::Regex;
use serde_json::{Value, json};

use crate::{
    flow::text,
    multipart::Part,
    settings::Dialect,
    time,
    yaml::{DuplicateKeys, first_document},
};

/// The ciphertext that responses show instead of a secret.
const CIPHERTEXT: &str = "zFwQrqvR6sN3c11wAooF3lsdfB/9u+8IVDsjK9DJnuhA/NxB1Q==";

/// An input value, in the forms that Kestra shows it in.
#[derive(Clone, Debug)]
pub(crate) struct Values {
    pub(super) sent: Value,
    pub(super) stored: Value,
    pub(super) clear: Value,
}

impl Values {
    /// The parsed value.
    pub(crate) fn read(&self) -> Value {
        self.sent.clone()
    }

    pub(super) fn same(value: Value) -> Self {
        Self {
            sent: value.clone(),
            stored: value.clone(),
            clear: value,
        }
    }
}

/// The execution that the inputs are for; the URIs of uploaded files contain it.
#[derive(Clone, Copy)]
pub(crate) struct Target<'a> {
    pub(crate) dialect: Dialect,
    pub(crate) namespace: &'a str,
    pub(crate) flow_id: &'a str,
    pub(crate) execution_id: &'a str,
}

/// Parses a value of the input's type.
pub(super) fn read(
    id: &str,
    definition: &Value,
    part: &Part,
    target: Target<'_>,
) -> Result<Values, String> {
    let given = part.text();
    let invalid = |cause: String| format!("Invalid value for input `{id}`. Cause: {cause}");
    let quoted = |cause: String| format!(" errors:\n```\n{cause}\n```");
    let kind = text(definition, "type");
    match kind {
        "SECRET" => {
            pattern(definition, &given).map_err(invalid)?;
            let shown = json!({"value": CIPHERTEXT, "type": "io.kestra.datatype:aes_encrypted"});
            Ok(Values {
                sent: shown.clone(),
                stored: shown,
                clear: json!(given),
            })
        }
        "DURATION" => {
            let seconds = time::java_duration(&given)
                .map(|seconds| json!(seconds))
                .ok_or_else(|| quoted(format!("Text '{given}' cannot be parsed to a Duration")))?;
            Ok(Values {
                sent: json!(given),
                stored: seconds.clone(),
                clear: seconds,
            })
        }
        "DATETIME" => {
            let ms = time::parse_instant(&given).ok_or_else(|| {
                quoted(format!(
                    "Text '{given}' could not be parsed at index {}",
                    given.len()
                ))
            })?;
            let (short, long) = (json!(time::iso_short(ms)), json!(time::iso(ms)));
            let stored = if target.dialect.is_v2() {
                short.clone()
            } else {
                long
            };
            Ok(Values {
                sent: short,
                stored: stored.clone(),
                clear: stored,
            })
        }
        "FILE" => file(id, part, &given, target)
            .map(Values::same)
            .map_err(invalid),
        "JSON" | "ION" => {
            let value = serde_json::from_str(&given).map_err(|e| {
                quoted(format!(
                    "Unexpected character: {e}
 at [Source: REDACTED]"
                ))
            })?;
            Ok(Values::same(value))
        }
        "YAML" => {
            let node = first_document(&given, DuplicateKeys::LastWins)
                .map_err(|error| quoted(error.message))?;
            Ok(Values::same(node.map_or(Value::Null, |node| node.value())))
        }
        "ARRAY" | "MULTISELECT" => {
            let Ok(Value::Array(items)) = serde_json::from_str::<Value>(&given) else {
                return Err(quoted(format!(
                    "Cannot deserialize an array from `{given}`"
                )));
            };
            let item_type = definition
                .get("itemType")
                .and_then(Value::as_str)
                .unwrap_or("STRING");
            let items = items
                .iter()
                .map(|item| {
                    let plain = item
                        .as_str()
                        .map_or_else(|| item.to_string(), str::to_owned);
                    scalar(item_type, &plain, &json!({})).map_err(|_| {
                        format!("Unable to parse array element as `{item_type}` on `{plain}`")
                    })
                })
                .collect::<Result<Vec<Value>, String>>()
                .map_err(invalid)?;
            Ok(Values::same(Value::Array(items)))
        }
        "DATE" | "TIME" => scalar(kind, &given, definition)
            .map(Values::same)
            .map_err(quoted),
        _ => scalar(kind, &given, definition)
            .map(Values::same)
            .map_err(invalid),
    }
}

fn scalar(kind: &str, given: &str, definition: &Value) -> Result<Value, String> {
    match kind {
        "INT" => {
            let number: i32 = given
                .trim()
                .parse()
                .map_err(|_| format!("For input string: \"{given}\""))?;
            bounds(definition, f64::from(number))?;
            Ok(json!(number))
        }
        "FLOAT" => {
            let number: f64 = given
                .trim()
                .parse()
                .map_err(|_| format!("For input string: \"{given}\""))?;
            bounds(definition, number)?;
            Ok(json!(number))
        }
        "BOOL" | "BOOLEAN" => Ok(json!(given.eq_ignore_ascii_case("true"))),
        "DATE" => {
            let read = chrono::NaiveDate::parse_from_str(given, "%Y-%m-%d");
            // chrono also accepts months and days of one digit.
            let read = read.ok().filter(|date| date.to_string() == given);
            read.ok_or_else(|| format!("Text '{given}' could not be parsed at index 0"))?;
            Ok(json!(given))
        }
        "TIME" => {
            let read = chrono::NaiveTime::parse_from_str(given, "%H:%M:%S")
                .or_else(|_| chrono::NaiveTime::parse_from_str(given, "%H:%M"));
            read.map_err(|_| format!("Text '{given}' could not be parsed at index 0"))?;
            Ok(json!(given))
        }
        "EMAIL" => {
            let good = given
                .split_once('@')
                .is_some_and(|(a, b)| !a.is_empty() && !b.is_empty());
            if good {
                Ok(json!(given))
            } else {
                Err("The input must be a valid email".to_owned())
            }
        }
        // A SELECT accepts values outside of its list, as both recorded servers do.
        _ => {
            pattern(definition, given)?;
            Ok(json!(given))
        }
    }
}

fn bounds(definition: &Value, number: f64) -> Result<(), String> {
    let bound = |key: &str| definition.get(key).and_then(Value::as_f64);
    if let Some(min) = bound("min").filter(|min| number < *min) {
        return Err(format!("it must be more than `{min}`"));
    }
    if let Some(max) = bound("max").filter(|max| number > *max) {
        return Err(format!("it must be less than `{max}`"));
    }
    Ok(())
}

fn pattern(definition: &Value, given: &str) -> Result<(), String> {
    let validator = text(definition, "validator");
    if validator.is_empty() {
        return Ok(());
    }
    let whole = Regex::new(&format!("^(?:{validator})$"));
    if whole.is_ok_and(|regex| regex.is_match(given)) {
        return Ok(());
    }
    Err(format!("it must match the pattern `{validator}`"))
}

fn file(id: &str, part: &Part, given: &str, target: Target<'_>) -> Result<Value, String> {
    if let Some(name) = &part.filename {
        let name = if part.name == "files" { id } else { name };
        return Ok(json!(format!(
            "kestra:///{}/{}/executions/{}/inputs/{id}/{name}",
            target.namespace.replace('.', "/"),
            target.flow_id,
            target.execution_id
        )));
    }
    if let Some(at) = given.find(' ') {
        return Err(format!("Illegal character in path at index {at}: {given}"));
    }
    let known = ["kestra://", "nsfile://", "file://"]
        .iter()
        .any(|s| given.starts_with(s));
    if known {
        Ok(json!(given))
    } else {
        Err(format!("Cannot process a URI without scheme: {given}"))
    }
}

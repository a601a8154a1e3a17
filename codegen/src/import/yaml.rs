//! YAML or JSON text to a JSON value.

use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Number, Value};

use super::error::Error;

/// Text that begins with a brace is read as JSON, all else as YAML 1.2.
pub(super) fn read(file: &str, text: &str) -> Result<Value, Error> {
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(text).map_err(|fault| Error::Syntax {
            file: file.to_owned(),
            line: fault.line(),
            column: fault.column(),
            message: format!("not JSON: {fault}"),
        });
    }
    let documents = Yaml::load_from_str(text).map_err(|fault| Error::Syntax {
        file: file.to_owned(),
        line: fault.marker().line(),
        column: fault.marker().col() + 1,
        message: format!("not YAML: {}", fault.info()),
    })?;
    match documents.as_slice() {
        [document] => Ok(value(document)),
        several => Err(Error::Documents {
            file: file.to_owned(),
            count: several.len(),
        }),
    }
}

fn value(node: &Yaml<'_>) -> Value {
    match node {
        Yaml::Value(scalar) => scalar_value(scalar),
        Yaml::Representation(text, ..) => Value::String(text.clone().into_owned()),
        Yaml::Sequence(items) => Value::Array(items.iter().map(value).collect()),
        Yaml::Mapping(entries) => Value::Object(
            entries
                .iter()
                .map(|(key, inner)| (key_text(key), value(inner)))
                .collect::<Map<_, _>>(),
        ),
        Yaml::Tagged(_, inner) => value(inner),
        Yaml::Alias(_) | Yaml::BadValue => Value::Null,
    }
}

fn scalar_value(scalar: &Scalar<'_>) -> Value {
    match scalar {
        Scalar::Null => Value::Null,
        Scalar::Boolean(truth) => Value::Bool(*truth),
        Scalar::Integer(number) => Value::Number((*number).into()),
        Scalar::FloatingPoint(number) => {
            Number::from_f64(number.into_inner()).map_or(Value::Null, Value::Number)
        }
        Scalar::String(text) => Value::String(text.clone().into_owned()),
    }
}

/// Keys are text in JSON; a status such as `200` is often written without quotes.
fn key_text(key: &Yaml<'_>) -> String {
    match value(key) {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

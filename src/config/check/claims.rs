//! How claims are named in the file.

use toml::Value;

use super::super::http::{ClaimPath, Shape};

/// A path to a claim: a JSON Pointer, or a list of names.
pub(super) fn claim_path(value: &Value) -> Option<ClaimPath> {
    let parts: Option<Vec<String>> = match value {
        Value::String(text) => {
            let parts = text.strip_prefix('/')?.split('/');
            Some(
                parts
                    .map(|part| part.replace("~1", "/").replace("~0", "~"))
                    .collect(),
            )
        }
        Value::Array(parts) => {
            let parts = parts.iter();
            parts.map(|part| part.as_str().map(str::to_owned)).collect()
        }
        _ => None,
    };
    let is_path =
        |parts: &Vec<String>| !parts.is_empty() && parts.iter().all(|part| !part.is_empty());
    parts.filter(is_path).map(ClaimPath)
}

/// The shape of a claim.
pub(super) fn shape(text: &str) -> Option<Shape> {
    Some(match text {
        "auto" => Shape::Auto,
        "array" => Shape::Array,
        "string" => Shape::String,
        "space" => Shape::Space,
        "comma" => Shape::Comma,
        "keys" => Shape::Keys,
        other => {
            let name = other
                .strip_prefix("field:")
                .filter(|name| !name.is_empty())?;
            Shape::Field(name.to_owned())
        }
    })
}

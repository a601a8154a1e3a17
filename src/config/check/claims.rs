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

/// The shape of a claim, as it is written.
pub(super) fn shape(text: &str) -> Option<Shape> {
    let plain = [
        Shape::Auto,
        Shape::Array,
        Shape::String,
        Shape::Space,
        Shape::Comma,
        Shape::Keys,
    ];
    let field = text.strip_prefix("field:").filter(|name| !name.is_empty());
    let field = field.map(|name| Shape::Field(name.to_owned()));
    let mut all = plain.into_iter().chain(field);
    all.find(|shape| shape.to_string() == text)
}

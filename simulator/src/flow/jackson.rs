//! Messages of Jackson and Java about values of the wrong type.

use serde_json::Value;

use super::{Invalid, class::Kind};
use crate::yaml::{Content, Node};

/// Kestra casts two values of the map without checking their types.
pub(super) fn cast(node: Option<&Node>, class: &str) -> Result<(), Invalid> {
    let Some(node) = node.filter(|node| !node.is_null()) else {
        return Ok(());
    };
    let value = node.value();
    let (is, package) = match &node.content {
        Content::Map(_) => ("LinkedHashMap", "java.util"),
        Content::Seq(_) => ("ArrayList", "java.util"),
        Content::Scalar { .. } if value.is_boolean() => ("Boolean", "java.lang"),
        Content::Scalar { .. } if value.is_f64() => ("Double", "java.lang"),
        Content::Scalar { .. } if value.is_number() => ("Integer", "java.lang"),
        Content::Scalar { .. } => ("String", "java.lang"),
    };
    if is == class {
        return Ok(());
    }
    let (is, wanted) = (format!("{package}.{is}"), format!("java.lang.{class}"));
    Err(Invalid::Broken(format!(
        "class {is} cannot be cast to class {wanted} ({is} and {wanted} are in module java.base of \
         loader 'bootstrap')"
    )))
}

/// The element type of a list, as Jackson names it.
pub(super) fn java_type(kind: &Kind) -> String {
    match kind {
        Kind::Text => "java.lang.String".to_owned(),
        Kind::Object(class) => class.name.to_owned(),
        Kind::Input => "io.kestra.core.models.flows.Input<java.lang.Object>".to_owned(),
        Kind::Plugin(of) => (*of).to_owned(),
        _ => "java.lang.Object".to_owned(),
    }
}

/// The message for a value that is not an object.
pub(super) fn cannot_construct(node: &Node, class: &str) -> String {
    match &node.content {
        Content::Scalar { text, .. } => {
            let (argument, value) = match node.value() {
                Value::Bool(truth) => ("boolean/Boolean", format!("boolean value ({truth})")),
                Value::Number(number) if number.is_f64() => {
                    ("double/Double", format!("Number value ({text})"))
                }
                Value::Number(number) => ("int/Int", format!("Number value ({number})")),
                _ => ("String", format!("String value ('{text}')")),
            };
            format!(
                "Cannot construct instance of `{class}` (although at least one Creator exists): no \
                 {argument}-argument constructor/factory method to deserialize from {value}"
            )
        }
        _ => cannot_deserialize(node, class),
    }
}

/// The message for a value whose token has the wrong type.
pub(super) fn cannot_deserialize(node: &Node, class: &str) -> String {
    let value = node.value();
    let (what, token) = match &node.content {
        Content::Map(_) => ("Object value", "START_OBJECT"),
        Content::Seq(_) => ("Array value", "START_ARRAY"),
        Content::Scalar { .. } => match value {
            Value::Bool(true) => ("Boolean value", "VALUE_TRUE"),
            Value::Bool(false) => ("Boolean value", "VALUE_FALSE"),
            Value::Number(number) if number.is_f64() => {
                ("Floating-point value", "VALUE_NUMBER_FLOAT")
            }
            Value::Number(_) => ("Integer value", "VALUE_NUMBER_INT"),
            _ => ("String value", "VALUE_STRING"),
        },
    };
    format!("Cannot deserialize value of type `{class}` from {what} (token `JsonToken.{token}`)")
}

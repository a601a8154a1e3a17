//! Checks the inputs of executions.

use serde_json::{Map, Value, json};

use crate::{error::ApiError, execution::Inputs, flow::text, multipart::Part, pebble};

mod value;

pub(crate) use value::{Target, Values};

use value::read;

/// A checked input.
pub(crate) struct Checked<'a> {
    pub(crate) definition: &'a Value,
    pub(crate) id: String,
    /// The value as sent.
    pub(crate) raw: Option<Value>,
    pub(crate) enabled: bool,
    pub(crate) is_default: bool,
    pub(crate) result: Result<Values, String>,
}

/// Checks every declared input; undeclared parts are ignored, as in Kestra.
pub(crate) fn check<'a>(
    definitions: &'a [Value],
    parts: &[Part],
    target: Target<'_>,
) -> Vec<Checked<'a>> {
    let mut clear = Map::new();
    let mut all = Vec::new();
    for (id, definition) in flat(definitions, "") {
        let variables = json!({ "inputs": clear });
        let condition = definition.get("dependsOn").map(|d| text(d, "condition"));
        let enabled = condition.filter(|c| !c.is_empty()).is_none_or(|condition| {
            pebble::render(condition, &variables).is_ok_and(|text| pebble::truthy(&text))
        });
        let part = parts.iter().find(|part| {
            part.name == id || (part.name == "files" && part.filename.as_deref() == Some(&id))
        });
        let checked = one(&id, definition, part, enabled, &variables, target);
        if let Ok(shown) = &checked.result {
            insert(&mut clear, &checked.id, shown.clear.clone());
        }
        all.push(checked);
    }
    all
}

/// The inputs of an execution, or an error if one is invalid.
pub(crate) fn accept(
    definitions: &[Value],
    parts: &[Part],
    target: Target<'_>,
) -> Result<Option<Inputs>, ApiError> {
    if definitions.is_empty() {
        return Ok(None);
    }
    let mut inputs = Inputs::default();
    for checked in check(definitions, parts, target) {
        let shown = checked
            .result
            .map_err(|message| ApiError::invalid_entity(message, Vec::new()))?;
        insert(&mut inputs.sent, &checked.id, shown.sent);
        insert(&mut inputs.stored, &checked.id, shown.stored);
        insert(&mut inputs.clear, &checked.id, shown.clear);
    }
    Ok(Some(inputs))
}

/// Every input definition with its dotted id, including those inside forms.
fn flat<'a>(definitions: &'a [Value], above: &str) -> Vec<(String, &'a Value)> {
    let mut all = Vec::new();
    for definition in definitions {
        let id = format!("{above}{}", text(definition, "id"));
        match definition.get("inputs").and_then(Value::as_array) {
            Some(inside) if text(definition, "type") == "FORM" => {
                all.extend(flat(inside, &format!("{id}.")));
            }
            _ => all.push((id, definition)),
        }
    }
    all
}

fn one<'a>(
    id: &str,
    definition: &'a Value,
    part: Option<&Part>,
    enabled: bool,
    variables: &Value,
    target: Target<'_>,
) -> Checked<'a> {
    let done = |raw, is_default, result| Checked {
        definition,
        id: id.to_owned(),
        raw,
        enabled,
        is_default,
        result,
    };
    if !enabled {
        return done(None, false, Ok(Values::same(Value::Null)));
    }
    if let Some(part) = part {
        let raw = json!(part.text());
        return done(Some(raw), false, read(id, definition, part, target));
    }
    if let Some(default) = definition.get("defaults").filter(|value| !value.is_null()) {
        let rendered = pebble::render_value(default, variables);
        let result = rendered.and_then(|value| match &value {
            Value::String(content) => {
                let content = content.clone().into_bytes();
                let part = Part {
                    name: id.to_owned(),
                    filename: None,
                    content,
                };
                read(id, definition, &part, target)
            }
            _ => Ok(Values::same(value)),
        });
        return done(Some(default.clone()), true, result);
    }
    if definition.get("required") == Some(&Value::Bool(false)) {
        return done(None, false, Ok(Values::same(Value::Null)));
    }
    done(None, false, Err(format!("Missing required input:{id}")))
}

fn insert(map: &mut Map<String, Value>, id: &str, value: Value) {
    match id.split_once('.') {
        None => {
            map.insert(id.to_owned(), value);
        }
        Some((first, rest)) => {
            let inside = map.entry(first.to_owned()).or_insert_with(|| json!({}));
            if let Some(inside) = inside.as_object_mut() {
                insert(inside, rest, value);
            }
        }
    }
}

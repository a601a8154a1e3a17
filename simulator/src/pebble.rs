//! The Pebble expression language, to the extent that flows in tests need it.

use serde_json::Value;

mod evaluate;
mod token;

pub(crate) use evaluate::truthy;

use evaluate::{evaluate, show};

/// Renders every `{{ … }}` of a text; the error is a message.
pub(crate) fn render(template: &str, variables: &Value) -> Result<String, String> {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        text.push_str(before);
        let Some((expression, after)) = after.split_once("}}") else {
            return Err(format!("Missing '}}}}' in `{template}`"));
        };
        text.push_str(&show(&evaluate(expression, variables)?));
        rest = after;
    }
    text.push_str(rest);
    Ok(text)
}

/// Renders every string in a value.
pub(crate) fn render_value(value: &Value, variables: &Value) -> Result<Value, String> {
    Ok(match value {
        Value::String(text) => Value::String(render(text, variables)?),
        Value::Array(items) => Value::Array(
            items
                .iter()
                .map(|item| render_value(item, variables))
                .collect::<Result<_, _>>()?,
        ),
        Value::Object(fields) => Value::Object(
            fields
                .iter()
                .map(|(key, value)| Ok((key.clone(), render_value(value, variables)?)))
                .collect::<Result<_, String>>()?,
        ),
        other => other.clone(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::render;

    #[test]
    fn renders_paths_defaults_and_comparisons() {
        let variables =
            json!({"inputs": {"who": null, "n": 3}, "outputs": {"a-b": {"value": "v"}}});
        let cases = [
            ("hello {{ inputs.who ?? 'world' }}", "hello world"),
            ("{{ outputs['a-b'].value }}{{ outputs.a-b.value }}", "vv"),
            ("{{ inputs.n > 2 and inputs.n != 4 }}", "true"),
            ("{{ inputs.nope ?? 7 }}", "7"),
            ("{{ inputs.who | default('x') | upper }}", "X"),
            ("no expression", "no expression"),
        ];
        for (template, expected) in cases {
            assert_eq!(
                render(template, &variables).as_deref(),
                Ok(expected),
                "{template}"
            );
        }
    }

    #[test]
    fn a_variable_that_is_not_there_is_an_error() {
        assert!(render("{{ inputs.nope }}", &json!({"inputs": {}})).is_err());
    }
}

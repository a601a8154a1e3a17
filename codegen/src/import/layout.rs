//! The text of a reduced description: sorted keys, one line per operation and per schema, so that
//! a diff of two versions names what changed.

use std::collections::BTreeMap;

use serde_json::Value;

/// The same description gives the same bytes, whatever order its maps have.
pub(super) fn text(description: &Value) -> String {
    let parts = entries(description)
        .into_iter()
        .map(|(key, value)| match key {
            "components" => {
                let sections = entries(value).into_iter();
                let sections =
                    sections.map(|(name, each)| format!("{}:{}", quoted(name), rows(each)));
                format!(
                    "\"components\":{{{}}}",
                    sections.collect::<Vec<_>>().join(",\n")
                )
            }
            "paths" => {
                let paths = entries(value).into_iter().map(|(path, operations)| {
                    let operations = entries(operations)
                        .into_iter()
                        .map(pair)
                        .collect::<Vec<_>>();
                    format!("{}:{{{}}}", quoted(path), operations.join(",\n"))
                });
                format!(
                    "\"paths\":{{\n{}\n}}",
                    paths.collect::<Vec<_>>().join(",\n")
                )
            }
            _ => pair((key, value)),
        });
    format!("{{\n{}\n}}\n", parts.collect::<Vec<_>>().join(",\n"))
}

fn rows(value: &Value) -> String {
    let rows = entries(value).into_iter().map(pair).collect::<Vec<_>>();
    format!("{{\n{}\n}}", rows.join(",\n"))
}

fn pair((key, value): (&str, &Value)) -> String {
    let mut out = quoted(key);
    out.push(':');
    compact(value, &mut out);
    out
}

fn compact(value: &Value, out: &mut String) {
    match value {
        Value::Object(_) => {
            separated(out, ('{', '}'), entries(value), |entry, out| {
                out.push_str(&pair(entry));
            });
        }
        Value::Array(items) => separated(out, ('[', ']'), items, compact),
        Value::String(text) => out.push_str(&quoted(text)),
        scalar => out.push_str(&scalar.to_string()),
    }
}

fn separated<T>(
    out: &mut String,
    (open, close): (char, char),
    items: impl IntoIterator<Item = T>,
    each: impl Fn(T, &mut String),
) {
    out.push(open);
    for (number, item) in items.into_iter().enumerate() {
        if number > 0 {
            out.push(',');
        }
        each(item, out);
    }
    out.push(close);
}

fn entries(value: &Value) -> BTreeMap<&str, &Value> {
    let entries = value.as_object().into_iter().flatten();
    entries.map(|(key, inner)| (key.as_str(), inner)).collect()
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

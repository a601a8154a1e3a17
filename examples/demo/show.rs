//! Text for people, in a terminal or without one.

use std::fmt;
use std::io::{IsTerminal as _, Write as _};

use serde_json::Value;

/// A line for the person who watches. Who stops reading, as `head` does, ends nothing: what was made
/// is still removed.
pub(crate) fn line(text: impl fmt::Display) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// `text` in bold, where that is understood.
pub(crate) fn strong(text: &str) -> String {
    if std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        format!("\x1b[1m{text}\x1b[0m")
    } else {
        text.to_owned()
    }
}

/// A value as an outline: an entry a line, texts of several lines as they are.
pub(crate) fn outline(value: &Value, indent: usize) -> String {
    let mut text = String::new();
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                entry(&mut text, name, value, indent);
            }
        }
        Value::Array(items) => {
            for item in items {
                text.push_str(&bullet(item, indent));
            }
        }
        other => text = format!("{}{}\n", " ".repeat(indent), plain(other)),
    }
    text
}

/// An item of a list: its first line stands beside a dash.
fn bullet(item: &Value, indent: usize) -> String {
    let space = " ".repeat(indent);
    let lines = if has_nested(item) {
        outline(item, indent + 2)
    } else {
        format!("{space}  {}\n", plain(item))
    };
    format!("{space}- {}", lines.trim_start())
}

fn entry(text: &mut String, name: &str, value: &Value, indent: usize) {
    let space = " ".repeat(indent);
    let shown = match value {
        Value::String(long) if long.contains('\n') => {
            let lines = long.lines().map(|line| format!("{space}    {line}\n"));
            format!("{space}{name}:\n{}", lines.collect::<String>())
        }
        nested if has_nested(nested) => {
            format!("{space}{name}:\n{}", outline(value, indent + 2))
        }
        flat => format!("{space}{name}: {}\n", plain(flat)),
    };
    text.push_str(&shown);
}

fn is_nested(value: &Value) -> bool {
    match value {
        Value::Array(_) | Value::Object(_) => true,
        Value::String(text) => text.contains('\n'),
        _ => false,
    }
}

/// Whether something in it needs lines of its own.
fn has_nested(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields.values().any(is_nested),
        Value::Array(items) => items.iter().any(is_nested),
        _ => false,
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(name, value)| format!("{name}={}", plain(value)));
            fields.collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

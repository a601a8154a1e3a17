//! What cannot be seen in a text that is passed on as it is stored.

use serde_json::{Map, Value};

use super::{Field, Make, part};
use crate::secret::hidden_lines;
use crate::tool::fault::and_more;
use crate::tool::scope::Scope;

/// How many lines are named.
const NAMED: usize = 20;

/// Says which lines of what is never cut hold hidden characters: they stay, since it must come back as
/// it was, and whoever reads it cannot see them.
pub(super) fn put_note(
    scope: &Scope<'_>,
    fields: &[Field],
    row: &Value,
    object: &mut Map<String, Value>,
) {
    let mut notes: Vec<String> = Vec::new();
    for field in fields {
        let place = if field.untrusted {
            object
                .get("untrusted")
                .and_then(|others| others.get(field.name))
        } else {
            object.get(field.name)
        };
        if matches!(field.make, Make::Whole(..))
            && let Some(text) = place.and_then(Value::as_str)
        {
            let first = part::first_line(scope, &field.make, row);
            notes.extend(hidden_in(field.name, text, first));
        }
    }
    if notes.is_empty() {
        return;
    }
    let before = object.get("note").and_then(Value::as_str);
    notes.splice(0..0, before.map(str::to_owned));
    object.insert("note".into(), notes.join(" ").into());
}

fn hidden_in(name: &str, text: &str, first: usize) -> Option<String> {
    let mut lines = hidden_lines(text);
    let told: Vec<String> = lines
        .by_ref()
        .take(NAMED)
        .map(|line| (line + first - 1).to_string())
        .collect();
    let more = match lines.count() {
        0 => String::new(),
        more => format!(" {}", and_more(more)),
    };
    (!told.is_empty()).then(|| {
        format!(
            "`{name}` holds characters that cannot be seen, in lines {}{more}; they are passed on as they are stored.",
            told.join(", ")
        )
    })
}

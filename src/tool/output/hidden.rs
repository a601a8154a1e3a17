//! What cannot be seen in a text that is passed on as it is stored.

use serde_json::{Map, Value};
use vocabulary::Fields;

use super::members::{NOTE, UNTRUSTED, is_whole};
use super::part;
use crate::secret::hidden_lines;
use crate::tool::bindings::Bindings;
use crate::tool::fault::and_more;

/// How many lines are named.
const NAMED: usize = 20;

/// Notes the lines of uncut text that hold hidden characters: they stay, since the text must come back as
/// it was, and its reader cannot see them.
pub(super) fn put_note(
    bindings: &Bindings<'_>,
    fields: &Fields,
    row: &Value,
    object: &mut Map<String, Value>,
) {
    let mut notes: Vec<String> = Vec::new();
    for (name, field) in fields.iter().filter(|(_, field)| is_whole(field)) {
        let theirs = object.get(UNTRUSTED).and_then(|others| others.get(name));
        let text = theirs.or_else(|| object.get(name)).and_then(Value::as_str);
        if let Some(text) = text {
            let first = part::first_line(bindings, &field.make, row);
            notes.extend(hidden_in(name, text, first));
        }
    }
    if notes.is_empty() {
        return;
    }
    let before = object.get(NOTE).and_then(Value::as_str);
    notes.splice(0..0, before.map(str::to_owned));
    object.insert(NOTE.into(), notes.join(" ").into());
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

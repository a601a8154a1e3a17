//! Arguments in one spelling: all that are equal are written alike.

use std::fmt::Write as _;

use serde_json::Value;

/// So deep a null says no more than nothing: it is an argument, or an input of a flow. In the value of an
/// input it is a value like any other.
pub(super) const ABSENT: usize = 2;

/// `value` in the one way in which all that is equal is written; nulls in its members are absent for so
/// many levels.
fn canonical(value: &Value, absent: usize, text: &mut String) {
    match value {
        Value::Object(members) => canonical_members(members.iter(), absent, text),
        Value::Array(items) => {
            text.push('[');
            for item in items {
                canonical(item, 0, text);
                text.push(',');
            }
            text.push(']');
        }
        scalar => {
            // Writing to a String does not fail.
            let _ = write!(text, "{scalar}");
        }
    }
}

pub(super) fn canonical_members<'v>(
    members: impl Iterator<Item = (&'v String, &'v Value)>,
    absent: usize,
    text: &mut String,
) {
    let said = |value: &Value| absent == 0 || !value.is_null();
    let mut members: Vec<_> = members.filter(|(_, value)| said(value)).collect();
    members.sort_unstable_by_key(|(name, _)| *name);
    text.push('{');
    for (name, value) in members {
        let _ = write!(text, "{}:{name}", name.len());
        canonical(value, absent.saturating_sub(1), text);
        text.push(',');
    }
    text.push('}');
}

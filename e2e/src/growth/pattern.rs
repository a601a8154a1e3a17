//! What is expected, as values with words left open.
//!
//! A `*` in a text stands for any text, and a text that is `*` alone for any value; the member `"*"`
//! of an object lets it have others. A table whose keys are lines stands for the value of the line:
//! a key holds from its line on, and where none holds, there is nothing. `{name}` is what a case
//! knows by that name.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use simulator::Dialect;

/// Anything.
const ANY: &str = "*";

/// What a case knows, by name.
pub(crate) type Names = BTreeMap<String, String>;

/// The value as it is for a Kestra, with the names filled in; none where there is nothing.
pub(crate) fn fill(value: &Value, dialect: Dialect, names: &Names) -> Option<Value> {
    let part = |value: &Value| fill(value, dialect, names);
    Some(match value {
        Value::String(text) => Value::String(text_of(text, names)),
        Value::Array(items) => items.iter().filter_map(part).collect(),
        Value::Object(members) if by_line(members) => {
            let found = keys(dialect).iter().find_map(|key| members.get(*key));
            return found.and_then(part);
        }
        Value::Object(members) => members
            .iter()
            .filter_map(|(name, value)| Some((text_of(name, names), part(value)?)))
            .collect(),
        other => other.clone(),
    })
}

/// A text with the names filled in; other braces stay.
pub(crate) fn text_of(text: &str, names: &Names) -> String {
    names.iter().fold(text.to_owned(), |text, (name, value)| {
        text.replace(&format!("{{{name}}}"), value)
    })
}

/// The keys of a table by line that hold for a Kestra, the nearest first.
const fn keys(dialect: Dialect) -> &'static [&'static str] {
    match dialect {
        Dialect::V1_3 => &["1.3"],
        Dialect::V2_0Dev => &["2.0-dev", "2.0", "1.3"],
        Dialect::V2_0 => &["2.0", "1.3"],
    }
}

fn by_line(members: &Map<String, Value>) -> bool {
    let lines = ["1.3", "2.0-dev", "2.0"];
    !members.is_empty() && members.keys().all(|key| lines.contains(&key.as_str()))
}

/// Where a value is not as expected, and how it is.
pub(crate) fn difference(expected: &Value, found: &Value) -> Option<String> {
    differs(expected, found, "")
}

fn differs(expected: &Value, found: &Value, at: &str) -> Option<String> {
    let other = || Some(format!("at {at:?}: {found}, not {expected}"));
    match (expected, found) {
        (Value::String(pattern), _) if pattern == ANY => None,
        (Value::String(pattern), Value::String(text)) if glob(pattern, text) => None,
        (Value::Array(wanted), Value::Array(items)) if wanted.len() == items.len() => wanted
            .iter()
            .zip(items)
            .enumerate()
            .find_map(|(number, (wanted, item))| differs(wanted, item, &format!("{at}/{number}"))),
        (Value::Object(wanted), Value::Object(members)) => {
            let open = wanted.contains_key(ANY);
            let surplus = members
                .keys()
                .find(|name| !open && !wanted.contains_key(*name));
            if let Some((name, value)) = surplus.and_then(|name| members.get_key_value(name)) {
                return Some(format!("at {at:?}: there is also {name:?}: {value}"));
            }
            wanted
                .iter()
                .filter(|(name, _)| *name != ANY)
                .find_map(|(name, wanted)| match members.get(name) {
                    Some(value) => differs(wanted, value, &format!("{at}/{name}")),
                    None => Some(format!("at {at:?}: there is no {name:?} in {found}")),
                })
        }
        _ if expected == found => None,
        _ => other(),
    }
}

/// Whether a text is as the pattern says.
pub(crate) fn glob(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut text) = text.strip_prefix(head) else {
        return false;
    };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let Some((_, after)) = text.split_once(part) else {
            return false;
        };
        text = after;
    }
    text.ends_with(last)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use simulator::Dialect;

    use super::{Names, difference, fill, glob};

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, text) in [
            ("a*c", "abc"),
            ("*", ""),
            ("a", "a"),
            ("*b*", "abc"),
            ("a*", "a"),
        ] {
            assert!(glob(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("a", "ab"), ("a*c", "abd"), ("ab*ba", "aba"), ("*b*", "ac")] {
            assert!(!glob(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn a_value_is_held_whole_but_for_what_is_left_open() {
        let found = json!({ "id": "x1", "n": 2, "list": [{ "a": null }] });
        for expected in [
            json!({ "id": "x*", "n": 2, "list": [{ "a": "*" }] }),
            json!({ "n": "*", "*": "*" }),
        ] {
            assert_eq!(difference(&expected, &found), None, "{expected}");
        }
        for (expected, reply) in [
            (
                json!({ "n": 2, "list": "*" }),
                r#"at "": there is also "id": "x1""#,
            ),
            (
                json!({ "id": "y*", "*": "*" }),
                r#"at "/id": "x1", not "y*""#,
            ),
            (
                json!({ "list": [], "*": "*" }),
                r#"at "/list": [{"a":null}], not []"#,
            ),
            (
                json!({ "more": "*", "*": "*" }),
                r#"at "": there is no "more" in"#,
            ),
            (json!({ "n": "2", "*": "*" }), r#"at "/n": 2, not "2""#),
        ] {
            let difference = difference(&expected, &found).unwrap();
            assert!(difference.starts_with(reply), "{difference}");
        }
    }

    #[test]
    fn a_table_of_lines_is_the_value_of_the_line() {
        let names = Names::from([("id".to_owned(), "x1".to_owned())]);
        let value = json!({ "a": { "1.3": "{id}", "2.0": "{other}" }, "b": [{ "2.0": 1 }, { "2.0-dev": 2 }] });
        let filled = |dialect| fill(&value, dialect, &names).unwrap();
        assert_eq!(filled(Dialect::V1_3), json!({ "a": "x1", "b": [] }));
        assert_eq!(
            filled(Dialect::V2_0Dev),
            json!({ "a": "{other}", "b": [1, 2] })
        );
        assert_eq!(filled(Dialect::V2_0), json!({ "a": "{other}", "b": [1] }));
        assert_eq!(
            fill(&json!({ "2.0": 1 }), Dialect::V1_3, &names),
            None::<Value>
        );
    }
}

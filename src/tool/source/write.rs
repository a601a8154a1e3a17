//! Objects as YAML sources, under the rules that sources have.

use std::borrow::Cow;
use std::fmt::Write as _;

use saphyr::{Scalar, Yaml, YamlEmitter};
use saphyr_parser::ScalarStyle;
use serde_json::Value;

use super::limits::{BYTES, DEEP, DEPTH, MARKER, NAMES, ORIGINAL};
use super::name::misnamed;

/// Why `value` may not be written as a source: its size, its depth, a mark that stands for
/// something else, a text that names it and does not fit, or a name that is not a text. What would
/// be right, each once.
pub fn unfit(value: &Value, names: &[String]) -> Vec<String> {
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    let is_text = |name: &&String| value.get(name.as_str()).is_none_or(Value::is_string);
    let mut faults: Vec<String> = names
        .iter()
        .filter(is_text)
        .filter_map(|name| misnamed(name, text(name)))
        .collect();
    look(value, 1, &mut faults);
    if faults.is_empty() && write(value).len() > BYTES {
        faults.push("an object of at most 256 KiB as YAML".into());
    }
    faults
}

/// `depth` counts `value` itself.
fn look(value: &Value, depth: usize, faults: &mut Vec<String>) {
    let mut fault = |expected: &str| {
        if !faults.iter().any(|known| known == expected) {
            faults.push(expected.to_owned());
        }
    };
    match value {
        Value::String(text) if text.contains(MARKER) => fault(ORIGINAL),
        Value::Array(_) | Value::Object(_) if depth > DEPTH => fault(DEEP),
        Value::Array(items) => items.iter().for_each(|item| look(item, depth + 1, faults)),
        Value::Object(members) => {
            if members.keys().any(|key| key.contains(MARKER)) {
                fault(ORIGINAL);
            }
            // A block, a layout, a trigger: what has both is named by its id.
            let named = members.contains_key("id") && members.contains_key("type");
            for (key, member) in members {
                let name = (depth == 1 && NAMES.contains(&key.as_str()))
                    || (named && (key == "id" || key == "type"));
                if name && !member.is_string() {
                    fault(&format!("a text under `{key}`"));
                }
            }
            for member in members.values() {
                look(member, depth + 1, faults);
            }
        }
        _ => {}
    }
}

/// `value` as a YAML document.
pub fn write(value: &Value) -> String {
    let mut text = String::new();
    let node = node(value);
    // Writing to memory does not fail.
    let _ = YamlEmitter::new(&mut text).dump(&node);
    let mut text = text.trim_start_matches("---").trim_start().to_owned();
    text.push('\n');
    text
}

fn node(value: &Value) -> Yaml<'_> {
    let scalar = match value {
        Value::Null => Scalar::Null,
        Value::Bool(flag) => Scalar::Boolean(*flag),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Scalar::Integer(whole),
            (None, Some(float)) if number.is_f64() => Scalar::FloatingPoint(float.into()),
            _ => return Yaml::Representation(number.to_string().into(), ScalarStyle::Plain, None),
        },
        Value::String(text) => return text_node(text),
        Value::Array(items) => return Yaml::Sequence(items.iter().map(node).collect()),
        Value::Object(members) => {
            let pair = |(name, value)| (text_node(String::as_str(name)), node(value));
            return Yaml::Mapping(members.iter().map(pair).collect());
        }
    };
    Yaml::Value(scalar)
}

/// A text that every reader takes for that text: the emitter leaves some without quotes that
/// YAML 1.1 reads as numbers, dates, truth values or line breaks.
fn text_node(text: &str) -> Yaml<'_> {
    let odd = |c: char| {
        matches!(
            c,
            '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}'
        )
    };
    if is_text(text) && !text.contains(odd) {
        return Yaml::Value(Scalar::String(Cow::Borrowed(text)));
    }
    let written = Value::from(text).to_string();
    let inner = written
        .trim_start_matches('"')
        .chars()
        .fold(String::new(), |mut inner, c| {
            if odd(c) {
                // Writing to memory does not fail.
                let _ = write!(inner, "\\u{:04x}", u32::from(c));
            } else {
                inner.push(c);
            }
            inner
        });
    let inner = inner.strip_suffix('"').unwrap_or_default().to_owned();
    Yaml::Representation(inner.into(), ScalarStyle::DoubleQuoted, None)
}

/// Whether a plain scalar is a text to every reader of YAML 1.1 and 1.2: no number of any base, no
/// date, no truth value in any spelling, not null, not empty.
fn is_text(text: &str) -> bool {
    let word = text.to_ascii_lowercase();
    if matches!(
        word.as_str(),
        "" | "~" | "null" | "true" | "false" | "yes" | "no" | "on" | "off" | "y" | "n" | "=" | "<<"
    ) {
        return false;
    }
    let body = word.trim_start_matches(['+', '-']);
    if matches!(body, ".inf" | ".nan") {
        return false;
    }
    // Numbers, sexagesimals and dates begin with a digit or a dot and hold nothing but these.
    let first = body
        .chars()
        .next()
        .is_some_and(|c| c.is_ascii_digit() || c == '.');
    let numeric = body
        .chars()
        .all(|c| c.is_ascii_hexdigit() || "._:+-xotz ".contains(c));
    !(first && numeric)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tool::source::read;
    use serde_json::json;

    #[test]
    fn writes_what_it_reads_again() {
        let value = json!({ "id": "010", "namespace": "a.b", "on": "yes", "list": [1, {"x": "a: b # c"}], "text": "two\nlines", "empty": {} });
        let text = write(&value);
        assert!(!text.starts_with("---"), "{text}");
        assert_eq!(read(&text).expect("its own output").names["id"], "010");
        let odd = json!({ "y": "1_000", "1e3": "0b11", "n": ["2026-01-31", "~", "a\u{2028}b\u{85}\"", "\""], "most": u64::MAX });
        let expected = "\"1e3\": \"0b11\"\nmost: 18446744073709551615\n\"n\":\n  - \"2026-01-31\"\n  - \"~\"\n  - \"a\\u2028b\\u0085\\\"\"\n  - \"\\\"\"\n\"y\": \"1_000\"\n";
        assert_eq!(write(&odd), expected);
    }

    #[test]
    fn bounds_size_and_depth_like_those_of_a_source() {
        let deep = |levels: usize| {
            let inner = (0..levels).fold(json!(1), |inner, _| json!([inner]));
            json!({ "id": "a", "x": inner })
        };
        assert_eq!(unfit(&deep(63), &[]), [] as [&str; 0]);
        assert!(read(&write(&deep(63))).is_ok());
        assert_eq!(unfit(&deep(64), &[]), [DEEP]);
        assert!(read(&write(&deep(64))).is_err());
        let frame = write(&json!({ "x": "" })).len() - "\"\"".len();
        let long = |bytes: usize| json!({ "x": "y".repeat(bytes - frame) });
        assert_eq!(write(&long(BYTES)).len(), BYTES);
        assert_eq!(unfit(&long(BYTES), &[]), [] as [&str; 0]);
        assert_eq!(
            unfit(&long(BYTES + 1), &[]),
            ["an object of at most 256 KiB as YAML"]
        );
    }

    #[test]
    fn names_are_texts_and_marks_are_none() {
        for (value, expected) in [
            (json!({ "id": 5 }), "a text under `id`"),
            (json!({ "namespace": null }), "a text under `namespace`"),
            (
                json!({ "x": [{ "id": "a", "type": true }] }),
                "a text under `type`",
            ),
            (json!({ "x": ["a [redacted:secret]"] }), ORIGINAL),
            (json!({ "x": { "[redacted:k]": 1 } }), ORIGINAL),
        ] {
            assert_eq!(unfit(&value, &[]), [expected], "{value}");
        }
        assert_eq!(unfit(&json!({ "x": { "id": 5 } }), &[]), [] as [&str; 0]);
        let names = ["namespace", "id"].map(str::to_owned);
        let of_id = |id: &str| unfit(&json!({ "id": id, "namespace": "b" }), &names);
        assert_eq!(of_id("a"), [] as [&str; 0]);
        assert_eq!(
            (of_id("../x").len(), unfit(&json!({}), &names).len()),
            (1, 2)
        );
    }
}

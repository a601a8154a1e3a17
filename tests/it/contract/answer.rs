//! What an answer of a tool has to hold.

use serde_json::Value;

/// Holds `answer` against `expected`: each key is the name of a member, or a JSON pointer to
/// one deeper inside; `null` is for a member that is absent.
#[track_caller]
pub(crate) fn has(answer: &Value, expected: Value) {
    let Value::Object(expected) = expected else {
        panic!("not an object: {expected}");
    };
    for (key, wanted) in expected {
        let found = if key.starts_with('/') {
            answer.pointer(&key)
        } else {
            answer.get(&key)
        };
        let wanted = Some(&wanted).filter(|wanted| !wanted.is_null());
        assert_eq!(found, wanted, "`{key}` of {answer}");
    }
}

/// Holds that `value` is a text with `part` in it.
#[track_caller]
pub(crate) fn mentions(value: &Value, part: &str) {
    let text = value
        .as_str()
        .unwrap_or_else(|| panic!("not a text: {value}"));
    assert!(text.contains(part), "{part:?} is not in {text:?}");
}

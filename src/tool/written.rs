//! How long a value is once it is written as JSON, counted without writing it.

use std::fmt::{self, Write as _};

use serde_json::Value;

/// Bytes of `value` as JSON.
pub fn length(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(true) => 4,
        Value::Bool(false) => 5,
        Value::Number(number) => {
            let mut written = Count(0);
            // Counting does not fail.
            let _ = write!(written, "{number}");
            written.0
        }
        Value::String(text) => of_text(text),
        Value::Array(items) => items.iter().map(length).sum::<usize>() + between(items.len()),
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| of_text(name) + 1 + length(value);
            members.iter().map(member).sum::<usize>() + between(members.len())
        }
    }
}

/// Bytes of `text` as JSON, with its quotation marks.
pub fn of_text(text: &str) -> usize {
    // Almost no text has any, and that is asked of many bytes at a time.
    let is_escaped = |byte: u8| matches!(byte, 0..0x20 | b'"' | b'\\');
    if !text.bytes().fold(false, |any, byte| any | is_escaped(byte)) {
        return text.len() + 2;
    }
    let more = |byte: u8| match byte {
        b'"' | b'\\' | 0x08 | b'\t' | b'\n' | 0x0c | b'\r' => 1,
        0..0x20 => 5,
        _ => 0,
    };
    text.len() + 2 + text.bytes().map(more).sum::<usize>()
}

/// The brackets and the commas of so many items.
const fn between(items: usize) -> usize {
    2 + items.saturating_sub(1)
}

struct Count(usize);

impl fmt::Write for Count {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.len();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn values() -> impl Strategy<Value = Value> {
        let text = "[\u{0}-\u{80}\"\\\\é😀]{0,12}";
        let scalar = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            text.prop_map(Value::from),
        ];
        scalar.prop_recursive(4, 32, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map(text, inner, 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn it_is_the_length_of_what_is_written(value in values()) {
            prop_assert_eq!(length(&value), value.to_string().len());
        }
    }

    #[test]
    fn every_character_counts_as_it_is_escaped() {
        for character in '\0'..='\u{ff}' {
            let text = character.to_string();
            assert_eq!(of_text(&text), json!(text).to_string().len(), "{text:?}");
        }
    }
}

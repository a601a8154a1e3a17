//! The id of a message that is too long to be buffered, found while it is read.

use serde_json::Value;

use super::is_id;

/// Bytes of an id, with the white space round it.
const LONGEST: usize = 256;

/// Where in the outermost object the next byte is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum At {
    /// Before it.
    #[default]
    Start,
    /// In the name of a field, or before it.
    Name,
    /// In the value of a field, or before it.
    Value { is_id: bool },
    /// After it, or in something that is not an object.
    End,
}

/// Reads a message part by part and keeps only its id.
#[derive(Debug, Default)]
pub(in crate::transport) struct Finder {
    at: At,
    depth: usize,
    in_text: bool,
    escaped: bool,
    /// The name or the id that is being read; cut where it is too long to be one.
    part: Vec<u8>,
    /// Whether there are several, so that none counts.
    ids: Vec<Value>,
}

impl Finder {
    /// Reads on.
    pub(in crate::transport) fn feed(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if self.at == At::End {
                return;
            }
            self.next(*byte);
        }
    }

    /// The id, if the message has exactly one and a request may have it.
    pub(in crate::transport) fn id(mut self) -> Value {
        let id = self.ids.pop().filter(|_| self.ids.is_empty());
        id.filter(is_id).unwrap_or_default()
    }

    fn next(&mut self, byte: u8) {
        if self.in_text {
            self.keep(byte);
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_text = false,
                _ => {}
            }
            return;
        }
        match byte {
            b'"' => {
                self.in_text = true;
                self.keep(byte);
            }
            b'{' if self.depth == 0 => {
                self.depth = 1;
                self.at = At::Name;
            }
            b'}' | b']' if self.depth == 1 => {
                self.value_ends();
                self.at = At::End;
            }
            b',' if self.depth == 1 => {
                self.value_ends();
                self.at = At::Name;
            }
            b':' if self.depth == 1 && self.at == At::Name => {
                let name = serde_json::from_slice::<String>(&self.part);
                let is_id = name.is_ok_and(|name| name == "id");
                self.part.clear();
                self.at = At::Value { is_id };
            }
            _ if self.depth == 0 => {
                if !byte.is_ascii_whitespace() {
                    self.at = At::End;
                }
            }
            b'{' | b'[' => {
                self.depth += 1;
                self.keep(byte);
            }
            b'}' | b']' => {
                self.depth -= 1;
                self.keep(byte);
            }
            _ => self.keep(byte),
        }
    }

    fn keep(&mut self, byte: u8) {
        let wanted = match self.at {
            At::Name => true,
            At::Value { is_id } => is_id,
            At::Start | At::End => false,
        };
        if wanted && self.part.len() < LONGEST {
            self.part.push(byte);
        }
    }

    fn value_ends(&mut self) {
        if self.at == (At::Value { is_id: true }) && self.ids.len() < 2 {
            let id = serde_json::from_slice(&self.part);
            self.ids.push(id.unwrap_or_default());
        }
        self.part.clear();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The id of `text`, however it is divided.
    fn id(text: &str) -> Value {
        let mut whole = Finder::default();
        whole.feed(text.as_bytes());
        let mut divided = Finder::default();
        for byte in text.as_bytes() {
            divided.feed(&[*byte]);
        }
        let id = whole.id();
        assert_eq!(divided.id(), id, "{text}");
        id
    }

    #[test]
    fn the_id_of_the_message_is_found_wherever_it_stands() {
        for (text, expected) in [
            (
                r#"{"jsonrpc":"2.0","id":1,"method":"x","params":{"id":2}}"#,
                json!(1),
            ),
            (
                r#" {"params":{"id":[{"id":3}]}, "id" : "a\"}," }"#,
                json!("a\"},"),
            ),
            (r#"{"params":"\"id\":4,","\u0069d":5}"#, json!(5)),
            (r#"{"id":"id","method":"id"}"#, json!("id")),
            // What comes after it need not have come.
            (r#"{"id":6,"params":{"a":["#, json!(6)),
            (r#"{"id":-7,"#, json!(-7)),
        ] {
            assert_eq!(id(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_id_is_none() {
        let long = format!(r#"{{"id":"{}"}}"#, "x".repeat(LONGEST));
        let deep = format!(r#"{{"id":{}}}"#, "[".repeat(100_000));
        for text in [
            "",
            "{}",
            r#"{"id":1,"id":2}"#,
            r#"{"id":1,"params":{},"\u0069d":1}"#,
            r#"{"id":null}"#,
            r#"{"id":1.5}"#,
            r#"{"id":{"id":1}}"#,
            r#"{"id":nonsense,"a":1}"#,
            r#"{"id":1"#,
            r#"[{"id":1}]"#,
            r#"x{"id":1}"#,
            r#"{"a":{"id":1}}"#,
            r#"{"a":1}{"id":1}"#,
            "{]}]}]}",
            &long,
            &deep,
        ] {
            assert_eq!(id(text), Value::Null, "{text:.60}");
        }
    }
}

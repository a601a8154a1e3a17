//! What a message must be: one unambiguous JSON object that MCP knows.

mod finder;

use std::borrow::Cow;

use rmcp::RoleServer;
use rmcp::model::{ErrorCode, ErrorData};
use rmcp::service::RxJsonRpcMessage;
use serde::Deserialize;
use serde::de;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::tool::delivery::Started;
use crate::tool::strict::{self, DEEPEST, Fault};

pub(super) use finder::Finder;

/// The message type of rmcp.
pub(super) type Message = RxJsonRpcMessage<RoleServer>;

/// Why a text is not a message.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The id of the request, if it can be read.
    id: Value,
    code: ErrorCode,
    message: Cow<'static, str>,
    data: Option<Value>,
}

impl Refusal {
    fn new(id: Value, code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            id,
            code,
            message: message.into(),
            data: None,
        }
    }

    /// A message of more than `most` bytes.
    pub(super) fn too_long(id: Value, most: usize) -> Self {
        let text = format!("The message is longer than {most} bytes");
        Self::new(id, ErrorCode::INVALID_REQUEST, text)
    }

    /// A message for which there is no memory now.
    pub(super) fn no_room(id: Value) -> Self {
        const TEXT: &str = "Too many long messages at once: send this one again";
        Self::new(id, ErrorCode::INTERNAL_ERROR, TEXT)
    }

    /// A method that the protocol revision of the request has removed.
    pub(super) fn removed(id: Value) -> Self {
        const TEXT: &str = "MCP 2026-07-28 has no such method";
        Self::new(id, ErrorCode::METHOD_NOT_FOUND, TEXT)
    }

    /// A message that contradicts its headers (MCP 2026-07-28).
    pub(super) fn mislabelled(id: Value) -> Self {
        const TEXT: &str = "A header names another method or object than the message";
        Self::new(id, ErrorCode::HEADER_MISMATCH, TEXT)
    }

    /// A request whose answer was interrupted.
    pub(super) fn cut_off(id: Value, started: Option<&Started>) -> Self {
        const TEXT: &str = "Access ended during this call, and its outcome is unknown. Connect \
             again, and read the object before you try again.";
        let Some(started) = started else {
            return Self::new(id, ErrorCode::INTERNAL_ERROR, TEXT);
        };
        Self {
            id,
            code: ErrorCode::INTERNAL_ERROR,
            message: format!("Access ended during this call. Connect again: {started}").into(),
            data: Some(json!({ started.name: *started.id })),
        }
    }

    /// A request whose id belongs to a request in flight.
    pub(super) fn in_use(id: &rmcp::model::RequestId) -> Self {
        const TEXT: &str = "The id belongs to a request that is not answered yet";
        Self::new(
            id.clone().into_json_value(),
            ErrorCode::INVALID_REQUEST,
            TEXT,
        )
    }

    /// The JSON-RPC error.
    pub(super) fn into_text(self) -> Vec<u8> {
        let error = ErrorData::new(self.code, self.message, self.data);
        json!({ "jsonrpc": "2.0", "id": self.id, "error": error })
            .to_string()
            .into_bytes()
    }
}

/// The outermost members; their contents are skipped, however deep.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow, default, deserialize_with = "present")]
    id: Option<&'a RawValue>,
}

/// Distinguishes `"id": null` from a missing id.
fn present<'de: 'a, 'a, D: de::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<&'a RawValue>, D::Error> {
    <&'a RawValue>::deserialize(deserializer).map(Some)
}

/// What the transport needs to know of a message.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Subject {
    /// Of a request; null otherwise.
    pub(super) id: Value,
    /// Of a request or a notification.
    pub(super) method: Option<String>,
    /// The name of the tool or prompt, or the URI of the resource.
    pub(super) object: Option<String>,
    /// Whether it asks for progress.
    pub(super) progress: bool,
    /// The id of the request that a notification cancels.
    pub(super) taken_back: Option<Value>,
}

impl Subject {
    /// Of a text that was [`read`].
    pub(super) fn of(text: &[u8]) -> Self {
        #[derive(Deserialize)]
        struct Whole<'a> {
            method: Option<String>,
            #[serde(borrow)]
            params: Option<&'a RawValue>,
        }
        // Of any shape: a member of the wrong type must not hide another; only rmcp judges types.
        #[derive(Default, Deserialize)]
        struct Params {
            name: Option<Value>,
            uri: Option<Value>,
            #[serde(rename = "_meta")]
            meta: Option<Value>,
            #[serde(rename = "requestId")]
            request_id: Option<Value>,
        }
        let text = std::str::from_utf8(text).unwrap_or_default();
        let Ok(Whole { method, params }) = serde_json::from_str(text) else {
            return Self::default();
        };
        // Parameters of another shape name nothing.
        let params = params
            .and_then(|params| serde_json::from_str::<Params>(params.get()).ok())
            .unwrap_or_default();
        let token = params
            .meta
            .as_ref()
            .and_then(|meta| meta.get("progressToken"));
        let progress = token.is_some_and(is_id);
        let object = match method.as_deref() {
            Some("tools/call" | "prompts/get") => params.name,
            Some("resources/read" | "resources/subscribe" | "resources/unsubscribe") => params.uri,
            _ => None,
        };
        let object = match object {
            Some(Value::String(object)) => Some(object),
            _ => None,
        };
        let id = id_of(text);
        let taken_back = match method.as_deref() {
            Some("notifications/cancelled") if id.is_null() => params.request_id,
            _ => None,
        };
        Self {
            taken_back: taken_back.filter(|id| id.is_string() || id.is_i64()),
            id,
            method,
            object,
            progress,
        }
    }
}

/// Reads one message.
pub(super) fn read(line: &[u8]) -> Result<Message, Refusal> {
    let text = check(line)?;
    serde_json::from_str(text).map_err(|_| unknown(text))
}

/// Why a text that passed [`check`] is not a message of MCP.
fn unknown(text: &str) -> Refusal {
    Refusal::new(
        id_of(text),
        ErrorCode::INVALID_REQUEST,
        "The message is not a request of JSON-RPC 2.0 that MCP knows",
    )
}

fn invalid(id: Value, text: impl Into<Cow<'static, str>>) -> Refusal {
    Refusal::new(id, ErrorCode::INVALID_REQUEST, text)
}

/// Checks what does not need knowledge of MCP: one unambiguous JSON object.
pub(super) fn check(line: &[u8]) -> Result<&str, Refusal> {
    let unreadable = |text| Refusal::new(Value::Null, ErrorCode::PARSE_ERROR, text);
    if line.starts_with(b"\xef\xbb\xbf") {
        return Err(unreadable(
            "The message starts with a byte order mark: send UTF-8 without it",
        ));
    }
    let Ok(text) = std::str::from_utf8(line) else {
        return Err(unreadable("The message is not UTF-8"));
    };
    if let Err(fault) = strict::check(text) {
        return Err(match fault {
            Fault::Unreadable => unreadable("The message is not JSON"),
            Fault::Twice => invalid(id_of(text), "A field appears twice in one object"),
            Fault::TooDeep => invalid(
                id_of(text),
                format!("The value of an argument is nested deeper than {DEEPEST}"),
            ),
            Fault::TooMany => invalid(id_of(text), "The message holds too many values"),
        });
    }
    match text.trim_start().as_bytes().first() {
        Some(b'{') => {}
        Some(b'[') => {
            return Err(invalid(
                Value::Null,
                "Batches are not supported: send one message at a time",
            ));
        }
        _ => return Err(invalid(Value::Null, "The message is not an object")),
    }
    let id = id_of(text);
    if id.is_null() && has_id(text) {
        return Err(invalid(id, "The id must be a text or a whole number"));
    }
    Ok(text)
}

/// Whether `text` is the response to the request with this id.
pub(super) fn answers(text: &[u8], id: &Value) -> bool {
    #[derive(Deserialize)]
    struct Answer<'a> {
        id: Value,
        #[serde(borrow)]
        result: Option<&'a RawValue>,
        #[serde(borrow)]
        error: Option<&'a RawValue>,
    }
    let answer = serde_json::from_slice::<Answer<'_>>(text);
    answer
        .is_ok_and(|answer| answer.id == *id && (answer.result.is_some() || answer.error.is_some()))
}

fn head(text: &str) -> Option<Head<'_>> {
    serde_json::from_str(text).ok()
}

fn has_id(text: &str) -> bool {
    head(text).is_some_and(|head| head.id.is_some())
}

/// The id, if a request may have it.
fn id_of(text: &str) -> Value {
    head(text)
        .and_then(|head| serde_json::from_str(head.id?.get()).ok())
        .filter(is_id)
        .unwrap_or_default()
}

/// Whether this is valid as a request id or a progress token.
fn is_id(value: &Value) -> bool {
    value.is_string() || value.is_i64()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(line: &str) -> (Value, i32) {
        let refusal = read(line.as_bytes()).unwrap_err();
        (refusal.id, refusal.code.0)
    }

    #[test]
    fn takes_what_mcp_knows() {
        for line in [
            r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#,
            r#" {"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"x"}} "#,
            r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"no/such"}"#,
            r#"{"jsonrpc":"2.0","id":1,"result":{}}"#,
        ] {
            assert!(read(line.as_bytes()).is_ok(), "{line}");
        }
    }

    #[test]
    fn the_subject_is_that_of_the_method() {
        let subject = |text: &str| {
            let subject = Subject::of(text.as_bytes());
            (subject.id, subject.method, subject.object)
        };
        let some = |text: &str| Some(text.to_owned());
        let call = r#"{"id":1,"method":"tools/call","params":{"name":"a\u0062","arguments":{"name":"x"}}}"#;
        assert_eq!(subject(call), (json!(1), some("tools/call"), some("ab")));
        let read = r#"{"id":"r","method":"resources/read","params":{"uri":"u","name":"x"}}"#;
        assert_eq!(
            subject(read),
            (json!("r"), some("resources/read"), some("u"))
        );
        let list = r#"{"id":2,"method":"tools/list","params":{"name":"x"}}"#;
        assert_eq!(subject(list), (json!(2), some("tools/list"), None));
        let hidden = r#"{"id":3,"method":"tools/call","params":{"name":"a","uri":5}}"#;
        assert_eq!(subject(hidden), (json!(3), some("tools/call"), some("a")));
        let taken_back = |text: &str| Subject::of(text.as_bytes()).taken_back;
        let cancelled = r#"{"method":"notifications/cancelled","params":{"requestId":7}}"#;
        assert_eq!(taken_back(cancelled), Some(json!(7)));
        for other in [
            r#"{"method":"notifications/cancelled","params":{"requestId":[7]}}"#,
            r#"{"method":"notifications/progress","params":{"requestId":7}}"#,
            r#"{"id":1,"method":"notifications/cancelled","params":{"requestId":7}}"#,
        ] {
            assert_eq!(taken_back(other), None, "{other}");
        }
        let odd = r#"{"id":2,"method":"tools/call","params":[1]}"#;
        assert_eq!(subject(odd), (json!(2), some("tools/call"), None));
    }

    #[test]
    fn what_is_no_json_is_a_parse_error() {
        for line in ["{", "nonsense", "{}{}", r#"{"a":1e999}"#, "\u{feff}{}"] {
            assert_eq!(refused(line), (Value::Null, -32700), "{line}");
        }
        assert_eq!(read(b"\"\xff\"").unwrap_err().code.0, -32700);
    }

    #[test]
    fn what_is_json_and_no_message_is_an_invalid_request() {
        for line in [
            "[]",
            r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#,
            "5",
            "null",
        ] {
            assert_eq!(refused(line), (Value::Null, -32600), "{line}");
        }
        let null = r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#;
        assert_eq!(refused(null), (Value::Null, -32600));
        assert_eq!(
            refused(r#"{"jsonrpc":"1.0","id":3,"method":"ping"}"#),
            (json!(3), -32600)
        );
        assert_eq!(
            refused(r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#).1,
            -32600
        );
    }

    #[test]
    fn equal_names_in_one_object_are_refused_at_any_depth_with_the_id() {
        let line = r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"x",
            "arguments":{"a":[{"b":1,"\u0062":2}]}}}"#
            .replace('\n', "");
        assert_eq!(refused(&line), (json!(7), -32600));
        let twice = r#"{"jsonrpc":"2.0","id":7,"id":8,"method":"ping"}"#;
        assert_eq!(refused(twice), (Value::Null, -32600));
    }

    #[test]
    fn depth_is_bounded_with_the_id() {
        let nest = |depth: usize| {
            let (open, close) = ("[".repeat(depth), "]".repeat(depth));
            format!(r#"{{"jsonrpc":"2.0","id":"x","method":"a","params":{{"b":{open}{close}}}}}"#)
        };
        assert!(read(nest(33).as_bytes()).is_ok());
        assert_eq!(refused(&nest(34)), (json!("x"), -32600));
        assert_eq!(refused(&nest(100_000)), (json!("x"), -32600));
    }
}

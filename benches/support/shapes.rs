//! Answers of Kestra of every shape that takes memory: as long as is wanted, and JSON but for what
//! is no Unicode.

use serde_json::{Value, json};

/// What an answer is full of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Labels,
    Rows,
    RowsOfLabels,
    Runs,
    States,
    Nesting,
    Objects,
    Text,
    Texts,
    Escapes,
    Invalid,
    InvalidTexts,
    Halves,
    Numbers,
    Names,
    Source,
}

impl Shape {
    pub(crate) const ALL: [Self; 16] = [
        Self::Labels,
        Self::Rows,
        Self::RowsOfLabels,
        Self::Runs,
        Self::States,
        Self::Nesting,
        Self::Objects,
        Self::Text,
        Self::Texts,
        Self::Escapes,
        Self::Invalid,
        Self::InvalidTexts,
        Self::Halves,
        Self::Numbers,
        Self::Names,
        Self::Source,
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Labels => "labels",
            Self::Rows => "rows",
            Self::RowsOfLabels => "100 rows of labels",
            Self::Runs => "task runs",
            Self::States => "task runs, each in another state",
            Self::Nesting => "nesting",
            Self::Objects => "small objects",
            Self::Text => "one text",
            Self::Texts => "small texts",
            Self::Escapes => "escapes",
            Self::Invalid => "one text that is not UTF-8",
            Self::InvalidTexts => "small texts that are not UTF-8",
            Self::Halves => "halves of surrogate pairs",
            Self::Numbers => "numbers",
            Self::Names => "odd names of members",
            Self::Source => "a source",
        }
    }

    /// The tool whose answer it is, and its arguments.
    pub(crate) fn call(self) -> Value {
        match self {
            Self::Rows | Self::RowsOfLabels => {
                json!({ "name": "list_executions", "arguments": { "size": 100 } })
            }
            Self::Source => {
                json!({ "name": "get_flow", "arguments": { "namespace": "a.b", "flow_id": "hello" } })
            }
            _ => {
                let arguments = json!({ "execution_id": "3nosuchid00000000000000", "include": ["inputs", "outputs"] });
                json!({ "name": "get_execution", "arguments": arguments })
            }
        }
    }

    /// An answer of about `bytes` bytes.
    pub(crate) fn body(self, bytes: usize) -> Vec<u8> {
        let list = |piece: &dyn Fn(usize) -> String| {
            let mut list = b"[".to_vec();
            let mut number = 0;
            while list.len() < bytes {
                list.extend(piece(number).bytes());
                list.push(b',');
                number += 1;
            }
            list.pop();
            list.push(b']');
            list
        };
        let text = |unit: &[u8]| {
            let mut text = b"\"".to_vec();
            text.extend(unit.repeat(bytes / unit.len()));
            text.push(b'"');
            text
        };
        match self {
            Self::Labels => of_execution(
                "labels",
                list(&|n| format!(r#"{{"key":"k{n}","value":"value {n}"}}"#)),
            ),
            Self::Rows => page(list(&|n| {
                format!(r#"{{"id":"{n}","namespace":"a.b","flowId":"hello"}}"#)
            })),
            Self::RowsOfLabels => {
                let labels = r#"{"key":"k","value":"v"},"#.repeat(bytes / 100 / 24);
                page(list(&|n| {
                    format!(r#"{{"labels":[{labels}{{}}],"id":"{n}"}}"#)
                }))
            }
            Self::Runs => of_execution(
                "taskRunList",
                list(&|n| {
                    format!(
                        r#"{{"taskId":"t{n}","state":{{"current":"FAILED"}},"attempts":[{{}}]}}"#
                    )
                }),
            ),
            Self::States => of_execution(
                "taskRunList",
                list(&|n| format!(r#"{{"taskId":"t{n}","state":{{"current":"S{n}"}}}}"#)),
            ),
            Self::Nesting => of_execution("inputs", {
                let mut nested = b"[".repeat(bytes / 2);
                nested.extend(b"]".repeat(bytes / 2));
                nested
            }),
            Self::Objects => of_execution("inputs", list(&|_| r#"{"a":{"b":[{}]}}"#.to_owned())),
            Self::Text => of_execution("outputs", text(b"x")),
            Self::Texts => of_execution("inputs", list(&|_| r#""ab""#.to_owned())),
            Self::Escapes => of_execution("outputs", text(br#"\u00e4\n\"\ud83d\ude00"#)),
            Self::Invalid => of_execution("outputs", text(b"\xff")),
            Self::InvalidTexts => of_execution("inputs", {
                let mut texts = list(&|_| "\"??\"".to_owned());
                texts
                    .iter_mut()
                    .filter(|byte| **byte == b'?')
                    .for_each(|byte| *byte = 0xff);
                texts
            }),
            Self::Halves => of_execution("inputs", list(&|_| r#""\ud83d x \ude00""#.to_owned())),
            Self::Numbers => of_execution("inputs", list(&|n| format!("{n},-1.5e300,0"))),
            Self::Names => {
                let mut members = list(&|n| format!("\"{}\\u20ac{n}\":0", "ü\\n".repeat(n % 40)));
                members[0] = b'{';
                *members.last_mut().unwrap() = b'}';
                of_execution("inputs", members)
            }
            Self::Source => {
                let mut flow =
                    br#"{"id":"hello","namespace":"a.b","revision":1,"source":"#.to_vec();
                flow.extend(text(b"x"));
                flow.push(b'}');
                flow
            }
        }
    }
}

fn of_execution(member: &str, value: Vec<u8>) -> Vec<u8> {
    let mut body = br#"{"id":"3nosuchid00000000000000","namespace":"a.b","flowId":"hello","state":{"current":"SUCCESS"},""#.to_vec();
    body.extend(member.bytes());
    body.extend(b"\":");
    body.extend(value);
    body.push(b'}');
    body
}

fn page(rows: Vec<u8>) -> Vec<u8> {
    let mut body = br#"{"results":"#.to_vec();
    body.extend(rows);
    body.extend(br#","total":1000}"#);
    body
}

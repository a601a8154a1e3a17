//! Lines on stdin that are not messages: each gets an answer, and the connection stays open.

use serde_json::{Value, json};

use crate::stand::Program;

async fn answer(program: &mut Program, line: &[u8]) -> Value {
    program.send_bytes(line).await;
    program.send_bytes(b"\n").await;
    program.receive().await.unwrap()
}

#[tokio::test]
async fn a_line_that_is_not_a_message_is_refused_and_the_next_request_answered() {
    let mut program = Program::greeted(&[]).await;
    let deep = format!(
        r#"{{"jsonrpc":"2.0","id":4,"method":"ping","params":{}1{}}}"#,
        r#"{"a":"#.repeat(40),
        "}".repeat(40)
    );
    for (line, code, id) in [
        (r"nonsense", -32700, json!(null)),
        ("\u{feff}{}", -32700, json!(null)),
        (
            r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#,
            -32600,
            json!(null),
        ),
        (
            r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#,
            -32600,
            json!(null),
        ),
        (
            r#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#,
            -32600,
            json!(null),
        ),
        (
            r#"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"a","name":"b"}}"#,
            -32600,
            json!(2),
        ),
        (r#"{"jsonrpc":"2.0","id":"three"}"#, -32600, json!("three")),
        (deep.as_str(), -32600, json!(4)),
    ] {
        let answer = answer(&mut program, line.as_bytes()).await;
        assert_eq!(
            (&answer["error"]["code"], &answer["id"]),
            (&json!(code), &id),
            "{line}"
        );
        assert!(answer.as_object().unwrap().contains_key("id"), "{answer}");
    }
    let answer = answer(&mut program, b"\xff\xfe").await;
    assert_eq!(answer["error"]["code"], -32700);
    assert_eq!(program.ask("ping", json!({})).await["result"], json!({}));
}

#[tokio::test]
async fn a_message_of_too_many_values_is_refused() {
    let mut program = Program::greeted(&[]).await;
    let call = |items: &str| {
        let arguments = format!(r#"{{"inputs":{{"x":[{items}1]}}}}"#);
        format!(
            r#"{{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{{"name":"list_flows","arguments":{arguments}}}}}"#
        )
    };
    for (items, fits) in [
        ("{},".repeat(20_000), true),
        ("{},".repeat(25_000), false),
        ("1,".repeat(490_000), true),
        ("1,".repeat(500_000), false),
    ] {
        let answer = answer(&mut program, call(&items).as_bytes()).await;
        assert_eq!(answer["id"], 9);
        let message = answer["error"]["message"].as_str();
        let refused = message.is_some_and(|message| message.contains("too many values"));
        assert_eq!(refused, !fits, "{answer}");
    }
}

#[tokio::test]
async fn a_line_over_the_limit_is_refused_while_it_is_read() {
    let mut program = Program::greeted(&[]).await;
    let part = vec![b'x'; 1 << 16];
    program
        .send_bytes(br#"{"method":"ping","params":{"a":""#)
        .await;
    for _ in 0..70 {
        program.send_bytes(&part).await;
    }
    program.send_bytes(b"\"},\"id\":8}\n").await;
    let answer = program.receive().await.unwrap();
    assert_eq!(
        (&answer["id"], &answer["error"]["code"]),
        (&json!(8), &json!(-32600))
    );
    let message = answer["error"]["message"].as_str().unwrap();
    assert!(message.contains("4194304 bytes"), "{message}");
    assert_eq!(program.ask("ping", json!({})).await["result"], json!({}));
}

#[tokio::test]
async fn line_ends_of_other_systems_and_blank_lines_are_fine() {
    let mut program = Program::greeted(&[]).await;
    program
        .send_bytes(b"\r\n\n   \n{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\r\n")
        .await;
    assert_eq!(program.receive().await.unwrap()["id"], 1);
}

#[tokio::test]
async fn an_id_in_use_is_refused() {
    let mut program = Program::start(&["stdio"], &[]);
    // Both arrive at once, so that the first call is running when the second is read.
    let call = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}"#;
    program.send_bytes(format!("{call}\n").as_bytes()).await;
    program.receive().await.unwrap();
    let list = r#"{"jsonrpc":"2.0","id":7,"method":"tools/list"}"#;
    program
        .send_bytes(format!("{list}\n{list}\n").as_bytes())
        .await;
    let answers = [
        program.receive().await.unwrap(),
        program.receive().await.unwrap(),
    ];
    let refused = answers
        .iter()
        .filter(|answer| answer["error"]["code"] == -32600)
        .count();
    assert_eq!((refused, answers.len()), (1, 2), "{answers:?}");
}

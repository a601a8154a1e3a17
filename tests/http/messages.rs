//! Long messages: one limit, reported as a JSON-RPC error, and a bound on all of them together.

use serde_json::{Value, json};
use simulator::Edition;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::front::{ANN, Front, read_all};

const MOST: usize = 4 << 20;

/// A request of `length` bytes whose id stands at its end.
fn message(length: usize) -> String {
    let (start, end) = (
        r#"{"jsonrpc":"2.0","method":"ping","params":{"_meta":{"id":1,"a":""#,
        r#""}},"id":"the last"}"#,
    );
    let padding = "x".repeat(length - start.len() - end.len());
    format!("{start}{padding}{end}")
}

#[tokio::test]
async fn a_message_that_is_too_long_is_refused_with_its_id() {
    let front = Front::start().await;
    let longest = front.post(message(MOST)).bearer_auth(ANN).send().await;
    let longest: Value = longest.unwrap().json().await.unwrap();
    assert_eq!(
        (&longest["id"], &longest["result"]),
        (&json!("the last"), &json!({}))
    );
    for chunked in [false, true] {
        for (length, id) in [
            (MOST + 1, json!("the last")),
            (2 * MOST, json!("the last")),
            (5 * MOST, json!(null)),
        ] {
            let body = message(length);
            let body = if chunked {
                let parts: Vec<_> = body
                    .into_bytes()
                    .chunks(1 << 16)
                    .map(|part| Ok::<_, std::io::Error>(part.to_vec()))
                    .collect();
                reqwest::Body::wrap_stream(futures::stream::iter(parts))
            } else {
                body.into()
            };
            // A message far over the limit is not read to its end, and its client may find the
            // connection closed.
            let Ok(answer) = front.post(body).bearer_auth(ANN).send().await else {
                assert!(length > 4 * MOST, "{length}");
                continue;
            };
            assert_eq!(answer.status(), 413);
            assert_eq!(answer.headers()["content-type"], "application/json");
            let answer: Value = answer.json().await.unwrap();
            assert_eq!(answer["error"]["code"], -32600, "{answer}");
            let told = answer["error"]["message"].as_str().unwrap();
            assert!(told.contains(&MOST.to_string()), "{told}");
            assert_eq!(answer["id"], id, "{length} {chunked}");
        }
    }
}

#[tokio::test]
async fn a_client_that_expects_100_continue_is_answered_at_once() {
    let front = Front::start().await;
    for length in ["5000000", "99999999999999999999", "99999999"] {
        let head = format!(
            "POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {ANN}\r\n\
             Content-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: {length}\r\n\r\n"
        );
        let answer = front.raw(head.as_bytes()).await;
        let refused = ["HTTP/1.1 413 ", "HTTP/1.1 400 "];
        assert!(
            refused.iter().any(|start| answer.starts_with(start)),
            "{answer}"
        );
    }
}

/// A connection on which a message of `length` bytes begins and never arrives.
async fn hold(front: &Front, length: usize) -> TcpStream {
    let mut stream = TcpStream::connect(front.remote.address).await.unwrap();
    let head = format!(
        "POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {ANN}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{{"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

#[tokio::test]
async fn long_messages_share_bounded_memory_and_short_ones_take_none() {
    const LONG: usize = 128 << 10;
    let front = Front::with(Edition::Enterprise, |setup| setup.listen.max_body = LONG).await;
    let long = || async {
        let post = front.post(message(LONG)).bearer_auth(ANN);
        post.send().await.unwrap()
    };
    assert_eq!(long().await.status(), 200);
    let mut held = Vec::new();
    for _ in 0..64 {
        held.push(hold(&front, LONG).await);
    }
    // They arrive at different times.
    let refused = loop {
        let answer = long().await;
        if answer.status() != 200 {
            break answer;
        }
    };
    assert_eq!(refused.status(), 503);
    assert_eq!(refused.headers()["retry-after"], "1");
    let refused: Value = refused.json().await.unwrap();
    assert_eq!(refused["error"]["code"], -32603, "{refused}");
    let short = front.ask(ANN, "ping", json!({})).await;
    assert_eq!(short["result"], json!({}));
    drop(held);
    while long().await.status() != 200 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_value_of_an_argument_has_one_limit_of_depth() {
    let front = Front::start().await;
    let call = |depth: usize| {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        format!(
            r#"{{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{{"name":"list_flows","arguments":{{"query":{open}{close}}}}}}}"#
        )
    };
    let fits = front.post(call(32)).bearer_auth(ANN).send().await.unwrap();
    assert_eq!(fits.status(), 200);
    let deep = front.post(call(33)).bearer_auth(ANN).send().await.unwrap();
    assert_eq!(deep.status(), 400);
    let deep: Value = deep.json().await.unwrap();
    assert_eq!(
        (&deep["id"], &deep["error"]["code"]),
        (&json!(3), &json!(-32600))
    );
    assert!(
        deep["error"]["message"]
            .as_str()
            .unwrap()
            .contains("deeper than 32"),
        "{deep}"
    );
}

#[tokio::test]
async fn a_body_that_breaks_off_is_refused() {
    let front = Front::start().await;
    let mut stream = hold(&front, 100).await;
    stream.shutdown().await.unwrap();
    let answer = read_all(&mut stream).await;
    assert!(!answer.contains(" 200 "), "{answer}");
}

//! Content types of answers: the client's `Accept` decides (RFC 9110 section 12.5.1), and whether
//! it asks for progress.

use reqwest::Response;
use serde_json::{Value, json};

use crate::front::{ANN, Front};

const BOTH: &str = "application/json, text/event-stream";
const FLOW: &str = "id: hello\nnamespace: company.team\ntasks:\n  - id: rest\n    \
                    type: io.kestra.plugin.core.flow.Sleep\n    duration: PT1S\n";

/// The response to a request of Ann's with this `Accept`.
async fn send(front: &Front, accept: &[&str], method: &str, params: Value) -> Response {
    let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    let mut post = front.client.post(front.remote.mcp()).bearer_auth(ANN);
    for line in accept {
        post = post.header("accept", *line);
    }
    let post = post.header("content-type", "application/json");
    post.body(request.to_string()).send().await.unwrap()
}

fn kind(response: &Response) -> String {
    let kind = response.headers()["content-type"].to_str().unwrap();
    kind.split(';').next().unwrap().to_owned()
}

/// The messages of a stream.
fn events(text: &str) -> Vec<Value> {
    let data = text.lines().filter_map(|line| line.strip_prefix("data:"));
    data.map(|data| serde_json::from_str(data).unwrap())
        .collect()
}

#[tokio::test]
async fn the_content_type_is_one_that_the_client_accepts() {
    let front = Front::start().await;
    let (json, stream) = ("application/json", "text/event-stream");
    for (accept, without, with_progress) in [
        (&[][..], json, stream),
        (&["*/*"], json, stream),
        (&[BOTH], json, stream),
        (&[json, stream], json, stream),
        (&["application/*;q=0.1, text/*"], json, stream),
        (&[json], json, json),
        (&["application/json, text/event-stream;q=0"], json, json),
        (&["*/*", "text/event-stream;q=0.0"], json, json),
        (&[stream], stream, stream),
        (&["text/*"], stream, stream),
        (&["*/*, application/json;q=0"], stream, stream),
    ] {
        for (token, expected) in [(None, without), (Some("p"), with_progress)] {
            let params = match token {
                Some(token) => json!({ "_meta": { "progressToken": token } }),
                None => json!({}),
            };
            let response = send(&front, accept, "tools/list", params).await;
            assert_eq!(response.status(), 200, "{accept:?} {token:?}");
            assert_eq!(kind(&response), expected, "{accept:?} {token:?}");
            let text = response.text().await.unwrap();
            let answer = match expected {
                "application/json" => serde_json::from_str(&text).unwrap(),
                _ => events(&text).pop().unwrap(),
            };
            assert!(answer["result"]["tools"].is_array(), "{answer}");
        }
    }
}

#[tokio::test]
async fn a_client_that_accepts_neither_type_is_refused_before_anything_is_done() {
    let front = Front::start().await;
    for accept in [
        &["text/html"][..],
        &["*/*;q=0"],
        &["application/xml, image/*"],
        &["application/json;q=0, text/event-stream;q=0, */*"],
        &["application/json;q=0", "text/event-stream;q=0.000"],
    ] {
        let call = json!({ "name": "list_flows" });
        let response = send(&front, accept, "tools/call", call).await;
        assert_eq!(response.status(), 406, "{accept:?}");
        let text = response.text().await.unwrap();
        assert!(
            text.contains("application/json or text/event-stream"),
            "{text}"
        );
    }
    assert!(front.received().is_empty());
}

#[tokio::test]
async fn progress_makes_no_stream_for_a_client_that_accepts_only_json() {
    let front = Front::start().await;
    front.simulator.save_flow(FLOW).unwrap();
    let arguments = json!({ "namespace": "company.team", "flow_id": "hello", "wait_seconds": 30 });
    let call = json!({ "name": "execute_flow", "arguments": arguments,
        "_meta": { "progressToken": "p" } });
    let response = send(&front, &["application/json"], "tools/call", call.clone()).await;
    assert_eq!(
        (response.status(), &*kind(&response)),
        (200.try_into().unwrap(), "application/json")
    );
    let answer: Value = response.json().await.unwrap();
    assert_eq!(
        answer["result"]["structuredContent"]["state"], "SUCCESS",
        "{answer}"
    );
    let response = send(&front, &[BOTH], "tools/call", call).await;
    let messages = events(&response.text().await.unwrap());
    assert!(messages.len() > 1, "{messages:?}");
    assert_eq!(messages[0]["method"], "notifications/progress");
}

#[tokio::test]
async fn the_stateless_revision_is_answered_in_the_same_types() {
    let front = Front::start().await;
    let meta = |token: Option<&str>| {
        let mut meta = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        if let Some(token) = token {
            meta["progressToken"] = json!(token);
        }
        meta
    };
    for (accept, token, expected) in [
        (BOTH, None, "application/json"),
        (BOTH, Some("p"), "text/event-stream"),
        ("application/json", Some("p"), "application/json"),
        ("text/event-stream", None, "text/event-stream"),
    ] {
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list",
            "params": { "_meta": meta(token) } });
        let post = front.client.post(front.remote.mcp()).bearer_auth(ANN);
        let post = post
            .header("accept", accept)
            .header("content-type", "application/json")
            .header("mcp-protocol-version", "2026-07-28")
            .header("mcp-method", "tools/list");
        let response = post.body(request.to_string()).send().await.unwrap();
        assert_eq!(response.status(), 200, "{accept} {token:?}");
        assert_eq!(kind(&response), expected, "{accept} {token:?}");
    }
}

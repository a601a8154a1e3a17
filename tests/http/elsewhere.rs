//! URLs that are nearly right.

use reqwest::Method;
use serde_json::{Value, json};

use crate::front::{ANN, Front};

fn ping() -> String {
    json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" }).to_string()
}

#[tokio::test]
async fn a_trailing_slash_changes_nothing() {
    let front = Front::start().await;
    let post = || {
        let post = front.client.post(format!("{}/", front.remote.mcp()));
        post.header("content-type", "application/json").body(ping())
    };
    let stranger = post().send().await.unwrap();
    assert_eq!(stranger.status(), 401);
    let challenge = stranger.headers()["www-authenticate"].to_str().unwrap();
    assert!(
        challenge.contains("/.well-known/oauth-protected-resource/mcp\""),
        "{challenge}"
    );
    let answer = post().bearer_auth(ANN).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.json::<Value>().await.unwrap()["result"], json!({}));
}

#[tokio::test]
async fn a_client_at_another_path_learns_the_right_url() {
    let front = Front::start().await;
    let mcp = front.remote.mcp();
    for (method, path) in [
        (Method::POST, "/"),
        (Method::POST, "/MCP"),
        (Method::POST, "/v1/mcp"),
        (Method::POST, "/mcp/v1"),
        (Method::POST, "/api/mcp"),
        (Method::POST, "/mcp/message"),
        (Method::GET, "/sse"),
        (Method::GET, "/mcp/sse"),
        (Method::POST, "/messages/"),
        (Method::GET, "/a/canary?b=c"),
        (Method::DELETE, "/mcp/x"),
    ] {
        let request = front.client.request(method.clone(), front.url(path));
        let request = request
            .bearer_auth(ANN)
            .header("content-type", "application/json");
        let response = request.body(ping()).send().await.unwrap();
        assert_eq!(response.status(), 404, "{method} {path}");
        let kind = response.headers()["content-type"]
            .to_str()
            .unwrap()
            .to_owned();
        let text = response.text().await.unwrap();
        assert!(text.contains(&mcp), "{method} {path}: {text}");
        assert_eq!(
            text.contains("Streamable HTTP"),
            path.contains("ss"),
            "{path}: {text}"
        );
        assert!(!text.contains("canary"), "{text}");
        if method == Method::POST {
            assert_eq!(kind, "application/json", "{path}");
            let body: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(body["error"], "not_found");
        } else {
            assert!(kind.starts_with("text/plain"), "{path}: {kind}");
        }
    }
}

#[tokio::test]
async fn methods_removed_by_a_revision_are_not_found_in_it() {
    let front = Front::start().await;
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    for method in [
        "initialize",
        "ping",
        "logging/setLevel",
        "resources/subscribe",
        "resources/unsubscribe",
        "no/such",
    ] {
        for params in [
            json!({ "_meta": meta }),
            json!({ "_meta": meta, "uri": "a:b", "level": "info",
            "protocolVersion": "2026-07-28", "capabilities": {},
            "clientInfo": { "name": "t", "version": "1" } }),
        ] {
            let request = json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params });
            let post = front.post(request.to_string()).bearer_auth(ANN);
            let post = post
                .header("mcp-protocol-version", "2026-07-28")
                .header("mcp-method", method);
            let answer = post.send().await.unwrap();
            assert_eq!(answer.status(), 404, "{method}");
            let answer: Value = answer.json().await.unwrap();
            let told = (&answer["id"], &answer["error"]["code"]);
            assert_eq!(told, (&json!(7), &json!(-32601)), "{answer}");
        }
    }
    // A request without the header is of an older revision.
    let old = front.ask(ANN, "ping", json!({})).await;
    assert_eq!(old["result"], json!({}));
    let hello = json!({ "protocolVersion": "2026-07-28", "capabilities": {},
        "clientInfo": { "name": "t", "version": "1" } });
    let request = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello });
    let answer = front
        .post(request.to_string())
        .bearer_auth(ANN)
        .send()
        .await
        .unwrap();
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(
        answer["result"]["protocolVersion"], "2025-11-25",
        "{answer}"
    );
}

#[tokio::test]
async fn an_empty_cursor_counts_as_absent() {
    let front = Front::start().await;
    let first = front.ask(ANN, "tools/list", json!({ "cursor": "" })).await;
    assert_eq!(first, front.ask(ANN, "tools/list", json!({})).await);
    let next = front.ask(ANN, "tools/list", json!({ "cursor": "x" })).await;
    assert_eq!(next["error"]["code"], -32602, "{next}");
}

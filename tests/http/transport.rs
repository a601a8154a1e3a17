//! The path of a request to the handler, and of its answer back.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::routing::{get, post};
use kestra_mcp::kestra::Held;
use rmcp::ServiceExt as _;
use rmcp::model::CallToolRequestParams;
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use serde_json::{Value, json};
use simulator::{Action, Edition, Fault};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;

use crate::front::{ANN, BEN, CAT, Front, PATIENCE, credential, read_all};
use crate::traces::Log;

fn message(method: &str, params: &Value) -> String {
    json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string()
}

/// The head of a POST with `bearer`, without the length of its body.
fn head(bearer: &str) -> String {
    format!(
        "POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {bearer}\r\n\
         Content-Type: application/json\r\n"
    )
}

#[tokio::test]
async fn a_client_of_the_sdk_lists_and_calls() {
    let front = Front::start().await;
    let config = StreamableHttpClientTransportConfig::with_uri(front.remote.mcp()).auth_header(ANN);
    let client = ().serve(StreamableHttpClientTransport::from_config(config)).await.unwrap();
    let info = client.peer_info().unwrap();
    assert_eq!(info.server_info.as_ref().unwrap().name, "kestra-mcp");
    let tools = info.capabilities.tools.clone().unwrap();
    assert_eq!(tools.list_changed, None);
    let listed = client.list_all_tools().await.unwrap();
    assert_eq!(listed.len(), front.tools(ANN).await.len());
    let call = CallToolRequestParams::new("list_flows");
    let result = client.call_tool(call).await.unwrap();
    assert_eq!(result.is_error, Some(false));
    client.cancel().await.unwrap();
}

#[tokio::test]
async fn both_lifecycles_are_served_on_one_path() {
    let front = Front::start().await;
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let post = |method: &str, params: Value, name: Option<&str>| {
        let request = front.post(message(method, &params)).bearer_auth(ANN);
        let request = request
            .header("mcp-protocol-version", "2026-07-28")
            .header("mcp-method", method);
        match name {
            Some(name) => request.header("mcp-name", name).send(),
            None => request.send(),
        }
    };
    let response = post("server/discover", json!({ "_meta": meta }), None)
        .await
        .unwrap();
    let answer: Value = response.json().await.unwrap();
    let versions = answer["result"]["supportedVersions"].as_array().unwrap();
    assert!(versions.contains(&json!("2026-07-28")), "{answer}");
    assert!(
        answer["result"]["capabilities"]["tools"]
            .get("listChanged")
            .is_none(),
        "{answer}"
    );
    let call = json!({ "name": "list_flows", "arguments": {}, "_meta": meta });
    let response = post("tools/call", call.clone(), Some("list_flows"))
        .await
        .unwrap();
    let answer: Value = response.json().await.unwrap();
    assert_eq!(answer["result"]["isError"], false, "{answer}");
    let response = post("tools/call", call, None).await.unwrap();
    assert_eq!(response.status(), 400);
    let old = front.ask(ANN, "tools/list", json!({})).await;
    assert!(old["result"]["tools"].is_array(), "{old}");
}

#[tokio::test]
async fn a_body_that_is_not_a_message_gets_a_json_rpc_error() {
    let front = Front::start().await;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let nested = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{deep}}}"#);
    let twice = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":
        {"name":"list_flows","arguments":{"namespace":"a","namespace":"b"}}}"#;
    for (body, code) in [
        ("", -32700),
        ("{", -32700),
        ("nonsense", -32700),
        ("\u{feff}{}", -32700),
        ("[]", -32600),
        ("5", -32600),
        (r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#, -32600),
        (r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#, -32600),
        (twice, -32600),
        (nested.as_str(), -32600),
    ] {
        let post = front
            .post(body.to_owned())
            .bearer_auth(ANN)
            .send()
            .await
            .unwrap();
        assert_eq!(post.status(), 400, "{body:.60}");
        assert_eq!(post.headers()["content-type"], "application/json");
        let answer: Value = post.json().await.unwrap();
        assert_eq!(answer["error"]["code"], code, "{body:.60}");
    }
    assert!(front.received().is_empty());
}

#[tokio::test]
async fn a_body_that_is_not_plain_json_is_refused() {
    let front = Front::start().await;
    for (name, value) in [
        ("content-type", "text/plain"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("content-encoding", "gzip"),
    ] {
        let request = front.client.post(front.remote.mcp()).bearer_auth(ANN);
        let request = if name == "content-type" {
            request
        } else {
            request.header("content-type", "application/json")
        };
        let request = request
            .header(name, value)
            .body(message("ping", &json!({})));
        assert_eq!(request.send().await.unwrap().status(), 415, "{value}");
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_however_it_comes() {
    let front = Front::start().await;
    let large = vec![b' '; 20 << 20];
    let announced = front.post(large).bearer_auth(ANN).send().await;
    // The connection may be closed before the rest of the body is sent.
    if let Ok(response) = announced {
        assert_eq!(response.status(), 413);
    }
    let announced = format!("{}Content-Length: 99999999\r\n\r\n", head(ANN));
    let answer = front.raw(announced.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    // The bearer token is checked before the body is read.
    let stranger = format!("{}Content-Length: 99999999\r\n\r\n", head("stranger"));
    let mut stream = TcpStream::connect(front.remote.address).await.unwrap();
    stream.write_all(stranger.as_bytes()).await.unwrap();
    let mut start = [0; 13];
    stream.read_exact(&mut start).await.unwrap();
    assert_eq!(&start, b"HTTP/1.1 401 ");
}

#[tokio::test]
async fn a_refused_client_keeps_its_connection() {
    let front = Front::start().await;
    let mut stream = TcpStream::connect(front.remote.address).await.unwrap();
    let body = message("ping", &json!({}));
    for _ in 0..3 {
        let head = head("stranger");
        let head = format!("{head}Content-Length: {}\r\n\r\n", body.len());
        stream.write_all(head.as_bytes()).await.unwrap();
        // The answer must not come before the body, nor close its connection.
        tokio::task::yield_now().await;
        stream.write_all(body.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(stream.read_u8().await.unwrap());
        }
        let answer = String::from_utf8(answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
        assert!(!answer.contains("connection: close"), "{answer}");
        let length = answer.split_once("content-length: ").unwrap().1;
        let length = length.split_once('\r').unwrap().0.parse().unwrap();
        stream.read_exact(&mut vec![0; length]).await.unwrap();
    }
}

#[tokio::test]
async fn a_refused_client_whose_body_does_not_arrive_loses_its_connection() {
    let front = Front::with(Edition::Enterprise, |setup| {
        setup.bounds.rest = Duration::from_millis(1);
    })
    .await;
    for length in ["Content-Length: 9", "Content-Length: 99999999"] {
        let slow = format!("{}{length}\r\n\r\n", head("stranger"));
        let answer = front.raw(slow.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
        assert!(answer.contains("connection: close"), "{answer}");
    }
    let asks = format!(
        "{}Content-Length: 9\r\nExpect: 100-continue\r\n\r\n",
        head("stranger")
    );
    let answer = front.raw(asks.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
}

#[tokio::test]
async fn nobody_waits_for_a_slow_client() {
    let front = Front::with(Edition::Enterprise, |setup| {
        setup.bounds.head = Duration::from_millis(200);
        setup.bounds.body = Duration::from_millis(200);
    })
    .await;
    let answer = front.raw(b"POST /mcp HTTP/1.1\r\nHost: loc").await;
    assert!(!answer.contains(" 200 "), "{answer}");
    assert_eq!(front.raw(b"").await, "");
    let slow = format!("{}Content-Length: 100\r\n\r\n{{", head(ANN));
    let answer = front.raw(slow.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
}

#[tokio::test]
async fn t7_nobody_waits_for_a_slow_form() {
    let front = Front::with(Edition::Enterprise, |setup| {
        setup.bounds.body = Duration::from_millis(200);
        let read = |body: Result<Bytes, BytesRejection>| async move {
            let whole = body.map_err(|_| StatusCode::BAD_REQUEST)?;
            Ok::<_, StatusCode>(format!("{} bytes", whole.len()))
        };
        setup.routes = Router::new().route("/token", post(read));
    })
    .await;
    let head = "POST /token HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
    for (body, end) in [
        ("Content-Length: 9\r\n\r\nname=text", "9 bytes"),
        // The part that arrived is not taken for the whole.
        ("Content-Length: 100\r\n\r\nname=text", ""),
        ("Transfer-Encoding: chunked\r\n\r\n9\r\nname=text\r\n", ""),
    ] {
        let answer = front.raw(format!("{head}{body}").as_bytes()).await;
        let status = if end.is_empty() { "400" } else { "200" };
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{answer}"
        );
        assert!(answer.ends_with(end), "{answer}");
    }
}

#[tokio::test]
async fn malformed_and_oversized_heads_are_answered() {
    let front = Front::start().await;
    let answer = front.raw(b"nonsense\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    let large = format!(
        "GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n",
        "x".repeat(1 << 20)
    );
    let answer = front.raw(large.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer:.100}");
}

#[tokio::test]
async fn one_connection_too_many_is_told_to_retry() {
    let front = Front::with(Edition::Enterprise, |setup| setup.bounds.connections = 2).await;
    let mut open = Vec::new();
    for _ in 0..2 {
        let mut stream = TcpStream::connect(front.remote.address).await.unwrap();
        stream
            .write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .await
            .unwrap();
        let mut start = [0; 13];
        stream.read_exact(&mut start).await.unwrap();
        assert_eq!(&start, b"HTTP/1.1 200 ");
        open.push(stream);
    }
    let mut third = TcpStream::connect(front.remote.address).await.unwrap();
    let answer = read_all(&mut third).await;
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(answer.contains("Retry-After: 1"), "{answer}");
    drop(open);
    // The other side notices after a while.
    loop {
        let answer = front
            .raw(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            .await;
        if answer.starts_with("HTTP/1.1 200 ") {
            break;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn there_are_no_sessions_to_get_or_to_delete() {
    let front = Front::start().await;
    for method in ["GET", "DELETE", "PUT", "PATCH"] {
        let method = method.parse().unwrap();
        let request = front.client.request(method, front.remote.mcp());
        let request = request
            .bearer_auth(ANN)
            .header("accept", "text/event-stream");
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 405);
        assert_eq!(response.headers()["allow"], "POST");
    }
}

#[tokio::test]
async fn a_client_without_accept_accepts_everything() {
    let front = Front::start().await;
    for (accept, status) in [
        (None, 200),
        (Some("*/*"), 200),
        (Some("application/json, text/event-stream"), 200),
        (Some("text/html"), 406),
    ] {
        let request = front.client.post(front.remote.mcp()).bearer_auth(ANN);
        let request = request.header("content-type", "application/json");
        let request = request.body(message("ping", &json!({})));
        let request = match accept {
            Some(accept) => request.header("accept", accept),
            None => request,
        };
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), status, "{accept:?}");
    }
}

#[tokio::test]
async fn answers_are_not_cached_and_carry_the_request_id() {
    let front = Front::start().await;
    let response = front.send(ANN, "tools/list", json!({})).await;
    let first = response.headers()["x-request-id"]
        .to_str()
        .unwrap()
        .to_owned();
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    let second = front.send(ANN, "tools/list", json!({})).await;
    assert_ne!(second.headers()["x-request-id"].to_str().unwrap(), first);
    front.simulator.fault(Fault {
        method: None,
        path: "*/flows/search".into(),
        times: Some(9),
        action: Action::Respond {
            status: 500,
            content_type: String::new(),
            body: Vec::new(),
            headers: Vec::new(),
        },
    });
    let call = json!({ "name": "list_flows", "arguments": {} });
    let response = front.send(ANN, "tools/call", call).await;
    let name = response.headers()["x-request-id"]
        .to_str()
        .unwrap()
        .to_owned();
    let text = response.text().await.unwrap();
    assert!(text.contains(&format!("request {name}")), "{text}");
}

#[tokio::test]
async fn a_panic_is_answered_with_only_the_request_id() {
    let front = Front::with(Edition::Enterprise, |setup| {
        async fn broken() -> &'static str {
            panic!("a canary")
        }
        setup.routes = Router::new().route("/account", get(broken));
    })
    .await;
    let response = front
        .client
        .get(front.url("/account"))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 500);
    let name = response.headers()["x-request-id"]
        .to_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        response.text().await.unwrap(),
        format!("Internal error (request {name}).\n")
    );
    assert_eq!(
        front
            .client
            .get(front.url("/healthz"))
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
}

#[tokio::test]
async fn a_handler_without_a_person_refuses_every_call() {
    use kestra_mcp::config::{Config, Flags};
    let front = Front::start().await;
    // The same handler without the transport that names the person.
    let variables = [("KESTRA_API_URL".to_owned(), front.simulator.url())];
    let config = Config::load(&Flags::default(), &variables.into()).unwrap();
    let kestra = kestra_mcp::kestra::Kestra::new(&config.kestra, kestra_mcp::clock::Clock::System);
    let server = crate::remote::server(Arc::new(kestra), Arc::clone(&front.remote.gate), true);
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    tokio::spawn(async move { server.serve(theirs).await.unwrap().waiting().await });
    let client = ().serve(ours).await.unwrap();
    assert!(client.list_all_tools().await.is_err());
    let call = CallToolRequestParams::new("auth_status");
    assert!(client.call_tool(call).await.is_err());
    assert!(front.simulator.requests().is_empty());
}

#[tokio::test]
async fn one_person_does_not_take_the_places_of_all() {
    let front = Front::with(Edition::Enterprise, |setup| setup.patience = Duration::ZERO).await;
    let until = Arc::new(Notify::new());
    front.simulator.fault(Fault {
        method: None,
        path: "*/flows/search".into(),
        times: Some(32),
        action: Action::Held(Arc::clone(&until)),
    });
    let held = (0..32).map(|_| front.call(ANN, "list_flows", json!({})));
    let held = futures::future::join_all(held);
    let others = async {
        while front.received().len() < 32 {
            tokio::task::yield_now().await;
        }
        let error = front.refused(ANN, "list_flows", json!({})).await;
        assert_eq!(error["code"], "BUDGET_EXCEEDED");
        assert_eq!(error["retryable"], true);
        front.done(BEN, "list_flows", json!({})).await;
        for _ in 0..32 {
            until.notify_one();
            tokio::task::yield_now().await;
        }
        // A client that was not waiting yet.
        loop {
            until.notify_waiters();
            tokio::task::yield_now().await;
        }
    };
    let answers = tokio::select! {
        answers = held => answers,
        () = others => unreachable!("it does not end"),
    };
    for answer in answers {
        assert_eq!(answer["result"]["isError"], false, "{answer}");
    }
    front.done(ANN, "list_flows", json!({})).await;
}

#[tokio::test]
async fn a_person_waits_briefly_for_a_place_in_a_bounded_queue() {
    let front = Front::with(Edition::Enterprise, |setup| setup.patience = PATIENCE).await;
    let until = Arc::new(Notify::new());
    front.simulator.fault(Fault {
        method: None,
        path: "*/flows/search".into(),
        times: Some(32),
        action: Action::Held(Arc::clone(&until)),
    });
    let calls = (0..64).map(|_| front.call(ANN, "list_flows", json!({})));
    let calls = futures::future::join_all(calls);
    let others = async {
        let line = "kestra_mcp_tool_calls_in_flight 64";
        loop {
            let url = format!("http://{}/metrics", front.remote.numbers);
            let numbers = front.client.get(url).send().await.unwrap();
            if numbers
                .text()
                .await
                .unwrap()
                .lines()
                .any(|known| known == line)
            {
                break;
            }
        }
        while front.received().len() < 32 {
            tokio::task::yield_now().await;
        }
        let error = front.refused(ANN, "list_flows", json!({})).await;
        assert_eq!(error["code"], "BUDGET_EXCEEDED");
        front.done(BEN, "list_flows", json!({})).await;
        // Those of Ann, and Ben's.
        assert_eq!(front.received().len(), 33);
        loop {
            until.notify_waiters();
            until.notify_one();
            tokio::task::yield_now().await;
        }
    };
    let answers = tokio::select! {
        answers = calls => answers,
        () = others => unreachable!("it does not end"),
    };
    for answer in answers {
        assert_eq!(answer["result"]["isError"], false, "{answer}");
    }
}

#[tokio::test]
async fn shutdown_waits_for_calls_in_flight_and_accepts_no_more() {
    let front = Front::start().await;
    let until = Arc::new(Notify::new());
    front.done(ANN, "list_flows", json!({})).await;
    front.simulator.forget_requests();
    front.simulator.fault(Fault {
        method: None,
        path: "*/flows/search".into(),
        times: Some(1),
        action: Action::Held(Arc::clone(&until)),
    });
    let call = front.call(ANN, "list_flows", json!({}));
    let end = async {
        while front.received().is_empty() {
            tokio::task::yield_now().await;
        }
        let ready = || async {
            let client = kestra_mcp::kestra::http_client(None).unwrap();
            client
                .get(front.url("/readyz"))
                .send()
                .await
                .unwrap()
                .status()
        };
        assert_eq!(ready().await, 200);
        front.remote.stop.cancel();
        while ready().await != 503 {
            tokio::task::yield_now().await;
        }
        let other = kestra_mcp::kestra::http_client(None).unwrap();
        let late = other
            .post(front.remote.mcp())
            .bearer_auth(ANN)
            .json(&json!({}));
        let late = late.send().await.unwrap();
        assert_eq!(late.status(), 503);
        assert!(late.headers().contains_key("retry-after"));
        until.notify_one();
    };
    let (answer, ()) = tokio::join!(call, end);
    assert_eq!(answer["result"]["isError"], false, "{answer}");
    tokio::time::timeout(PATIENCE, front.remote.ended)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    assert!(TcpStream::connect(front.remote.address).await.is_err());
}

#[tokio::test]
async fn shutdown_does_not_wait_forever() {
    let front = Front::with(Edition::Enterprise, |setup| {
        setup.bounds.drain = Duration::from_millis(200);
    })
    .await;
    front.simulator.fault(Fault {
        method: None,
        path: "*/flows/search".into(),
        times: None,
        action: Action::Hang,
    });
    let request = front.post(message("tools/call", &json!({ "name": "list_flows" })));
    let call = tokio::spawn(request.bearer_auth(ANN).send());
    while front.received().is_empty() {
        tokio::task::yield_now().await;
    }
    front.remote.stop.cancel();
    tokio::time::timeout(PATIENCE, front.remote.ended)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    let answer = call.await.unwrap();
    assert!(answer.is_err() || answer.unwrap().status() == 500);
}

#[tokio::test]
async fn health_says_whether_the_store_answers() {
    let front = Front::start().await;
    let status = |path: &str| {
        let request = front.client.get(front.url(path));
        async move { request.send().await.unwrap().status() }
    };
    assert_eq!(
        (status("/healthz").await, status("/readyz").await),
        (200.try_into().unwrap(), 200.try_into().unwrap())
    );
    front.remote.gate.set_down(true);
    assert_eq!(
        (status("/healthz").await, status("/readyz").await),
        (200.try_into().unwrap(), 503.try_into().unwrap())
    );
}

#[tokio::test]
async fn metrics_name_routes_tools_and_outcomes_but_nobody() {
    let front = Front::start().await;
    front.done(ANN, "list_flows", json!({})).await;
    front.refused(CAT, "list_flows", json!({})).await;
    front.call(BEN, "no_such_tool", json!({})).await;
    front.post("{").send().await.unwrap();
    front
        .client
        .get(front.url("/a/canary"))
        .send()
        .await
        .unwrap();
    assert_eq!(
        front
            .client
            .get(front.url("/metrics"))
            .send()
            .await
            .unwrap()
            .status(),
        404
    );
    let url = format!("http://{}/metrics", front.remote.numbers);
    let response = front.client.get(url).send().await.unwrap();
    let kind = response.headers()["content-type"].to_str().unwrap();
    assert!(kind.starts_with("application/openmetrics-text"), "{kind}");
    let text = response.text().await.unwrap();
    for line in [
        r#"kestra_mcp_requests_total{route="/mcp",status="2xx"} 3"#,
        r#"kestra_mcp_requests_total{route="/mcp",status="4xx"} 1"#,
        r#"kestra_mcp_requests_total{route="none",status="4xx"} 2"#,
        r#"kestra_mcp_tool_calls_total{tool="list_flows",outcome="ok"} 1"#,
        r#"kestra_mcp_tool_calls_total{tool="list_flows",outcome="CREDENTIAL_REQUIRED"} 1"#,
        r#"kestra_mcp_tool_calls_total{tool="none",outcome="unknown"} 1"#,
        "kestra_mcp_tool_calls_in_flight 0",
    ] {
        assert!(text.lines().any(|known| known == line), "{line}\n{text}");
    }
    for word in ["ann", "cat", "client-1", "canary", "id.example", "no_such"] {
        assert!(!text.contains(word), "{word}\n{text}");
    }
}

#[tokio::test]
async fn metrics_are_served_only_under_our_own_host() {
    let front = Front::start().await;
    let port = front.remote.numbers.port();
    let get = |path: &str, headers: &[(&str, String)]| {
        let mut request = front
            .client
            .get(format!("http://{}{path}", front.remote.numbers));
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        async { request.send().await.unwrap() }
    };
    for path in ["/metrics", "/metrics?a=b"] {
        for host in [
            format!("evil.example:{port}"),
            "evil.example".to_owned(),
            String::new(),
        ] {
            let response = get(path, &[("host", host.clone())]).await;
            assert_eq!(response.status(), 403, "{path} {host}");
            let text = response.text().await.unwrap();
            assert!(!text.contains("kestra_mcp_"), "{text}");
        }
        let origin = ("origin", "https://evil.example".to_owned());
        assert_eq!(get(path, &[origin]).await.status(), 403, "{path}");
    }
    for host in [
        format!("localhost:{port}"),
        format!("127.0.0.1:{port}"),
        "[::1]".to_owned(),
    ] {
        let response = get("/metrics", &[("host", host.clone())]).await;
        assert_eq!(response.status(), 200, "{host}");
    }
    // A probe uses the IP address, and learns only that the server is up.
    for path in ["/healthz", "/readyz"] {
        let response = get(path, &[("host", "10.1.2.3:9464".to_owned())]).await;
        assert_eq!(response.status(), 200, "{path}");
    }
}

#[tokio::test]
async fn the_tool_list_depends_only_on_the_role() {
    let front = Front::start().await;
    let first = front
        .send(ANN, "tools/list", json!({}))
        .await
        .text()
        .await
        .unwrap();
    front
        .remote
        .gate
        .give("cat", Held::new(&credential(Edition::Enterprise)));
    let second = front
        .send(CAT, "tools/list", json!({}))
        .await
        .text()
        .await
        .unwrap();
    assert_eq!(first, second);
}

#[tokio::test]
async fn a_call_is_one_log_line_with_caller_and_tool() {
    let log = Log::of_all();
    let front = Front::start().await;
    front
        .done(ANN, "list_flows", json!({ "query": "a-secret-plan" }))
        .await;
    front
        .refused(
            ANN,
            "get_flow",
            json!({ "namespace": "a.b", "flow_id": "none" }),
        )
        .await;
    let text = log.text();
    let told = |line: &&str| line.contains(" INFO ") && !line.contains("rmcp::");
    let lines: Vec<&str> = text.lines().filter(told).collect();
    let of = |tool: &str| -> Vec<&str> {
        let named = format!(" tool=\"{tool}\"");
        let calls = lines
            .iter()
            .copied()
            .filter(|line| line.contains(": called "));
        calls.filter(|line| line.contains(&named)).collect()
    };
    for (tool, outcome) in [("list_flows", "ok"), ("get_flow", "NOT_FOUND")] {
        let [line] = of(tool)[..] else {
            panic!("{tool}: {text}");
        };
        assert!(line.contains("person=\"ann\""), "{line}");
        assert!(line.contains(&format!("outcome=\"{outcome}\"")), "{line}");
        assert!(line.contains("ms="), "{line}");
    }
    assert!(
        !lines.iter().any(|line| line.contains("answered")),
        "{text}"
    );
    assert!(
        !lines.iter().any(|line| line.contains("a-secret-plan")),
        "{text}"
    );
    // A refused request is logged as before.
    assert_eq!(
        front
            .client
            .post(front.remote.mcp())
            .send()
            .await
            .unwrap()
            .status(),
        401
    );
    assert!(
        log.text()
            .lines()
            .any(|line| line.contains(" INFO ") && line.contains("status=401"))
    );
}

#[tokio::test]
async fn a_refused_host_is_logged_once_with_the_setting_that_allows_it() {
    let log = Log::of_all();
    let front = Front::start().await;
    for _ in 0..3 {
        let request = front.post("{}").header("host", "other.example:8443");
        assert_eq!(request.send().await.unwrap().status(), 403);
    }
    let text = log.text();
    let told = text
        .lines()
        .filter(|line| line.contains("other.example:8443"));
    let told: Vec<&str> = told
        .filter(|line| line.contains("KESTRA_MCP_ALLOWED_HOSTS"))
        .collect();
    assert_eq!(told.len(), 1, "{text}");
    for number in 0..200 {
        let host = format!("h{number}.example");
        let request = front.post("{}").header("host", host);
        assert_eq!(request.send().await.unwrap().status(), 403);
    }
    assert!(log.text().matches("KESTRA_MCP_ALLOWED_HOSTS").count() <= 64);
}

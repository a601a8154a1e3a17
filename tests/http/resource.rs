//! The resource server: oauth-checklist.md, resource server.

use std::time::Duration;

use kestra_mcp::config::http::CredentialMode;
use kestra_mcp::kestra::Held;
use kestra_mcp::principal::Person;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use simulator::{Action, Edition, Fault};

use crate::front::{ANN, BEN, CAT, Front, KESTRA_TOKEN, OPERATOR, READER, token};
use crate::remote::{ACCOUNT, Setup, person};

const FLOW: &str = "id: hello\nnamespace: company.team\ntasks:\n  - id: rest\n    \
                    type: io.kestra.plugin.core.flow.Sleep\n    duration: PT5S\n";

fn list() -> String {
    json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" }).to_string()
}

fn challenge(response: &Response) -> String {
    let value = response.headers().get("www-authenticate");
    value.expect("no challenge").to_str().unwrap().to_owned()
}

#[tokio::test]
async fn r1_without_a_token_the_challenge_says_where_to_get_one() {
    let front = Front::start().await;
    for request in [
        front.post(list()),
        front.client.get(front.remote.mcp()),
        front.client.delete(front.remote.mcp()),
    ] {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 401);
        let metadata = front.url("/.well-known/oauth-protected-resource/mcp");
        let expected =
            format!("Bearer resource_metadata=\"{metadata}\", scope=\"kestra:read kestra:write\"");
        assert_eq!(challenge(&response), expected);
    }
}

#[tokio::test]
async fn r2_an_invalid_token_is_reported_as_such() {
    let front = Front::start().await;
    for bearer in ["garbage", "", "a b", KESTRA_TOKEN] {
        let response = front.post(list()).bearer_auth(bearer).send().await.unwrap();
        assert_eq!(response.status(), 401, "{bearer}");
        let challenge = challenge(&response);
        assert!(
            challenge.starts_with("Bearer error=\"invalid_token\", "),
            "{challenge}"
        );
        assert!(
            challenge.contains("resource_metadata=\"http://"),
            "{challenge}"
        );
        assert!(
            challenge.contains("scope=\"kestra:read kestra:write\""),
            "{challenge}"
        );
    }
    let basic = front.post(list()).basic_auth("ann", Some(ANN));
    assert_eq!(basic.send().await.unwrap().status(), 401);
}

/// Also B19.
#[tokio::test]
async fn r5_a_token_in_the_query_is_ignored() {
    let front = Front::start().await;
    let url = format!("{}?access_token={ANN}", front.remote.mcp());
    let request = front.client.post(url).json(&json!({})).send();
    let response = request.await.unwrap();
    assert_eq!(response.status(), 401);
    assert!(!challenge(&response).contains("error="));
}

#[tokio::test]
async fn r6_a_session_id_proves_nothing() {
    let front = Front::start().await;
    let hello = json!({ "protocolVersion": "2025-11-25", "capabilities": {},
        "clientInfo": { "name": "test", "version": "1" } });
    let response = front.send(ANN, "initialize", hello).await;
    assert_eq!(response.status(), 200);
    assert!(!response.headers().contains_key("mcp-session-id"));
    let request = front.post(list()).header("mcp-session-id", "1");
    assert_eq!(request.send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn r7_no_handle_of_one_person_works_for_another() {
    let front = Front::start().await;
    for method in [Method::GET, Method::DELETE] {
        let request = front.client.request(method, front.remote.mcp());
        let request = request.bearer_auth(ANN).header("mcp-session-id", "1");
        assert_eq!(request.send().await.unwrap().status(), 405);
    }
    // A session id of another person changes nothing, and there is no second page.
    let request = front.post(list()).bearer_auth(BEN);
    let response = request.header("mcp-session-id", "1").send().await.unwrap();
    let told: Value = response.json().await.unwrap();
    assert_eq!(told, front.ask(BEN, "tools/list", json!({})).await);
    assert_eq!(told["result"].get("nextCursor"), None);
    let second = json!({ "cursor": "2" });
    let refused = front.ask(ANN, "tools/list", second.clone()).await;
    assert_eq!(refused["error"]["code"], -32602, "{refused}");
    assert_eq!(refused, front.ask(BEN, "tools/list", second).await);
}

#[tokio::test]
async fn r8_a_missing_scope_is_named_with_all_that_are_needed() {
    let front = Front::start().await;
    let call = json!({ "name": "create_or_update_flow", "arguments": { "source": FLOW } });
    let response = front.send(READER, "tools/call", call).await;
    assert_eq!(response.status(), 403);
    let challenge = challenge(&response);
    assert!(
        challenge.starts_with("Bearer error=\"insufficient_scope\", "),
        "{challenge}"
    );
    assert!(
        challenge.contains("scope=\"kestra:read kestra:write\""),
        "{challenge}"
    );
    assert!(challenge.contains("resource_metadata=\""), "{challenge}");
    assert!(front.received().is_empty());
    assert_eq!(front.tools(READER).await, front.tools(ANN).await);
    front.done(READER, "list_flows", json!({})).await;
}

#[tokio::test]
async fn r9_writing_includes_reading() {
    let front = Front::start().await;
    front.done(ANN, "list_flows", json!({})).await;
    let saved = front
        .done(ANN, "create_or_update_flow", json!({ "source": FLOW }))
        .await;
    assert_eq!(saved["outcome"], "created");
}

#[tokio::test]
async fn r10_a_missing_role_is_never_reported_as_a_scope() {
    let front = Front::start().await;
    let narrow = Person {
        scopes: kestra_mcp::principal::Scopes::Read,
        ..person("ben", &["viewer"])
    };
    front.remote.gate.admit("narrow", narrow);
    for bearer in [BEN, "narrow"] {
        let call = json!({ "name": "create_or_update_flow", "arguments": { "source": FLOW } });
        let response = front.send(bearer, "tools/call", call).await;
        assert_eq!(response.status(), 200, "{bearer}");
        assert!(!response.headers().contains_key("www-authenticate"));
        let answer: Value = response.json().await.unwrap();
        assert_eq!(answer["error"]["code"], -32602);
    }
    assert!(front.received().is_empty());
}

#[tokio::test]
async fn r11_a_token_that_cannot_be_checked_is_refused() {
    let front = Front::start().await;
    front.remote.gate.set_down(true);
    let response = front.post(list()).bearer_auth(ANN).send().await.unwrap();
    assert_eq!(response.status(), 503);
    assert!(response.headers().contains_key("retry-after"));
    assert!(front.simulator.requests().is_empty());
}

#[tokio::test]
async fn r12_headers_and_body_must_agree() {
    let front = Front::start().await;
    front.simulator.forget_requests();
    let body = json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call",
        "params": { "name": "list_flows", "arguments": {} } });
    for (name, value) in [
        ("mcp-name", "auth_status"),
        ("mcp-name", "=?base64?YXV0aF9zdGF0dXM=?="),
        ("mcp-method", "tools/list"),
        ("mcp-method", ""),
    ] {
        for version in ["2025-11-25", "2025-03-26", "2026-07-28"] {
            let request = front.post(body.to_string()).bearer_auth(ANN);
            let request = request
                .header("mcp-protocol-version", version)
                .header(name, value);
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), 400, "{name}: {value}");
            let answer: Value = response.json().await.unwrap();
            assert_eq!(
                (&answer["id"], &answer["error"]["code"]),
                (&json!(7), &json!(-32020))
            );
        }
    }
    // A member that rmcp ignores must not hide the one that counts.
    for (odd, value) in [("uri", json!(5)), ("uri", json!([])), ("cursor", json!({}))] {
        let mut body = body.clone();
        body["params"][odd] = value;
        let request = front.post(body.to_string()).bearer_auth(ANN);
        let request = request.header("mcp-name", "auth_status");
        assert_eq!(request.send().await.unwrap().status(), 400, "{body}");
    }
    assert!(front.simulator.requests().is_empty());
    let request = front.post(body.to_string()).bearer_auth(ANN);
    let request = request
        .header("mcp-method", "tools/call")
        .header("mcp-name", "list_flows");
    assert_eq!(request.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn r12_batches_are_refused_whole() {
    let front = Front::start().await;
    let one = json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call",
        "params": { "name": "list_flows", "arguments": {} } });
    let request = front.post(json!([one]).to_string()).bearer_auth(ANN);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 400);
    let answer: Value = response.json().await.unwrap();
    assert_eq!(answer["error"]["code"], -32600);
    assert!(front.simulator.requests().is_empty());
}

#[tokio::test]
async fn r8_a_missing_scope_is_reported_whatever_else_the_request_has() {
    let front = Front::start().await;
    let body = json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call",
        "params": { "name": "kill_execution", "arguments": {}, "uri": 5 } });
    let request = front.post(body.to_string()).bearer_auth(READER);
    assert_eq!(request.send().await.unwrap().status(), 403);
}

#[tokio::test]
async fn r13_lists_depend_on_the_person_and_hidden_tools_are_unknown() {
    let front = Front::start().await;
    let answer = front.ask(BEN, "tools/list", json!({})).await;
    assert_eq!(answer["result"]["cacheScope"], "private");
    let seen = front.tools(BEN).await;
    let all = front.tools(ANN).await;
    let hidden: Vec<&String> = all.iter().filter(|name| !seen.contains(name)).collect();
    assert_eq!(
        hidden,
        [
            "execute_flow",
            "create_or_update_flow",
            "kill_execution",
            "create_app"
        ]
    );
    let unknown = front.call(BEN, "no_such_tool", json!({})).await;
    for name in hidden {
        assert_eq!(front.call(BEN, name, json!({})).await, unknown, "{name}");
    }
    assert_eq!(front.received().len(), 0);
}

#[tokio::test]
async fn r13_a_person_whose_roles_are_gone_learns_why() {
    let front = Front::start().await;
    front
        .remote
        .gate
        .admit("gone", person("dan", &["a-role-of-before"]));
    assert_eq!(front.tools("gone").await, ["auth_status"]);
    let status = front.done("gone", "auth_status", json!({})).await;
    assert_eq!(status["person"], json!({ "name": "The dan" }));
    assert!(status.get("permissions").is_none(), "{status}");
}

#[tokio::test]
async fn r14_kestra_sees_the_credential_of_the_person_and_nothing_else_of_the_request() {
    let front = Front::start().await;
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": { "name": "list_flows", "arguments": {} } });
    let request = front.post(body.to_string()).bearer_auth(ANN);
    let request = request
        .header("cookie", "a=canary")
        .header("x-kestra-tenant", "canary")
        .header("x-forwarded-for", "canary")
        .header("traceparent", "canary");
    assert_eq!(request.send().await.unwrap().status(), 200);
    let requests = front.simulator.requests();
    assert!(!requests.is_empty());
    for request in requests {
        let sent = format!("{request:?}");
        assert!(!sent.contains("canary") && !sent.contains(ANN), "{sent}");
        if let Some(authorization) = request.header("authorization") {
            assert_eq!(authorization, format!("Bearer {KESTRA_TOKEN}"));
        }
    }
}

#[tokio::test]
async fn r14_only_the_persons_own_credential_is_used() {
    let front = Front::start().await;
    let error = front.refused(CAT, "list_flows", json!({})).await;
    assert_eq!(error["code"], "CREDENTIAL_REQUIRED");
    assert_eq!(error["url"], ACCOUNT);
    assert_eq!(
        error["message"],
        format!(
            "No Kestra credential is saved for you. Ask the user to open this page and to save one: {ACCOUNT}"
        )
    );
    front.tools(CAT).await;
    let status = front.done(CAT, "auth_status", json!({})).await;
    assert_eq!(status["kestra"]["credential"], "none");
    assert!(
        status["note"].as_str().unwrap().contains(ACCOUNT),
        "{status}"
    );
    for request in front.simulator.requests() {
        assert_eq!(request.header("authorization"), None, "{request:?}");
    }
}

#[tokio::test]
async fn r14_a_refused_credential_is_not_sent_again() {
    let front = Front::start().await;
    front.done(ANN, "list_flows", json!({})).await;
    front
        .remote
        .gate
        .give("cat", Held::new(&token("wrong-0123456789")));
    let error = front.refused(CAT, "list_flows", json!({})).await;
    assert_eq!(error["code"], "CREDENTIAL_REFUSED");
    assert_eq!(error["url"], ACCOUNT);
    assert_eq!(front.remote.gate.refused_of(), ["cat"]);
    front.simulator.forget_requests();
    let error = front.refused(CAT, "list_flows", json!({})).await;
    assert_eq!(error["code"], "CREDENTIAL_REQUIRED");
    assert!(front.simulator.requests().is_empty());
}

#[tokio::test]
async fn r14_an_administrators_credential_is_not_used() {
    let front = Front::start().await;
    front.remote.gate.promote("ann");
    let error = front.refused(ANN, "list_flows", json!({})).await;
    assert_eq!(error["code"], "CREDENTIAL_TOO_POWERFUL");
    assert!(front.received().is_empty());
    // A list needs none.
    assert!(front.tools(ANN).await.contains(&"list_flows".to_owned()));
}

#[tokio::test]
async fn r15_an_unlisted_origin_is_refused_everywhere() {
    let front = Front::with(Edition::Enterprise, |setup| {
        setup.listen.allowed_origins = vec!["https://app.example".to_owned()];
        let page = axum::routing::get(|| async { "a page" });
        setup.routes = axum::Router::new().route("/account", page);
    })
    .await;
    let own = front.url("");
    for (origin, status) in [
        ("https://evil.example", 403),
        ("null", 403),
        ("http://localhost:1", 403),
        ("https://app.example", 200),
        (own.as_str(), 200),
    ] {
        let request = front.post(list()).bearer_auth(ANN).header("origin", origin);
        assert_eq!(request.send().await.unwrap().status(), status, "{origin}");
        for path in ["/account", "/healthz", "/readyz"] {
            let request = front.client.get(front.url(path)).header("origin", origin);
            assert_eq!(
                request.send().await.unwrap().status(),
                status,
                "{origin} {path}"
            );
        }
    }
    let request = front.post(list()).bearer_auth(ANN);
    assert_eq!(request.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn r16_an_unknown_host_is_refused_everywhere() {
    let front = Front::with(Edition::Enterprise, |setup| {
        setup.listen.allowed_hosts = vec!["mcp.internal".to_owned()];
    })
    .await;
    for (host, status) in [
        ("evil.example", 403),
        ("127.0.0.1.evil.example", 403),
        ("mcp.internal", 200),
        ("localhost:1", 200),
    ] {
        let request = front.post(list()).bearer_auth(ANN).header("host", host);
        assert_eq!(request.send().await.unwrap().status(), status, "{host}");
        let request = front.client.get(front.url("/healthz")).header("host", host);
        assert_eq!(request.send().await.unwrap().status(), status, "{host}");
    }
    let answer = front
        .raw(b"POST /mcp HTTP/1.1\r\nConnection: close\r\n\r\n")
        .await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
}

#[tokio::test]
async fn d10_no_header_changes_the_urls_of_this_server() {
    let front = Front::with(Edition::Enterprise, |setup| {
        let public = kestra_mcp::config::http::Public::new("https://mcp.example");
        setup.listen.public = Some(public);
    })
    .await;
    let request = front
        .post(list())
        .header("host", "localhost")
        .header("x-forwarded-host", "evil.example")
        .header("x-forwarded-proto", "http")
        .header("forwarded", "host=evil.example");
    let response = request.send().await.unwrap();
    let metadata = "https://mcp.example/.well-known/oauth-protected-resource/mcp";
    assert!(challenge(&response).contains(&format!("resource_metadata=\"{metadata}\"")));
}

#[tokio::test]
async fn d11_scripts_of_listed_sites_reach_the_endpoints_of_clients_and_no_page() {
    let front = Front::with(Edition::Enterprise, |setup| {
        setup.listen.allowed_origins = vec!["https://app.example".to_owned()];
        let answer = || async { "here" };
        setup.routes = axum::Router::new()
            .route("/token", axum::routing::post(answer))
            .route("/register", axum::routing::post(answer))
            .route("/revoke", axum::routing::post(answer))
            .route("/account", axum::routing::get(answer))
            .route("/.well-known/jwks.json", axum::routing::get(answer));
    })
    .await;
    let preflight = |path: &str| {
        let request = front.client.request(Method::OPTIONS, front.url(path));
        request
            .header("origin", "https://app.example")
            .header("access-control-request-method", "POST")
            .header(
                "access-control-request-headers",
                "authorization,mcp-protocol-version",
            )
            .send()
    };
    for path in [
        "/mcp",
        "/token",
        "/register",
        "/revoke",
        "/.well-known/jwks.json",
    ] {
        let response = preflight(path).await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        let header = |name: &str| {
            let value = response.headers().get(name);
            value.map_or_else(String::new, |value| value.to_str().unwrap().to_lowercase())
        };
        assert_eq!(header("access-control-allow-origin"), "https://app.example");
        assert!(header("access-control-allow-headers").contains("authorization"));
        assert_eq!(header("access-control-allow-credentials"), "");
    }
    let response = preflight("/account").await.unwrap();
    assert!(
        !response
            .headers()
            .contains_key("access-control-allow-origin")
    );
    let request = front.post(list()).header("origin", "https://app.example");
    let response = request.send().await.unwrap();
    let exposed = response.headers().get("access-control-expose-headers");
    assert_eq!(
        exposed.unwrap().to_str().unwrap().to_lowercase(),
        "www-authenticate"
    );
}

/// A stream opened with `bearer`, and its first chunk.
async fn stream(front: &Front, bearer: &str) -> Response {
    front.simulator.save_flow(FLOW).unwrap();
    let arguments = json!({ "namespace": "company.team", "flow_id": "hello", "wait_seconds": 300 });
    let call = json!({ "name": "execute_flow", "arguments": arguments,
        "_meta": { "progressToken": "p" } });
    // It does not learn how the execution continues.
    front.simulator.fault(Fault {
        method: Some("GET".into()),
        path: "*/executions/*".into(),
        times: None,
        action: Action::Hang,
    });
    let response = front.send(bearer, "tools/call", call).await;
    assert_eq!(response.status(), 200);
    response
}

#[tokio::test]
async fn r17_a_stream_ends_when_its_token_is_revoked() {
    let front = Front::start().await;
    let mut response = stream(&front, ANN).await;
    let first = response.chunk().await.unwrap().unwrap();
    assert!(first.starts_with(b"data:"), "{first:?}");
    let since = std::time::Instant::now();
    front.remote.gate.revoke(ANN);
    let rest = response.text().await.unwrap();
    assert!(since.elapsed() < Duration::from_secs(5));
    let last = rest
        .lines()
        .filter_map(|line| line.strip_prefix("data:"))
        .next_back();
    let last: Value = serde_json::from_str(last.unwrap()).unwrap();
    assert_eq!(
        (&last["id"], &last["error"]["code"]),
        (&json!(1), &json!(-32603))
    );
}

#[tokio::test]
async fn r18_the_same_call_by_two_people_is_made_as_each_of_them() {
    let front = Front::start().await;
    front
        .remote
        .gate
        .give("ben", Held::new(&token("another-0123456789")));
    front.done(ANN, "list_flows", json!({})).await;
    front.simulator.forget_requests();
    front.done(ANN, "list_flows", json!({})).await;
    let error = front.refused(BEN, "list_flows", json!({})).await;
    assert_eq!(error["code"], "CREDENTIAL_REFUSED");
    front.done(ANN, "list_flows", json!({})).await;
    let senders: Vec<String> = front
        .received()
        .iter()
        .map(|request| request.header("authorization").unwrap().to_owned())
        .collect();
    let ann = format!("Bearer {KESTRA_TOKEN}");
    assert_eq!(
        senders,
        [ann.as_str(), "Bearer another-0123456789", ann.as_str()]
    );
}

#[tokio::test]
async fn r18_a_refused_credential_affects_nobody_else() {
    // 2.0 does not tell an unknown client its version, so the first caller's credential asks.
    let front = Front::start().await;
    front
        .remote
        .gate
        .give("ben", Held::new(&token("another-0123456789")));
    let (refused, done) = tokio::join!(
        front.refused(BEN, "list_flows", json!({})),
        front.done(ANN, "list_flows", json!({})),
    );
    assert_eq!(refused["code"], "CREDENTIAL_REFUSED");
    assert!(done.get("items").is_some(), "{done}");
}

#[tokio::test]
async fn r18_a_value_sent_by_one_person_is_not_redacted_for_another() {
    let front = Front::start().await;
    let flow = "id: keeper\nnamespace: company.team\ninputs:\n  - id: key\n    type: SECRET\n\
                tasks:\n  - id: out\n    type: io.kestra.plugin.core.debug.Return\n    \
                format: hunter2-canary\n";
    front.simulator.save_flow(flow).unwrap();
    let secret = json!({ "namespace": "company.team", "flow_id": "keeper",
        "inputs": { "key": "hunter2-canary" } });
    front.call(ANN, "execute_flow", secret).await;
    let flow = json!({ "namespace": "company.team", "flow_id": "keeper" });
    for bearer in [BEN, ANN] {
        let read = front.done(bearer, "get_flow", flow.clone()).await;
        let source = read["untrusted"]["source"].as_str().unwrap();
        assert!(source.contains("hunter2-canary"), "{bearer}: {source}");
    }
}

#[tokio::test]
async fn the_status_names_the_person_and_no_url() {
    let front = Front::start().await;
    let status = front.done(BEN, "auth_status", json!({})).await;
    assert_eq!(status["transport"], "http");
    assert_eq!(
        status["person"],
        json!({ "name": "The ben", "roles": ["viewer"] })
    );
    assert_eq!(status["kestra"]["accepted"], true);
    assert_eq!(status["kestra"]["line"], "2.0");
    let permissions = status["permissions"].as_array().unwrap();
    assert!(permissions.contains(&json!("flows.read")));
    assert!(!permissions.contains(&json!("flows.write")));
    let text = status.to_string();
    assert!(
        !text.contains("127.0.0.1") && status["kestra"].get("address").is_none(),
        "{text}"
    );
}

#[tokio::test]
async fn a_credential_is_registered_on_a_page() {
    let front = Front::start().await;
    let held = Held::new(&token(KESTRA_TOKEN)).of_account(Some("ann@kestra.example".to_owned()));
    front.remote.gate.give("ann", held);
    let answer = front.done(ANN, "register_kestra_token", json!({})).await;
    let expected = json!({ "registered": true, "account": "ann@kestra.example", "url": ACCOUNT });
    assert_eq!(answer, expected);
    let answer = front.done(CAT, "register_kestra_token", json!({})).await;
    assert_eq!(answer, json!({ "registered": false, "url": ACCOUNT }));
    let given = json!({ "token": "canary-0123456789" });
    let error = front.refused(CAT, "register_kestra_token", given).await;
    assert_eq!(error["code"], "INVALID_ARGUMENT");
    assert!(!error.to_string().contains("canary"), "{error}");
}

#[tokio::test]
async fn a_shared_credential_is_used_only_where_the_operator_says_so() {
    for (token, code) in [(OPERATOR, Some("CREDENTIAL_REFUSED")), (KESTRA_TOKEN, None)] {
        let shared = |setup: &mut Setup| setup.mode = CredentialMode::Shared;
        let front = Front::of(Edition::Enterprise, token, shared).await;
        if let Some(code) = code {
            let error = front.refused(CAT, "list_flows", json!({})).await;
            assert_eq!(error["code"], code);
            // Cat can do nothing about it.
            assert!(error.get("url").is_none(), "{error}");
            assert!(!error.to_string().contains("KESTRA_"), "{error}");
        } else {
            front.done(CAT, "list_flows", json!({})).await;
            let answer = front.done(CAT, "register_kestra_token", json!({})).await;
            assert_eq!(answer["registered"], false);
            assert!(answer.get("url").is_none(), "{answer}");
        }
    }
}

#[tokio::test]
async fn a_basic_credential_only_reads_until_the_operator_accepts_more() {
    for writes in [false, true] {
        let front = Front::with(Edition::OpenSource, |setup| setup.basic_writes = writes).await;
        front.done(ANN, "list_flows", json!({})).await;
        let listed = front.tools(ANN).await;
        assert_eq!(listed.contains(&"create_or_update_flow".to_owned()), writes);
        if writes {
            front
                .done(ANN, "create_or_update_flow", json!({ "source": FLOW }))
                .await;
        } else {
            let save = front.refused(ANN, "create_or_update_flow", json!({ "source": FLOW }));
            assert_eq!(save.await["code"], "READ_ONLY");
            assert!(
                front
                    .received()
                    .iter()
                    .all(|request| request.method == "GET")
            );
            let status = front.done(ANN, "auth_status", json!({})).await;
            assert_eq!(status["read_only"], true);
            assert!(
                status["note"].as_str().unwrap().contains("only reads"),
                "{status}"
            );
        }
    }
}

#[tokio::test]
async fn people_do_not_learn_where_kestra_is_when_it_is_down() {
    let variables = [
        ("KESTRA_API_URL", "http://127.0.0.1:1/base"),
        ("KESTRA_API_URL", "http://127.0.0.1:1"),
    ];
    for (name, url) in variables {
        let front = Front::with(Edition::Enterprise, |setup| {
            let variables = std::collections::BTreeMap::from([(name.to_owned(), url.to_owned())]);
            let config =
                kestra_mcp::config::Config::load(&kestra_mcp::config::Flags::default(), &variables);
            let clock = kestra_mcp::clock::Clock::System;
            setup.kestra = kestra_mcp::kestra::Kestra::new(&config.unwrap().kestra, clock);
        })
        .await;
        let error = front.refused(ANN, "list_flows", json!({})).await;
        assert_eq!(error["code"], "UNREACHABLE");
        let status = front.done(ANN, "auth_status", json!({})).await;
        assert_eq!(status["kestra"]["reachable"], false);
        for text in [error.to_string(), status.to_string()] {
            for word in ["127.0.0.1", "/base", "KESTRA_", "address"] {
                assert!(!text.contains(word), "{word} in {text}");
            }
        }
    }
}

//! The program over stdio: its commands, its streams, its exit.

use std::time::Duration;

use kestra_mcp::cli::Exit;
use serde_json::json;

use crate::stand::{Fake, Program, Says};

async fn finished(arguments: &[&str], variables: &[(&str, &str)]) -> (Exit, String) {
    let mut program = Program::start(arguments, variables);
    program.end();
    let errors = program.errors.clone();
    (program.exit().await, errors.text())
}

#[tokio::test]
async fn without_a_command_it_says_what_serving_needs_and_names_the_other_mode() {
    let (exit, errors) = finished(&[], &[]).await;
    assert_eq!(exit, Exit::Misused);
    for needed in ["KESTRA_API_URL", "OIDC_ISSUER_URL", "ENCRYPTION_KEYS"] {
        assert!(errors.contains(needed), "{errors}");
    }
    assert!(errors.ends_with("kestra-mcp stdio\n"), "{errors}");
    let (_, asked) = finished(&["serve"], &[]).await;
    assert!(asked.contains("ENCRYPTION_KEYS") && !asked.contains("stdio"));
    let (exit, errors) = finished(&["fly"], &[]).await;
    assert_eq!(exit, Exit::Misused);
    assert!(errors.contains("Usage: kestra-mcp"), "{errors}");
    assert_eq!(
        finished(&["stdio", "--password", "x"], &[]).await.0,
        Exit::Misused
    );
    assert_eq!(Exit::Misused.code(), 2);
}

#[tokio::test]
async fn configuration_faults_are_reported_together_before_anything_starts() {
    let (exit, errors) = finished(
        &["stdio"],
        &[("KESTRA_API_URL", "x"), ("KESTRA_VERSION", "y")],
    )
    .await;
    assert_eq!(exit, Exit::Misused);
    assert!(
        errors.contains("KESTRA_API_URL") && errors.contains("KESTRA_VERSION"),
        "{errors}"
    );
    assert_eq!(
        finished(&["stdio"], &[("KESTRA_MCP_LOG", "a=b=c")]).await.0,
        Exit::Misused
    );
}

#[tokio::test]
async fn an_input_that_ends_at_once_is_a_success() {
    assert_eq!(finished(&["stdio"], &[]).await.0, Exit::Done);
    assert_eq!(
        finished(&[], &[("KESTRA_MCP_TRANSPORT", "stdio")]).await.0,
        Exit::Done
    );
    let program = Program::greeted(&[]).await;
    let mut program = program;
    program.end();
    assert_eq!(program.exit().await, Exit::Done);
}

#[tokio::test]
async fn calls_in_flight_are_answered_after_the_input_ends() {
    let (fake, url) = Fake::start(Says::version("1.3.9", "OSS")).await;
    let variables = [
        ("KESTRA_API_URL", url.as_str()),
        ("KESTRA_API_TOKEN", "tok-12345678"),
    ];
    let mut program = Program::greeted(&variables).await;
    let slow = Says::new(200, "[]").late(Duration::from_millis(400));
    fake.say("/api/v1/main/flows/distinct-namespaces", slow);
    let id = program
        .request("tools/call", json!({ "name": "auth_status" }))
        .await;
    program.end();
    let answer = program.receive().await.expect("the answer was dropped");
    assert_eq!(answer["id"], id);
    assert_eq!(
        answer["result"]["structuredContent"]["kestra"]["accepted"], true,
        "{answer}"
    );
    assert_eq!(program.receive().await, None);
    assert_eq!(program.exit().await, Exit::Done);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_goes_away_ends_the_process_even_if_kestra_hangs() {
    let hanging = Says::version("1.3.9", "OSS").late(Duration::from_hours(24));
    let (_fake, url) = Fake::start(hanging).await;
    let variables = [
        ("KESTRA_API_URL", url.as_str()),
        ("KESTRA_API_TOKEN", "tok-12345678"),
    ];
    let mut program = Program::greeted(&variables).await;
    program
        .request("tools/call", json!({ "name": "auth_status" }))
        .await;
    program.end();
    program.leave();
    assert_eq!(program.exit().await, Exit::Done);
}

#[tokio::test]
async fn a_notification_before_the_first_request_is_ignored() {
    let mut program = Program::start(&["stdio"], &[]);
    program
        .send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }))
        .await;
    program
        .send(&json!({ "jsonrpc": "2.0", "id": 9, "result": {} }))
        .await;
    let answer = program.ask("ping", json!({})).await;
    assert_eq!(answer["result"], json!({}));
}

/// Messages that a client may send before `initialize`, and the error code of the answer: 0 stands
/// for a result, `None` for no answer.
fn odd() -> Vec<(serde_json::Value, Option<i64>)> {
    let notice = |method: &str, params: serde_json::Value| json!({ "jsonrpc": "2.0", "method": method, "params": params });
    vec![
        (
            json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" }),
            Some(0),
        ),
        (notice("notifications/initialized", json!({})), None),
        (
            notice("notifications/cancelled", json!({ "requestId": 77 })),
            None,
        ),
        (
            notice(
                "notifications/cancelled",
                json!({ "requestId": 1, "reason": "late" }),
            ),
            None,
        ),
        (notice("notifications/cancelled", json!({})), None),
        (
            notice(
                "notifications/progress",
                json!({ "progressToken": 1, "progress": 1 }),
            ),
            None,
        ),
        (notice("notifications/roots/list_changed", json!({})), None),
        (notice("no/such/notice", json!({ "a": 1 })), None),
        (json!({ "jsonrpc": "2.0", "id": 9, "result": {} }), None),
        (
            json!({ "jsonrpc": "2.0", "id": "x", "error": { "code": -1, "message": "no" } }),
            None,
        ),
        (
            json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/list" }),
            Some(-32602),
        ),
        (notice("notifications/initialized", json!({})), None),
        (
            json!({ "jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": { "name": "auth_status" } }),
            Some(-32602),
        ),
        (
            json!({ "jsonrpc": "2.0", "id": 4, "method": "no/such/method", "params": {} }),
            Some(-32602),
        ),
        (
            json!({ "jsonrpc": "2.0", "id": 5, "method": "initialize", "params": { "protocolVersion": 5 } }),
            Some(-32602),
        ),
        (
            json!({ "jsonrpc": "2.0", "id": 6, "method": "server/discover" }),
            Some(-32602),
        ),
        (
            json!({ "jsonrpc": "2.0", "id": 7, "method": "ping" }),
            Some(0),
        ),
        (json!({ "jsonrpc": "2.0", "id": 7, "result": {} }), None),
        (
            notice("notifications/cancelled", json!({ "requestId": 7 })),
            None,
        ),
    ]
}

/// The `_meta` that a request of 2026-07-28 carries.
fn stateless(version: &str) -> serde_json::Value {
    json!({ "_meta": {
        "io.modelcontextprotocol/protocolVersion": version,
        "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
    } })
}

async fn oddly_begun() -> Program {
    let mut program = Program::start(&["stdio"], &[]);
    for (message, code) in odd() {
        program.send(&message).await;
        let Some(code) = code else { continue };
        let answer = program.receive().await.expect("the process ended");
        assert_eq!(answer["id"], message["id"], "{answer}");
        let found = answer["error"]["code"].as_i64().unwrap_or_default();
        assert_eq!(found, code, "{message}: {answer}");
        assert_eq!(answer.get("result").is_some(), code == 0, "{answer}");
    }
    program
}

#[tokio::test]
async fn nothing_before_initialize_ends_the_process() {
    let mut program = oddly_begun().await;
    let hello = json!({ "protocolVersion": "2025-11-25", "capabilities": {},
        "clientInfo": { "name": "test", "version": "1" } });
    let answer = program.ask("initialize", hello).await;
    assert_eq!(answer["result"]["protocolVersion"], "2025-11-25");
    // The connection stays open, and later requests are answered.
    for (message, code) in odd() {
        program.send(&message).await;
        if code.is_some() {
            let answer = program.receive().await.expect("the process ended");
            assert_eq!(answer["id"], message["id"], "{answer}");
        }
    }
    assert!(!program.tools().await.is_empty());
    program.end();
    assert_eq!(program.exit().await, Exit::Done);
}

#[tokio::test]
async fn nothing_ends_the_process_without_initialize() {
    let mut program = oddly_begun().await;
    // Neither a request for the versions nor an unknown version begins a session.
    for (version, method, code) in [
        ("2026-07-28", "server/discover", 0),
        ("2099-01-01", "tools/list", -32022),
        ("2026-07-28", "ping", 0),
    ] {
        let answer = program.ask(method, stateless(version)).await;
        let found = answer["error"]["code"].as_i64().unwrap_or_default();
        assert_eq!(found, code, "{method} {answer}");
        for (message, _) in odd().iter().filter(|(_, code)| code.is_none()) {
            program.send(message).await;
        }
    }
    let list = program.ask("tools/list", stateless("2026-07-28")).await;
    assert!(list["result"]["tools"].is_array(), "{list}");
    for (message, _) in odd().iter().filter(|(_, code)| code.is_none()) {
        program.send(message).await;
    }
    let list = program.ask("tools/list", stateless("2026-07-28")).await;
    assert!(list["result"]["tools"].is_array(), "{list}");
    program.end();
    assert_eq!(program.exit().await, Exit::Done);
}

#[tokio::test]
async fn version_and_help_go_to_the_output() {
    for (flag, text) in [
        ("--version", "(Kestra 1.3, 2.0)"),
        ("--help", "KESTRA_API_TOKEN"),
    ] {
        let mut program = Program::start(&[flag], &[]);
        let mut output = program.lines().await;
        output.retain(|line| line.contains(text));
        assert!(!output.is_empty(), "{flag}");
        assert_eq!(program.exit().await, Exit::Done);
    }
}

#[tokio::test]
async fn one_call_too_many_is_refused_and_never_queued() {
    let (fake, url) = Fake::start(Says::version("1.3.9", "OSS")).await;
    let slow = Says::new(200, "[]").late(Duration::from_millis(500));
    fake.say("/api/v1/main/flows/distinct-namespaces", slow);
    let variables = [
        ("KESTRA_API_URL", url.as_str()),
        ("KESTRA_API_TOKEN", "tok-12345678"),
    ];
    let mut program = Program::greeted(&variables).await;
    for _ in 0..65 {
        program
            .request("tools/call", json!({ "name": "auth_status" }))
            .await;
    }
    let first = program.receive().await.unwrap();
    let error = &first["result"]["structuredContent"]["error"];
    assert_eq!(error["code"], "BUDGET_EXCEEDED", "{first}");
    for _ in 0..64 {
        assert_eq!(program.receive().await.unwrap()["result"]["isError"], false);
    }
}

#[tokio::test]
async fn a_cancelled_call_has_no_answer_and_releases_its_place() {
    let (fake, url) = Fake::start(Says::version("1.3.9", "OSS")).await;
    let never = Says::new(200, "[]").late(Duration::from_hours(24));
    fake.say("/api/v1/main/flows/distinct-namespaces", never);
    let variables = [
        ("KESTRA_API_URL", url.as_str()),
        ("KESTRA_API_TOKEN", "tok-12345678"),
    ];
    let mut program = Program::greeted(&variables).await;
    let id = program
        .request("tools/call", json!({ "name": "auth_status" }))
        .await;
    program.ask("ping", json!({})).await;
    let cancel = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled",
        "params": { "requestId": id, "reason": "changed my mind" } });
    program.send(&cancel).await;
    assert_eq!(program.ask("ping", json!({})).await["result"], json!({}));
    program.end();
    assert_eq!(program.receive().await, None);
    assert_eq!(program.exit().await, Exit::Done);
}

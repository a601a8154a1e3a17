//! Both lifecycles of the protocol, and requests outside them.

use kestra_mcp::app;
use kestra_mcp::clock::Clock;
use kestra_mcp::config::{Config, Flags};
use rmcp::ServiceExt as _;
use rmcp::model::CallToolRequestParams;
use serde_json::{Value, json};

use crate::stand::{Program, environment};

const UNKNOWN: &str = r#"{"code":-32602,"message":"Unknown tool"}"#;

/// The `_meta` that a request of 2026-07-28 carries.
fn stateless(mut params: Value) -> Value {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    params
}

#[tokio::test]
async fn a_client_of_the_sdk_connects_lists_and_calls() {
    let (mine, theirs) = tokio::io::duplex(1 << 16);
    let config = Config::load(&Flags::default(), &environment(&[])).unwrap();
    let (input, output) = tokio::io::split(theirs);
    let server =
        tokio::spawn(async move { app::stdio(&config, Clock::System, input, output).await });
    let client = ().serve(mine).await.unwrap();
    let tools = client.list_all_tools().await.unwrap();
    assert!(
        tools.iter().any(|tool| tool.name == "auth_status"),
        "{tools:?}"
    );
    let status = client
        .call_tool(CallToolRequestParams::new("auth_status"))
        .await
        .unwrap();
    assert_eq!(status.structured_content.unwrap()["transport"], "stdio");
    client.cancel().await.unwrap();
    server.await.unwrap().unwrap();
}

#[tokio::test]
async fn every_older_revision_is_spoken_on_request() {
    for revision in ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"] {
        let mut program = Program::start(&["stdio"], &[]);
        let hello = json!({ "protocolVersion": revision, "capabilities": {},
            "clientInfo": { "name": "test", "version": "1" } });
        let answer = program.ask("initialize", hello).await;
        assert_eq!(answer["result"]["protocolVersion"], revision);
        let capabilities = json!({ "tools": { "listChanged": true } });
        assert_eq!(answer["result"]["capabilities"], capabilities);
        assert!(answer["result"]["instructions"].as_str().unwrap().len() < 1000);
        assert!(!program.tools().await.is_empty());
    }
}

#[tokio::test]
async fn the_stateless_revision_needs_no_initialize() {
    let mut program = Program::start(&["stdio"], &[]);
    let answer = program.ask("server/discover", stateless(json!({}))).await;
    let versions = answer["result"]["supportedVersions"].as_array().unwrap();
    assert!(versions.contains(&json!("2026-07-28")), "{answer}");
    assert_eq!(answer["result"]["cacheScope"], "private");
    let list = program.ask("tools/list", stateless(json!({}))).await;
    assert_eq!(list["result"]["cacheScope"], "private");
    assert!(list["result"]["ttlMs"].is_u64(), "{list}");
    let call = stateless(json!({ "name": "auth_status" }));
    let status = program.ask("tools/call", call).await;
    assert_eq!(status["result"]["structuredContent"]["transport"], "stdio");
    assert_eq!(
        program.ask("ping", stateless(json!({}))).await["error"]["code"],
        -32601
    );
}

#[tokio::test]
async fn tools_that_do_not_exist_and_hidden_ones_look_the_same() {
    let mut program = Program::greeted(&[]).await;
    assert!(!program.tools().await.contains(&"list_apps".to_owned()));
    for name in ["no_such_tool", "list_apps", "get_app", "", "AUTH_STATUS"] {
        let answer = program
            .ask("tools/call", json!({ "name": name, "arguments": {} }))
            .await;
        assert_eq!(answer["error"].to_string(), UNKNOWN, "{name}");
    }
}

#[tokio::test]
async fn undeclared_capabilities_do_not_exist() {
    let mut program = Program::greeted(&[]).await;
    for (method, params) in [
        ("prompts/list", json!({})),
        ("prompts/get", json!({ "name": "a" })),
        ("prompts/get", json!({ "name": 1 })),
        ("resources/list", json!({})),
        ("resources/templates/list", json!({})),
        ("resources/read", json!({ "uri": "a:b" })),
        ("resources/subscribe", json!({ "uri": "a:b" })),
        ("completion/complete", json!({})),
        ("logging/setLevel", json!({ "level": "debug" })),
        ("tasks/list", json!({})),
        ("no/such/method", json!({})),
    ] {
        let answer = program.ask(method, params).await;
        assert_eq!(answer["error"]["code"], -32601, "{method}: {answer}");
    }
}

#[tokio::test]
async fn unreadable_parameters_are_refused_as_such() {
    let mut program = Program::greeted(&[]).await;
    for (method, params) in [
        ("tools/call", json!({ "name": 5 })),
        ("tools/call", json!({})),
        (
            "tools/call",
            json!({ "name": "auth_status", "arguments": [] }),
        ),
        (
            "tools/call",
            json!({ "name": "auth_status", "arguments": "x" }),
        ),
        ("tools/list", json!({ "cursor": "next" })),
    ] {
        let answer = program.ask(method, params.clone()).await;
        assert_eq!(
            answer["error"]["code"], -32602,
            "{method} {params}: {answer}"
        );
    }
    let first = program.ask("tools/list", json!({ "cursor": "" })).await;
    assert!(first["result"]["tools"].is_array(), "{first}");
}

#[tokio::test]
async fn every_listed_tool_is_complete() {
    let mut program = Program::greeted(&[]).await;
    let answer = program.ask("tools/list", json!({})).await;
    for tool in answer["result"]["tools"].as_array().unwrap() {
        let name = &tool["name"];
        assert!(
            tool["title"].is_string() && tool["description"].is_string(),
            "{name}"
        );
        for schema in ["inputSchema", "outputSchema"] {
            assert_eq!(tool[schema]["type"], "object", "{name}");
            jsonschema::meta::validate(&tool[schema])
                .unwrap_or_else(|error| panic!("{name} {error}"));
        }
        let hints = tool["annotations"].as_object().unwrap();
        for hint in [
            "readOnlyHint",
            "destructiveHint",
            "idempotentHint",
            "openWorldHint",
        ] {
            assert!(hints[hint].is_boolean(), "{name} {hint}");
        }
    }
    let again = program.ask("tools/list", json!({})).await;
    assert_eq!(answer["result"].to_string(), again["result"].to_string());
}

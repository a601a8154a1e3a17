//! Text that others wrote has a limit in every answer.

mod hidden;

use kestra_mcp::secret::is_hidden;
use kestra_mcp::tool::context::Limits;
use serde_json::{Value, json};
use simulator::{Dialect, Settings};

use super::hostile::{flow, says};
use crate::contract::answer::{has, mentions};
use crate::contract::simulated;
use crate::contract::world::{Transport, World};

simulated![
    faults_of_an_odd_source_are_short,
    kestras_messages_have_a_limit,
    choices_and_names_of_inputs_have_a_limit,
    a_cut_diff_says_so,
    texts_in_rows_are_capped,
];

/// Invisible characters of every kind.
const HIDDEN: &str = "\u{1b}\u{85}\u{ad}\u{61c}\u{115f}\u{180e}\u{200b}\u{202e}\u{2066}\u{3164}\u{fe0f}\u{feff}\u{e0041}\u{e0100}";

async fn faults_of_an_odd_source_are_short(world: &mut World) {
    let keys = (0..14_000)
        .map(|n| format!("k{n}: !a{n} x\n"))
        .collect::<Vec<_>>()
        .concat();
    let source = format!("id: hello\nnamespace: a.b\n{keys}");
    assert!(
        (200_000..256_000).contains(&source.len()),
        "{}",
        source.len()
    );
    let arguments = json!({ "name": "create_or_update_flow", "arguments": { "source": source } });
    let answer = world.ask("tools/call", arguments).await;
    assert!(
        answer.to_string().len() < 16 << 10,
        "{} bytes",
        answer.to_string().len()
    );
    let faults = answer["result"]["structuredContent"]["error"]["faults"]
        .as_array()
        .unwrap();
    let last = faults[20]["expected"].as_str().unwrap();
    assert!(
        faults.len() == 21 && last.starts_with("and ") && last.ends_with(" more"),
        "{answer}"
    );
    let message = answer["result"]["structuredContent"]["error"]["message"]
        .as_str()
        .unwrap();
    assert!(message.ends_with(" more."), "{message}");
}

async fn kestras_messages_have_a_limit(world: &mut World) {
    let source = "id: hello\nnamespace: a.b\ntasks: []\n";
    let line = "tasks[0].type: \"\u{e9}\"\\";
    for text in [line.repeat(60_000), format!("{line}\n").repeat(60_000)] {
        let body = json!([{ "constraints": text }]).to_string();
        says(world, "POST", "*/flows/validate", 200, body);
        let error = world
            .refused("create_or_update_flow", json!({ "source": source }))
            .await;
        assert_eq!(error["code"], "VALIDATION_FAILED");
        let faults = error["faults"].as_array().unwrap();
        assert!(
            faults.len() == 1 || faults[20]["message"].as_str().unwrap().ends_with(" more"),
            "{error}"
        );
        assert!(
            error.to_string().len() < 32 << 10,
            "{} bytes",
            error.to_string().len()
        );
    }
    says(
        world,
        "GET",
        "*/flows/search",
        422,
        json!({ "message": "\"\u{202e}".repeat(10_000) }).to_string(),
    );
    let error = world.refused("list_flows", json!({})).await;
    assert!(
        error.to_string().len() < 8 << 10,
        "{} bytes",
        error.to_string().len()
    );
    assert!(
        !error["message"].as_str().unwrap().contains(is_hidden),
        "{error}"
    );
}

async fn choices_and_names_of_inputs_have_a_limit(world: &mut World) {
    let values: Vec<String> = (0..100_000).map(|n| format!("v{n}")).collect();
    let many: Vec<Value> = (0..1_000)
        .map(|n| json!({ "id": format!("i{n}{}", "x".repeat(n)), "type": "STRING" }))
        .collect();
    let select = json!({ "id": "color", "type": "SELECT", "values": values });
    let long = json!({ "id": "y".repeat(300_000), "type": "z".repeat(300_000) });
    for (inputs, message) in [(vec![select, long], "v0, v1, "), (many, " more")] {
        let body = flow(&json!({ "inputs": inputs })).to_string();
        says(world, "GET", "*/flows/a.b/hello", 200, body);
        let arguments = json!({ "namespace": "a.b", "flow_id": "hello", "inputs": { "color": "none", "strange": 1 } });
        let error = world.refused("execute_flow", arguments).await;
        mentions(&error["message"], message);
        assert!(
            error.to_string().len() < 24 << 10,
            "{} bytes",
            error.to_string().len()
        );
        let shown = world
            .call(
                "get_flow",
                json!({ "namespace": "a.b", "flow_id": "hello" }),
            )
            .await;
        assert!(
            shown["truncated"]["bytes"].as_u64().unwrap() > 4096,
            "{shown}"
        );
    }
}

async fn a_cut_diff_says_so(world: &mut World) {
    let source = format!(
        "id: hello\nnamespace: {}\ntasks:\n  - id: say\n    type: io.kestra.plugin.core.log.Log\n    message: ",
        world.namespace
    );
    world.save(&format!("{source}hi\n")).await;
    let long = format!("{source}|\n{}", "      a line of many\n".repeat(2_000));
    let error = world
        .refused("create_or_update_flow", json!({ "source": long }))
        .await;
    assert_eq!(error["code"], "CONFLICT", "{error}");
    assert!(error["diff"].as_str().unwrap().len() <= 4_096, "{error}");
    assert!(
        error["truncated"]["bytes"].as_u64().unwrap() > 30_000,
        "{error}"
    );
    let shown = world
        .call(
            "create_or_update_flow",
            json!({ "source": long, "dry_run": true }),
        )
        .await;
    assert!(
        shown["truncated"]["bytes"].as_u64().unwrap() > 30_000,
        "{shown}"
    );
    let short = format!("{source}ho\n");
    let error = world
        .refused("create_or_update_flow", json!({ "source": short }))
        .await;
    has(&error, json!({ "code": "CONFLICT", "truncated": null }));
}

/// The version appears in many places: each of them is short.
#[tokio::test]
async fn a_version_has_a_limit() {
    for transport in [Transport::Stdio, Transport::Http] {
        let mut settings = Settings::new(Dialect::V1_3);
        settings.version = Some(format!("1.3.9-{HIDDEN}{}", "x".repeat(200_000)));
        let mut world = World::over(transport, settings, Limits::default(), &[]).await;
        let status = world.call("auth_status", json!({})).await;
        let version = status["kestra"]["version"].as_str().unwrap();
        assert!(
            version.starts_with("1.3.9-x") && version.len() <= 64,
            "{version}"
        );
        let body = json!([{ "constraints": "tasks: must not be empty" }]).to_string();
        says(&world, "POST", "*/flows/validate", 200, body);
        let source = "id: hello\nnamespace: a.b\ntasks: []\n";
        let error = world
            .refused("create_or_update_flow", json!({ "source": source }))
            .await;
        assert_eq!(error["version"], version);
        assert!(error.to_string().len() < 1_024, "{error}");
    }
}

async fn texts_in_rows_are_capped(world: &mut World) {
    let long = "x".repeat(100_000);
    let labels: Value = (0..1_000)
        .map(|n| (format!("label{n}"), json!("y".repeat(100))))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let inputs = json!([{ "id": long, "type": long }]);
    let row = flow(
        &json!({ "id": long, "description": long, "labels": labels, "inputs": inputs, "triggers": [{ "type": long }] }),
    );
    says(
        world,
        "GET",
        "*/flows/search",
        200,
        json!({ "results": [row], "total": 1 }).to_string(),
    );
    let page = world.call("list_flows", json!({})).await;
    for (name, field) in page["items"][0].as_object().unwrap() {
        assert!(
            field.to_string().len() <= 4_200,
            "{name}: {} bytes",
            field.to_string().len()
        );
    }
    assert!(
        page["truncated"]["bytes"].as_u64().unwrap() > 300_000,
        "{}",
        page["truncated"]
    );
}

/// A caller over HTTP does not operate this server.
#[tokio::test]
async fn a_person_who_cannot_fix_it_learns_whom_to_ask() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let settings = Settings::new(Dialect::V2_0Dev);
    let address = [("KESTRA_API_URL", nobody.as_str())];
    let mut world = World::over(Transport::Http, settings, Limits::default(), &address).await;
    let words = "Kestra cannot be reached now. Nothing was sent; try again later. If it lasts, ask the user to tell the operator of this server";
    let status = world.call("auth_status", json!({})).await;
    assert_eq!(status["note"], format!("{words}."), "{status}");
    let error = world.refused("list_flows", json!({})).await;
    let message = error["message"].as_str().unwrap();
    let request = message
        .strip_prefix(words)
        .unwrap_or_else(|| panic!("{message}"));
    assert!(
        request.starts_with(" (request ") && request.ends_with(")."),
        "{message}"
    );
    assert!(!request.contains("none"), "{message}");
}

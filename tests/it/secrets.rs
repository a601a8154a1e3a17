//! Secrets reach neither clients nor the log.

use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::Command;

use crate::stand::{Fake, PATIENCE, Program, Says};

const TOKEN: &str = "tok/12345678+ü";
const KEY: &str =
    "-----BEGIN KEY-----\r\nMIIEvgIBADANBgkqhkiG\r\n9w0BAQEFAASCBKgwggSk\r\n-----END KEY-----\r\n";
const ID: &str = "3nosuchid00000000000000";

fn execution(outputs: &Value) -> Says {
    let execution = json!({ "id": ID, "namespace": "company.team", "flowId": "hello", "flowRevision": 1,
        "state": { "current": "SUCCESS", "startDate": "2026-01-02T03:04:05Z" }, "outputs": outputs });
    Says::new(200, execution)
}

/// A Kestra with a flow that takes secrets, and an execution of it with `outputs`.
async fn kestra(outputs: &Value) -> String {
    let (fake, url) = Fake::start(Says::version("1.3.9", "OSS")).await;
    let inputs = json!([
        { "id": "key", "type": "SECRET", "required": false },
        { "id": "pins", "type": "ARRAY", "itemType": "SECRET", "required": false },
        { "id": "form", "type": "FORM", "inputs": [{ "id": "deep", "type": "SECRET", "required": false }] },
    ]);
    let token = STANDARD.encode(format!("x{TOKEN}"));
    let flow = json!({ "id": "hello", "namespace": "company.team", "revision": 1, "inputs": inputs,
        "labels": [{ "key": "a", "value": TOKEN }], "source": format!("id: hello\n# {token}\n") });
    fake.say(
        "/api/v1/main/flows/company.team/hello",
        Says::new(200, flow),
    );
    fake.say("/api/v1/main/executions/", execution(outputs));
    url
}

fn run() -> Value {
    let inputs =
        json!({ "key": KEY, "pins": ["4711", "first/pin ü"], "form": { "deep": "company.team" } });
    json!({ "namespace": "company.team", "flow_id": "hello", "inputs": inputs })
}

#[tokio::test]
async fn secret_inputs_do_not_come_back_in_outputs() {
    let outputs = json!({
        "raw": KEY, "unix": KEY.replace('\r', ""), "line": "  9w0BAQEFAASCBKgwggSk",
        "base64": STANDARD.encode(format!("ab{KEY}")), "pin": "4711", "text": "not 4711", "json": "first\\/pin \\u00FC",
        "deep": "in company.team",
    });
    let url = kestra(&outputs).await;
    let variables = [
        ("KESTRA_API_URL", url.as_str()),
        ("KESTRA_API_TOKEN", "tok-12345678"),
    ];
    let mut program = Program::greeted(&variables).await;
    program.call("execute_flow", run()).await;
    let arguments = json!({ "execution_id": ID, "include": ["outputs"] });
    let shown = program.call("get_execution", arguments).await["structuredContent"].clone();
    let outputs = &shown["untrusted"]["outputs"];
    for place in ["raw", "unix", "line", "pin", "json"] {
        let text = outputs[place].as_str().unwrap();
        assert_eq!(text.trim(), "[redacted:secret]", "{place}");
    }
    assert_eq!(outputs["text"], "not 4711");
    assert_eq!(outputs["deep"], "in [redacted:secret]");
    assert!(outputs["base64"].as_str().unwrap().len() < 30, "{outputs}");
    assert_eq!(
        (&shown["namespace"], &shown["execution_id"]),
        (&json!("company.team"), &json!(ID))
    );
}

#[tokio::test]
async fn the_credential_does_not_come_back_after_many_secret_inputs() {
    let url = kestra(&json!({})).await;
    let variables = [
        ("KESTRA_API_URL", url.as_str()),
        ("KESTRA_USERNAME", "ada"),
        ("KESTRA_PASSWORD", TOKEN),
    ];
    let mut program = Program::greeted(&variables).await;
    let pins: Vec<String> = (0..300).map(|pin| format!("secret pin {pin}")).collect();
    let arguments =
        json!({ "namespace": "company.team", "flow_id": "hello", "inputs": { "pins": pins } });
    program.call("execute_flow", arguments).await;
    let flow = json!({ "namespace": "company.team", "flow_id": "hello" });
    let shown = program.call("get_flow", flow).await["structuredContent"].clone();
    assert_eq!(shown["labels"]["a"], "[redacted:secret]", "{shown}");
    let source = shown["untrusted"]["source"].as_str().unwrap();
    assert!(source.contains("[redacted:secret]"), "{source}");
}

#[tokio::test]
async fn no_log_level_shows_what_a_call_sent() {
    let url = kestra(&json!({})).await;
    let mut program = Command::new(env!("CARGO_BIN_EXE_kestra-mcp"))
        .arg("stdio")
        .env("KESTRA_API_URL", &url)
        .env("KESTRA_API_TOKEN", "tok-12345678")
        .env("KESTRA_MCP_LOG", "trace,rmcp=trace,rmcp::service=trace")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut input = program.stdin.take().unwrap();
    let mut output = BufReader::new(program.stdout.take().unwrap()).lines();
    let hello = json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "test", "version": "1" } });
    let said = [
        json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello }),
        json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }),
        json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": { "name": "execute_flow", "arguments": run() } }),
    ];
    for message in said {
        input
            .write_all(format!("{message}\n").as_bytes())
            .await
            .unwrap();
    }
    for _ in 0..2 {
        let line = tokio::time::timeout(PATIENCE, output.next_line()).await;
        line.expect("no answer").unwrap().expect("the output ended");
    }
    drop(input);
    let mut log = String::new();
    let mut errors = program.stderr.take().unwrap();
    tokio::time::timeout(PATIENCE, errors.read_to_string(&mut log))
        .await
        .unwrap()
        .unwrap();
    for secret in ["4711", "MIIEvgIBADANBgkqhkiG", "first/pin", "tok-12345678"] {
        assert!(!log.contains(secret), "{log}");
    }
}

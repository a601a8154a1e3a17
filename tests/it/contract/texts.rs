//! Texts that others wrote: how much of them is told, what in them cannot be seen, and the credential
//! however it is written.

use kestra_mcp::secret::{is_hidden, visible};
use kestra_mcp::tool::context::Limits;
use serde_json::{Value, json};
use simulator::{Dialect, PASSWORD, Settings};

use super::hostile::{answers, execution, flow, says};
use super::simulated;
use crate::contract::answer::{has, mentions};
use crate::contract::world::{Way, World};

simulated![
    faults_of_an_odd_source_are_told_in_few_words,
    kestras_words_are_told_up_to_a_limit,
    choices_and_names_of_inputs_are_told_up_to_a_limit,
    a_difference_that_is_cut_says_so,
    nothing_in_an_answer_is_hidden,
    nothing_in_an_error_is_hidden,
    progress_is_short_and_hides_nothing,
    a_source_is_passed_on_as_it_is_stored_and_a_note_says_what_it_hides,
    no_encoding_of_the_credential_is_told,
    texts_in_rows_are_capped,
];

const ID: &str = "3nosuchid00000000000000";
const MARK: &str = "[redacted:secret]";
/// Characters of every kind that cannot be seen.
const HIDDEN: &str = "\u{1b}\u{85}\u{ad}\u{61c}\u{115f}\u{180e}\u{200b}\u{202e}\u{2066}\u{3164}\u{fe0f}\u{feff}\u{e0041}\u{e0100}";

/// `text` with something between any two of its characters.
fn interleaved(text: &str) -> String {
    let mut hidden = HIDDEN.chars().filter(|next| *next > '\u{9f}').cycle();
    let pairs = text.chars().flat_map(|next| [Some(next), hidden.next()]);
    pairs.flatten().collect()
}

/// Odd to look at, and the credential in it.
fn odd() -> String {
    format!("a{HIDDEN}\u{1b}[31mb {}", interleaved(PASSWORD))
}

/// Every text in `value`, names of members too.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(members) => {
            for (name, member) in members {
                found.push(name.clone());
                texts(member, found);
            }
        }
        _ => {}
    }
}

/// Nothing in `value` is hidden, the credential is not in it, and yet it was told of.
fn shows_itself(value: &Value) {
    let mut found = Vec::new();
    texts(value, &mut found);
    for text in found {
        assert!(!text.contains(is_hidden), "{text:?} in {value}");
        assert!(!visible(&text).contains(PASSWORD), "{text:?} in {value}");
    }
    assert!(value.to_string().contains(MARK), "{value}");
}

async fn faults_of_an_odd_source_are_told_in_few_words(world: &mut World) {
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

async fn kestras_words_are_told_up_to_a_limit(world: &mut World) {
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

async fn choices_and_names_of_inputs_are_told_up_to_a_limit(world: &mut World) {
    let values: Vec<String> = (0..100_000).map(|n| format!("v{n}")).collect();
    let many: Vec<Value> = (0..1_000)
        .map(|n| json!({ "id": format!("i{n}{}", "x".repeat(n)), "type": "STRING" }))
        .collect();
    let select = json!({ "id": "color", "type": "SELECT", "values": values });
    let long = json!({ "id": "y".repeat(300_000), "type": "z".repeat(300_000) });
    for (inputs, told) in [(vec![select, long], "v0, v1, "), (many, " more")] {
        let body = flow(&json!({ "inputs": inputs })).to_string();
        says(world, "GET", "*/flows/a.b/hello", 200, body);
        let arguments = json!({ "namespace": "a.b", "flow_id": "hello", "inputs": { "color": "none", "strange": 1 } });
        let error = world.refused("execute_flow", arguments).await;
        mentions(&error["message"], told);
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

async fn a_difference_that_is_cut_says_so(world: &mut World) {
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

/// A version is told in many places: of this one all of them are small.
#[tokio::test]
async fn a_version_is_told_up_to_a_limit() {
    for way in [Way::Stdio, Way::Http] {
        let mut settings = Settings::new(Dialect::V1_3);
        settings.version = Some(format!("1.3.9-{HIDDEN}{}", "x".repeat(200_000)));
        let mut world = World::by(way, settings, Limits::default(), &[]).await;
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

async fn nothing_in_an_answer_is_hidden(world: &mut World) {
    let odd = odd();
    let labels = json!([{ "key": odd, "value": odd }]);
    let inputs = json!([{ "id": odd, "type": odd, "defaults": { &odd: [odd] } }]);
    let triggers = json!([{ "id": odd, "type": odd }]);
    let row = flow(
        &json!({ "id": odd, "description": odd, "labels": labels, "inputs": inputs, "triggers": triggers }),
    );
    says(
        world,
        "GET",
        "*/flows/search",
        200,
        json!({ "results": [row], "total": 1 }).to_string(),
    );
    shows_itself(&world.call("list_flows", json!({})).await);
    let row = flow(
        &json!({ "description": odd, "labels": labels, "inputs": inputs, "triggers": triggers }),
    );
    says(world, "GET", "*/flows/a.b/hello", 200, row.to_string());
    shows_itself(
        &world
            .call(
                "get_flow",
                json!({ "namespace": "a.b", "flow_id": "hello" }),
            )
            .await,
    );
    let mut body =
        execution(&[json!({ "taskId": odd, "value": odd, "state": { "current": "FAILED" } })]);
    body["labels"] = labels;
    body["outputs"] = json!({ &odd: odd });
    body["trigger"] = json!({ "id": odd, "type": odd });
    says(
        world,
        "GET",
        &format!("*/executions/{ID}"),
        200,
        body.to_string(),
    );
    let arguments = json!({ "execution_id": ID, "include": ["inputs", "outputs", "logs"] });
    shows_itself(&world.call("get_execution", arguments).await);
}

async fn nothing_in_an_error_is_hidden(world: &mut World) {
    let odd = odd();
    says(
        world,
        "GET",
        "*/flows/search",
        422,
        json!({ "message": odd }).to_string(),
    );
    shows_itself(&world.refused("list_flows", json!({})).await);
    let source = "id: hello\nnamespace: a.b\ntasks: []\n";
    says(
        world,
        "POST",
        "*/flows/validate",
        200,
        json!([{ "constraints": odd }]).to_string(),
    );
    shows_itself(
        &world
            .refused("create_or_update_flow", json!({ "source": source }))
            .await,
    );
    let body = flow(
        &json!({ "inputs": [{ "id": odd, "type": odd }, { "id": "b", "type": "SELECT", "values": [odd] }] }),
    );
    says(world, "GET", "*/flows/a.b/hello", 200, body.to_string());
    let arguments = json!({ "namespace": "a.b", "flow_id": "hello", "inputs": { "b": "x" } });
    shows_itself(&world.refused("execute_flow", arguments).await);
    let row = flow(&json!({ "id": format!("hallo{odd}") }));
    says(
        world,
        "GET",
        "*/flows/search",
        200,
        json!({ "results": [row], "total": 1 }).to_string(),
    );
    let arguments = json!({ "namespace": "a.b", "flow_id": format!("halloab-{PASSWORD}").replace(['!', ' '], "-") });
    let error = world.refused("get_flow", arguments).await;
    assert!(!error.to_string().contains(is_hidden), "{error}");
}

async fn progress_is_short_and_hides_nothing(world: &mut World) {
    world.save("id: hello\nnamespace: {ns}\ntasks: [{ id: say, type: io.kestra.plugin.core.log.Log, message: hi }]\n").await;
    let mut body = execution(&[]);
    body["namespace"] = json!(world.namespace);
    body["state"]["current"] = json!(format!("RUNNING {}{}", odd(), "x".repeat(10_000)));
    for (method, path) in [
        ("POST", "*/executions/*"),
        ("GET", "*/executions/3nosuchid00000000000000"),
    ] {
        world
            .kestra()
            .fault(answers(method, path, 200, body.to_string()));
    }
    let arguments = json!({ "namespace": world.namespace, "flow_id": "hello", "wait_seconds": 2 });
    let shown = world
        .call_with("execute_flow", arguments, json!({ "progressToken": "p" }))
        .await;
    shows_itself(&shown);
    let told: Vec<&Value> = world
        .notices
        .iter()
        .filter(|notice| notice["method"] == "notifications/progress")
        .collect();
    assert!(!told.is_empty(), "{:?}", world.notices);
    for notice in told {
        shows_itself(&notice["params"]);
        assert!(notice.to_string().len() < 1_024, "{notice}");
    }
}

async fn a_source_is_passed_on_as_it_is_stored_and_a_note_says_what_it_hides(world: &mut World) {
    let source = format!(
        "id: hello\r\n# \u{61c}\u{202e}evil\n# {}\nplain: 1\n# \u{ad}",
        interleaved(PASSWORD)
    );
    says(
        world,
        "GET",
        "*/flows/a.b/hello",
        200,
        flow(&json!({ "source": source })).to_string(),
    );
    let shown = world
        .call(
            "get_flow",
            json!({ "namespace": "a.b", "flow_id": "hello" }),
        )
        .await;
    let told = shown["untrusted"]["source"].as_str().unwrap();
    let (before, after) = told.split_once(MARK).unwrap();
    assert!(
        source.starts_with(before) && before.contains("\u{202e}evil") && source.ends_with(after),
        "{told:?}"
    );
    assert!(!visible(told).contains(PASSWORD), "{told:?}");
    let note = shown["note"].as_str().unwrap();
    assert!(
        note.contains("`source`") && note.contains("lines 2, 3, 5;"),
        "{note}"
    );
    let lines: String = "\u{200b}\n".repeat(50);
    says(
        world,
        "GET",
        "*/flows/a.b/hello",
        200,
        flow(&json!({ "source": lines })).to_string(),
    );
    let shown = world
        .call(
            "get_flow",
            json!({ "namespace": "a.b", "flow_id": "hello" }),
        )
        .await;
    mentions(&shown["note"], "19, 20 and 30 more");
    says(
        world,
        "GET",
        "*/flows/a.b/hello",
        200,
        flow(&json!({ "source": "id: hello\r\n" })).to_string(),
    );
    let shown = world
        .call(
            "get_flow",
            json!({ "namespace": "a.b", "flow_id": "hello" }),
        )
        .await;
    assert_eq!(shown.get("note"), None);
}

async fn no_encoding_of_the_credential_is_told(world: &mut World) {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    let percent = PASSWORD
        .bytes()
        .map(|byte| format!("%{byte:02x}"))
        .collect::<Vec<_>>()
        .concat();
    let units = PASSWORD
        .encode_utf16()
        .map(|unit| format!("\\u{unit:04X}"))
        .collect::<Vec<_>>()
        .concat();
    let written = [
        percent.clone(),
        percent.replace('%', "%25"),
        units.replace('\\', "\\\\"),
        units,
        STANDARD.encode(format!("ab{PASSWORD}c")),
        URL_SAFE_NO_PAD.encode(PASSWORD),
    ];
    for text in written
        .iter()
        .flat_map(|text| [text.clone(), interleaved(text)])
    {
        let body = flow(
            &json!({ "description": text, "labels": { "a": text }, "source": format!("# {text}\n") }),
        );
        says(world, "GET", "*/flows/a.b/hello", 200, body.to_string());
        let shown = world
            .call(
                "get_flow",
                json!({ "namespace": "a.b", "flow_id": "hello" }),
            )
            .await;
        for place in ["/untrusted/description", "/labels/a", "/untrusted/source"] {
            let told = shown.pointer(place).and_then(Value::as_str).unwrap();
            assert!(
                told.contains(MARK) && visible(told).len() < MARK.len() + 16,
                "{place}: {told:?} of {text:?}"
            );
        }
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

/// Over HTTP whoever asks did not set this server up.
#[tokio::test]
async fn who_cannot_mend_it_is_told_whom_to_ask() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let settings = Settings::new(Dialect::V2_0Dev);
    let address = [("KESTRA_API_URL", nobody.as_str())];
    let mut world = World::by(Way::Http, settings, Limits::default(), &address).await;
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

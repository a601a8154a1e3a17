//! Nothing that a reader does not see, and no secret, is in an answer.

use kestra_mcp::secret::{is_hidden, visible};
use serde_json::{Value, json};
use simulator::PASSWORD;

use super::HIDDEN;
use crate::contract::answer::mentions;
use crate::contract::hostile::{answers, execution, flow, says};
use crate::contract::simulated;
use crate::contract::world::World;

simulated![
    nothing_in_an_answer_is_hidden,
    nothing_in_an_error_is_hidden,
    progress_is_short_and_hides_nothing,
    a_source_is_passed_on_as_it_is_stored_and_a_note_says_what_it_hides,
    no_encoding_of_the_credential_is_shown,
];

const ID: &str = "3nosuchid00000000000000";

const MARK: &str = "[redacted:secret]";

/// `text` with an invisible character between any two of its characters.
fn interleaved(text: &str) -> String {
    let mut hidden = HIDDEN.chars().filter(|next| *next > '\u{9f}').cycle();
    let pairs = text.chars().flat_map(|next| [Some(next), hidden.next()]);
    pairs.flatten().collect()
}

/// Text with invisible characters and the credential in it.
fn odd() -> String {
    format!("a{HIDDEN}\u{1b}[31mb {}", interleaved(PASSWORD))
}

/// Collects every text in `value`, names of members included.
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

/// Holds that `value` has no invisible character and no credential, and marks both.
fn shows_itself(value: &Value) {
    let mut found = Vec::new();
    texts(value, &mut found);
    for text in found {
        assert!(!text.contains(is_hidden), "{text:?} in {value}");
        assert!(!visible(&text).contains(PASSWORD), "{text:?} in {value}");
    }
    assert!(value.to_string().contains(MARK), "{value}");
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
    let messages: Vec<&Value> = world
        .notifications
        .iter()
        .filter(|notice| notice["method"] == "notifications/progress")
        .collect();
    assert!(!messages.is_empty(), "{:?}", world.notifications);
    for notice in messages {
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
    let message = shown["untrusted"]["source"].as_str().unwrap();
    let (before, after) = message.split_once(MARK).unwrap();
    assert!(
        source.starts_with(before) && before.contains("\u{202e}evil") && source.ends_with(after),
        "{message:?}"
    );
    assert!(!visible(message).contains(PASSWORD), "{message:?}");
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

async fn no_encoding_of_the_credential_is_shown(world: &mut World) {
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
            let message = shown.pointer(place).and_then(Value::as_str).unwrap();
            assert!(
                message.contains(MARK) && visible(message).len() < MARK.len() + 16,
                "{place}: {message:?} of {text:?}"
            );
        }
    }
}

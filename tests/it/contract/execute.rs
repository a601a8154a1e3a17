//! Starting a flow: inputs, labels, dates, following it.

mod follow;
mod inputs;
mod outcome;
mod revisions;

use serde_json::{Value, json};
use simulator::{Action, Fault};

use crate::contract::answer::{has, mentions};
use crate::contract::world::World;
use crate::contract::{everywhere, simulated};

everywhere![
    starts_at_once_and_names_the_execution,
    a_schedule_date_must_be_in_the_future,
    a_secret_that_was_sent_does_not_come_back,
    a_disabled_flow_is_reported_before_the_start,
];

simulated![sends_what_was_checked_and_starts_once,];

const HELLO: &str = "id: hello
namespace: {ns}
inputs:
  - id: who
    type: STRING
    required: false
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: \"hello {{ inputs.who ?? 'world' }}\"
  - id: out
    type: io.kestra.plugin.core.debug.Return
    format: \"hello {{ inputs.who ?? 'world' }}\"
outputs:
  - id: greeting
    type: STRING
    value: \"{{ outputs.out.value }}\"
";

const SLEEPER: &str = "id: sleeper
namespace: {ns}
tasks:
  - id: nap
    type: io.kestra.plugin.core.flow.Sleep
    duration: PT20S
";

fn starts(sent: &[String]) -> usize {
    sent.iter().filter(|line| line.starts_with("POST")).count()
}

async fn starts_at_once_and_names_the_execution(world: &mut World) {
    world.save(HELLO).await;
    let ns = world.namespace.clone();
    let started = world
        .call(
            "execute_flow",
            json!({ "namespace": ns, "flow_id": "hello", "labels": { "run": "one" } }),
        )
        .await;
    let id = started["execution_id"].as_str().unwrap();
    has(
        &started,
        json!({ "namespace": ns, "flow_id": "hello", "revision": 1 }),
    );
    assert_eq!(started["labels"], json!({ "run": "one" }));
    mentions(&started["url"], &format!("/executions/{ns}/hello/{id}"));
    assert_eq!(started.get("waited_seconds"), None);
    if started["finished"] == false {
        mentions(&started["note"], "get_execution");
    }
}

async fn a_schedule_date_must_be_in_the_future(world: &mut World) {
    world.save(HELLO).await;
    let ns = world.namespace.clone();
    for bad in [
        "tomorrow",
        "2031-01-31T08:00:60Z",
        "2020-01-02T03:04:05Z",
        "2031-01-02T03:04:05",
        "2031-01-02",
    ] {
        let arguments = json!({ "namespace": ns, "flow_id": "hello", "schedule_date": bad });
        let error = world.refused("execute_flow", arguments).await;
        assert_eq!(
            (&error["code"], &error["faults"][0]["field"]),
            (&json!("INVALID_ARGUMENT"), &json!("schedule_date")),
            "{bad}"
        );
    }
    let list = world
        .call("list_executions", json!({ "namespace": ns }))
        .await;
    assert_eq!(list["items"], json!([]));
    let later = world.instant(3600);
    let started = world
        .call(
            "execute_flow",
            json!({ "namespace": ns, "flow_id": "hello", "schedule_date": later }),
        )
        .await;
    has(
        &started,
        json!({ "state": "CREATED", "schedule_date": later }),
    );
}

async fn a_secret_that_was_sent_does_not_come_back(world: &mut World) {
    world
        .save(
            "id: keeper
namespace: {ns}
inputs:
  - id: key
    type: SECRET
    required: false
  - id: plain
    type: STRING
    required: false
tasks:
  - id: out
    type: io.kestra.plugin.core.debug.Return
    format: \"{{ inputs.plain }}\"
outputs:
  - id: leak
    type: STRING
    value: \"{{ outputs.out.value }}\"
",
        )
        .await;
    let ns = world.namespace.clone();
    // The same text as a plain input too, because a Kestra without an encryption key
    // refuses a SECRET.
    let arguments = json!({ "namespace": ns, "flow_id": "keeper", "inputs": { "key": "hunter2-canary", "plain": "hunter2-canary" }, "wait_seconds": 60 });
    let params = json!({ "name": "execute_flow", "arguments": arguments });
    let answer = world.ask("tools/call", params).await;
    assert!(!answer.to_string().contains("hunter2-canary"), "{answer}");
    let list = world
        .call("list_executions", json!({ "namespace": ns }))
        .await;
    if let Some(id) = list["items"][0]["execution_id"].as_str() {
        let read = world
            .call(
                "get_execution",
                json!({ "execution_id": id, "include": ["inputs", "outputs", "logs"] }),
            )
            .await;
        let inputs = &read["untrusted"]["inputs"];
        assert!(inputs.is_object(), "{read}");
        if world.is_remote() {
            // Only the answer to the same call is redacted: values of earlier calls are not kept.
            assert!(
                !inputs["key"].to_string().contains("hunter2-canary"),
                "{read}"
            );
        } else {
            assert!(!read.to_string().contains("hunter2-canary"), "{read}");
        }
    }
}

async fn a_disabled_flow_is_reported_before_the_start(world: &mut World) {
    world.save(&format!("{HELLO}disabled: true\n")).await;
    if world.simulator.is_some() {
        world.forget();
    }
    let arguments = json!({ "namespace": world.namespace, "flow_id": "hello" });
    for (name, value) in [("wait_seconds", 0), ("revision", 1)] {
        let mut arguments = arguments.clone();
        arguments[name] = json!(value);
        let error = world.refused("execute_flow", arguments).await;
        has(
            &error,
            json!({ "code": "INVALID_ARGUMENT", "status": null }),
        );
        mentions(&error["message"], "disabled");
    }
    if world.simulator.is_some() {
        assert_eq!(starts(&world.sent()), 0);
    }
}

async fn sends_what_was_checked_and_starts_once(world: &mut World) {
    world.save(HELLO).await;
    let ns = world.namespace.clone();
    world.forget();
    let later = world.instant(3600);
    let arguments = json!({ "namespace": ns, "flow_id": "hello", "inputs": { "who": "Ada" }, "labels": { "run": "one", "team": "ops" }, "schedule_date": later });
    world.call("execute_flow", arguments).await;
    let sent = world.requests();
    let lines: Vec<String> = sent
        .iter()
        .map(|request| format!("{} {}", request.method, request.path))
        .collect();
    assert_eq!(
        lines,
        [
            format!("GET /api/v1/main/flows/{ns}/hello"),
            format!("POST /api/v1/main/executions/{ns}/hello")
        ]
    );
    let start = &sent[1];
    assert_eq!(start.parameter("revision"), Some("1"));
    assert_eq!(start.parameter("scheduleDate"), Some(later.as_str()));
    assert_eq!(start.parameter("wait"), None);
    let labels: Vec<&str> = start
        .query
        .iter()
        .filter(|(key, _)| key == "labels")
        .map(|(_, value)| value.as_str())
        .collect();
    assert_eq!(labels, ["run:one", "team:ops"]);
    assert!(
        start
            .header("content-type")
            .unwrap()
            .starts_with("multipart/form-data; boundary=")
    );
    assert!(String::from_utf8_lossy(&start.body).contains("name=\"who\"\r\n\r\nAda\r\n"));
    world.forget();
    world
        .call(
            "execute_flow",
            json!({ "namespace": ns, "flow_id": "hello" }),
        )
        .await;
    let start = &world.requests()[1];
    assert_eq!((start.header("content-type"), start.body.len()), (None, 0));
}

/// Answers with `body`, `times` times.
fn answers(method: &str, path: &str, times: usize, body: &Value) -> Fault {
    Fault {
        method: Some(method.into()),
        path: path.into(),
        times: Some(times),
        action: Action::Respond {
            status: 200,
            content_type: "application/json".into(),
            body: body.to_string().into_bytes(),
            headers: Vec::new(),
        },
    }
}

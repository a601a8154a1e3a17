//! Starting a flow: inputs, labels, dates, following it.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use simulator::{Action, Fault};

use super::hostile::says;
use super::{everywhere, simulated};
use crate::contract::answer::{has, mentions};
use crate::contract::world::World;

everywhere![
    starts_at_once_and_names_the_execution,
    follows_to_the_end_and_shows_outputs,
    every_type_of_input_reaches_kestra,
    wrong_inputs_start_nothing_and_come_all_at_once,
    a_schedule_date_must_be_in_the_future,
    stops_following_at_the_deadline_with_the_id_and_the_next_call,
    returns_on_a_pause_and_says_what_it_waits_for,
    a_failed_run_names_task_and_last_errors,
    a_secret_that_was_sent_does_not_come_back,
    a_disabled_flow_is_told_before_the_start,
    an_older_revision_is_the_one_that_runs,
    a_revision_that_the_flow_lacks_starts_nothing_and_the_latest_is_named,
    a_deleted_flow_is_not_started_in_any_revision,
];

simulated![
    a_file_of_one_mebibyte_reaches_kestra,
    inputs_that_kestra_refuses_are_invalid_arguments_in_its_words,
    sends_what_was_checked_and_starts_once,
    a_deleted_revision_is_none,
    a_start_that_kestra_answers_for_something_else_is_a_fault_that_names_both,
    reports_progress_while_it_follows,
    a_start_whose_answer_is_lost_is_not_sent_again,
    what_was_started_is_named_even_when_it_cannot_be_read,
];

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

const TYPED: &str = "id: typed
namespace: {ns}
inputs:
  - {id: s, type: STRING}
  - {id: i, type: INT, min: 1, max: 9}
  - {id: f, type: FLOAT, required: false}
  - {id: b, type: BOOL, required: false}
  - {id: dt, type: DATETIME, required: false}
  - {id: d, type: DATE, required: false}
  - {id: t, type: TIME, required: false}
  - {id: du, type: DURATION, required: false}
  - {id: j, type: JSON, required: false}
  - {id: y, type: YAML, required: false}
  - {id: u, type: URI, required: false}
  - {id: e, type: EMAIL, required: false}
  - {id: a, type: ARRAY, itemType: INT, required: false}
  - {id: sel, type: SELECT, values: [red, green], required: false}
  - {id: ms, type: MULTISELECT, values: [x, y], required: false}
  - {id: file, type: FILE, required: false}
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: ok
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

async fn follows_to_the_end_and_shows_outputs(world: &mut World) {
    world.save(HELLO).await;
    let ns = world.namespace.clone();
    let arguments = json!({ "namespace": ns, "flow_id": "hello", "inputs": { "who": "Ada" }, "wait_seconds": 60 });
    let done = world.call("execute_flow", arguments).await;
    has(&done, json!({ "state": "SUCCESS", "finished": true }));
    assert_eq!(
        done["untrusted"]["outputs"],
        json!({ "greeting": "hello Ada" })
    );
    assert_eq!(done["tasks"], json!({ "total": 2, "SUCCESS": 2 }));
    assert!(
        done["waited_seconds"].is_u64()
            && done["ended_at"].is_string()
            && done["duration_seconds"].is_number(),
        "{done}"
    );
    has(
        &done,
        json!({ "note": null, "waiting": null, "failed": null }),
    );
    assert!(
        done.to_string().len() <= 1536,
        "{} bytes",
        done.to_string().len()
    );
}

async fn every_type_of_input_reaches_kestra(world: &mut World) {
    world.save(TYPED).await;
    let ns = world.namespace.clone();
    let inputs = json!({
        "s": "text with ü", "i": "7", "f": 1.5, "b": true, "dt": "2026-01-02T05:04:05+02:00", "d": "2026-01-02",
        "t": "03:04:05", "du": "PT5M", "j": { "k": [1, "two"] }, "y": "a: 1", "u": "https://example.test/x",
        "e": "a@example.test", "a": [1, 2], "sel": "red", "ms": ["x"],
        "file": { "filename": "a.txt", "content": "line\nline" },
    });
    let arguments =
        json!({ "namespace": ns, "flow_id": "typed", "inputs": inputs, "wait_seconds": 60 });
    let done = world.call("execute_flow", arguments).await;
    assert_eq!(done["state"], "SUCCESS", "{done}");
    let id = done["execution_id"].clone();
    let read = world
        .call(
            "get_execution",
            json!({ "execution_id": id, "include": ["inputs"] }),
        )
        .await;
    let seen = &read["untrusted"]["inputs"];
    has(
        seen,
        json!({ "s": "text with ü", "i": 7, "b": true, "a": [1, 2] }),
    );
    assert_eq!(seen["j"], json!({ "k": [1, "two"] }));
    assert!(
        seen["file"].as_str().unwrap().starts_with("kestra:///"),
        "{seen}"
    );
}

/// Byte for byte, however its characters are escaped on the way here.
async fn a_file_of_one_mebibyte_reaches_kestra(world: &mut World) {
    const MIB: usize = 1 << 20;
    world.save(TYPED).await;
    let ns = world.namespace.clone();
    let bytes: Vec<u8> = (0..MIB).map(|at| u8::try_from(at % 251).unwrap()).collect();
    let lines = "\"\n".repeat(MIB / 2);
    for (file, expected) in [
        (
            json!({ "filename": "a.bin", "base64": STANDARD.encode(&bytes) }),
            bytes.as_slice(),
        ),
        (
            json!({ "filename": "a.txt", "content": lines }),
            lines.as_bytes(),
        ),
    ] {
        world.forget();
        let inputs = json!({ "s": "x", "i": 1, "file": file });
        for inputs in [inputs.clone(), inputs.to_string().into()] {
            let arguments = json!({ "namespace": ns, "flow_id": "typed", "inputs": inputs });
            world.call("execute_flow", arguments).await;
        }
        let requests = world.requests();
        let posts: Vec<_> = requests
            .iter()
            .filter(|request| request.method == "POST")
            .collect();
        assert_eq!(posts.len(), 2);
        for post in posts {
            let found = post.body.windows(MIB).any(|part| part == expected);
            assert!(found, "{} bytes", post.body.len());
        }
    }
    world.forget();
    let file = json!({ "filename": "a.bin", "base64": STANDARD.encode(vec![0; MIB + 1]) });
    let arguments = json!({ "namespace": ns, "flow_id": "typed", "inputs": { "s": "x", "i": 1, "file": file } });
    let error = world.refused("execute_flow", arguments).await;
    has(
        &error,
        json!({ "code": "INVALID_ARGUMENT", "/faults/0/input": "file" }),
    );
}

async fn wrong_inputs_start_nothing_and_come_all_at_once(world: &mut World) {
    world.save(TYPED).await;
    let ns = world.namespace.clone();
    let inputs = json!({ "i": "five", "sel": "blue", "file": "/etc/passwd", "slect": 1 });
    let error = world
        .refused(
            "execute_flow",
            json!({ "namespace": ns, "flow_id": "typed", "inputs": inputs }),
        )
        .await;
    assert_eq!(error["code"], "INVALID_ARGUMENT");
    let faults: Vec<&str> = error["faults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| fault["input"].as_str().unwrap())
        .collect();
    assert_eq!(faults, ["slect", "s", "i", "sel", "file"], "{error}");
    assert!(
        !error.to_string().contains("/etc/passwd") && !error.to_string().contains("five"),
        "{error}"
    );
    let list = world
        .call("list_executions", json!({ "namespace": ns }))
        .await;
    assert_eq!(list["items"], json!([]));
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

async fn stops_following_at_the_deadline_with_the_id_and_the_next_call(world: &mut World) {
    world.save(SLEEPER).await;
    let ns = world.namespace.clone();
    let running = world
        .call(
            "execute_flow",
            json!({ "namespace": ns, "flow_id": "sleeper", "wait_seconds": 3 }),
        )
        .await;
    has(&running, json!({ "finished": false, "waited_seconds": 3 }));
    let note = running["note"].as_str().unwrap();
    assert!(
        note.contains("after 3 s") && note.contains("get_execution"),
        "{note}"
    );
    assert_eq!(running.get("ended_at"), None);
}

async fn returns_on_a_pause_and_says_what_it_waits_for(world: &mut World) {
    world
        .save(
            "id: pauser
namespace: {ns}
tasks:
  - id: approve
    type: io.kestra.plugin.core.flow.Pause
    onResume:
      - id: reason
        type: STRING
      - id: urgent
        type: BOOL
        defaults: false
",
        )
        .await;
    let ns = world.namespace.clone();
    let paused = world
        .call(
            "execute_flow",
            json!({ "namespace": ns, "flow_id": "pauser", "wait_seconds": 60 }),
        )
        .await;
    has(&paused, json!({ "state": "PAUSED", "finished": false }));
    assert_eq!(paused["waiting"]["task_id"], "approve");
    let inputs = paused["waiting"]["inputs"].as_array().unwrap();
    assert_eq!(
        (inputs.len(), &inputs[0]["id"], &inputs[0]["required"]),
        (2, &json!("reason"), &json!(true))
    );
    assert!(paused["waited_seconds"].as_u64().unwrap() < 60);
    has(
        &paused,
        json!({ "ended_at": null, "duration_seconds": null }),
    );
}

async fn a_failed_run_names_task_and_last_errors(world: &mut World) {
    world
        .save(
            "id: failer
namespace: {ns}
tasks:
  - id: ok
    type: io.kestra.plugin.core.log.Log
    message: fine so far
  - id: boom
    type: io.kestra.plugin.core.execution.Fail
    errorMessage: the disk is full
",
        )
        .await;
    let ns = world.namespace.clone();
    let done = world
        .call(
            "execute_flow",
            json!({ "namespace": ns, "flow_id": "failer", "wait_seconds": 60 }),
        )
        .await;
    has(
        &done,
        json!({ "state": "FAILED", "/failed/0/task_id": "boom" }),
    );
    let id = done["execution_id"].clone();
    let read = world
        .call("get_execution", json!({ "execution_id": id }))
        .await;
    let logs = read["untrusted"]["logs"]
        .as_array()
        .expect("logs of a failed run");
    assert!(
        logs.iter().any(|line| line["message"]
            .as_str()
            .unwrap()
            .contains("the disk is full")
            && line["level"] == "ERROR"),
        "{read}"
    );
    assert!(!read.to_string().contains("fine so far"), "{read}");
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
    // The same text as a plain input too, so that it shows where a Kestra without an
    // encryption key would refuse a SECRET.
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
            // What a call sent is known for its own answer: nobody's values are kept.
            assert!(
                !inputs["key"].to_string().contains("hunter2-canary"),
                "{read}"
            );
        } else {
            assert!(!read.to_string().contains("hunter2-canary"), "{read}");
        }
    }
}

async fn inputs_that_kestra_refuses_are_invalid_arguments_in_its_words(world: &mut World) {
    world.save(TYPED).await;
    let words = "Invalid entity: Invalid value for input `i`. Cause: it must be less than `9`";
    says(
        world,
        "POST",
        "*/executions/*",
        422,
        json!({ "message": words }).to_string(),
    );
    let error = world.refused("execute_flow", json!({ "namespace": world.namespace, "flow_id": "typed", "inputs": { "s": "x", "i": 1 } })).await;
    has(
        &error,
        json!({ "code": "INVALID_ARGUMENT", "retryable": false }),
    );
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains(words) && message.contains("nothing was started"),
        "{error}"
    );
}

async fn a_disabled_flow_is_told_before_the_start(world: &mut World) {
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

async fn an_older_revision_is_the_one_that_runs(world: &mut World) {
    world.save(HELLO).await;
    world
        .replace("hello", &HELLO.replace("hello {{", "goodbye {{"))
        .await;
    let ns = world.namespace.clone();
    for (revision, greeting) in [(1, "hello world"), (2, "goodbye world")] {
        let arguments = json!({ "namespace": ns, "flow_id": "hello", "revision": revision, "wait_seconds": 60 });
        let done = world.call("execute_flow", arguments).await;
        has(
            &done,
            json!({ "revision": revision, "/untrusted/outputs/greeting": greeting }),
        );
    }
}

async fn a_revision_that_the_flow_lacks_starts_nothing_and_the_latest_is_named(world: &mut World) {
    world.save(HELLO).await;
    world
        .replace("hello", &HELLO.replace("hello {{", "goodbye {{"))
        .await;
    let ns = world.namespace.clone();
    for revision in [3, 99] {
        let arguments = json!({ "namespace": ns, "flow_id": "hello", "revision": revision });
        let error = world.refused("execute_flow", arguments).await;
        has(
            &error,
            json!({ "code": "NOT_FOUND", "revision": 2, "retryable": false }),
        );
        assert_eq!(
            error["message"],
            "The flow has no such revision; its latest is 2."
        );
        assert_eq!(error.get("near"), None, "{error}");
    }
    let arguments = json!({ "namespace": ns, "flow_id": "helo", "revision": 1 });
    let error = world.refused("execute_flow", arguments).await;
    has(
        &error,
        json!({ "code": "NOT_FOUND", "/near/0/flow_id": "hello" }),
    );
    let error = world
        .refused(
            "get_flow",
            json!({ "namespace": ns, "flow_id": "hello", "revision": 99 }),
        )
        .await;
    has(
        &error,
        json!({ "code": "NOT_FOUND", "revision": 2, "near": null }),
    );
    if world.simulator.is_some() {
        assert_eq!(starts(&world.sent()), 1, "{:?}", world.sent());
    }
    let list = world
        .call("list_executions", json!({ "namespace": ns }))
        .await;
    assert_eq!(list["items"], json!([]));
}

async fn a_deleted_flow_is_not_started_in_any_revision(world: &mut World) {
    world.save(HELLO).await;
    let ns = world.namespace.clone();
    world
        .http("DELETE", &format!("/flows/{ns}/hello"), None)
        .await;
    for revision in [json!(null), json!(1), json!(2)] {
        let arguments = json!({ "namespace": ns, "flow_id": "hello", "revision": revision });
        let error = world.refused("execute_flow", arguments).await;
        has(&error, json!({ "code": "NOT_FOUND", "revision": null }));
        assert!(
            error["message"]
                .as_str()
                .unwrap()
                .starts_with("No such flow"),
            "{error}"
        );
    }
    if world.simulator.is_some() {
        assert_eq!(starts(&world.sent()), 1, "{:?}", world.sent());
    }
}

async fn a_deleted_revision_is_none(world: &mut World) {
    // A revision that was deleted by itself is still answered, marked as such.
    world.save(HELLO).await;
    let ns = world.namespace.clone();
    let path = format!("/flows/{ns}/hello");
    let (_, mut flow) = world.http("GET", &path, None).await;
    flow["revision"] = json!(4);
    let answer = |flow: &Value| answers("GET", "*/flows/*/hello", 1, flow);
    world.kestra().fault(answer(&flow));
    flow["revision"] = json!(2);
    flow["deleted"] = json!(true);
    world.kestra().fault(answer(&flow));
    let error = world
        .refused(
            "execute_flow",
            json!({ "namespace": ns, "flow_id": "hello", "revision": 2 }),
        )
        .await;
    has(&error, json!({ "code": "NOT_FOUND", "revision": 4 }));
    assert_eq!(starts(&world.sent()), 1, "the flow's own save");
}

/// `body`, a few times.
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

async fn a_start_that_kestra_answers_for_something_else_is_a_fault_that_names_both(
    world: &mut World,
) {
    world.save(HELLO).await;
    let ns = world.namespace.clone();
    let id = "5someexecution000000000";
    let whole = json!({ "id": id, "namespace": ns, "flowId": "hello", "flowRevision": 1, "state": { "current": "CREATED" } });
    for (member, name, asked, answered) in [
        ("flowRevision", "revision", json!(1), json!(7)),
        ("flowId", "flow_id", json!("hello"), json!("other")),
        ("namespace", "namespace", json!(ns), json!("attack.evil")),
    ] {
        let mut shown = whole.clone();
        shown[member] = answered.clone();
        world.forget();
        world
            .kestra()
            .fault(answers("POST", "*/executions/*", 1, &shown));
        let error = world
            .refused(
                "execute_flow",
                json!({ "namespace": ns, "flow_id": "hello", "wait_seconds": 60 }),
            )
            .await;
        has(
            &error,
            json!({ "code": "UPSTREAM_ERROR", "retryable": false }),
        );
        assert_eq!(
            (&error["execution_id"], &error[name], &error["asked"]),
            (&json!(id), &answered, &json!({ name: asked })),
            "{error}"
        );
        let message = error["message"].as_str().unwrap();
        let text = |value: &Value| {
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned)
        };
        assert!(
            message.contains(&format!(
                "{name} {} instead of {}",
                text(&answered),
                text(&asked)
            )),
            "{message}"
        );
        assert_eq!(starts(&world.sent()), 1, "it is not sent again");
    }
    // What it does not say is not another.
    let silent = json!({ "id": id, "state": { "current": "SUCCESS" } });
    world
        .kestra()
        .fault(answers("POST", "*/executions/*", 1, &silent));
    let started = world
        .call(
            "execute_flow",
            json!({ "namespace": ns, "flow_id": "hello" }),
        )
        .await;
    assert_eq!(started["execution_id"], id);
    // And what it says is hostile text like any other.
    let hostile = json!({ "id": "x\u{202e}\u{1b}".repeat(4000), "namespace": "n".repeat(90_000), "flowId": { "a": 1 }, "flowRevision": 1, "state": {} });
    world
        .kestra()
        .fault(answers("POST", "*/executions/*", 1, &hostile));
    let error = world
        .refused(
            "execute_flow",
            json!({ "namespace": ns, "flow_id": "hello" }),
        )
        .await;
    assert!(
        error.to_string().len() < 4_000 && !error.to_string().contains('\u{202e}'),
        "{error}"
    );
}

async fn reports_progress_while_it_follows(world: &mut World) {
    world.save(SLEEPER).await;
    let arguments =
        json!({ "namespace": world.namespace, "flow_id": "sleeper", "wait_seconds": 60 });
    let done = world
        .call_with("execute_flow", arguments, json!({ "progressToken": "p1" }))
        .await;
    assert_eq!(done["state"], "SUCCESS");
    let told: Vec<&Value> = world
        .notices
        .iter()
        .filter(|notice| notice["method"] == "notifications/progress")
        .collect();
    assert!(!told.is_empty());
    assert!(
        told.iter()
            .all(|notice| notice["params"]["progressToken"] == "p1")
    );
    assert!(
        told.iter().any(|notice| notice["params"]["message"]
            .as_str()
            .unwrap()
            .contains("RUNNING")),
        "{told:?}"
    );
}

async fn a_start_whose_answer_is_lost_is_not_sent_again(world: &mut World) {
    world.save(HELLO).await;
    let ns = world.namespace.clone();
    for action in [
        Action::DisconnectAfter,
        Action::Timeout504After,
        Action::GarbageJson,
    ] {
        world.forget();
        world.kestra().fault(Fault {
            method: Some("POST".into()),
            path: "*/executions/*".into(),
            times: Some(1),
            action,
        });
        let error = world
            .refused(
                "execute_flow",
                json!({ "namespace": ns, "flow_id": "hello" }),
            )
            .await;
        has(
            &error,
            json!({ "code": "OUTCOME_UNKNOWN", "retryable": false }),
        );
        assert_eq!(starts(&world.sent()), 1);
        world.kestra().clear_faults();
    }
}

async fn what_was_started_is_named_even_when_it_cannot_be_read(world: &mut World) {
    world.save(SLEEPER).await;
    let ns = world.namespace.clone();
    world.kestra().fault(Fault {
        method: Some("GET".into()),
        path: "*/executions/*".into(),
        times: None,
        action: Action::Respond {
            status: 500,
            content_type: "application/json".into(),
            body: b"{\"message\":\"SQL [select]\"}".to_vec(),
            headers: Vec::new(),
        },
    });
    let started = world
        .call(
            "execute_flow",
            json!({ "namespace": ns, "flow_id": "sleeper", "wait_seconds": 10 }),
        )
        .await;
    assert!(started["execution_id"].is_string(), "{started}");
    mentions(&started["note"], "could not be read");
    assert_eq!(
        starts(&world.sent()),
        2,
        "the flow's own save and one start"
    );
}

/// GA: a flow that was just created answers 404 to a start for a while; that proves that nothing
/// began, so it may be sent again, and the new execution may not be readable at once.
#[tokio::test]
async fn waits_for_an_eventually_consistent_kestra_unproven() {
    use crate::contract::world::World;
    let settings = simulator::Settings {
        eventual: Some(Duration::from_secs(5)),
        ..simulator::Settings::new(simulator::Dialect::V2_0)
    };
    let mut world = World::with(settings, kestra_mcp::tool::context::Limits::default(), &[]).await;
    world.save(HELLO).await;
    let ns = world.namespace.clone();
    let done = world
        .call(
            "execute_flow",
            json!({ "namespace": ns, "flow_id": "hello", "wait_seconds": 60 }),
        )
        .await;
    assert_eq!(done["state"], "SUCCESS", "{done}");
    let page = world
        .call("list_executions", json!({ "namespace": ns }))
        .await;
    assert!(
        page["items"].as_array().unwrap().len() <= 1,
        "one start, not several: {page}"
    );
}

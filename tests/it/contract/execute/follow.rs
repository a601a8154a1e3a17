//! Following an execution from its start.

use serde_json::{Value, json};

use super::{HELLO, SLEEPER};
use crate::contract::answer::has;
use crate::contract::world::World;
use crate::contract::{everywhere, simulated};

everywhere![
    follows_to_the_end_and_shows_outputs,
    stops_following_at_the_deadline_with_the_id_and_the_next_call,
    returns_on_a_pause_and_says_what_it_waits_for,
    a_failed_run_names_task_and_last_errors,
];

simulated![reports_progress_while_it_follows,];

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

async fn reports_progress_while_it_follows(world: &mut World) {
    world.save(SLEEPER).await;
    let arguments =
        json!({ "namespace": world.namespace, "flow_id": "sleeper", "wait_seconds": 60 });
    let done = world
        .call_with("execute_flow", arguments, json!({ "progressToken": "p1" }))
        .await;
    assert_eq!(done["state"], "SUCCESS");
    let messages: Vec<&Value> = world
        .notifications
        .iter()
        .filter(|notice| notice["method"] == "notifications/progress")
        .collect();
    assert!(!messages.is_empty());
    assert!(
        messages
            .iter()
            .all(|notice| notice["params"]["progressToken"] == "p1")
    );
    assert!(
        messages.iter().any(|notice| notice["params"]["message"]
            .as_str()
            .unwrap()
            .contains("RUNNING")),
        "{messages:?}"
    );
}

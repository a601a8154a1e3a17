//! Following an execution: progress, how long a call waits, and answers that never arrived.

use std::sync::Arc;

use kestra_mcp::tool::context::Limits;
use serde_json::{Value, json};
use simulator::{Action, Dialect, Fault, Settings};

use super::simulated;
use super::world::World;
use crate::contract::answer::has;

simulated![
    progress_names_the_execution_and_the_running_task_and_counts_tasks,
    the_total_of_tasks_comes_from_the_flow,
    without_progress_a_call_waits_for_a_limited_time_and_says_how_to_continue,
];

const NESTED: &str = "id: nested
namespace: {ns}
tasks:
  - id: group
    type: io.kestra.plugin.core.flow.Sequential
    tasks:
      - id: first
        type: io.kestra.plugin.core.log.Log
        message: hi
      - id: nap
        type: io.kestra.plugin.core.flow.Sleep
        duration: PT20S
  - id: last
    type: io.kestra.plugin.core.log.Log
    message: bye
";

const LONG: &str = "id: long
namespace: {ns}
tasks:
  - id: nap
    type: io.kestra.plugin.core.flow.Sleep
    duration: PT100S
";

fn call(world: &World, flow: &str, wait: u64) -> Value {
    json!({ "namespace": world.namespace, "flow_id": flow, "wait_seconds": wait })
}

/// How many executions were started.
fn starts(world: &World) -> usize {
    let sent = world.sent();
    let starts = |line: &&String| line.starts_with("POST") && line.contains("/executions/");
    sent.iter().filter(starts).count()
}

fn progress(world: &World) -> Vec<Value> {
    let progress = |notice: &&Value| notice["method"] == "notifications/progress";
    let all = world.notifications.iter().filter(progress);
    all.map(|notice| notice["params"].clone()).collect()
}

async fn progress_names_the_execution_and_the_running_task_and_counts_tasks(world: &mut World) {
    world.save(NESTED).await;
    let done = world
        .call_with(
            "execute_flow",
            call(world, "nested", 60),
            json!({ "progressToken": "p" }),
        )
        .await;
    has(
        &done,
        json!({ "state": "SUCCESS", "tasks": { "total": 4, "SUCCESS": 4 } }),
    );
    let id = done["execution_id"].as_str().unwrap();
    let progress = progress(world);
    // Of several notifications at once only the last is sent.
    assert!(!progress.is_empty(), "{progress:?}");
    for params in &progress {
        assert!(
            params["message"]
                .as_str()
                .unwrap()
                .starts_with(&format!("execution_id {id}: ")),
            "{params}"
        );
        assert_eq!(params["total"], 4.0, "{params}");
    }
    let bars: Vec<f64> = progress
        .iter()
        .map(|params| params["progress"].as_f64().unwrap())
        .collect();
    assert!(bars.is_sorted_by(|one, next| one < next), "{bars:?}");
    // One task has ended while the other two sleep, however long that takes.
    let napping: Vec<&Value> = progress
        .iter()
        .filter(|params| {
            params["message"]
                .as_str()
                .unwrap()
                .contains("RUNNING nap, 1 of 4 tasks done")
        })
        .collect();
    assert!(!napping.is_empty(), "{progress:?}");
    assert!(
        napping
            .iter()
            .all(|params| params["progress"].as_f64().unwrap() < 1.1),
        "{progress:?}"
    );
}

async fn the_total_of_tasks_comes_from_the_flow(world: &mut World) {
    world.save(NESTED).await;
    let running = world.call("execute_flow", call(world, "nested", 3)).await;
    let tasks = &running["tasks"];
    assert_eq!(
        (&running["state"], &tasks["total"]),
        (&json!("RUNNING"), &json!(4)),
        "{running}"
    );
    let counted: u64 = tasks
        .as_object()
        .unwrap()
        .iter()
        .filter(|(word, _)| *word != "total")
        .map(|(_, count)| count.as_u64().unwrap())
        .sum();
    assert!(counted < 4, "{tasks}");
    let read = world
        .call(
            "get_execution",
            json!({ "execution_id": running["execution_id"] }),
        )
        .await;
    assert_eq!(read["tasks"]["total"], 4, "{read}");
}

async fn without_progress_a_call_waits_for_a_limited_time_and_says_how_to_continue(
    world: &mut World,
) {
    world.save(LONG).await;
    let capped = world.call("execute_flow", call(world, "long", 300)).await;
    has(&capped, json!({ "state": "RUNNING", "waited_seconds": 50 }));
    let note = capped["note"].as_str().unwrap();
    for word in ["after 50 s", "no progress", "get_execution"] {
        assert!(note.contains(word), "{note}");
    }
    let whole = world
        .call_with(
            "execute_flow",
            call(world, "long", 300),
            json!({ "progressToken": "p" }),
        )
        .await;
    has(&whole, json!({ "state": "SUCCESS", "note": null }));
    // A call that ends by itself does not mention it.
    let short = world.call("execute_flow", call(world, "long", 20)).await;
    assert!(
        !short["note"].as_str().unwrap().contains("no progress"),
        "{short}"
    );
}

#[tokio::test]
async fn the_longest_wait_without_progress_is_a_setting() {
    for (seconds, waited) in [("5", 5), ("300", 100)] {
        let settings = Settings::new(Dialect::V1_3);
        let variables = [("KESTRA_MCP_QUIET_WAIT_SECONDS", seconds)];
        let mut world = World::with(settings, Limits::default(), &variables).await;
        world.save(LONG).await;
        let arguments = call(&world, "long", 300);
        let answer = world.call("execute_flow", arguments).await;
        let seen = answer["waited_seconds"].as_u64().unwrap();
        assert!((waited..waited + 4).contains(&seen), "{seconds}: {answer}");
    }
}

/// A call that is cancelled while it waits, or while the request `method` is held back; the id of
/// the execution that it started.
async fn taken_back(world: &mut World, arguments: Value, method: &str) -> String {
    world.forget();
    let until = Arc::new(tokio::sync::Notify::new());
    world.kestra().fault(Fault {
        method: Some(method.into()),
        path: "*/executions/*".into(),
        times: Some(1),
        action: Action::Held(Arc::clone(&until)),
    });
    let call = json!({ "name": "execute_flow", "arguments": arguments });
    world
        .send(&json!({ "jsonrpc": "2.0", "id": "held", "method": "tools/call", "params": call }))
        .await;
    let held = |world: &World| {
        world
            .requests()
            .iter()
            .any(|request| request.method == method && request.status == 0)
    };
    while !held(world) {
        tokio::task::yield_now().await;
    }
    world
        .send(&json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": "held" } }))
        .await;
    // An answer to a later message shows that the server has read the cancellation.
    world.ask("ping", json!({})).await;
    until.notify_one();
    // A read that nobody waits for is dropped, a start is not.
    while method == "POST" && held(world) {
        tokio::task::yield_now().await;
    }
    assert_eq!(starts(world), 1);
    let list = world
        .call("list_executions", json!({ "namespace": world.namespace }))
        .await;
    list["items"][0]["execution_id"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn repeating_a_cancelled_call_returns_the_execution_that_it_started() {
    for dialect in Dialect::ALL {
        for method in ["POST", "GET"] {
            let mut world = World::simulated(dialect, Limits::default()).await;
            world.save(LONG).await;
            let arguments = call(&world, "long", 40);
            let id = taken_back(&mut world, arguments.clone(), method).await;
            // The wait and the spelling make no difference.
            let same = json!({ "flow_id": "long", "again": "false", "namespace": world.namespace, "wait_seconds": "3" });
            let second = world.call("execute_flow", same).await;
            assert_eq!(second["execution_id"], id, "{dialect} {method}: {second}");
            assert_eq!(
                (&second["state"], &second["waited_seconds"]),
                (&json!("RUNNING"), &json!(3)),
                "{second}"
            );
            let note = second["note"].as_str().unwrap();
            for word in ["Nothing was started now", "`again: true`", "get_execution"] {
                assert!(note.contains(word), "{note}");
            }
            assert_eq!(starts(&world), 1);
            assert!(!note.contains("Started"), "{note}");
            // That answer was delivered.
            let third = world.call("execute_flow", arguments).await;
            assert_ne!(third["execution_id"], id);
            assert_eq!(starts(&world), 2);
        }
    }
}

#[tokio::test]
async fn a_different_a_forced_or_a_late_call_starts_another_execution() {
    for window in ["120", "0", "600"] {
        let settings = Settings::new(Dialect::V2_0Dev);
        let variables = [("KESTRA_MCP_REPEAT_SECONDS", window)];
        let mut world = World::with(settings, Limits::default(), &variables).await;
        world.save(LONG).await;
        world.save(NESTED).await;
        let arguments = call(&world, "long", 0);
        let id = taken_back(&mut world, arguments.clone(), "POST").await;
        for (name, value) in [
            ("labels", json!({ "run": "two" })),
            ("flow_id", json!("nested")),
            ("again", json!(true)),
        ] {
            let mut other = arguments.clone();
            other[name] = value;
            let started = world.call("execute_flow", other).await;
            assert_ne!(started["execution_id"], id, "{name}");
        }
        assert_eq!(starts(&world), 4);
        world.advance(std::time::Duration::from_secs(121)).await;
        let late = world.call("execute_flow", arguments).await;
        assert_eq!(
            late["execution_id"] == id,
            window == "600",
            "{window}: {late}"
        );
    }
}

#[tokio::test]
async fn repeating_a_call_of_unknown_outcome_starts_nothing() {
    let mut world = World::simulated(Dialect::V1_3, Limits::default()).await;
    world.save(LONG).await;
    world.forget();
    let arguments = call(&world, "long", 0);
    // The start is held back, cancelled, and then never answered.
    let until = Arc::new(tokio::sync::Notify::new());
    for action in [Action::Held(Arc::clone(&until)), Action::DisconnectAfter] {
        let held = matches!(action, Action::Held(_));
        world.kestra().fault(Fault {
            method: Some(if held { "GET" } else { "POST" }.into()),
            path: if held { "*/flows/*" } else { "*/executions/*" }.into(),
            times: Some(1),
            action,
        });
    }
    let params = json!({ "name": "execute_flow", "arguments": arguments });
    world
        .send(&json!({ "jsonrpc": "2.0", "id": "a", "method": "tools/call", "params": params }))
        .await;
    while world.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    until.notify_one();
    let gone = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": "a" } });
    while starts(&world) == 0 {
        tokio::task::yield_now().await;
    }
    world.send(&gone).await;
    world.ask("ping", json!({})).await;
    let error = world.refused("execute_flow", arguments.clone()).await;
    let taken = error["code"] == "OUTCOME_UNKNOWN" && starts(&world) == 1;
    assert!(taken, "{error}");
    world.call("execute_flow", arguments).await;
    assert_eq!(starts(&world), 2);
}

#[tokio::test]
async fn a_null_in_an_input_makes_a_different_call() {
    const TAKES: &str = "id: takes\nnamespace: {ns}\ninputs:\n  - {id: j, type: JSON}\n  - {id: k, type: STRING, required: false}\ntasks:\n  - {id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT100S}\n";
    let mut world = World::simulated(Dialect::V1_3, Limits::default()).await;
    world.save(TAKES).await;
    let with = |world: &World, inputs: Value| {
        let mut arguments = call(world, "takes", 0);
        arguments["inputs"] = inputs;
        arguments
    };
    let arguments = with(&world, json!({ "j": { "until": null } }));
    let id = taken_back(&mut world, arguments, "POST").await;
    let other = with(&world, json!({ "j": {} }));
    let started = world.call("execute_flow", other).await;
    assert_ne!(started["execution_id"], id, "{started}");
    // A null argument counts as absent.
    let same = with(&world, json!({ "j": { "until": null }, "k": null }));
    let repeated = world.call("execute_flow", same).await;
    assert_eq!(repeated["execution_id"], id, "{repeated}");
}

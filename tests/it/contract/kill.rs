//! Ending executions: what is sent, and that the answer is true.

mod outcome;

use std::time::Duration;

use serde_json::{Value, json};
use simulator::{Action, Fault};

use crate::contract::answer::{has, mentions};
use crate::contract::world::World;
use crate::contract::{everywhere, simulated};

everywhere![
    a_running_execution_is_killed,
    an_ended_execution_is_left_as_it_is,
    an_unknown_execution_is_not_found,
    a_paused_execution_is_killed,
];

simulated![
    invalid_ids_send_nothing,
    an_execution_of_another_tenant_is_not_found,
    the_cascade_is_sent_either_way,
    subflows_end_with_it_unless_asked_otherwise,
    a_queued_execution_is_killed,
    an_execution_being_killed_ends_killed,
    a_kill_that_kestra_accepts_without_effect_is_only_requested,
    a_slow_kill_is_requested_and_killing,
];

const SLEEPER: &str = "id: sleeper
namespace: {ns}
tasks:
  - id: nap
    type: io.kestra.plugin.core.flow.Sleep
    duration: PT20S
";

const TOOL: &str = "kill_execution";

/// Starts `flow_id` and waits for `state`; the id of the execution.
async fn started(world: &mut World, flow_id: &str, state: &str) -> String {
    let arguments = json!({ "namespace": world.namespace, "flow_id": flow_id });
    let started = world.call("execute_flow", arguments).await;
    let id = started["execution_id"].as_str().unwrap().to_owned();
    for _ in 0..100 {
        let read = world
            .call("get_execution", json!({ "execution_id": id }))
            .await;
        if read["state"] == state {
            if world.simulator.is_some() {
                world.forget();
            }
            return id;
        }
        world.advance(Duration::from_millis(200)).await;
    }
    panic!("{flow_id} never is {state}");
}

/// How many kills were sent, and that no other change was.
fn kills(world: &World) -> usize {
    let Some(simulator) = &world.simulator else {
        return 1;
    };
    let requests = simulator.requests();
    let changes = requests.iter().filter(|request| request.method != "GET");
    let end = if world.is_v2 {
        "/actions/kill"
    } else {
        "/kill"
    };
    changes
        .inspect(|request| {
            let route = request.method == "DELETE" && request.path.ends_with(end);
            assert!(route, "{} {}", request.method, request.path);
        })
        .count()
}

fn on_kill(action: Action) -> Fault {
    Fault {
        method: Some("DELETE".into()),
        path: "*/kill".into(),
        times: None,
        action,
    }
}

fn answers(status: u16, body: &str) -> Action {
    Action::Respond {
        status,
        content_type: "application/json".into(),
        body: body.as_bytes().to_vec(),
        headers: Vec::new(),
    }
}

fn states(message: &Value) -> (&str, &str, &str) {
    let text = |name: &str| message[name].as_str().unwrap_or_default();
    (text("outcome"), text("state_before"), text("state"))
}

async fn a_running_execution_is_killed(world: &mut World) {
    world.save(SLEEPER).await;
    let ns = world.namespace.clone();
    let id = started(world, "sleeper", "RUNNING").await;
    let answer = world.call(TOOL, json!({ "execution_id": id })).await;
    assert_eq!(states(&answer), ("killed", "RUNNING", "KILLED"), "{answer}");
    has(
        &answer,
        json!({ "execution_id": id, "namespace": ns, "flow_id": "sleeper" }),
    );
    assert!(
        answer["url"]
            .as_str()
            .unwrap()
            .ends_with(&format!("/executions/{ns}/sleeper/{id}")),
        "{answer}"
    );
    assert_eq!(answer.get("note"), None, "{answer}");
    assert_eq!(kills(world), 1);
    let read = world
        .call("get_execution", json!({ "execution_id": id }))
        .await;
    assert_eq!(
        (&read["state"], &read["finished"]),
        (&json!("KILLED"), &json!(true)),
        "killed, not deleted: {read}"
    );
}

async fn an_ended_execution_is_left_as_it_is(world: &mut World) {
    world.save(&SLEEPER.replace("PT20S", "PT0.1S")).await;
    let id = world.run("sleeper").await;
    for cascade in [true, false] {
        if world.simulator.is_some() {
            world.forget();
        }
        let answer = world
            .call(TOOL, json!({ "execution_id": id, "cascade": cascade }))
            .await;
        assert_eq!(
            states(&answer),
            ("already", "SUCCESS", "SUCCESS"),
            "{answer}"
        );
        mentions(&answer["note"], "nothing was sent");
        if world.simulator.is_some() {
            assert_eq!(kills(world), 0);
        }
    }
}

async fn an_unknown_execution_is_not_found(world: &mut World) {
    let error = world
        .refused(TOOL, json!({ "execution_id": "3nosuchid00000000000000" }))
        .await;
    has(&error, json!({ "code": "NOT_FOUND", "retryable": false }));
    if world.simulator.is_some() {
        assert_eq!(
            world.sent(),
            ["GET /api/v1/main/executions/3nosuchid00000000000000"]
        );
    }
}

async fn a_paused_execution_is_killed(world: &mut World) {
    world.save("id: pauser\nnamespace: {ns}\ntasks:\n  - id: approve\n    type: io.kestra.plugin.core.flow.Pause\n").await;
    let id = started(world, "pauser", "PAUSED").await;
    let answer = world.call(TOOL, json!({ "execution_id": id })).await;
    assert_eq!(states(&answer), ("killed", "PAUSED", "KILLED"), "{answer}");
    assert_eq!(kills(world), 1);
}

async fn invalid_ids_send_nothing(world: &mut World) {
    world.call("auth_status", json!({})).await;
    world.forget();
    for id in [
        "../x",
        "kill/by-query?x=",
        "by-query",
        "by-ids",
        "",
        "3nosuchid0000000000000/",
        "3nosuchid00000000000000?isOnKillCascade=true",
        "a\nb",
    ] {
        let error = world.refused(TOOL, json!({ "execution_id": id })).await;
        assert_eq!(
            (&error["code"], &error["faults"][0]["field"]),
            (&json!("INVALID_ARGUMENT"), &json!("execution_id")),
            "{id:?}"
        );
    }
    // Only the configuration names the tenant.
    let error = world
        .refused(
            TOOL,
            json!({ "execution_id": "3nosuchid00000000000000", "tenant": "other" }),
        )
        .await;
    has(
        &error,
        json!({ "code": "INVALID_ARGUMENT", "/faults/0/field": "tenant" }),
    );
    let error = world
        .refused(
            TOOL,
            json!({ "execution_id": "3nosuchid00000000000000", "cascade": "yes" }),
        )
        .await;
    assert_eq!(error["faults"][0]["field"], "cascade", "{error}");
    assert_eq!(world.sent(), Vec::<String>::new());
}

async fn an_execution_of_another_tenant_is_not_found(world: &mut World) {
    // An execution of another tenant and an id that nobody has get the same 404.
    let error = world
        .refused(TOOL, json!({ "execution_id": "7ofanothertenant0000000" }))
        .await;
    let none = world
        .refused(TOOL, json!({ "execution_id": "3nosuchid00000000000000" }))
        .await;
    assert_eq!(error, none);
    assert_eq!(kills(world), 0);
    assert!(
        world
            .requests()
            .iter()
            .all(|request| request.path.starts_with("/api/v1/main/"))
    );
}

async fn the_cascade_is_sent_either_way(world: &mut World) {
    world.save(SLEEPER).await;
    for (given, sent) in [
        (json!(null), "true"),
        (json!(true), "true"),
        (json!(false), "false"),
    ] {
        let id = started(world, "sleeper", "RUNNING").await;
        world
            .call(TOOL, json!({ "execution_id": id, "cascade": given }))
            .await;
        assert_eq!(kills(world), 1);
        let requests = world.requests();
        let kill = requests
            .iter()
            .find(|request| request.method == "DELETE")
            .unwrap();
        assert_eq!(kill.parameter("isOnKillCascade"), Some(sent));
        assert!(kill.path.contains(&id), "{}", kill.path);
    }
}

async fn subflows_end_with_it_unless_asked_otherwise(world: &mut World) {
    world.save(SLEEPER).await;
    world.save("id: parent\nnamespace: {ns}\ntasks:\n  - id: call\n    type: io.kestra.plugin.core.flow.Subflow\n    namespace: {ns}\n    flowId: sleeper\n    wait: true\n").await;
    for (cascade, child) in [(true, "KILLED"), (false, "RUNNING")] {
        let id = started(world, "parent", "RUNNING").await;
        world.advance(Duration::from_secs(2)).await;
        world
            .call(TOOL, json!({ "execution_id": id, "cascade": cascade }))
            .await;
        let list = world
            .call(
                "list_executions",
                json!({ "namespace": world.namespace, "flow_id": "sleeper", "size": 1 }),
            )
            .await;
        assert_eq!(list["items"][0]["state"], child, "{list}");
        world.advance(Duration::from_mins(1)).await;
    }
}

async fn a_queued_execution_is_killed(world: &mut World) {
    world
        .save(&format!(
            "{SLEEPER}concurrency:\n  limit: 1\n  behavior: QUEUE\n"
        ))
        .await;
    started(world, "sleeper", "RUNNING").await;
    let id = started(world, "sleeper", "QUEUED").await;
    let answer = world.call(TOOL, json!({ "execution_id": id })).await;
    assert_eq!(states(&answer), ("killed", "QUEUED", "KILLED"), "{answer}");
}

async fn an_execution_being_killed_ends_killed(world: &mut World) {
    world.save(SLEEPER).await;
    let id = started(world, "sleeper", "RUNNING").await;
    let path = if world.is_v2 {
        format!("/executions/{id}/actions/kill")
    } else {
        format!("/executions/{id}/kill")
    };
    world.http("DELETE", &path, None).await;
    world.advance(Duration::from_millis(100)).await;
    world.forget();
    let answer = world.call(TOOL, json!({ "execution_id": id })).await;
    assert_eq!(states(&answer), ("killed", "KILLING", "KILLED"), "{answer}");
    assert!(kills(world) <= 1);
}

async fn a_kill_that_kestra_accepts_without_effect_is_only_requested(world: &mut World) {
    world.save(SLEEPER).await;
    let id = started(world, "sleeper", "RUNNING").await;
    for (status, body) in [
        (202, ""),
        (200, "{\"id\":\"ID\",\"state\":{\"current\":\"KILLED\"}}"),
        (204, ""),
    ] {
        world.kestra().clear_faults();
        world.forget();
        world
            .kestra()
            .fault(on_kill(answers(status, &body.replace("ID", &id))));
        let end = world.instant(5);
        let answer = world.call(TOOL, json!({ "execution_id": id })).await;
        assert_eq!(
            states(&answer),
            ("requested", "RUNNING", "RUNNING"),
            "{status}: {answer}"
        );
        let note = answer["note"].as_str().unwrap();
        assert!(
            note.contains("accepted") && note.contains("RUNNING") && note.contains("get_execution"),
            "{note}"
        );
        assert_eq!(kills(world), 1);
        assert_eq!(world.instant(0), end, "it looks for 5 s");
    }
}

async fn a_slow_kill_is_requested_and_killing(world: &mut World) {
    world.save(SLEEPER).await;
    let id = started(world, "sleeper", "RUNNING").await;
    let shown = json!({ "id": id, "namespace": world.namespace, "flowId": "sleeper", "flowRevision": 1, "state": { "current": "KILLING" } });
    world.kestra().fault(before(Duration::ZERO));
    world.kestra().fault(Fault {
        method: Some("GET".into()),
        path: "*/executions/*".into(),
        times: None,
        action: answers(200, &shown.to_string()),
    });
    let answer = world.call(TOOL, json!({ "execution_id": id })).await;
    assert_eq!(
        states(&answer),
        ("requested", "RUNNING", "KILLING"),
        "{answer}"
    );
    mentions(&answer["note"], "the state is KILLING for now");
    assert_eq!(kills(world), 1);
}

/// Lets the read before the kill pass, so that the next fault hits the reads after it.
fn before(delay: Duration) -> Fault {
    Fault {
        method: Some("GET".into()),
        path: "*/executions/*".into(),
        times: Some(1),
        action: Action::Delay(delay),
    }
}

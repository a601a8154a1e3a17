//! Ending executions: what is sent, and that what is said of it is true.

use std::sync::Arc;
use std::time::Duration;

use kestra_mcp::tool::context::Limits;
use serde_json::{Value, json};
use simulator::{Action, Dialect, Fault};

use super::{everywhere, simulated};
use crate::contract::answer::{has, mentions};
use crate::contract::world::World;

everywhere![
    a_running_execution_is_killed,
    an_ended_execution_is_left_as_it_is,
    an_unknown_execution_is_not_found,
    a_paused_execution_is_killed,
];

simulated![
    ids_that_are_none_send_nothing,
    an_execution_of_another_tenant_is_as_good_as_none,
    the_cascade_is_said_either_way,
    subflows_end_with_it_unless_told_otherwise,
    a_queued_execution_is_killed,
    one_that_is_being_killed_ends_killed,
    what_kestra_takes_without_doing_it_is_only_requested,
    a_kill_that_takes_long_is_requested_and_killing,
    what_was_done_but_not_confirmed_is_what_it_is,
    what_was_neither_done_nor_confirmed_is_unknown,
    after_a_kill_that_was_not_confirmed_in_time_the_read_decides,
    a_kill_that_kestra_answers_for_another_is_a_fault_that_names_both,
    what_kestra_refuses_is_an_error_in_its_words,
    who_may_not_kill_is_told_the_permission,
    one_that_ends_first_is_not_called_killed,
    what_cannot_be_read_afterwards_is_said_so,
    nothing_is_killed_that_could_not_be_read,
];

const SLEEPER: &str = "id: sleeper
namespace: {ns}
tasks:
  - id: nap
    type: io.kestra.plugin.core.flow.Sleep
    duration: PT20S
";

const TOOL: &str = "kill_execution";

/// An execution of `flow_id` that is in `state`.
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
        world.pass(Duration::from_millis(200)).await;
    }
    panic!("{flow_id} never is {state}");
}

/// How many kills were sent; nothing else that changes anything was.
fn kills(world: &World) -> usize {
    let Some(simulator) = &world.simulator else {
        return 1;
    };
    let requests = simulator.requests();
    let changes = requests.iter().filter(|request| request.method != "GET");
    let end = if world.two { "/actions/kill" } else { "/kill" };
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

fn states(told: &Value) -> (&str, &str, &str) {
    let text = |name: &str| told[name].as_str().unwrap_or_default();
    (text("outcome"), text("state_before"), text("state"))
}

async fn a_running_execution_is_killed(world: &mut World) {
    world.save(SLEEPER).await;
    let ns = world.namespace.clone();
    let id = started(world, "sleeper", "RUNNING").await;
    let told = world.call(TOOL, json!({ "execution_id": id })).await;
    assert_eq!(states(&told), ("killed", "RUNNING", "KILLED"), "{told}");
    has(
        &told,
        json!({ "execution_id": id, "namespace": ns, "flow_id": "sleeper" }),
    );
    assert!(
        told["url"]
            .as_str()
            .unwrap()
            .ends_with(&format!("/executions/{ns}/sleeper/{id}")),
        "{told}"
    );
    assert_eq!(told.get("note"), None, "{told}");
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
        let told = world
            .call(TOOL, json!({ "execution_id": id, "cascade": cascade }))
            .await;
        assert_eq!(states(&told), ("already", "SUCCESS", "SUCCESS"), "{told}");
        mentions(&told["note"], "nothing was sent");
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
    let told = world.call(TOOL, json!({ "execution_id": id })).await;
    assert_eq!(states(&told), ("killed", "PAUSED", "KILLED"), "{told}");
    assert_eq!(kills(world), 1);
}

async fn ids_that_are_none_send_nothing(world: &mut World) {
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
    // Tenants are configuration.
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

async fn an_execution_of_another_tenant_is_as_good_as_none(world: &mut World) {
    // What another tenant runs answers 404 here, as does an id that nobody has: one text.
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

async fn the_cascade_is_said_either_way(world: &mut World) {
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

async fn subflows_end_with_it_unless_told_otherwise(world: &mut World) {
    world.save(SLEEPER).await;
    world.save("id: parent\nnamespace: {ns}\ntasks:\n  - id: call\n    type: io.kestra.plugin.core.flow.Subflow\n    namespace: {ns}\n    flowId: sleeper\n    wait: true\n").await;
    for (cascade, child) in [(true, "KILLED"), (false, "RUNNING")] {
        let id = started(world, "parent", "RUNNING").await;
        world.pass(Duration::from_secs(2)).await;
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
        world.pass(Duration::from_mins(1)).await;
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
    let told = world.call(TOOL, json!({ "execution_id": id })).await;
    assert_eq!(states(&told), ("killed", "QUEUED", "KILLED"), "{told}");
}

async fn one_that_is_being_killed_ends_killed(world: &mut World) {
    world.save(SLEEPER).await;
    let id = started(world, "sleeper", "RUNNING").await;
    let path = if world.two {
        format!("/executions/{id}/actions/kill")
    } else {
        format!("/executions/{id}/kill")
    };
    world.http("DELETE", &path, None).await;
    world.pass(Duration::from_millis(100)).await;
    world.forget();
    let told = world.call(TOOL, json!({ "execution_id": id })).await;
    assert_eq!(states(&told), ("killed", "KILLING", "KILLED"), "{told}");
    assert!(kills(world) <= 1);
}

async fn what_kestra_takes_without_doing_it_is_only_requested(world: &mut World) {
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
        let told = world.call(TOOL, json!({ "execution_id": id })).await;
        assert_eq!(
            states(&told),
            ("requested", "RUNNING", "RUNNING"),
            "{status}: {told}"
        );
        let note = told["note"].as_str().unwrap();
        assert!(
            note.contains("accepted") && note.contains("RUNNING") && note.contains("get_execution"),
            "{note}"
        );
        assert_eq!(kills(world), 1);
        assert_eq!(world.instant(0), end, "it looks for 5 s");
    }
}

async fn a_kill_that_takes_long_is_requested_and_killing(world: &mut World) {
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
    let told = world.call(TOOL, json!({ "execution_id": id })).await;
    assert_eq!(states(&told), ("requested", "RUNNING", "KILLING"), "{told}");
    mentions(&told["note"], "the state is KILLING for now");
    assert_eq!(kills(world), 1);
}

/// Lets the read before the kill through, so that the next fault meets the reads after it.
fn before(delay: Duration) -> Fault {
    Fault {
        method: Some("GET".into()),
        path: "*/executions/*".into(),
        times: Some(1),
        action: Action::Delay(delay),
    }
}

async fn what_was_done_but_not_confirmed_is_what_it_is(world: &mut World) {
    world.save(SLEEPER).await;
    for action in [Action::Timeout504After, Action::DisconnectAfter] {
        let id = started(world, "sleeper", "RUNNING").await;
        world.kestra().fault(on_kill(action));
        let told = world.call(TOOL, json!({ "execution_id": id })).await;
        assert_eq!(states(&told), ("killed", "RUNNING", "KILLED"), "{told}");
        assert_eq!(kills(world), 1);
        world.kestra().clear_faults();
    }
}

async fn what_was_neither_done_nor_confirmed_is_unknown(world: &mut World) {
    world.save(SLEEPER).await;
    for action in [
        Action::Disconnect,
        Action::GarbageJson,
        answers(504, ""),
        answers(500, "{\"message\":\"SQL [x]\"}"),
        answers(408, ""),
    ] {
        let id = started(world, "sleeper", "RUNNING").await;
        world.kestra().fault(on_kill(action));
        let end = world.instant(5);
        let error = world.refused(TOOL, json!({ "execution_id": id })).await;
        has(
            &error,
            json!({ "code": "OUTCOME_UNKNOWN", "retryable": false }),
        );
        assert!(!error.to_string().contains("SQL"), "{error}");
        assert_eq!(world.instant(0), end, "it looks for 5 s");
        assert_eq!(kills(world), 1, "it is not sent again");
        world.kestra().clear_faults();
    }
}

async fn after_a_kill_that_was_not_confirmed_in_time_the_read_decides(world: &mut World) {
    world.save(SLEEPER).await;
    for (state, outcome) in [
        ("KILLED", "killed"),
        ("KILLING", "requested"),
        ("SUCCESS", "already"),
        ("FAILED", "already"),
        ("CANCELLED", "already"),
        ("PAUSED", ""),
        ("RUNNING", ""),
    ] {
        let id = started(world, "sleeper", "RUNNING").await;
        let shown = json!({ "id": id, "namespace": world.namespace, "flowId": "sleeper", "flowRevision": 1, "state": { "current": state } });
        world.kestra().fault(on_kill(answers(
            504,
            "{\"message\":\"Operation timed out waiting for state transition\"}",
        )));
        world.kestra().fault(before(Duration::ZERO));
        world.kestra().fault(Fault {
            method: Some("GET".into()),
            path: "*/executions/*".into(),
            times: None,
            action: answers(200, &shown.to_string()),
        });
        if outcome.is_empty() {
            let error = world.refused(TOOL, json!({ "execution_id": id })).await;
            assert_eq!(
                (&error["code"], &error["retryable"]),
                (&json!("OUTCOME_UNKNOWN"), &json!(false)),
                "{state}: {error}"
            );
        } else {
            let told = world.call(TOOL, json!({ "execution_id": id })).await;
            assert_eq!(states(&told), (outcome, "RUNNING", state), "{told}");
        }
        assert_eq!(kills(world), 1, "{state}");
        world.kestra().clear_faults();
    }
}

async fn a_kill_that_kestra_answers_for_another_is_a_fault_that_names_both(world: &mut World) {
    world.save(SLEEPER).await;
    let id = started(world, "sleeper", "RUNNING").await;
    let ns = world.namespace.clone();
    let other = "5another000000000000000";
    let own = json!({ "id": id, "namespace": ns, "flowId": "sleeper", "state": { "current": "KILLING" } });
    for (member, name, answered) in [
        ("id", "execution_id", other),
        ("namespace", "namespace", "attack.evil"),
        ("flowId", "flow_id", "elsewhere"),
    ] {
        let mut shown = own.clone();
        shown[member] = json!(answered);
        world.forget();
        world.kestra().fault(Fault {
            times: Some(1),
            ..on_kill(answers(200, &shown.to_string()))
        });
        let error = world.refused(TOOL, json!({ "execution_id": id })).await;
        has(
            &error,
            json!({ "code": "UPSTREAM_ERROR", "retryable": false }),
        );
        assert_eq!(
            (&error[name], &error["asked"][name]),
            (&json!(answered), &own[member]),
            "{error}"
        );
        mentions(&error["message"], &format!("{name} {answered} instead of"));
        assert_eq!(kills(world), 1);
    }
}

async fn what_kestra_refuses_is_an_error_in_its_words(world: &mut World) {
    world.save(SLEEPER).await;
    let id = started(world, "sleeper", "RUNNING").await;
    for (status, code) in [
        (400, "UPSTREAM_ERROR"),
        (405, "UPSTREAM_ERROR"),
        (406, "UPSTREAM_ERROR"),
        (409, "UPSTREAM_ERROR"),
        (422, "UPSTREAM_ERROR"),
        (404, "NOT_FOUND"),
    ] {
        world.kestra().clear_faults();
        world.forget();
        world.kestra().fault(on_kill(answers(
            status,
            "{\"message\":\"not this one\",\"_links\":{}}",
        )));
        let error = world.refused(TOOL, json!({ "execution_id": id })).await;
        assert_eq!(
            (&error["code"], &error["retryable"]),
            (&json!(code), &json!(false)),
            "{status}: {error}"
        );
        if code == "UPSTREAM_ERROR" {
            has(
                &error,
                json!({ "status": status, "message": "not this one" }),
            );
        }
        assert_eq!(kills(world), 1, "{status}");
    }
}

async fn who_may_not_kill_is_told_the_permission(world: &mut World) {
    world.save(SLEEPER).await;
    let id = started(world, "sleeper", "RUNNING").await;
    world
        .kestra()
        .fault(on_kill(answers(403, "{\"message\":\"Forbidden\"}")));
    let error = world.refused(TOOL, json!({ "execution_id": id })).await;
    let permission = if world.two {
        "EXECUTION KILL"
    } else {
        "EXECUTION UPDATE"
    };
    has(
        &error,
        json!({ "code": "KESTRA_FORBIDDEN", "permission": permission }),
    );
    world.kestra().clear_faults();
    world.kestra().fault(on_kill(answers(401, "")));
    assert_eq!(
        world.refused(TOOL, json!({ "execution_id": id })).await["code"],
        "CREDENTIAL_REFUSED"
    );
    assert_eq!(kills(world), 2, "one a call");
}

async fn one_that_ends_first_is_not_called_killed(world: &mut World) {
    world.save(SLEEPER).await;
    for action in [
        answers(202, ""),
        answers(409, "{\"message\":\"finished\"}"),
        Action::Disconnect,
    ] {
        let id = started(world, "sleeper", "RUNNING").await;
        world.pass(Duration::from_secs(17)).await;
        if matches!(action, Action::Respond { status: 409, .. }) {
            // Kestra saw the end that the read before did not show.
            let path = format!("/executions/{id}");
            let (_, mut shown) = world.http("GET", &path, None).await;
            shown["state"]["current"] = json!("SUCCESS");
            world.forget();
            world.kestra().fault(before(Duration::ZERO));
            world.kestra().fault(Fault {
                method: Some("GET".into()),
                path: format!("*{path}"),
                times: None,
                action: answers(200, &shown.to_string()),
            });
        }
        world.kestra().fault(on_kill(action));
        let told = world.call(TOOL, json!({ "execution_id": id })).await;
        assert_eq!(states(&told), ("already", "RUNNING", "SUCCESS"), "{told}");
        mentions(&told["note"], "ended as SUCCESS before");
        assert_eq!(kills(world), 1);
        world.kestra().clear_faults();
    }
}

async fn what_cannot_be_read_afterwards_is_said_so(world: &mut World) {
    world.save(SLEEPER).await;
    for (action, word) in [(answers(202, ""), "accepted"), (Action::Disconnect, "")] {
        let id = started(world, "sleeper", "RUNNING").await;
        world.kestra().fault(on_kill(action));
        world.kestra().fault(before(Duration::ZERO));
        world.kestra().fault(Fault {
            method: Some("GET".into()),
            path: "*/executions/*".into(),
            times: None,
            action: answers(500, "{}"),
        });
        if word.is_empty() {
            let error = world.refused(TOOL, json!({ "execution_id": id })).await;
            assert_eq!(error["code"], "OUTCOME_UNKNOWN", "{error}");
        } else {
            let told = world.call(TOOL, json!({ "execution_id": id })).await;
            assert_eq!(states(&told).0, "requested", "{told}");
            let note = told["note"].as_str().unwrap();
            assert!(
                note.contains("could not be read") && note.contains(word),
                "{note}"
            );
        }
        assert_eq!(kills(world), 1);
        world.kestra().clear_faults();
    }
}

async fn nothing_is_killed_that_could_not_be_read(world: &mut World) {
    world.save(SLEEPER).await;
    let id = started(world, "sleeper", "RUNNING").await;
    let other = json!({ "id": "5another000000000000000", "namespace": "x", "flowId": "y", "state": { "current": "RUNNING" } });
    for action in [
        answers(500, "{}"),
        answers(200, &other.to_string()),
        Action::GarbageJson,
        answers(403, "{}"),
    ] {
        world.kestra().fault(Fault {
            method: Some("GET".into()),
            path: "*/executions/*".into(),
            times: Some(1),
            action,
        });
        let error = world.refused(TOOL, json!({ "execution_id": id })).await;
        assert!(
            ["UPSTREAM_ERROR", "KESTRA_FORBIDDEN"].contains(&error["code"].as_str().unwrap()),
            "{error}"
        );
    }
    assert_eq!(kills(world), 0);
}

/// A call that its client gives up while `fault` holds a request back.
async fn given_up(dialect: Dialect, method: &str) -> World {
    let mut world = World::simulated(dialect, Limits::default()).await;
    world.save(SLEEPER).await;
    let id = started(&mut world, "sleeper", "RUNNING").await;
    let until = Arc::new(tokio::sync::Notify::new());
    world.kestra().fault(Fault {
        method: Some(method.into()),
        path: "*/executions/*".into(),
        times: Some(1),
        action: Action::Held(Arc::clone(&until)),
    });
    let call = json!({ "name": TOOL, "arguments": { "execution_id": id } });
    world
        .send(&json!({ "jsonrpc": "2.0", "id": "held", "method": "tools/call", "params": call }))
        .await;
    let arrived = |world: &World, answered: bool| {
        let requests = world.requests();
        requests
            .iter()
            .any(|request| request.method == method && (request.status != 0) == answered)
    };
    while !arrived(&world, false) {
        tokio::task::yield_now().await;
    }
    world
        .send(&json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": "held" } }))
        .await;
    // Whatever is answered after it was sent after it was read.
    world.ask("ping", json!({})).await;
    until.notify_one();
    while !arrived(&world, true) {
        tokio::task::yield_now().await;
    }
    for _ in 0..3 {
        world
            .call("list_executions", json!({ "namespace": world.namespace }))
            .await;
    }
    world
}

#[tokio::test]
async fn a_client_that_gives_up_before_the_kill_stops_it() {
    for dialect in Dialect::ALL {
        let mut world = given_up(dialect, "GET").await;
        assert_eq!(kills(&world), 0, "{dialect}");
        let list = world
            .call("list_executions", json!({ "namespace": world.namespace }))
            .await;
        assert_eq!(list["items"][0]["state"], "RUNNING", "{list}");
    }
}

#[tokio::test]
async fn a_client_that_gives_up_after_the_kill_changes_nothing() {
    for dialect in Dialect::ALL {
        let mut world = given_up(dialect, "DELETE").await;
        assert_eq!(kills(&world), 1, "{dialect}");
        world.pass(Duration::from_secs(1)).await;
        let list = world
            .call("list_executions", json!({ "namespace": world.namespace }))
            .await;
        assert_eq!(list["items"][0]["state"], "KILLED", "{list}");
    }
}

//! What a kill reports when Kestra refuses it, answers oddly or does not answer.

use std::sync::Arc;
use std::time::Duration;

use kestra_mcp::tool::context::Limits;
use serde_json::json;
use simulator::{Action, Dialect, Fault};

use super::{SLEEPER, TOOL, answers, before, kills, on_kill, started, states};
use crate::contract::answer::{has, mentions};
use crate::contract::simulated;
use crate::contract::world::World;

simulated![
    an_unconfirmed_kill_that_happened_is_reported_as_it_is,
    an_unconfirmed_kill_that_did_not_happen_is_unknown,
    the_read_decides_after_a_kill_not_confirmed_in_time,
    a_kill_answered_for_another_execution_is_an_error_that_names_both,
    a_refused_kill_is_an_error_in_kestras_words,
    a_forbidden_kill_names_the_permission,
    an_execution_that_ends_first_is_not_reported_as_killed,
    a_kill_whose_result_cannot_be_read_says_so,
    nothing_is_killed_without_a_read,
];

async fn an_unconfirmed_kill_that_happened_is_reported_as_it_is(world: &mut World) {
    world.save(SLEEPER).await;
    for action in [Action::Timeout504After, Action::DisconnectAfter] {
        let id = started(world, "sleeper", "RUNNING").await;
        world.kestra().fault(on_kill(action));
        let answer = world.call(TOOL, json!({ "execution_id": id })).await;
        assert_eq!(states(&answer), ("killed", "RUNNING", "KILLED"), "{answer}");
        assert_eq!(kills(world), 1);
        world.kestra().clear_faults();
    }
}

async fn an_unconfirmed_kill_that_did_not_happen_is_unknown(world: &mut World) {
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

async fn the_read_decides_after_a_kill_not_confirmed_in_time(world: &mut World) {
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
            let answer = world.call(TOOL, json!({ "execution_id": id })).await;
            assert_eq!(states(&answer), (outcome, "RUNNING", state), "{answer}");
        }
        assert_eq!(kills(world), 1, "{state}");
        world.kestra().clear_faults();
    }
}

async fn a_kill_answered_for_another_execution_is_an_error_that_names_both(world: &mut World) {
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

async fn a_refused_kill_is_an_error_in_kestras_words(world: &mut World) {
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

async fn a_forbidden_kill_names_the_permission(world: &mut World) {
    world.save(SLEEPER).await;
    let id = started(world, "sleeper", "RUNNING").await;
    world
        .kestra()
        .fault(on_kill(answers(403, "{\"message\":\"Forbidden\"}")));
    let error = world.refused(TOOL, json!({ "execution_id": id })).await;
    let permission = if world.is_v2 {
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

async fn an_execution_that_ends_first_is_not_reported_as_killed(world: &mut World) {
    world.save(SLEEPER).await;
    for action in [
        answers(202, ""),
        answers(409, "{\"message\":\"finished\"}"),
        Action::Disconnect,
    ] {
        let id = started(world, "sleeper", "RUNNING").await;
        world.advance(Duration::from_secs(17)).await;
        if matches!(action, Action::Respond { status: 409, .. }) {
            // It ended between the read and the kill.
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
        let answer = world.call(TOOL, json!({ "execution_id": id })).await;
        assert_eq!(
            states(&answer),
            ("already", "RUNNING", "SUCCESS"),
            "{answer}"
        );
        mentions(&answer["note"], "ended as SUCCESS before");
        assert_eq!(kills(world), 1);
        world.kestra().clear_faults();
    }
}

async fn a_kill_whose_result_cannot_be_read_says_so(world: &mut World) {
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
            let answer = world.call(TOOL, json!({ "execution_id": id })).await;
            assert_eq!(states(&answer).0, "requested", "{answer}");
            let note = answer["note"].as_str().unwrap();
            assert!(
                note.contains("could not be read") && note.contains(word),
                "{note}"
            );
        }
        assert_eq!(kills(world), 1);
        world.kestra().clear_faults();
    }
}

async fn nothing_is_killed_without_a_read(world: &mut World) {
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

/// A call that its client cancels while a fault holds a request of this method back.
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
    // An answer to a later message shows that the server has read the cancellation.
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
async fn a_client_that_cancels_before_the_kill_stops_it() {
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
async fn a_client_that_cancels_after_the_kill_changes_nothing() {
    for dialect in Dialect::ALL {
        let mut world = given_up(dialect, "DELETE").await;
        assert_eq!(kills(&world), 1, "{dialect}");
        world.advance(Duration::from_secs(1)).await;
        let list = world
            .call("list_executions", json!({ "namespace": world.namespace }))
            .await;
        assert_eq!(list["items"][0]["state"], "KILLED", "{list}");
    }
}

//! What a save reports when Kestra refuses the write, answers oddly or does not answer.

use std::time::Duration;

use kestra_mcp::tool::context::Limits;
use serde_json::{Value, json};
use simulator::{Action, Dialect, Fault, Settings};

use super::{FLOW, TOOL, answers, once, other, source, stored, theirs, writes};
use crate::contract::answer::{has, mentions};
use crate::contract::simulated;
use crate::contract::world::World;

simulated![
    a_source_stored_elsewhere_is_reported_with_its_place,
    a_lost_answer_is_looked_up_and_nothing_is_sent_again,
    a_write_that_never_arrived_has_an_unknown_outcome,
    a_lost_answer_with_another_source_stored_is_a_conflict,
    a_refused_write_keeps_kestras_words,
    a_save_that_is_not_readable_yet_succeeds,
];

/// An answer of Kestra that describes the flow under other names.
fn stored_as(namespace: &str, id: &str, source: &str) -> Action {
    let flow = json!({ "namespace": namespace, "id": id, "revision": 2, "source": source });
    answers(200, &flow.to_string())
}

async fn a_source_stored_elsewhere_is_reported_with_its_place(world: &mut World) {
    let ns = world.namespace.clone();
    let mut case = 0;
    for (namespace, id, field) in [
        ("kmcp.evil", None, "namespace"),
        (ns.as_str(), Some("other"), "flow_id"),
    ] {
        // In the answer to the write, then in the read after it.
        for (method, before) in [("PUT", 0), ("GET", 1)] {
            case += 1;
            let own = format!("case-{case}");
            let given = source(world, FLOW).replace("id: saved", &format!("id: {own}"));
            world.call(TOOL, json!({ "source": given })).await;
            let changed = given.replace("hi ü", "two");
            let went = stored_as(namespace, id.unwrap_or(&own), &changed);
            if before == 1 {
                world
                    .kestra()
                    .fault(once("GET", "*/flows/*", Action::Delay(Duration::ZERO)));
            }
            world.kestra().fault(once(method, "*/flows/*", went));
            let error = world
                .refused(TOOL, json!({ "source": changed, "base_revision": 1 }))
                .await;
            assert_eq!(
                (&error["code"], &error["retryable"]),
                (&json!("UPSTREAM_ERROR"), &json!(false)),
                "{method}: {error}"
            );
            let (went, wanted) = if field == "namespace" {
                (namespace, ns.as_str())
            } else {
                ("other", own.as_str())
            };
            assert_eq!(
                (&error[field], &error["asked"][field]),
                (&json!(went), &json!(wanted)),
                "{method}: {error}"
            );
            mentions(&error["message"], went);
        }
    }
    let absent = source(world, FLOW);
    world.kestra().fault(once(
        "POST",
        "/api/v1/main/flows",
        stored_as("kmcp.evil", "saved", &absent),
    ));
    let error = world.refused(TOOL, json!({ "source": absent })).await;
    has(
        &error,
        json!({ "code": "UPSTREAM_ERROR", "namespace": "kmcp.evil" }),
    );
}

async fn a_lost_answer_is_looked_up_and_nothing_is_sent_again(world: &mut World) {
    for (round, action) in [Action::DisconnectAfter, Action::Timeout504After]
        .into_iter()
        .enumerate()
    {
        let id = format!("lost{round}");
        let first = source(world, FLOW).replace("id: saved", &format!("id: {id}"));
        world.forget();
        world
            .kestra()
            .fault(once("POST", "*/flows", action.clone()));
        let saved = world.call(TOOL, json!({ "source": first })).await;
        has(&saved, json!({ "outcome": "created", "revision": 1 }));
        mentions(&saved["note"], "answer was lost");
        world.kestra().fault(once("PUT", "*/flows/*", action));
        let saved = world
            .call(
                TOOL,
                json!({ "source": first.replace("hi ü", "two"), "base_revision": 1 }),
            )
            .await;
        has(&saved, json!({ "outcome": "updated", "revision": 2 }));
        mentions(&saved["note"], "answer was lost");
        assert_eq!(writes(world).len(), 2);
    }
}

async fn a_write_that_never_arrived_has_an_unknown_outcome(world: &mut World) {
    let (first, second) = (source(world, FLOW), other(world, "two"));
    for action in [
        Action::Disconnect,
        Action::GarbageJson,
        answers(500, "{\"message\":\"SQL [x]\"}"),
        answers(504, ""),
    ] {
        world.kestra().clear_faults();
        world.forget();
        world.kestra().fault(once("POST", "*/flows", action));
        let error = world.refused(TOOL, json!({ "source": first })).await;
        has(
            &error,
            json!({ "code": "OUTCOME_UNKNOWN", "retryable": false }),
        );
        mentions(&error["message"], "get_flow");
        assert_eq!(writes(world).len(), 1);
    }
    world.save(FLOW).await;
    for action in [Action::Disconnect, Action::GarbageJson, answers(503, "")] {
        world.forget();
        world.kestra().fault(once("PUT", "*/flows/*", action));
        let error = world
            .refused(TOOL, json!({ "source": second, "base_revision": 1 }))
            .await;
        assert_eq!(error["code"], "OUTCOME_UNKNOWN", "{error}");
        assert_eq!(writes(world).len(), 1);
    }
    assert_eq!(stored(world).await, (json!(1), json!(first)));
}

async fn a_lost_answer_with_another_source_stored_is_a_conflict(world: &mut World) {
    let (mine, yours) = (other(world, "mine"), other(world, "yours"));
    world.save(FLOW).await;
    // Another client's save, while ours is cut off.
    world
        .kestra()
        .fault(once("PUT", "*/flows/*", Action::Disconnect));
    world.kestra().fault(Fault {
        method: Some("GET".into()),
        path: "*/flows/*/saved".into(),
        times: Some(1),
        action: theirs(world, false, "PUT", yours),
    });
    let error = world
        .refused(TOOL, json!({ "source": mine, "base_revision": 1 }))
        .await;
    has(&error, json!({ "code": "CONFLICT", "revision": 2 }));
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .starts_with("Kestra's answer was lost"),
        "{error}"
    );
}

async fn a_refused_write_keeps_kestras_words(world: &mut World) {
    let given = source(world, FLOW);
    for status in [400, 409, 422] {
        world.forget();
        world.kestra().fault(once(
            "POST",
            "*/flows",
            answers(status, "{\"message\":\"the quota is used up\"}"),
        ));
        let error = world.refused(TOOL, json!({ "source": given })).await;
        has(
            &error,
            json!({ "code": "UPSTREAM_ERROR", "status": status }),
        );
        mentions(&error["message"], "the quota is used up");
        assert_eq!(writes(world).len(), 1);
    }
    assert_eq!(stored(world).await.0, Value::Null);
    world.kestra().fault(once(
        "POST",
        "*/flows",
        answers(403, "{\"message\":\"Forbidden\"}"),
    ));
    let error = world.refused(TOOL, json!({ "source": given })).await;
    has(
        &error,
        json!({ "code": "KESTRA_FORBIDDEN", "permission": "FLOW CREATE or UPDATE" }),
    );
    world
        .kestra()
        .fault(once("POST", "*/flows", answers(401, "")));
    assert_eq!(
        world.refused(TOOL, json!({ "source": given })).await["code"],
        "CREDENTIAL_REFUSED"
    );
}

async fn a_save_that_is_not_readable_yet_succeeds(world: &mut World) {
    let (first, second) = (source(world, FLOW), other(world, "two"));
    // The flow does not exist before, and is not readable for 20 s afterwards.
    world.kestra().fault(Fault {
        method: Some("GET".into()),
        path: "*/flows/*/saved".into(),
        times: None,
        action: answers(404, ""),
    });
    let saved = world.call(TOOL, json!({ "source": first })).await;
    has(&saved, json!({ "outcome": "created", "revision": null }));
    mentions(&saved["note"], "not readable yet");
    world.kestra().clear_faults();
    // A replaced flow that shows the old revision for a while.
    let old =
        json!({ "id": "saved", "namespace": world.namespace, "revision": 1, "source": first });
    world.forget();
    world.kestra().fault(Fault {
        method: Some("GET".into()),
        path: "*/flows/*/saved".into(),
        times: Some(2),
        action: answers(200, &old.to_string()),
    });
    let saved = world
        .call(TOOL, json!({ "source": second, "base_revision": 1 }))
        .await;
    has(&saved, json!({ "outcome": "updated", "revision": null }));
    mentions(&saved["note"], "not readable yet");
    assert_eq!(writes(world).len(), 1);
}

/// 2.0 GA shows a created flow only some seconds later; the save waits for it.
#[tokio::test]
async fn waits_until_the_created_flow_is_readable_unproven() {
    let settings = Settings {
        eventual: Some(Duration::from_secs(5)),
        ..Settings::new(Dialect::V2_0)
    };
    let mut world = World::with(settings, Limits::default(), &[]).await;
    let path = format!("*/flows/{}/saved", world.namespace);
    // One read before the save, and three after it.
    world.kestra().fault(Fault {
        method: Some("GET".into()),
        path,
        times: Some(4),
        action: answers(404, ""),
    });
    let given = source(&world, FLOW);
    let saved = world.call(TOOL, json!({ "source": given })).await;
    assert_eq!(
        (&saved["outcome"], &saved["revision"], saved.get("note")),
        (&json!("created"), &json!(1), None),
        "{saved}"
    );
    assert_eq!(writes(&world).len(), 1);
}

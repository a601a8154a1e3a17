//! What a start reports when Kestra answers oddly, late or not at all.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::{Action, Fault};

use super::{HELLO, SLEEPER, answers, starts};
use crate::contract::answer::{has, mentions};
use crate::contract::simulated;
use crate::contract::world::World;

simulated![
    a_start_answered_for_something_else_is_an_error_that_names_both,
    a_start_whose_answer_is_lost_is_not_sent_again,
    a_started_execution_is_named_even_when_it_cannot_be_read,
];

async fn a_start_answered_for_something_else_is_an_error_that_names_both(world: &mut World) {
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
    // An absent member does not contradict.
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
    // The contradicting text is as hostile as any other.
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

async fn a_started_execution_is_named_even_when_it_cannot_be_read(world: &mut World) {
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

/// In 2.0 GA a start of a flow that was just created answers 404 for a while. That proves that
/// nothing began, so it is sent again, and the new execution may not be readable at once.
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

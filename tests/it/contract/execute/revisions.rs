//! Starting an older revision of a flow.

use serde_json::{Value, json};

use super::{HELLO, answers, starts};
use crate::contract::answer::has;
use crate::contract::world::World;
use crate::contract::{everywhere, simulated};

everywhere![
    an_older_revision_runs_when_asked_for,
    a_missing_revision_starts_nothing_and_the_latest_is_named,
    a_deleted_flow_is_not_started_in_any_revision,
];

simulated![a_deleted_revision_does_not_exist,];

async fn an_older_revision_runs_when_asked_for(world: &mut World) {
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

async fn a_missing_revision_starts_nothing_and_the_latest_is_named(world: &mut World) {
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

async fn a_deleted_revision_does_not_exist(world: &mut World) {
    // A revision that was deleted on its own is still returned, marked as deleted.
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

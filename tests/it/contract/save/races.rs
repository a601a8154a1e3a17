//! Other clients that save or delete the same flow meanwhile.

use std::sync::Arc;
use std::time::Duration;

use kestra_mcp::tool::context::Limits;
use serde_json::{Value, json};
use simulator::{Action, Dialect};

use super::{FLOW, TOOL, answers, nothing_written, once, other, source, stored, theirs, writes};
use crate::contract::answer::{has, mentions};
use crate::contract::simulated;
use crate::contract::world::World;

simulated![
    a_save_before_validation_is_not_overwritten,
    a_create_between_read_and_write_is_not_overwritten,
    a_concurrent_create_of_the_same_source_leaves_nothing_to_do,
    a_replacement_between_read_and_write_is_reported,
    a_deletion_between_read_and_write_is_reported,
    a_404_for_an_existing_flow_is_not_a_deletion,
    a_deletion_after_the_write_is_reported,
    a_save_after_the_write_is_reported,
];

async fn a_save_before_validation_is_not_overwritten(world: &mut World) {
    let (mine, yours) = (other(world, "mine"), other(world, "yours"));
    // A create.
    world.kestra().fault(once(
        "POST",
        "*/flows/validate",
        theirs(world, true, "POST", yours.clone()),
    ));
    let error = world.refused(TOOL, json!({ "source": mine })).await;
    has(&error, json!({ "code": "CONFLICT", "revision": 1 }));
    mentions(&error["diff"], "-    message: \"yours\"");
    // An update.
    let again = other(world, "yours again");
    world.kestra().fault(once(
        "POST",
        "*/flows/validate",
        theirs(world, true, "PUT", again.clone()),
    ));
    let error = world
        .refused(TOOL, json!({ "source": mine, "base_revision": 1 }))
        .await;
    has(&error, json!({ "code": "CONFLICT", "revision": 2 }));
    nothing_written(world);
    assert_eq!(stored(world).await, (json!(2), json!(again)));
}

async fn a_create_between_read_and_write_is_not_overwritten(world: &mut World) {
    let (mine, yours) = (other(world, "mine"), other(world, "yours"));
    world.kestra().fault(once(
        "POST",
        "*/flows",
        theirs(world, true, "POST", yours.clone()),
    ));
    let error = world.refused(TOOL, json!({ "source": mine })).await;
    has(&error, json!({ "code": "CONFLICT", "revision": 1 }));
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .starts_with("It exists at revision 1"),
        "{error}"
    );
    mentions(&error["diff"], "+    message: \"mine\"");
    assert_eq!(
        writes(world),
        ["POST /api/v1/main/flows"],
        "a refused create never becomes a replacement"
    );
    assert_eq!(stored(world).await, (json!(1), json!(yours)));
}

async fn a_concurrent_create_of_the_same_source_leaves_nothing_to_do(world: &mut World) {
    let mine = other(world, "mine");
    world.kestra().fault(once(
        "POST",
        "*/flows",
        theirs(world, true, "POST", mine.clone()),
    ));
    let saved = world.call(TOOL, json!({ "source": mine })).await;
    has(&saved, json!({ "outcome": "unchanged", "revision": 1 }));
    mentions(&saved["note"], "Somebody else");
}

async fn a_replacement_between_read_and_write_is_reported(world: &mut World) {
    let (mine, yours) = (other(world, "mine"), other(world, "yours"));
    world.save(FLOW).await;
    world.forget();
    world
        .kestra()
        .fault(once("PUT", "*/flows/*", theirs(world, true, "PUT", yours)));
    let saved = world
        .call(TOOL, json!({ "source": mine, "base_revision": 1 }))
        .await;
    has(&saved, json!({ "outcome": "updated", "revision": 3 }));
    let note = saved["note"].as_str().unwrap();
    assert!(
        note.contains("revision is 3 where 2 was expected") && note.contains("somebody else"),
        "{note}"
    );
    assert_eq!(writes(world).len(), 1);
    assert_eq!(stored(world).await, (json!(3), json!(mine)));
}

async fn a_deletion_between_read_and_write_is_reported(world: &mut World) {
    let mine = other(world, "mine");
    world.save(FLOW).await;
    world.forget();
    world.kestra().fault(once(
        "PUT",
        "*/flows/*",
        theirs(world, true, "DELETE", String::new()),
    ));
    let error = world
        .refused(TOOL, json!({ "source": mine, "base_revision": 1 }))
        .await;
    has(
        &error,
        json!({ "code": "CONFLICT", "revision": null, "diff": null }),
    );
    let wanted = "Somebody else deleted it after revision 1 was read, so nothing was saved. Leave base_revision out to create it again.";
    assert_eq!(error["message"], wanted);
    assert_eq!(writes(world).len(), 1, "nothing is created instead");
    assert_eq!(stored(world).await.0, Value::Null);
    let saved = world.call(TOOL, json!({ "source": mine })).await;
    assert_eq!(
        saved["outcome"], "created",
        "what it advises works: {saved}"
    );
}

async fn a_404_for_an_existing_flow_is_not_a_deletion(world: &mut World) {
    let mine = other(world, "mine");
    world.save(FLOW).await;
    let body = if world.is_v2 {
        "{\"type\":\"t\",\"title\":\"Not Found\"}"
    } else {
        "{\"message\":\"Not Found\",\"_links\":{}}"
    };
    world
        .kestra()
        .fault(once("PUT", "*/flows/*", answers(404, body)));
    let error = world
        .refused(TOOL, json!({ "source": mine, "base_revision": 1 }))
        .await;
    assert_eq!(error["code"], "NOT_FOUND", "{error}");
}

async fn a_deletion_after_the_write_is_reported(world: &mut World) {
    let mine = other(world, "mine");
    world.save(FLOW).await;
    world.kestra().fault(once(
        "PUT",
        "*/flows/*",
        theirs(world, false, "DELETE", String::new()),
    ));
    let saved = world
        .call(TOOL, json!({ "source": mine, "base_revision": 1 }))
        .await;
    has(&saved, json!({ "outcome": "updated", "revision": null }));
    mentions(&saved["note"], "somebody has just deleted it");
}

async fn a_save_after_the_write_is_reported(world: &mut World) {
    let (first, mine, yours) = (
        other(world, "first"),
        other(world, "mine"),
        other(world, "yours"),
    );
    // A create.
    world.kestra().fault(once(
        "POST",
        "*/flows",
        theirs(world, false, "PUT", yours.clone()),
    ));
    let error = world.refused(TOOL, json!({ "source": first })).await;
    has(&error, json!({ "code": "CONFLICT", "revision": 2 }));
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .starts_with("It was saved, but somebody else saved after it"),
        "{error}"
    );
    // An update.
    let again = other(world, "yours again");
    world.kestra().fault(once(
        "PUT",
        "*/flows/*",
        theirs(world, false, "PUT", again.clone()),
    ));
    let error = world
        .refused(TOOL, json!({ "source": mine, "base_revision": 2 }))
        .await;
    has(&error, json!({ "code": "CONFLICT", "revision": 4 }));
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .starts_with("It was saved, but somebody else saved after it"),
        "{error}"
    );
    mentions(&error["diff"], "-    message: \"yours again\"");
    assert_eq!(writes(world).len(), 2);
    assert_eq!(stored(world).await, (json!(4), json!(again)));
}

/// 2.0 GA answers 409 to a create of a flow that exists but cannot be read yet; the save does not
/// replace it.
#[tokio::test]
async fn a_409_on_create_never_becomes_a_replacement_unproven() {
    let mut world = World::simulated(Dialect::V2_0, Limits::default()).await;
    world.save(FLOW).await;
    world.forget();
    let mine = other(&world, "mine");
    world
        .kestra()
        .fault(once("GET", "*/flows/*/saved", answers(404, "")));
    let error = world.refused(TOOL, json!({ "source": mine })).await;
    assert_eq!(
        (&error["code"], &error["revision"]),
        (&json!("CONFLICT"), &json!(1)),
        "{error}"
    );
    assert_eq!(writes(&world), ["POST /api/v1/main/flows"]);
}

/// Sends a save of `source` over revision 1, without waiting for its answer.
async fn begin(world: &mut World, id: &str, source: &str) {
    let call = json!({ "name": TOOL, "arguments": { "source": source, "base_revision": 1 } });
    world
        .send(&json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": call }))
        .await;
}

/// The answer to the request `id`, once it has arrived.
fn answered(world: &World, id: &str) -> Option<Value> {
    let answer = world.notifications.iter().find(|notice| notice["id"] == id);
    answer.map(|answer| answer["result"]["structuredContent"].clone())
}

#[tokio::test]
async fn a_save_waits_only_for_saves_of_the_same_flow() {
    for dialect in Dialect::ALL {
        let mut world = World::simulated(dialect, Limits::default()).await;
        let first = source(&world, FLOW);
        world.call(TOOL, json!({ "source": first })).await;
        let until = Arc::new(tokio::sync::Notify::new());
        world
            .kestra()
            .fault(once("PUT", "*/flows/*", Action::Held(Arc::clone(&until))));
        let second = other(&world, "two");
        begin(&mut world, "held", &second).await;
        while !world.sent().iter().any(|line| line.starts_with("PUT ")) {
            tokio::task::yield_now().await;
        }
        let elsewhere = first.replace("id: saved", "id: another");
        let saved = world.call(TOOL, json!({ "source": elsewhere })).await;
        assert_eq!(saved["outcome"], "created", "{dialect}: {saved}");
        let third = other(&world, "three");
        let dry = json!({ "source": third, "base_revision": 1, "dry_run": true });
        let result = world.call(TOOL, dry).await;
        assert_eq!(result["outcome"], "preview", "{dialect}: {result}");
        begin(&mut world, "waits", &third).await;
        let error = loop {
            if let Some(answer) = answered(&world, "waits") {
                break answer["error"].clone();
            }
            world.advance(Duration::from_secs(10)).await;
            world.ask("ping", json!({})).await;
        };
        assert_eq!(
            (&error["code"], &error["retryable"]),
            (&json!("TIMEOUT"), &json!(true)),
            "{dialect}: {error}"
        );
        let name = format!("{}.saved", world.namespace);
        let message = error["message"].as_str().unwrap();
        assert!(
            message.contains(&name) && message.contains("Nothing was sent"),
            "{error}"
        );
        until.notify_one();
        let saved = loop {
            if let Some(answer) = answered(&world, "held") {
                break answer;
            }
            world.ask("ping", json!({})).await;
        };
        assert_eq!(saved["outcome"], "updated", "{dialect}: {saved}");
        let writes = writes(&world);
        assert_eq!(
            writes
                .iter()
                .filter(|line| line.starts_with("PUT "))
                .count(),
            1
        );
    }
}

//! Executions that are scheduled for later.

use std::time::Duration;

use serde_json::{Value, json};

use super::{everywhere, simulated};
use crate::contract::answer::has;
use crate::contract::world::World;

everywhere![a_run_for_next_year_is_scheduled_and_not_started,];

simulated![
    a_list_shows_no_start_before_an_execution_starts,
    an_execution_that_starts_within_the_wait_is_followed,
];

const HELLO: &str = "id: hello
namespace: {ns}
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: hi
";

async fn start(world: &mut World, date: &str, wait_seconds: u64) -> Value {
    let arguments = json!({ "namespace": world.namespace, "flow_id": "hello", "schedule_date": date, "wait_seconds": wait_seconds });
    world.call("execute_flow", arguments).await
}

async fn a_run_for_next_year_is_scheduled_and_not_started(world: &mut World) {
    world.save(HELLO).await;
    let next_year = world.instant(365 * 24 * 3600);
    for wait_seconds in [0, 30] {
        let answer = start(world, &next_year, wait_seconds).await;
        let note = format!(
            "Scheduled for {next_year}. To see how it ends, ask get_execution with this execution_id; do not start it again."
        );
        has(&answer, json!({ "note": note, "schedule_date": next_year }));
        has(
            &answer,
            json!({ "state": "CREATED", "finished": false, "started_at": null }),
        );
        // Nothing starts before then.
        assert_eq!(
            answer.get("waited_seconds"),
            (wait_seconds > 0).then_some(&json!(0)),
            "{answer}"
        );
        let read = world
            .call(
                "get_execution",
                json!({ "execution_id": answer["execution_id"] }),
            )
            .await;
        has(
            &read,
            json!({ "schedule_date": next_year, "started_at": null }),
        );
    }
}

async fn a_list_shows_no_start_before_an_execution_starts(world: &mut World) {
    world.save(HELLO).await;
    let soon = world.instant(3600);
    start(world, &soon, 0).await;
    let rows = async |world: &mut World| {
        world
            .call("list_executions", json!({ "namespace": world.namespace }))
            .await["items"]
            .clone()
    };
    let listed = rows(world).await;
    for row in listed.as_array().unwrap() {
        has(row, json!({ "state": "CREATED", "started_at": null }));
    }
    world.advance(Duration::from_secs(4000)).await;
    let listed = rows(world).await;
    assert_eq!(listed[0]["state"], "SUCCESS", "{listed}");
    assert!(listed[0]["started_at"].is_string(), "{listed}");
}

async fn an_execution_that_starts_within_the_wait_is_followed(world: &mut World) {
    world.save(HELLO).await;
    let soon = world.instant(20);
    let answer = start(world, &soon, 60).await;
    has(
        &answer,
        json!({ "state": "SUCCESS", "finished": true, "note": null }),
    );
    assert!(
        answer["started_at"].is_string() && answer["waited_seconds"].as_u64().unwrap() >= 20,
        "{answer}"
    );
    let answer = start(world, &world.instant(90), 60).await;
    assert!(
        answer["note"]
            .as_str()
            .unwrap()
            .starts_with("Scheduled for "),
        "{answer}"
    );
}

//! Memory has limits that do not depend on what Kestra sends: an answer says what was cut, an
//! answer that does not fit is refused, and memory is released however a call ends.

mod shared;

use serde_json::{Value, json};
use simulator::{Action, Fault};

use super::world::World;
use crate::contract::answer::has;
use crate::contract::simulated;

simulated![
    endless_labels_are_cut_and_the_answer_says_so,
    a_cut_label_is_reported_where_it_is_shown_alone,
    one_page_of_a_million_rows_is_read,
    deep_nesting_in_an_unused_member_is_skipped,
    a_source_far_over_the_limit_says_how_long_it_is,
    members_after_an_oversized_one_are_read,
];

const MIB: usize = 1 << 20;

const ID: &str = "3nosuchid00000000000000";

fn says(world: &World, method: &str, path: &str, body: impl Into<Vec<u8>>) {
    world.kestra().clear_faults();
    world.kestra().fault(Fault {
        method: Some(method.into()),
        path: path.into(),
        times: None,
        action: Action::Respond {
            status: 200,
            content_type: "application/json".into(),
            body: body.into(),
            headers: Vec::new(),
        },
    });
}

/// An execution with `member`, which is JSON.
fn execution(member: &str) -> String {
    format!(
        r#"{{"id":"{ID}","namespace":"a.b","flowId":"hello","state":{{"current":"SUCCESS"}},{member},"flowRevision":7}}"#
    )
}

fn get() -> Value {
    json!({ "execution_id": ID, "include": ["inputs", "outputs"] })
}

async fn endless_labels_are_cut_and_the_answer_says_so(world: &mut World) {
    let labels: Vec<String> = (0..400_000)
        .map(|n| format!(r#"{{"key":"k{n}","value":"value {n}"}}"#))
        .collect();
    says(
        world,
        "GET",
        &format!("*/executions/{ID}"),
        execution(&format!("\"labels\":[{}]", labels.join(","))),
    );
    let read = world.call("get_execution", get()).await;
    has(
        &read,
        json!({ "state": "SUCCESS", "/labels/k0": "value 0" }),
    );
    assert!(
        read["truncated"]["rows"].as_u64().unwrap() >= 390_000,
        "{}",
        read["truncated"]
    );
    assert_eq!(world.memory.used(), 0);
}

async fn a_cut_label_is_reported_where_it_is_shown_alone(world: &mut World) {
    let labels = "{\"key\":\"k\",\"value\":\"v\"},".repeat(50_000);
    let inputs = "{\"a\":1},".repeat(100_000);
    let body = execution(&format!(
        "\"inputs\":[{inputs}1],\"labels\":[{labels}{{\"key\":\"z\",\"value\":\"v\"}}]"
    ));
    says(world, "GET", &format!("*/executions/{ID}"), body);
    let read = world
        .call("get_execution", json!({ "execution_id": ID }))
        .await;
    // Of all labels one is kept, and the others are lost.
    assert_eq!(read["labels"], json!({ "k": "v" }));
    let rows = read["truncated"]["rows"].as_u64().unwrap();
    assert!(rows > 10_000 && rows < 50_001, "{rows}");
    let inputs = "{\"a\":1},".repeat(300_000);
    says(
        world,
        "GET",
        &format!("*/executions/{ID}"),
        execution(&format!("\"inputs\":[{inputs}1]")),
    );
    let read = world
        .call("get_execution", json!({ "execution_id": ID }))
        .await;
    assert_eq!(read.get("truncated"), None);
}

async fn one_page_of_a_million_rows_is_read(world: &mut World) {
    let rows = format!(
        r#"{{"results":[{}{{}}],"total":1000000}}"#,
        "{},".repeat(999_999)
    );
    says(world, "GET", "*/executions/search", rows);
    let page = world.call("list_executions", json!({ "size": 25 })).await;
    assert_eq!(
        (
            page["items"].as_array().unwrap().len(),
            &page["total"],
            &page["has_more"]
        ),
        (25, &json!(1_000_000), &json!(true))
    );
}

async fn deep_nesting_in_an_unused_member_is_skipped(world: &mut World) {
    for depth in [1_000, 100_000] {
        let deep = format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        says(
            world,
            "GET",
            &format!("*/executions/{ID}"),
            execution(&format!("\"inputs\":{deep},\"others\":{deep}")),
        );
        let read = world.call("get_execution", get()).await;
        assert_eq!(read["state"], "SUCCESS", "{read}");
        // 2.0 is asked for outputs too, and answers the same here.
        let rows = read["truncated"]["rows"].as_u64();
        assert!(matches!(rows, Some(1..=3)), "{depth}: {read}");
    }
}

async fn a_source_far_over_the_limit_says_how_long_it_is(world: &mut World) {
    for bytes in [300_000, 5_000_000] {
        let flow = json!({ "id": "hello", "namespace": "a.b", "revision": 1, "source": "x".repeat(bytes) });
        says(world, "GET", "*/flows/a.b/hello", flow.to_string());
        let error = world
            .refused(
                "get_flow",
                json!({ "namespace": "a.b", "flow_id": "hello" }),
            )
            .await;
        assert_eq!(error["bytes"], bytes, "{error}");
    }
}

async fn members_after_an_oversized_one_are_read(world: &mut World) {
    let body = execution(&format!(
        "\"inputs\":[\"{}\"],\"outputs\":{{\"{}\":1}}",
        "\\u00ff".repeat(MIB),
        "n".repeat(MIB)
    ));
    says(world, "GET", &format!("*/executions/{ID}"), body);
    let read = world.call("get_execution", get()).await;
    has(&read, json!({ "state": "SUCCESS", "revision": 7 }));
    assert!(
        read["truncated"]["bytes"].as_u64().unwrap() > 7 * MIB as u64 / 2,
        "{read}"
    );
}

//! Odd and oversized answers of Kestra, and calls that ask for too much: each ends in a true, short
//! and readable answer.

use kestra_mcp::tool::context::Limits;
use serde_json::{Value, json};
use simulator::{Action, Dialect, Fault};

use super::simulated;
use crate::contract::answer::mentions;
use crate::contract::world::World;

simulated![
    an_answer_that_is_not_a_page_is_not_an_empty_list,
    invalid_unicode_is_replaced,
    many_task_runs_are_all_counted,
    no_answer_is_longer_than_64_kib,
    a_label_key_may_occur_twice,
    a_secret_default_is_not_shown,
    thousands_of_wrong_names_make_a_short_answer,
    a_start_that_fails_in_kestra_is_not_retryable,
    only_a_404_from_kestra_itself_is_waited_out,
    a_credential_refused_midway_ends_the_watch,
    a_wait_may_be_written_as_a_float,
];

const HELLO: &str = "id: hello\nnamespace: {ns}\ntasks:\n  - id: say\n    type: io.kestra.plugin.core.log.Log\n    message: hi\n";

pub(super) fn says(world: &World, method: &str, path: &str, status: u16, body: impl Into<Vec<u8>>) {
    world.kestra().clear_faults();
    world.kestra().fault(answers(method, path, status, body));
}

pub(super) fn answers(method: &str, path: &str, status: u16, body: impl Into<Vec<u8>>) -> Fault {
    Fault {
        method: Some(method.into()),
        path: path.into(),
        times: None,
        action: Action::Respond {
            status,
            content_type: "application/json".into(),
            body: body.into(),
            headers: Vec::new(),
        },
    }
}

pub(super) fn flow(more: &Value) -> Value {
    let mut flow = json!({ "id": "hello", "namespace": "a.b", "revision": 1, "disabled": false, "deleted": false,
        "tasks": [{ "id": "say" }], "source": "id: hello\n" });
    flow.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    flow
}

pub(super) fn execution(runs: &[Value]) -> Value {
    json!({ "id": "3nosuchid00000000000000", "namespace": "a.b", "flowId": "hello", "flowRevision": 1, "taskRunList": runs,
        "state": { "current": "FAILED", "startDate": "2026-06-18T11:00:00Z", "endDate": "2026-06-18T11:00:01Z" } })
}

async fn an_answer_that_is_not_a_page_is_not_an_empty_list(world: &mut World) {
    for body in [
        "",
        "null",
        "[]",
        "\"x\"",
        "{}",
        "{\"message\":\"please log in\"}",
        "{\"results\":{}}",
        "{\"results\":null,\"total\":3}",
    ] {
        says(world, "GET", "*/flows/search", 200, body);
        let error = world.refused("list_flows", json!({})).await;
        assert_eq!(error["code"], "UPSTREAM_ERROR", "{body}");
    }
    says(
        world,
        "GET",
        "*/flows/search",
        200,
        r#"{"results":[null,5,{"id":"a","namespace":"b"}],"total":3}"#,
    );
    let page = world.call("list_flows", json!({})).await;
    assert_eq!(
        (page["items"].as_array().unwrap().len(), &page["dropped"]),
        (1, &json!(2))
    );
}

async fn invalid_unicode_is_replaced(world: &mut World) {
    let odd = flow(&json!({ "description": "BAD" })).to_string();
    for (bad, seen) in [(&b"a\xffb"[..], "a\u{fffd}b"), (b"a\\ud83db", "a\u{fffd}b")] {
        let (before, after) = odd.split_once("BAD").unwrap();
        let body = [before.as_bytes(), bad, after.as_bytes()].concat();
        says(world, "GET", "*/flows/a.b/hello", 200, body);
        let flow = world
            .call(
                "get_flow",
                json!({ "namespace": "a.b", "flow_id": "hello" }),
            )
            .await;
        assert_eq!(flow["untrusted"]["description"], seen);
    }
}

async fn many_task_runs_are_all_counted(world: &mut World) {
    let mut runs = vec![json!({ "taskId": "ok", "state": { "current": "SUCCESS" } }); 12_000];
    runs.push(json!({ "taskId": "last", "state": { "current": "FAILED" }, "attempts": [{}, {}] }));
    says(
        world,
        "GET",
        "*/executions/3nosuchid00000000000000",
        200,
        execution(&runs).to_string(),
    );
    let read = world
        .call(
            "get_execution",
            json!({ "execution_id": "3nosuchid00000000000000" }),
        )
        .await;
    assert_eq!(
        read["tasks"],
        json!({ "total": 12_001, "SUCCESS": 12_000, "FAILED": 1 })
    );
    assert_eq!(
        read["failed"],
        json!([{ "task_id": "last", "state": "FAILED", "attempts": 2 }])
    );
}

async fn no_answer_is_longer_than_64_kib(world: &mut World) {
    let quotes = "\"\n".repeat(40_000);
    let numbers: Vec<f64> = (0..4_000).map(|n| 1.0e-7 + f64::from(n)).collect();
    let mut body = execution(&[]);
    body["inputs"] = json!({ "a": quotes, "b": numbers });
    body["outputs"] = json!({ "a": quotes, "b": numbers });
    says(
        world,
        "GET",
        "*/executions/3nosuchid00000000000000",
        200,
        body.to_string(),
    );
    let arguments = json!({ "execution_id": "3nosuchid00000000000000", "include": ["inputs", "outputs", "logs"] });
    let read = world.call("get_execution", arguments).await;
    assert!(
        read["truncated"]["bytes"].as_u64().unwrap() > 64 << 10,
        "{read}"
    );
    let row = |n: usize| {
        json!({ "id": format!("flow{n}"), "namespace": "a.b", "revision": 1, "description": "\"".repeat(120),
            "labels": { "one": "x".repeat(800), "two": "y".repeat(800) } })
    };
    let rows: Vec<Value> = (0..100).map(row).collect();
    says(
        world,
        "GET",
        "*/flows/search",
        200,
        json!({ "results": rows, "total": 100 }).to_string(),
    );
    let page = world.call("list_flows", json!({ "size": 100 })).await;
    let shown = page["items"].as_array().unwrap().len() as u64;
    assert_eq!(
        (
            page["has_more"].clone(),
            page["truncated"]["rows"].as_u64().unwrap()
        ),
        (json!(true), 100 - shown)
    );
    let next = &page["truncated"]["next"];
    let begins = (next["page"].as_u64().unwrap() - 1) * next["size"].as_u64().unwrap();
    assert!(begins <= shown, "{next} would leave out rows after {shown}");
}

async fn a_label_key_may_occur_twice(world: &mut World) {
    let row = flow(
        &json!({ "labels": [{ "key": "team", "value": "data" }, { "key": "team", "value": "ops" }, { "key": "none", "value": null }] }),
    );
    says(
        world,
        "GET",
        "*/flows/search",
        200,
        json!({ "results": [row], "total": 1 }).to_string(),
    );
    let page = world
        .call("list_flows", json!({ "labels": { "team": "data" } }))
        .await;
    assert_eq!(
        (page["items"].as_array().unwrap().len(), page.get("dropped")),
        (1, None),
        "{page}"
    );
    assert_eq!(page["items"][0]["labels"].get("none"), None);
}

async fn a_secret_default_is_not_shown(world: &mut World) {
    let body = flow(
        &json!({ "inputs": [{ "id": "key", "type": "SECRET", "defaults": "canary-default" }] }),
    );
    says(world, "GET", "*/flows/a.b/hello", 200, body.to_string());
    let flow = world
        .call(
            "get_flow",
            json!({ "namespace": "a.b", "flow_id": "hello" }),
        )
        .await;
    assert_eq!(
        flow["inputs"],
        json!([{ "id": "key", "type": "SECRET", "required": false }])
    );
}

async fn thousands_of_wrong_names_make_a_short_answer(world: &mut World) {
    world.save(HELLO).await;
    let many = |count: usize| -> Value {
        (0..count)
            .map(|n| (format!("wrong{n}"), json!(1)))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    let arguments =
        json!({ "namespace": world.namespace, "flow_id": "hello", "inputs": many(5_000) });
    let error = world.refused("execute_flow", arguments).await;
    assert!(
        error.to_string().len() < 8_192 && error.to_string().contains("4980"),
        "{} bytes",
        error.to_string().len()
    );
    let error = world.refused("list_flows", many(5_000)).await;
    assert!(
        error.to_string().len() < 8_192,
        "{} bytes",
        error.to_string().len()
    );
}

async fn a_start_that_fails_in_kestra_is_not_retryable(world: &mut World) {
    world.save(HELLO).await;
    for status in [408, 500, 502, 520, 524] {
        says(
            world,
            "POST",
            "*/executions/*",
            status,
            "{\"message\":\"oops\"}",
        );
        world.forget();
        let error = world
            .refused(
                "execute_flow",
                json!({ "namespace": world.namespace, "flow_id": "hello" }),
            )
            .await;
        assert_eq!(
            (&error["code"], &error["retryable"]),
            (&json!("OUTCOME_UNKNOWN"), &json!(false)),
            "{status}"
        );
        assert_eq!(
            world
                .sent()
                .iter()
                .filter(|line| line.starts_with("POST"))
                .count(),
            1
        );
    }
}

async fn only_a_404_from_kestra_itself_is_waited_out(world: &mut World) {
    world.save(HELLO).await;
    for body in [
        "",
        "{\"error\":\"upstream route missing\"}",
        "{\"message\":\"no route\"}",
    ] {
        says(world, "POST", "*/executions/*", 404, body);
        world.forget();
        world
            .refused(
                "execute_flow",
                json!({ "namespace": world.namespace, "flow_id": "hello" }),
            )
            .await;
        assert_eq!(
            world
                .sent()
                .iter()
                .filter(|line| line.starts_with("POST"))
                .count(),
            1,
            "{body:?}"
        );
    }
}

async fn a_credential_refused_midway_ends_the_watch(world: &mut World) {
    world.save("id: sleeper\nnamespace: {ns}\ntasks:\n  - id: nap\n    type: io.kestra.plugin.core.flow.Sleep\n    duration: PT20S\n").await;
    says(world, "GET", "*/executions/*", 401, "");
    world.forget();
    let started = world
        .call(
            "execute_flow",
            json!({ "namespace": world.namespace, "flow_id": "sleeper", "wait_seconds": 300 }),
        )
        .await;
    mentions(&started["note"], "CREDENTIAL_REFUSED");
    assert_eq!(
        world
            .sent()
            .iter()
            .filter(|line| line.starts_with("GET") && line.contains("/executions/"))
            .count(),
        1
    );
}

async fn a_wait_may_be_written_as_a_float(world: &mut World) {
    world.save("id: sleeper\nnamespace: {ns}\ntasks:\n  - id: nap\n    type: io.kestra.plugin.core.flow.Sleep\n    duration: PT20S\n").await;
    let waited = world
        .call(
            "execute_flow",
            json!({ "namespace": world.namespace, "flow_id": "sleeper", "wait_seconds": 3.0 }),
        )
        .await;
    assert_eq!(waited["waited_seconds"], 3);
}

/// A change is not sent when too little time is left to learn its outcome.
#[tokio::test]
async fn a_start_is_not_sent_with_no_time_left() {
    let limits = Limits {
        call: std::time::Duration::from_secs(5),
        ..Limits::default()
    };
    let mut world = World::simulated(Dialect::V1_3, limits).await;
    world.save(HELLO).await;
    world.forget();
    let error = world
        .refused(
            "execute_flow",
            json!({ "namespace": world.namespace, "flow_id": "hello" }),
        )
        .await;
    assert_eq!(error["code"], "TIMEOUT", "{error}");
    assert!(world.sent().iter().all(|line| line.starts_with("GET")));
}

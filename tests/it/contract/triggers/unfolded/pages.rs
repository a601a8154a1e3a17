//! How many flows and triggers are read for one page.

use serde_json::{Value, json};

use super::{answers, flows, row, state};
use crate::contract::answer::{has, mentions};
use crate::contract::simulated;
use crate::contract::triggers::{SCHEDULE, TOOL, flow, names, page};
use crate::contract::world::World;

simulated![
    few_flows_are_asked_about_one_by_one_and_many_by_the_table,
    rows_of_flows_that_do_not_fit_are_left_out,
    pages_continue_across_pages_of_flows,
    no_call_reads_more_than_a_thousand_flows,
    a_flow_with_many_triggers_has_them_all,
    a_flow_with_more_triggers_than_are_kept_has_no_total,
    an_answer_that_is_not_a_page_is_an_error,
];

async fn few_flows_are_asked_about_one_by_one_and_many_by_the_table(world: &mut World) {
    let ns = world.namespace.clone();
    flows(world, 6).await;
    world.forget();
    page(world, json!({ "namespace": ns }), 6).await;
    assert_eq!(
        world.sent(),
        ["flows/search", "triggers/search"].map(|path| format!("GET /api/v1/main/{path}"))
    );
    world.forget();
    let two = page(world, json!({ "namespace": ns, "size": 2, "page": 2 }), 2).await;
    assert_eq!(
        world.sent(),
        [
            "flows/search".to_owned(),
            format!("triggers/{ns}/f002"),
            format!("triggers/{ns}/f003")
        ]
        .map(|path| format!("GET /api/v1/main/{path}"))
    );
    assert!(
        two["items"]
            .as_array()
            .unwrap()
            .iter()
            .all(|row| row["next_at"].is_string()),
        "{two}"
    );
    world.forget();
    page(
        world,
        json!({ "namespace": ns, "query": "nothingofthatname" }),
        0,
    )
    .await;
    assert_eq!(world.sent(), ["GET /api/v1/main/flows/search"]);
}

async fn rows_of_flows_that_do_not_fit_are_left_out(world: &mut World) {
    let ns = world.namespace.clone();
    let rows = [
        row(&ns, "hello", &["b", "a"]),
        row(&format!("{ns}x"), "hello", &["c"]),
        row(&ns, "other", &["d"]),
        json!("odd"),
        json!({ "namespace": ns, "id": "hello", "triggers": ["odd", null, { "type": SCHEDULE }] }),
    ];
    world.kestra().fault(answers(
        "*/flows/search",
        200,
        &json!({ "results": rows, "total": 5 }),
    ));
    let page = world
        .call(TOOL, json!({ "namespace": ns, "flow_id": "hello" }))
        .await;
    let ids: Vec<&Value> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["trigger_id"])
        .collect();
    assert_eq!(ids, [&json!("a"), &json!("b"), &Value::Null], "{page}");
    has(&page, json!({ "total": 3, "dropped": null }));
}

async fn pages_continue_across_pages_of_flows(world: &mut World) {
    let ns = world.namespace.clone();
    flows(world, 101).await;
    world
        .save(&flow("{ns}", "g", &[("one", false), ("two", false)]))
        .await;
    let last = page(world, json!({ "namespace": ns, "size": 100, "page": 2 }), 3).await;
    assert_eq!(
        names(&last),
        ["f100/daily", "g/one", "g/two"].map(|name| format!("{ns}/{name}"))
    );
    has(
        &last,
        json!({ "total": 103, "has_more": false, "note": null }),
    );
    world.forget();
    let first = page(world, json!({ "namespace": ns, "size": 100 }), 100).await;
    has(&first, json!({ "total": 103, "has_more": true }));
    assert_eq!(
        world.sent(),
        [
            "flows/search",
            "flows/search",
            "flows/search",
            "flows/search",
            "flows/search",
            "triggers/search"
        ]
        .map(|path| format!("GET /api/v1/main/{path}")),
        "all rows are found on the first page of the table"
    );
}

async fn no_call_reads_more_than_a_thousand_flows(world: &mut World) {
    let ns = world.namespace.clone();
    let rows: Vec<Value> = (0..25)
        .map(|number| row(&ns, &format!("f{number}"), &["a"]))
        .collect();
    world.kestra().fault(answers(
        "*/flows/search",
        200,
        &json!({ "results": rows, "total": 10_000 }),
    ));
    let states: Vec<Value> = (0..100)
        .map(|number| state(world, "other", &format!("f{number}"), "a", false))
        .collect();
    world.kestra().fault(answers(
        "*/triggers/search",
        200,
        &json!({ "results": states, "total": 10_000 }),
    ));
    world.forget();
    let first = world.call(TOOL, json!({ "namespace": ns })).await;
    let sent = world.sent();
    let count = |path: &str| sent.iter().filter(|sent| sent.ends_with(path)).count();
    assert_eq!(
        (count("flows/search"), count("triggers/search"), sent.len()),
        (40, 10, 55),
        "{sent:?}"
    );
    assert_eq!(
        (
            first["items"].as_array().unwrap().len(),
            first.get("total"),
            &first["has_more"]
        ),
        (25, None, &json!(true)),
        "{first}"
    );
    let note = first["note"].as_str().unwrap();
    assert!(note.contains(&format!("only the first 1000 flows were read, the last of them {ns}/f24; for others, ask by `namespace`")), "{note}");
    let past = world
        .call(TOOL, json!({ "namespace": ns, "size": 100, "page": 11 }))
        .await;
    has(
        &past,
        json!({ "items": [], "has_more": false, "total": null }),
    );
    mentions(&past["note"], "only the first 1000 flows");
}

async fn a_flow_with_many_triggers_has_them_all(world: &mut World) {
    let ns = world.namespace.clone();
    let ids: Vec<String> = (0..60).map(|number| format!("t{number:03}")).collect();
    let triggers: Vec<(&str, bool)> = ids.iter().map(|id| (id.as_str(), false)).collect();
    world.save(&flow("{ns}", "hello", &triggers)).await;
    flows(world, 30).await;
    let all = page(world, json!({ "namespace": ns, "size": 100 }), 90).await;
    has(
        &all,
        json!({ "total": 90, "note": null, "truncated": null }),
    );
    assert!(
        all["items"]
            .as_array()
            .unwrap()
            .iter()
            .all(|row| row["next_at"].is_string()),
        "{all}"
    );
}

async fn a_flow_with_more_triggers_than_are_kept_has_no_total(world: &mut World) {
    let ns = world.namespace.clone();
    let ids: Vec<String> = (0..150).map(|number| format!("t{number:03}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    world.kestra().fault(answers(
        "*/flows/search",
        200,
        &json!({ "results": [row(&ns, "hello", &ids)], "total": 1 }),
    ));
    let first = world
        .call(TOOL, json!({ "namespace": ns, "size": 10 }))
        .await;
    assert_eq!(
        (first["items"].as_array().unwrap().len(), first.get("total")),
        (10, None),
        "{first}"
    );
    mentions(&first["note"], "too large");
}

async fn an_answer_that_is_not_a_page_is_an_error(world: &mut World) {
    world
        .kestra()
        .fault(answers("*/flows/search", 200, &json!([])));
    let error = world.refused(TOOL, json!({})).await;
    assert_eq!(error["code"], "UPSTREAM_ERROR", "{error}");
}

//! Rows of triggers come from the flows, page by page up to a bound, and what Kestra's table of
//! triggers says is joined: it lacks some types, and now and then a row.

use serde_json::{Value, json};
use simulator::{Action, Fault};

use super::{SCHEDULE, TOOL, flow, names, page};
use crate::contract::answer::{has, mentions};
use crate::contract::world::World;
use crate::contract::{everywhere, simulated};

everywhere![
    every_type_has_a_row_and_says_when_it_runs,
    of_conditions_those_on_a_flow_are_waited_for,
    tools_of_kestra_have_a_row,
    a_query_finds_types_too,
];

simulated![
    what_never_runs_is_there_without_a_date,
    of_few_flows_each_is_asked_about_and_of_many_the_table,
    what_the_table_misses_is_looked_for_and_else_unknown,
    a_table_that_fails_takes_only_its_own_part,
    rows_of_flows_that_do_not_fit_are_left_out,
    pages_go_on_over_pages_of_flows,
    no_call_reads_more_than_a_thousand_flows,
    a_flow_with_many_triggers_has_them_all,
    a_flow_with_more_triggers_than_are_kept_has_no_total,
    what_is_no_page_is_an_error,
];

const CORE: &str = "io.kestra.plugin.core";

/// A flow of this id with these triggers, each a flow mapping.
fn with(id: &str, triggers: &[String]) -> String {
    let mut source = format!(
        "id: {id}\nnamespace: {{ns}}\ntasks:\n  - id: say\n    type: {CORE}.log.Log\n    message: hi\ntriggers:\n"
    );
    for trigger in triggers {
        source.push_str("  - {");
        source.push_str(trigger);
        source.push_str("}\n");
    }
    source
}

fn answers(path: &str, status: u16, body: &Value) -> Fault {
    Fault {
        method: None,
        path: path.into(),
        times: None,
        action: Action::Respond {
            status,
            content_type: "application/json".into(),
            body: body.to_string().into_bytes(),
            headers: Vec::new(),
        },
    }
}

/// A row of a search for flows.
fn row(namespace: &str, id: &str, triggers: &[&str]) -> Value {
    let triggers: Vec<Value> = triggers
        .iter()
        .map(|id| json!({ "id": id, "type": SCHEDULE, "cron": "0 4 * * *" }))
        .collect();
    json!({ "namespace": namespace, "id": id, "revision": 1, "disabled": false, "triggers": triggers })
}

/// A state as the table of the line shows it.
fn state(world: &World, namespace: &str, flow_id: &str, trigger_id: &str, disabled: bool) -> Value {
    let state = json!({ "namespace": namespace, "flowId": flow_id, "triggerId": trigger_id, "disabled": disabled });
    let member = if world.two { "state" } else { "triggerContext" };
    json!({ member: state })
}

/// Flows with one schedule each.
async fn flows(world: &World, count: usize) {
    for number in 0..count {
        let id = format!("f{number:03}");
        world.save(&flow("{ns}", &id, &[("daily", false)])).await;
    }
}

async fn every_type_has_a_row_and_says_when_it_runs(world: &mut World) {
    let ns = world.namespace.clone();
    let waits = if world.two {
        format!(
            "id: after, type: {CORE}.trigger.Flow, dependsOn: [{{namespace: {ns}, flowId: hello, states: [SUCCESS]}}]"
        )
    } else {
        format!(
            "id: after, type: {CORE}.trigger.Flow, preconditions: {{id: pre, flows: [{{namespace: {ns}, flowId: hello, states: [SUCCESS]}}]}}"
        )
    };
    world.save(&with("all", &[
            format!("id: a-daily, type: {CORE}.trigger.Schedule, cron: \"0 3 * * *\", timezone: Europe/Berlin"),
            format!("id: dates, type: {CORE}.trigger.ScheduleOnDates, dates: [\"2031-01-01T00:00:00Z\", \"2032-01-01T00:00:00Z\"]"),
            format!("id: hook, type: {CORE}.trigger.Webhook, key: secretkeyofthewebhook"),
            format!("id: poll, type: {CORE}.http.Trigger, uri: \"http://127.0.0.1:9/nothing\", interval: PT1H"),
            waits,
        ])).await;
    let page = page(world, json!({ "namespace": ns }), 5).await;
    let rows = page["items"].as_array().unwrap();
    assert_eq!(
        names(&page),
        ["a-daily", "after", "dates", "hook", "poll"].map(|id| format!("{ns}/all/{id}"))
    );
    has(&page, json!({ "total": 5, "note": null }));
    assert!(rows.iter().all(|row| row["enabled"] == true), "{page}");
    assert_eq!(
        (&rows[0]["cron"], &rows[0]["time_zone"]),
        (&json!("0 3 * * *"), &json!("Europe/Berlin")),
        "{page}"
    );
    assert_eq!(
        rows[1],
        json!({
            "namespace": ns, "flow_id": "all", "trigger_id": "after", "type": format!("{CORE}.trigger.Flow"),
            "enabled": true, "waits_for": [{ "namespace": ns, "flow_id": "hello" }],
        })
    );
    if world.simulator.is_some() {
        assert_eq!(rows[2]["next_at"], "2031-01-01T00:00:00Z", "{page}");
        assert!(
            rows[0]["next_at"].is_string() && rows[4]["next_at"].is_string(),
            "{page}"
        );
    }
    assert_eq!(
        rows[3],
        json!({
            "namespace": ns, "flow_id": "all", "trigger_id": "hook", "type": format!("{CORE}.trigger.Webhook"), "enabled": true,
        })
    );
    assert!(!page.to_string().contains("secretkey"), "{page}");
}

async fn of_conditions_those_on_a_flow_are_waited_for(world: &mut World) {
    if world.two {
        return;
    }
    let ns = world.namespace.clone();
    world.save(&with("old", &[
            format!("id: after, type: {CORE}.trigger.Flow, conditions: [{{type: {CORE}.condition.ExecutionFlow, namespace: {ns}, flowId: first}}, {{type: {CORE}.condition.Expression, expression: \"{{{{ true }}}}\"}}]"),
            format!("id: daily, type: {CORE}.trigger.Schedule, cron: \"0 3 * * *\", conditions: [{{type: {CORE}.condition.Expression, expression: \"{{{{ true }}}}\"}}]"),
        ])).await;
    let page = page(world, json!({ "namespace": ns }), 2).await;
    assert_eq!(
        page["items"][0]["waits_for"],
        json!([{ "namespace": ns, "flow_id": "first" }]),
        "{page}"
    );
    assert_eq!(page["items"][1].get("waits_for"), None, "{page}");
}

async fn tools_of_kestra_have_a_row(world: &mut World) {
    if !world.two {
        return;
    }
    let ns = world.namespace.clone();
    world.save(&with("greet", &[format!("id: mcp, type: {CORE}.trigger.McpToolTrigger, toolName: greet, title: Greets, toolDescription: Greets a person.")])).await;
    let page = page(world, json!({ "namespace": ns }), 1).await;
    has(
        &page,
        json!({ "/items/0/trigger_id": "mcp", "/items/0/enabled": true }),
    );
}

async fn a_query_finds_types_too(world: &mut World) {
    let ns = world.namespace.clone();
    world
        .save(&with(
            "all",
            &[
                format!("id: daily, type: {CORE}.trigger.Schedule, cron: \"0 3 * * *\""),
                format!("id: hook, type: {CORE}.trigger.Webhook, key: abcdefabcdef"),
            ],
        ))
        .await;
    let found = page(world, json!({ "namespace": ns, "query": "webHook" }), 1).await;
    assert_eq!(
        (names(&found), &found["total"]),
        (vec![format!("{ns}/all/hook")], &json!(1)),
        "{found}"
    );
}

async fn what_never_runs_is_there_without_a_date(world: &mut World) {
    let ns = world.namespace.clone();
    world
        .save(&with(
            "never",
            &[format!(
                "id: never, type: {CORE}.trigger.Schedule, cron: \"0 0 31 2 *\""
            )],
        ))
        .await;
    let page = page(world, json!({ "namespace": ns }), 1).await;
    let row = &page["items"][0];
    assert_eq!(
        (&row["enabled"], row.get("next_at"), page.get("note")),
        (&json!(true), None, None),
        "{page}"
    );
}

async fn of_few_flows_each_is_asked_about_and_of_many_the_table(world: &mut World) {
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

async fn what_the_table_misses_is_looked_for_and_else_unknown(world: &mut World) {
    let ns = world.namespace.clone();
    flows(world, 8).await;
    // It has one of eight, which is switched off, and one of another namespace.
    let rows = [
        state(world, &ns, "f007", "daily", true),
        state(world, &format!("{ns}x"), "f006", "daily", true),
    ];
    world.kestra().fault(answers(
        "*/triggers/search",
        200,
        &json!({ "results": rows, "total": 2 }),
    ));
    let page = page(world, json!({ "namespace": ns }), 8).await;
    let rows = page["items"].as_array().unwrap();
    assert!(
        rows[..5]
            .iter()
            .all(|row| row["enabled"] == true && row["next_at"].is_string()),
        "{page}"
    );
    assert!(
        rows[5..7]
            .iter()
            .all(|row| row.get("enabled").is_none() && row.get("next_at").is_none()),
        "{page}"
    );
    assert_eq!(
        (&rows[7]["enabled"], &page["total"]),
        (&json!(false), &json!(8)),
        "{page}"
    );
    mentions(&page["note"], "without `enabled`");
}

async fn a_table_that_fails_takes_only_its_own_part(world: &mut World) {
    let ns = world.namespace.clone();
    world
        .save(&flow("{ns}", "hello", &[("off", true), ("on", false)]))
        .await;
    world
        .save(&with(
            "hooked",
            &[format!(
                "id: hook, type: {CORE}.trigger.Webhook, key: abcdefabcdef"
            )],
        ))
        .await;
    world
        .kestra()
        .fault(answers(&format!("*/triggers/{ns}/hello"), 403, &json!({})));
    let page = page(world, json!({ "namespace": ns }), 3).await;
    let rows = page["items"].as_array().unwrap();
    let enabled: Vec<Option<&Value>> = rows.iter().map(|row| row.get("enabled")).collect();
    assert_eq!(
        enabled,
        [Some(&json!(false)), None, Some(&json!(true))],
        "{page}"
    );
    mentions(&page["note"], "KESTRA_FORBIDDEN");
    assert_eq!(page["total"], 3, "{page}");
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

async fn pages_go_on_over_pages_of_flows(world: &mut World) {
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

async fn what_is_no_page_is_an_error(world: &mut World) {
    world
        .kestra()
        .fault(answers("*/flows/search", 200, &json!([])));
    let error = world.refused(TOOL, json!({})).await;
    assert_eq!(error["code"], "UPSTREAM_ERROR", "{error}");
}

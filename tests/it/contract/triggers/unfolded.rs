//! Rows of triggers come from the flows, page by page up to a bound, joined with Kestra's table of
//! triggers, which lacks some types, and now and then a row.

mod pages;

use serde_json::{Value, json};
use simulator::{Action, Fault};

use super::{SCHEDULE, flow, names, page};
use crate::contract::answer::{has, mentions};
use crate::contract::world::World;
use crate::contract::{everywhere, simulated};

everywhere![
    every_type_has_a_row_and_says_when_it_runs,
    of_the_conditions_those_on_a_flow_are_listed,
    mcp_tool_triggers_have_a_row,
    a_query_finds_types_too,
];

simulated![
    a_trigger_that_never_runs_has_no_date,
    rows_missing_from_the_table_are_looked_up_or_unknown,
    a_failing_table_loses_only_its_own_part,
];

const CORE: &str = "io.kestra.plugin.core";

/// A flow with these triggers, each a YAML flow mapping.
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

/// A row in Kestra's answer to a search for flows.
fn row(namespace: &str, id: &str, triggers: &[&str]) -> Value {
    let triggers: Vec<Value> = triggers
        .iter()
        .map(|id| json!({ "id": id, "type": SCHEDULE, "cron": "0 4 * * *" }))
        .collect();
    json!({ "namespace": namespace, "id": id, "revision": 1, "disabled": false, "triggers": triggers })
}

/// A row of the table of triggers, as the line writes it.
fn state(world: &World, namespace: &str, flow_id: &str, trigger_id: &str, disabled: bool) -> Value {
    let state = json!({ "namespace": namespace, "flowId": flow_id, "triggerId": trigger_id, "disabled": disabled });
    let member = if world.is_v2 {
        "state"
    } else {
        "triggerContext"
    };
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
    let waits = if world.is_v2 {
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

async fn of_the_conditions_those_on_a_flow_are_listed(world: &mut World) {
    if world.is_v2 {
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

async fn mcp_tool_triggers_have_a_row(world: &mut World) {
    if !world.is_v2 {
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

async fn a_trigger_that_never_runs_has_no_date(world: &mut World) {
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

async fn rows_missing_from_the_table_are_looked_up_or_unknown(world: &mut World) {
    let ns = world.namespace.clone();
    flows(world, 8).await;
    // It has one of eight, which is disabled, and one of another namespace.
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

async fn a_failing_table_loses_only_its_own_part(world: &mut World) {
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

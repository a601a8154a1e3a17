//! Triggers: whether they are enabled, and when they run.

mod unfolded;

use std::time::Duration;

use serde_json::{Value, json};

use super::{everywhere, simulated};
use crate::contract::answer::has;
use crate::contract::world::World;

everywhere![
    shows_type_and_next_run,
    a_trigger_is_disabled_by_its_source_or_its_state,
    rows_are_in_order_and_below_the_namespace,
    a_query_searches_names,
    a_backfill_is_shown,
];

simulated![
    the_next_run_is_that_of_the_cron_expression,
    pages_count_every_row_once,
    a_flow_without_triggers_has_none,
];

const SCHEDULE: &str = "io.kestra.plugin.core.trigger.Schedule";
const TOOL: &str = "search_triggers";

/// A flow with these schedules, and whether the source disables each.
fn flow(namespace: &str, id: &str, triggers: &[(&str, bool)]) -> String {
    let mut source = format!(
        "id: {id}\nnamespace: {namespace}\ntasks:\n  - id: say\n    type: io.kestra.plugin.core.log.Log\n    message: hi\ntriggers:\n"
    );
    for (trigger, disabled) in triggers {
        source.push_str("  - id: ");
        source.push_str(trigger);
        source.push_str("\n    type: ");
        source.push_str(SCHEDULE);
        source.push_str("\n    cron: \"0 4 * * *\"\n");
        if *disabled {
            source.push_str("    disabled: true\n");
        }
    }
    source
}

/// The page, once it has `rows` rows and says when they run, which a real Kestra does a little
/// later.
async fn page(world: &mut World, arguments: Value, rows: usize) -> Value {
    for _ in 0..90 {
        let page = world.call(TOOL, arguments.clone()).await;
        let found = page["items"].as_array().unwrap().len();
        let runs = |row: &Value| {
            row["type"] != SCHEDULE || row["enabled"] == false || row["next_at"].is_string()
        };
        let settled = found == rows && page["items"].as_array().unwrap().iter().all(runs);
        if settled || world.simulator.is_some() {
            assert_eq!(found, rows, "{page}");
            return page;
        }
        world.advance(Duration::from_secs(1)).await;
    }
    panic!("never {rows} rows");
}

fn names(page: &Value) -> Vec<String> {
    let rows = page["items"].as_array().unwrap().iter();
    rows.map(|row| {
        let text = |name: &str| row[name].as_str().unwrap().to_owned();
        [text("namespace"), text("flow_id"), text("trigger_id")].join("/")
    })
    .collect()
}

/// Switches a trigger off, or backfills it, as Kestra's own interface does.
async fn change(world: &World, flow_id: &str, trigger_id: &str, change: Value) {
    let mut body =
        json!({ "namespace": world.namespace, "flowId": flow_id, "triggerId": trigger_id });
    let path = match (world.is_v2, change.get("backfill")) {
        (false, _) => "/triggers",
        (true, None) => "/triggers/set-disabled",
        (true, Some(_)) => "/triggers/backfill/create",
    };
    body.as_object_mut()
        .unwrap()
        .extend(change.as_object().unwrap().clone());
    let (status, answer) = world
        .http("PUT", path, Some(("application/json", body.to_string())))
        .await;
    assert_eq!(status, 200, "{answer}");
}

async fn shows_type_and_next_run(world: &mut World) {
    let ns = world.namespace.clone();
    world
        .save(&flow("{ns}", "hello", &[("nightly", false)]))
        .await;
    let page = page(world, json!({ "namespace": ns }), 1).await;
    let row = &page["items"][0];
    has(
        row,
        json!({ "namespace": ns, "flow_id": "hello", "trigger_id": "nightly" }),
    );
    has(row, json!({ "type": SCHEDULE, "enabled": true }));
    let next = row["next_at"].as_str().unwrap();
    assert!(next.ends_with('Z') && next.len() == 20, "{next}");
    for absent in ["locked", "backfill", "last_at"] {
        assert_eq!(row.get(absent), None, "{row}");
    }
    has(&page, json!({ "total": 1, "page": 1, "has_more": false }));
}

async fn the_next_run_is_that_of_the_cron_expression(world: &mut World) {
    world
        .save(&flow("{ns}", "hello", &[("nightly", false)]))
        .await;
    let page = page(world, json!({}), 1).await;
    let tomorrow = world.instant(24 * 3600);
    let (day, _) = tomorrow.split_once('T').unwrap();
    assert_eq!(
        page["items"][0]["next_at"],
        format!("{day}T04:00:00Z"),
        "{page}"
    );
}

async fn a_trigger_is_disabled_by_its_source_or_its_state(world: &mut World) {
    let ns = world.namespace.clone();
    world
        .save(&flow(
            "{ns}",
            "hello",
            &[
                ("both", true),
                ("off-in-source", true),
                ("off-in-state", false),
                ("runs", false),
            ],
        ))
        .await;
    page(world, json!({ "namespace": ns }), 4).await;
    change(world, "hello", "off-in-state", json!({ "disabled": true })).await;
    if !world.is_v2 {
        change(world, "hello", "both", json!({ "disabled": true })).await;
    }
    world.save("id: off\nnamespace: {ns}\ndisabled: true\ntasks:\n  - id: say\n    type: io.kestra.plugin.core.log.Log\n    message: hi\ntriggers:\n  - id: flow-off\n    type: io.kestra.plugin.core.trigger.Schedule\n    cron: \"0 4 * * *\"\n").await;
    let page = page(world, json!({ "namespace": ns }), 5).await;
    for row in page["items"].as_array().unwrap() {
        assert_eq!(row["enabled"], row.get("next_at").is_some(), "{row}");
    }
    let enabled: Vec<(&str, bool)> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            (
                row["trigger_id"].as_str().unwrap(),
                row["enabled"].as_bool().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        enabled,
        [
            ("both", false),
            ("off-in-source", false),
            ("off-in-state", false),
            ("runs", true),
            ("flow-off", false)
        ],
        "{page}"
    );
}

async fn rows_are_in_order_and_below_the_namespace(world: &mut World) {
    let ns = world.namespace.clone();
    for (below, id) in [(".b", "zeta"), (".b", "alpha"), (".a", "zeta"), ("", "mid")] {
        world
            .save(&flow(
                &format!("{ns}{below}"),
                id,
                &[("two", false), ("one", false)],
            ))
            .await;
    }
    let all = page(world, json!({ "namespace": ns }), 8).await;
    let expected = [
        "/mid/one",
        "/mid/two",
        ".a/zeta/one",
        ".a/zeta/two",
        ".b/alpha/one",
        ".b/alpha/two",
        ".b/zeta/one",
        ".b/zeta/two",
    ];
    assert_eq!(names(&all), expected.map(|name| format!("{ns}{name}")));
    let one = page(world, json!({ "namespace": ns, "flow_id": "zeta" }), 4).await;
    assert_eq!(
        names(&one),
        [".a/zeta/one", ".a/zeta/two", ".b/zeta/one", ".b/zeta/two"]
            .map(|name| format!("{ns}{name}"))
    );
    has(&one, json!({ "total": 4, "dropped": null }));
    let below = page(world, json!({ "namespace": format!("{ns}.a") }), 2).await;
    assert_eq!(
        names(&below),
        [".a/zeta/one", ".a/zeta/two"].map(|name| format!("{ns}{name}"))
    );
}

async fn a_query_searches_names(world: &mut World) {
    let ns = world.namespace.clone();
    world
        .save(&flow(
            "{ns}",
            "hello",
            &[("nightly", false), ("weekly", false)],
        ))
        .await;
    page(world, json!({ "namespace": ns }), 2).await;
    let found = page(
        world,
        json!({ "namespace": ns, "flow_id": "hello", "query": "nightly" }),
        1,
    )
    .await;
    assert_eq!(found["items"][0]["trigger_id"], "nightly");
    page(
        world,
        json!({ "namespace": ns, "query": "nothingofthatname" }),
        0,
    )
    .await;
}

async fn a_backfill_is_shown(world: &mut World) {
    let ns = world.namespace.clone();
    world
        .save(&flow("{ns}", "hello", &[("nightly", false)]))
        .await;
    page(world, json!({ "namespace": ns }), 1).await;
    let backfill = json!({ "start": "2026-01-01T00:00:00Z", "end": "2026-01-03T00:00:00Z" });
    change(world, "hello", "nightly", json!({ "backfill": backfill })).await;
    let page = page(world, json!({ "namespace": ns, "flow_id": "hello" }), 1).await;
    assert_eq!(page["items"][0]["backfill"], backfill, "{page}");
}

async fn pages_count_every_row_once(world: &mut World) {
    let ns = world.namespace.clone();
    world
        .save(&flow(
            "{ns}",
            "hello",
            &[("a", false), ("b", false), ("c", false)],
        ))
        .await;
    for arguments in [
        json!({ "namespace": ns }),
        json!({ "namespace": ns, "flow_id": "hello" }),
    ] {
        let mut seen = Vec::new();
        for number in 1..=3 {
            let mut arguments = arguments.clone();
            arguments["size"] = json!(1);
            arguments["page"] = json!(number);
            let page = page(world, arguments, 1).await;
            has(&page, json!({ "total": 3, "has_more": number < 3 }));
            seen.extend(names(&page));
        }
        seen.sort();
        assert_eq!(
            seen,
            ["a", "b", "c"].map(|name| format!("{ns}/hello/{name}"))
        );
        let mut arguments = arguments.clone();
        arguments["page"] = json!(9);
        let past = page(world, arguments, 0).await;
        has(&past, json!({ "note": "past the end", "total": null }));
    }
}

async fn a_flow_without_triggers_has_none(world: &mut World) {
    let ns = world.namespace.clone();
    world
        .save(&flow("{ns}", "hello", &[]).replace("triggers:\n", ""))
        .await;
    let found = page(world, json!({ "namespace": ns, "flow_id": "hello" }), 0).await;
    assert_eq!(found["total"], 0, "{found}");
    page(world, json!({ "namespace": ns, "flow_id": "nosuch" }), 0).await;
}

/// Over stdio the credential comes from the settings, over HTTP from the person: the answer names
/// the settings or the page, and never a value.
mod credential {
    use super::*;
    use kestra_mcp::tool::context::Limits;
    use simulator::{Auth, Dialect, Edition, PASSWORD, Settings, USERNAME};

    everywhere![says_where_the_credential_comes_from,];

    simulated![sends_nothing_and_shows_no_value,];

    const TOKEN: &str = "kestra-token-0123456789";

    async fn says_where_the_credential_comes_from(world: &mut World) {
        let answer = world.call("register_kestra_token", json!({})).await;
        if world.is_remote() {
            assert_eq!(
                answer,
                json!({ "registered": true, "url": crate::remote::ACCOUNT })
            );
            return;
        }
        assert_eq!(answer["registered"], false, "{answer}");
        has(&answer, json!({ "account": null, "url": null }));
        let note = answer["note"].as_str().unwrap();
        for name in ["KESTRA_API_TOKEN", "KESTRA_USERNAME", "KESTRA_PASSWORD"] {
            assert!(note.contains(name), "{note}");
        }
    }

    async fn sends_nothing_and_shows_no_value(world: &mut World) {
        world.call("auth_status", json!({})).await;
        world.forget();
        let answer = world
            .call("register_kestra_token", json!({}))
            .await
            .to_string();
        assert!(
            !answer.contains(PASSWORD) && !answer.contains(USERNAME),
            "{answer}"
        );
        let error = world
            .refused("register_kestra_token", json!({ "token": TOKEN }))
            .await;
        assert_eq!(error["code"], "INVALID_ARGUMENT", "{error}");
        assert!(!error.to_string().contains(TOKEN), "{error}");
        assert_eq!(world.sent(), Vec::<String>::new());
    }

    #[tokio::test]
    async fn a_token_is_never_shown() {
        for dialect in Dialect::ALL {
            let settings = Settings {
                edition: Edition::Enterprise,
                auth: Auth::Bearer {
                    token: TOKEN.into(),
                },
                ..Settings::new(dialect)
            };
            let variables = [("KESTRA_API_TOKEN", TOKEN)];
            let mut world = World::with(settings, Limits::default(), &variables).await;
            let answer = world
                .call("register_kestra_token", json!({}))
                .await
                .to_string();
            assert!(
                answer.contains("KESTRA_API_TOKEN") && !answer.contains(TOKEN),
                "{answer}"
            );
        }
    }
}

//! Lists: pages, totals, filters, order.

use serde_json::{Value, json};

use super::{everywhere, simulated};
use crate::contract::answer::has;
use crate::contract::world::World;

everywhere![
    lists_flows_of_a_namespace_and_those_below_it,
    pages_through_flows_to_their_end,
    finds_flows_by_text_and_by_labels,
    searches_namespaces_by_part_of_their_name,
    lists_executions_newest_first_and_filtered,
    finds_executions_by_their_labels,
];

simulated![
    rows_outside_the_filter_are_dropped_and_counted,
    sends_filters_as_kestra_expects_them,
];

const PLAIN: &str = "
namespace: {ns}
labels:
  team: data
description: |
  First line.
  Second line.
inputs:
  - id: who
    type: STRING
  - id: limit
    type: INT
    defaults: 5
triggers:
  - id: daily
    type: io.kestra.plugin.core.trigger.Schedule
    cron: \"0 4 * * *\"
    inputs:
      who: nobody
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: hello
";

const BARE: &str = "
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: hello
";

fn ids<'a>(page: &'a Value, key: &str) -> Vec<&'a str> {
    page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item[key].as_str().unwrap())
        .collect()
}

async fn some_flows(world: &World) {
    world.save(&format!("id: alpha{PLAIN}")).await;
    world
        .save(&format!(
            "id: beta\nnamespace: {{ns}}\ndisabled: true{BARE}"
        ))
        .await;
    world
        .save(&format!("id: gamma\nnamespace: {{ns}}.sub{BARE}"))
        .await;
    world
        .save(&format!("id: delta\nnamespace: {{ns}}x{BARE}"))
        .await;
}

async fn lists_flows_of_a_namespace_and_those_below_it(world: &mut World) {
    some_flows(world).await;
    let ns = world.namespace.clone();
    let page = world.call("list_flows", json!({ "namespace": ns })).await;
    assert_eq!(ids(&page, "flow_id"), ["alpha", "beta", "gamma"]);
    has(&page, json!({ "total": 3, "page": 1, "has_more": false }));
    let alpha = &page["items"][0];
    assert_eq!(
        alpha,
        &json!({
            "namespace": ns, "flow_id": "alpha", "revision": 1, "labels": { "team": "data" },
            "inputs": ["who:STRING", "limit:INT?"], "triggers": ["Schedule"],
            "untrusted": { "description": "First line." },
        })
    );
    assert_eq!(page["items"][1]["disabled"], true);
}

async fn pages_through_flows_to_their_end(world: &mut World) {
    some_flows(world).await;
    let ns = world.namespace.clone();
    let first = world
        .call("list_flows", json!({ "namespace": ns, "size": 2 }))
        .await;
    assert_eq!(
        (ids(&first, "flow_id"), &first["has_more"]),
        (vec!["alpha", "beta"], &json!(true))
    );
    let second = world
        .call(
            "list_flows",
            json!({ "namespace": ns, "size": 2, "page": 2 }),
        )
        .await;
    assert_eq!(
        (ids(&second, "flow_id"), &second["has_more"]),
        (vec!["gamma"], &json!(false))
    );
    let past = world
        .call(
            "list_flows",
            json!({ "namespace": ns, "size": 2, "page": 9 }),
        )
        .await;
    assert_eq!(
        past,
        json!({ "items": [], "page": 9, "has_more": false, "note": "past the end" })
    );
    let none = world
        .call("list_flows", json!({ "namespace": format!("{ns}.none") }))
        .await;
    assert_eq!(
        none,
        json!({ "items": [], "total": 0, "page": 1, "has_more": false })
    );
}

async fn finds_flows_by_text_and_by_labels(world: &mut World) {
    some_flows(world).await;
    let ns = world.namespace.clone();
    let found = world
        .call("list_flows", json!({ "namespace": ns, "query": "bet" }))
        .await;
    assert_eq!(ids(&found, "flow_id"), ["beta"]);
    let found = world
        .call(
            "list_flows",
            json!({ "namespace": ns, "labels": { "team": "data" } }),
        )
        .await;
    assert_eq!(ids(&found, "flow_id"), ["alpha"]);
    let found = world
        .call(
            "list_flows",
            json!({ "namespace": ns, "labels": { "team": "ops" } }),
        )
        .await;
    assert_eq!(found["items"], json!([]));
}

async fn searches_namespaces_by_part_of_their_name(world: &mut World) {
    some_flows(world).await;
    let ns = world.namespace.clone();
    let page = world
        .call("search_namespaces", json!({ "query": ns }))
        .await;
    let sub = format!("{ns}.sub");
    let found = ids(&page, "namespace");
    assert!(
        found.contains(&ns.as_str()) && found.contains(&sub.as_str()),
        "{page}"
    );
    let mut sorted = found.clone();
    sorted.sort_unstable();
    assert_eq!(found, sorted);
    let none = world
        .call("search_namespaces", json!({ "query": "no-such-name" }))
        .await;
    assert_eq!(none["items"], json!([]));
}

async fn lists_executions_newest_first_and_filtered(world: &mut World) {
    world
        .save(&format!("id: runs\nnamespace: {{ns}}{BARE}"))
        .await;
    world.save("id: fails\nnamespace: {ns}\ntasks:\n  - id: boom\n    type: io.kestra.plugin.core.execution.Fail\n").await;
    let first = world.run("runs").await;
    world.advance(std::time::Duration::from_secs(2)).await;
    let second = world.run("fails").await;
    let ns = world.namespace.clone();
    let all = world
        .call("list_executions", json!({ "namespace": ns }))
        .await;
    assert_eq!(ids(&all, "execution_id"), [second.as_str(), first.as_str()]);
    assert_eq!(all["total"], 2);
    let row = &all["items"][1];
    has(
        row,
        json!({ "namespace": ns, "flow_id": "runs", "state": "SUCCESS" }),
    );
    assert!(
        row["started_at"].as_str().unwrap().ends_with('Z') && row["duration_seconds"].is_number(),
        "{row}"
    );
    let table = [
        (
            json!({ "namespace": ns, "flow_id": "runs" }),
            vec![first.as_str()],
        ),
        (
            json!({ "namespace": ns, "state": ["FAILED", "KILLED"] }),
            vec![second.as_str()],
        ),
        (
            json!({ "namespace": ns, "since": "-PT1H" }),
            vec![second.as_str(), first.as_str()],
        ),
        (json!({ "namespace": ns, "until": "2020-01-31" }), vec![]),
        (
            json!({ "namespace": ns, "since": "2020-01-31", "flow_id": "fails" }),
            vec![second.as_str()],
        ),
        (
            json!({ "namespace": ns, "labels": { "no": "such" } }),
            vec![],
        ),
    ];
    for (arguments, expected) in table {
        let page = world.call("list_executions", arguments.clone()).await;
        assert_eq!(ids(&page, "execution_id"), expected, "{arguments}");
    }
}

async fn finds_executions_by_their_labels(world: &mut World) {
    world
        .save(&format!("id: runs\nnamespace: {{ns}}{BARE}"))
        .await;
    world.run("runs").await;
    let ns = world.namespace.clone();
    let arguments = json!({ "namespace": ns, "flow_id": "runs", "labels": { "run": "one" }, "wait_seconds": 30 });
    let labelled = world.call("execute_flow", arguments).await;
    assert_eq!(labelled["labels"], json!({ "run": "one" }));
    world
        .until_ended(labelled["execution_id"].as_str().unwrap())
        .await;
    let page = world
        .call(
            "list_executions",
            json!({ "namespace": ns, "labels": { "run": "one" } }),
        )
        .await;
    assert_eq!(
        ids(&page, "execution_id"),
        [labelled["execution_id"].as_str().unwrap()]
    );
    assert_eq!(page["items"][0]["labels"], json!({ "run": "one" }));
}

async fn rows_outside_the_filter_are_dropped_and_counted(world: &mut World) {
    let row = |ns: &str, id: &str| json!({ "id": id, "namespace": ns, "revision": 1, "disabled": false, "deleted": false, "tasks": [] });
    let body = json!({ "results": [row("a.b", "one"), row("other", "two"), row("a.bc", "three")], "total": 3 });
    world.kestra().fault(simulator::Fault {
        method: None,
        path: "*/flows/search".into(),
        times: None,
        action: simulator::Action::Respond {
            status: 200,
            content_type: "application/json".into(),
            body: body.to_string().into_bytes(),
            headers: Vec::new(),
        },
    });
    let page = world
        .call("list_flows", json!({ "namespace": "a.b" }))
        .await;
    assert_eq!(
        (ids(&page, "flow_id"), &page["dropped"], &page["total"]),
        (vec!["one"], &json!(2), &Value::Null)
    );
}

async fn sends_filters_as_kestra_expects_them(world: &mut World) {
    world.forget();
    let arguments = json!({ "namespace": "a.b", "query": "x y", "labels": { "team": "data", "env": "dev" }, "page": 2, "size": 7 });
    world.call("list_flows", arguments).await;
    let requests = world.requests();
    let sent: Vec<(&str, &str)> = requests[0]
        .query
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .collect();
    let expected = [
        ("filters[labels][EQUALS][env]", "dev"),
        ("filters[labels][EQUALS][team]", "data"),
        ("filters[namespace][PREFIX]", "a.b"),
        ("filters[q][EQUALS]", "x y"),
        ("page", "2"),
        ("size", "7"),
        ("sort", "namespace:asc"),
        ("sort", "id:asc"),
    ];
    let mut sorted = sent.clone();
    sorted.sort_unstable();
    let mut wanted = expected.to_vec();
    wanted.sort_unstable();
    assert_eq!(sorted, wanted);
    world.forget();
    let arguments =
        json!({ "state": ["FAILED", "KILLED"], "since": "2026-01-01", "until": "2026-01-02" });
    world.call("list_executions", arguments).await;
    let request = world.requests().remove(0);
    assert_eq!(
        request.parameter("filters[state][IN]"),
        Some("FAILED,KILLED")
    );
    assert_eq!(
        request.parameter("filters[startDate][GREATER_THAN_OR_EQUAL_TO]"),
        Some("2026-01-01T00:00:00Z")
    );
    assert_eq!(
        request.parameter("filters[startDate][LESS_THAN_OR_EQUAL_TO]"),
        Some("2026-01-02T23:59:59.999Z")
    );
    assert_eq!(request.parameter("sort"), Some("state.startDate:desc"));
}

/// A build of 2.0 that ignores filters on namespaces, as builds of July did: this server filters
/// the rows.
#[tokio::test]
async fn ignored_namespace_filters_are_applied_again_unproven() {
    let settings = simulator::Settings {
        ignore_filters: true,
        ..simulator::Settings::new(simulator::Dialect::V2_0)
    };
    let mut world = World::with(settings, kestra_mcp::tool::context::Limits::default(), &[]).await;
    some_flows(&world).await;
    let query = format!("{}.sub", world.namespace);
    let page = world
        .call("search_namespaces", json!({ "query": query }))
        .await;
    assert_eq!(ids(&page, "namespace"), [query.as_str()]);
    assert!(page["dropped"].as_u64().unwrap() >= 2, "{page}");
}

//! Arguments as models and clients spell them: JSON as text, numbers and booleans as text, one word
//! for a list. An ambiguous value is refused.

mod inputs;

use serde_json::{Value, json};

use crate::contract::answer::has;
use crate::contract::world::World;
use crate::contract::{everywhere, simulated};

everywhere![
    a_boolean_as_text_is_that_boolean,
    new_labels_have_keys_that_kestra_accepts,
    a_filter_may_name_system_labels_unproven,
];

simulated![
    every_spelling_of_an_argument_sends_the_same,
    json_text_that_is_too_deep_or_ambiguous_is_reported,
    ambiguous_values_are_refused_and_send_nothing,
];

const TYPED: &str = "id: typed
namespace: {ns}
inputs:
  - {id: s, type: STRING}
  - {id: i, type: INT, min: 1, max: 9}
  - {id: f, type: FLOAT, required: false}
  - {id: b, type: BOOL, required: false}
  - {id: d, type: DATE, required: false}
  - {id: t, type: TIME, required: false}
  - {id: du, type: DURATION, required: false}
  - {id: a, type: ARRAY, itemType: INT, required: false}
  - {id: sel, type: SELECT, values: [\"1\", \"2\"], required: false}
  - {id: ms, type: MULTISELECT, values: [x, \"true\"], required: false}
  - {id: file, type: FILE, required: false}
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: ok
";

/// Method, path and query of each request that a call sends.
async fn sends(world: &mut World, tool: &str, arguments: Value) -> Vec<String> {
    world.forget();
    world.call(tool, arguments).await;
    let requests = world.requests();
    let texts = requests
        .iter()
        .map(|request| format!("{} {} {:?}", request.method, request.path, request.query));
    texts.collect()
}

async fn every_spelling_of_an_argument_sends_the_same(world: &mut World) {
    world.call("auth_status", json!({})).await;
    let rows = [
        (
            "list_executions",
            "state",
            json!(["FAILED"]),
            vec![
                json!("FAILED"),
                json!("[\"FAILED\"]"),
                json!(" [ \"FAILED\" ] "),
            ],
        ),
        (
            "list_executions",
            "labels",
            json!({ "run": "1" }),
            vec![
                json!("{\"run\": \"1\"}"),
                json!("{\"run\": 1}"),
                json!({ "run": 1 }),
            ],
        ),
        (
            "list_executions",
            "labels",
            json!({ "team": "data", "at": "http://a:1" }),
            vec![
                json!(["team:data", "at:http://a:1"]),
                json!(["at: http://a:1", "team:data"]),
                json!("[\"team:data\", \"at:http://a:1\"]"),
                json!([{ "key": "team", "value": "data" }, { "key": "at", "value": "http://a:1" }]),
            ],
        ),
        (
            "list_flows",
            "labels",
            json!({ "team": "data" }),
            vec![json!(["team:data"]), json!(["team:data", "team:data"])],
        ),
        ("list_flows", "query", json!("2026"), vec![json!(2026)]),
        ("list_executions", "flow_id", json!("7"), vec![json!(7)]),
        (
            "list_executions",
            "namespace",
            json!("18446744073709551615"),
            vec![json!(u64::MAX)],
        ),
        (
            "list_executions",
            "size",
            json!(5),
            vec![json!("5"), json!(5.0), json!("5.0")],
        ),
        ("list_flows", "page", json!(2), vec![json!("2"), json!(2.0)]),
    ];
    for (tool, name, plain, others) in rows {
        let expected = sends(world, tool, json!({ name: plain })).await;
        for other in others {
            assert_eq!(
                sends(world, tool, json!({ name: other })).await,
                expected,
                "{name}: {other}"
            );
        }
    }
}

async fn json_text_that_is_too_deep_or_ambiguous_is_reported(world: &mut World) {
    world.call("auth_status", json!({})).await;
    world.forget();
    let nest = |depth: usize| format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
    for (text, expected) in [
        (nest(33), "at most 32 objects and lists inside each other"),
        (
            "{\"a\": 1, \"a\": 2}".to_owned(),
            "each field of an object once",
        ),
    ] {
        for (tool, argument) in [("execute_flow", "inputs"), ("list_flows", "labels")] {
            let mut arguments = json!({ "namespace": "a.b", argument: text });
            if tool == "execute_flow" {
                arguments["flow_id"] = json!("c");
            }
            let error = world.refused(tool, arguments).await;
            let fault = &error["faults"][0];
            assert_eq!(fault["field"], argument, "{error}");
            assert!(fault.to_string().contains(expected), "{error}");
        }
    }
    assert_eq!(world.requests().len(), 0);
}

async fn ambiguous_values_are_refused_and_send_nothing(world: &mut World) {
    world.call("auth_status", json!({})).await;
    world.forget();
    let deep = format!("{{\"a\": {}{}}}", "[".repeat(40), "]".repeat(40));
    let flow = |name: &str, value: Value| {
        let mut arguments = json!({ "namespace": "a.b", "flow_id": "c" });
        arguments[name] = value;
        ("execute_flow", name.to_owned(), arguments)
    };
    let list =
        |name: &str, value: Value| ("list_executions", name.to_owned(), json!({ name: value }));
    let rows = [
        flow("inputs", json!("{\"a\": \"canary\", \"a\": 2}")),
        flow(
            "inputs",
            json!("{\"a\": {\"b\": 1, \"\\u0062\": \"canary\"}}"),
        ),
        flow("inputs", json!("{\"a\": NaN}")),
        flow("inputs", json!("{'a': 'canary'}")),
        flow("inputs", json!("{\"a\": 1} canary")),
        flow("inputs", json!("[1]")),
        flow("inputs", json!("\"{}\"")),
        flow("inputs", json!("")),
        flow("inputs", json!(deep)),
        flow("labels", json!("{\"run\": \"1\", \"run\": \"canary\"}")),
        flow("labels", json!("run:canary")),
        flow("labels", json!(["canary"])),
        flow("labels", json!(["run:1", "run:canary"])),
        flow("labels", json!(["run:"])),
        flow("labels", json!([":canary"])),
        flow("labels", json!(["system.x:canary"])),
        flow("labels", json!([["run", "canary"]])),
        flow("labels", json!([{ "run": "canary" }])),
        flow("labels", json!("[\"run:canary\"")),
        flow("schedule_date", json!(2031)),
        list("flow_id", json!(7.0)),
        list("flow_id", json!(1e3)),
        list("flow_id", json!(-7)),
        list("flow_id", json!(true)),
        list("flow_id", json!([7])),
        list("labels", json!(["a][IN][b:canary"])),
        list("labels", json!([5])),
        flow("wait_seconds", json!("30s")),
        flow("wait_seconds", json!("NaN")),
        flow("wait_seconds", json!("0x10")),
        flow("wait_seconds", json!("301")),
        flow("wait_seconds", json!("1.5")),
        flow("wait_seconds", json!(true)),
        list("state", json!("DONE")),
        list("state", json!("[\"FAILED\"")),
        list("state", json!("{\"0\": \"FAILED\"}")),
        list("state", json!(5)),
        list("size", json!("")),
        list("size", json!("101")),
    ];
    for (tool, field, arguments) in rows {
        let error = world.refused(tool, arguments.clone()).await;
        assert_eq!(
            (&error["code"], &error["faults"][0]["field"]),
            (&json!("INVALID_ARGUMENT"), &json!(field)),
            "{arguments}"
        );
        assert!(!error.to_string().contains("canary"), "{error}");
    }
    let error = world
        .refused(
            "create_or_update_flow",
            json!({ "source": "a: b", "dry_run": "yes" }),
        )
        .await;
    has(
        &error,
        json!({ "code": "INVALID_ARGUMENT", "/faults/0/field": "dry_run" }),
    );
    assert_eq!(world.sent(), Vec::<String>::new());
}

async fn a_boolean_as_text_is_that_boolean(world: &mut World) {
    let source = TYPED.replace("{ns}", &world.namespace);
    for truth in [json!("true"), json!("True")] {
        let answer = world
            .call(
                "create_or_update_flow",
                json!({ "source": source, "dry_run": truth }),
            )
            .await;
        has(&answer, json!({ "outcome": "preview", "would": "create" }));
    }
    let answer = world
        .call(
            "create_or_update_flow",
            json!({ "source": source, "dry_run": "false" }),
        )
        .await;
    assert_eq!(answer["outcome"], "created", "{answer}");
}

async fn new_labels_have_keys_that_kestra_accepts(world: &mut World) {
    world.save(TYPED).await;
    let ns = world.namespace.clone();
    let start = |labels: Value| json!({ "namespace": ns, "flow_id": "typed", "inputs": { "s": "x", "i": 1 }, "labels": labels });
    // Real servers refused each of these as a label of a flow.
    for bad in [
        json!({ "Team": "x" }),
        json!({ "a b": "x" }),
        json!({ "system.x": "y" }),
        json!({ "team": "" }),
        json!({ "a/b": "x" }),
        json!({ "_a": "x" }),
        json!({ "mcp.x": "y" }),
    ] {
        let error = world.refused("execute_flow", start(bad.clone())).await;
        assert_eq!(
            (&error["code"], &error["faults"][0]["field"]),
            (&json!("INVALID_ARGUMENT"), &json!("labels")),
            "{bad}"
        );
        let message = error["message"].as_str().unwrap();
        assert!(
            message.ends_with("does not start with 'system.' or 'mcp.'."),
            "{message}"
        );
    }
    let labels = json!({ "größe_1.a-b": "x", "team": "a:b c" });
    for given in [labels.clone(), json!(["größe_1.a-b:x", "team:a:b c"])] {
        let started = world.call("execute_flow", start(given)).await;
        assert_eq!(started["labels"], labels, "{started}");
    }
}

async fn a_filter_may_name_system_labels_unproven(world: &mut World) {
    world.save(TYPED).await;
    let ns = world.namespace.clone();
    let arguments = json!({ "namespace": ns, "flow_id": "typed", "inputs": { "s": "x", "i": 1 }, "wait_seconds": 60 });
    let id = world.call("execute_flow", arguments).await["execution_id"]
        .as_str()
        .unwrap()
        .to_owned();
    world.until_ended(&id).await;
    for (labels, found) in [
        (json!({ "system.from": "api" }), 1),
        (json!({ "system.from": "trigger" }), 0),
        (json!({ "Team A/b": "x" }), 0),
    ] {
        let page = world
            .call(
                "list_executions",
                json!({ "namespace": ns, "labels": labels }),
            )
            .await;
        assert_eq!(
            page["items"].as_array().unwrap().len(),
            found,
            "{labels}: {page}"
        );
    }
    for bad in ["a][IN][b", "a]", "", "a\n"] {
        let error = world
            .refused(
                "list_executions",
                json!({ "namespace": ns, "labels": { bad: "x" } }),
            )
            .await;
        assert_eq!(
            (&error["code"], &error["faults"][0]["field"]),
            (&json!("INVALID_ARGUMENT"), &json!("labels")),
            "{bad:?}"
        );
    }
}

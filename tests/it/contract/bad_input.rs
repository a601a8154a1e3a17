//! Refused arguments: nothing is sent, and one answer lists all faults.

use serde_json::json;

use super::{everywhere, simulated};
use crate::contract::answer::mentions;
use crate::contract::world::World;

everywhere![
    unknown_and_missing_arguments_are_named_together,
    ids_that_kestra_reserves_are_refused_before_any_request,
    wrong_types_are_refused_without_repeating_them,
    an_unknown_tool_is_a_protocol_error,
];

simulated![
    ids_with_path_or_control_characters_send_nothing,
    a_flow_id_that_names_another_route_sends_nothing,
    a_value_outside_an_enumeration_is_answered_with_the_enumeration,
];

async fn unknown_and_missing_arguments_are_named_together(world: &mut World) {
    let error = world
        .refused("get_flow", json!({ "namespce": "a.b", "revision": 0 }))
        .await;
    assert_eq!(error["code"], "INVALID_ARGUMENT");
    let fields: Vec<&str> = error["faults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| fault["field"].as_str().unwrap())
        .collect();
    assert_eq!(fields, ["namespce", "namespace", "flow_id", "revision"]);
    mentions(&error["faults"][0]["expected"], "`namespace`");
}

async fn ids_with_path_or_control_characters_send_nothing(world: &mut World) {
    let ids = [
        "../flows/a/b",
        "../../t2/x",
        "x#",
        "x?cascade=1",
        "kill/by-query?x=",
        "a/b",
        "a\\b",
        "..",
        ".",
        "",
        "a\nb",
        "a\u{0}b",
        "a%2Fb",
        "a b",
        "a..b",
        "a.",
        "ü",
    ];
    world.call("auth_status", json!({})).await;
    world.forget();
    for id in ids {
        for (tool, arguments) in [
            ("get_flow", json!({ "namespace": "a.b", "flow_id": id })),
            ("get_flow", json!({ "namespace": id, "flow_id": "a" })),
            ("execute_flow", json!({ "namespace": "a.b", "flow_id": id })),
            ("get_execution", json!({ "execution_id": id })),
            ("list_flows", json!({ "namespace": id })),
            ("list_executions", json!({ "flow_id": id })),
        ] {
            let error = world.refused(tool, arguments).await;
            assert_eq!(error["code"], "INVALID_ARGUMENT", "{tool} {id:?}");
        }
    }
    assert_eq!(world.sent(), Vec::<String>::new());
}

async fn a_flow_id_that_names_another_route_sends_nothing(world: &mut World) {
    // POST /executions/{id}/restart of 1.3, and the routes of both lines below /executions.
    let reserved = [
        ("pause", "by-query"),
        ("3nosuchid00000000000000", "restart"),
        ("kill", "by-ids"),
    ];
    for (namespace, flow_id) in reserved {
        world.forget();
        let error = world
            .refused(
                "execute_flow",
                json!({ "namespace": namespace, "flow_id": flow_id }),
            )
            .await;
        assert!(
            world.sent().iter().all(|line| !line.starts_with("POST")),
            "{namespace} {flow_id} {error}"
        );
        // The arguments alone show that it would become another route.
        if error["code"] == "INVALID_ARGUMENT" {
            assert_eq!(world.sent(), Vec::<String>::new());
        }
    }
}

/// The ids that Kestra 1.3 reserves.
const RESERVED: [&str; 10] = [
    "pause",
    "resume",
    "force-run",
    "change-status",
    "kill",
    "executions",
    "search",
    "source",
    "disable",
    "enable",
];

async fn ids_that_kestra_reserves_are_refused_before_any_request(world: &mut World) {
    world.call("auth_status", json!({})).await;
    let ns = world.namespace.clone();
    for word in RESERVED {
        if world.simulator.is_some() {
            world.forget();
        }
        let source = format!(
            "id: {word}\nnamespace: {ns}\ntasks:\n  - id: say\n    type: io.kestra.plugin.core.log.Log\n    message: hi\n"
        );
        let named = json!({ "namespace": ns, "flow_id": word });
        for (tool, arguments, field) in [
            ("get_flow", named.clone(), "flow_id"),
            ("execute_flow", named.clone(), "flow_id"),
            (
                "create_or_update_flow",
                json!({ "source": source, "dry_run": true }),
                "source",
            ),
            (
                "create_or_update_flow",
                json!({ "source": source }),
                "source",
            ),
        ] {
            if world.is_v2 {
                // 2.0 reserves none of them.
                if tool == "create_or_update_flow" {
                    world.call(tool, arguments).await;
                } else {
                    assert_eq!(
                        world.refused(tool, arguments).await["code"],
                        "NOT_FOUND",
                        "{tool} {word}"
                    );
                }
                continue;
            }
            let error = world.refused(tool, arguments).await;
            assert_eq!(
                (&error["code"], &error["faults"][0]["field"]),
                (&json!("INVALID_ARGUMENT"), &json!(field)),
                "{tool} {word}: {error}"
            );
            mentions(&error["message"], &format!("an id other than `{word}`"));
        }
        if world.simulator.is_some() && !world.is_v2 {
            assert_eq!(world.sent(), Vec::<String>::new(), "{word}");
        }
        // A list does not put them into a path.
        world.call("list_executions", named).await;
    }
    // Reserved words within an id, or in other case, are ids.
    for id in ["pause-all", "my.search", "Kill", "researcher"] {
        let error = world
            .refused("get_flow", json!({ "namespace": ns, "flow_id": id }))
            .await;
        assert_eq!(error["code"], "NOT_FOUND", "{id}: {error}");
    }
}

async fn wrong_types_are_refused_without_repeating_them(world: &mut World) {
    for (tool, arguments, field) in [
        ("list_flows", json!({ "size": 101 }), "size"),
        ("list_flows", json!({ "size": "many-canary" }), "size"),
        ("list_flows", json!({ "page": 0 }), "page"),
        ("list_flows", json!({ "labels": ["canary"] }), "labels"),
        ("list_flows", json!({ "query": "a\u{1b}canary" }), "query"),
        ("list_executions", json!({ "state": ["canary"] }), "state"),
        ("list_executions", json!({ "since": "canary" }), "since"),
        (
            "execute_flow",
            json!({ "namespace": "a", "flow_id": "b", "wait_seconds": 301 }),
            "wait_seconds",
        ),
        (
            "execute_flow",
            json!({ "namespace": "a", "flow_id": "b", "inputs": "canary" }),
            "inputs",
        ),
        (
            "execute_flow",
            json!({ "namespace": "a", "flow_id": "b", "labels": { "system.x": "canary" } }),
            "labels",
        ),
        (
            "get_execution",
            json!({ "execution_id": "3nosuchid00000000000000", "include": ["canary"] }),
            "include",
        ),
    ] {
        let error = world.refused(tool, arguments.clone()).await;
        assert_eq!(
            (&error["code"], &error["faults"][0]["field"]),
            (&json!("INVALID_ARGUMENT"), &json!(field)),
            "{arguments}"
        );
        assert!(!error.to_string().contains("canary"), "{error}");
    }
}

async fn an_unknown_tool_is_a_protocol_error(world: &mut World) {
    let answer = world
        .ask(
            "tools/call",
            json!({ "name": "delete_everything", "arguments": {} }),
        )
        .await;
    assert_eq!(answer["error"]["code"], -32602);
}

async fn a_value_outside_an_enumeration_is_answered_with_the_enumeration(world: &mut World) {
    let error = world
        .refused("list_executions", json!({ "state": ["DONE"] }))
        .await;
    assert_eq!(error["code"], "INVALID_ARGUMENT");
    let expected = error["faults"][0]["expected"].as_str().unwrap();
    assert!(expected.contains("QUEUED, RETRYING"), "{error}");
}

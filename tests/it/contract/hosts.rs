//! Arguments that hosts add to a call, and unknown arguments.

use kestra_mcp::generated;
use kestra_mcp::tool::Line;
use serde_json::{Value, json};

use super::simulated;
use crate::contract::world::World;

simulated![
    arguments_that_a_host_adds_are_dropped_whatever_their_value,
    an_unknown_argument_is_to_be_left_out,
];

/// Those of Gemini CLI, then of n8n.
const ADDED: [&str; 5] = [
    "wait_for_previous",
    "toolCallId",
    "sessionId",
    "action",
    "chatInput",
];

/// The answer to a call, and the requests that it sends.
async fn seen(world: &mut World, tool: &str, arguments: Value) -> (Value, Vec<String>) {
    world.forget();
    let answer = world.call(tool, arguments).await;
    let requests = world.requests();
    let texts = requests
        .iter()
        .map(|request| format!("{} {} {:?}", request.method, request.path, request.query));
    (answer, texts.collect())
}

async fn arguments_that_a_host_adds_are_dropped_whatever_their_value(world: &mut World) {
    world.save("id: hello\nnamespace: {ns}\ntasks:\n  - {id: say, type: io.kestra.plugin.core.log.Log, message: hi}\n").await;
    let flow = json!({ "namespace": world.namespace, "flow_id": "hello" });
    for (tool, plain) in [
        ("auth_status", json!({})),
        ("list_flows", json!({ "size": 5 })),
        ("get_flow", flow),
    ] {
        let expected = seen(world, tool, plain.clone()).await;
        for value in [
            json!(true),
            json!("canary"),
            json!({ "a": [1] }),
            json!(null),
        ] {
            let mut arguments = plain.clone();
            for name in ADDED {
                arguments[name] = value.clone();
            }
            assert_eq!(
                seen(world, tool, arguments).await,
                expected,
                "{tool}: {value}"
            );
        }
    }
}

async fn an_unknown_argument_is_to_be_left_out(world: &mut World) {
    world.call("auth_status", json!({})).await;
    world.forget();
    for (tool, name, expected) in [
        // `flow_id` is given as well, so it is no candidate.
        ("get_flow", "flowId", "leave it out"),
        ("get_flow", "revison", "leave it out, or write `revision`"),
        ("get_flow", "zzz", "leave it out"),
        ("auth_status", "x", "leave it out"),
        ("list_flows", "chat_input", "leave it out"),
    ] {
        let mut arguments = json!({ name: "canary" });
        if tool == "get_flow" {
            arguments["namespace"] = json!("a.b");
            arguments["flow_id"] = json!("c");
        }
        let error = world.refused(tool, arguments).await;
        assert_eq!(error["code"], "INVALID_ARGUMENT", "{error}");
        assert_eq!(
            error["message"],
            format!("This tool has no argument {name}: {expected}.")
        );
        assert_eq!(
            error["faults"],
            json!([{ "field": name, "expected": expected }])
        );
    }
    let error = world
        .refused("list_flows", json!({ "\u{1f4a5}": 1, "size": 0 }))
        .await;
    let message = "This tool has no such argument: leave it out. size: expected a number of rows from 1 to 100.";
    assert_eq!(error["message"], message, "{error}");
    assert_eq!(world.sent(), Vec::<String>::new());
}

#[test]
fn what_a_host_adds_is_dropped_of_every_tool_that_has_no_such_argument() {
    for line in Line::ALL {
        for tool in generated::tools(*line) {
            for name in ADDED {
                let takes = tool.arguments.iter().any(|argument| argument.name == name);
                assert_eq!(tool.dropped.contains(&name), !takes, "{} {name}", tool.name);
            }
        }
    }
}

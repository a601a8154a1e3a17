//! One execution.

use serde_json::{Value, json};

use super::{everywhere, simulated};
use crate::contract::answer::{has, mentions};
use crate::contract::world::World;

everywhere![
    an_ordinary_success_is_short,
    adds_the_requested_parts,
    logs_of_another_level_are_added_when_one_is_named,
    an_unknown_execution_is_not_found,
    a_running_execution_has_no_end,
];

simulated![
    the_level_is_sent_as_each_line_expects_it,
    large_outputs_are_cut_and_the_answer_says_so,
    a_part_that_cannot_be_read_is_reported_and_costs_no_other,
    an_unreadable_flow_costs_only_the_total_of_tasks,
    the_total_of_tasks_is_at_least_those_that_ran,
];

const HELLO: &str = "id: hello
namespace: {ns}
inputs:
  - id: who
    type: STRING
    defaults: World
tasks:
  - id: warn
    type: io.kestra.plugin.core.log.Log
    level: WARN
    message: careful
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: quiet
  - id: out
    type: io.kestra.plugin.core.debug.Return
    format: \"hello {{ inputs.who }}\"
outputs:
  - id: greeting
    type: STRING
    value: \"{{ outputs.out.value }}\"
";

async fn an_ordinary_success_is_short(world: &mut World) {
    world.save(HELLO).await;
    let id = world.run("hello").await;
    let read = world
        .call("get_execution", json!({ "execution_id": id }))
        .await;
    let ns = world.namespace.clone();
    has(
        &read,
        json!({ "execution_id": id, "namespace": ns, "flow_id": "hello" }),
    );
    has(
        &read,
        json!({ "state": "SUCCESS", "finished": true, "/tasks/total": 3 }),
    );
    has(
        &read,
        json!({ "untrusted": null, "labels": null, "waited_seconds": null }),
    );
    assert!(read.to_string().len() <= 1536);
}

async fn adds_the_requested_parts(world: &mut World) {
    world.save(HELLO).await;
    let id = world.run("hello").await;
    let read = world
        .call(
            "get_execution",
            json!({ "execution_id": id, "include": ["inputs", "outputs", "logs"] }),
        )
        .await;
    let untrusted = &read["untrusted"];
    assert_eq!(untrusted["inputs"], json!({ "who": "World" }));
    assert_eq!(
        untrusted["outputs"],
        json!({ "greeting": "hello World" }),
        "{read}"
    );
    let logs = untrusted["logs"].as_array().unwrap();
    assert!(
        logs.iter()
            .any(|line| line["message"].as_str().unwrap().contains("careful")),
        "{read}"
    );
    assert!(
        logs.iter()
            .all(|line| line["level"] == "WARN" || line["level"] == "ERROR"),
        "{read}"
    );
}

async fn logs_of_another_level_are_added_when_one_is_named(world: &mut World) {
    world.save(HELLO).await;
    let id = world.run("hello").await;
    for (level, quiet, careful) in [
        ("INFO", true, true),
        ("debug", true, true),
        ("WARN", false, true),
        ("ERROR", false, false),
    ] {
        let read = world
            .call(
                "get_execution",
                json!({ "execution_id": id, "log_level": level }),
            )
            .await;
        let none = Vec::new();
        let logs = read
            .pointer("/untrusted/logs")
            .and_then(Value::as_array)
            .unwrap_or(&none);
        let says = |word: &str| {
            logs.iter()
                .any(|line| line["message"].as_str().unwrap().contains(word))
        };
        assert_eq!(
            (says("quiet"), says("careful")),
            (quiet, careful),
            "{level}: {read}"
        );
    }
    for bad in [json!("LOUD"), json!(["INFO"]), json!(3), json!("")] {
        let error = world
            .refused(
                "get_execution",
                json!({ "execution_id": id, "log_level": bad }),
            )
            .await;
        has(
            &error,
            json!({ "code": "INVALID_ARGUMENT", "/faults/0/field": "log_level" }),
        );
        mentions(&error["message"], "ERROR, WARN, INFO, DEBUG, TRACE");
    }
}

async fn the_level_is_sent_as_each_line_expects_it(world: &mut World) {
    world.save(HELLO).await;
    let id = world.run("hello").await;
    let op = if world.is_v2 {
        "GREATER_THAN_OR_EQUAL_TO"
    } else {
        "EQUALS"
    };
    for (arguments, level) in [
        (json!({ "log_level": "debug" }), "DEBUG"),
        (json!({ "include": ["logs"] }), "WARN"),
    ] {
        world.forget();
        let mut asked = json!({ "execution_id": id });
        asked
            .as_object_mut()
            .unwrap()
            .extend(arguments.as_object().unwrap().clone());
        world.call("get_execution", asked).await;
        let sent = world.requests();
        let logs = sent
            .iter()
            .find(|request| request.path.ends_with("/logs/search"))
            .unwrap();
        assert!(
            logs.query
                .contains(&(format!("filters[level][{op}]"), level.to_owned())),
            "{:?}",
            logs.query
        );
    }
}

async fn an_unknown_execution_is_not_found(world: &mut World) {
    let error = world
        .refused(
            "get_execution",
            json!({ "execution_id": "3nosuchid00000000000000" }),
        )
        .await;
    has(&error, json!({ "code": "NOT_FOUND", "retryable": false }));
}

async fn a_running_execution_has_no_end(world: &mut World) {
    world.save("id: sleeper\nnamespace: {ns}\ntasks:\n  - id: nap\n    type: io.kestra.plugin.core.flow.Sleep\n    duration: PT20S\n").await;
    let arguments =
        json!({ "namespace": world.namespace, "flow_id": "sleeper", "wait_seconds": 2 });
    let started = world.call("execute_flow", arguments).await;
    let read = world
        .call(
            "get_execution",
            json!({ "execution_id": started["execution_id"] }),
        )
        .await;
    has(
        &read,
        json!({ "finished": false, "ended_at": null, "duration_seconds": null }),
    );
}

async fn large_outputs_are_cut_and_the_answer_says_so(world: &mut World) {
    world
        .save(&HELLO.replace("hello {{ inputs.who }}", &"x".repeat(40_000)))
        .await;
    let arguments = json!({ "namespace": world.namespace, "flow_id": "hello", "wait_seconds": 60 });
    let done = world.call("execute_flow", arguments).await;
    let outputs = done["untrusted"]["outputs"].to_string();
    assert!(
        outputs.len() < 2_200 && outputs.contains('…'),
        "{} bytes",
        outputs.len()
    );
    assert!(
        done["truncated"]["bytes"].as_u64().unwrap() > 40_000,
        "{done}"
    );
    let read = world
        .call(
            "get_execution",
            json!({ "execution_id": done["execution_id"], "include": ["outputs"] }),
        )
        .await;
    let outputs = read["untrusted"]["outputs"].to_string();
    assert!(
        outputs.len() > 10_000 && outputs.len() < 17_000,
        "{} bytes",
        outputs.len()
    );
}

async fn a_part_that_cannot_be_read_is_reported_and_costs_no_other(world: &mut World) {
    world.save(HELLO).await;
    let id = world.run("hello").await;
    world.kestra().fault(simulator::Fault {
        method: None,
        path: "*/logs/search".into(),
        times: None,
        action: simulator::Action::Respond {
            status: 500,
            content_type: "application/json".into(),
            body: b"{}".to_vec(),
            headers: Vec::new(),
        },
    });
    let read = world
        .call(
            "get_execution",
            json!({ "execution_id": id, "include": ["logs"] }),
        )
        .await;
    assert_eq!(read["state"], "SUCCESS");
    mentions(&read["note"], "logs could not be read");
    assert_eq!(read.pointer("/untrusted/logs"), None::<&Value>);
}

/// What Kestra answers in place of flows.
fn flows(action: simulator::Action) -> simulator::Fault {
    simulator::Fault {
        method: Some("GET".into()),
        path: "*/flows/*".into(),
        times: None,
        action,
    }
}

fn answers(status: u16, body: &Value) -> simulator::Action {
    simulator::Action::Respond {
        status,
        content_type: "application/json".into(),
        body: body.to_string().into_bytes(),
        headers: Vec::new(),
    }
}

async fn an_unreadable_flow_costs_only_the_total_of_tasks(world: &mut World) {
    world.save(HELLO).await;
    let id = world.run("hello").await;
    let arguments = json!({ "execution_id": id });
    let whole = world.call("get_execution", arguments.clone()).await;
    let silence = [simulator::Action::Hang, simulator::Action::Disconnect];
    for action in [401, 403, 404, 500]
        .map(|status| answers(status, &json!({})))
        .into_iter()
        .chain(silence)
    {
        world.kestra().fault(flows(action));
        let read = world.call("get_execution", arguments.clone()).await;
        assert_eq!(read, whole);
        world.kestra().clear_faults();
    }
}

async fn the_total_of_tasks_is_at_least_those_that_ran(world: &mut World) {
    world.save(HELLO).await;
    let id = world.run("hello").await;
    // As when a task is repeated.
    let one = json!({ "id": "hello", "namespace": world.namespace, "tasks": [{ "id": "each", "type": "t" }] });
    world.kestra().fault(flows(answers(200, &one)));
    let read = world
        .call("get_execution", json!({ "execution_id": id }))
        .await;
    assert_eq!(read["tasks"], json!({ "total": 3, "SUCCESS": 3 }), "{read}");
}

#[tokio::test]
async fn the_parts_of_an_execution_are_read_concurrently() {
    for dialect in simulator::Dialect::ALL {
        let limits = kestra_mcp::tool::context::Limits::default();
        let mut world = World::simulated(dialect, limits).await;
        world.save(HELLO).await;
        let id = world.run("hello").await;
        let until = std::sync::Arc::new(tokio::sync::Notify::new());
        world.kestra().fault(simulator::Fault {
            method: None,
            path: "*/logs/search".into(),
            times: None,
            action: simulator::Action::Held(std::sync::Arc::clone(&until)),
        });
        world.forget();
        let params = json!({ "name": "get_execution", "arguments": { "execution_id": id, "include": ["logs"] } });
        world
            .send(&json!({ "jsonrpc": "2.0", "id": "held", "method": "tools/call", "params": params }))
            .await;
        let asked = |world: &World, part: &str| {
            let mut requests = world.requests().into_iter();
            requests.any(|request| request.path.contains(part) && request.status == 0)
        };
        // They are requested concurrently.
        while !asked(&world, "/logs/search") {
            tokio::task::yield_now().await;
        }
        while !world.sent().iter().any(|sent| sent.contains("/flows/")) {
            tokio::task::yield_now().await;
        }
        assert!(asked(&world, "/logs/search"));
        until.notify_one();
    }
}

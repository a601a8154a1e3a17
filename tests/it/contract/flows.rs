//! One flow: its source, its revisions, and what is near a miss.

mod revisions;

use kestra_mcp::tool::context::Limits;
use serde_json::{Value, json};

use crate::contract::answer::{has, mentions};
use crate::contract::world::World;
use crate::contract::{everywhere, simulated};

everywhere![
    returns_the_source_byte_for_byte,
    returns_the_requested_lines,
    the_note_on_a_large_source_says_how_to_ask_for_a_part,
    offers_candidates_for_a_near_miss,
];

simulated![
    a_source_is_whole_or_an_error,
    an_answer_about_another_flow_is_refused,
];

const SOURCE: &str = "# kept as written
id: hello
namespace: {ns}
description: \"Says hello.\"
labels:
  team: data
inputs:
  - id: who
    type: STRING
    defaults: World
  - id: color
    type: SELECT
    values: [red, green]
    required: false
triggers:
  - id: nightly
    type: io.kestra.plugin.core.trigger.Schedule
    cron: \"0 4 * * *\"
    disabled: true
    inputs:
      color: red
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: \"hello {{ inputs.who }}\"
";

async fn returns_the_source_byte_for_byte(world: &mut World) {
    world.save(SOURCE).await;
    let ns = world.namespace.clone();
    let flow = world
        .call("get_flow", json!({ "namespace": ns, "flow_id": "hello" }))
        .await;
    assert_eq!(
        flow["untrusted"]["source"].as_str().unwrap(),
        SOURCE.replace("{ns}", &ns)
    );
    assert_eq!(flow["untrusted"]["description"], "Says hello.");
    assert_eq!(
        flow["inputs"],
        json!([
            { "id": "who", "type": "STRING", "required": false, "default": "World" },
            { "id": "color", "type": "SELECT", "required": false, "values": ["red", "green"] },
        ])
    );
    assert_eq!(
        flow["triggers"],
        json!([
            { "trigger_id": "nightly", "type": "io.kestra.plugin.core.trigger.Schedule", "disabled": true },
        ])
    );
    has(
        &flow,
        json!({ "revision": 1, "tasks": 1, "labels": { "team": "data" } }),
    );
    let url = flow["url"].as_str().unwrap();
    assert!(
        url.ends_with(&format!("/flows/edit/{ns}/hello")) && url.contains("/ui/"),
        "{url}"
    );
    assert_eq!(flow.get("disabled"), None);
}

async fn returns_the_requested_lines(world: &mut World) {
    world.save(SOURCE).await;
    let ns = world.namespace.clone();
    let source = SOURCE.replace("{ns}", &ns);
    let lines: Vec<&str> = source.split_inclusive('\n').collect();
    let total = lines.len();
    let asked = |range: Value| json!({ "namespace": ns, "flow_id": "hello", "lines": range });
    for (range, first, last) in [
        (json!("3-5"), 3, 5),
        (json!("7-"), 7, total),
        (json!("2"), 2, 2),
        (json!(2), 2, 2),
        (json!("4-9000"), 4, total),
    ] {
        let flow = world.call("get_flow", asked(range)).await;
        assert_eq!(
            flow["untrusted"]["source"].as_str().unwrap(),
            lines[first - 1..last].concat()
        );
        assert_eq!(flow["lines"], format!("{first}-{last} of {total}"));
        mentions(&flow["note"], "cannot be saved as it is");
        let shown: usize = lines[first - 1..last].iter().map(|line| line.len()).sum();
        assert_eq!(flow["truncated"]["bytes"], source.len() - shown, "{flow}");
        assert_eq!(
            flow["truncated"].get("next").is_some(),
            last < total,
            "{flow}"
        );
    }
    let part = world.call("get_flow", asked(json!("1-2"))).await;
    assert_eq!(
        part["truncated"]["next"],
        json!({ "lines": "3-4" }),
        "{part}"
    );
    let all = world.call("get_flow", asked(json!("1-"))).await;
    assert_eq!(
        (
            all["untrusted"]["source"].as_str().unwrap(),
            all.get("truncated")
        ),
        (source.as_str(), None),
        "{all}"
    );
    for bad in [
        json!("9-3"),
        json!("0-4"),
        json!("a-b"),
        json!(""),
        json!(-3),
        json!([1, 2]),
        json!(format!("{}-{}", total + 1, total + 9)),
    ] {
        let error = world.refused("get_flow", asked(bad.clone())).await;
        assert_eq!(
            (&error["code"], &error["faults"][0]["field"]),
            (&json!("INVALID_ARGUMENT"), &json!("lines")),
            "{bad}: {error}"
        );
    }
    let whole = world
        .call("get_flow", json!({ "namespace": ns, "flow_id": "hello" }))
        .await;
    has(
        &whole,
        json!({ "lines": null, "note": null, "truncated": null }),
    );
}

async fn the_note_on_a_large_source_says_how_to_ask_for_a_part(world: &mut World) {
    let source = SOURCE.to_owned() + &"  # a comment that makes it long\n".repeat(4000);
    world.save(&source).await;
    let ns = world.namespace.clone();
    let flow = world
        .call("get_flow", json!({ "namespace": ns, "flow_id": "hello" }))
        .await;
    assert_eq!(
        flow["untrusted"]["source"].as_str().unwrap(),
        source.replace("{ns}", &ns),
        "never cut"
    );
    assert!(
        flow["note"].as_str().unwrap().contains("`lines`"),
        "{}",
        flow["note"]
    );
    assert_eq!(flow.get("truncated"), None);
    let part = world
        .call(
            "get_flow",
            json!({ "namespace": ns, "flow_id": "hello", "lines": "1-3" }),
        )
        .await;
    assert!(
        part.to_string().len() < 4000 && !part["note"].as_str().unwrap().contains("tokens"),
        "{part}"
    );
}

#[tokio::test]
async fn a_secret_across_lines_is_found_before_the_lines_are_cut() {
    const SECRET: &str = "the-first-half-of-it\nthe-second-half-of-it";
    for dialect in simulator::Dialect::ALL {
        let variables = [("KESTRA_PASSWORD", SECRET)];
        let settings = simulator::Settings {
            auth: simulator::Auth::Basic {
                username: simulator::USERNAME.into(),
                password: SECRET.into(),
            },
            ..simulator::Settings::new(dialect)
        };
        let mut world = World::with(settings, Limits::default(), &variables).await;
        let body = json!({ "namespace": "a", "id": "hello", "revision": 1,
            "source": format!("id: hello\n# {SECRET}\nlast: 1\n") });
        world.kestra().fault(simulator::Fault {
            method: None,
            path: "*/flows/a/hello".into(),
            times: None,
            action: simulator::Action::Respond {
                status: 200,
                content_type: "application/json".into(),
                body: body.to_string().into_bytes(),
                headers: Vec::new(),
            },
        });
        for range in ["1-", "1-2", "2", "2-3"] {
            let asked = json!({ "namespace": "a", "flow_id": "hello", "lines": range });
            let part = world.call("get_flow", asked).await.to_string();
            assert!(
                part.contains("redacted") && !part.contains("half"),
                "{part}"
            );
        }
    }
}

async fn offers_candidates_for_a_near_miss(world: &mut World) {
    world.save(SOURCE).await;
    let ns = world.namespace.clone();
    let near = json!([{ "namespace": ns, "flow_id": "hello" }]);
    let error = world
        .refused("get_flow", json!({ "namespace": ns, "flow_id": "helo" }))
        .await;
    assert_eq!(
        (&error["code"], &error["near"]),
        (&json!("NOT_FOUND"), &near)
    );
    // The right id in the wrong namespace.
    let wrong = format!("{ns}.wrong");
    let error = world
        .refused(
            "get_flow",
            json!({ "namespace": wrong, "flow_id": "hello" }),
        )
        .await;
    assert!(
        error["near"].as_array().unwrap().contains(&near[0]),
        "{error}"
    );
    let error = world
        .refused(
            "execute_flow",
            json!({ "namespace": ns, "flow_id": "helo" }),
        )
        .await;
    assert_eq!(
        (&error["code"], &error["near"]),
        (&json!("NOT_FOUND"), &near)
    );
    let error = world
        .refused("get_flow", json!({ "namespace": ns, "flow_id": "zzzzzz" }))
        .await;
    assert_eq!(error.get("near"), None, "{error}");
}

async fn a_source_is_whole_or_an_error(world: &mut World) {
    let filler = "x".repeat(250 * 1024);
    let source = format!(
        "id: big\nnamespace: {{ns}}\ntasks:\n  - id: say\n    type: io.kestra.plugin.core.log.Log\n    message: {filler}\n"
    );
    world.save(&source).await;
    let ns = world.namespace.clone();
    let flow = world
        .call("get_flow", json!({ "namespace": ns, "flow_id": "big" }))
        .await;
    assert_eq!(
        flow["untrusted"]["source"].as_str().unwrap().len(),
        source.replace("{ns}", &ns).len()
    );
    let source = source.replace(&filler, &"x".repeat(257 * 1024));
    world.replace("big", &source).await;
    let error = world
        .refused("get_flow", json!({ "namespace": ns, "flow_id": "big" }))
        .await;
    assert!(
        error["bytes"].as_u64().unwrap() > 256 << 10
            && error["url"].as_str().unwrap().contains("/big"),
        "{error}"
    );
    assert_eq!(error["code"], "UPSTREAM_ERROR");
}

async fn an_answer_about_another_flow_is_refused(world: &mut World) {
    world.save(SOURCE).await;
    let body =
        json!({ "id": "other", "namespace": world.namespace, "revision": 1, "source": "secret" });
    world.kestra().fault(simulator::Fault {
        method: None,
        path: "*/flows/*/hello".into(),
        times: None,
        action: simulator::Action::Respond {
            status: 200,
            content_type: "application/json".into(),
            body: body.to_string().into_bytes(),
            headers: Vec::new(),
        },
    });
    let error = world
        .refused(
            "get_flow",
            json!({ "namespace": world.namespace, "flow_id": "hello" }),
        )
        .await;
    assert_eq!(error["code"], "UPSTREAM_ERROR");
    assert_ne!(error["message"], Value::Null);
}

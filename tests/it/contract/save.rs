//! Saving a flow: what is created, replaced, left alone and refused.

mod names;
mod outcome;
mod races;
mod validation;
mod yaml;

use serde_json::{Value, json};
use simulator::{Action, Fault, Theirs};

use crate::contract::answer::{has, mentions};
use crate::contract::world::World;
use crate::contract::{everywhere, simulated};

everywhere![
    base_revision_0_creates_and_never_replaces,
    an_absent_flow_is_created_byte_for_byte,
    an_identical_source_is_unchanged_and_not_written,
    a_different_source_needs_the_current_revision,
    a_base_revision_of_a_missing_flow_is_a_conflict,
    a_dry_run_says_what_would_happen_and_does_nothing,
    a_deleted_flow_is_created_again_with_the_next_revision,
    a_changed_comment_or_space_is_a_change,
];

simulated![
    validates_then_reads_then_writes_once_then_reads_again,
    the_servers_secrets_do_not_appear_in_a_diff,
];

const FLOW: &str = "# kept as written
id: saved
namespace: {ns}

tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: \"hi ü\"   # kept, with spaces  \n";

const TOOL: &str = "create_or_update_flow";

const YAML: &str = "application/x-yaml";

fn source(world: &World, text: &str) -> String {
    text.replace("{ns}", &world.namespace)
}

/// The source of the flow with another message.
fn other(world: &World, message: &str) -> String {
    source(world, FLOW).replace("hi ü", message)
}

/// The requests that change anything.
fn writes(world: &World) -> Vec<String> {
    let mut sent = world.sent();
    sent.retain(|line| !line.starts_with("GET ") && !line.ends_with("/flows/validate"));
    sent
}

/// Holds that no request changed anything, where requests are recorded.
fn nothing_written(world: &World) {
    if world.simulator.is_some() {
        assert_eq!(writes(world), Vec::<String>::new());
    }
}

fn forget(world: &World) {
    if world.simulator.is_some() {
        world.forget();
    }
}

/// The revision and the source that Kestra stores.
async fn stored(world: &World) -> (Value, Value) {
    let path = format!("/flows/{}/saved?source=true", world.namespace);
    let (_, flow) = world.http("GET", &path, None).await;
    (flow["revision"].clone(), flow["source"].clone())
}

fn once(method: &str, path: &str, action: Action) -> Fault {
    Fault {
        method: Some(method.into()),
        path: path.into(),
        times: Some(1),
        action,
    }
}

fn answers(status: u16, body: &str) -> Action {
    Action::Respond {
        status,
        content_type: "application/json".into(),
        body: body.as_bytes().to_vec(),
        headers: Vec::new(),
    }
}

/// Another client creates or replaces the flow.
fn theirs(world: &World, first: bool, method: &str, body: String) -> Action {
    let path = match method {
        "POST" => "/api/v1/main/flows".to_owned(),
        _ => format!("/api/v1/main/flows/{}/saved", world.namespace),
    };
    Action::Meanwhile(Theirs {
        first,
        method: method.into(),
        path,
        content_type: YAML.into(),
        body,
    })
}

async fn base_revision_0_creates_and_never_replaces(world: &mut World) {
    let given = source(world, FLOW);
    let answer = world
        .call(
            TOOL,
            json!({ "source": given, "base_revision": 0, "dry_run": true }),
        )
        .await;
    has(&answer, json!({ "outcome": "preview", "would": "create" }));
    let answer = world
        .call(
            TOOL,
            json!({ "source": given, "base_revision": 0, "dry_run": false }),
        )
        .await;
    has(&answer, json!({ "outcome": "created", "revision": 1 }));
    let answer = world
        .call(TOOL, json!({ "source": given, "base_revision": 0 }))
        .await;
    assert_eq!(answer["outcome"], "unchanged", "{answer}");
    forget(world);
    let changed = other(world, "changed");
    let error = world
        .refused(TOOL, json!({ "source": changed, "base_revision": 0 }))
        .await;
    has(&error, json!({ "code": "CONFLICT", "revision": 1 }));
    nothing_written(world);
    for bad in [json!(-1), json!("-1"), json!(0.5)] {
        let error = world
            .refused(TOOL, json!({ "source": changed, "base_revision": bad }))
            .await;
        has(
            &error,
            json!({ "code": "INVALID_ARGUMENT", "/faults/0/field": "base_revision" }),
        );
    }
}

async fn an_absent_flow_is_created_byte_for_byte(world: &mut World) {
    let (ns, given) = (world.namespace.clone(), source(world, FLOW));
    let saved = world.call(TOOL, json!({ "source": given })).await;
    has(&saved, json!({ "outcome": "created", "revision": 1 }));
    has(&saved, json!({ "namespace": ns, "flow_id": "saved" }));
    assert!(
        saved["url"]
            .as_str()
            .unwrap()
            .ends_with(&format!("/flows/edit/{ns}/saved")),
        "{saved}"
    );
    for absent in ["diff", "would", "note", "warnings"] {
        assert_eq!(saved.get(absent), None, "{saved}");
    }
    let read = world
        .call("get_flow", json!({ "namespace": ns, "flow_id": "saved" }))
        .await;
    assert_eq!(
        (
            &read["revision"],
            read["untrusted"]["source"].as_str().unwrap()
        ),
        (&json!(1), given.as_str())
    );
}

async fn validates_then_reads_then_writes_once_then_reads_again(world: &mut World) {
    let given = source(world, FLOW);
    let own = format!("/api/v1/main/flows/{}/saved", world.namespace);
    let steps = |write: &str| {
        [
            "POST /api/v1/main/flows/validate".to_owned(),
            format!("GET {own}"),
            write.to_owned(),
            format!("GET {own}"),
        ]
    };
    world.call(TOOL, json!({ "source": given })).await;
    assert_eq!(world.sent(), steps("POST /api/v1/main/flows"));
    world.forget();
    let changed = other(world, "bye");
    world
        .call(TOOL, json!({ "source": changed, "base_revision": 1 }))
        .await;
    assert_eq!(world.sent(), steps(&format!("PUT {own}")));
    for request in world
        .requests()
        .iter()
        .filter(|request| request.method != "GET")
    {
        assert_eq!(
            (request.header("content-type"), request.body.as_slice()),
            (Some(YAML), changed.as_bytes()),
            "{}",
            request.path
        );
    }
}

async fn an_identical_source_is_unchanged_and_not_written(world: &mut World) {
    let given = source(world, FLOW);
    world.call(TOOL, json!({ "source": given })).await;
    // The base does not matter: there is nothing to replace.
    for base in [json!(null), json!(1), json!(7)] {
        forget(world);
        let again = world
            .call(TOOL, json!({ "source": given, "base_revision": base }))
            .await;
        has(&again, json!({ "outcome": "unchanged", "revision": 1 }));
        nothing_written(world);
    }
    assert_eq!(stored(world).await.0, 1);
}

async fn a_different_source_needs_the_current_revision(world: &mut World) {
    let (first, second, third) = (
        source(world, FLOW),
        other(world, "two"),
        other(world, "three"),
    );
    world.call(TOOL, json!({ "source": first })).await;
    forget(world);
    let error = world.refused(TOOL, json!({ "source": second })).await;
    has(
        &error,
        json!({ "code": "CONFLICT", "revision": 1, "retryable": false }),
    );
    let diff = error["diff"].as_str().unwrap();
    assert!(
        diff.contains("-    message: \"hi ü\"") && diff.contains("+    message: \"two\""),
        "{diff}"
    );
    assert!(!diff.contains("kept as written"), "context only: {diff}");
    mentions(&error["message"], "base_revision 1");
    nothing_written(world);
    let saved = world
        .call(TOOL, json!({ "source": second, "base_revision": 1 }))
        .await;
    has(&saved, json!({ "outcome": "updated", "revision": 2 }));
    mentions(&saved["diff"], "+    message: \"two\"");
    assert_eq!(saved.get("note"), None, "{saved}");
    forget(world);
    for old in [1, 3, 1_000_000_000] {
        let error = world
            .refused(TOOL, json!({ "source": third, "base_revision": old }))
            .await;
        has(&error, json!({ "code": "CONFLICT", "revision": 2 }));
    }
    nothing_written(world);
    assert_eq!(stored(world).await, (json!(2), json!(second)));
}

async fn a_base_revision_of_a_missing_flow_is_a_conflict(world: &mut World) {
    let error = world
        .refused(
            TOOL,
            json!({ "source": source(world, FLOW), "base_revision": 1 }),
        )
        .await;
    has(&error, json!({ "code": "CONFLICT", "revision": null }));
    mentions(&error["message"], "does not exist");
    nothing_written(world);
    assert_eq!(stored(world).await.0, Value::Null);
}

async fn a_dry_run_says_what_would_happen_and_does_nothing(world: &mut World) {
    let (first, second) = (source(world, FLOW), other(world, "two"));
    let answer = world
        .call(TOOL, json!({ "source": first, "dry_run": true }))
        .await;
    has(
        &answer,
        json!({ "outcome": "preview", "would": "create", "revision": null }),
    );
    nothing_written(world);
    assert_eq!(stored(world).await.0, Value::Null);
    world.call(TOOL, json!({ "source": first })).await;
    forget(world);
    let answer = world
        .call(TOOL, json!({ "source": first, "dry_run": true }))
        .await;
    has(
        &answer,
        json!({ "outcome": "preview", "would": "nothing", "revision": 1 }),
    );
    let answer = world
        .call(TOOL, json!({ "source": second, "dry_run": true }))
        .await;
    has(
        &answer,
        json!({ "outcome": "preview", "would": "update", "revision": 1 }),
    );
    mentions(&answer["diff"], "+    message: \"two\"");
    mentions(&answer["note"], "base_revision 1");
    let answer = world
        .call(
            TOOL,
            json!({ "source": second, "dry_run": true, "base_revision": 1 }),
        )
        .await;
    has(&answer, json!({ "would": "update", "note": null }));
    // A dry run reports the conflict too.
    let error = world
        .refused(
            TOOL,
            json!({ "source": second, "dry_run": true, "base_revision": 9 }),
        )
        .await;
    has(&error, json!({ "code": "CONFLICT", "revision": 1 }));
    let broken = second.replace("log.Log", "log.Nothing");
    let error = world
        .refused(TOOL, json!({ "source": broken, "dry_run": true }))
        .await;
    assert_eq!(error["code"], "VALIDATION_FAILED", "{error}");
    nothing_written(world);
    assert_eq!(stored(world).await, (json!(1), json!(first)));
}

async fn a_deleted_flow_is_created_again_with_the_next_revision(world: &mut World) {
    let given = source(world, FLOW);
    world.call(TOOL, json!({ "source": given })).await;
    let (status, _) = world
        .http("DELETE", &format!("/flows/{}/saved", world.namespace), None)
        .await;
    assert_eq!(status, 204);
    let error = world
        .refused(TOOL, json!({ "source": given, "base_revision": 1 }))
        .await;
    assert_eq!(error["code"], "CONFLICT", "{error}");
    let saved = world.call(TOOL, json!({ "source": given })).await;
    has(&saved, json!({ "outcome": "created", "revision": 3 }));
}

async fn a_changed_comment_or_space_is_a_change(world: &mut World) {
    let first = source(world, FLOW);
    world.call(TOOL, json!({ "source": first })).await;
    for changed in [
        first.replace("# kept as", "# still kept as"),
        first.trim_end().to_owned(),
        format!("{first}\n"),
    ] {
        let error = world.refused(TOOL, json!({ "source": changed })).await;
        has(&error, json!({ "code": "CONFLICT", "revision": 1 }));
        assert_ne!(error["diff"], "", "{error}");
    }
}

async fn the_servers_secrets_do_not_appear_in_a_diff(world: &mut World) {
    world.save(&FLOW.replace("hi ü", simulator::PASSWORD)).await;
    let error = world
        .refused(TOOL, json!({ "source": source(world, FLOW) }))
        .await;
    assert_eq!(error["code"], "CONFLICT", "{error}");
    assert!(!error.to_string().contains(simulator::PASSWORD), "{error}");
}

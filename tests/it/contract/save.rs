//! Saving a flow: what is created, replaced, left, refused, and what somebody else may do
//! meanwhile.

use std::sync::Arc;
use std::time::Duration;

use kestra_mcp::tool::context::Limits;
use serde_json::{Value, json};
use simulator::{Action, Dialect, Fault, Settings, Theirs};

use super::{everywhere, simulated};
use crate::contract::answer::{has, mentions};
use crate::contract::world::World;

everywhere![
    base_revision_0_says_that_it_is_new,
    an_absent_flow_is_created_byte_for_byte,
    an_identical_source_is_unchanged_and_not_written,
    another_source_needs_the_present_revision,
    a_base_of_what_does_not_exist_is_a_conflict,
    a_dry_run_says_what_would_happen_and_does_nothing,
    a_deleted_flow_is_created_again_with_the_next_revision,
    a_changed_comment_or_blank_is_a_change,
    quoted_names_are_texts,
    kestra_says_what_is_wrong_and_which_kestra,
    several_faults_come_together_with_their_places,
    broken_yaml_has_line_and_column,
    words_of_old_lines_are_taken_where_they_are_known,
    what_people_write_round_a_flow_is_taken,
    yaml_that_means_two_things_is_refused_before_anything_is_sent,
    faults_of_the_yaml_name_line_and_column,
];

simulated![
    validates_then_reads_then_writes_once_then_reads_again,
    what_kestra_reads_otherwise_is_not_saved,
    a_source_that_kestra_divides_is_not_saved,
    where_a_source_went_is_told,
    size_and_depth_have_an_edge,
    names_with_paths_or_controls_send_nothing,
    names_that_are_words_of_routes_reach_no_other_route,
    somebody_who_saves_before_the_validation_is_not_overwritten,
    somebody_who_creates_between_read_and_write_is_not_overwritten,
    somebody_who_creates_the_same_leaves_nothing_to_do,
    somebody_who_replaces_between_read_and_write_is_told,
    somebody_who_deletes_between_read_and_write_is_told,
    a_404_of_a_flow_that_is_there_is_no_deletion,
    somebody_who_deletes_after_the_write_is_not_overlooked,
    somebody_who_saves_after_the_write_is_told,
    a_lost_answer_is_looked_up_and_nothing_is_sent_again,
    what_never_arrived_has_an_unknown_outcome,
    a_lost_answer_and_another_source_is_a_conflict,
    what_kestra_refuses_at_the_write_keeps_its_words,
    nothing_is_saved_that_could_not_be_validated_or_read,
    what_is_not_readable_yet_was_saved_all_the_same,
    secrets_of_this_server_do_not_come_back_in_a_diff,
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

/// The flow with another message.
fn other(world: &World, message: &str) -> String {
    source(world, FLOW).replace("hi ü", message)
}

/// What was sent that changes anything.
fn writes(world: &World) -> Vec<String> {
    let mut sent = world.sent();
    sent.retain(|line| !line.starts_with("GET ") && !line.ends_with("/flows/validate"));
    sent
}

/// Nothing that changes anything was sent, where that can be seen.
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

/// The revision and source that Kestra has.
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

/// Somebody else creates or replaces the flow.
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

async fn base_revision_0_says_that_it_is_new(world: &mut World) {
    let given = source(world, FLOW);
    let told = world
        .call(
            TOOL,
            json!({ "source": given, "base_revision": 0, "dry_run": true }),
        )
        .await;
    has(&told, json!({ "outcome": "preview", "would": "create" }));
    let told = world
        .call(
            TOOL,
            json!({ "source": given, "base_revision": 0, "dry_run": false }),
        )
        .await;
    has(&told, json!({ "outcome": "created", "revision": 1 }));
    let told = world
        .call(TOOL, json!({ "source": given, "base_revision": 0 }))
        .await;
    assert_eq!(told["outcome"], "unchanged", "{told}");
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
    // Whatever the base is: there is nothing to replace.
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

async fn another_source_needs_the_present_revision(world: &mut World) {
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

async fn a_base_of_what_does_not_exist_is_a_conflict(world: &mut World) {
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
    let told = world
        .call(TOOL, json!({ "source": first, "dry_run": true }))
        .await;
    has(
        &told,
        json!({ "outcome": "preview", "would": "create", "revision": null }),
    );
    nothing_written(world);
    assert_eq!(stored(world).await.0, Value::Null);
    world.call(TOOL, json!({ "source": first })).await;
    forget(world);
    let told = world
        .call(TOOL, json!({ "source": first, "dry_run": true }))
        .await;
    has(
        &told,
        json!({ "outcome": "preview", "would": "nothing", "revision": 1 }),
    );
    let told = world
        .call(TOOL, json!({ "source": second, "dry_run": true }))
        .await;
    has(
        &told,
        json!({ "outcome": "preview", "would": "update", "revision": 1 }),
    );
    mentions(&told["diff"], "+    message: \"two\"");
    mentions(&told["note"], "base_revision 1");
    let told = world
        .call(
            TOOL,
            json!({ "source": second, "dry_run": true, "base_revision": 1 }),
        )
        .await;
    has(&told, json!({ "would": "update", "note": null }));
    // What would be a conflict is one.
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

async fn a_changed_comment_or_blank_is_a_change(world: &mut World) {
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

async fn quoted_names_are_texts(world: &mut World) {
    let ns = world.namespace.clone();
    let given = source(world, FLOW).replace("id: saved", "id: \"010\"");
    let saved = world.call(TOOL, json!({ "source": given })).await;
    has(&saved, json!({ "outcome": "created", "flow_id": "010" }));
    let read = world
        .call("get_flow", json!({ "namespace": ns, "flow_id": "010" }))
        .await;
    assert_eq!(read["untrusted"]["source"].as_str().unwrap(), given);
}

async fn kestra_says_what_is_wrong_and_which_kestra(world: &mut World) {
    let status = world.call("auth_status", json!({})).await;
    let version = status["kestra"]["version"].as_str().unwrap().to_owned();
    let good = source(world, FLOW);
    let cases = [
        (
            good.replace("log.Log", "log.Nothing"),
            "io.kestra.plugin.core.log.Nothing",
        ),
        (good.replace("    message:", "    massage:"), "massage"),
        (format!("{good}surprise: 1\n"), "surprise"),
        (
            format!("id: saved\nnamespace: {}\n", world.namespace),
            "tasks",
        ),
    ];
    forget(world);
    for (given, word) in cases {
        let error = world.refused(TOOL, json!({ "source": given })).await;
        has(
            &error,
            json!({ "code": "VALIDATION_FAILED", "version": version }),
        );
        let faults = error["faults"].as_array().unwrap();
        assert!(
            faults
                .iter()
                .any(|fault| fault["message"].as_str().unwrap().contains(word)),
            "{word}: {error}"
        );
        mentions(&error["message"], &version);
    }
    nothing_written(world);
    assert_eq!(stored(world).await.0, Value::Null);
}

async fn several_faults_come_together_with_their_places(world: &mut World) {
    let given = format!(
        "id: saved\nnamespace: {}\ntasks: []\ninputs: []\n",
        world.namespace
    );
    let error = world.refused(TOOL, json!({ "source": given })).await;
    assert_eq!(error["faults"][0]["path"], "tasks", "{error}");
    let given = source(world, FLOW).replace("  - id: say\n    type", "  - type");
    let error = world.refused(TOOL, json!({ "source": given })).await;
    has(
        &error,
        json!({ "code": "VALIDATION_FAILED", "/faults/0/path": "tasks[0].id" }),
    );
}

async fn broken_yaml_has_line_and_column(world: &mut World) {
    for broken in [
        "tasks: [\n",
        "tasks:\n  - id: a\n   type: b\n",
        "description: \"open\ntasks: []\n",
    ] {
        let given = format!("id: saved\nnamespace: {}\n{broken}", world.namespace);
        let error = world.refused(TOOL, json!({ "source": given })).await;
        assert_eq!(error["code"], "VALIDATION_FAILED", "{error}");
        let fault = &error["faults"][0];
        assert!(
            fault["line"].as_u64().is_some_and(|line| line >= 2) && fault["column"].is_u64(),
            "{broken}: {error}"
        );
    }
    nothing_written(world);
}

async fn words_of_old_lines_are_taken_where_they_are_known(world: &mut World) {
    let given = format!(
        "{}inputs:\n  - id: color\n    type: ENUM\n    values: [red]\n",
        source(world, FLOW)
    );
    if world.two {
        let error = world.refused(TOOL, json!({ "source": given })).await;
        assert_eq!(error["code"], "VALIDATION_FAILED", "{error}");
        mentions(&error["faults"][0]["message"], "ENUM");
    } else {
        let saved = world.call(TOOL, json!({ "source": given })).await;
        assert_eq!(saved["outcome"], "created", "{saved}");
        assert!(
            saved["warnings"]
                .as_array()
                .unwrap()
                .iter()
                .any(|text| text.as_str().unwrap().contains("inputs[0]")),
            "{saved}"
        );
    }
}

/// Kestra's validation answers that it read these names.
fn read_as(namespace: Option<&str>, flow: Option<&str>) -> Fault {
    let found = json!([{ "index": 0, "namespace": namespace, "flow": flow, "outdated": false }]);
    once(
        "POST",
        "/api/v1/main/flows/validate",
        answers(200, &found.to_string()),
    )
}

async fn what_kestra_reads_otherwise_is_not_saved(world: &mut World) {
    let given = source(world, FLOW);
    world.call(TOOL, json!({ "source": given })).await;
    let ns = world.namespace.clone();
    let changed = other(world, "two");
    for (namespace, flow, told) in [
        (
            Some("kmcp.evil"),
            Some("saved"),
            ["namespace", "`kmcp.evil`"],
        ),
        (
            Some(&*ns),
            Some("false"),
            ["the id is `saved` here", "`false`"],
        ),
        (None, Some("saved"), ["namespace", "nothing"]),
        (Some(&*ns), None, ["the id is `saved` here", "nothing"]),
    ] {
        for base in [json!(null), json!(1)] {
            world.forget();
            world.kestra().fault(read_as(namespace, flow));
            let error = world
                .refused(TOOL, json!({ "source": changed, "base_revision": base }))
                .await;
            assert_eq!(error["code"], "INVALID_ARGUMENT", "{error}");
            let expected = error["faults"][0]["expected"].as_str().unwrap();
            assert!(
                told.iter().all(|word| expected.contains(word))
                    && expected.contains("nothing was saved"),
                "{error}"
            );
            nothing_written(world);
        }
    }
}

/// The flow as Kestra would answer it, under other names.
fn stored_as(namespace: &str, id: &str, source: &str) -> Action {
    let flow = json!({ "namespace": namespace, "id": id, "revision": 2, "source": source });
    answers(200, &flow.to_string())
}

async fn a_source_that_kestra_divides_is_not_saved(world: &mut World) {
    let given = source(world, FLOW);
    let named = |namespace: &str, flow: &str| json!({ "index": 0, "namespace": namespace, "flow": flow, "outdated": false });
    let two = json!([named(&world.namespace, "saved"), named("kmcp.evil", "z")]);
    for found in [two, json!([])] {
        world.kestra().fault(once(
            "POST",
            "/api/v1/main/flows/validate",
            answers(200, &found.to_string()),
        ));
        let error = world.refused(TOOL, json!({ "source": given })).await;
        assert!(
            ["INVALID_ARGUMENT", "UPSTREAM_ERROR"].contains(&error["code"].as_str().unwrap()),
            "{error}"
        );
        nothing_written(world);
    }
    // A page of a proxy does not say that there is no flow.
    let page = format!("<html>{}</html>", "x".repeat(70_000));
    world.kestra().fault(once(
        "GET",
        "*/flows/*",
        Action::Respond {
            status: 404,
            content_type: "text/html".into(),
            body: page.into_bytes(),
            headers: Vec::new(),
        },
    ));
    let error = world
        .refused(TOOL, json!({ "source": given, "base_revision": 1 }))
        .await;
    assert_eq!(error["code"], "UPSTREAM_ERROR", "{error}");
    nothing_written(world);
}

async fn where_a_source_went_is_told(world: &mut World) {
    let ns = world.namespace.clone();
    let mut case = 0;
    for (namespace, id, field) in [
        ("kmcp.evil", None, "namespace"),
        (ns.as_str(), Some("other"), "flow_id"),
    ] {
        // The answer of the change itself, then what is read after it.
        for (method, before) in [("PUT", 0), ("GET", 1)] {
            case += 1;
            let own = format!("case-{case}");
            let given = source(world, FLOW).replace("id: saved", &format!("id: {own}"));
            world.call(TOOL, json!({ "source": given })).await;
            let changed = given.replace("hi ü", "two");
            let went = stored_as(namespace, id.unwrap_or(&own), &changed);
            if before == 1 {
                world
                    .kestra()
                    .fault(once("GET", "*/flows/*", Action::Delay(Duration::ZERO)));
            }
            world.kestra().fault(once(method, "*/flows/*", went));
            let error = world
                .refused(TOOL, json!({ "source": changed, "base_revision": 1 }))
                .await;
            assert_eq!(
                (&error["code"], &error["retryable"]),
                (&json!("UPSTREAM_ERROR"), &json!(false)),
                "{method}: {error}"
            );
            let (went, wanted) = if field == "namespace" {
                (namespace, ns.as_str())
            } else {
                ("other", own.as_str())
            };
            assert_eq!(
                (&error[field], &error["asked"][field]),
                (&json!(went), &json!(wanted)),
                "{method}: {error}"
            );
            mentions(&error["message"], went);
        }
    }
    let absent = source(world, FLOW);
    world.kestra().fault(once(
        "POST",
        "/api/v1/main/flows",
        stored_as("kmcp.evil", "saved", &absent),
    ));
    let error = world.refused(TOOL, json!({ "source": absent })).await;
    has(
        &error,
        json!({ "code": "UPSTREAM_ERROR", "namespace": "kmcp.evil" }),
    );
}

async fn what_people_write_round_a_flow_is_taken(world: &mut World) {
    let good = source(world, FLOW).replace("id: saved", "id: {id}");
    let head = "# Licence: kept\n# of this flow\n";
    for (at, text) in [
        format!("{head}---\n{good}"),
        format!("---\n{good}...\n"),
        format!("{good}# end"),
        good.replace('\n', "\r\n"),
        format!("{good}variables:\n  a: &v {{x: [1, 2]}}\n  b: *v\n"),
        format!("{good}description: |\n  \ttab\n"),
        format!("{good}variables: {{\n  a: 1\n}}\n"),
        format!("{good}description: \"two\n  lines\"\n"),
    ]
    .into_iter()
    .enumerate()
    {
        let text = text.replace("{id}", &format!("round-{at}"));
        let saved = world.call(TOOL, json!({ "source": text })).await;
        assert_eq!(saved["outcome"], "created", "{text}: {saved}");
    }
    let marked = format!("\u{feff}{}", good.replace("{id}", "marked"));
    let saved = world.call(TOOL, json!({ "source": marked })).await;
    assert_eq!(saved["outcome"], "created", "{saved}");
    assert!(
        saved["warnings"].to_string().contains("byte order mark"),
        "{saved}"
    );
    let read = world
        .call(
            "get_flow",
            json!({ "namespace": world.namespace, "flow_id": "marked" }),
        )
        .await;
    assert!(
        read["untrusted"]["source"]
            .as_str()
            .unwrap()
            .starts_with("# kept"),
        "{read}"
    );
    let odd = good.replace("{id}", "odd").replace("- id: say", "- id: no");
    let saved = world.call(TOOL, json!({ "source": odd })).await;
    assert!(saved["warnings"].to_string().contains("`false`"), "{saved}");
}

async fn yaml_that_means_two_things_is_refused_before_anything_is_sent(world: &mut World) {
    world.call("auth_status", json!({})).await;
    forget(world);
    let good = source(world, FLOW);
    let ns = world.namespace.clone();
    let mut cases = vec![
        (format!("{good}id: again\n"), "each key once"),
        (
            format!("{good}variables: {{a: 1, a: 2}}\n"),
            "each key once",
        ),
        (
            format!("{good}namespace: kmcp.elsewhere\n"),
            "each key once",
        ),
        (good.replace("id: saved", "id: &x saved"), "anchor"),
        (
            good.replace("id: saved", "description: &x saved\nid: *x"),
            "alias",
        ),
        (
            format!("{good}variables:\n  b: *x\n"),
            "an anchor that stands, whole, before it",
        ),
        (
            format!("{good}description: {{{{ x }}}}\n"),
            "quotes round the expression",
        ),
        (format!("{good}variables:\n  <<: {{a: 1}}\n"), "merge"),
        (format!("{good}description: !!str x\n"), "tag"),
        (
            format!("{good}---\nid: second\nnamespace: {ns}\n"),
            "one document",
        ),
        (format!("{good}---\n"), "one document"),
        ("- id: saved\n".to_owned(), "a mapping"),
        ("text\n".to_owned(), "a mapping"),
        (String::new(), "one YAML document"),
        ("# nothing else\n".to_owned(), "one YAML document"),
        (good.replace("hi ü", "[redacted:secret]"), "original text"),
        (good.replace("id: saved\n", ""), "`id`"),
        (
            good.replace(&format!("namespace: {ns}\n"), ""),
            "`namespace`",
        ),
        (good.replace("id: saved", "id: [saved]"), "`id`"),
        (
            good.replace(&format!("namespace: {ns}"), "namespace: {a: b}"),
            "`namespace`",
        ),
        (good.replace("id: saved", "id: \"\""), "`id`"),
    ];
    // Kestra reads each of these as another value than its text.
    for odd in [
        "no", "off", "010", "1e3", "0x1F", "1_000", ".5", "~", "null", "",
    ] {
        cases.push((good.replace("id: saved", &format!("id: {odd}")), "quotes"));
        cases.push((
            good.replace(&format!("namespace: {ns}"), &format!("namespace: {odd}")),
            "quotes",
        ));
        cases.push((
            good.replace(
                "type: io.kestra.plugin.core.log.Log",
                &format!("type: {odd}"),
            ),
            "quotes",
        ));
    }
    // In a comment that only few readers see end.
    for hidden in ["\u{85}", "\u{2028}", "\u{2029}", "\r"] {
        let evil = format!(
            "id: saved\n# x{hidden}description: \"\nnamespace: {ns}\n# \"{hidden}namespace: kmcp.evil\n{}",
            &good[good.find("tasks").unwrap()..]
        );
        cases.push((evil, "carriage return"));
        cases.push((format!("{good}# x{hidden}triggers: [{{id: t, type: io.kestra.plugin.core.trigger.Schedule, cron: '* * * * *'}}]\n"), "carriage return"));
    }
    for (given, word) in cases {
        let error = world.refused(TOOL, json!({ "source": given })).await;
        assert_eq!(error["code"], "INVALID_ARGUMENT", "{given}: {error}");
        assert_eq!(error["faults"][0]["field"], "source", "{error}");
        let said = error["faults"]
            .as_array()
            .unwrap()
            .iter()
            .any(|fault| fault["expected"].as_str().unwrap().contains(word));
        assert!(said, "{word}: {error}\n{given}");
    }
    if world.simulator.is_some() {
        assert_eq!(world.sent(), Vec::<String>::new());
    }
}

async fn faults_of_the_yaml_name_line_and_column(world: &mut World) {
    let given = source(world, FLOW).replace("id: saved", "id: no");
    let error = world.refused(TOOL, json!({ "source": given })).await;
    assert!(
        error["faults"][0]["expected"]
            .as_str()
            .unwrap()
            .starts_with("line 2, column 5: quotes"),
        "{error}"
    );
}

async fn size_and_depth_have_an_edge(world: &mut World) {
    let base = format!("{}description: ", source(world, FLOW));
    let fits = format!("{base}{}", "x".repeat((256 << 10) - base.len()));
    assert_eq!(fits.len(), 256 << 10);
    let saved = world.call(TOOL, json!({ "source": fits })).await;
    assert_eq!(saved["outcome"], "created", "{saved}");
    world.forget();
    let error = world
        .refused(TOOL, json!({ "source": format!("{fits}x") }))
        .await;
    mentions(&error["faults"][0]["expected"], "256 KiB");
    let deep = |lists: usize| {
        format!(
            "{}variables:\n  x: {}{}\n",
            source(world, FLOW),
            "[".repeat(lists),
            "]".repeat(lists)
        )
    };
    let (most, more) = (deep(62), deep(63));
    let error = world.refused(TOOL, json!({ "source": more })).await;
    mentions(&error["faults"][0]["expected"], "64");
    world
        .refused(TOOL, json!({ "source": deep_without_end(world) }))
        .await;
    assert_eq!(world.sent(), Vec::<String>::new());
    let error = world.refused(TOOL, json!({ "source": most })).await;
    assert_eq!(error["code"], "CONFLICT", "valid, and only different");
    assert!(
        error.to_string().len() < 6 << 10,
        "{} bytes",
        error.to_string().len()
    );
}

fn deep_without_end(world: &World) -> String {
    format!("{}variables: {}", source(world, FLOW), "[".repeat(100_000))
}

async fn names_with_paths_or_controls_send_nothing(world: &mut World) {
    world.call("auth_status", json!({})).await;
    world.forget();
    let long = "a".repeat(151);
    let names = [
        "../flows/a/b",
        "../../t2/x",
        "x#",
        "x?cascade=1",
        "kill/by-query?x=",
        "a/b",
        "a\\b",
        "..",
        ".",
        "a\nb",
        "a\u{0}b",
        "a%2Fb",
        "a b",
        "a..b",
        "a.",
        ".a",
        "-a",
        "ü",
        long.as_str(),
    ];
    for name in names {
        for key in ["id: saved", "namespace: {ns}"] {
            let (field, _) = key.split_once(':').unwrap();
            let given = FLOW.replace(key, &format!("{field}: {}", json!(name)));
            let error = world
                .refused(TOOL, json!({ "source": source(world, &given) }))
                .await;
            assert_eq!(
                (&error["code"], &error["faults"][0]["field"]),
                (&json!("INVALID_ARGUMENT"), &json!("source")),
                "{field} {name:?}"
            );
            mentions(&error["faults"][0]["expected"], &format!("`{field}`"));
        }
    }
    let given = FLOW.replace("{ns}", "Company.Team");
    assert_eq!(
        world.refused(TOOL, json!({ "source": given })).await["code"],
        "INVALID_ARGUMENT"
    );
    assert_eq!(world.sent(), Vec::<String>::new());
}

async fn names_that_are_words_of_routes_reach_no_other_route(world: &mut World) {
    let pairs = [
        ("search", "by-query"),
        ("disable", "by-ids"),
        ("enable", "by-query"),
        ("bulk", "x"),
        ("validate", "task"),
        ("export", "by-ids"),
        ("delete", "by-ids"),
        ("a", "search"),
        ("a", "revisions"),
        ("a", "dependencies"),
        ("a", "restart"),
        ("a", "kill"),
        ("graph", "x"),
    ];
    for (namespace, id) in pairs {
        world.forget();
        let given = FLOW
            .replace("id: saved", &format!("id: {id}"))
            .replace("{ns}", namespace);
        world
            .ask(
                "tools/call",
                json!({ "name": TOOL, "arguments": { "source": given } }),
            )
            .await;
        let allowed = [
            "POST /api/v1/main/flows/validate".to_owned(),
            "POST /api/v1/main/flows".to_owned(),
            format!("GET /api/v1/main/flows/{namespace}/{id}"),
        ];
        assert!(
            world.sent().iter().all(|line| allowed.contains(line)),
            "{:?}",
            world.sent()
        );
    }
}

async fn somebody_who_saves_before_the_validation_is_not_overwritten(world: &mut World) {
    let (mine, yours) = (other(world, "mine"), other(world, "yours"));
    // A create.
    world.kestra().fault(once(
        "POST",
        "*/flows/validate",
        theirs(world, true, "POST", yours.clone()),
    ));
    let error = world.refused(TOOL, json!({ "source": mine })).await;
    has(&error, json!({ "code": "CONFLICT", "revision": 1 }));
    mentions(&error["diff"], "-    message: \"yours\"");
    // An update.
    let again = other(world, "yours again");
    world.kestra().fault(once(
        "POST",
        "*/flows/validate",
        theirs(world, true, "PUT", again.clone()),
    ));
    let error = world
        .refused(TOOL, json!({ "source": mine, "base_revision": 1 }))
        .await;
    has(&error, json!({ "code": "CONFLICT", "revision": 2 }));
    nothing_written(world);
    assert_eq!(stored(world).await, (json!(2), json!(again)));
}

async fn somebody_who_creates_between_read_and_write_is_not_overwritten(world: &mut World) {
    let (mine, yours) = (other(world, "mine"), other(world, "yours"));
    world.kestra().fault(once(
        "POST",
        "*/flows",
        theirs(world, true, "POST", yours.clone()),
    ));
    let error = world.refused(TOOL, json!({ "source": mine })).await;
    has(&error, json!({ "code": "CONFLICT", "revision": 1 }));
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .starts_with("It exists at revision 1"),
        "{error}"
    );
    mentions(&error["diff"], "+    message: \"mine\"");
    assert_eq!(
        writes(world),
        ["POST /api/v1/main/flows"],
        "a refused create never becomes a replacement"
    );
    assert_eq!(stored(world).await, (json!(1), json!(yours)));
}

async fn somebody_who_creates_the_same_leaves_nothing_to_do(world: &mut World) {
    let mine = other(world, "mine");
    world.kestra().fault(once(
        "POST",
        "*/flows",
        theirs(world, true, "POST", mine.clone()),
    ));
    let saved = world.call(TOOL, json!({ "source": mine })).await;
    has(&saved, json!({ "outcome": "unchanged", "revision": 1 }));
    mentions(&saved["note"], "Somebody else");
}

async fn somebody_who_replaces_between_read_and_write_is_told(world: &mut World) {
    let (mine, yours) = (other(world, "mine"), other(world, "yours"));
    world.save(FLOW).await;
    world.forget();
    world
        .kestra()
        .fault(once("PUT", "*/flows/*", theirs(world, true, "PUT", yours)));
    let saved = world
        .call(TOOL, json!({ "source": mine, "base_revision": 1 }))
        .await;
    has(&saved, json!({ "outcome": "updated", "revision": 3 }));
    let note = saved["note"].as_str().unwrap();
    assert!(
        note.contains("revision is 3 where 2 was expected") && note.contains("somebody else"),
        "{note}"
    );
    assert_eq!(writes(world).len(), 1);
    assert_eq!(stored(world).await, (json!(3), json!(mine)));
}

async fn somebody_who_deletes_between_read_and_write_is_told(world: &mut World) {
    let mine = other(world, "mine");
    world.save(FLOW).await;
    world.forget();
    world.kestra().fault(once(
        "PUT",
        "*/flows/*",
        theirs(world, true, "DELETE", String::new()),
    ));
    let error = world
        .refused(TOOL, json!({ "source": mine, "base_revision": 1 }))
        .await;
    has(
        &error,
        json!({ "code": "CONFLICT", "revision": null, "diff": null }),
    );
    let wanted = "Somebody else deleted it after revision 1 was read, so nothing was saved. Leave base_revision out to create it again.";
    assert_eq!(error["message"], wanted);
    assert_eq!(writes(world).len(), 1, "nothing is created instead");
    assert_eq!(stored(world).await.0, Value::Null);
    let saved = world.call(TOOL, json!({ "source": mine })).await;
    assert_eq!(
        saved["outcome"], "created",
        "what it advises works: {saved}"
    );
}

async fn a_404_of_a_flow_that_is_there_is_no_deletion(world: &mut World) {
    let mine = other(world, "mine");
    world.save(FLOW).await;
    let body = if world.two {
        "{\"type\":\"t\",\"title\":\"Not Found\"}"
    } else {
        "{\"message\":\"Not Found\",\"_links\":{}}"
    };
    world
        .kestra()
        .fault(once("PUT", "*/flows/*", answers(404, body)));
    let error = world
        .refused(TOOL, json!({ "source": mine, "base_revision": 1 }))
        .await;
    assert_eq!(error["code"], "NOT_FOUND", "{error}");
}

async fn somebody_who_deletes_after_the_write_is_not_overlooked(world: &mut World) {
    let mine = other(world, "mine");
    world.save(FLOW).await;
    world.kestra().fault(once(
        "PUT",
        "*/flows/*",
        theirs(world, false, "DELETE", String::new()),
    ));
    let saved = world
        .call(TOOL, json!({ "source": mine, "base_revision": 1 }))
        .await;
    has(&saved, json!({ "outcome": "updated", "revision": null }));
    mentions(&saved["note"], "somebody has just deleted it");
}

async fn somebody_who_saves_after_the_write_is_told(world: &mut World) {
    let (first, mine, yours) = (
        other(world, "first"),
        other(world, "mine"),
        other(world, "yours"),
    );
    // A create.
    world.kestra().fault(once(
        "POST",
        "*/flows",
        theirs(world, false, "PUT", yours.clone()),
    ));
    let error = world.refused(TOOL, json!({ "source": first })).await;
    has(&error, json!({ "code": "CONFLICT", "revision": 2 }));
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .starts_with("It was saved, but somebody else saved after it"),
        "{error}"
    );
    // An update.
    let again = other(world, "yours again");
    world.kestra().fault(once(
        "PUT",
        "*/flows/*",
        theirs(world, false, "PUT", again.clone()),
    ));
    let error = world
        .refused(TOOL, json!({ "source": mine, "base_revision": 2 }))
        .await;
    has(&error, json!({ "code": "CONFLICT", "revision": 4 }));
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .starts_with("It was saved, but somebody else saved after it"),
        "{error}"
    );
    mentions(&error["diff"], "-    message: \"yours again\"");
    assert_eq!(writes(world).len(), 2);
    assert_eq!(stored(world).await, (json!(4), json!(again)));
}

async fn a_lost_answer_is_looked_up_and_nothing_is_sent_again(world: &mut World) {
    for (round, action) in [Action::DisconnectAfter, Action::Timeout504After]
        .into_iter()
        .enumerate()
    {
        let id = format!("lost{round}");
        let first = source(world, FLOW).replace("id: saved", &format!("id: {id}"));
        world.forget();
        world
            .kestra()
            .fault(once("POST", "*/flows", action.clone()));
        let saved = world.call(TOOL, json!({ "source": first })).await;
        has(&saved, json!({ "outcome": "created", "revision": 1 }));
        mentions(&saved["note"], "answer was lost");
        world.kestra().fault(once("PUT", "*/flows/*", action));
        let saved = world
            .call(
                TOOL,
                json!({ "source": first.replace("hi ü", "two"), "base_revision": 1 }),
            )
            .await;
        has(&saved, json!({ "outcome": "updated", "revision": 2 }));
        mentions(&saved["note"], "answer was lost");
        assert_eq!(writes(world).len(), 2);
    }
}

async fn what_never_arrived_has_an_unknown_outcome(world: &mut World) {
    let (first, second) = (source(world, FLOW), other(world, "two"));
    for action in [
        Action::Disconnect,
        Action::GarbageJson,
        answers(500, "{\"message\":\"SQL [x]\"}"),
        answers(504, ""),
    ] {
        world.kestra().clear_faults();
        world.forget();
        world.kestra().fault(once("POST", "*/flows", action));
        let error = world.refused(TOOL, json!({ "source": first })).await;
        has(
            &error,
            json!({ "code": "OUTCOME_UNKNOWN", "retryable": false }),
        );
        mentions(&error["message"], "get_flow");
        assert_eq!(writes(world).len(), 1);
    }
    world.save(FLOW).await;
    for action in [Action::Disconnect, Action::GarbageJson, answers(503, "")] {
        world.forget();
        world.kestra().fault(once("PUT", "*/flows/*", action));
        let error = world
            .refused(TOOL, json!({ "source": second, "base_revision": 1 }))
            .await;
        assert_eq!(error["code"], "OUTCOME_UNKNOWN", "{error}");
        assert_eq!(writes(world).len(), 1);
    }
    assert_eq!(stored(world).await, (json!(1), json!(first)));
}

async fn a_lost_answer_and_another_source_is_a_conflict(world: &mut World) {
    let (mine, yours) = (other(world, "mine"), other(world, "yours"));
    world.save(FLOW).await;
    // Their save, and ours cut off.
    world
        .kestra()
        .fault(once("PUT", "*/flows/*", Action::Disconnect));
    world.kestra().fault(Fault {
        method: Some("GET".into()),
        path: "*/flows/*/saved".into(),
        times: Some(1),
        action: theirs(world, false, "PUT", yours),
    });
    let error = world
        .refused(TOOL, json!({ "source": mine, "base_revision": 1 }))
        .await;
    has(&error, json!({ "code": "CONFLICT", "revision": 2 }));
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .starts_with("Kestra's answer was lost"),
        "{error}"
    );
}

async fn what_kestra_refuses_at_the_write_keeps_its_words(world: &mut World) {
    let given = source(world, FLOW);
    for status in [400, 409, 422] {
        world.forget();
        world.kestra().fault(once(
            "POST",
            "*/flows",
            answers(status, "{\"message\":\"the quota is used up\"}"),
        ));
        let error = world.refused(TOOL, json!({ "source": given })).await;
        has(
            &error,
            json!({ "code": "UPSTREAM_ERROR", "status": status }),
        );
        mentions(&error["message"], "the quota is used up");
        assert_eq!(writes(world).len(), 1);
    }
    assert_eq!(stored(world).await.0, Value::Null);
    world.kestra().fault(once(
        "POST",
        "*/flows",
        answers(403, "{\"message\":\"Forbidden\"}"),
    ));
    let error = world.refused(TOOL, json!({ "source": given })).await;
    has(
        &error,
        json!({ "code": "KESTRA_FORBIDDEN", "permission": "FLOW CREATE or UPDATE" }),
    );
    world
        .kestra()
        .fault(once("POST", "*/flows", answers(401, "")));
    assert_eq!(
        world.refused(TOOL, json!({ "source": given })).await["code"],
        "CREDENTIAL_REFUSED"
    );
}

async fn nothing_is_saved_that_could_not_be_validated_or_read(world: &mut World) {
    let given = source(world, FLOW);
    for action in [
        answers(200, "[]"),
        answers(200, "{}"),
        answers(200, ""),
        answers(500, "{}"),
        Action::GarbageJson,
        Action::Disconnect,
    ] {
        world
            .kestra()
            .fault(once("POST", "*/flows/validate", action));
        let error = world.refused(TOOL, json!({ "source": given })).await;
        assert_eq!(error["code"], "UPSTREAM_ERROR", "{error}");
    }
    for action in [
        answers(500, "{}"),
        answers(200, "{\"id\":\"other\",\"namespace\":\"x\",\"revision\":1}"),
        Action::GarbageJson,
    ] {
        world.kestra().fault(once("GET", "*/flows/*/saved", action));
        let error = world.refused(TOOL, json!({ "source": given })).await;
        assert_eq!(error["code"], "UPSTREAM_ERROR", "{error}");
    }
    nothing_written(world);
}

async fn what_is_not_readable_yet_was_saved_all_the_same(world: &mut World) {
    let (first, second) = (source(world, FLOW), other(world, "two"));
    // The flow is not there before either, and stays out of sight for 20 s.
    world.kestra().fault(Fault {
        method: Some("GET".into()),
        path: "*/flows/*/saved".into(),
        times: None,
        action: answers(404, ""),
    });
    let saved = world.call(TOOL, json!({ "source": first })).await;
    has(&saved, json!({ "outcome": "created", "revision": null }));
    mentions(&saved["note"], "not readable yet");
    world.kestra().clear_faults();
    // A replacement that shows the old revision a while longer.
    let old =
        json!({ "id": "saved", "namespace": world.namespace, "revision": 1, "source": first });
    world.forget();
    world.kestra().fault(Fault {
        method: Some("GET".into()),
        path: "*/flows/*/saved".into(),
        times: Some(2),
        action: answers(200, &old.to_string()),
    });
    let saved = world
        .call(TOOL, json!({ "source": second, "base_revision": 1 }))
        .await;
    has(&saved, json!({ "outcome": "updated", "revision": null }));
    mentions(&saved["note"], "not readable yet");
    assert_eq!(writes(world).len(), 1);
}

async fn secrets_of_this_server_do_not_come_back_in_a_diff(world: &mut World) {
    world.save(&FLOW.replace("hi ü", simulator::PASSWORD)).await;
    let error = world
        .refused(TOOL, json!({ "source": source(world, FLOW) }))
        .await;
    assert_eq!(error["code"], "CONFLICT", "{error}");
    assert!(!error.to_string().contains(simulator::PASSWORD), "{error}");
}

/// GA shows what was created only some seconds later; the save waits for it.
#[tokio::test]
async fn waits_until_what_it_created_can_be_read_unproven() {
    let settings = Settings {
        eventual: Some(Duration::from_secs(5)),
        ..Settings::new(Dialect::V2_0)
    };
    let mut world = World::with(settings, Limits::default(), &[]).await;
    let path = format!("*/flows/{}/saved", world.namespace);
    // One look before the save, and three after it.
    world.kestra().fault(Fault {
        method: Some("GET".into()),
        path,
        times: Some(4),
        action: answers(404, ""),
    });
    let given = source(&world, FLOW);
    let saved = world.call(TOOL, json!({ "source": given })).await;
    assert_eq!(
        (&saved["outcome"], &saved["revision"], saved.get("note")),
        (&json!("created"), &json!(1), None),
        "{saved}"
    );
    assert_eq!(writes(&world).len(), 1);
}

/// GA answers 409 for what exists; a create that cannot see it yet still does not replace it.
#[tokio::test]
async fn a_409_of_a_create_never_becomes_a_replacement_unproven() {
    let mut world = World::simulated(Dialect::V2_0, Limits::default()).await;
    world.save(FLOW).await;
    world.forget();
    let mine = other(&world, "mine");
    world
        .kestra()
        .fault(once("GET", "*/flows/*/saved", answers(404, "")));
    let error = world.refused(TOOL, json!({ "source": mine })).await;
    assert_eq!(
        (&error["code"], &error["revision"]),
        (&json!("CONFLICT"), &json!(1)),
        "{error}"
    );
    assert_eq!(writes(&world), ["POST /api/v1/main/flows"]);
}

/// Sends a save of `source` over revision 1, without waiting for its answer.
async fn begin(world: &mut World, id: &str, source: &str) {
    let call = json!({ "name": TOOL, "arguments": { "source": source, "base_revision": 1 } });
    world
        .send(&json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": call }))
        .await;
}

/// The answer to what was begun, once it is there.
fn answered(world: &World, id: &str) -> Option<Value> {
    let answer = world.notices.iter().find(|notice| notice["id"] == id);
    answer.map(|answer| answer["result"]["structuredContent"].clone())
}

#[tokio::test]
async fn a_save_waits_for_one_of_the_same_flow_alone() {
    for dialect in Dialect::ALL {
        let mut world = World::simulated(dialect, Limits::default()).await;
        let first = source(&world, FLOW);
        world.call(TOOL, json!({ "source": first })).await;
        let until = Arc::new(tokio::sync::Notify::new());
        world
            .kestra()
            .fault(once("PUT", "*/flows/*", Action::Held(Arc::clone(&until))));
        let second = other(&world, "two");
        begin(&mut world, "held", &second).await;
        while !world.sent().iter().any(|line| line.starts_with("PUT ")) {
            tokio::task::yield_now().await;
        }
        let elsewhere = first.replace("id: saved", "id: another");
        let saved = world.call(TOOL, json!({ "source": elsewhere })).await;
        assert_eq!(saved["outcome"], "created", "{dialect}: {saved}");
        let third = other(&world, "three");
        let dry = json!({ "source": third, "base_revision": 1, "dry_run": true });
        let told = world.call(TOOL, dry).await;
        assert_eq!(told["outcome"], "preview", "{dialect}: {told}");
        begin(&mut world, "waits", &third).await;
        let error = loop {
            if let Some(answer) = answered(&world, "waits") {
                break answer["error"].clone();
            }
            world.pass(Duration::from_secs(10)).await;
            world.ask("ping", json!({})).await;
        };
        assert_eq!(
            (&error["code"], &error["retryable"]),
            (&json!("TIMEOUT"), &json!(true)),
            "{dialect}: {error}"
        );
        let name = format!("{}.saved", world.namespace);
        let message = error["message"].as_str().unwrap();
        assert!(
            message.contains(&name) && message.contains("Nothing was sent"),
            "{error}"
        );
        until.notify_one();
        let saved = loop {
            if let Some(answer) = answered(&world, "held") {
                break answer;
            }
            world.ask("ping", json!({})).await;
        };
        assert_eq!(saved["outcome"], "updated", "{dialect}: {saved}");
        let writes = writes(&world);
        assert_eq!(
            writes
                .iter()
                .filter(|line| line.starts_with("PUT "))
                .count(),
            1
        );
    }
}

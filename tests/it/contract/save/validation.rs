//! What Kestra says of a source decides whether it is saved.

use serde_json::{Value, json};
use simulator::{Action, Fault};

use super::{FLOW, TOOL, answers, forget, nothing_written, once, other, source, stored};
use crate::contract::answer::{has, mentions};
use crate::contract::world::World;
use crate::contract::{everywhere, simulated};

everywhere![
    faults_come_in_kestras_words_with_its_version,
    several_faults_are_reported_together_with_their_places,
    names_of_older_lines_are_accepted_where_kestra_knows_them,
];

simulated![
    a_source_that_kestra_reads_as_another_flow_is_not_saved,
    a_source_that_kestra_splits_is_not_saved,
    nothing_is_saved_without_validation_and_a_read,
];

async fn faults_come_in_kestras_words_with_its_version(world: &mut World) {
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

async fn several_faults_are_reported_together_with_their_places(world: &mut World) {
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

async fn names_of_older_lines_are_accepted_where_kestra_knows_them(world: &mut World) {
    let given = format!(
        "{}inputs:\n  - id: color\n    type: ENUM\n    values: [red]\n",
        source(world, FLOW)
    );
    if world.is_v2 {
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

/// A fault: the validation answers that it read these names.
fn read_as(namespace: Option<&str>, flow: Option<&str>) -> Fault {
    let found = json!([{ "index": 0, "namespace": namespace, "flow": flow, "outdated": false }]);
    once(
        "POST",
        "/api/v1/main/flows/validate",
        answers(200, &found.to_string()),
    )
}

async fn a_source_that_kestra_reads_as_another_flow_is_not_saved(world: &mut World) {
    let given = source(world, FLOW);
    world.call(TOOL, json!({ "source": given })).await;
    let ns = world.namespace.clone();
    let changed = other(world, "two");
    for (namespace, flow, message) in [
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
                message.iter().all(|word| expected.contains(word))
                    && expected.contains("nothing was saved"),
                "{error}"
            );
            nothing_written(world);
        }
    }
}

async fn a_source_that_kestra_splits_is_not_saved(world: &mut World) {
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
    // The error page of a proxy does not prove that there is no flow.
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

async fn nothing_is_saved_without_validation_and_a_read(world: &mut World) {
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

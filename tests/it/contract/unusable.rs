//! An unusable answer is reported for what it is, in one sentence and nothing else.

use serde_json::{Value, json};
use simulator::{Action, Fault};

use super::simulated;
use crate::contract::world::World;

simulated![
    an_answer_in_place_of_a_list_is_reported_for_what_it_is,
    an_answer_about_another_object_is_reported,
    an_empty_validation_is_reported,
];

const FLOW: &str = "id: hello\nnamespace: {ns}\ntasks:\n  - id: say\n    type: io.kestra.plugin.core.log.Log\n    message: hi\n";

fn answers(status: u16, content_type: &str, body: &str) -> Action {
    Action::Respond {
        status,
        content_type: content_type.into(),
        body: body.as_bytes().to_vec(),
        headers: Vec::new(),
    }
}

fn json(value: &Value) -> Action {
    answers(200, "application/json", &value.to_string())
}

fn always(world: &World, path: &str, action: Action) {
    world.kestra().clear_faults();
    world.kestra().fault(Fault {
        method: None,
        path: path.into(),
        times: None,
        action,
    });
}

/// The whole error with this message.
fn unusable(message: &str) -> Value {
    json!({ "code": "UPSTREAM_ERROR", "message": message, "retryable": false })
}

async fn an_answer_in_place_of_a_list_is_reported_for_what_it_is(world: &mut World) {
    let huge = Action::Huge {
        bytes: 200 << 20,
        content_type: "application/json".into(),
    };
    let no_page =
        "The answer is not a page of results of Kestra. Ask the user whether the address is right.";
    let redirects = |what: &str| {
        format!("The address redirects ({what}) instead of answering. Is it Kestra's own?")
    };
    let not_json = |what: &str| {
        format!("Kestra's address answered {what} that is not JSON. Is the address right?")
    };
    for (action, message) in [
        (
            answers(200, "text/html; charset=utf-8", "<html>"),
            not_json("text/html"),
        ),
        (answers(200, "", "<html>"), not_json("something")),
        (Action::GarbageJson, not_json("application/json")),
        (
            answers(302, "text/html", "<html>"),
            redirects("302, text/html"),
        ),
        (answers(307, "", ""), redirects("307, something")),
        (
            Action::Disconnect,
            "Kestra closed the connection before its answer was complete.".to_owned(),
        ),
        (
            huge,
            "Kestra's answer is larger than 16 MiB. Ask for less.".to_owned(),
        ),
        (json(&json!({})), no_page.to_owned()),
        (json(&json!([])), no_page.to_owned()),
    ] {
        always(world, "*/flows/search", action);
        assert_eq!(
            world.refused("list_flows", json!({})).await,
            unusable(&message)
        );
    }
}

async fn an_answer_about_another_object_is_reported(world: &mut World) {
    world.save(FLOW).await;
    let asked = json!({ "namespace": world.namespace, "flow_id": "hello" });
    let body = json!({ "id": "other", "namespace": world.namespace, "revision": 1, "source": "" });
    always(world, "*/flows/*/hello", json(&body));
    let message = "Kestra answered about another object than the one asked for.";
    assert_eq!(world.refused("get_flow", asked).await, unusable(message));
}

async fn an_empty_validation_is_reported(world: &mut World) {
    let source = FLOW.replace("{ns}", &world.namespace);
    for nothing in [json!([]), json!({})] {
        always(world, "*/flows/validate", json(&nothing));
        let error = world
            .refused("create_or_update_flow", json!({ "source": source }))
            .await;
        assert_eq!(
            error,
            unusable("Kestra's validation said nothing of this source; nothing was saved.")
        );
    }
}

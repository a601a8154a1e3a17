//! A Kestra that refuses, fails, lies or hangs.

use std::time::Duration;

use kestra_mcp::tool::context::Limits;
use serde_json::json;
use simulator::{Action, Dialect, Fault, Settings};

use super::simulated;
use crate::contract::answer::{has, mentions};
use crate::contract::world::World;

simulated![
    statuses_become_codes_and_keep_kestras_words,
    a_forbidden_answer_names_the_permission,
    kestras_own_failures_stay_opaque,
    reads_are_retried_after_a_transient_failure,
    html_instead_of_json_is_reported,
    garbage_and_cut_connections_are_reported,
    an_endless_answer_is_abandoned,
];

const HELLO: &str = "id: hello\nnamespace: {ns}\ntasks:\n  - id: say\n    type: io.kestra.plugin.core.log.Log\n    message: hi\n";

fn answers(status: u16, content_type: &str, body: &str) -> Action {
    Action::Respond {
        status,
        content_type: content_type.into(),
        body: body.as_bytes().to_vec(),
        headers: Vec::new(),
    }
}

fn always(path: &str, action: Action) -> Fault {
    Fault {
        method: None,
        path: path.into(),
        times: None,
        action,
    }
}

async fn statuses_become_codes_and_keep_kestras_words(world: &mut World) {
    let hateoas = |text: &str| {
        format!(
            "{{\"message\":\"{text}\",\"_links\":{{}},\"_embedded\":{{\"errors\":[{{\"message\":\"more\"}}]}}}}"
        )
    };
    let problem = |text: &str| {
        format!(
            "{{\"type\":\"x\",\"title\":\"T\",\"detail\":\"{text}\",\"errors\":[{{\"detail\":\"more\",\"pointer\":\"#/a\"}}]}}"
        )
    };
    for body in [hateoas("the words"), problem("the words")] {
        for (status, code) in [
            (400, "UPSTREAM_ERROR"),
            (401, "CREDENTIAL_REFUSED"),
            (403, "KESTRA_FORBIDDEN"),
            (404, "NOT_FOUND"),
            (410, "NOT_FOUND"),
            (409, "UPSTREAM_ERROR"),
            (422, "UPSTREAM_ERROR"),
            (429, "UPSTREAM_ERROR"),
        ] {
            world.kestra().clear_faults();
            world.kestra().fault(always(
                "*/flows/search",
                answers(status, "application/json", &body),
            ));
            let error = world.refused("list_flows", json!({})).await;
            assert_eq!(error["code"], code, "{status}");
            if code == "UPSTREAM_ERROR" {
                let message = error["message"].as_str().unwrap();
                assert!(
                    message.contains("the words") && message.contains("more"),
                    "{message}"
                );
                assert_eq!(error["status"], status);
            }
            assert_eq!(error["retryable"], status == 429);
            world.register_credential();
        }
    }
}

async fn a_forbidden_answer_names_the_permission(world: &mut World) {
    world.kestra().fault(always(
        "*/flows/search",
        answers(403, "application/json", "{\"message\":\"Forbidden\"}"),
    ));
    let error = world.refused("list_flows", json!({})).await;
    let permission = if world.is_v2 {
        "FLOW LIST"
    } else {
        "FLOW READ"
    };
    assert_eq!(error["permission"], permission, "{error}");
}

async fn kestras_own_failures_stay_opaque(world: &mut World) {
    let body =
        "{\"message\":\"Internal server error: SQL [select * from flows] io.kestra.jdbc.Bad\"}";
    world.kestra().fault(always(
        "*/flows/search",
        answers(500, "application/json", body),
    ));
    let error = world.refused("list_flows", json!({})).await;
    let text = error.to_string();
    has(
        &error,
        json!({ "code": "UPSTREAM_ERROR", "status": 500, "retryable": true }),
    );
    assert!(
        text.contains("request") && !text.contains("SQL") && !text.contains("io.kestra"),
        "{text}"
    );
}

async fn reads_are_retried_after_a_transient_failure(world: &mut World) {
    for status in [502, 503, 504] {
        world.kestra().fault(Fault {
            method: None,
            path: "*/flows/search".into(),
            times: Some(1),
            action: answers(status, "text/html", "<html>"),
        });
        world.call("list_flows", json!({})).await;
    }
}

async fn html_instead_of_json_is_reported(world: &mut World) {
    for (status, content) in [(200, "text/html"), (404, "text/html"), (302, "text/html")] {
        world.kestra().clear_faults();
        world.kestra().fault(always(
            "*/flows/search",
            answers(status, content, "<html><body>Sign in</body></html>"),
        ));
        let error = world.refused("list_flows", json!({})).await;
        assert_eq!(error["code"], "UPSTREAM_ERROR", "{status}");
        mentions(&error["message"], "text/html");
    }
}

async fn garbage_and_cut_connections_are_reported(world: &mut World) {
    world
        .kestra()
        .fault(always("*/flows/search", Action::GarbageJson));
    assert_eq!(
        world.refused("list_flows", json!({})).await["code"],
        "UPSTREAM_ERROR"
    );
    world.kestra().clear_faults();
    world
        .kestra()
        .fault(always("*/flows/search", Action::Disconnect));
    let error = world.refused("list_flows", json!({})).await;
    assert_eq!(error["code"], "UPSTREAM_ERROR", "{error}");
}

async fn an_endless_answer_is_abandoned(world: &mut World) {
    for action in [
        Action::Huge {
            bytes: 200 << 20,
            content_type: "application/json".into(),
        },
        Action::Endless {
            content_type: "application/json".into(),
        },
    ] {
        world.kestra().clear_faults();
        world.kestra().fault(always("*/flows/search", action));
        let error = world.refused("list_flows", json!({})).await;
        assert_eq!(error["code"], "UPSTREAM_ERROR");
        mentions(&error["message"], "16 MiB");
    }
}

async fn impatient(dialect: Dialect) -> World {
    let limits = Limits {
        request: Duration::from_millis(200),
        ..Limits::default()
    };
    World::simulated(dialect, limits).await
}

#[tokio::test]
async fn a_hung_read_ends_in_time() {
    let mut world = impatient(Dialect::V1_3).await;
    world.kestra().fault(always("*/flows/search", Action::Hang));
    let error = world.refused("list_flows", json!({})).await;
    assert_eq!(
        (&error["code"], &error["retryable"]),
        (&json!("TIMEOUT"), &json!(true))
    );
}

#[tokio::test]
async fn a_hung_start_has_an_unknown_outcome() {
    let mut world = impatient(Dialect::V1_3).await;
    world.save(HELLO).await;
    world.kestra().fault(always("*/executions/*", Action::Hang));
    let error = world
        .refused(
            "execute_flow",
            json!({ "namespace": world.namespace, "flow_id": "hello" }),
        )
        .await;
    assert_eq!(
        (&error["code"], &error["retryable"]),
        (&json!("OUTCOME_UNKNOWN"), &json!(false))
    );
    assert_eq!(
        world
            .sent()
            .iter()
            .filter(|line| line.contains("/executions/"))
            .count(),
        1
    );
}

#[tokio::test]
async fn a_wrong_password_is_reported_on_every_dialect() {
    for dialect in Dialect::ALL {
        let wrong = [("KESTRA_PASSWORD", "Wrong-passw0rd")];
        let mut world = World::with(Settings::new(dialect), Limits::default(), &wrong).await;
        let error = world.refused("list_flows", json!({})).await;
        assert_eq!(error["code"], "CREDENTIAL_REFUSED", "{dialect}");
        let status = world.call("auth_status", json!({})).await;
        assert_eq!(
            (
                &status["kestra"]["reachable"],
                &status["kestra"]["accepted"]
            ),
            (&json!(true), &json!(false)),
            "{dialect}: {status}"
        );
        assert!(!status.to_string().contains("Wrong-passw0rd"));
    }
}

#[tokio::test]
async fn an_upgraded_kestra_is_noticed() {
    let mut world = World::simulated(Dialect::V1_3, Limits::default()).await;
    world.save(HELLO).await;
    let status = world.call("auth_status", json!({})).await;
    assert_eq!(status["kestra"]["line"], "1.3");
    world.kestra().upgrade(Dialect::V2_0Dev);
    world.advance(Duration::from_mins(1)).await;
    world
        .refused(
            "get_execution",
            json!({ "execution_id": "3nosuchid00000000000000" }),
        )
        .await;
    world.is_v2 = true;
    let status = world.call("auth_status", json!({})).await;
    assert_eq!(status["kestra"]["line"], "2.0", "{status}");
}

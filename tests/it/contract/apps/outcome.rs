//! What a create reports when Kestra refuses it, answers oddly or does not answer.

use serde_json::json;
use simulator::Dialect;

use super::{APP, enterprise};

#[tokio::test]
async fn a_refused_app_keeps_kestras_words_unproven() {
    for dialect in Dialect::ALL {
        let mut world = enterprise(dialect).await;
        let error = world
            .refused(
                "create_app",
                json!({ "app_data": { "id": "form", "namespace": "company.team" } }),
            )
            .await;
        assert_eq!(
            (&error["code"], &error["status"]),
            (&json!("UPSTREAM_ERROR"), &json!(422)),
            "{dialect}: {error}"
        );
        assert!(
            error["message"].as_str().unwrap().contains("type"),
            "{error}"
        );
        let error = world
            .refused("get_app", json!({ "uid": "nosuchapp" }))
            .await;
        assert_eq!(error["code"], "NOT_FOUND", "{dialect}: {error}");
        assert!(
            error["message"].as_str().unwrap().contains("app"),
            "{error}"
        );
        for uid in ["", "a/b", "..", "a b", "search?q=x", &"a".repeat(65)] {
            let error = world.refused("get_app", json!({ "uid": uid })).await;
            assert_eq!(error["code"], "INVALID_ARGUMENT", "{uid:?}");
        }
        let page = world.call("list_apps", json!({})).await;
        assert_eq!(
            (&page["items"], &page["total"]),
            (&json!([]), &json!(0)),
            "nothing was made: {page}"
        );
    }
}

#[tokio::test]
async fn an_app_that_exists_already_is_a_conflict_unproven() {
    let links = json!({ "self": { "href": "/" } });
    let hateoas = |message: &str| {
        let body = json!({ "message": message, "_links": links, "_embedded": { "errors": [{ "message": message }] } });
        ("application/json", body)
    };
    let problem = |slug: &str, detail: &str| {
        let kind = format!("https://kestra.io/docs/api-reference/problems/{slug}");
        let body = json!({ "type": kind, "title": "Conflict", "status": 409, "detail": detail });
        ("application/problem+json", body)
    };
    for dialect in Dialect::ALL {
        let mut world = enterprise(dialect).await;
        for (status, (kind, body), code) in [
            (
                422,
                hateoas("Invalid entity: app.id: App id already exists"),
                "CONFLICT",
            ),
            (
                409,
                hateoas("Conflict: App already exists with id: 'form'"),
                "CONFLICT",
            ),
            (
                409,
                problem("entity-already-exists", "There is an app of that id"),
                "CONFLICT",
            ),
            (409, problem("conflict", "App already exists"), "CONFLICT"),
            (
                409,
                problem("conflict", "Something else is in the way"),
                "UPSTREAM_ERROR",
            ),
            (
                422,
                hateoas("Invalid entity: app.id: must not be blank"),
                "UPSTREAM_ERROR",
            ),
            (400, hateoas("It already exists"), "UPSTREAM_ERROR"),
        ] {
            world.forget();
            world.kestra().fault(simulator::Fault {
                method: Some("POST".into()),
                path: "*/apps".into(),
                times: Some(1),
                action: simulator::Action::Respond {
                    status,
                    content_type: kind.into(),
                    body: body.to_string().into_bytes(),
                    headers: Vec::new(),
                },
            });
            let error = world.refused("create_app", json!({ "source": APP })).await;
            assert_eq!(
                (&error["code"], &error["retryable"]),
                (&json!(code), &json!(false)),
                "{dialect} {status} {body}: {error}"
            );
            if code == "CONFLICT" {
                let message = error["message"].as_str().unwrap();
                assert!(message.starts_with("It exists already"), "{message}");
                let said = body["detail"]
                    .as_str()
                    .or(body["message"].as_str())
                    .unwrap();
                assert!(message.contains(said), "{message}");
            }
            assert_eq!(world.sent(), ["POST /api/v1/main/apps"]);
        }
    }
}

#[tokio::test]
async fn a_create_whose_answer_is_lost_is_not_sent_again_unproven() {
    for dialect in Dialect::ALL {
        let mut world = enterprise(dialect).await;
        for action in [
            simulator::Action::DisconnectAfter,
            simulator::Action::Timeout504After,
            simulator::Action::GarbageJson,
        ] {
            world.forget();
            world.kestra().fault(simulator::Fault {
                method: Some("POST".into()),
                path: "*/apps".into(),
                times: Some(1),
                action,
            });
            let error = world.refused("create_app", json!({ "source": APP })).await;
            assert_eq!(
                (&error["code"], &error["retryable"]),
                (&json!("OUTCOME_UNKNOWN"), &json!(false)),
                "{dialect}: {error}"
            );
            assert_eq!(world.sent(), ["POST /api/v1/main/apps"]);
        }
    }
}

#[tokio::test]
async fn an_app_stored_elsewhere_is_reported_with_its_place_unproven() {
    for dialect in Dialect::ALL {
        let mut world = enterprise(dialect).await;
        let elsewhere = json!({ "uid": "u1", "name": "Order form", "namespace": "company.evil" });
        for (method, path) in [("POST", "*/apps"), ("GET", "*/apps/*")] {
            world.kestra().fault(simulator::Fault {
                method: Some(method.into()),
                path: path.into(),
                times: Some(1),
                action: simulator::Action::Respond {
                    status: 200,
                    content_type: "application/json".into(),
                    body: elsewhere.to_string().into_bytes(),
                    headers: Vec::new(),
                },
            });
            let error = world.refused("create_app", json!({ "source": APP })).await;
            assert_eq!(
                (&error["code"], &error["namespace"]),
                (&json!("UPSTREAM_ERROR"), &json!("company.evil")),
                "{dialect} {method}: {error}"
            );
        }
    }
}

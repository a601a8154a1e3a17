//! Older revisions of a flow, and deleted ones.

use serde_json::{Value, json};

use super::SOURCE;
use crate::contract::answer::{has, mentions};
use crate::contract::world::World;
use crate::contract::{everywhere, simulated};

everywhere![returns_an_older_revision, shows_a_deleted_flow_as_deleted,];

simulated![a_missing_revision_names_the_latest_whatever_a_search_finds,];

async fn returns_an_older_revision(world: &mut World) {
    world.save(SOURCE).await;
    let changed = SOURCE.replace("Says hello.", "Says it again.");
    world.replace("hello", &changed).await;
    let ns = world.namespace.clone();
    let latest = world
        .call("get_flow", json!({ "namespace": ns, "flow_id": "hello" }))
        .await;
    has(
        &latest,
        json!({ "revision": 2, "/untrusted/description": "Says it again." }),
    );
    let first = world
        .call(
            "get_flow",
            json!({ "namespace": ns, "flow_id": "hello", "revision": 1 }),
        )
        .await;
    has(
        &first,
        json!({ "revision": 1, "/untrusted/description": "Says hello." }),
    );
    let error = world
        .refused(
            "get_flow",
            json!({ "namespace": ns, "flow_id": "hello", "revision": 99 }),
        )
        .await;
    assert_eq!(error["code"], "NOT_FOUND");
    mentions(&error["message"], "revision");
}

async fn a_missing_revision_names_the_latest_whatever_a_search_finds(world: &mut World) {
    world.save(SOURCE).await;
    world.save(&SOURCE.replace("id: hello", "id: hallo")).await;
    world
        .replace("hello", &SOURCE.replace("Says hello.", "Says it again."))
        .await;
    let ns = world.namespace.clone();
    let lacks = |error: &Value| {
        has(
            error,
            json!({ "code": "NOT_FOUND", "revision": 2, "near": null }),
        );
        assert_eq!(
            error["message"],
            "The flow has no such revision; its latest is 2."
        );
    };
    let arguments = json!({ "namespace": ns, "flow_id": "hello", "revision": 99 });
    world.forget();
    lacks(&world.refused("get_flow", arguments.clone()).await);
    let search = |sent: &[String]| sent.iter().any(|line| line.contains("/flows/search"));
    assert!(!search(&world.sent()), "{:?}", world.sent());
    // An index that lags behind, or a flow beyond the first hundred.
    world.kestra().fault(simulator::Fault {
        method: None,
        path: "*/flows/search".into(),
        times: None,
        action: simulator::Action::Respond {
            status: 200,
            content_type: "application/json".into(),
            body: b"{\"results\":[],\"total\":0}".to_vec(),
            headers: Vec::new(),
        },
    });
    for tool in ["get_flow", "execute_flow"] {
        lacks(&world.refused(tool, arguments.clone()).await);
    }
    // Only get_flow shows deleted flows.
    world
        .http("DELETE", &format!("/flows/{ns}/hello"), None)
        .await;
    let latest = world
        .call("get_flow", json!({ "namespace": ns, "flow_id": "hello" }))
        .await["revision"]
        .clone();
    let error = world.refused("get_flow", arguments.clone()).await;
    assert_eq!(
        (&error["code"], &error["revision"], error.get("near")),
        (&json!("NOT_FOUND"), &latest, None),
        "{error}"
    );
    let error = world.refused("execute_flow", arguments).await;
    has(&error, json!({ "code": "NOT_FOUND", "revision": null }));
}

async fn shows_a_deleted_flow_as_deleted(world: &mut World) {
    world.save(SOURCE).await;
    let ns = world.namespace.clone();
    let (status, _) = world
        .http("DELETE", &format!("/flows/{ns}/hello"), None)
        .await;
    assert_eq!(status, 204);
    let flow = world
        .call("get_flow", json!({ "namespace": ns, "flow_id": "hello" }))
        .await;
    assert_eq!(flow["deleted"], true);
    let error = world
        .refused(
            "execute_flow",
            json!({ "namespace": ns, "flow_id": "hello" }),
        )
        .await;
    assert_eq!(error["code"], "NOT_FOUND", "{error}");
}

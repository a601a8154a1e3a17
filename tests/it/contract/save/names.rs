//! The namespace and the id that a source gives its flow.

use serde_json::json;

use super::{FLOW, TOOL, source};
use crate::contract::answer::{has, mentions};
use crate::contract::world::World;
use crate::contract::{everywhere, simulated};

everywhere![quoted_names_are_read_as_text,];

simulated![
    names_with_path_or_control_characters_send_nothing,
    names_that_are_route_segments_reach_no_other_route,
];

async fn quoted_names_are_read_as_text(world: &mut World) {
    let ns = world.namespace.clone();
    let given = source(world, FLOW).replace("id: saved", "id: \"010\"");
    let saved = world.call(TOOL, json!({ "source": given })).await;
    has(&saved, json!({ "outcome": "created", "flow_id": "010" }));
    let read = world
        .call("get_flow", json!({ "namespace": ns, "flow_id": "010" }))
        .await;
    assert_eq!(read["untrusted"]["source"].as_str().unwrap(), given);
}

async fn names_with_path_or_control_characters_send_nothing(world: &mut World) {
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

async fn names_that_are_route_segments_reach_no_other_route(world: &mut World) {
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

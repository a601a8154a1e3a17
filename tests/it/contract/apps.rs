//! Apps, which only Kestra Enterprise has. No recording shows them.

mod definition;
mod outcome;

use kestra_mcp::tool::context::Limits;
use serde_json::{Value, json};
use simulator::{Auth, Dialect, Edition, Settings};

use crate::contract::simulated;
use crate::contract::world::World;

simulated![open_source_has_no_app_tools,];

const TOKEN: &str = "kestra-token-0123456789";

const KIND: &str = "io.kestra.plugin.ee.apps.Execution";

const APP: &str = "# kept as written
id: form
type: io.kestra.plugin.ee.apps.Execution
displayName: Order form
namespace: company.team
flowId: hello
tags: [orders, forms]
";

fn settings(dialect: Dialect) -> Settings {
    Settings {
        edition: Edition::Enterprise,
        auth: Auth::Bearer {
            token: TOKEN.into(),
        },
        ..Settings::new(dialect)
    }
}

async fn with(settings: Settings) -> World {
    let variables = [("KESTRA_API_TOKEN", TOKEN)];
    World::with(settings, Limits::default(), &variables).await
}

async fn enterprise(dialect: Dialect) -> World {
    with(settings(dialect)).await
}

async fn create(world: &mut World, arguments: Value) -> String {
    let made = world.call("create_app", arguments).await;
    assert_eq!(made["outcome"], "created", "{made}");
    made["uid"].as_str().unwrap().to_owned()
}

fn names(page: &Value) -> Vec<&str> {
    let rows = page["items"].as_array().unwrap().iter();
    rows.map(|row| row["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_app_of_a_source_is_created_and_read_unproven() {
    for dialect in Dialect::ALL {
        let mut world = enterprise(dialect).await;
        let made = world.call("create_app", json!({ "source": APP })).await;
        assert_eq!(
            (&made["outcome"], &made["name"], &made["namespace"]),
            (
                &json!("created"),
                &json!("Order form"),
                &json!("company.team")
            ),
            "{dialect}: {made}"
        );
        let sent = world.requests();
        let post = sent
            .iter()
            .find(|request| request.method == "POST")
            .unwrap();
        assert_eq!(
            (post.path.as_str(), post.body.as_slice()),
            ("/api/v1/main/apps", APP.as_bytes())
        );
        assert_eq!(post.header("content-type"), Some("application/x-yaml"));
        let uid = made["uid"].clone();
        let app = world.call("get_app", json!({ "uid": uid })).await;
        assert_eq!(
            (
                &app["uid"],
                &app["name"],
                &app["namespace"],
                &app["enabled"],
                &app["tags"]
            ),
            (
                &uid,
                &json!("Order form"),
                &json!("company.team"),
                &json!(true),
                &json!(["orders", "forms"])
            ),
            "{app}"
        );
        assert_eq!(app["untrusted"]["source"], APP, "byte for byte");
    }
}

#[tokio::test]
async fn apps_are_listed_in_order_and_by_namespace_unproven() {
    for dialect in Dialect::ALL {
        for ignore_filters in [false, true] {
            if ignore_filters && dialect == Dialect::V1_3 {
                continue;
            }
            let mut world = with(Settings {
                ignore_filters,
                ..settings(dialect)
            })
            .await;
            for (id, namespace) in [
                ("zeta", "company.team"),
                ("alpha", "company.team.sub"),
                ("beta", "company.team"),
                ("far", "company.teamx"),
            ] {
                let disabled = id == "beta";
                create(&mut world, json!({ "app_data": { "id": id, "namespace": namespace, "type": KIND, "flowId": "hello", "disabled": disabled } })).await;
            }
            let page = world
                .call("list_apps", json!({ "namespace": "company.team" }))
                .await;
            assert_eq!(
                names(&page),
                ["beta", "zeta", "alpha"],
                "{dialect} {ignore_filters}: {page}"
            );
            let row = &page["items"][0];
            assert_eq!(
                (
                    &row["namespace"],
                    &row["flow_id"],
                    &row["type"],
                    &row["enabled"]
                ),
                (
                    &json!("company.team"),
                    &json!("hello"),
                    &json!(KIND),
                    &json!(false)
                ),
                "{row}"
            );
            assert!(row["uid"].is_string() && row.get("tags").is_none(), "{row}");
            if ignore_filters {
                assert_eq!(
                    (&page["dropped"], page.get("total")),
                    (&json!(1), None),
                    "{page}"
                );
            } else {
                assert_eq!(
                    (&page["total"], page.get("dropped")),
                    (&json!(3), None),
                    "{page}"
                );
                let page = world.call("list_apps", json!({ "query": "alph" })).await;
                assert_eq!(names(&page), ["alpha"], "{dialect}: {page}");
                let page = world
                    .call("list_apps", json!({ "size": 3, "page": 2 }))
                    .await;
                assert_eq!(
                    (names(&page).len(), &page["total"], &page["has_more"]),
                    (1, &json!(4), &json!(false)),
                    "{page}"
                );
                let page = world.call("list_apps", json!({ "page": 9 })).await;
                assert_eq!(
                    (names(&page).len(), &page["note"]),
                    (0, &json!("past the end")),
                    "{page}"
                );
            }
        }
    }
}

#[tokio::test]
async fn reserved_words_are_not_uids_unproven() {
    for dialect in Dialect::ALL {
        let mut world = enterprise(dialect).await;
        world.call("auth_status", json!({})).await;
        for uid in ["search", "catalog"] {
            world.forget();
            let error = world.refused("get_app", json!({ "uid": uid })).await;
            assert_eq!(
                error["code"], "INVALID_ARGUMENT",
                "{dialect} {uid}: {error}"
            );
            assert_eq!(world.sent(), Vec::<String>::new());
        }
    }
}

#[tokio::test]
async fn enterprise_lists_the_app_tools_unproven() {
    for dialect in Dialect::ALL {
        let mut world = enterprise(dialect).await;
        world.call("auth_status", json!({})).await;
        let list = world.ask("tools/list", json!({})).await;
        let tools = list["result"]["tools"].as_array().unwrap();
        for name in ["list_apps", "get_app", "create_app"] {
            assert!(
                tools.iter().any(|tool| tool["name"] == name),
                "{dialect} {name}"
            );
        }
    }
}

async fn open_source_has_no_app_tools(world: &mut World) {
    world.call("auth_status", json!({})).await;
    world.forget();
    let list = world.ask("tools/list", json!({})).await;
    let tools = list["result"]["tools"].as_array().unwrap();
    let invented = world
        .ask(
            "tools/call",
            json!({ "name": "no_such_tool", "arguments": {} }),
        )
        .await;
    for (name, arguments) in [
        ("list_apps", json!({})),
        ("get_app", json!({ "uid": "a" })),
        ("create_app", json!({ "source": APP })),
    ] {
        assert!(tools.iter().all(|tool| tool["name"] != name), "{name}");
        let answer = world
            .ask(
                "tools/call",
                json!({ "name": name, "arguments": arguments }),
            )
            .await;
        assert_eq!(
            (&answer["error"]["code"], &answer["error"]),
            (&json!(-32602), &invented["error"]),
            "{answer}"
        );
    }
    assert_eq!(world.sent(), Vec::<String>::new());
}

#[tokio::test]
async fn the_uid_of_an_app_must_fit_a_path_unproven() {
    for dialect in Dialect::ALL {
        let mut world = enterprise(dialect).await;
        world.call("auth_status", json!({})).await;
        world.forget();
        for (key, odd) in [
            ("id: form", "id: ../x"),
            ("id: form", "x: form"),
            ("namespace: company.team", "namespace: Company"),
            ("namespace: company.team", "namespace: a..b"),
            ("displayName", "? [displayName]\n: x\ny"),
            ("# kept as written", "# kept\u{2028}x: y"),
            ("tags: [orders, forms]", "tags: \"a\u{85}b\""),
        ] {
            let source = APP.replace(key, odd);
            let error = world
                .refused("create_app", json!({ "source": source }))
                .await;
            assert_eq!(error["code"], "INVALID_ARGUMENT", "{source}: {error}");
        }
        for odd in [
            json!({ "id": "../x", "namespace": "company.team" }),
            json!({ "id": "x" }),
        ] {
            let error = world
                .refused("create_app", json!({ "app_data": odd }))
                .await;
            assert_eq!(error["code"], "INVALID_ARGUMENT", "{error}");
        }
        assert_eq!(world.sent(), Vec::<String>::new(), "{dialect}");
    }
}

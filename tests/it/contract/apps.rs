//! Apps of Kestra Enterprise, and that open source has none. No recording shows them.

use kestra_mcp::tool::context::Limits;
use saphyr::{LoadableYamlNode as _, Yaml};
use serde_json::{Value, json};
use simulator::{Auth, Dialect, Edition, Settings};

use super::simulated;
use crate::contract::world::World;

simulated![open_source_has_no_tools_of_apps,];

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
async fn an_app_of_an_object_is_written_as_yaml_unproven() {
    let texts = [
        "010",
        "1e3",
        "no",
        "Off",
        "y",
        "0x1F",
        "1_000",
        "12:30",
        "2026-01-31",
        "null",
        ".5",
        "-1",
        "1.0",
        "a: b # c",
        "- a",
        "two\nlines\n",
        "~",
        " spaces ",
        "\"quoted\"",
        "it's",
        "{{ inputs.who }}",
        "*x",
        "&x",
        "!x",
        "%x",
        "@x",
        "ü \u{1F600}",
        "tab\there",
        "true",
        "",
    ];
    let data = json!({
        "id": "form", "namespace": "company.team", "type": KIND, "displayName": "010", "disabled": false,
        "layout": [
            { "on": "OPEN", "blocks": [{ "type": "x.Markdown", "content": "# Title\n\ntext", "no": { "y": [[], {}, [1, -2, 2.5, true, null]] } }] },
            { "on": "RUNNING", "texts": texts },
        ],
    });
    for dialect in Dialect::ALL {
        let mut world = enterprise(dialect).await;
        let uid = create(&mut world, json!({ "app_data": data })).await;
        let app = world.call("get_app", json!({ "uid": uid })).await;
        assert_eq!(app["name"], "010", "{dialect}: {app}");
        let source = app["untrusted"]["source"].as_str().unwrap();
        let read = Yaml::load_from_str(source).unwrap();
        assert_eq!(value(&read[0]), data, "{source}");
        // Kestra reads YAML 1.1, to which more is not a text than to 1.2.
        for text in texts.iter().take(13) {
            let plain = source.lines().map(str::trim_start);
            let plain = plain
                .map(|line| line.trim_start_matches("- "))
                .any(|line| line == *text);
            assert!(!plain, "{text:?} stands without quotes:\n{source}");
        }
        assert!(
            source.contains("\"no\":") && source.contains("\"y\":"),
            "{source}"
        );
    }
}

/// A YAML node as JSON.
fn value(node: &Yaml<'_>) -> Value {
    match node {
        Yaml::Sequence(items) => items.iter().map(value).collect(),
        Yaml::Mapping(pairs) => {
            let pair = |(key, item): (&Yaml<'_>, &Yaml<'_>)| {
                (key.as_str().unwrap_or("not a text").to_owned(), value(item))
            };
            Value::Object(pairs.iter().map(pair).collect())
        }
        other => match (
            other.as_str(),
            other.as_bool(),
            other.as_integer(),
            other.as_floating_point(),
        ) {
            (Some(text), ..) => text.into(),
            (_, Some(flag), ..) => flag.into(),
            (_, _, Some(number), _) => number.into(),
            (_, _, _, Some(number)) => number.into(),
            _ => Value::Null,
        },
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
async fn a_definition_is_given_once_and_in_one_way_unproven() {
    let object = json!({ "id": "form", "namespace": "company.team", "type": KIND });
    let comment = format!("{APP}# ");
    let most = format!("{comment}{}", "x".repeat((256 << 10) - comment.len()));
    for dialect in Dialect::ALL {
        let mut world = enterprise(dialect).await;
        world.call("auth_status", json!({})).await;
        world.forget();
        for arguments in [
            json!({}),
            json!({ "source": APP, "app_data": object }),
            json!({ "source": null, "app_data": null }),
            json!({ "app_data": [object] }),
            json!({ "app_data": "id: form" }),
            json!({ "source": object }),
            json!({ "source": format!("{APP}id: again\n") }),
            json!({ "source": format!("{APP}---\n{APP}") }),
            json!({ "source": APP.replace("form\n", "no\n") }),
            json!({ "source": format!("{most}x") }),
            json!({ "source": format!("{APP}x: {}{}\n", "[".repeat(64), "]".repeat(64)) }),
            json!({ "source": APP.replace("company.team", "010") }),
        ] {
            let error = world.refused("create_app", arguments).await;
            assert_eq!(error["code"], "INVALID_ARGUMENT", "{dialect}: {error}");
        }
        assert_eq!(world.sent(), Vec::<String>::new(), "{dialect}");
        let deepest = format!("{APP}x: {}{}\n", "[".repeat(63), "]".repeat(63));
        for source in [&most, &deepest] {
            create(&mut world, json!({ "source": source })).await;
        }
    }
}

#[tokio::test]
async fn a_definition_that_is_wrong_is_one_fault_unproven() {
    for (arguments, field) in [
        (json!({ "app_data": "form" }), "app_data"),
        (json!({ "source": 7.5 }), "source"),
        (json!({}), "source or app_data"),
    ] {
        let mut world = enterprise(Dialect::V2_0).await;
        let error = world.refused("create_app", arguments).await;
        let faults = error["faults"].as_array().unwrap();
        let fields: Vec<&Value> = faults.iter().map(|fault| &fault["field"]).collect();
        assert_eq!(fields, [field], "{error}");
    }
}

#[tokio::test]
async fn an_object_has_the_limits_of_a_source_unproven() {
    let app = |more: Value| json!({ "id": "form", "namespace": "company.team", "type": KIND, "layout": more });
    // As deep as a message may be; what is deeper never comes to the tool.
    let deep = (0..24).fold(json!(1), |inner, _| json!([inner]));
    for dialect in Dialect::ALL {
        let mut world = enterprise(dialect).await;
        let uid = create(&mut world, json!({ "app_data": app(json!("x")) })).await;
        let read = world.call("get_app", json!({ "uid": uid })).await;
        let frame = read["untrusted"]["source"].as_str().unwrap().len() - 1;
        let long = |bytes: usize| app(json!("x".repeat(bytes - frame)));
        world.forget();
        for (object, expected) in [
            (
                long((256 << 10) + 1),
                "an object of at most 256 KiB as YAML",
            ),
            (
                app(json!(["a [redacted:secret] b"])),
                "the original text in place of every `[redacted:…]` mark",
            ),
            (
                json!({ "id": 5, "namespace": "company.team", "type": KIND }),
                "a text under `id`",
            ),
        ] {
            let error = world
                .refused("create_app", json!({ "app_data": object }))
                .await;
            assert_eq!(
                (&error["code"], &error["faults"]),
                (
                    &json!("INVALID_ARGUMENT"),
                    &json!([{ "field": "app_data", "expected": expected }])
                ),
                "{dialect}"
            );
        }
        assert_eq!(world.sent(), Vec::<String>::new(), "{dialect}");
        for object in [long(256 << 10), app(deep.clone())] {
            create(&mut world, json!({ "app_data": object })).await;
        }
    }
}

#[tokio::test]
async fn what_kestra_refuses_of_an_app_keeps_its_words_unproven() {
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
async fn reserved_words_are_no_uids_unproven() {
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
async fn enterprise_lists_the_tools_of_apps_unproven() {
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

async fn open_source_has_no_tools_of_apps(world: &mut World) {
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
async fn an_app_is_named_by_what_fits_a_path_unproven() {
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

#[tokio::test]
async fn where_an_app_went_is_told_unproven() {
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

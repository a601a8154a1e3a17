//! The two forms of a definition: a source, or an object.

use saphyr::{LoadableYamlNode as _, Yaml};
use serde_json::{Value, json};
use simulator::Dialect;

use super::{APP, KIND, create, enterprise};

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
        // Kestra reads YAML 1.1, which takes fewer plain scalars as text than 1.2 does.
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
async fn a_definition_is_given_in_exactly_one_form_unproven() {
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
async fn a_wrong_definition_is_one_fault_unproven() {
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
    // The limit of a message: nothing deeper reaches the tool.
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

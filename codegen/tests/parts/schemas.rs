//! Schemas: strict on the way in, lenient on the way out, and in the order of the manifest.

use codegen::schema::{Schema, input, output};
use serde_json::{Value, json};

use super::{manifest, tool};

fn of(line: &str, name: &str) -> (Value, Value) {
    let manifest = manifest(line);
    let tool = tool(&manifest, name);
    (value(&input(&manifest, tool)), value(&output(tool)))
}

fn value(schema: &Schema) -> Value {
    serde_json::to_value(schema).expect("a schema is JSON")
}

/// Names of the members at `way`, in order.
fn names(schema: &Schema, way: &[&str]) -> Vec<String> {
    let at = way.iter().fold(schema, |schema, name| match schema {
        Schema::Members(members) => &members[*name],
        Schema::Plain(value) => panic!("no {name} in {value}"),
    });
    match at {
        Schema::Members(members) => members.keys().cloned().collect(),
        Schema::Plain(value) => panic!("no members: {value}"),
    }
}

#[test]
fn properties_stand_in_the_order_of_the_manifest() {
    let manifest = manifest("2.0");
    let wanted = ["namespace", "flow_id", "revision", "source"];
    let get = tool(&manifest, "get_flow");
    let schema = input(&manifest, get);
    assert_eq!(names(&schema, &["properties"]), wanted);
    let begin = r#"{"type":"object","properties":{"namespace":{"#;
    assert!(schema.to_string().starts_with(begin), "{schema}");
    let result = names(&output(get), &["properties"]);
    assert_eq!(result[..2], ["namespace", "flow_id"]);
    let tail = ["untrusted", "url", "note", "truncated", "error"];
    assert_eq!(result[result.len() - 5..], tail);
    let list = output(tool(&manifest, "list_flows"));
    let page = [
        "items",
        "total",
        "page",
        "has_more",
        "dropped",
        "note",
        "truncated",
        "error",
    ];
    assert_eq!(names(&list, &["properties"]), page);
    let row = names(&list, &["properties", "items", "items", "properties"]);
    assert_eq!(row[..2], ["namespace", "flow_id"]);
}

#[test]
fn arguments_are_all_that_is_taken() {
    let id = json!({ "type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$" });
    let number = json!({ "type": "integer", "minimum": 1, "maximum": 100, "default": 25 });
    let wanted = json!({
        "type": "object",
        "additionalProperties": false,
        "properties": { "namespace": id, "flow_id": id, "revision": number, "source": { "type": "boolean" } },
        "required": ["namespace", "flow_id"],
    });
    assert_eq!(of("2.0", "get_flow").0, wanted);
}

#[test]
fn nothing_is_required_where_nothing_is() {
    for name in ["whoami", "list_flows"] {
        assert_eq!(of("2.0", name).0.get("required"), None, "{name}");
    }
}

#[test]
fn an_argument_says_what_it_is_about() {
    let (input, _) = of("1.3", "list_flows");
    let query = json!({ "type": "string", "description": "Part of an id." });
    assert_eq!(input["properties"]["query"], query);
}

#[test]
fn an_argument_of_a_newer_line_is_not_offered_on_an_older_one() {
    assert_eq!(of("1.3", "list_flows").0["properties"].get("since"), None);
    assert_eq!(
        of("2.0", "list_flows").0["properties"]["since"],
        json!({ "type": "string" })
    );
}

#[test]
fn a_list_of_words_names_them() {
    let (input, _) = of("2.0", "run_flow");
    let words =
        json!({ "type": "array", "items": { "type": "string", "enum": ["logs", "labels"] } });
    assert_eq!(input["properties"]["include"], words);
}

#[test]
fn labels_are_texts() {
    let (input, _) = of("2.0", "run_flow");
    let labels = json!({ "type": "object", "additionalProperties": { "type": "string" } });
    assert_eq!(input["properties"]["labels"], labels);
}

/// Every property of a result has one type, and none is required.
fn lenient(schema: &Value, place: &str) {
    assert_eq!(schema.get("required"), None, "{place}");
    assert_eq!(schema.get("additionalProperties"), None, "{place}");
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let place = format!("{place}.{name}");
        assert!(property["type"].is_string(), "{place}: {property}");
        lenient(property, &place);
        if let Some(items) = property.get("items") {
            lenient(items, &place);
        }
    }
}

#[test]
fn a_result_may_lack_anything() {
    for line in ["1.3", "2.0"] {
        for tool in &manifest(line).tool {
            lenient(&value(&output(tool)), &tool.name);
        }
    }
}

#[test]
fn a_field_has_the_type_of_what_makes_it() {
    let (_, schema) = of("2.0", "restart_run");
    let properties = &schema["properties"];
    for (name, kind) in [
        ("execution_id", "string"),
        ("finished", "boolean"),
        ("seconds", "number"),
        ("tasks", "object"),
        ("waits_for", "string"),
        ("untrusted", "object"),
    ] {
        assert_eq!(properties[name]["type"], kind, "{name}");
    }
    let untrusted = &properties["untrusted"]["properties"];
    assert_eq!(untrusted["logs"]["type"], "array");
    assert_eq!(untrusted["outputs"], json!({ "type": "object" }));
}

#[test]
fn what_a_link_and_the_program_add_is_there() {
    let (_, schema) = of("2.0", "get_flow");
    for (name, kind) in [
        ("url", "string"),
        ("note", "string"),
        ("truncated", "object"),
        ("error", "object"),
    ] {
        assert_eq!(schema["properties"][name]["type"], kind, "{name}");
    }
}

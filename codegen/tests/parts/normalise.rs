//! One test a row of the table of normalisations.

use std::collections::BTreeSet;

use codegen::document::{Document, Method};
use codegen::slice::{normalise, request, slice};
use serde_json::{Value, json};

const PATH: &str = "/api/v1/{tenant}/things/{id}";

/// A description of one operation.
fn document(operation: &Value) -> Document {
    let mut operation = operation.clone();
    if let Some(members) = operation.as_object_mut() {
        members.insert("operationId".into(), "doThing".into());
    }
    Document {
        line: Some("2.0".into()),
        json: json!({
            "paths": { PATH: { "post": operation } },
            "components": {
                "parameters": { "Page": { "name": "page", "in": "query", "schema": { "type": "integer" } } },
                "schemas": {
                    "Used": { "type": "object", "properties": { "inner": { "$ref": "#/components/schemas/Inner" } } },
                    "Inner": { "type": "string", "pattern": "a+", "minLength": 1 },
                    "Unused": { "type": "string" },
                },
            },
        }),
    }
}

fn result(operation: &Value) -> Result<Value, String> {
    let document = document(operation);
    let operation = document.operations().next().expect("an operation");
    normalise(&document, &operation)
}

fn normal(operation: &Value) -> Value {
    result(operation).expect("a known shape")
}

/// What becomes of a parameter.
fn parameter(parameter: &Value) -> Value {
    normal(&json!({ "parameters": [parameter] }))["parameters"][0].clone()
}

/// What becomes of a body.
fn body(content: &Value) -> Value {
    normal(&json!({ "requestBody": { "content": content } }))
}

fn media(content: &Value) -> String {
    let document = document(&json!({ "requestBody": { "content": content } }));
    let operation = document.operations().next().expect("an operation");
    let (media, _) = request(&operation).expect("a known shape").expect("a body");
    media
}

const BYTES: &str = "application/octet-stream";

#[test]
fn n1_of_several_media_types_one_is_taken() {
    let json = "application/json";
    for (types, wanted) in [
        (
            vec![
                "multipart/form-data",
                "text/plain",
                "application/x-yaml",
                json,
            ],
            json,
        ),
        (
            vec!["multipart/form-data", "text/plain", "application/x-yaml"],
            "application/x-yaml",
        ),
        (vec!["multipart/form-data", "text/plain"], "text/plain"),
        (vec![BYTES, "multipart/form-data"], "multipart/form-data"),
    ] {
        let content: Value = types
            .into_iter()
            .map(|kind| (kind.to_owned(), json!({})))
            .collect();
        assert_eq!(media(&content), wanted);
        let made = body(&content)["requestBody"]["content"]
            .as_object()
            .expect("types")
            .len();
        assert_eq!(made, 1);
    }
}

#[test]
fn n2_every_body_becomes_bytes_with_their_type_in_a_header() {
    for kind in [
        "application/json",
        "application/x-yaml",
        "multipart/form-data",
        "text/plain",
    ] {
        let made = body(&json!({ kind: { "schema": { "type": "object" } } }));
        let schema = json!({ "type": "string", "format": "binary" });
        assert_eq!(
            made["requestBody"],
            json!({ "required": true, "content": { BYTES: { "schema": schema } } })
        );
        let header = json!({ "name": "content-type", "in": "header", "required": true, "schema": { "type": "string" } });
        assert_eq!(made["parameters"], json!([header]));
    }
}

#[test]
fn n3_scim_is_json() {
    let kind = "application/scim+json";
    assert_eq!(media(&json!({ kind: {} })), "application/json");
}

#[test]
fn n4_n5_every_answer_is_one_stream_of_bytes() {
    let made = normal(&json!({ "responses": {
        "200": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Used" } } } },
        "204": {}, "404": { "content": { "application/json": {} } }, "default": {},
    } }));
    let schema = json!({ "type": "string", "format": "binary" });
    let answer = json!({ "description": "", "content": { "*/*": { "schema": schema } } });
    assert_eq!(made["responses"], json!({ "2XX": answer }));
}

#[test]
fn n6_filters_are_a_map_that_may_be_left_out() {
    let made = parameter(&json!({
        "name": "filters", "in": "query", "required": true,
        "schema": { "type": "array", "items": { "$ref": "#/components/schemas/Used" } },
    }));
    assert_eq!(
        made["schema"],
        json!({ "type": "object", "additionalProperties": { "type": "string" } })
    );
    assert_eq!(made["required"], false);
}

#[test]
fn n7_a_parameter_with_a_default_may_be_left_out() {
    let made = parameter(
        &json!({ "name": "size", "in": "query", "required": true, "schema": { "type": "integer", "default": 10 } }),
    );
    assert_eq!(
        (&made["required"], &made["schema"]),
        (&json!(false), &json!({ "type": "integer" }))
    );
    let made = parameter(
        &json!({ "name": "size", "in": "query", "required": true, "schema": { "type": "integer" } }),
    );
    assert_eq!(made["required"], true);
}

#[test]
fn n8_a_parameter_of_the_path_is_one_wherever_it_is_declared() {
    let made = parameter(&json!({ "name": "id", "in": "query", "schema": { "type": "string" } }));
    assert_eq!(
        (&made["in"], &made["required"]),
        (&json!("path"), &json!(true))
    );
    assert_eq!(made.get("style"), None);
}

#[test]
fn n9_a_parameter_of_the_path_is_never_null() {
    let made = parameter(
        &json!({ "name": "id", "in": "path", "required": true, "schema": { "type": "string", "nullable": true } }),
    );
    assert_eq!(made["schema"], json!({ "type": "string" }));
    let made = parameter(
        &json!({ "name": "q", "in": "query", "schema": { "type": "string", "nullable": true } }),
    );
    assert_eq!(
        made["schema"],
        json!({ "type": "string", "nullable": true })
    );
}

#[test]
fn n10_rules_on_texts_are_the_servers_to_check() {
    let schema = json!({ "type": "string", "pattern": "^a$", "minLength": 1, "maxLength": 2, "format": "uuid" });
    let made = parameter(&json!({ "name": "q", "in": "query", "schema": schema }));
    assert_eq!(made["schema"], json!({ "type": "string" }));
    // A property that is called so stays.
    let schema = json!({ "type": "object", "properties": { "pattern": { "type": "string", "pattern": "a" } } });
    let made = parameter(&json!({ "name": "q", "in": "query", "schema": schema }));
    assert_eq!(
        made["schema"]["properties"],
        json!({ "pattern": { "type": "string" } })
    );
}

#[test]
fn n11_an_object_of_nothing_is_any_value() {
    let query = |schema: Value| {
        let made = parameter(&json!({ "name": "q", "in": "query", "schema": schema }));
        made["schema"].clone()
    };
    assert_eq!(query(json!({ "type": "object" })), json!({}));
    let map = json!({ "type": "object", "additionalProperties": true });
    assert_eq!(query(map.clone()), map);
}

#[test]
fn lists_of_the_query_repeat() {
    let made = parameter(
        &json!({ "name": "sort", "in": "query", "explode": false, "schema": { "type": "array", "items": { "type": "string" } } }),
    );
    assert_eq!(
        (&made["style"], &made["explode"]),
        (&json!("form"), &json!(true))
    );
}

#[test]
fn a_parameter_by_reference_is_written_out() {
    let made = parameter(&json!({ "$ref": "#/components/parameters/Page" }));
    assert_eq!(
        (&made["name"], &made["in"]),
        (&json!("page"), &json!("query"))
    );
    let fault = result(&json!({ "parameters": [{ "$ref": "#/components/parameters/None" }] }));
    assert_eq!(
        fault,
        Err("parameter #/components/parameters/None is not described".into())
    );
}

#[test]
fn any_other_shape_is_refused() {
    let fault = result(&json!({ "parameters": [{ "name": "sid", "in": "cookie" }] }));
    assert_eq!(
        fault,
        Err("parameter sid in cookie, which is not in the table of normalisations".into())
    );
    let fault = result(&json!({ "requestBody": { "content": { "image/png": {} } } }));
    assert_eq!(
        fault,
        Err("a body of image/png, which is not in the table of normalisations".into())
    );
    let fault = result(&json!({ "requestBody": { "$ref": "#/components/requestBodies/A" } }));
    assert_eq!(
        fault,
        Err("a request body by reference; write it out in overlay.toml".into())
    );
}

#[test]
fn a_slice_has_what_its_requests_reach() {
    let schema = json!({ "$ref": "#/components/schemas/Used" });
    let document = document(
        &json!({ "parameters": [{ "name": "q", "in": "query", "schema": schema.clone() }],
            "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Unused" } } } } }),
    );
    let routes = BTreeSet::from([(Method::Post, PATH.to_owned())]);
    let made = slice(&document, &routes).expect("a slice");
    let schemas = made["components"]["schemas"].as_object().expect("schemas");
    // A body is bytes, whatever its schema.
    assert_eq!(schemas.keys().collect::<Vec<_>>(), ["Inner", "Used"]);
    assert_eq!(schemas["Inner"], json!({ "type": "string" }));
    assert_eq!(
        slice(&document, &BTreeSet::new()).expect("a slice")["paths"],
        json!({})
    );
}

#[test]
fn a_slice_without_a_schema_that_it_needs_is_refused() {
    let schema = json!({ "$ref": "#/components/schemas/None" });
    let document =
        document(&json!({ "parameters": [{ "name": "q", "in": "query", "schema": schema }] }));
    let routes = BTreeSet::from([(Method::Post, PATH.to_owned())]);
    assert_eq!(
        slice(&document, &routes),
        Err(vec!["schema None is referred to but not described".into()])
    );
}

use std::time::{Duration, Instant};

use serde_json::from_slice;
use vocabulary::plan::Operation;
use vocabulary::{Keep, Step};

use super::*;
use crate::clock::Clock;
use crate::tool::Unusable;
use crate::tool::target::Ask;
use crate::tool::{Access, CallCtx, Delivery, Effect, Line};

fn ctx() -> CallCtx {
    CallCtx {
        http: reqwest::Client::builder().build().unwrap(),
        base: "http://127.0.0.1:1".into(),
        ui: None,
        tenant: "main".into(),
        authorization: None,
        line: Line::NEWEST,
        version: None,
        request_id: "r1".into(),
        limits: crate::tool::context::Limits::default(),
        memory: Arc::default(),
        clock: Clock::System,
        progress: None,
        delivery: Delivery::default(),
        cancel: tokio_util::sync::CancellationToken::new(),
        longest: Duration::ZERO,
        hurry: tokio_util::sync::CancellationToken::new(),
        repeat: None,
        secrets: crate::secret::Redactor::default(),
        permissions: None,
        targets: Ask::new(|_| true),
        deadline: Instant::now() + Duration::from_mins(1),
        access: Access::Full,
        routes: &[],
    }
}

/// The request of a step with these bindings, whose body is of type `media`.
fn request(bind: &Value, path: &str, media: &str) -> &'static Request {
    static KEEP: Keep = Keep::Whole;
    let step = json!({ "operation": "x", "bind": bind });
    let step: &'static Step = Box::leak(Box::new(serde_json::from_value(step).unwrap()));
    let operation: &'static Operation = Box::leak(Box::new(Operation {
        method: "POST".to_owned(),
        path: path.to_owned(),
        accept: String::new(),
        body: Some(media.to_owned()),
        collisions: vec![vec![("id".to_owned(), "search".to_owned())]],
    }));
    Box::leak(Box::new(Request {
        step,
        keep: &KEEP,
        operation,
        id: "x",
        effect: Effect::Control,
        reads: false,
    }))
}

/// What `bind` makes of a body where the call has `arguments` and a step answered `answer`.
fn made(
    bind: &Value,
    media: &str,
    arguments: &Value,
    answer: Value,
) -> Result<(String, Vec<u8>), Error> {
    let ctx = ctx();
    let mut bindings = Bindings::new(&ctx, arguments.as_object().unwrap());
    bindings.steps.insert("before", answer);
    let request = request(&json!({ "body": bind }), "/api/v1/{tenant}/x", media);
    let mut values = bindings.values(request)?;
    let body = values.body();
    assert_eq!(values.body(), b"");
    Ok((values.content_type(), body))
}

fn field(error: Error) -> String {
    let Error::Invalid { faults, .. } = error else {
        panic!("{error}");
    };
    faults[0].field.clone()
}

#[test]
fn a_body_of_json_has_references_and_lacks_what_is_absent() {
    let bind = json!({ "json": {
        "id": "$id", "kind": "fixed", "state": "@before/state", "none": "$none",
        "list": ["$id", "$none", { "none": "$none" }], "number": 5,
    } });
    let (media, body) = made(
        &bind,
        "application/json",
        &json!({ "id": "a" }),
        json!({ "state": [1] }),
    )
    .unwrap();
    assert_eq!(media, "application/json");
    let wanted =
        json!({ "id": "a", "kind": "fixed", "state": [1], "list": ["a", {}], "number": 5 });
    assert_eq!(from_slice::<Value>(&body).unwrap(), wanted);
}

#[test]
fn a_list_of_references_is_a_body_too() {
    let bind = json!({ "json": ["$id"] });
    let (_, body) = made(
        &bind,
        "application/json",
        &json!({ "id": "a" }),
        Value::Null,
    )
    .unwrap();
    assert_eq!(body, br#"["a"]"#);
}

#[test]
fn a_value_is_its_json_where_json_is_taken_and_its_text_elsewhere() {
    let body = |media, value: Value| {
        made(
            &json!("$value"),
            media,
            &json!({ "value": value }),
            Value::Null,
        )
    };
    for (media, value, wanted) in [
        ("application/json", json!("a"), "\"a\""),
        ("application/json", json!([1]), "[1]"),
        ("application/problem+json; charset=utf-8", json!(1), "1"),
        ("text/plain", json!("a\n"), "a\n"),
        ("application/x-yaml", json!("id: a"), "id: a"),
    ] {
        let (told, bytes) = body(media, value).unwrap();
        assert_eq!(
            (told.as_str(), bytes.as_slice()),
            (media, wanted.as_bytes())
        );
    }
    assert_eq!(field(body("text/plain", json!(1)).unwrap_err()), "value");
    assert_eq!(field(body("text/plain", Value::Null).unwrap_err()), "value");
    let lacking = made(&json!("@before/x"), "text/plain", &json!({}), json!({})).unwrap_err();
    assert!(matches!(
        lacking,
        Error::Unusable(Unusable::Lacking { parameter: "body" })
    ));
}

#[test]
fn labels_of_several_places_are_one_list_in_which_the_later_wins() {
    let before = json!({ "labels": [{ "key": "a", "value": "1" }, { "key": "b", "value": "2" }, { "key": "system.from", "value": "ui" }] });
    let bind = json!({ "value": ["@before/labels", "$labels"], "encode": "labels" });
    let arguments = json!({ "labels": { "b": "3", "c": "4" } });
    let (_, body) = made(&bind, "application/json", &arguments, before).unwrap();
    let wanted = json!([{ "key": "a", "value": "1" }, { "key": "b", "value": "3" }, { "key": "c", "value": "4" }]);
    assert_eq!(from_slice::<Value>(&body).unwrap(), wanted);
    let (_, body) = made(&bind, "application/json", &json!({}), json!({})).unwrap();
    assert_eq!(body, b"[]");
}

#[test]
fn a_file_is_a_form_with_one_part_of_a_neutral_name() {
    let bind =
        json!({ "value": "$text", "base64": "$bytes", "part": "fileContent", "encode": "file" });
    let file = |arguments: &Value| made(&bind, "multipart/form-data", arguments, Value::Null);
    let form = |content: &[u8]| {
        let head = b"--kestra-mcp-r1-0\r\nContent-Disposition: form-data; name=\"fileContent\"; filename=\"file\"\r\nContent-Type: application/octet-stream\r\n\r\n";
        [&head[..], content, b"\r\n--kestra-mcp-r1-0--\r\n"].concat()
    };
    for (arguments, content) in [
        (json!({ "text": "a\n" }), &b"a\n"[..]),
        (json!({ "bytes": "AP8=" }), &[0, 255][..]),
        (json!({ "text": "", "bytes": "AP8=" }), b""),
    ] {
        let (media, body) = file(&arguments).unwrap();
        assert_eq!(media, "multipart/form-data; boundary=kestra-mcp-r1-0");
        assert_eq!(body, form(content), "{arguments}");
    }
    assert_eq!(field(file(&json!({})).unwrap_err()), "bytes");
    assert_eq!(field(file(&json!({ "bytes": "!" })).unwrap_err()), "bytes");
}

#[test]
fn parameters_are_taken_in_the_types_of_the_client() {
    let ctx = ctx();
    let arguments = json!({ "id": "a", "labels": { "k": "v" }, "page": 2, "word": "x" });
    let bindings = Bindings::new(&ctx, arguments.as_object().unwrap());
    let bind = json!({ "id": "$id", "page": "$page", "size": 25, "none": "$none", "odd": "$word",
        "labels": { "value": "$labels", "encode": "key_value" }, "first": { "value": ["$none", "$word"] } });
    let mut values = bindings
        .values(request(
            &bind,
            "/api/v1/{tenant}/x/{id}",
            "application/json",
        ))
        .unwrap();
    assert_eq!(&*values.tenant(), "main");
    assert_eq!(values.required::<String>("id").unwrap(), "a");
    assert_eq!(values.optional::<i64>("page").unwrap(), Some(2));
    assert_eq!(values.optional::<i64>("size").unwrap(), Some(25));
    assert_eq!(
        values.optional::<String>("first").unwrap().as_deref(),
        Some("x")
    );
    let labels = values.optional::<Vec<String>>("labels").unwrap();
    assert_eq!(labels, Some(vec!["k:v".to_owned()]));
    assert_eq!(values.optional::<i64>("unbound").unwrap(), None);
    assert_eq!(
        field(values.required::<String>("none").unwrap_err()),
        "none"
    );
    assert_eq!(field(values.optional::<i64>("odd").unwrap_err()), "word");
    assert_eq!(values.filters(), None);
}

#[test]
fn what_is_no_segment_of_the_path_is_refused_by_the_name_of_its_argument() {
    let ctx = ctx();
    let refused = |given: Value| {
        let arguments = json!({ "flow_id": given });
        let bindings = Bindings::new(&ctx, arguments.as_object().unwrap());
        let path = "/api/v1/{tenant}/flows/{id}";
        let request = request(&json!({ "id": "$flow_id" }), path, "application/json");
        bindings.values(request).err().map(field)
    };
    for bad in [
        json!("a/b"),
        json!(".."),
        json!("search"),
        json!(["a"]),
        json!(null),
    ] {
        assert_eq!(refused(bad.clone()).as_deref(), Some("flow_id"), "{bad}");
    }
    assert_eq!(refused(json!("hello")), None);
}

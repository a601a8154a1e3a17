use super::*;
use serde_json::json;

fn texts(specs: &Value, given: &Value) -> Vec<(String, String)> {
    let form = form(specs, given.as_object().expect("an object")).expect("no fault");
    form.parts
        .into_iter()
        .map(|part| (part.name, String::from_utf8(part.content).expect("text")))
        .collect()
}

fn faults(specs: &Value, given: &Value) -> Vec<(String, String)> {
    let Err(Error::Invalid {
        faults,
        inputs: true,
    }) = form(specs, given.as_object().expect("an object"))
    else {
        panic!("no fault: {given}");
    };
    faults
        .into_iter()
        .map(|fault| (fault.field, fault.expected))
        .collect()
}

#[test]
fn values_are_encoded_by_the_declared_type() {
    let table = [
        (json!({"type": "STRING"}), json!("ü"), "ü"),
        (json!({"type": "INT"}), json!(5), "5"),
        (json!({"type": "INT"}), json!("7"), "7"),
        (json!({"type": "INT"}), json!(5.0), "5"),
        (json!({"type": "INT"}), json!("5.0"), "5"),
        (json!({"type": "STRING"}), json!(5), "5"),
        (json!({"type": "STRING"}), json!(1.5), "1.5"),
        (json!({"type": "STRING"}), json!(true), "true"),
        (json!({"type": "BOOL"}), json!("True"), "true"),
        (json!({"type": "DURATION"}), json!("pt5m"), "pt5m"),
        (json!({"type": "DURATION"}), json!("-PT5M"), "-PT5M"),
        (
            json!({"type": "SELECT", "values": ["1", "2"]}),
            json!(2),
            "2",
        ),
        (
            json!({"type": "MULTISELECT", "values": ["1", "true"]}),
            json!([1, true]),
            "[\"1\",\"true\"]",
        ),
        (
            json!({"type": "MULTISELECT", "values": ["a", "b"]}),
            json!("a"),
            "[\"a\"]",
        ),
        (
            json!({"type": "MULTISELECT", "values": ["a", "b"]}),
            json!("[\"b\"]"),
            "[\"b\"]",
        ),
        (
            json!({"type": "ARRAY", "itemType": "INT"}),
            json!("[1, 2.0, \"3\"]"),
            "[1,2,3]",
        ),
        (
            json!({"type": "ARRAY", "itemType": "STRING"}),
            json!("x"),
            "[\"x\"]",
        ),
        (
            json!({"type": "ARRAY", "itemType": "STRING"}),
            json!([1, "y"]),
            "[\"1\",\"y\"]",
        ),
        (
            json!({"type": "FILE"}),
            json!("{\"filename\": \"a.txt\", \"content\": \"line\"}"),
            "line",
        ),
        (json!({"type": "FLOAT"}), json!(1.5), "1.5"),
        (json!({"type": "BOOL"}), json!(true), "true"),
        (json!({"type": "BOOLEAN"}), json!("false"), "false"),
        (
            json!({"type": "DATETIME"}),
            json!("2026-01-02T05:04:05+02:00"),
            "2026-01-02T03:04:05Z",
        ),
        (json!({"type": "DATE"}), json!("2026-01-02"), "2026-01-02"),
        (json!({"type": "TIME"}), json!("03:04:05"), "03:04:05"),
        (json!({"type": "DURATION"}), json!("PT5M"), "PT5M"),
        (json!({"type": "JSON"}), json!({"a": [1]}), "{\"a\":[1]}"),
        (json!({"type": "JSON"}), json!("{\"a\":1}"), "{\"a\":1}"),
        (json!({"type": "JSON"}), json!("plain"), "\"plain\""),
        (json!({"type": "YAML"}), json!({"a": 1}), "{\"a\":1}"),
        (
            json!({"type": "ARRAY", "itemType": "INT"}),
            json!([1, 2]),
            "[1,2]",
        ),
        (
            json!({"type": "MULTISELECT", "values": ["a", "b"]}),
            json!(["b"]),
            "[\"b\"]",
        ),
        (
            json!({"type": "SELECT", "values": [{"label": "A", "value": "a"}]}),
            json!("a"),
            "a",
        ),
        (
            json!({"type": "SELECT", "values": ["a"], "allowCustomValue": true}),
            json!("z"),
            "z",
        ),
        (
            json!({"type": "FILE"}),
            json!("kestra:///a/b.txt"),
            "kestra:///a/b.txt",
        ),
        (json!({"type": "ION"}), json!("x"), "x"),
    ];
    for (mut spec, value, expected) in table {
        spec["id"] = json!("x");
        let sent = texts(&json!([spec]), &json!({ "x": value }));
        assert_eq!(sent, [("x".to_owned(), expected.to_owned())], "{spec}");
    }
}

#[test]
fn every_fault_is_in_one_answer() {
    let specs = json!([
        {"id": "limit", "type": "INT", "min": 1, "max": 9},
        {"id": "who", "type": "STRING"},
        {"id": "color", "type": "SELECT", "values": ["red"], "required": false},
        {"id": "day", "type": "DATE", "required": false},
    ]);
    let found = faults(
        &specs,
        &json!({"limit": 99, "color": "blue", "day": "x", "limt": 1}),
    );
    let fields: Vec<_> = found.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(fields, ["limt", "limit", "who", "color", "day"]);
    assert!(found[0].1.contains("`limit`"), "{found:?}");
    assert_eq!(found[1].1, "a number from 1 to 9");
}

#[test]
fn wrong_kinds_are_refused() {
    let table = [
        ("STRING", json!({})),
        ("STRING", json!(1e30)),
        ("SECRET", json!(5)),
        ("INT", json!(3_000_000_000_i64)),
        ("INT", json!("3000000000")),
        ("INT", json!("NaN")),
        ("INT", json!(true)),
        ("DATE", json!("2026-1-2")),
        ("TIME", json!("8:30")),
        ("TIME", json!("23:59:60")),
        ("DURATION", json!("P2W")),
        ("DURATION", json!("PT0.5H")),
        ("MULTISELECT", json!("[a]")),
        ("ARRAY", json!(5)),
        (
            "FILE",
            json!("{\"filename\": \"a\", \"filename\": \"b\", \"content\": \"\"}"),
        ),
        ("INT", json!("five")),
        ("INT", json!(1.5)),
        ("FLOAT", json!("NaN")),
        ("BOOL", json!(1)),
        ("DATETIME", json!("2026-01-02T03:04:05")),
        ("TIME", json!("25:00")),
        ("DURATION", json!("5 minutes")),
        ("ARRAY", json!("x")),
        ("FILE", json!("/etc/passwd")),
        ("FILE", json!("file:///etc/passwd")),
        ("FILE", json!("kestra:///../x")),
        ("FILE", json!({"filename": "a/b", "content": ""})),
        ("FILE", json!({"filename": "a", "base64": "?"})),
        ("FILE", json!({"filename": "a"})),
    ];
    for (kind, value) in table {
        let specs = json!([{"id": "x", "type": kind}]);
        assert_eq!(
            faults(&specs, &json!({ "x": value })).len(),
            1,
            "{kind} {value}"
        );
    }
}

#[test]
fn forms_are_flattened_and_nulls_left_out() {
    let specs = json!([{"id": "f", "type": "FORM", "inputs": [{"id": "a", "type": "INT"}]},
        {"id": "n.b", "type": "STRING", "required": false}]);
    let expected = [("f.a".to_owned(), "1".to_owned())];
    assert_eq!(
        texts(&specs, &json!({"f": {"a": 1}, "n": {"b": null}})),
        expected
    );
    assert_eq!(texts(&specs, &json!({"f.a": 1, "n.b": null})), expected);
    assert_eq!(texts(&specs, &json!({"f": "{\"a\": 1}"})), expected);
}

#[test]
fn secrets_are_remembered() {
    let specs = json!([{"id": "s", "type": "SECRET"},
        {"id": "list", "type": "ARRAY", "itemType": "SECRET"},
        {"id": "written", "type": "ARRAY", "itemType": "SECRET"},
        {"id": "f", "type": "FORM", "inputs": [{"id": "deep", "type": "SECRET"}]},
        {"id": "open", "type": "ARRAY", "itemType": "STRING"}]);
    let given = json!({"s": "hunter22", "list": ["a", "b"], "written": "[\"c\"]",
        "f": {"deep": "d"}, "open": ["e"]});
    let form = form(&specs, given.as_object().expect("object")).expect("fits");
    assert_eq!(form.secrets, ["hunter22", "a", "b", "c", "d"]);
}

#[test]
fn what_fills_itself_in_is_not_required() {
    for extra in [
        json!({"required": false}),
        json!({"defaults": "x"}),
        json!({"dependsOn": {"inputs": ["y"]}}),
        json!({"autoSelectFirst": true}),
    ] {
        let mut spec = json!({"id": "x", "type": "STRING"});
        spec.as_object_mut()
            .expect("object")
            .extend(extra.as_object().expect("object").clone());
        assert!(!Declared::all(&json!([spec]))[0].required(), "{extra}");
    }
    assert!(Declared::all(&json!([{"id": "x", "type": "STRING"}]))[0].required());
}

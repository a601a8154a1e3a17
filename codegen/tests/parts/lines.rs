//! A tree as it holds for one line.

use codegen::fault::Faults;
use codegen::tree::Tree;
use serde_json::{Value, json};

fn at(text: &str, line: &str) -> Value {
    let tree = Tree::parse("file", text, &Faults::default()).expect("TOML");
    tree.at(line)
        .and_then(|tree| serde_json::to_value(tree).ok())
        .unwrap_or_default()
}

#[test]
fn a_key_holds_from_its_line_on() {
    let text = r#"a = { "1.3" = "old", "2.0" = "new" }"#;
    for (line, wanted) in [
        ("1.3", "old"),
        ("1.9", "old"),
        ("2.0", "new"),
        ("2.1", "new"),
        ("10.0", "new"),
    ] {
        assert_eq!(at(text, line), json!({ "a": wanted }), "{line}");
    }
    assert_eq!(at(text, "1.2"), json!({}));
}

#[test]
fn lines_are_numbers() {
    let text = r#"a = { "1.9" = 1, "1.10" = 2 }"#;
    assert_eq!(
        (at(text, "1.9"), at(text, "1.11")),
        (json!({ "a": 1 }), json!({ "a": 2 }))
    );
}

#[test]
fn tables_of_lines_stand_anywhere() {
    let text = "a = [{ \"1.3\" = 1, \"2.0\" = { \"1.3\" = 2, \"2.1\" = 3 } }, { \"2.0\" = 4 }]";
    for (line, wanted) in [
        ("1.3", json!([1])),
        ("2.0", json!([2, 4])),
        ("2.1", json!([3, 4])),
    ] {
        assert_eq!(at(text, line), json!({ "a": wanted }), "{line}");
    }
}

#[test]
fn a_table_with_another_key_is_no_table_of_lines() {
    let text = r#"a = { "1.3" = 1, other = 2 }"#;
    assert_eq!(at(text, "2.0"), json!({ "a": { "1.3": 1, "other": 2 } }));
}

#[test]
fn what_is_limited_is_left_out_elsewhere() {
    let text = "a = { lines = \"2.0\", x = 1 }\nb = { before = \"2.0\", x = 2 }\nc = { lines = \"1.5\", before = \"2.0\", x = 3 }";
    assert_eq!(at(text, "1.3"), json!({ "b": { "x": 2 } }));
    assert_eq!(at(text, "1.5"), json!({ "b": { "x": 2 }, "c": { "x": 3 } }));
    assert_eq!(at(text, "2.1"), json!({ "a": { "x": 1 } }));
}

#[test]
fn items_of_a_list_are_limited_too() {
    let text = "[[tool]]\nname = \"a\"\nlines = \"2.0\"\n[[tool]]\nname = \"b\"";
    assert_eq!(at(text, "1.3"), json!({ "tool": [{ "name": "b" }] }));
    assert_eq!(
        at(text, "2.0"),
        json!({ "tool": [{ "name": "a" }, { "name": "b" }] })
    );
}

#[test]
fn every_value_knows_its_place() {
    let tree = Tree::parse(
        "file",
        "# one\n\na = 1\n[b]\nc = [\n  1,\n  2,\n]\n",
        &Faults::default(),
    );
    let shown = format!("{:?}", tree.expect("TOML"));
    for (line, column) in [(3, 1), (4, 2), (5, 1), (6, 3), (7, 3)] {
        let place = format!("line: {line}, column: {column},");
        assert!(shown.contains(&place), "{place} in {shown}");
    }
}

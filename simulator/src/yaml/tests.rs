use serde_json::json;

use super::*;

fn read(source: &str) -> Node {
    first_document(source, DuplicateKeys::Refused)
        .unwrap()
        .unwrap()
}

fn refused(source: &str) -> YamlError {
    first_document(source, DuplicateKeys::Refused).unwrap_err()
}

#[test]
fn scalars_keep_their_text_and_have_a_value() {
    let node = read("id: off\nn: 010\nq: 'off'\nd: 2026-01-02\ny: y\n");
    assert_eq!(node.get("id").unwrap().text(), Some("off"));
    assert_eq!(
        node.get("id").unwrap().resolved_text().as_deref(),
        Some("false")
    );
    assert_eq!(
        node.value(),
        json!({"id": false, "n": 8, "q": "off", "d": "2026-01-02", "y": "y"})
    );
}

#[test]
fn an_alias_is_the_name_of_its_anchor_and_nothing_is_merged() {
    let node = read("a: &v {x: 1}\nb: *v\nc: {<<: *v}\n");
    assert_eq!(
        node.value(),
        json!({"a": {"x": 1}, "b": "v", "c": {"<<": "v"}})
    );
}

#[test]
fn only_the_first_document_is_read() {
    let node = read("a: 1\n---\nb: [\n");
    assert_eq!(node.value(), json!({"a": 1}));
    assert!(
        first_document("# nothing\n", DuplicateKeys::Refused)
            .unwrap()
            .is_none()
    );
}

#[test]
fn what_grows_without_end_is_refused() {
    let fault = refused(&"[".repeat(5_000));
    assert!(fault.message.contains("nesting depth (1001)"), "{fault:?}");
}

#[test]
fn duplicate_keys_are_refused_with_their_place_or_the_last_counts() {
    let source = "a: 1\nb: {c: 1, c: 2}\n";
    let fault = refused(source);
    assert_eq!(fault.message, "Duplicate field 'c'");
    assert_eq!((fault.location.line, fault.location.column), (2, 12));
    assert_eq!(fault.chain, [PathStep::Key("b".to_owned())]);
    let node = first_document(source, DuplicateKeys::LastWins)
        .unwrap()
        .unwrap();
    assert_eq!(node.value(), json!({"a": 1, "b": {"c": 2}}));
}

#[test]
fn a_key_that_is_no_scalar_is_refused() {
    assert!(
        refused("? [a]\n: b\n")
            .message
            .contains("Invalid structure")
    );
}

use crate::yaml::{DuplicateKeys, first_document};

fn message_of(source: &str) -> String {
    let fault = first_document(source, DuplicateKeys::Refused).unwrap_err();
    fault.text("")
}

#[test]
fn faults_are_told_in_the_recorded_words() {
    assert_eq!(
        message_of("a: ["),
        "YAML parsing error: while parsing a flow node\n in 'reader', line 1, column 5:\n    \
         a: [\n        ^\nexpected the node content, but found '<stream end>'\n in 'reader', \
         line 1, column 5:\n    a: [\n        ^\n\n at [Source: (StringReader); line: 1, column: \
         5] (at line 1)"
    );
    assert_eq!(
        message_of("id: x\ntasks:\n\t- id: t\n"),
        "YAML parsing error: while scanning for the next token\nfound character '\\t(TAB)' that \
         cannot start any token. (Do not use \\t(TAB) for indentation)\n in 'reader', line 3, \
         column 1:\n    \t- id: t\n    ^\n\n at [Source: (StringReader); line: 2, column: 6] \
         (at line 2)"
    );
}

/// The messages of `SnakeYAML` 2.4 and Jackson.
#[test]
fn what_was_found_is_named() {
    for (source, expected) in [
        ("a: b\n c: d\n", ": mapping values are not allowed here\n"),
        (
            "a: b: c\n",
            "mapping values are not allowed here\n in 'reader', line 1, column 5:",
        ),
        (
            "a:\n  b: 1\n c: 2\n",
            "expected <block end>, but found '<block mapping start>'",
        ),
        ("a:\n  - b\n  c: d\n", "expected <block end>, but found '?'"),
        ("a: b\n- c\n", "expected <block end>, but found '-'"),
        ("a: [b}\n", "expected ',' or ']', but got }"),
        ("a: ['b'\nc: d\n", "expected ',' or ']', but got <scalar>"),
        ("a: \"b\n", "found unexpected end of stream"),
        (
            "a: >b\n",
            "expected chomping or indentation indicators, but found b(98)",
        ),
        (
            "a: > b\n",
            "expected a comment or a line break, but found b(98)",
        ),
        (
            "a: @b\n",
            "found character '@' that cannot start any token.",
        ),
    ] {
        assert!(
            message_of(source).contains(expected),
            "{source:?}: {}",
            message_of(source)
        );
    }
}

#[test]
fn a_tab_begins_no_token_wherever_it_stands() {
    for source in [
        "a:\t b\n",
        "a: 'b'\t\n",
        "a: b\n\tc: d\n",
        "a: b\n  \tc\n",
        "a: |\n  b\n\tc: d\n",
        "a: [b,\tc]\n",
        "\t# c\na: b\n",
    ] {
        let message_of = message_of(source);
        assert!(
            message_of.contains("found character '\\t(TAB)'"),
            "{source:?}: {message_of}"
        );
    }
    for source in ["a: b\t\n", "a: b\t # c\td\n", "a: 'b\tc'\n", "a: b\tc\n"] {
        let read = first_document(source, DuplicateKeys::Refused);
        assert!(read.is_ok(), "{source:?}");
    }
}

#[test]
fn tabs_within_texts_are_texts() {
    let node = first_document("a: |\n  \tb\n", DuplicateKeys::Refused);
    assert_eq!(
        node.unwrap().unwrap().value(),
        serde_json::json!({"a": "\tb\n"})
    );
    // A block scalar at the end of the source gets no line break added.
    let node = first_document("a: |\n  b\n  c", DuplicateKeys::Refused);
    assert_eq!(
        node.unwrap().unwrap().value(),
        serde_json::json!({"a": "b\nc"})
    );
}

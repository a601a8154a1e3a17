use std::fmt::Write as _;

use super::*;
use crate::tool::fault::FAULTS;
use serde_json::json;

fn rules(source: &str) -> Vec<String> {
    match read(source) {
        Err(Refusal::Rules(faults)) => faults.into_iter().map(|fault| fault.expected).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn gives_the_texts_of_the_top() {
    let names = |source: &str| read(source).expect("a source").names;
    assert_eq!(
        names(
            "# c\nid:   hello\nnamespace: a.b\nlabels: {id: 5}\ntasks:\n  - id: one\n    type: x.Y\n"
        ),
        json!({ "id": "hello", "namespace": "a.b", "labels": null, "tasks": null })
    );
    assert_eq!(
        names("id: \"010\"\nnamespace: 'off'\n"),
        json!({ "id": "010", "namespace": "off" })
    );
    for whole in [
        "\u{feff}id: a\nnamespace: b\n",
        "# licence\n---\nid: a\nnamespace: b\n...\n# end",
        "id: a\r\nnamespace: b\r\n",
        "{id: a, namespace: b}",
        "{\"id\": \"a\", \"namespace\":\"b\"}",
        "? id\n: a\nnamespace: b\n",
    ] {
        let expected = json!({ "id": "a", "namespace": "b" });
        assert_eq!(names(whole), expected, "{whole:?}");
    }
}

#[test]
fn names_are_read_by_kestra_as_they_are_written() {
    for (value, read_as) in [
        ("no", "false"),
        ("Off", "false"),
        ("010", "8"),
        ("1e3", "1000.0"),
        ("0x1F", "31"),
        ("1_000", "1000"),
        (".5", "0.5"),
        ("~", "null"),
        ("", "null"),
        (".inf", "an error"),
    ] {
        for (source, key) in [
            (format!("id: {value}\nnamespace: a\n"), "id"),
            (format!("id: a\nnamespace: {value}\n"), "namespace"),
            (
                format!("id: a\nnamespace: b\ntasks: [{{id: x, type: {value}}}]\n"),
                "type",
            ),
        ] {
            let found = rules(&source);
            assert_eq!(found.len(), 1, "{source}");
            let named = found[0].contains(&format!("quotes round the {key}"));
            let told = found[0].contains(&format!("`{read_as}`"));
            assert!(named && told, "{found:?}");
        }
    }
    for value in [
        "hello",
        "a1",
        "v1.2-x",
        "none",
        "y",
        "n",
        "2026-01-01",
        "1.5",
        "1a",
        "1-1",
        "true",
        "2dcafe",
        "12:30",
    ] {
        let source = format!("id: {value}\nnamespace: a\n");
        assert_eq!(read(&source).expect(value).names["id"], value);
    }
    // A namespace that is not a text is an error inside Kestra.
    for value in ["1", "1.5", "true"] {
        assert_eq!(rules(&format!("id: a\nnamespace: {value}\n")).len(), 1);
    }
}

#[test]
fn ids_that_kestra_changes_in_places_are_warned_of() {
    let warnings = |text: &str| {
        let source = format!("id: a\nnamespace: b\n{text}");
        read(&source).expect("a source").warnings
    };
    for text in [
        "inputs:\n  - id: no\n    type: STRING\n",
        "tasks:\n  - id: p\n    type: T\n    tasks:\n      - id: no\n        type: T\n",
        "tasks:\n  - id: s\n    type: T\n    cases:\n      x:\n        - {id: no, type: T}\n",
        "tasks:\n  - id: d\n    type: T\n    tasks:\n      - task: {id: no, type: T}\n",
        "triggers: [{id: no, type: T}]\n",
    ] {
        let found = warnings(text);
        assert_eq!(found.len(), 1, "{text}");
        assert!(found[0].contains("`false`") && found[0].contains("`id: \"no\"`"));
    }
    for data in [
        "variables:\n  id: no\n  type: 5\n",
        "tasks:\n  - id: x\n    type: T\n    body: {id: no, type: 7}\n    list: [{id: 08, type: no}]\n",
        "tasks:\n  - id: y\n    type: T\n",
    ] {
        assert_eq!(warnings(data), [] as [&str; 0], "{data}");
    }
    let many: String = (0..100).map(|_| "  - {id: no, type: T}\n").collect();
    assert_eq!(warnings(&format!("inputs:\n{many}")).len(), FAULTS);
}

#[test]
fn refuses_what_hides_another_meaning() {
    let expression = "quotes round the expression";
    for (source, word) in [
        ("id: a\nnamespace: b\nnamespace: c\n", "each key once"),
        ("id: a\nnamespace: b\nx: {y: 1, 'y': 2}\n", "each key once"),
        ("id: &a x\nnamespace: b\n", "anchor"),
        ("&a id: x\nnamespace: b\n", "anchor"),
        ("&a {id: x, namespace: b}\n", "anchor"),
        ("x: &a b\nid: y\nnamespace: *a\n", "alias"),
        ("x: &a b\nid: y\nnamespace: b\n*a : c\n", "alias"),
        ("id: a\nnamespace: b\nx: *a\n", "stands, whole, before it"),
        (
            "id: a\nnamespace: b\nx: &a [*a]\n",
            "stands, whole, before it",
        ),
        ("id: a\nnamespace: b\n<<: {x: 1}\n", "merge"),
        ("id: !!str a\nnamespace: b\n", "tag"),
        ("id: a\nnamespace: b\n? [x]\n: y\n", "a plain text as key"),
        ("id: a\nnamespace: b\n? |\n  x", "a plain text as key"),
        ("---\n\u{feff}id: a\nnamespace: b\n", "byte order mark"),
        ("id: a\n\u{feff}namespace: b\n", "byte order mark"),
        ("id: a\nnamespace: b\nx: {{ y }}\n", expression),
        ("id: a\nnamespace: b\nx: {{ y }} z\n", expression),
        (
            "id: a\nnamespace: b\n---\nid: c\nnamespace: d\n",
            "one document",
        ),
        ("id: a\nnamespace: b\n...\n---\nid: c\n", "one document"),
        ("%YAML 1.1\n---\nid: a\nnamespace: b\n", "no directives"),
        ("# c\n%TAG ! x\n---\nid: a\nnamespace: b\n", "no directives"),
        ("id: a\nnamespace: b\n---z: 1\n", "begins with `---`"),
        (
            "id: a\nnamespace: b\nx: \"\n---id: y\"\n",
            "begins with `---`",
        ),
        (
            "id: a\nnamespace: b\nx: &v [1]\ny: &v [*v, *v]\n",
            "each anchor",
        ),
        ("- a\n", "a mapping"),
        ("text\n", "a mapping"),
        ("", "one YAML document"),
        ("# only this", "one YAML document"),
        (
            "id: a\nnamespace: b\ndescription: '[redacted:secret]'\n",
            "original text",
        ),
    ] {
        let faults = rules(source);
        let told = faults.iter().any(|fault| fault.contains(word));
        assert!(told, "{source}: {faults:?}");
    }
}

#[test]
fn a_line_ends_where_everybody_sees_it() {
    for hidden in ['\u{85}', '\u{2028}', '\u{2029}', '\r'] {
        for source in [
            format!(
                "id: y\n# x{hidden}description: \"\nnamespace: good\n# \"{hidden}namespace: evil\n"
            ),
            format!("id: y\nnamespace: good\n# x{hidden}triggers: []\n"),
            format!("id: y\nnamespace: good\ndescription: a{hidden}  b\n"),
            format!("id: y\nnamespace: good\ndescription: |\n  a{hidden}  b\n"),
            format!("id: y{hidden}namespace: good\n"),
            format!("id: y\nnamespace: good # \"{hidden}\"\n"),
        ] {
            let faults = rules(&source);
            let told = faults.iter().any(|fault| fault.contains("carriage return"));
            assert!(told, "{source:?}: {faults:?}");
        }
        for quote in ['"', '\''] {
            let source = format!("id: y\nnamespace: b\nx: {quote}a{hidden} b{quote}\nz: c\n");
            assert!(read(&source).is_ok(), "{source:?}");
        }
    }
}

#[test]
fn anchors_and_aliases_repeat_a_bounded_number_of_nodes() {
    assert!(read("id: a\nnamespace: b\nx: &v {y: [1, 2]}\nz: [*v, *v]\n").is_ok());
    let mut bomb = String::from("id: a\nnamespace: b\nx0: &x0 [1, 2]\n");
    for level in 1..30 {
        let before = level - 1;
        writeln!(bomb, "x{level}: &x{level} [*x{before}, *x{before}]").expect("memory");
    }
    assert!(rules(&bomb)[0].contains("at most 10000 nodes"));
}

#[test]
fn what_is_wrong_is_told_twenty_times_and_counted() {
    let many: String = (0..1000).map(|_| "x: 1\n").collect();
    let faults = rules(&format!("id: a\nnamespace: b\n{many}"));
    assert_eq!(faults.len(), FAULTS + 1);
    assert_eq!(faults[FAULTS], "and 979 more");
}

#[test]
fn what_two_readers_differ_on_is_told_where_nobody_else_reads() {
    let names = ["namespace", "id"].map(str::to_owned);
    let good = "id: a\nnamespace: b\nx:\n  - y: \"z\"\n";
    assert!(examine(good, &names).is_ok());
    for source in [
        "id: a\nnamespace: b\nx: \"a\u{85}b\"\n",
        "id: a\nnamespace: b\ntasks:\n  - x: [\n    y\n  ]\n",
    ] {
        assert!(read(source).is_ok(), "{source:?}");
        assert!(examine(source, &[]).is_ok());
        let found = examine(source, &names).expect_err(source);
        assert!(
            found[0].expected.contains("two readers"),
            "{source:?}: {found:?}"
        );
    }
}

#[test]
fn names_are_path_segments() {
    for (key, text) in [("id", "A.b-c_9"), ("id", "9"), ("namespace", "a.b-c_9")] {
        assert_eq!(misnamed(key, Some(text)), None, "{text}");
    }
    assert_eq!(misnamed("id", Some(&"a".repeat(100))), None);
    let long = "a".repeat(151);
    for text in [
        "",
        "a/b",
        "a..b",
        "a.",
        "-a",
        "a b",
        "ü",
        "a%2F",
        "a\n",
        long.as_str(),
    ] {
        assert!(misnamed("id", Some(text)).is_some(), "{text:?}");
        assert!(misnamed("namespace", Some(text)).is_some(), "{text:?}");
    }
    assert!(misnamed("namespace", Some("Team")).is_some());
    assert!(misnamed("id", None).is_some());
}

#[test]
fn bounds_size_and_depth() {
    let fits = format!("id: a\nnamespace: b\nx: {}", "y".repeat(BYTES));
    assert!(read(&fits[..BYTES]).is_ok());
    assert_eq!(rules(&fits[..=BYTES]), ["a source of at most 256 KiB"]);
    let deep = |levels: usize| {
        format!(
            "id: a\nnamespace: b\nx: {}{}\n",
            "[".repeat(levels),
            "]".repeat(levels)
        )
    };
    assert!(read(&deep(63)).is_ok());
    assert_eq!(rules(&deep(64)).len(), 1);
    assert!(read(&deep(100_000)).is_err());
}

#[test]
fn says_where_yaml_breaks() {
    let Err(Refusal::Syntax { line, .. }) = read("id: a\nnamespace: b\ntasks: [\n") else {
        panic!()
    };
    assert!(line >= 3);
}

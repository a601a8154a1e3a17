//! How sources are read, compared with a second reader and with what real servers said of them.

use kestra_mcp::tool::source::{self, Outline, Refusal};
use saphyr::{LoadableYamlNode as _, Scalar, Yaml};
use serde_json::Value;
use simulator::odd_sources;

/// What two real servers answered when they validated and saved small sources.
const VERDICTS: &str = include_str!("../../simulator/tests/recordings/verdicts.json");

/// The text under a top-level key, by the other reader.
fn text(yaml: &Yaml<'_>, key: &str) -> Option<String> {
    match yaml.as_mapping_get(key)? {
        Yaml::Value(Scalar::String(text)) => Some(text.to_string()),
        _ => None,
    }
}

#[test]
fn a_second_reader_finds_the_same_names() {
    let mut both = 0;
    for source in odd_sources(7).take(20_000) {
        let Ok(Outline { names, .. }) = source::read(&source) else {
            continue;
        };
        let Ok(documents) = Yaml::load_from_str(&source) else {
            continue;
        };
        for key in ["id", "namespace"] {
            // Where only one reader sees text, Kestra decides.
            if let (Some(ours), Some(theirs)) = (names[key].as_str(), text(&documents[0], key)) {
                assert_eq!(ours, theirs, "{source:?}");
            }
        }
        both += 1;
    }
    assert!(both > 2_000, "{both}");
}

/// Rules that deliberately refuse what Kestra accepts.
const ON_PURPOSE: [&str; 6] = [
    "without a tag",
    "merge keys",
    "each key once",
    "quotes round the",
    "final dot",
    "original text",
];

#[test]
fn sources_that_real_servers_save_are_accepted_unless_a_rule_says_otherwise() {
    let verdicts: Value = serde_json::from_str(VERDICTS).unwrap();
    let mut taken = 0;
    for verdict in verdicts.as_array().unwrap() {
        let (name, source) = (&verdict["name"], verdict["source"].as_str().unwrap());
        for line in ["1.3", "2.0-dev"] {
            let saved = &verdict["verdict"][line]["save"];
            if saved[0] != 200 {
                continue;
            }
            match source::examine(source, &[]) {
                Ok(Some(read)) => {
                    let text = |key: &str| read.names[key].as_str().unwrap();
                    let ours = format!("{}/{}", text("namespace"), text("id"));
                    assert_eq!(saved[1], ours, "{name} on {line}");
                    let misnamed = ["namespace", "id"]
                        .map(|key| source::misnamed(key, read.names[key].as_str()));
                    for expected in misnamed.into_iter().flatten() {
                        assert!(is_on_purpose(&expected), "{name} on {line}: {expected}");
                    }
                    taken += 1;
                }
                Ok(None) => panic!("{name} on {line}: {:?}", source::read(source)),
                Err(faults) => {
                    let meant = faults.iter().all(|fault| is_on_purpose(&fault.expected));
                    assert!(meant, "{name} on {line}: {faults:?}");
                }
            }
        }
    }
    assert!(taken > 200, "{taken}");
}

fn is_on_purpose(expected: &str) -> bool {
    ON_PURPOSE.iter().any(|rule| expected.contains(rule))
}

#[test]
fn sources_made_to_take_long_do_not() {
    let most = source::BYTES;
    for part in [
        "- ", "[", "{", "? ", "a: ", "a:\n", "\"", "'", "&a ", "*a ", "!a ", "# ", "\n", "\t",
        "{a: [", "- - - ", "|\n", ">\n ", "a,", "[a,", "\u{2028}", "\u{feff}", "\\", "%", "---\n",
        "é", "a: b\n", "{a: b}, ", "  a\n", "\"\\x41",
    ] {
        for head in [
            "",
            "id: a\nx: ",
            "id: a\nx:\n  - ",
            "id: a\nx: \"",
            "id: a\nx: |\n  ",
            "{a: [",
        ] {
            let source = head.to_owned() + &part.repeat((most - head.len()) / part.len());
            // Only that it ends matters here.
            if let Err(Refusal::Rules(faults)) = source::read(&source) {
                assert!(faults.len() <= 21, "{head:?} {part:?}");
            }
        }
    }
}

//! Compares the simulator with the answers of two real servers to requests that validate and save
//! small sources.
//!
//! Answers are compared byte for byte, with two exceptions. Kestra holds constraints in a set, so
//! they come in any order: they are sorted first. The recordings cut the errors of failed saves
//! after [`CUT`] characters: only that much is compared.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests may panic"
)]

use std::{collections::BTreeMap, path::Path};

use serde_json::{Map, Value, json};
use simulator::{Dialect, Settings, Simulator};

#[path = "replay/client.rs"]
mod client;

/// The recorded length of the error of a failed save, in characters.
const CUT: usize = 400;

#[tokio::test]
async fn says_what_1_3_said() {
    hold(Dialect::V1_3).await;
}

#[tokio::test]
async fn says_what_the_development_build_of_2_0_said() {
    hold(Dialect::V2_0Dev).await;
}

#[tokio::test]
async fn validates_as_1_3_did_in_the_second_recording() {
    validate_recorded(Dialect::V1_3).await;
}

#[tokio::test]
async fn validates_as_the_development_build_of_2_0_did_in_the_second_recording() {
    validate_recorded(Dialect::V2_0Dev).await;
}

/// The 181 sources.
async fn hold(dialect: Dialect) {
    let recorded = recording("verdicts.json");
    let recorded = recorded.as_array().unwrap();
    assert_eq!(recorded.len(), 181, "recordings are missing");
    let mut differences = Differences::default();
    for case in recorded {
        let said = &case["verdict"][dialect.to_string()];
        let server = server(dialect).await;
        let name = case["name"].as_str().unwrap();
        let source = &case["source"];
        let validated = post(&server, "/api/v1/main/flows/validate", source).await;
        let (status, verdicts) = (validated.status, body(&validated));
        let list =
            |verdicts: &Value| -> Value { verdicts.as_array().unwrap().iter().map(told).collect() };
        let ours = json!([status, list(&verdicts)]);
        let theirs = json!([said["validate"][0], list(&said["validate"][1])]);
        differences.note(&format!("{name}: validate"), &ours, &theirs);
        save(&server, name, source, &said["save"], &mut differences).await;
        if said["save"][0] == 200 {
            let ours = named(&verdicts[0]["namespace"], &verdicts[0]["flow"]);
            let what = format!("{name}: what validation names");
            differences.note(&what, &ours, &said["save"][1]);
        }
    }
    differences.are_none();
}

/// All validations of the second recording, and all sources that it saved.
async fn validate_recorded(dialect: Dialect) {
    let recorded = &recording("second-visit.json")[dialect.to_string()];
    let (validations, saves) = (
        recorded["validations"].as_array().unwrap(),
        recorded["saves"].as_array().unwrap(),
    );
    assert!(
        validations.len() > 30 && saves.len() > 30,
        "recordings are missing"
    );
    let mut differences = Differences::default();
    for saved in saves {
        let (name, server) = (saved["name"].as_str().unwrap(), server(dialect).await);
        save(
            &server,
            name,
            &saved["source"],
            &saved["save"],
            &mut differences,
        )
        .await;
    }
    let server = server(dialect).await;
    // The sources saved by then.
    let before = "id: simple\nnamespace: rec2.team\ntasks:\n  - id: a\n    type: \
                  io.kestra.plugin.core.log.Log\n    message: x\n";
    server.save_flow(before).unwrap();
    for validation in validations {
        let (request, theirs) = (&validation["request"], &validation["response"]);
        let answer = client::send(&server.url(), request, &BTreeMap::new()).await;
        let mut ours = body(&answer);
        let mut theirs = json!([theirs["status"], theirs["body"]]);
        for verdict in [&mut ours, &mut theirs[1]] {
            sort(verdict);
        }
        let ours = json!([answer.status, ours]);
        differences.note(validation["name"].as_str().unwrap(), &ours, &theirs);
    }
    differences.are_none();
}

/// Compares the answer to a save, and the ids in it.
async fn save(
    server: &Simulator,
    name: &str,
    source: &Value,
    said: &Value,
    differences: &mut Differences,
) {
    let saved = post(server, "/api/v1/main/flows", source).await;
    let (status, answer) = (saved.status, body(&saved));
    let (ours, theirs) = if status == 200 {
        (named(&answer["namespace"], &answer["id"]), said[1].clone())
    } else {
        let theirs = said[1].as_str().unwrap();
        let cut = if theirs.chars().count() == CUT {
            CUT
        } else {
            usize::MAX
        };
        let ours = answer["message"].as_str().unwrap().chars().take(cut);
        (sorted(&ours.collect::<String>()), sorted(theirs))
    };
    let what = format!("{name}: save");
    differences.note(&what, &json!([status, ours]), &json!([said[0], theirs]));
}

#[derive(Default)]
struct Differences(Vec<String>);

impl Differences {
    fn note(&mut self, what: &str, ours: &Value, theirs: &Value) {
        if ours != theirs {
            self.0
                .push(format!("{what}\n    ours:   {ours}\n    theirs: {theirs}"));
        }
    }

    fn are_none(&self) {
        let list = self.0.join("\n");
        assert!(self.0.is_empty(), "{} differences\n{list}", self.0.len());
    }
}

fn recording(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings");
    serde_json::from_str(&std::fs::read_to_string(folder.join(name)).unwrap()).unwrap()
}

async fn server(dialect: Dialect) -> Simulator {
    Simulator::start(Settings::new(dialect)).await.unwrap()
}

async fn post(server: &Simulator, path: &str, source: &Value) -> client::Answer {
    let request = json!({
        "method": "POST", "path": path, "query": [], "credential": "right", "body": source,
        "headers": {"Content-Type": "application/x-yaml"},
    });
    client::send(&server.url(), &request, &BTreeMap::new()).await
}

fn body(answer: &client::Answer) -> Value {
    assert_eq!(answer.content_type.as_deref(), Some("application/json"));
    serde_json::from_slice(&answer.body).unwrap()
}

fn named(namespace: &Value, id: &Value) -> Value {
    match (namespace.as_str(), id.as_str()) {
        (Some(namespace), Some(id)) => json!(format!("{namespace}/{id}")),
        _ => json!({"namespace": namespace, "id": id}),
    }
}

/// A verdict without its names, `false` flags and empty lists.
fn told(verdict: &Value) -> Value {
    let mut verdict = verdict.clone();
    sort(&mut verdict);
    let fields = verdict.as_object().unwrap().iter();
    let fields: Map<String, Value> = fields
        .filter(|(key, _)| !matches!(key.as_str(), "index" | "namespace" | "flow"))
        .filter(|(_, value)| **value != json!(false) && **value != json!([]))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    Value::Object(fields)
}

/// Sorts the constraints of a verdict or of several.
fn sort(verdicts: &mut Value) {
    let list = match verdicts {
        Value::Array(list) => list.iter_mut().collect(),
        verdict => vec![verdict],
    };
    for verdict in list {
        if let Some(text) = verdict["constraints"].as_str() {
            verdict["constraints"] = sorted(text);
        }
    }
}

/// A message with its constraints, one a line, sorted.
fn sorted(text: &str) -> Value {
    let begin = ["Validation error: ", "Invalid entity: "];
    let rest = begin.iter().find_map(|begin| text.strip_prefix(begin));
    match rest {
        Some(rest) if rest.ends_with('\n') => {
            let mut lines: Vec<&str> = rest.lines().collect();
            lines.sort_unstable();
            json!(lines)
        }
        _ => json!(text),
    }
}

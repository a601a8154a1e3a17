//! Replays recordings of real servers: the simulator must answer each request with the same
//! status, media type and shape of JSON.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests may panic and print"
)]

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::Value;
use simulator::{Clock, Dialect, Settings, Simulator};

#[path = "replay/client.rs"]
mod client;
#[path = "replay/shape.rs"]
mod shape;

/// Routes that the simulator does not model: line, method, path (`{}` stands for a segment).
const UNMODELLED: &[(&str, &str, &str)] = &[
    ("1.3", "GET", "/swagger/kestra.yml"),
    ("2.0-dev", "GET", "/swagger/kestra.yml"),
    ("1.3", "GET", "/api/v1/main/usages/all"),
    ("2.0-dev", "GET", "/api/v1/main/usages/all"),
    ("1.3", "GET", "/api/v1/plugins"),
    ("2.0-dev", "GET", "/api/v1/plugins"),
];

/// Exchanges that the simulator answers differently: recording, number, reason.
const OTHERWISE: &[(&str, u64, &str)] = &[
    ("1.3-b", 559, EVALUATED),
    ("1.3-b", 571, EVALUATED),
    ("1.3-b", 898, OVERWRITTEN),
    ("2.0-dev", 234, FAST),
    ("2.0-dev-b", 19, SLOW),
    ("2.0-dev-b", 39, SLOW),
    ("2.0-dev-b", 42, SLOW),
    ("2.0-dev-b", 45, SLOW),
    ("2.0-dev-b", 47, SLOW),
    ("2.0-dev-b", 52, SLOW),
    ("2.0-dev-b", 84, FAST),
    ("2.0-dev-b", 101, SLOW),
    (
        "2.0-dev-b",
        103,
        "a restart of a pause fails there now and then",
    ),
    (
        "2.0-dev-b",
        234,
        "a bulk action is done before the answer here",
    ),
    ("2.0-dev-b", 924, OVERWRITTEN),
    ("2.0-dev-b", 1145, FAST),
];

const SLOW: &str = "the answer was made before the pause, which takes no time here";
const FAST: &str = "the first task had begun, or ended, when the answer was made";
const EVALUATED: &str = "the scheduler had looked at the trigger in between";
const OVERWRITTEN: &str = "a directory has the size of a file that was written in its place";

/// The start of a replay, in milliseconds since the epoch.
const START_MS: u64 = 1_795_244_000_000;

#[tokio::test]
async fn answers_as_1_3_did() {
    replay(Dialect::V1_3, "").await;
}

#[tokio::test]
async fn answers_as_the_development_build_of_2_0_did() {
    replay(Dialect::V2_0Dev, "").await;
}

#[tokio::test]
async fn answers_as_1_3_did_in_the_second_recording() {
    replay(Dialect::V1_3, "-b").await;
}

#[tokio::test]
async fn answers_as_the_development_build_of_2_0_did_in_the_second_recording() {
    replay(Dialect::V2_0Dev, "-b").await;
}

/// Replays a recording; of the second ones only exchanges of routes that change things or show the
/// change.
async fn replay(dialect: Dialect, visit: &str) {
    let line = format!("{dialect}{visit}");
    let exchanges = recordings(&line);
    let clock = Clock::manual(START_MS);
    let settings = Settings {
        clock: clock.clone(),
        ..Settings::new(dialect)
    };
    let server = Simulator::start(settings).await.unwrap();
    let mut ids = BTreeMap::new();
    let mut faults = Vec::new();
    let mut verdicts: BTreeMap<usize, bool> = BTreeMap::new();
    let mut unmodelled = 0;
    for exchange in &exchanges {
        let (request, recorded) = (&exchange["request"], &exchange["response"]);
        // The recording has the time of the request; the answer shows the time of its end.
        let at = exchange["at_ms"].as_u64().unwrap() + recorded["ms"].as_u64().unwrap();
        clock.set(START_MS + at);
        let answer = client::send(&server.url(), request, &ids).await;
        let mut found = shape::differences(recorded, &answer, &mut ids);
        let path = request["path"].as_str().unwrap();
        let method = request["method"].as_str().unwrap();
        let listed = UNMODELLED
            .iter()
            .position(|(l, m, template)| *l == line && *m == method && fits(template, path));
        if let Some(entry) = listed {
            unmodelled += 1;
            *verdicts.entry(entry).or_insert(true) &= found.is_empty();
            continue;
        }
        let (seq, name) = (&exchange["seq"], &exchange["name"]);
        let otherwise = OTHERWISE
            .iter()
            .any(|(l, number, _)| *l == line && Some(*number) == seq.as_u64());
        if otherwise == found.is_empty() {
            if otherwise {
                found.push("is answered as recorded: take it off the list".to_owned());
            }
            faults.push(format!(
                "#{seq} {name} {method} {path}\n    {}",
                found.join("\n    ")
            ));
        }
    }
    println!(
        "{line}: {} exchanges, {unmodelled} on routes not modelled",
        exchanges.len()
    );
    for (entry, (l, method, template)) in UNMODELLED.iter().enumerate() {
        match verdicts.get(&entry) {
            Some(true) => faults.push(format!(
                "modelled, take it off the list: {method} {template}"
            )),
            None if *l == line => faults.push(format!("no exchange: {method} {template}")),
            _ => {}
        }
    }
    assert!(
        faults.is_empty(),
        "{} differences\n{}",
        faults.len(),
        faults.join("\n")
    );
}

fn recordings(line: &str) -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/recordings")
        .join(line);
    let mut all: Vec<Value> = fs::read_dir(folder)
        .unwrap()
        .flat_map(|file| {
            let text = fs::read_to_string(file.unwrap().path()).unwrap();
            serde_json::from_str::<Vec<Value>>(&text).unwrap()
        })
        .collect();
    all.sort_by_key(|exchange| exchange["seq"].as_u64());
    assert!(all.len() > 300, "recordings are missing");
    all
}

fn fits(template: &str, path: &str) -> bool {
    let (a, b) = (template.split('/'), path.split('/'));
    a.clone().count() == b.clone().count() && a.zip(b).all(|(a, b)| a == "{}" || a == b)
}

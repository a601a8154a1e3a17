//! The flows that the demo and `cargo e2e` save on real servers are valid by what is known of
//! Kestra, on every line.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use simulator::{Dialect, PASSWORD, Settings, Simulator, USERNAME};

/// The sources in `folder`, by their paths.
const FOLDERS: [(&str, usize); 3] = [("examples/demo", 2), ("e2e/flows", 5), ("e2e/flows/sdk", 4)];

fn sources(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let files = std::fs::read_dir(folder).unwrap();
    let files = files.map(|file| file.unwrap().path());
    files
        .filter(|file| file.extension().is_some_and(|end| end == "yaml"))
        .collect()
}

/// What the simulator answers to a validation of `source`, and to its save.
async fn said(simulator: &Simulator, source: &str) -> (Value, Result<u64, String>) {
    let answer = reqwest::Client::builder()
        .no_proxy()
        .build()
        .unwrap()
        .post(format!("{}/api/v1/main/flows/validate", simulator.url()))
        .basic_auth(USERNAME, Some(PASSWORD))
        .header("content-type", "application/x-yaml")
        .body(source.to_owned())
        .send()
        .await
        .unwrap();
    let verdicts: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    let saved = simulator.save_flow(source).map_err(|why| why.to_string());
    (verdicts, saved)
}

#[tokio::test]
async fn samples_are_accepted_by_every_line() {
    for dialect in Dialect::ALL {
        let simulator = Simulator::start(Settings::new(dialect)).await.unwrap();
        for (folder, count) in FOLDERS {
            let files = sources(folder);
            assert_eq!(files.len(), count, "{folder}");
            for (number, file) in files.iter().enumerate() {
                let rest = std::fs::read_to_string(file).unwrap();
                let namespace = folder.replace('/', ".");
                let source = format!("id: sample-{number}\nnamespace: {namespace}\n{rest}");
                let (verdicts, saved) = said(&simulator, &source).await;
                let name = file.display();
                let expected = json!([{
                    "index": 0, "namespace": namespace, "flow": format!("sample-{number}"),
                    "outdated": false, "deprecationPaths": [], "warnings": [], "infos": [],
                }]);
                assert_eq!(verdicts, expected, "{dialect}: {name}");
                assert_eq!(saved, Ok(1), "{dialect}: {name}");
            }
        }
    }
}

#[tokio::test]
async fn the_rules_are_those_that_were_once_broken() {
    let task = "tasks:\n  - {id: t, type: io.kestra.plugin.core.log.Log, message: hi}\n";
    let input = "inputs:\n  - {id: x, type: INT, required: false, defaults: 7}\n";
    let needed = "inputs:\n  - {id: x, type: INT, required: false}\n";
    let schedule =
        "triggers:\n  - {id: s, type: io.kestra.plugin.core.trigger.Schedule, cron: '0 0 1 1 *'}\n";
    for dialect in Dialect::ALL {
        let simulator = Simulator::start(Settings::new(dialect)).await.unwrap();
        for (more, why) in [
            (input.to_owned(), Some("must be required")),
            (
                format!("{needed}{schedule}"),
                dialect
                    .is_v2()
                    .then_some("Missing inputs for Schedule Trigger 's'"),
            ),
        ] {
            let source = format!("id: f\nnamespace: a\n{task}{more}");
            let (verdicts, saved) = said(&simulator, &source).await;
            let message = verdicts[0]["constraints"].as_str().unwrap_or_default();
            match why {
                Some(why) => {
                    assert!(message.contains(why), "{dialect}: {message}");
                    assert!(saved.unwrap_err().contains(why), "{dialect}");
                }
                None => assert_eq!((message, saved), ("", Ok(1)), "{dialect}"),
            }
        }
    }
}

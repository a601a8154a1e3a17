//! The inputs of a start.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::contract::answer::has;
use crate::contract::hostile::says;
use crate::contract::world::World;
use crate::contract::{everywhere, simulated};

everywhere![
    every_type_of_input_reaches_kestra,
    wrong_inputs_start_nothing_and_are_reported_together,
];

simulated![
    a_file_of_one_mebibyte_reaches_kestra,
    inputs_that_kestra_refuses_are_invalid_arguments_in_its_words,
];

const TYPED: &str = "id: typed
namespace: {ns}
inputs:
  - {id: s, type: STRING}
  - {id: i, type: INT, min: 1, max: 9}
  - {id: f, type: FLOAT, required: false}
  - {id: b, type: BOOL, required: false}
  - {id: dt, type: DATETIME, required: false}
  - {id: d, type: DATE, required: false}
  - {id: t, type: TIME, required: false}
  - {id: du, type: DURATION, required: false}
  - {id: j, type: JSON, required: false}
  - {id: y, type: YAML, required: false}
  - {id: u, type: URI, required: false}
  - {id: e, type: EMAIL, required: false}
  - {id: a, type: ARRAY, itemType: INT, required: false}
  - {id: sel, type: SELECT, values: [red, green], required: false}
  - {id: ms, type: MULTISELECT, values: [x, y], required: false}
  - {id: file, type: FILE, required: false}
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: ok
";

async fn every_type_of_input_reaches_kestra(world: &mut World) {
    world.save(TYPED).await;
    let ns = world.namespace.clone();
    let inputs = json!({
        "s": "text with ü", "i": "7", "f": 1.5, "b": true, "dt": "2026-01-02T05:04:05+02:00", "d": "2026-01-02",
        "t": "03:04:05", "du": "PT5M", "j": { "k": [1, "two"] }, "y": "a: 1", "u": "https://example.test/x",
        "e": "a@example.test", "a": [1, 2], "sel": "red", "ms": ["x"],
        "file": { "filename": "a.txt", "content": "line\nline" },
    });
    let arguments =
        json!({ "namespace": ns, "flow_id": "typed", "inputs": inputs, "wait_seconds": 60 });
    let done = world.call("execute_flow", arguments).await;
    assert_eq!(done["state"], "SUCCESS", "{done}");
    let id = done["execution_id"].clone();
    let read = world
        .call(
            "get_execution",
            json!({ "execution_id": id, "include": ["inputs"] }),
        )
        .await;
    let seen = &read["untrusted"]["inputs"];
    has(
        seen,
        json!({ "s": "text with ü", "i": 7, "b": true, "a": [1, 2] }),
    );
    assert_eq!(seen["j"], json!({ "k": [1, "two"] }));
    assert!(
        seen["file"].as_str().unwrap().starts_with("kestra:///"),
        "{seen}"
    );
}

/// Byte for byte, however the message escapes its characters.
async fn a_file_of_one_mebibyte_reaches_kestra(world: &mut World) {
    const MIB: usize = 1 << 20;
    world.save(TYPED).await;
    let ns = world.namespace.clone();
    let bytes: Vec<u8> = (0..MIB).map(|at| u8::try_from(at % 251).unwrap()).collect();
    let lines = "\"\n".repeat(MIB / 2);
    for (file, expected) in [
        (
            json!({ "filename": "a.bin", "base64": STANDARD.encode(&bytes) }),
            bytes.as_slice(),
        ),
        (
            json!({ "filename": "a.txt", "content": lines }),
            lines.as_bytes(),
        ),
    ] {
        world.forget();
        let inputs = json!({ "s": "x", "i": 1, "file": file });
        for inputs in [inputs.clone(), inputs.to_string().into()] {
            let arguments = json!({ "namespace": ns, "flow_id": "typed", "inputs": inputs });
            world.call("execute_flow", arguments).await;
        }
        let requests = world.requests();
        let posts: Vec<_> = requests
            .iter()
            .filter(|request| request.method == "POST")
            .collect();
        assert_eq!(posts.len(), 2);
        for post in posts {
            let found = post.body.windows(MIB).any(|part| part == expected);
            assert!(found, "{} bytes", post.body.len());
        }
    }
    world.forget();
    let file = json!({ "filename": "a.bin", "base64": STANDARD.encode(vec![0; MIB + 1]) });
    let arguments = json!({ "namespace": ns, "flow_id": "typed", "inputs": { "s": "x", "i": 1, "file": file } });
    let error = world.refused("execute_flow", arguments).await;
    has(
        &error,
        json!({ "code": "INVALID_ARGUMENT", "/faults/0/input": "file" }),
    );
}

async fn wrong_inputs_start_nothing_and_are_reported_together(world: &mut World) {
    world.save(TYPED).await;
    let ns = world.namespace.clone();
    let inputs = json!({ "i": "five", "sel": "blue", "file": "/etc/passwd", "slect": 1 });
    let error = world
        .refused(
            "execute_flow",
            json!({ "namespace": ns, "flow_id": "typed", "inputs": inputs }),
        )
        .await;
    assert_eq!(error["code"], "INVALID_ARGUMENT");
    let faults: Vec<&str> = error["faults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| fault["input"].as_str().unwrap())
        .collect();
    assert_eq!(faults, ["slect", "s", "i", "sel", "file"], "{error}");
    assert!(
        !error.to_string().contains("/etc/passwd") && !error.to_string().contains("five"),
        "{error}"
    );
    let list = world
        .call("list_executions", json!({ "namespace": ns }))
        .await;
    assert_eq!(list["items"], json!([]));
}

async fn inputs_that_kestra_refuses_are_invalid_arguments_in_its_words(world: &mut World) {
    world.save(TYPED).await;
    let words = "Invalid entity: Invalid value for input `i`. Cause: it must be less than `9`";
    says(
        world,
        "POST",
        "*/executions/*",
        422,
        json!({ "message": words }).to_string(),
    );
    let error = world.refused("execute_flow", json!({ "namespace": world.namespace, "flow_id": "typed", "inputs": { "s": "x", "i": 1 } })).await;
    has(
        &error,
        json!({ "code": "INVALID_ARGUMENT", "retryable": false }),
    );
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains(words) && message.contains("nothing was started"),
        "{error}"
    );
}

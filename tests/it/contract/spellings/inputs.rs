//! Inputs are read by the types that the flow declares.

use serde_json::{Value, json};

use super::TYPED;
use crate::contract::everywhere;
use crate::contract::world::World;

everywhere![
    inputs_are_read_by_their_declared_types,
    a_file_may_be_the_json_text_of_its_object,
    durations_in_either_case_and_negative_ones_start_unproven,
    inputs_that_do_not_fit_their_types_start_nothing,
];

async fn inputs_are_read_by_their_declared_types(world: &mut World) {
    world.save(TYPED).await;
    let ns = world.namespace.clone();
    let plain =
        json!({ "s": "5", "i": 5, "f": 1.5, "b": true, "a": [1, 2], "sel": "2", "ms": ["true"] });
    let odd = json!({ "s": 5, "i": 5.0, "f": "1.5", "b": "True", "a": "[1, 2.0]", "sel": 2, "ms": [true] });
    let alone = json!({ "s": "5", "i": "5.0", "f": 1.5, "b": "true", "a": [1.0, "2"], "sel": "2", "ms": true });
    let text = Value::String(odd.to_string());
    let mut seen = Vec::new();
    for inputs in [plain, odd, alone, text] {
        let arguments =
            json!({ "namespace": ns, "flow_id": "typed", "inputs": inputs, "wait_seconds": "60" });
        let done = world.call("execute_flow", arguments).await;
        assert_eq!(done["state"], "SUCCESS", "{done}");
        assert!(done["waited_seconds"].is_u64(), "{done}");
        let read = world
            .call(
                "get_execution",
                json!({ "execution_id": done["execution_id"], "include": "inputs" }),
            )
            .await;
        seen.push(read["untrusted"]["inputs"].clone());
    }
    assert_eq!(
        (&seen[0]["s"], &seen[0]["i"], &seen[0]["a"], &seen[0]["ms"]),
        (&json!("5"), &json!(5), &json!([1, 2]), &json!(["true"]))
    );
    assert!(seen.iter().all(|inputs| *inputs == seen[0]), "{seen:?}");
}

async fn a_file_may_be_the_json_text_of_its_object(world: &mut World) {
    world.save(TYPED).await;
    let file = "{\"filename\": \"a.txt\", \"content\": \"line\"}";
    let arguments = json!({ "namespace": world.namespace, "flow_id": "typed", "inputs": { "s": "x", "i": 1, "file": file }, "wait_seconds": 60 });
    let done = world.call("execute_flow", arguments).await;
    let read = world
        .call(
            "get_execution",
            json!({ "execution_id": done["execution_id"], "include": ["inputs"] }),
        )
        .await;
    assert!(
        read["untrusted"]["inputs"]["file"]
            .as_str()
            .unwrap()
            .starts_with("kestra:///"),
        "{read}"
    );
}

async fn durations_in_either_case_and_negative_ones_start_unproven(world: &mut World) {
    world.save(TYPED).await;
    for (given, seconds) in [("pt5m", 300.0), ("-PT5M", -300.0), ("P1DT1.5S", 86_401.5)] {
        let arguments = json!({ "namespace": world.namespace, "flow_id": "typed", "inputs": { "s": "x", "i": 1, "du": given }, "wait_seconds": 60 });
        let done = world.call("execute_flow", arguments).await;
        assert_eq!(done["state"], "SUCCESS", "{done}");
        let read = world
            .call(
                "get_execution",
                json!({ "execution_id": done["execution_id"], "include": ["inputs"] }),
            )
            .await;
        assert_eq!(read["untrusted"]["inputs"]["du"], json!(seconds), "{read}");
    }
}

async fn inputs_that_do_not_fit_their_types_start_nothing(world: &mut World) {
    world.save(TYPED).await;
    let ns = world.namespace.clone();
    let rows = [
        ("i", json!(1.5)),
        ("i", json!("five")),
        ("i", json!(3_000_000_000_i64)),
        ("i", json!("3000000000")),
        ("i", json!(true)),
        ("f", json!("NaN")),
        ("b", json!("yes")),
        ("b", json!(1)),
        ("s", json!(["a"])),
        ("s", json!(1e30)),
        ("sel", json!(3)),
        ("sel", json!(2.5)),
        ("ms", json!([1])),
        ("ms", json!("[x]")),
        ("a", json!("[1, \"q\"]")),
        ("a", json!("{\"0\": 1}")),
        ("d", json!("2026-1-2")),
        ("d", json!("2026-02-30")),
        ("t", json!("8:30")),
        ("t", json!("23:59:60")),
        ("du", json!("P2W")),
        ("du", json!("PT0.5H")),
        ("du", json!("PT")),
        ("du", json!("5 minutes")),
        ("du", json!(5)),
        (
            "file",
            json!("{\"filename\": \"a\", \"filename\": \"b\", \"content\": \"x\"}"),
        ),
    ];
    for (input, value) in rows {
        let mut inputs = json!({ "s": "x", "i": 1 });
        inputs[input] = value.clone();
        let error = world
            .refused(
                "execute_flow",
                json!({ "namespace": ns, "flow_id": "typed", "inputs": inputs }),
            )
            .await;
        assert_eq!(
            (&error["code"], &error["faults"][0]["input"]),
            (&json!("INVALID_ARGUMENT"), &json!(input)),
            "{input}: {value}: {error}"
        );
    }
    let list = world
        .call("list_executions", json!({ "namespace": ns }))
        .await;
    assert_eq!(list["items"], json!([]));
}

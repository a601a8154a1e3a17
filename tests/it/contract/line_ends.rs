//! Sources that differ in their line ends: the diff says so, instead of showing every line.

use serde_json::json;

use super::everywhere;
use crate::contract::answer::has;
use crate::contract::world::World;

everywhere![
    a_diff_of_line_ends_alone_is_a_sentence,
    beyond_line_ends_only_real_differences_are_shown,
    a_changed_revision_line_alone_changes_nothing,
];

const TOOL: &str = "create_or_update_flow";
const FLOW: &str = "id: ends
namespace: {ns}
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: hi
";

async fn a_diff_of_line_ends_alone_is_a_sentence(world: &mut World) {
    let unix = FLOW.replace("{ns}", &world.namespace);
    let windows = unix.replace('\n', "\r\n");
    let saved = world.call(TOOL, json!({ "source": windows })).await;
    assert_eq!(saved["outcome"], "created", "{saved}");
    let answer = world
        .call(TOOL, json!({ "source": unix, "dry_run": true }))
        .await;
    has(
        &answer,
        json!({ "would": "update", "diff": "line ends differ, nothing else: CRLF stored, LF given\n" }),
    );
    let error = world.refused(TOOL, json!({ "source": unix })).await;
    assert_eq!(
        (&error["code"], &error["diff"]),
        (&json!("CONFLICT"), &answer["diff"]),
        "{error}"
    );
    let saved = world
        .call(TOOL, json!({ "source": unix, "base_revision": 1 }))
        .await;
    assert_eq!(
        (&saved["outcome"], &saved["revision"], &saved["diff"]),
        (&json!("updated"), &json!(2), &answer["diff"]),
        "{saved}"
    );
    let again = world
        .call(TOOL, json!({ "source": unix, "base_revision": 2 }))
        .await;
    assert_eq!(again["outcome"], "unchanged", "{again}");
}

async fn beyond_line_ends_only_real_differences_are_shown(world: &mut World) {
    let unix = FLOW.replace("{ns}", &world.namespace);
    world
        .call(TOOL, json!({ "source": unix.replace('\n', "\r\n") }))
        .await;
    let changed = unix.replace("message: hi", "message: bye");
    let answer = world
        .call(TOOL, json!({ "source": changed, "dry_run": true }))
        .await;
    let diff = answer["diff"].as_str().unwrap();
    assert!(
        diff.starts_with("line ends differ: CRLF stored, LF given; further changes:\n"),
        "{diff}"
    );
    let lines: Vec<&str> = diff
        .lines()
        .filter(|line| line.starts_with(['-', '+']))
        .collect();
    assert_eq!(
        lines,
        [
            "--- stored",
            "+++ given",
            "-    message: hi",
            "+    message: bye"
        ],
        "{diff}"
    );
}

async fn a_changed_revision_line_alone_changes_nothing(world: &mut World) {
    for (id, end) in [("unix", "\n"), ("windows", "\r\n")] {
        let given = FLOW
            .replace("{ns}", &world.namespace)
            .replace("id: ends", &format!("id: {id}"))
            .replace('\n', end);
        world.call(TOOL, json!({ "source": given })).await;
        for line in ["revision: 1", "revision: 7"] {
            let numbered = given.replacen(
                &format!("id: {id}{end}"),
                &format!("id: {id}{end}{line}{end}"),
                1,
            );
            let answer = world
                .call(TOOL, json!({ "source": numbered, "base_revision": 1 }))
                .await;
            assert_eq!(
                (&answer["outcome"], &answer["revision"]),
                (&json!("unchanged"), &json!(1)),
                "{id}: {answer}"
            );
        }
    }
}

//! Faults of `merge`: rows of a second place.

use super::super::project::At::{Text, Tool};
use super::super::project::MANIFEST;
use super::settle::END_RUN;
use super::{each, with};

pub(super) const FIND_RUNS: &str = r#"
[[tool]]
name = "find_runs"
title = "Find runs"
description = "Finds runs."
permission = "flows.read"
effect = "read"
hints = { read_only = true, destructive = false, idempotent = true, open_world = true }
scope = "$namespace"
args.namespace = { format = "id", required = true }
args.flow_id = { format = "id", required = true }
sample = { namespace = "company.team", flow_id = "hello" }
[tool.step.call]
operation = "searchFlows"
[tool.merge]
when = { present = "$flow_id" }
step = "of_flow"
into = "state"
key = "/state/id"
lookup = { step = "flow", at = "/triggers", key = "/id", into = "trigger" }
[tool.merge.steps.of_flow]
operation = "searchFlows"
rows = "/results"
[tool.merge.steps.flow]
operation = "getFlow"
bind = { namespace = "$namespace", id = "$flow_id" }
[tool.output]
rows = "/results"
fields.run_id = "/id"
"#;

#[test]
fn what_merging_lacks_or_misspells() {
    let (at, tool) = (Text("[tool.merge]"), Tool("find_runs"));
    each(
        FIND_RUNS,
        &[
            ("into = \"state\"\n", "", at, "find_runs: missing `into`"),
            ("key = \"/state/id\"\n", "", at, "find_runs: missing `key`"),
            (
                "key = \"/state/id\"",
                "key = \"id\"",
                Text("key = \"id\""),
                "find_runs: `key` takes a pointer such as \"/id\", not \"id\"",
            ),
            (
                "step = \"of_flow\"",
                "step = \"of_flows\"",
                tool,
                "find_runs: `merge` has no step \"of_flows\"; nearest is \"of_flow\"",
            ),
            (
                "lookup = { step = \"flow\"",
                "lookup = { step = \"flew\"",
                tool,
                "find_runs: `merge` has no step \"flew\"; nearest is \"flow\"",
            ),
            (
                ", into = \"trigger\"",
                "",
                Text("lookup ="),
                "find_runs: missing `into`",
            ),
            (
                "{ step = \"flow\"",
                "{ stop = 1, step = \"flow\"",
                Text("lookup ="),
                "find_runs: unknown key `stop`; nearest is \"step\"",
            ),
            (
                "when = { present = \"$flow_id\" }",
                "when = { present = \"$flowid\" }",
                tool,
                "find_runs: \"$flowid\" does not exist; nearest is \"flow_id\"",
            ),
            (
                "when = { present = \"$flow_id\" }",
                "when = { present = \"$flow_id\" }\nwhere = 1",
                Text("where = 1"),
                "find_runs: unknown key `where`; nearest is \"when\"",
            ),
            (
                "[tool.output]\nrows = \"/results\"\n",
                "[tool.output]\n",
                tool,
                "find_runs: `merge` goes with an output of rows",
            ),
        ],
    );
}

#[test]
fn a_second_place_that_is_changed() {
    let at = Text("[tool.merge.steps.flow]");
    with(
        FIND_RUNS,
        "[tool.merge.steps.flow]\n",
        "[tool.merge.steps.flow]\neffect = \"create\"\n",
    )
    .says(
        MANIFEST,
        &[
            (
                at,
                "find_runs: step \"flow\" has the effect \"create\", the tool only \"read\"",
            ),
            (
                at,
                "find_runs: \"flow\" must read, and state effect = \"read\"",
            ),
        ],
    );
}

#[test]
fn rows_of_a_second_place_for_another_strategy() {
    let merge = FIND_RUNS.find("[tool.merge]").expect("a table");
    let output = FIND_RUNS.find("[tool.output]").expect("a table");
    let merge = FIND_RUNS.get(merge..output).expect("text");
    let merge = merge
        .replace("$flow_id", "$execution_id")
        .replace("$namespace", "$execution_id");
    with(END_RUN, "[tool.settle]", &format!("{merge}[tool.settle]")).says(
        MANIFEST,
        &[
            (Tool("end_run"), "end_run: `merge` goes with strategy call"),
            (
                Tool("end_run"),
                "end_run: `merge` goes with an output of rows",
            ),
        ],
    );
}

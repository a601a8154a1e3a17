//! Faults of `act_then_read` and of what it settles.

use super::super::project::At::{Text, Tool};
use super::super::project::MANIFEST;
use super::{each, with};

pub(super) const END_RUN: &str = r#"
[[tool]]
name = "end_run"
title = "End a run"
description = "Ends an execution."
permission = "flows.run"
effect = "kill"
hints = { read_only = false, destructive = true, idempotent = true, open_world = true }
scope = "@before/namespace"
strategy = "act_then_read"
args.execution_id = { format = "id", required = true }
sample = { execution_id = "3nosuchid" }
[tool.step.before]
operation = "getExecution"
bind = { executionId = "$execution_id" }
[tool.step.act]
operation = "restartExecution"
bind = { executionId = "$execution_id" }
[tool.step.after]
operation = "getExecution"
bind = { executionId = "$execution_id" }
[tool.settle]
state = "/state/current"
unless = "terminal"
wanted = "FAILED"
within_ms = 5000
done = "ended"
next = "look again"
[tool.output.fields]
outcome = "@outcome/outcome"
execution_id = "/id"
"#;

#[test]
fn what_settling_lacks_or_misspells() {
    let at = Text("[tool.settle]");
    each(
        END_RUN,
        &[
            (
                "state = \"/state/current\"\nunless",
                "unless",
                at,
                "end_run: missing `state`",
            ),
            ("wanted = \"FAILED\"\n", "", at, "end_run: missing `wanted`"),
            ("within_ms = 5000\n", "", at, "end_run: missing `within_ms`"),
            ("done = \"ended\"\n", "", at, "end_run: missing `done`"),
            ("next = \"look again\"\n", "", at, "end_run: missing `next`"),
            (
                "unless = \"terminal\"",
                "unless = \"terminals\"",
                at,
                "end_run: [states] has no \"terminals\"; nearest is \"terminal\"",
            ),
            (
                "wanted = \"FAILED\"",
                "wanted = \"FAILLED\"",
                Text("wanted = \"FAILLED\""),
                "end_run: `wanted` \"FAILLED\" is not among [states] \"terminal\"; nearest is \"FAILED\"",
            ),
            (
                "within_ms = 5000",
                "within_ms = \"5 s\"",
                Text("within_ms = \"5 s\""),
                "end_run: `within_ms` takes an integer",
            ),
            (
                "state = \"/state/current\"\nunless",
                "state = \"state.current\"\nunless",
                Text("state = \"state.current\""),
                "end_run: `state` takes a pointer such as \"/id\", not \"state.current\"",
            ),
            (
                "done = \"ended\"",
                "done = \"ended\"\ndonne = \"ended\"",
                Text("donne"),
                "end_run: unknown key `donne`; nearest is \"done\"",
            ),
        ],
    );
}

#[test]
fn an_action_without_what_its_strategy_needs() {
    let tool = Tool("end_run");
    with(END_RUN, "[tool.step.after]", "[tool.step.afterwards]").says(
        MANIFEST,
        &[
            (
                tool,
                "end_run: strategy act_then_read needs a step \"after\"",
            ),
            (
                Text("[tool.step.afterwards]"),
                "end_run: strategy act_then_read has no step \"afterwards\"; nearest is \"after\"",
            ),
        ],
    );
    with(
        END_RUN,
        "strategy = \"act_then_read\"\n",
        "strategy = \"act_than_read\"\n",
    )
    .says(
        MANIFEST,
        &[(
            tool,
            "end_run: no strategy \"act_than_read\"; nearest is \"act_then_read\"",
        )],
    );
    let settle = END_RUN.find("[tool.settle]").expect("a table");
    let output = END_RUN.find("[tool.output.fields]").expect("a table");
    let settle = END_RUN.get(settle..output).expect("text");
    with(END_RUN, settle, "").says(
        MANIFEST,
        &[(tool, "end_run: strategy act_then_read needs `settle`")],
    );
    // What is read after the action comes too late to ask policy.
    with(END_RUN, "\"@before/namespace\"", "\"@after/namespace\"").says(
        MANIFEST,
        &[(
            tool,
            "end_run: a changing step comes before the scope \"@after\" is known",
        )],
    );
    with(
        END_RUN,
        "[tool.settle]",
        "[tool.upsert]\ndocument = \"$execution_id\"\nbase = 1\npreview = false\nstored = \"/a\"\nrevision = \"/b\"\nnames = { id = \"/id\" }\nnext = \"x\"\n[tool.settle]",
    )
    .says(
        MANIFEST,
        &[(tool, "end_run: `upsert` goes with strategy upsert")],
    );
}

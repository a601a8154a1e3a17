//! Faults of `needless` and `settle`: what makes an act needless, and what becomes of it.

use super::super::project::At::{Table, Text, Tool};
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
target = "@run/namespace"
args.execution_id = { format = "id", required = true }
sample = { execution_id = "3nosuchid" }
[tool.before.run]
operation = "getExecution"
bind = { executionId = "$execution_id" }
[tool.act]
operation = "restartExecution"
bind = { executionId = "$execution_id" }
[tool.needless]
when = { at = "@run/state/current", in = "terminal" }
answer = "run"
outcome = "already"
note = "It had ended as {@run/state/current}."
[tool.settle]
state = "/state/current"
ended = "terminal"
wanted = ["FAILED"]
within_ms = 5000
outcome = "ended"
next = "look again"
[tool.settle.say]
ended = "It ended as {state}."
requested = "{said}; it is {state}: {next}."
[tool.settle.read]
operation = "getExecution"
bind = { executionId = "$execution_id" }
[tool.output.fields]
outcome = { at = "@outcome/outcome", text = "ours" }
id = { at = "/id", text = "ours" }
"#;

#[test]
fn what_settling_lacks_or_misspells() {
    let at = Table("end_run", "[tool.settle]");
    each(
        END_RUN,
        &[
            (
                "ended = \"terminal\"",
                "ended = \"terminals\"",
                at,
                "end_run: [states] has no \"terminals\"; nearest is \"terminal\"",
            ),
            (
                "wanted = [\"FAILED\"]",
                "wanted = [\"FAILLED\"]",
                at,
                "end_run: `wanted` \"FAILLED\" is in no set of [states]; nearest is \"FAILED\"",
            ),
            (
                "outcome = \"ended\"\n",
                "",
                at,
                "end_run: `wanted` goes with `state` and `outcome`",
            ),
            (
                "state = \"/state/current\"\nended",
                "ended",
                at,
                "end_run: `wanted` goes with `state` and `outcome`",
            ),
            (
                "within_ms = 5000",
                "within_ms = \"5 s\"",
                Text("within_ms = \"5 s\""),
                "end_run: expected u64, not string \"5 s\"",
            ),
            (
                "state = \"/state/current\"\nended",
                "state = \"state.current\"\nended",
                Text("state = \"state.current\""),
                "end_run: expected a pointer such as \"/id\", not \"state.current\"",
            ),
            (
                "outcome = \"ended\"",
                "outcome = \"ended\"\noutcom = \"ended\"",
                Text("outcom = \"ended\""),
                "end_run: unknown key `outcom`; nearest is \"outcome\"",
            ),
            (
                "next = \"look again\"",
                "seconds = \"execution_id\"\nnext = \"look again\"",
                at,
                "end_run: `within_ms` and `seconds` exclude each other: keep one",
            ),
            (
                "[tool.settle.read]\noperation = \"getExecution\"",
                "[tool.settle.read]\noperation = \"restartExecution\"",
                Table("end_run", "[tool.settle.read]"),
                "end_run: \"settle\" must only read: state effect = \"read\"",
            ),
        ],
    );
    let ended =
        "ended = \"terminal\"\nwanted = [\"FAILED\"]\nwithin_ms = 5000\noutcome = \"ended\"\n";
    with(END_RUN, ended, "seconds = \"execution_id\"\n").says(
        MANIFEST,
        &[(at, "end_run: `seconds` goes with `state` and `ended`")],
    );
}

#[test]
fn what_is_said_has_the_words_that_there_are() {
    let at = Table("end_run", "[tool.settle]");
    each(
        END_RUN,
        &[
            (
                "It ended as {state}.",
                "It ended as {stat}.",
                at,
                "end_run: `say.ended` has no word {stat}; nearest is \"state\"",
            ),
            (
                "It ended as {state}.",
                "It ended as {next}.",
                at,
                "end_run: `say.ended` has no word {next}",
            ),
            (
                "It ended as {state}.",
                "It ended as {@rum/state}.",
                at,
                "end_run: \"@rum\" does not exist; nearest is \"run\"",
            ),
            (
                "ended = \"It",
                "endet = \"It",
                Text("endet ="),
                "end_run: unknown key `endet`; nearest is \"ended\"",
            ),
        ],
    );
}

#[test]
fn what_makes_an_act_needless() {
    let at = Text("[tool.needless]");
    each(
        END_RUN,
        &[
            (
                "outcome = \"already\"\n",
                "",
                at,
                "end_run: missing `outcome`",
            ),
            (
                "when = { at = \"@run/state/current\", in = \"terminal\" }\n",
                "",
                at,
                "end_run: missing `when`",
            ),
            (
                "{ at = \"@run/state/current\", in = \"terminal\" }",
                "{ at = \"@act/state/current\", in = \"terminal\" }",
                at,
                "end_run: \"@act\" comes too late",
            ),
            (
                "in = \"terminal\"",
                "in = \"terminals\"",
                at,
                "end_run: [states] has no \"terminals\"; nearest is \"terminal\"",
            ),
            (
                "answer = \"run\"",
                "answer = \"rum\"",
                Tool("end_run"),
                "end_run: `needless.answer` names no step \"rum\" before the act; nearest is \"run\"",
            ),
            (
                "{@run/state/current}",
                "{@rum/state/current}",
                at,
                "end_run: \"@rum\" does not exist; nearest is \"run\"",
            ),
            (
                "note = \"It",
                "notes = \"It",
                Text("notes ="),
                "end_run: unknown key `notes`; nearest is \"note\"",
            ),
            (
                "{ at = \"@run/state/current\", in = \"terminal\" }",
                "{ at = \"@run/state/current\" }",
                Text("when = { at = \"@run/state/current\" }"),
                "end_run: a condition on a value has equals, in or contains",
            ),
        ],
    );
}

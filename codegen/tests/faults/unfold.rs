//! Faults of `unfold`: rows that stand in the rows of a search.

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
target = { rows = "/flow/namespace" }
args.namespace = { format = "namespace", required = true }
args.flow_id = { format = "id", required = true }
args.page = { format = "id" }
args.size = { format = "id" }
sample = { namespace = "company.team", flow_id = "hello" }
[tool.act]
operation = "searchFlows"
[tool.unfold]
of = "flow"
names = ["/id"]
list = "/triggers"
item = "trigger"
by = "/id"
checks = [{ arg = "flow_id", at = ["/flow/id", "/trigger/id"], op = "CONTAINS" }]
page = "$page"
size = "$size"
batch = 50
pages = 10
next = "ask for others"
[tool.unfold.join]
into = "state"
on = { flowId = "/flow/id" }
unless = { at = "/trigger/type", equals = "x" }
few = 5
note = "not read"
[tool.unfold.join.table]
operation = "searchFlows"
[tool.unfold.join.one]
operation = "getFlow"
bind = { namespace = "$namespace", id = "@unfold/row/id" }
rows = "/results"
[tool.output]
rows = "/results"
total = "/total"
fields.run_id = { at = "/trigger/id", text = "ours" }
"#;

#[test]
fn what_unfolding_lacks_or_misspells() {
    let at = Text("[tool.unfold]");
    each(
        FIND_RUNS,
        &[
            ("of = \"flow\"\n", "", at, "find_runs: missing `of`"),
            ("item = \"trigger\"\n", "", at, "find_runs: missing `item`"),
            (
                "page = \"$page\"\n",
                "page = \"$size\"\n",
                Text("args.page"),
                "find_runs: the argument \"page\" is never used",
            ),
            (
                "list = \"/triggers\"",
                "list = \"triggers\"",
                Text("list = \"triggers\""),
                "find_runs: expected a pointer such as \"/id\", not \"triggers\"",
            ),
            (
                "next = \"ask for others\"\n",
                "",
                at,
                "find_runs: missing `next`",
            ),
            (
                "pages = 10",
                "pages = 0",
                at,
                "find_runs: `pages` takes 1 to 100",
            ),
            (
                "batch = 50",
                "batch = 101",
                at,
                "find_runs: `batch` takes 1 to 100",
            ),
            ("few = 5", "few = 21", at, "find_runs: `few` takes 1 to 20"),
        ],
    );
}

#[test]
fn what_joining_lacks_or_misspells() {
    let join = Text("[tool.unfold.join]");
    each(
        FIND_RUNS,
        &[
            ("into = \"state\"\n", "", join, "find_runs: missing `into`"),
            (
                "on = { flowId = \"/flow/id\" }\n",
                "",
                join,
                "find_runs: missing `on`",
            ),
            (
                "unless = { at = \"/trigger/type\", equals = \"x\" }\n",
                "",
                join,
                "find_runs: missing `unless`",
            ),
            (
                "note = \"not read\"\n",
                "",
                join,
                "find_runs: missing `note`",
            ),
            (
                "few = 5",
                "few = 5\nfewer = 6",
                Text("fewer = 6"),
                "find_runs: unknown key `fewer`; nearest is \"few\"",
            ),
            (
                "{ arg = \"flow_id\", at = [\"/flow/id\", \"/trigger/id\"], op = \"CONTAINS\" }",
                "{ arg = \"flow_id\", op = \"CONTAINS\" }",
                Text("{ arg = \"flow_id\", op = \"CONTAINS\" }"),
                "find_runs: missing `at`",
            ),
            (
                "@unfold/row/id",
                "@unfolds/row/id",
                Text("[tool.unfold.join.one]"),
                "find_runs: \"@unfolds\" does not exist; nearest is \"unfold\"",
            ),
            (
                "rows = \"/results\"\n[tool.output]",
                "[tool.output]",
                Text("[tool.unfold.join.one]"),
                "find_runs: the step \"one\" needs `rows`",
            ),
            (
                "[tool.unfold.join.table]\n",
                "[tool.unfold.join.table]\nrows = \"/results\"\n",
                Text("[tool.unfold.join.table]"),
                "find_runs: the step \"table\" is a page and takes no `rows`",
            ),
            (
                "total = \"/total\"\n",
                "",
                Text("[tool.unfold]"),
                "find_runs: `unfold` goes with an output of `rows` and `total`",
            ),
        ],
    );
}

#[test]
fn a_table_that_is_changed() {
    let at = Text("[tool.unfold.join.table]");
    with(
        FIND_RUNS,
        "[tool.unfold.join.table]\n",
        "[tool.unfold.join.table]\neffect = \"create\"\n",
    )
    .says(
        MANIFEST,
        &[(
            at,
            "find_runs: step \"table\" has the effect \"create\", the tool only \"read\"",
        )],
    );
}

#[test]
fn rows_in_rows_of_what_changes() {
    let unfold = FIND_RUNS.find("[tool.unfold]").expect("a table");
    let output = FIND_RUNS.find("[tool.output]").expect("a table");
    let unfold = FIND_RUNS.get(unfold..output).expect("text");
    let unfold = unfold
        .replace("$page", "$execution_id")
        .replace("$size", "$execution_id")
        .replace("$namespace", "$execution_id")
        .replace("arg = \"flow_id\"", "arg = \"execution_id\"");
    with(
        END_RUN,
        "[tool.settle]\n",
        &format!("{unfold}[tool.settle]\n"),
    )
    .says(
        MANIFEST,
        &[
            (
                Text("[tool.unfold]"),
                "end_run: `unfold` goes with an output of `rows` and `total`",
            ),
            (
                Tool("end_run"),
                "end_run: `unfold` goes with effect \"read\"",
            ),
        ],
    );
}

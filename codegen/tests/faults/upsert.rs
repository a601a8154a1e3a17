//! Faults of `upsert`.

use super::super::project::At::{Text, Tool};
use super::super::project::MANIFEST;
use super::{each, with};

pub(super) const SAVE_FLOW: &str = r##"
[[tool]]
name = "save_flow"
title = "Save a flow"
description = "Saves a flow."
permission = "flows.run"
effect = "overwrite"
hints = { read_only = false, destructive = true, idempotent = true, open_world = true }
scope = "#/namespace"
strategy = "upsert"
args.text = { format = "yaml", required = true }
args.base = { format = "number" }
args.dry_run = { format = "flag" }
sample = { text = "id: hello" }
[tool.step.validate]
operation = "validateFlows"
effect = "read"
bind = { body = "$text" }
[tool.step.read]
operation = "getFlow"
bind = { namespace = "#/namespace", id = "#/id" }
[tool.step.create]
operation = "validateFlows"
effect = "create"
bind = { body = "$text" }
[tool.step.update]
operation = "validateFlows"
effect = "overwrite"
bind = { body = "$text" }
[tool.upsert]
document = "$text"
base = "$base"
preview = "$dry_run"
stored = "/source"
revision = "/revision"
names = { namespace = "/0/namespace", id = "/0/flow" }
next = "Read it."
[tool.output.fields]
outcome = "@outcome/outcome"
flow_id = "#/id"

[format.yaml]
kind = "yaml"
expected = "a YAML source"
"##;

#[test]
fn what_saving_lacks_or_misspells() {
    let (at, tool) = (Text("[tool.upsert]"), Tool("save_flow"));
    each(
        SAVE_FLOW,
        &[
            (
                "document = \"$text\"\n",
                "",
                at,
                "save_flow: missing `document`",
            ),
            (
                "stored = \"/source\"\n",
                "",
                at,
                "save_flow: missing `stored`",
            ),
            (
                "revision = \"/revision\"\n",
                "",
                at,
                "save_flow: missing `revision`",
            ),
            (
                "names = { namespace = \"/0/namespace\", id = \"/0/flow\" }\n",
                "",
                at,
                "save_flow: missing `names`",
            ),
            ("next = \"Read it.\"\n", "", at, "save_flow: missing `next`"),
            (
                "stored = \"/source\"",
                "stored = \"source\"",
                Text("stored = \"source\""),
                "save_flow: `stored` takes a pointer such as \"/id\", not \"source\"",
            ),
            (
                "id = \"/0/flow\"",
                "id = \"flow\"",
                Text("id = \"flow\""),
                "save_flow: `id` takes a pointer such as \"/id\", not \"flow\"",
            ),
            (
                "document = \"$text\"",
                "document = \"$txt\"",
                tool,
                "save_flow: \"$txt\" does not exist; nearest is \"text\"",
            ),
            (
                "next = \"Read it.\"",
                "next = \"Read it.\"\nstore = \"/x\"",
                Text("store = \"/x\""),
                "save_flow: unknown key `store`; nearest is \"stored\"",
            ),
        ],
    );
    for (key, line) in [
        ("base", "base = \"$base\"\n"),
        ("preview", "preview = \"$dry_run\"\n"),
    ] {
        let argument = if key == "base" { "base" } else { "dry_run" };
        let (missing, unused) = (
            format!("save_flow: missing `{key}`"),
            format!("save_flow: the argument \"{argument}\" is used nowhere"),
        );
        let place = if key == "base" {
            Text("args.base =")
        } else {
            Text("args.dry_run =")
        };
        with(SAVE_FLOW, line, "").says(MANIFEST, &[(at, &missing), (place, &unused)]);
    }
}

#[test]
fn a_save_without_what_its_strategy_needs() {
    let tool = Tool("save_flow");
    let upsert = SAVE_FLOW.find("[tool.upsert]").expect("a table");
    let output = SAVE_FLOW.find("[tool.output.fields]").expect("a table");
    let upsert = SAVE_FLOW.get(upsert..output).expect("text");
    with(SAVE_FLOW, upsert, "").says(
        MANIFEST,
        &[
            (tool, "save_flow: strategy upsert needs `upsert`"),
            (
                Text("args.base ="),
                "save_flow: the argument \"base\" is used nowhere",
            ),
            (
                Text("args.dry_run ="),
                "save_flow: the argument \"dry_run\" is used nowhere",
            ),
        ],
    );
    let steps = "[tool.step.validate]\noperation = \"validateFlows\"\neffect = \"read\"\nbind = { body = \"$text\" }\n";
    with(SAVE_FLOW, steps, "").says(
        MANIFEST,
        &[(tool, "save_flow: strategy upsert needs a step \"validate\"")],
    );
    with(SAVE_FLOW, "[tool.step.update]", "[tool.step.replace]").says(
        MANIFEST,
        &[
            (tool, "save_flow: strategy upsert needs a step \"update\""),
            (
                Text("[tool.step.replace]"),
                "save_flow: strategy upsert has no step \"replace\"; nearest is \"read\"",
            ),
        ],
    );
    with(
        SAVE_FLOW,
        "effect = \"overwrite\"\nhints",
        "effect = \"create\"\nhints",
    )
    .says(
        MANIFEST,
        &[(
            Text("[tool.step.update]"),
            "save_flow: step \"update\" has the effect \"overwrite\", the tool only \"create\"",
        )],
    );
}

#[test]
fn names_of_a_document_are_of_formats_with_a_pattern() {
    let argument = Text("args.text =");
    let change = |to: &'static str| with(SAVE_FLOW, "args.text = { format = \"yaml\"", to);
    change("args.text = { format = \"yaml\", names = { id = \"id\" }").says(MANIFEST, &[]);
    change("args.text = { format = \"yaml\", names = { id = \"ids\" }").says(
        MANIFEST,
        &[(
            argument,
            "save_flow: `names.id`: no [format.ids] with a pattern; nearest is \"id\"",
        )],
    );
    change("args.text = { format = \"yaml\", names = { id = \"number\" }").says(
        MANIFEST,
        &[(
            argument,
            "save_flow: `names.id`: no [format.number] with a pattern",
        )],
    );
    let base = "args.base = { format = \"number\"";
    with(
        SAVE_FLOW,
        base,
        &format!("{base}, names = {{ id = \"id\" }}"),
    )
    .says(
        MANIFEST,
        &[(
            Text("args.base ="),
            "save_flow: `names` goes with a format of kind \"yaml\"",
        )],
    );
}

//! Faults of `save`.

use super::super::project::At::Text;
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
target = "#/namespace"
args.text = { format = "yaml", required = true }
args.base = { format = "number" }
args.dry_run = { format = "flag" }
sample = { text = "id: hello" }
[tool.save]
document = "$text"
base = "$base"
preview = "$dry_run"
stored = "/source"
revision = "/revision"
names = { namespace = "/0/namespace", id = "/0/flow" }
next = "Read it."
[tool.save.validate]
operation = "validateFlows"
effect = "read"
bind = { body = "$text" }
[tool.save.read]
operation = "getFlow"
bind = { namespace = "#/namespace", id = "#/id" }
[tool.save.create]
operation = "validateFlows"
effect = "create"
bind = { body = "$text" }
[tool.save.update]
operation = "validateFlows"
effect = "overwrite"
bind = { body = "$text" }
[tool.output.fields]
outcome = { at = "@outcome/outcome", text = "ours" }
flow_id = { at = "#/id", text = "ours" }

[format.yaml]
kind = "yaml"
expected = "a YAML source"
"##;

#[test]
fn what_saving_lacks_or_misspells() {
    let at = Text("[tool.save]");
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
                "save_flow: expected a pointer such as \"/id\", not \"source\"",
            ),
            (
                "id = \"/0/flow\"",
                "id = \"flow\"",
                Text("names = { namespace"),
                "save_flow: expected a pointer such as \"/id\", not \"flow\"",
            ),
            (
                "document = \"$text\"",
                "document = \"$txt\"",
                at,
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
        let message = format!("save_flow: missing `{key}`");
        with(SAVE_FLOW, line, "").says(MANIFEST, &[(at, &message)]);
    }
}

#[test]
fn a_save_without_a_request_that_it_needs() {
    let at = Text("[tool.save]");
    for name in ["validate", "read", "create", "update"] {
        let header = format!("[tool.save.{name}]\n");
        let start = SAVE_FLOW.find(&header).expect("a table");
        let rest = SAVE_FLOW.get(start..).expect("text");
        let end = rest.find("\n[").expect("an end");
        let step = rest.get(..=end).expect("text");
        let message = format!("save_flow: missing `{name}`");
        with(SAVE_FLOW, step, "").says(MANIFEST, &[(at, &message)]);
    }
    with(
        SAVE_FLOW,
        "[tool.save.update]",
        "[tool.save.updates]\noperation = \"getFlow\"\n[tool.save.update]",
    )
    .says(
        MANIFEST,
        &[(
            Text("[tool.save.updates]"),
            "save_flow: unknown key `updates`; nearest is \"update\"",
        )],
    );
}

#[test]
fn a_save_that_does_more_than_its_tool_or_less_than_it_says() {
    with(
        SAVE_FLOW,
        "effect = \"overwrite\"\nhints",
        "effect = \"create\"\nhints",
    )
    .says(
        MANIFEST,
        &[(
            Text("[tool.save.update]"),
            "save_flow: step \"update\" has the effect \"overwrite\", the tool only \"create\"",
        )],
    );
    with(SAVE_FLOW, "effect = \"read\"\n", "").says(
        MANIFEST,
        &[(
            Text("[tool.save.validate]"),
            "save_flow: \"validate\" must only read: state effect = \"read\"",
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
            "save_flow: `names.id`: no [format.number] with a pattern; nearest is \"namespace\"",
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

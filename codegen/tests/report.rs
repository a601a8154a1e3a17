//! The report on two descriptions: what became of each operation, and which tool it touches.

#![expect(clippy::expect_used, reason = "what helps a test is part of it")]

#[path = "report/pairs.rs"]
mod pairs;

use codegen::document::Document;
use codegen::fault::Faults;
use codegen::import;
use codegen::report::compare::{Fate, compare, nearest};
use codegen::report::usage::{Reference, uses};
use codegen::report::{Report, Status, Subject, report};
use codegen::tree::Tree;

const MANIFEST: &str = r#"
[[tool]]
name = "get_flow"
title = "t"
description = "d"
effect = "read"
hints = { read_only = true, destructive = false, idempotent = true, open_world = true }
sample = {}
target = { none = "a test" }
[tool.act]
operation = "flow"
bind = { namespace = "a", id = "b" }

[[tool]]
name = "kill_execution"
title = "t"
description = "d"
effect = "kill"
hints = { read_only = false, destructive = true, idempotent = true, open_world = true }
sample = {}
target = { none = "a test" }
before.run = { operation = "getExecution", bind = { id = "c" } }
[tool.act]
operation = { "1.3" = "killExecution", "2.0" = "killExecution" }
bind = { id = "c" }

[[tool]]
name = "search_triggers"
title = "t"
description = "d"
effect = "read"
hints = { read_only = true, destructive = false, idempotent = true, open_world = true }
sample = {}
target = { none = "a test" }
[tool.act]
operation = "searchTriggers"

[[tool]]
name = "list_apps"
title = "t"
description = "d"
effect = "read"
hints = { read_only = true, destructive = false, idempotent = true, open_world = true }
sample = {}
target = { none = "a test" }
act = { operation = "GET /api/v1/{tenant}/apps/search", bind = { q = "d" } }

[[tool]]
name = "count_apps"
title = "t"
description = "d"
effect = "read"
hints = { read_only = true, destructive = false, idempotent = true, open_world = true }
sample = {}
target = { none = "a test" }
act = { operation = "GET /api/v1/{tenant}/apps/search", bind = { page = 1 } }
"#;

fn document(line: &str, paths: &str) -> Document {
    let text = format!("openapi: 3.0.1\ninfo: {{title: t, version: {line}.1}}\npaths:\n{paths}");
    import::import("fixture", &text, Some(line))
        .expect("a description")
        .document
}

fn old() -> Document {
    document(
        "2.0",
        "
  /api/v1/{tenant}/flows/{namespace}/{id}: {get: {operationId: flow}}
  /api/v1/{tenant}/executions/{id}: {get: {operationId: getExecution}}
  /api/v1/{tenant}/executions/{id}/kill: {delete: {operationId: killExecution}}
  /api/v1/{tenant}/triggers/search: {get: {operationId: searchTriggers}}
  /api/v1/{tenant}/apps/search:
    get:
      operationId: searchApps
      parameters: [{name: q, in: query}, {name: namespace, in: query}, {name: page, in: query}]
  /api/v1/{tenant}/tags: {get: {operationId: listTags}}
",
    )
}

fn new() -> Document {
    document(
        "2.0",
        "
  /api/v1/{tenant}/flows/{namespace}/{flowId}: {get: {operationId: getFlow}}
  /api/v1/{tenant}/executions/{id}: {get: {operationId: getExecution}}
  /api/v1/{tenant}/executions/{id}/actions/kill: {delete: {operationId: killExecution}}
  /api/v1/{tenant}/triggers: {get: {operationId: listTriggers}}
  /api/v1/{tenant}/apps/search:
    get:
      operationId: searchApps
      parameters: [{name: filters, in: query}, {name: page, in: query}]
  /api/v1/{tenant}/labels: {post: {operationId: createLabel}}
",
    )
}

fn toml(text: &str) -> Tree {
    Tree::parse("file", text, &Faults::default()).expect("TOML")
}

fn reported(old: &Document, new: &Document, manifest: &Tree, overlay: &Tree) -> Report {
    report(&Subject {
        title: "kestra 2.0".to_owned(),
        old,
        new,
        manifest,
        overlay,
    })
}

fn statuses(report: &Report) -> Vec<(&str, Status)> {
    report
        .tools
        .iter()
        .map(|line| (line.operation.as_str(), line.status))
        .collect()
}

#[test]
fn matches_by_route_first_then_by_id_then_by_likeness() {
    let (old, new) = (old(), new());
    let comparison = compare(&old, &new);
    let fates: Vec<_> = comparison
        .rows
        .iter()
        .map(|row| match &row.fate {
            Fate::Kept(new) => format!("{} kept {}", row.old.id, new.id),
            Fate::Renamed(new) => format!("{} renamed {}", row.old.id, new.id),
            Fate::Moved(new) => format!("{} moved {}", row.old.id, new.path),
            Fate::Lost => {
                format!(
                    "{} lost, {}",
                    row.old.id,
                    nearest(&row.old, &new).expect("some").id
                )
            }
        })
        .collect();
    assert_eq!(
        fates,
        [
            "searchApps kept searchApps",
            "getExecution kept getExecution",
            "killExecution moved /api/v1/{tenant}/executions/{id}/actions/kill",
            "flow renamed getFlow",
            "listTags lost, listTriggers",
            "searchTriggers lost, listTriggers",
        ]
    );
    let added: Vec<_> = comparison.added.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(added, ["createLabel", "listTriggers"]);
}

#[test]
fn does_not_take_an_id_that_another_route_has_kept() {
    let old = document(
        "2.0",
        "  /a: {get: {operationId: one}}\n  /b: {get: {operationId: two}}",
    );
    let new = document("2.0", "  /a: {get: {operationId: two}}");
    let comparison = compare(&old, &new);
    assert!(matches!(&comparison.rows[0].fate, Fate::Renamed(found) if found.id == "two"));
    assert!(matches!(&comparison.rows[1].fate, Fate::Lost));
}

#[test]
fn prints_what_touches_the_tools() {
    let text = reported(&old(), &new(), &toml(MANIFEST), &toml("")).to_string();
    let expected = "\
kestra 2.0: 2.0.1 → 2.0.1   +2 −2 operations, 1 moved, 1 renamed
  changed    searchApps      query −namespace −q +filters                                            count_apps: nothing to edit, list_apps: tool-manifest.toml:46
  unchanged  getExecution    GET …/executions/{id}                                                   kill_execution: nothing to edit
  moved      killExecution   DELETE …/executions/{id}/kill → DELETE …/executions/{id}/actions/kill   kill_execution: nothing to edit
  renamed    flow → getFlow  GET …/flows/{namespace}/{flowId}, path −id +flowId                      get_flow: tool-manifest.toml:10
  lost       searchTriggers  nearest listTriggers (GET …/triggers)                                   search_triggers: tool-manifest.toml:35
to edit   3 refused by the build
  tool-manifest.toml:10:7: get_flow: no operation \"flow\" in Kestra 2.0; nearest is \"listTriggers\" (GET /api/v1/{tenant}/triggers)
  tool-manifest.toml:35:7: search_triggers: no operation \"searchTriggers\" in Kestra 2.0; nearest is \"searchApps\" (GET /api/v1/{tenant}/apps/search)
  tool-manifest.toml:46:66: list_apps: searchApps has no parameter \"q\"
uncovered 2 new of 3: POST …/labels, GET …/triggers
removed   1 used by no tool: GET …/tags
";
    assert_eq!(squeezed(&text), squeezed(expected));
}

fn squeezed(text: &str) -> Vec<String> {
    text.lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}

#[test]
fn lists_what_no_tool_uses_apart() {
    let report = reported(&old(), &new(), &toml(""), &toml(""));
    assert!(report.tools.is_empty());
    let others: Vec<_> = report
        .others
        .iter()
        .map(|line| line.operation.as_str())
        .collect();
    assert_eq!(others, ["searchApps", "killExecution", "flow → getFlow"]);
    assert_eq!(report.removed, ["GET …/tags", "GET …/triggers/search"]);
    assert_eq!(report.uncovered.new, ["POST …/labels", "GET …/triggers"]);
    assert_eq!(report.uncovered.known, 4);
}

#[test]
fn tells_another_edition_from_a_loss() {
    let overlay = toml(
        r#"
        [[edition]]
        at = ["/api/v1/{tenant}/apps/**"]
        needs = "EE"
        lines = "1.3"
        reason = "sold"
        "#,
    );
    let manifest = toml(MANIFEST);
    let without = document(
        "2.0",
        "  /api/v1/{tenant}/tags: {get: {operationId: listTags}}",
    );
    let report = reported(&old(), &without, &manifest, &overlay);
    assert_eq!(
        statuses(&report)[0],
        ("searchApps", Status::NotInThisEdition)
    );
    assert_eq!(
        report.tools[0].tools,
        ["count_apps: nothing to edit", "list_apps: nothing to edit"]
    );
    let with = document(
        "2.0",
        "  /api/v1/{tenant}/apps: {post: {operationId: createApp}}",
    );
    let report = reported(&old(), &with, &manifest, &overlay);
    assert_eq!(statuses(&report)[0], ("searchApps", Status::Lost));
}

#[test]
fn names_the_overlay_entries_that_are_without_effect() {
    let overlay = toml(
        r#"
        [[add]]
        operation = "configuration"
        at = "GET /api/v1/configs"
        answers = ["application/json"]
        lines = "1.3"
        reason = "not in the SDK"

        [[add]]
        operation = "getTag"
        at = "GET /api/v1/{tenant}/tags/{id}"
        lines = "1.3"
        reason = "not in the SDK"

        [[add]]
        operation = "later"
        at = "GET /api/v1/later"
        lines = "2.1"
        reason = "not on this line"

        [[add]]
        operation = "earlier"
        at = "GET /api/v1/earlier"
        lines = "1.3"
        before = "2.0"
        reason = "not on this line either"

        [[set]]
        at = "GET /api/v1/{tenant}/tags"
        pointer = "/deprecated"
        value = true
        lines = "1.3"
        reason = "not said"

        [[edition]]
        at = ["/api/v1/{tenant}/apps/**"]
        needs = "EE"
        lines = "1.3"
        reason = "sold"
        "#,
    );
    let manifest = toml(
        "[[tool]]\nname = 'auth_status'\nbefore.a.operation = 'configuration'\nbefore.b.operation = 'later'\n",
    );
    let old = old();

    let report = reported(&old, &old, &manifest, &overlay);
    assert_eq!(
        statuses(&report),
        [
            ("configuration", Status::Unchanged),
            ("later", Status::Unknown)
        ]
    );
    assert!(report.head.contains("+0 −0"));
    assert_eq!(report.overlay, []);

    let described = document(
        "2.0",
        "
  /api/v1/configs: {get: {operationId: getConfiguration}}
  /api/v1/{tenant}/tags: {get: {operationId: listTags, deprecated: true}}
  /api/v1/{tenant}/tags/{tag}: {get: {operationId: getTag}}
",
    );
    let report = reported(&old, &described, &manifest, &overlay);
    assert_eq!(
        statuses(&report)[0],
        ("configuration → getConfiguration", Status::Renamed)
    );
    let wanted = "\
overlay 4 without effect
openapi/overlay.toml:2:9: GET /api/v1/configs has no effect: Kestra 2.0 describes it; remove the entry
openapi/overlay.toml:9:9: GET /api/v1/{tenant}/tags/{id} has no effect: Kestra 2.0 describes it; remove the entry
openapi/overlay.toml:28:9: GET /api/v1/{tenant}/tags/deprecated has no effect: the description already says so; remove the entry
openapi/overlay.toml:35:9: edition of /api/v1/{tenant}/apps/** has no effect: Kestra 2.0 has no such path";
    let text = squeezed(&report.to_string()).join("\n");
    assert!(text.contains(wanted), "{text}");
}

#[test]
fn reads_every_mention_that_holds_for_the_line() {
    let manifest = toml(
        r#"
[output.execution.attach.logs]
operation = "searchLogs"
[[tool]]
name = "one"
args.operation = { format = "query" }
[tool.before.a]
operation = { "1.3" = "old", "2.0" = "GET /api/v1/new", "2.10" = "newest" }
[tool.before.b]
lines = "2.0"
operation = "later"
[[tool.attach]]
operation = "attached"
before = "2.0"
"#,
    );
    let named = |line: &str| -> Vec<String> {
        let found = uses(&manifest, line);
        found
            .iter()
            .map(|one| format!("{} {}:{} {}", one.tool, one.place, one.at, one.reference))
            .collect()
    };
    let shared = "output.execution.attach.logs output.execution.attach.logs:3 searchLogs";
    assert_eq!(
        named("1.3"),
        [shared, "one before.a:8 old", "one attach:13 attached"]
    );
    assert_eq!(
        named("2.9"),
        [
            shared,
            "one before.a:8 GET /api/v1/new",
            "one before.b:11 later"
        ]
    );
}

#[test]
fn finds_an_operation_by_route_whatever_its_parameters_are_called() {
    let old = old();
    let reference = Reference::parse("get /api/v1/{tenant}/flows/{ns}/{flow}");
    let named: Vec<_> = old
        .operations()
        .filter(|one| reference.names(one))
        .collect();
    assert_eq!(named.len(), 1);
    assert_eq!(named[0].id, "flow");
}

//! The report on two descriptions: what became of each operation, and which tool it touches.

#![expect(clippy::expect_used, reason = "what helps a test is part of it")]

use std::path::Path;

use codegen::document::Document;
use codegen::import;
use codegen::report::compare::{Fate, compare, nearest};
use codegen::report::overlay::Overlay;
use codegen::report::usage::{Reference, Use, uses};
use codegen::report::{Report, Status, Subject, report};

const MANIFEST: &str = r#"
[[tool]]
name = "get_flow"
[tool.step.call]
operation = "flow"

[[tool]]
name = "kill_execution"
step.before = { operation = "getExecution" }
[tool.step.act]
operation = { "1.3" = "killExecution", "2.0" = "killExecution" }

[[tool]]
name = "search_triggers"
[tool.step.call]
operation = "searchTriggers"

[[tool]]
name = "list_apps"
step.call = { operation = "GET /api/v1/{tenant}/apps/search" }
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

fn reported(old: &Document, new: &Document, uses: &[Use], overlay: &Overlay) -> Report {
    report(&Subject {
        title: "kestra 2.0".to_owned(),
        old,
        new,
        uses,
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
    let uses = uses(MANIFEST, Some("2.0")).expect("TOML");
    let text = reported(&old(), &new(), &uses, &Overlay::default()).to_string();
    let expected = "\
kestra 2.0: 2.0.1 → 2.0.1   +2 −2 operations, 1 moved, 1 renamed
  changed    searchApps      query −namespace −q +filters                                            list_apps: tool-manifest.toml:20
  unchanged  getExecution    GET …/executions/{id}                                                   kill_execution: nothing to edit
  moved      killExecution   DELETE …/executions/{id}/kill → DELETE …/executions/{id}/actions/kill   kill_execution: nothing to edit
  renamed    flow → getFlow  GET …/flows/{namespace}/{flowId}, path −id +flowId                      get_flow: tool-manifest.toml:5
  lost       searchTriggers  nearest listTriggers (GET …/triggers)                                   search_triggers: tool-manifest.toml:16
uncovered 2 new: POST …/labels, GET …/triggers
removed   1 used by no tool: GET …/tags
";
    let squeezed = |text: &str| -> Vec<String> {
        text.lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect()
    };
    assert_eq!(squeezed(&text), squeezed(expected));
}

#[test]
fn lists_what_no_tool_uses_apart() {
    let report = reported(&old(), &new(), &[], &Overlay::default());
    assert!(report.tools.is_empty());
    let others: Vec<_> = report
        .others
        .iter()
        .map(|line| line.operation.as_str())
        .collect();
    assert_eq!(others, ["searchApps", "killExecution", "flow → getFlow"]);
    assert_eq!(report.removed, ["GET …/tags", "GET …/triggers/search"]);
}

#[test]
fn tells_another_edition_from_a_loss() {
    let overlay = Overlay::parse(
        r#"
        [[edition]]
        at = ["/api/v1/{tenant}/apps/**"]
        needs = "EE"
        "#,
    )
    .expect("TOML");
    let uses = uses(MANIFEST, Some("2.0")).expect("TOML");
    let without = document(
        "2.0",
        "  /api/v1/{tenant}/tags: {get: {operationId: listTags}}",
    );
    let report = reported(&old(), &without, &uses, &overlay);
    assert_eq!(
        statuses(&report)[0],
        ("searchApps", Status::NotInThisEdition)
    );
    assert_eq!(report.tools[0].tools, ["list_apps: nothing to edit"]);
    let with = document(
        "2.0",
        "  /api/v1/{tenant}/apps: {post: {operationId: createApp}}",
    );
    let report = reported(&old(), &with, &uses, &overlay);
    assert_eq!(statuses(&report)[0], ("searchApps", Status::Lost));
}

#[test]
fn counts_an_added_operation_as_a_vendored_one() {
    let overlay = Overlay::parse(
        r#"
        [[add]]
        operation = "configuration"
        at = "GET /api/v1/configs"
        answers = ["application/json"]
        lines = "1.3"
        reason = "not in the SDK"

        [[add]]
        operation = "later"
        at = "GET /api/v1/later"
        lines = "2.1"
        reason = "not on this line"
        "#,
    )
    .expect("TOML");
    let manifest = "[[tool]]\nname = 'auth_status'\nstep.a.operation = 'configuration'\nstep.b.operation = 'later'\n";
    let uses = uses(manifest, Some("2.0")).expect("TOML");
    let old = old();

    let report = reported(&old, &old, &uses, &overlay);
    assert_eq!(
        statuses(&report),
        [
            ("configuration", Status::Unchanged),
            ("later", Status::Unknown)
        ]
    );
    assert!(report.head.contains("+0 −0"));

    let described = document(
        "2.0",
        "  /api/v1/configs: {get: {operationId: getConfiguration}}",
    );
    let report = reported(&old, &described, &uses, &overlay);
    assert_eq!(
        statuses(&report)[0],
        ("configuration → getConfiguration", Status::Renamed)
    );
    assert_eq!(report.overlay, ["configuration (GET /api/v1/configs)"]);
}

#[test]
fn reads_every_mention_that_holds_for_the_line() {
    let manifest = r#"
[output.execution.attach.logs]
operation = "searchLogs"
[[tool]]
name = "one"
args.operation = { format = "query" }
[tool.step.a]
operation = { "1.3" = "old", "2.0" = "GET /api/v1/new", "2.10" = "newest" }
[tool.step.b]
lines = "2.0"
operation = "later"
[[tool.attach]]
operation = "attached"
"#;
    let named = |line: Option<&str>| -> Vec<String> {
        let found = uses(manifest, line).expect("TOML");
        found
            .iter()
            .map(|one| format!("{}:{} {}", one.tool, one.at, one.reference))
            .collect()
    };
    assert_eq!(
        named(Some("1.3")),
        [
            "output.execution.attach.logs:3 searchLogs",
            "one:8 old",
            "one:13 attached"
        ]
    );
    assert_eq!(
        named(Some("2.9")),
        [
            "output.execution.attach.logs:3 searchLogs",
            "one:8 GET /api/v1/new",
            "one:11 later",
            "one:13 attached"
        ]
    );
    assert_eq!(named(None).len(), 6);
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

#[test]
fn loses_no_operation_of_the_tools_against_the_own_description_of_a_server() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let upstream = root.join("../shared/reference/kestra-oss-1.3.yml");
    let Ok(text) = std::fs::read_to_string(&upstream) else {
        println!("skipped: no {}", upstream.display());
        return;
    };
    let new = import::import("kestra-oss-1.3.yml", &text, Some("1.3")).expect("a description");
    let old = Document::read(root.join("openapi/kestra-1.3.json")).expect("the vendored file");
    let manifest = std::fs::read_to_string(root.join("tool-manifest.toml")).unwrap_or_default();
    let overlay = std::fs::read_to_string(root.join("openapi/overlay.toml")).unwrap_or_default();
    let uses = uses(&manifest, Some("1.3")).expect("the manifest");
    let overlay = Overlay::parse(&overlay).expect("the overlay");
    let report = reported(&old, &new.document, &uses, &overlay);
    let kept = [Status::Unchanged, Status::Renamed, Status::NotInThisEdition];
    for line in &report.tools {
        assert!(kept.contains(&line.status), "{line:?}");
    }
}

//! The trial tools: what the vocabulary says without Rust, built with the product's own tools on both
//! lines, and their faults.

use vocabulary::plan::Line;

use super::project::At::{Table, Text};
use super::project::{MANIFEST, OVERLAY, Project};

/// What the build works out for a line.
fn plan(project: &Project, line: &str) -> Line {
    let files = project.generate().expect("no fault");
    let name = format!("plan-{line}.json");
    let file = files.iter().find(|file| file.name == name).expect("a file");
    serde_json::from_str(&file.text).expect("a plan")
}

const TOOLS: [(&str, &[&str]); 16] = [
    ("restart_execution", &["act", "execution", "settle"]),
    (
        "resume_execution",
        &["act", "definition", "execution", "settle"],
    ),
    (
        "replay_execution",
        &["act", "act2", "definition", "execution", "settle"],
    ),
    ("add_execution_labels", &["act", "execution"]),
    ("pause_execution", &["act", "execution", "settle"]),
    ("delete_execution", &["act", "execution"]),
    (
        "set_flow_enabled",
        &[
            "act",
            "act2",
            "elsewhere",
            "flow",
            "here",
            "itself",
            "settle",
        ],
    ),
    ("set_trigger_enabled", &["act", "act2", "flow", "states"]),
    (
        "delete_flow",
        &["act", "elsewhere", "flow", "here", "itself"],
    ),
    ("get_execution_logs", &["act", "execution"]),
    ("set_kv", &["act", "stored"]),
    ("get_kv", &["act"]),
    ("write_file", &["act"]),
    ("read_file", &["act"]),
    ("get_plugin_schema", &["act"]),
    ("list_groups", &["act"]),
];

#[test]
fn the_trial_tools_build_with_those_of_the_product() {
    let project = Project::trial();
    for line in ["1.3", "2.0"] {
        let plan = plan(&project, line);
        for (name, steps) in TOOLS {
            let tool = plan.tools.get(name).unwrap_or_else(|| panic!("no {name}"));
            let found: Vec<&str> = tool.requests.keys().map(String::as_str).collect();
            assert_eq!(found, steps, "{name} of {line}");
            assert_eq!(tool.enterprise, name == "list_groups", "{name} of {line}");
            for request in tool.requests.values() {
                assert!(plan.operations.contains_key(&request.operation));
            }
        }
        let media = |id: &str| {
            let operation = plan.operations.get(id).unwrap_or_else(|| panic!("no {id}"));
            operation.body.as_deref()
        };
        assert_eq!(media("setKeyValue"), Some("text/plain"));
        assert_eq!(media("createNamespaceFile"), Some("multipart/form-data"));
        assert_eq!(
            media("setLabelsOnTerminatedExecution"),
            Some("application/json")
        );
    }
}

#[test]
fn headers_of_the_overlay_are_passed() {
    let files = Project::trial().generate().expect("no fault");
    for name in ["send-1.3.rs", "send-2.0.rs"] {
        let file = files.iter().find(|file| file.name == name).expect("a file");
        for header in ["ttl", "description"] {
            let wanted =
                format!("let p_{header}: Option<String> = values.optional(\"{header}\")?;");
            assert!(file.text.contains(&wanted), "{header} in {name}");
        }
    }
}

/// All at once: no fault hides one of another tool.
#[test]
fn faults_of_the_trial_tools() {
    let change = [
        (
            "give = \"/onResume\"\n",
            "",
            Table("resume_execution", "[tool.act.bind.body.declared]"),
            "resume_execution: missing `give`",
        ),
        (
            "declared = \"@definition/inputs\"",
            "declared = \"@definitions/inputs\"",
            Table("replay_execution", "[[tool.act]]"),
            "replay_execution: \"@definitions\" does not exist; nearest is \"definition\"",
        ),
        (
            "value = [\"@execution/labels\", \"$labels\"], encode = \"labels\"",
            "value = { make = \"label_map\", at = \"$labels\" }, encode = \"labels\"",
            Text("bind.body = { value = { make = \"label_map\""),
            "add_execution_labels: this encoder takes references",
        ),
        (
            "[tool.act]\noperation = \"pauseExecution\"\nbind = { executionId",
            "[tool.act]\noperation = \"pauseExecution\"\nbind = { body = { json = {} }, executionId",
            Text("bind = { body = { json = {} }"),
            "pause_execution: pauseExecution takes no body",
        ),
        (
            "deleteMetrics = \"$metrics\"",
            "deleteMetric = \"$metrics\"",
            Text("deleteMetric ="),
            "delete_execution: deleteExecution has no parameter \"deleteMetric\"; nearest is \"deleteMetrics\"",
        ),
        (
            "operation = \"disableFlowsByIds\"\nbind.body = { json = [{ namespace = \"$namespace\", id = \"$flow_id\" }] }",
            "operation = \"disableFlowsByIds\"\nbind.body = { json = [{ namespace = \"$namespace\", ids = \"$flow_id\" }] }",
            Text("bind.body = { json = [{ namespace = \"$namespace\", ids"),
            "set_flow_enabled: the body of disableFlowsByIds has no member \"ids\"; nearest is \"id\"",
        ),
        (
            "operation = \"enableFlowsByIds\"\nwhen = { arg = \"enabled\", equals = true }\nbind.body = { json = [{ namespace = \"$namespace\", id = \"$flow_id\" }] }",
            "operation = \"enableFlowsByIds\"\nwhen = { arg = \"enabled\", equals = true }\nbind.body = { json = { namespace = \"$namespace\" } }",
            Text("bind.body = { json = { namespace = \"$namespace\" } }"),
            "set_flow_enabled: the body of enableFlowsByIds is a list, not an object",
        ),
        (
            "triggerId = \"$trigger_id\", disabled = true } }",
            "trigerId = \"$trigger_id\", disabled = true } }",
            Text(
                "bind.body = { json = { namespace = \"$namespace\", flowId = \"$flow_id\", trigerId",
            ),
            "set_trigger_enabled: the body of updateTrigger has no member \"trigerId\"; nearest is \"triggerId\"",
        ),
        (
            "target = \"@execution/namespace\"\nlarge_result",
            "target = \"@act/namespce\"\nlarge_results",
            Text("large_results"),
            "get_execution_logs: unknown key `large_results`; nearest is \"large_result\"",
        ),
        (
            "ttl = \"$ttl\"",
            "tll = \"$ttl\"",
            Text("bind = { namespace = \"$namespace\", key = \"$key\", tll"),
            "set_kv: setKeyValue has no parameter \"tll\"; nearest is \"ttl\"",
        ),
        (
            "target = { none = \"plugins are the same for every namespace\" }",
            "target = { none = \"\" }",
            Text("target = { none = \"\" }"),
            "get_plugin_schema: a target is \"$argument\", \"#/pointer\", \"@step/pointer\", { rows = \"/pointer\" } or { none = \"why\" }",
        ),
        (
            "part = \"fileContent\"",
            "part = \"content\"",
            Text("bind = { namespace = \"$namespace\", path = \"$path\", body"),
            "write_file: the form of createNamespaceFile has no part \"content\"; nearest is \"fileContent\"",
        ),
    ];
    let mut project = Project::trial();
    let mut wanted = Vec::new();
    for (from, to, at, message) in change {
        project = project.with(MANIFEST, from, to);
        wanted.push((at, message));
    }
    project.says(MANIFEST, &wanted);
}

#[test]
fn a_part_without_a_file_and_a_file_without_a_part() {
    let file =
        "value = \"$content\", base64 = \"$base64\", encode = \"file\", part = \"fileContent\"";
    for (to, message) in [
        (
            "value = \"$content\", base64 = \"$base64\", encode = \"file\"",
            "write_file: encode = \"file\" needs `part`",
        ),
        (
            "value = \"$content\", base64 = \"$base64\", part = \"fileContent\"",
            "write_file: `base64` and `part` go with encode = \"file\"",
        ),
        (
            "json = \"$content\", value = \"$base64\"",
            "write_file: `json` stands alone, without `value` and `encode`",
        ),
        (
            "part = \"fileContent\", encode = \"file\"",
            "write_file: missing `value` or `json`: write one of them",
        ),
    ] {
        let project = Project::trial().with(MANIFEST, file, to);
        let at = Table("write_file", "bind = {");
        project.says(MANIFEST, &[(at, message)]);
    }
}

#[test]
fn the_overlay_of_the_trial_tools_is_needed() {
    let body = "[add.body.\"application/json\"]";
    let found = Project::trial()
        .with(OVERLAY, body, "[add.bodies.\"application/json\"]")
        .with(
            OVERLAY,
            "[add.body.\"application/json\".properties]",
            "[add.bodies.\"application/json\".properties]",
        )
        .faults();
    let told = |text: &str| found.iter().any(|fault| fault.contains(text));
    assert!(
        told("unknown key `bodies`; nearest is \"body\""),
        "{found:?}"
    );
    assert!(
        told("set_trigger_enabled: updateTrigger takes no body"),
        "{found:?}"
    );
}

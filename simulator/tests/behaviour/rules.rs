//! Rules for flows that no recording breaks, taken from Kestra's own source.

use super::*;

const LOG: &str = "type: io.kestra.plugin.core.log.Log, message: hi";

/// The constraints that validation reports.
async fn complaint(dialect: Dialect, source: &str) -> String {
    let server = TestServer::new(dialect).await;
    let path = "/flows/validate";
    let answer = server
        .send("POST", path, "application/x-yaml", json!(source))
        .await;
    let verdicts: Value = serde_json::from_slice(&answer.body).unwrap();
    verdicts[0]["constraints"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

fn flow(more: &str) -> String {
    let tasks = if more.contains("tasks:") {
        String::new()
    } else {
        format!("tasks:\n- {{id: t, {LOG}}}\n")
    };
    format!("id: f\nnamespace: a\n{tasks}{more}\n")
}

#[tokio::test]
async fn unproven_rules_for_the_whole_flow() {
    for (more, said) in [
        (
            "inputs:\n- {id: x, type: INT, dependsOn: {inputs: [y]}}\n\
             - {id: y, type: INT, dependsOn: {inputs: [x]}}",
            "Cycle dependency detected for input with id 'x': [x, y]",
        ),
        (
            "triggers:\n- {id: w, type: io.kestra.plugin.core.trigger.Webhook, key: k}\n\
             - {id: w, type: io.kestra.plugin.core.trigger.Webhook, key: l}",
            "Invalid Flow: Duplicate trigger id with name [w]",
        ),
        (
            "inputs: [{id: a-b, type: STRING}]\n\
             tasks: [{id: t, type: io.kestra.plugin.core.debug.Return, format: '{{ inputs.a-b }}'}]",
            "Invalid input reference: use inputs[key-name] instead of inputs.key-name",
        ),
        (
            "tasks:\n- {id: t-1, type: io.kestra.plugin.core.debug.Return, format: x}\n\
             - {id: u, type: io.kestra.plugin.core.debug.Return, format: '{{ outputs.t-1.value }}'}",
            "offending tasks: [u]",
        ),
    ] {
        for dialect in Dialect::ALL {
            let complaint = complaint(dialect, &flow(more)).await;
            assert!(complaint.contains(said), "{dialect}: {more}: {complaint}");
        }
    }
}

#[tokio::test]
async fn unproven_rules_for_values_wherever_they_stand() {
    let nested = "tasks:\n- id: p\n  type: io.kestra.plugin.core.flow.Parallel\n  tasks:\n  - ";
    for (more, said) in [
        (
            "inputs: [{id: x, type: INT, defaults: 1, prefill: 2}]".to_owned(),
            "x: Inputs with a default value cannot also have a prefill.",
        ),
        (
            "inputs: [{id: x, type: ARRAY, itemType: ARRAY}]".to_owned(),
            "x: `itemType` cannot be ARRAY",
        ),
        (
            "outputs: [{id: o, type: STRING}]".to_owned(),
            "outputs[0].value: must not be null",
        ),
        (
            format!("{nested}{{id: a.b, {LOG}}}"),
            "tasks[0].tasks[0].id: must match \"^[a-zA-Z0-9][a-zA-Z0-9_-]*\"",
        ),
        (
            format!("{nested}{{id: s, type: io.kestra.plugin.core.flow.Sleep}}"),
            "tasks[0].tasks[0].duration: must not be null",
        ),
        (
            format!("{nested}{{id: s, {LOG}, nope: 1}}"),
            "Unrecognized field \"nope\" (class io.kestra.plugin.core.log.Log)",
        ),
        (
            format!("{nested}{{id: s, type: io.kestra.plugin.core.log.Lgo}}"),
            "Invalid type: io.kestra.plugin.core.log.Lgo",
        ),
        (
            "disabled: perhaps".to_owned(),
            "Cannot deserialize value of type `boolean` from String \"perhaps\"",
        ),
        (
            "concurrency: {limit: many}".to_owned(),
            "Cannot deserialize value of type `java.lang.Integer` from String \"many\"",
        ),
        (
            "inputs: {id: x}".to_owned(),
            "from Object value (token `JsonToken.START_OBJECT`)",
        ),
        (
            "revision: often".to_owned(),
            "Unable to validate the flow: class java.lang.String cannot be cast to class \
             java.lang.Integer",
        ),
        (
            "triggers:\n- {id: s, type: io.kestra.plugin.core.trigger.Schedule, cron: '61 * * * *'}"
                .to_owned(),
            "triggers[0]: invalid cron expression '61 * * * *'",
        ),
    ] {
        for dialect in Dialect::ALL {
            let complaint = complaint(dialect, &flow(&more)).await;
            assert!(complaint.contains(said), "{dialect}: {more}: {complaint}");
        }
    }
}

#[tokio::test]
async fn unproven_what_is_deprecated_has_a_path_on_1_3() {
    let server = TestServer::new(Dialect::V1_3).await;
    let source = flow(
        "inputs: [{name: x, type: STRING}]\n\
         tasks:\n- {id: p, type: io.kestra.plugin.core.flow.Pause, delay: PT1M}\n\
         - id: q\n  type: io.kestra.plugin.core.flow.Sequential\n  \
         tasks: [{id: e, type: io.kestra.plugin.core.debug.Echo, format: x}]",
    );
    let path = "/flows/validate";
    let answer = server
        .send("POST", path, "application/x-yaml", json!(source))
        .await;
    let verdicts: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(verdicts[0]["constraints"], Value::Null, "{verdicts}");
    let paths = json!(["inputs[0].name", "tasks[0].delay", "tasks[1].tasks[0]"]);
    assert_eq!(verdicts[0]["deprecationPaths"], paths);
}

#[tokio::test]
async fn unproven_a_loop_has_no_runs_of_its_items_beside_it() {
    let server = TestServer::new(Dialect::V2_0Dev).await;
    let source = flow(&format!(
        "tasks:\n- id: l\n  type: io.kestra.plugin.core.flow.Loop\n  values: [1, 2]\n  \
         tasks: [{{id: c, {LOG}}}]"
    ));
    server.0.save_flow(&source).unwrap();
    let answer = server
        .send("POST", "/executions/a/f", "", Value::Null)
        .await;
    let started: Value = serde_json::from_slice(&answer.body).unwrap();
    let id = started["id"].as_str().unwrap();
    server.pass(5);
    let execution = server.get(&format!("/executions/{id}")).await;
    assert_eq!(execution["state"]["current"], "SUCCESS", "{execution}");
    assert_eq!(execution["taskRunList"].as_array().unwrap().len(), 1);
}

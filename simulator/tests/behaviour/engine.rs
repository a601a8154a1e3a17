use super::*;

fn state(execution: &Value) -> &str {
    execution["state"]["current"].as_str().unwrap()
}

/// Task ids with values and states, in order of creation.
fn runs(execution: &Value) -> Vec<String> {
    execution["taskRunList"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| {
            let value = run["value"]
                .as_str()
                .map(|v| format!("[{v}]"))
                .unwrap_or_default();
            format!("{}{value} {}", run["taskId"].as_str().unwrap(), state(run))
        })
        .collect()
}

/// Runs the tasks of a flow to the end on 1.3.
async fn run(tasks: &str) -> Value {
    let server = TestServer::new(Dialect::V1_3).await;
    server
        .0
        .save_flow(&format!("id: f\nnamespace: t\n{tasks}"))
        .unwrap();
    let id = server.execute("f").await;
    server.pass(600);
    server.get(&format!("/executions/{id}")).await
}

const LOG: &str = "type: io.kestra.plugin.core.log.Log, message: m";
const FAIL: &str = "type: io.kestra.plugin.core.execution.Fail";

#[tokio::test]
async fn nothing_moves_unless_the_clock_moves() {
    for dialect in Dialect::ALL {
        let server = TestServer::new(dialect).await;
        server
            .0
            .save_flow(&format!(
                "id: f\nnamespace: t\ntasks:\n- {{id: a, {LOG}}}\n"
            ))
            .unwrap();
        let id = server.execute("f").await;
        let before = server.get(&format!("/executions/{id}")).await;
        assert_eq!(
            before,
            server.get(&format!("/executions/{id}")).await,
            "{dialect}"
        );
        assert_ne!(state(&before), "SUCCESS", "{dialect}");
        server.pass(5);
        let after = server.get(&format!("/executions/{id}")).await;
        assert_eq!(state(&after), "SUCCESS", "{dialect}");
    }
}

#[tokio::test]
async fn branches_are_chosen_by_rendered_conditions() {
    let execution = run(&format!(
        "tasks:\n- id: out\n  type: io.kestra.plugin.core.debug.Return\n  format: blue\n\
         - id: if\n  type: io.kestra.plugin.core.flow.If\n  \
         condition: \"{{{{ outputs.out.value == 'red' }}}}\"\n  then:\n  - {{id: yes1, {LOG}}}\n  \
         else:\n  - {{id: no1, {LOG}}}\n\
         - id: sw\n  type: io.kestra.plugin.core.flow.Switch\n  value: \"{{{{ outputs.out.value }}}}\"\n  \
         cases:\n    blue:\n    - {{id: b, {LOG}}}\n    red:\n    - {{id: r, {LOG}}}\n"
    ))
    .await;
    assert_eq!(
        runs(&execution),
        [
            "out SUCCESS",
            "if SUCCESS",
            "no1 SUCCESS",
            "sw SUCCESS",
            "b SUCCESS"
        ]
    );
}

#[tokio::test]
async fn each_value_is_run_in_turn() {
    let execution = run(
        "tasks:\n- id: each\n  type: io.kestra.plugin.core.flow.ForEach\n  values: [x, y]\n  \
         tasks:\n  - id: r\n    type: io.kestra.plugin.core.debug.Return\n    \
         format: \"<{{ taskrun.value }}>\"\n",
    )
    .await;
    assert_eq!(
        runs(&execution),
        ["each SUCCESS", "r[x] SUCCESS", "r[y] SUCCESS"]
    );
    assert_eq!(execution["taskRunList"][2]["outputs"]["value"], "<y>");
    assert_eq!(
        execution["taskRunList"][2]["parentTaskRunId"],
        execution["taskRunList"][0]["id"]
    );
}

#[tokio::test]
async fn failures_are_retried_tolerated_and_handled() {
    let execution = run(&format!(
        "tasks:\n- {{id: soft, {FAIL}, allowFailure: true}}\n\
         - {{id: hard, {FAIL}, retry: {{type: constant, interval: PT1M, maxAttempts: 3}}}}\n\
         - {{id: never, {LOG}}}\nerrors:\n- {{id: sorry, {LOG}}}\nfinally:\n- {{id: bye, {LOG}}}\n"
    ))
    .await;
    assert_eq!(state(&execution), "FAILED");
    assert_eq!(
        runs(&execution),
        [
            "soft WARNING",
            "hard FAILED",
            "sorry SUCCESS",
            "bye SUCCESS"
        ]
    );
    assert_eq!(
        execution["taskRunList"][1]["attempts"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
}

#[tokio::test]
async fn a_tolerated_failure_makes_the_execution_a_warning() {
    let tasks = format!("tasks:\n- {{id: soft, {FAIL}, allowFailure: true}}\n");
    assert_eq!(state(&run(&tasks).await), "WARNING");
}

#[tokio::test]
async fn disabled_and_conditional_tasks_do_not_run() {
    let execution = run(&format!(
        "tasks:\n- {{id: a, {LOG}, disabled: true}}\n- {{id: b, {LOG}, runIf: 'false'}}\n\
         - {{id: c, {LOG}}}\n"
    ))
    .await;
    assert_eq!(runs(&execution), ["b SKIPPED", "c SUCCESS"]);
}

#[tokio::test]
async fn parallel_tasks_run_side_by_side() {
    let server = TestServer::new(Dialect::V1_3).await;
    let sleep = "type: io.kestra.plugin.core.flow.Sleep, duration: PT30S";
    let flow = format!(
        "id: f\nnamespace: t\ntasks:\n- id: p\n  type: io.kestra.plugin.core.flow.Parallel\n  \
         tasks:\n  - {{id: a, {sleep}}}\n  - {{id: b, {sleep}}}\n"
    );
    server.0.save_flow(&flow).unwrap();
    let id = server.execute("f").await;
    server.pass(10);
    let execution = server.get(&format!("/executions/{id}")).await;
    assert_eq!(runs(&execution), ["p RUNNING", "a RUNNING", "b RUNNING"]);
    server.pass(21);
    assert_eq!(
        state(&server.get(&format!("/executions/{id}")).await),
        "SUCCESS"
    );
}

#[tokio::test]
async fn a_subflow_hands_its_outputs_up() {
    let server = TestServer::new(Dialect::V1_3).await;
    server
        .0
        .save_flow(
            "id: child\nnamespace: t\ninputs:\n- {id: n, type: INT}\noutputs:\n\
             - {id: o, type: STRING, value: 'got {{ inputs.n }}'}\ntasks:\n\
             - {id: a, type: io.kestra.plugin.core.log.Log, message: m}\n",
        )
        .unwrap();
    server
        .0
        .save_flow(
            "id: f\nnamespace: t\ntasks:\n- id: call\n  \
             type: io.kestra.plugin.core.flow.Subflow\n  namespace: t\n  flowId: child\n  \
             inputs: {n: 7}\n- id: r\n  type: io.kestra.plugin.core.debug.Return\n  \
             format: '{{ outputs.call.outputs.o }}'\n",
        )
        .unwrap();
    let id = server.execute("f").await;
    server.pass(5);
    let execution = server.get(&format!("/executions/{id}")).await;
    assert_eq!(runs(&execution), ["call SUCCESS", "r SUCCESS"]);
    assert_eq!(execution["taskRunList"][1]["outputs"]["value"], "got 7");
}

#[tokio::test]
async fn a_pause_with_a_duration_ends_by_itself() {
    let server = TestServer::new(Dialect::V2_0Dev).await;
    server
        .0
        .save_flow(
            "id: f\nnamespace: t\ntasks:\n- id: p\n  type: io.kestra.plugin.core.flow.Pause\n  \
             pauseDuration: PT1M\n",
        )
        .unwrap();
    let id = server.execute("f").await;
    assert_eq!(
        state(&server.get(&format!("/executions/{id}")).await),
        "PAUSED"
    );
    server.pass(61);
    assert_eq!(
        state(&server.get(&format!("/executions/{id}")).await),
        "SUCCESS"
    );
}

#[tokio::test]
async fn a_restarted_execution_runs_what_failed_again() {
    let server = TestServer::new(Dialect::V1_3).await;
    server
        .0
        .save_flow(&format!(
            "id: f\nnamespace: t\ntasks:\n- {{id: a, {LOG}}}\n- {{id: b, {FAIL}}}\n"
        ))
        .unwrap();
    let id = server.execute("f").await;
    server.pass(5);
    assert_eq!(
        server
            .status("POST", &format!("/executions/{id}/restart"))
            .await,
        200
    );
    server.pass(5);
    let execution = server.get(&format!("/executions/{id}")).await;
    assert_eq!(runs(&execution), ["a SUCCESS", "b FAILED"]);
    assert_eq!(
        execution["taskRunList"][1]["attempts"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

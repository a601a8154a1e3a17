//! Outputs on their own routes, which 2.0 has instead of outputs in executions.

use serde_json::{Value, json};

use crate::{
    answer::Answer,
    call::Call,
    error::Refusal,
    execution::Execution,
    route::{Route, get},
    world::World,
};

pub(crate) const ROUTES: &[Route] = &[
    get("/outputs/{}", tasks).dev(),
    get("/outputs/{}/{}", task).dev(),
    get("/outputs/tasks/{}", tasks).ga(),
    get("/outputs/tasks/{}/{}", task).ga(),
    get("/outputs/executions/{}", flow).ga(),
];

fn execution<'a>(world: &'a World, call: &Call) -> Result<&'a Execution, Refusal> {
    world.visible_execution(call.segment(0), call.now)
}

fn tasks(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let rows: Vec<Value> = execution(world, call)?
        .runs
        .iter()
        .filter(|run| {
            run.outputs
                .as_ref()
                .is_some_and(|outputs| !outputs.is_empty())
        })
        .map(|run| {
            let mut row = json!({"taskId": run.task_id, "taskRunId": run.id, "inline": true});
            if let Some(fields) = row.as_object_mut() {
                if let Some(value) = &run.value {
                    fields.insert("value".to_owned(), json!(value));
                }
                if let Some(iteration) = run.iteration {
                    fields.insert("iteration".to_owned(), json!(iteration));
                }
            }
            row
        })
        .collect();
    Ok(Answer::json(&Value::Array(rows)))
}

fn task(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let runs = &execution(world, call)?.runs;
    let run = runs
        .iter()
        .find(|run| run.id == call.segment(1))
        .ok_or_else(Refusal::not_found)?;
    Ok(Answer::json(&json!(
        run.outputs.clone().unwrap_or_default()
    )))
}

fn flow(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    Ok(Answer::json(&json!(
        execution(world, call)?.outputs.clone().unwrap_or_default()
    )))
}

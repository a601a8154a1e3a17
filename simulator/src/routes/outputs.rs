//! Outputs, which have routes of their own in 2.0.

use serde_json::{Value, json};

use crate::{
    error::ApiError,
    execution::Execution,
    request::Request,
    response::Response,
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

fn execution<'a>(world: &'a World, request: &Request) -> Result<&'a Execution, ApiError> {
    world.visible_execution(request.segment(0), request.now)
}

fn tasks(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let rows: Vec<Value> = execution(world, request)?
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
    Ok(Response::json(&Value::Array(rows)))
}

fn task(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let runs = &execution(world, request)?.runs;
    let run = runs
        .iter()
        .find(|run| run.id == request.segment(1))
        .ok_or_else(ApiError::not_found)?;
    Ok(Response::json(&json!(
        run.outputs.clone().unwrap_or_default()
    )))
}

fn flow(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    Ok(Response::json(&json!(
        execution(world, request)?
            .outputs
            .clone()
            .unwrap_or_default()
    )))
}

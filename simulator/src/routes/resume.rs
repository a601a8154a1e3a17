//! Resuming paused executions.

use serde_json::Value;

use super::action::{shown, v1, v2};
use crate::{
    error::ApiError,
    execution::{Execution, Status},
    input::{self, Target},
    request::Request,
    response::Response,
    route::Route,
    world::World,
};

const FORM: &str = "multipart/form-data";

pub(crate) const ROUTES: &[Route] = &[
    v1("/executions/{}/resume", resume).takes(FORM),
    v2("/executions/{}/actions/resume", resume).takes(FORM),
    v1("/executions/{}/resume/validate", validate_resume).takes(FORM),
    v2("/executions/{}/actions/resume/validate", validate_resume).takes(FORM),
];

fn resume(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let id = world
        .named_execution(request.segment(0), request.now)?
        .id
        .clone();
    resume_one(world, request, &id)?;
    shown(world, request, &id, Some(204))
}

pub(crate) fn resume_one(world: &mut World, request: &Request, id: &str) -> Result<(), ApiError> {
    let execution = world.execution(id).ok_or_else(ApiError::not_found)?;
    paused(execution)?;
    let target = Target {
        dialect: request.dialect,
        namespace: &execution.flow.namespace,
        flow_id: &execution.flow.id,
        execution_id: id,
    };
    let values = input::accept(asked(execution), &request.parts(), target)?;
    let mut values = values.map(|inputs| inputs.clear).unwrap_or_default();
    values.retain(|_, value| !value.is_null());
    world.resume(request.now, id, Status::Success, Some(&values));
    Ok(())
}

/// Checks that an execution is paused. Both recorded lines respond with 409 otherwise.
fn paused(execution: &Execution) -> Result<(), ApiError> {
    if execution.state.current() == Status::Paused {
        return Ok(());
    }
    let id = &execution.id;
    let message = format!("Execution '{id}' is not paused, can't resume it");
    Err(ApiError::illegal_state(message))
}

/// The inputs that the pause task asks for.
fn asked(execution: &Execution) -> &[Value] {
    let paused = execution
        .runs
        .iter()
        .find(|run| run.status() == Status::Paused);
    let asked = paused.and_then(|run| execution.task(&run.task_id)?.get("onResume")?.as_array());
    asked.map_or(&[], Vec::as_slice)
}

fn validate_resume(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let execution = world.named_execution(request.segment(0), request.now)?;
    paused(execution)?;
    Ok(super::start::verdict(
        &execution.flow,
        asked(execution),
        request,
    ))
}

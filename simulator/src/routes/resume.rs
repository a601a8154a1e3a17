//! Executions that go on after a pause.

use serde_json::Value;

use super::action::{shown, v1, v2};
use crate::{
    answer::Answer,
    call::Call,
    error::Refusal,
    execution::{Execution, Status},
    input::{self, Place},
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

fn resume(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let id = world.named_execution(call.segment(0), call.now)?.id.clone();
    resume_one(world, call, &id)?;
    shown(world, call, &id, Some(204))
}

pub(crate) fn resume_one(world: &mut World, call: &Call, id: &str) -> Result<(), Refusal> {
    let execution = world.execution(id).ok_or_else(Refusal::not_found)?;
    paused(execution)?;
    let place = Place {
        dialect: call.dialect,
        namespace: &execution.flow.namespace,
        flow_id: &execution.flow.id,
        execution_id: id,
    };
    let values = input::accept(asked(execution), &call.parts(), place)?;
    let mut values = values.map(|inputs| inputs.clear).unwrap_or_default();
    values.retain(|_, value| !value.is_null());
    world.resume(call.now, id, Status::Success, Some(&values));
    Ok(())
}

/// Both recorded lines say this with 409.
fn paused(execution: &Execution) -> Result<(), Refusal> {
    if execution.state.current() == Status::Paused {
        return Ok(());
    }
    let id = &execution.id;
    let message = format!("Execution '{id}' is not paused, can't resume it");
    Err(Refusal::illegal_state(message))
}

/// The inputs that the pause of an execution asks for.
fn asked(execution: &Execution) -> &[Value] {
    let paused = execution
        .runs
        .iter()
        .find(|run| run.status() == Status::Paused);
    let asked = paused.and_then(|run| execution.task(&run.task_id)?.get("onResume")?.as_array());
    asked.map_or(&[], Vec::as_slice)
}

fn validate_resume(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let execution = world.named_execution(call.segment(0), call.now)?;
    paused(execution)?;
    Ok(super::create::verdict(
        &execution.flow,
        asked(execution),
        call,
    ))
}

//! Actions on single executions: `/executions/{id}/X` in 1.3, `/executions/{id}/actions/X` in 2.0.

use serde_json::{Map, json};

use super::action::{argument, error_by_line, id, shown, state, v1, v2};

use crate::{
    error::ApiError,
    execution::Status,
    flow::text,
    pebble,
    request::Request,
    response::Response,
    route::{Route, delete},
    world::World,
};

pub(crate) const ROUTES: &[Route] = &[
    delete("/executions/{}/kill", kill).v1().gives("text/json"),
    delete("/executions/{}/actions/kill", kill)
        .v2()
        .gives("text/json"),
    v1("/executions/{}/pause", pause),
    v2("/executions/{}/actions/pause", pause),
    v1("/executions/{}/state", set_state),
    v2("/executions/{}/actions/state", set_state),
    v1("/executions/{}/change-status", change_status),
    v2("/executions/{}/actions/change-status", change_status),
    v1("/executions/{}/unqueue", unqueue),
    v2("/executions/{}/actions/unqueue", unqueue),
    v1("/executions/{}/force-run", force_run),
    v2("/executions/{}/actions/force-run", force_run),
    v1("/executions/{}/eval", eval).takes("text/plain"),
    v2("/executions/{}/actions/eval", eval).takes("text/plain"),
];

fn kill(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let id = id(world, request)?;
    let cascade = request.flag("isOnKillCascade", true);
    let ended = world
        .execution(&id)
        .is_some_and(|e| e.state.current().is_terminal());
    if ended && !cascade {
        return Err(error_by_line(
            request,
            state,
            "Execution is already finished, can't kill it",
            "Cannot kill execution: execution is already terminated.",
        ));
    }
    world.kill(request.now, &id, cascade);
    let response = shown(world, request, &id, Some(202))?;
    Ok(Response {
        content_type: response.content_type.map(|_| "text/json"),
        ..response
    })
}

fn pause(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let id = id(world, request).map_err(|_| ApiError::missing("Page Not Found"))?;
    pause_one(world, request, &id)?;
    shown(world, request, &id, Some(200))
}

pub(crate) fn pause_one(world: &mut World, request: &Request, id: &str) -> Result<(), ApiError> {
    let execution = world.execution_mut(id).ok_or_else(ApiError::not_found)?;
    if execution.state.current() != Status::Running {
        return Err(error_by_line(
            request,
            argument,
            "The execution is not running",
            "Cannot pause execution: execution is not running.",
        ));
    }
    execution.state.push(Status::Paused, request.now);
    Ok(())
}

/// Sets the state of a task run; the execution continues from there.
fn set_state(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let id = id(world, request)?;
    let body = request.json()?;
    let name = text(&body, "state");
    let status = Status::parse(name).ok_or_else(|| {
        ApiError::illegal_argument(format!(
            "No enum constant io.kestra.core.models.flows.State.Type.{name}"
        ))
    })?;
    let execution = world.execution_mut(&id).ok_or_else(ApiError::not_found)?;
    let wanted = text(&body, "taskRunId");
    let run = execution
        .runs
        .iter_mut()
        .find(|run| run.id == wanted)
        .ok_or_else(|| {
            ApiError::illegal_argument(format!("No task run found with id '{wanted}'"))
        })?;
    run.generation += 1;
    run.state.push(status, request.now);
    world.resume_after_edit(request.now, &id);
    shown(world, request, &id, None)
}

fn change_status(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let id = id(world, request)?;
    change_one(world, request, &id, "status")?;
    shown(world, request, &id, None)
}

pub(crate) fn change_one(
    world: &mut World,
    request: &Request,
    id: &str,
    parameter: &str,
) -> Result<(), ApiError> {
    let name = request.parameter(parameter).unwrap_or_default();
    let status = Status::parse(name).ok_or_else(|| {
        let cause = format!("No enum constant io.kestra.core.models.flows.State.Type.{name}");
        let shown = if request.dialect.is_v2() {
            name
        } else {
            "String name"
        };
        ApiError::unconvertible(parameter, shown, &cause)
    })?;
    let execution = world.execution_mut(id).ok_or_else(ApiError::not_found)?;
    let current = execution.state.current();
    if !current.is_terminal() || current == Status::Killed || !status.is_terminal() {
        return Err(error_by_line(
            request,
            argument,
            "You can only change the state of a terminated non killed execution.",
            "Cannot change execution state: execution must be terminated and not killed.",
        ));
    }
    execution.state.push(status, request.now);
    Ok(())
}

fn unqueue(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let id = id(world, request)?;
    unqueue_one(world, request, &id)?;
    shown(world, request, &id, None)
}

pub(crate) fn unqueue_one(world: &mut World, request: &Request, id: &str) -> Result<(), ApiError> {
    let execution = world.execution(id).ok_or_else(ApiError::not_found)?;
    if execution.state.current() != Status::Queued {
        let words = "Cannot unqueue execution: execution is not queued.";
        return Err(error_by_line(
            request,
            argument,
            "Execution is not queued",
            words,
        ));
    }
    world.run_waiting(request.now, id);
    Ok(())
}

fn force_run(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let id = id(world, request)?;
    force_one(world, request, &id)?;
    shown(world, request, &id, None)
}

pub(crate) fn force_one(world: &mut World, request: &Request, id: &str) -> Result<(), ApiError> {
    let execution = world.execution(id).ok_or_else(ApiError::not_found)?;
    match execution.state.current() {
        status if status.is_terminal() => Err(error_by_line(
            request,
            state,
            "Execution is terminated, can't force it to run",
            "Cannot force run execution: execution is terminated.",
        )),
        Status::Running => Ok(()),
        Status::Paused => {
            world.resume(request.now, id, Status::Success, Some(&Map::new()));
            Ok(())
        }
        _ => {
            world.run_waiting(request.now, id);
            Ok(())
        }
    }
}

fn eval(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let execution = world.visible_execution(request.segment(0), request.now)?;
    let result = match pebble::render(&request.text(), &execution.variables(None)) {
        Ok(result) => json!({ "result": result }),
        Err(error) => json!({"error": error, "stackTrace": error}),
    };
    Ok(Response::json(&result))
}

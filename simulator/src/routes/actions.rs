//! Actions on single executions: `/executions/{id}/X` in 1.3, `/executions/{id}/actions/X` in 2.0.

use serde_json::{Map, json};

use super::action::{argument, id, refuse, shown, state, v1, v2};

use crate::{
    answer::Answer,
    call::Call,
    error::Refusal,
    execution::Status,
    flow::text,
    pebble,
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

fn kill(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let id = id(world, call)?;
    let cascade = call.flag("isOnKillCascade", true);
    let ended = world
        .execution(&id)
        .is_some_and(|e| e.state.current().is_terminal());
    if ended && !cascade {
        return Err(refuse(
            call,
            state,
            "Execution is already finished, can't kill it",
            "Cannot kill execution: execution is already terminated.",
        ));
    }
    world.kill(call.now, &id, cascade);
    let answer = shown(world, call, &id, Some(202))?;
    Ok(Answer {
        content_type: answer.content_type.map(|_| "text/json"),
        ..answer
    })
}

fn pause(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let id = id(world, call).map_err(|_| Refusal::missing("Page Not Found"))?;
    pause_one(world, call, &id)?;
    shown(world, call, &id, Some(200))
}

pub(crate) fn pause_one(world: &mut World, call: &Call, id: &str) -> Result<(), Refusal> {
    let execution = world.execution_mut(id).ok_or_else(Refusal::not_found)?;
    if execution.state.current() != Status::Running {
        return Err(refuse(
            call,
            argument,
            "The execution is not running",
            "Cannot pause execution: execution is not running.",
        ));
    }
    execution.state.push(Status::Paused, call.now);
    Ok(())
}

/// Sets the state of a task run; the execution goes on from there.
fn set_state(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let id = id(world, call)?;
    let body = call.json()?;
    let name = text(&body, "state");
    let status = Status::parse(name).ok_or_else(|| {
        Refusal::illegal_argument(format!(
            "No enum constant io.kestra.core.models.flows.State.Type.{name}"
        ))
    })?;
    let execution = world.execution_mut(&id).ok_or_else(Refusal::not_found)?;
    let wanted = text(&body, "taskRunId");
    let run = execution
        .runs
        .iter_mut()
        .find(|run| run.id == wanted)
        .ok_or_else(|| {
            Refusal::illegal_argument(format!("No task run found with id '{wanted}'"))
        })?;
    run.generation += 1;
    run.state.push(status, call.now);
    world.go_on(call.now, &id);
    shown(world, call, &id, None)
}

fn change_status(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let id = id(world, call)?;
    change_one(world, call, &id, "status")?;
    shown(world, call, &id, None)
}

pub(crate) fn change_one(
    world: &mut World,
    call: &Call,
    id: &str,
    parameter: &str,
) -> Result<(), Refusal> {
    let name = call.parameter(parameter).unwrap_or_default();
    let status = Status::parse(name).ok_or_else(|| {
        let cause = format!("No enum constant io.kestra.core.models.flows.State.Type.{name}");
        let shown = if call.dialect.is_v2() {
            name
        } else {
            "String name"
        };
        Refusal::unconvertible(parameter, shown, &cause)
    })?;
    let execution = world.execution_mut(id).ok_or_else(Refusal::not_found)?;
    let current = execution.state.current();
    if !current.is_terminal() || current == Status::Killed || !status.is_terminal() {
        return Err(refuse(
            call,
            argument,
            "You can only change the state of a terminated non killed execution.",
            "Cannot change execution state: execution must be terminated and not killed.",
        ));
    }
    execution.state.push(status, call.now);
    Ok(())
}

fn unqueue(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let id = id(world, call)?;
    unqueue_one(world, call, &id)?;
    shown(world, call, &id, None)
}

pub(crate) fn unqueue_one(world: &mut World, call: &Call, id: &str) -> Result<(), Refusal> {
    let execution = world.execution(id).ok_or_else(Refusal::not_found)?;
    if execution.state.current() != Status::Queued {
        let words = "Cannot unqueue execution: execution is not queued.";
        return Err(refuse(call, argument, "Execution is not queued", words));
    }
    world.set_running(call.now, id);
    Ok(())
}

fn force_run(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let id = id(world, call)?;
    force_one(world, call, &id)?;
    shown(world, call, &id, None)
}

pub(crate) fn force_one(world: &mut World, call: &Call, id: &str) -> Result<(), Refusal> {
    let execution = world.execution(id).ok_or_else(Refusal::not_found)?;
    match execution.state.current() {
        status if status.is_terminal() => Err(refuse(
            call,
            state,
            "Execution is terminated, can't force it to run",
            "Cannot force run execution: execution is terminated.",
        )),
        Status::Running => Ok(()),
        Status::Paused => {
            world.resume(call.now, id, Status::Success, Some(&Map::new()));
            Ok(())
        }
        _ => {
            world.set_running(call.now, id);
            Ok(())
        }
    }
}

fn eval(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let execution = world.visible_execution(call.segment(0), call.now)?;
    let result = match pebble::render(&call.text(), &execution.scope(None)) {
        Ok(result) => json!({ "result": result }),
        Err(error) => json!({"error": error, "stackTrace": error}),
    };
    Ok(Answer::json(&result))
}

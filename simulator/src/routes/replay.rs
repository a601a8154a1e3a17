//! Restarting and replaying executions.

use super::action::{argument, shown, v1, v2};
use crate::{
    error::ApiError,
    execution::{Execution, State, Status},
    flow::Shared,
    input::{self, Target},
    request::Request,
    response::Response,
    route::Route,
    world::World,
};

const FORM: &str = "multipart/form-data";

pub(crate) const ROUTES: &[Route] = &[
    v1("/executions/{}/restart", restart),
    v2("/executions/{}/actions/restart", restart),
    v1("/executions/{}/replay", replay),
    v2("/executions/{}/actions/replay", replay),
    v1("/executions/{}/replay-with-inputs", replay_with_inputs).takes(FORM),
    v2(
        "/executions/{}/actions/replay-with-inputs",
        replay_with_inputs,
    )
    .takes(FORM),
];

/// The execution in the path; the 404 of 2.0 says "Page Not Found".
fn old(world: &World, request: &Request) -> Result<Execution, ApiError> {
    let found = world.visible_execution(request.segment(0), request.now);
    found.cloned().map_err(|error| {
        if request.dialect.is_v2() {
            ApiError::missing("Page Not Found")
        } else {
            error
        }
    })
}

/// The requested revision of the flow, if there is one.
fn wanted(world: &World, request: &Request, flow: &Shared) -> Result<Option<Shared>, ApiError> {
    let Some(revision) = request.number("revision")? else {
        return Ok(None);
    };
    let (namespace, id) = (&flow.namespace, &flow.id);
    let mut revisions = world.flows.revisions(namespace, id).iter();
    let found = revisions.find(|flow| flow.revision == revision);
    let missing = || {
        ApiError::missing(format!(
            "Unable to find revision {revision} on flow {namespace}.{id}"
        ))
    };
    found.cloned().ok_or_else(missing).map(Some)
}

fn restart(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let old = old(world, request)?;
    let Some(flow) = wanted(world, request, &old.flow)? else {
        restart_one(world, request, &old.id)?;
        return shown(world, request, &old.id, None);
    };
    check(request, &old)?;
    let id = old.id.clone();
    let mut new = Execution {
        id: world.ids.next(),
        flow,
        parent_id: Some(old.id.clone()),
        trigger: None,
        awaited_by: None,
        schedule_date: None,
        ..old
    };
    for run in &mut new.runs {
        run.id = world.ids.next();
        // 2.0 stores outputs with the execution that produced them, so the copy has none.
        if request.dialect.is_v2() {
            run.outputs = None;
        }
    }
    let new_id = new.id.clone();
    world.executions.push(new);
    world.restart(request.now, &new_id);
    // 2.0 responds with the old execution.
    let answered = if request.dialect.is_v2() { id } else { new_id };
    shown(world, request, &answered, None)
}

pub(crate) fn restart_one(world: &mut World, request: &Request, id: &str) -> Result<(), ApiError> {
    check(
        request,
        world.execution(id).ok_or_else(ApiError::not_found)?,
    )?;
    world.restart(request.now, id);
    Ok(())
}

/// Checks that an execution can be restarted.
fn check(request: &Request, execution: &Execution) -> Result<(), ApiError> {
    let current = execution.state.current();
    let failed = execution.runs.iter().any(|run| run.status().stops());
    if current == Status::Paused {
        return Ok(());
    }
    if request.dialect.is_v2() {
        let may = current == Status::Failed || (current == Status::Warning && failed);
        let words = format!(
            "Cannot restart execution: current state is '{}', expected terminated or paused.",
            current.text()
        );
        return if may {
            Ok(())
        } else {
            Err(ApiError::conflict(words))
        };
    }
    if !current.is_terminal() || current == Status::Killed {
        return Err(ApiError::illegal_state(format!(
            "Execution must be terminated or paused and not killed to be restarted, current \
             state is '{}' !",
            current.text()
        )));
    }
    if execution.runs.is_empty() {
        return Err(ApiError::internal(
            "Cannot invoke \"java.util.List.stream()\" because the return value of \
             \"io.kestra.core.models.executions.Execution.getTaskRunList()\" is null",
        ));
    }
    if !failed {
        return Err(argument(NOTHING_FAILED.to_owned()));
    }
    Ok(())
}

const NOTHING_FAILED: &str = "No task found to restart execution from!";

fn replay(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let old = old(world, request)?;
    let flow = wanted(world, request, &old.flow)?;
    let id = replay_one(world, request, &old, flow)?;
    shown(world, request, &id, None)
}

fn replay_with_inputs(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let mut old = world
        .visible_execution(request.segment(0), request.now)?
        .clone();
    let flow = wanted(world, request, &old.flow)?;
    let target = Target {
        dialect: request.dialect,
        namespace: &old.flow.namespace,
        flow_id: &old.flow.id,
        execution_id: &old.id,
    };
    old.inputs = input::accept(old.flow.list("inputs"), &request.parts(), target)?;
    let id = replay_one(world, request, &old, flow)?;
    shown(world, request, &id, None)
}

/// Replays an execution, with another revision if given, and from a task run on if the request
/// names one.
pub(crate) fn replay_one(
    world: &mut World,
    request: &Request,
    old: &Execution,
    flow: Option<Shared>,
) -> Result<String, ApiError> {
    let mut new = Execution {
        id: world.ids.next(),
        state: State::new(Status::Created, request.now),
        flow: flow.unwrap_or_else(|| old.flow.clone()),
        runs: Vec::new(),
        shows_empty_runs: true,
        parent_id: Some(old.id.clone()),
        attempt_number: old.attempt_number + 1,
        schedule_date: None,
        awaited_by: None,
        ..old.clone()
    };
    new.label("system.replay", "true");
    let (id, inputs) = (new.id.clone(), new.inputs.clone());
    if let Some(from) = request.parameter("taskRunId") {
        let at = old.runs.iter().position(|run| run.id == from);
        let at = at.ok_or_else(|| {
            let v2 = format!("Task run id '{from}' not found in execution '{}'", old.id);
            let message = if request.dialect.is_v2() {
                v2
            } else {
                NOTHING_FAILED.to_owned()
            };
            argument(message)
        })?;
        new.state = old.state.clone();
        new.runs = old.runs.iter().take(at + 1).cloned().collect();
        for run in &mut new.runs {
            run.id = world.ids.next();
        }
        world.executions.push(new);
        world.rerun_from(request.now, &id, at);
    } else {
        world.add_execution(new, request.now + world.lag());
    }
    if let Some(old) = world.execution_mut(&old.id) {
        old.label("system.replayed", "true");
        // 1.3 also changes the inputs of the execution that was replayed.
        if !request.dialect.is_v2() {
            old.inputs = inputs;
        }
    }
    Ok(id)
}

//! Executions once more: restart and replay.

use super::action::{argument, shown, v1, v2};
use crate::{
    answer::Answer,
    call::Call,
    error::Refusal,
    execution::{Execution, State, Status},
    flow::Shared,
    input::{self, Place},
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

/// The execution in the path; 2.0 calls what is not there a page.
fn old(world: &World, call: &Call) -> Result<Execution, Refusal> {
    let found = world.visible_execution(call.segment(0), call.now);
    found.cloned().map_err(|refusal| {
        if call.dialect.is_v2() {
            Refusal::missing("Page Not Found")
        } else {
            refusal
        }
    })
}

/// The flow in the revision that is asked for, if one is.
fn wanted(world: &World, call: &Call, flow: &Shared) -> Result<Option<Shared>, Refusal> {
    let Some(revision) = call.number("revision")? else {
        return Ok(None);
    };
    let (namespace, id) = (&flow.namespace, &flow.id);
    let mut revisions = world.flows.revisions(namespace, id).iter();
    let found = revisions.find(|flow| flow.revision == revision);
    let missing = || {
        Refusal::missing(format!(
            "Unable to find revision {revision} on flow {namespace}.{id}"
        ))
    };
    found.cloned().ok_or_else(missing).map(Some)
}

fn restart(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let old = old(world, call)?;
    let Some(flow) = wanted(world, call, &old.flow)? else {
        restart_one(world, call, &old.id)?;
        return shown(world, call, &old.id, None);
    };
    check(call, &old)?;
    let id = old.id.clone();
    let mut new = Execution {
        id: world.ids.next(),
        flow,
        parent_id: Some(old.id.clone()),
        trigger: None,
        waiting: None,
        schedule_date: None,
        ..old
    };
    for run in &mut new.runs {
        run.id = world.ids.next();
        // 2.0 keeps outputs by the execution that made them, and loses these.
        if call.dialect.is_v2() {
            run.outputs = None;
        }
    }
    let new_id = new.id.clone();
    world.executions.push(new);
    world.restart(call.now, &new_id);
    // 2.0 answers with the old one.
    let answered = if call.dialect.is_v2() { id } else { new_id };
    shown(world, call, &answered, None)
}

pub(crate) fn restart_one(world: &mut World, call: &Call, id: &str) -> Result<(), Refusal> {
    check(call, world.execution(id).ok_or_else(Refusal::not_found)?)?;
    world.restart(call.now, id);
    Ok(())
}

/// Whether an execution can be restarted.
fn check(call: &Call, execution: &Execution) -> Result<(), Refusal> {
    let current = execution.state.current();
    let failed = execution.runs.iter().any(|run| run.status().stops());
    if current == Status::Paused {
        return Ok(());
    }
    if call.dialect.is_v2() {
        let may = current == Status::Failed || (current == Status::Warning && failed);
        let words = format!(
            "Cannot restart execution: current state is '{}', expected terminated or paused.",
            current.text()
        );
        return if may {
            Ok(())
        } else {
            Err(Refusal::conflict(words))
        };
    }
    if !current.is_terminal() || current == Status::Killed {
        return Err(Refusal::illegal_state(format!(
            "Execution must be terminated or paused and not killed to be restarted, current \
             state is '{}' !",
            current.text()
        )));
    }
    if execution.runs.is_empty() {
        return Err(Refusal::internal(
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

fn replay(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let old = old(world, call)?;
    let flow = wanted(world, call, &old.flow)?;
    let id = replay_one(world, call, &old, flow)?;
    shown(world, call, &id, None)
}

fn replay_with_inputs(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let mut old = world.visible_execution(call.segment(0), call.now)?.clone();
    let flow = wanted(world, call, &old.flow)?;
    let place = Place {
        dialect: call.dialect,
        namespace: &old.flow.namespace,
        flow_id: &old.flow.id,
        execution_id: &old.id,
    };
    old.inputs = input::accept(old.flow.list("inputs"), &call.parts(), place)?;
    let id = replay_one(world, call, &old, flow)?;
    shown(world, call, &id, None)
}

/// Begins an execution like another, in another revision if one is given, and from a task run on if
/// one is named.
pub(crate) fn replay_one(
    world: &mut World,
    call: &Call,
    old: &Execution,
    flow: Option<Shared>,
) -> Result<String, Refusal> {
    let mut new = Execution {
        id: world.ids.next(),
        state: State::new(Status::Created, call.now),
        flow: flow.unwrap_or_else(|| old.flow.clone()),
        runs: Vec::new(),
        shows_no_runs: true,
        parent_id: Some(old.id.clone()),
        attempt_number: old.attempt_number + 1,
        schedule_date: None,
        waiting: None,
        ..old.clone()
    };
    new.label("system.replay", "true");
    let (id, inputs) = (new.id.clone(), new.inputs.clone());
    if let Some(from) = call.parameter("taskRunId") {
        let at = old.runs.iter().position(|run| run.id == from);
        let at = at.ok_or_else(|| {
            let v2 = format!("Task run id '{from}' not found in execution '{}'", old.id);
            let message = if call.dialect.is_v2() {
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
        world.run_again_from(call.now, &id, at);
    } else {
        world.add_execution(new, call.now + world.lag());
    }
    if let Some(old) = world.execution_mut(&old.id) {
        old.label("system.replayed", "true");
        // 1.3 also gives the new inputs to the execution that was replayed.
        if !call.dialect.is_v2() {
            old.inputs = inputs;
        }
    }
    Ok(id)
}

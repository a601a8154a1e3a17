//! Actions on many executions by their ids.

use serde_json::{Value, json};

use super::actions;
use crate::{
    answer::Answer,
    call::Call,
    error::Refusal,
    flow::text,
    route::{Route, delete, post},
    world::World,
};

const JSON: &str = "application/json";

pub(crate) const ROUTES: &[Route] = &[
    delete("/executions/kill/by-ids", kill).takes(JSON),
    post("/executions/pause/by-ids", pause).takes(JSON),
    post("/executions/resume/by-ids", resume).takes(JSON),
    post("/executions/restart/by-ids", restart).takes(JSON),
    post("/executions/replay/by-ids", replay).takes(JSON),
    post("/executions/force-run/by-ids", force_run).takes(JSON),
    post("/executions/unqueue/by-ids", unqueue).takes(JSON),
    post("/executions/change-status/by-ids", change_status).takes(JSON),
    post("/executions/labels/by-ids", labels).takes(JSON),
    delete("/executions/by-ids", remove).takes(JSON),
];

type One = fn(&mut World, &Call, &str) -> Result<(), Refusal>;

/// Acts on every id, or on none when one is wrong.
fn each(
    world: &mut World,
    call: &Call,
    what: &str,
    ids: &Value,
    act: One,
) -> Result<Answer, Refusal> {
    let ids: Vec<&str> = ids
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let unknown: Vec<&str> = ids
        .iter()
        .filter(|id| world.visible_execution(id, call.now).is_err())
        .copied()
        .collect();
    if !unknown.is_empty() {
        return Err(invalid(what, "execution not found", &unknown, 400));
    }
    let count = ids.len();
    for id in ids {
        act(world, call, id)?;
    }
    Ok(done(world, call, count))
}

fn done(world: &mut World, call: &Call, count: usize) -> Answer {
    if call.dialect.is_v2() {
        let id = world.ids.next();
        Answer::json_as(202, &json!({"operationId": id, "totalItems": count}))
    } else {
        Answer::json(&json!({ "count": count }))
    }
}

fn invalid(what: &str, message: &str, ids: &[&str], status: u16) -> Refusal {
    let invalids: Vec<Value> = ids
        .iter()
        .map(|id| {
            json!({
                "message": message, "rootBean": id, "rootBeanClass": "java.lang.String",
                "leafBean": id, "invalidValue": id, "messageTemplate": "{messageTemplate}",
                "propertyPath": [
                    {"name": "execution", "kind": "PROPERTY", "inIterable": false},
                ],
                "executableParameters": [],
            })
        })
        .collect();
    let message = format!("invalid bulk {what}");
    let body = json!({"message": message, "invalids": invalids});
    Refusal::with_body(status, "bulk-validation-failed", &message, body)
}

fn kill(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    each(world, call, "kill", &call.json()?, |world, call, id| {
        world.kill(call.now, id, true);
        Ok(())
    })
}

fn pause(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    each(world, call, "pause", &call.json()?, actions::pause_one)
}

fn resume(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    each(world, call, "resume", &call.json()?, actions::resume_one)
}

fn restart(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    each(world, call, "restart", &call.json()?, actions::restart_one)
}

fn replay(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    each(world, call, "replay", &call.json()?, |world, call, id| {
        let old = world.execution(id).ok_or_else(Refusal::not_found)?.clone();
        actions::replay_one(world, call, &old).map(|_| ())
    })
}

fn force_run(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    each(world, call, "force run", &call.json()?, actions::force_one)
}

fn unqueue(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    each(world, call, "unqueue", &call.json()?, actions::unqueue_one)
}

fn change_status(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    each(
        world,
        call,
        "change status",
        &call.json()?,
        |world, call, id| actions::change_one(world, call, id, "newStatus"),
    )
}

fn labels(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let body = call.json()?;
    let ids = body.get("executionsId").cloned().unwrap_or(Value::Null);
    each(world, call, "labels", &ids, |world, call, id| {
        let body = call.json()?;
        let labels = body.get("executionLabels").cloned().unwrap_or(Value::Null);
        let new: Vec<Value> = labels.as_array().cloned().unwrap_or_default();
        let mut all: Vec<Value> = world
            .execution(id)
            .map(|e| {
                e.labels
                    .iter()
                    .map(|(k, v)| json!({"key": k, "value": v}))
                    .collect()
            })
            .unwrap_or_default();
        all.retain(|old| {
            let key = text(old, "key");
            !key.starts_with("system.") && new.iter().all(|label| text(label, "key") != key)
        });
        all.extend(new);
        actions::label_one(world, id, &Value::Array(all))
    })
}

/// Deletes records; those of executions that still run only when told to.
fn remove(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let body = call.json()?;
    let ids: Vec<&str> = body
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let status = if call.dialect.is_v2() { 422 } else { 400 };
    let unknown: Vec<&str> = ids
        .iter()
        .filter(|id| world.execution(id).is_none())
        .copied()
        .collect();
    if !unknown.is_empty() {
        return Err(invalid("deletes", "execution not found", &unknown, status));
    }
    let running: Vec<&str> = ids
        .iter()
        .filter(|id| {
            world
                .execution(id)
                .is_some_and(|e| !e.state.current().is_terminal())
        })
        .copied()
        .collect();
    if !running.is_empty() && !call.flag("includeNonTerminated", false) {
        return Err(invalid(
            "deletes",
            "execution not in terminated state",
            &running,
            status,
        ));
    }
    for id in &ids {
        world.forget_execution(id, call.flag("deleteLogs", true));
    }
    Ok(Answer::json(&json!({"count": ids.len()})))
}

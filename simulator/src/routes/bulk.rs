//! Bulk actions on executions, by ids.

use serde_json::{Value, json};

use super::{
    actions,
    labels::{self, Given},
};
use crate::{
    error::ApiError,
    execution::Status,
    request::Request,
    response::Response,
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

type One = fn(&mut World, &Request, &str) -> Result<(), ApiError>;

/// Acts on every id; on none if one is unknown or not in the required state.
fn each(
    world: &mut World,
    request: &Request,
    what: &str,
    ids: &Value,
    wanted: Option<Status>,
    act: One,
) -> Result<Response, ApiError> {
    let ids: Vec<&str> = ids
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let unknown: Vec<&str> = ids
        .iter()
        .filter(|id| world.visible_execution(id, request.now).is_err())
        .copied()
        .collect();
    if !unknown.is_empty() {
        return Err(invalid(what, "execution not found", &unknown, 400));
    }
    if let Some(wanted) = wanted {
        let state = |id: &str| world.execution(id).map(|e| e.state.current());
        let wrong: Vec<&str> = ids
            .iter()
            .filter(|id| state(id) != Some(wanted))
            .copied()
            .collect();
        if !wrong.is_empty() {
            let message = format!("execution not in state {}", wanted.text());
            return Err(invalid(what, &message, &wrong, 400));
        }
    }
    let count = ids.len();
    for id in ids {
        act(world, request, id)?;
    }
    Ok(done(world, request, count))
}

fn done(world: &mut World, request: &Request, count: usize) -> Response {
    if request.dialect.is_v2() {
        let id = world.ids.next();
        Response::json_as(202, &json!({"operationId": id, "totalItems": count}))
    } else {
        Response::json(&json!({ "count": count }))
    }
}

fn invalid(what: &str, message: &str, ids: &[&str], status: u16) -> ApiError {
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
    ApiError::with_body(status, "bulk-validation-failed", &message, body)
}

fn kill(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    each(
        world,
        request,
        "kill",
        &request.json()?,
        None,
        |world, request, id| {
            world.kill(request.now, id, true);
            Ok(())
        },
    )
}

fn pause(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let running = Some(Status::Running);
    each(
        world,
        request,
        "pause",
        &request.json()?,
        running,
        actions::pause_one,
    )
}

fn resume(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let paused = Some(Status::Paused);
    each(
        world,
        request,
        "resume",
        &request.json()?,
        paused,
        super::resume::resume_one,
    )
}

fn restart(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    each(
        world,
        request,
        "restart",
        &request.json()?,
        None,
        super::replay::restart_one,
    )
}

fn replay(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    each(
        world,
        request,
        "replay",
        &request.json()?,
        None,
        |world, request, id| {
            let old = world.execution(id).ok_or_else(ApiError::not_found)?.clone();
            let latest = world.flows.get(&old.flow.namespace, &old.flow.id);
            let flow = latest.filter(|_| request.flag("latestRevision", false));
            super::replay::replay_one(world, request, &old, flow.cloned()).map(|_| ())
        },
    )
}

fn force_run(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    each(
        world,
        request,
        "force run",
        &request.json()?,
        None,
        actions::force_one,
    )
}

fn unqueue(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    each(
        world,
        request,
        "unqueue",
        &request.json()?,
        None,
        actions::unqueue_one,
    )
}

fn change_status(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    each(
        world,
        request,
        "change status",
        &request.json()?,
        None,
        |world, request, id| actions::change_one(world, request, id, "newStatus"),
    )
}

fn labels(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let body = request.json()?;
    let ids = body.get("executionsId").cloned().unwrap_or(Value::Null);
    each(
        world,
        request,
        "set labels",
        &ids,
        None,
        |world, request, id| {
            let body = request.json()?;
            let labels = body.get("executionLabels").and_then(Value::as_array);
            let labels = labels.map_or(&[][..], Vec::as_slice);
            labels::label_one(world, id, labels, Given::Merge)
        },
    )
}

/// Deletes executions; running ones only with `includeNonTerminated`.
fn remove(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let body = request.json()?;
    let ids: Vec<&str> = body
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let status = if request.dialect.is_ga() { 422 } else { 400 };
    let unknown: Vec<&str> = ids
        .iter()
        .filter(|id| world.execution(id).is_none())
        .copied()
        .collect();
    if !unknown.is_empty() {
        return Err(invalid("delete", "execution not found", &unknown, status));
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
    if !running.is_empty() && !request.flag("includeNonTerminated", false) {
        return Err(invalid("delete", "execution not found", &running, status));
    }
    for id in &ids {
        world.forget_execution(id, request.flag("deleteLogs", true));
    }
    Ok(Response::json(&json!({"count": ids.len()})))
}

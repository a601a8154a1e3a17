//! Changing triggers and their backfills.

use serde_json::{Value, json};

use crate::{
    error::ApiError,
    flow::text,
    request::Request,
    response::Response,
    route::{Route, delete, post, put},
    time,
    trigger::{Backfill, Trigger},
    world::World,
};

const JSON: &str = "application/json";

pub(crate) const ROUTES: &[Route] = &[
    put("/triggers", update).v1().takes(JSON),
    put("/triggers/set-disabled", set_disabled).v2().takes(JSON),
    put("/triggers/backfill/create", create_backfill)
        .v2()
        .takes(JSON),
    put("/triggers/backfill/pause", pause_backfill).takes(JSON),
    put("/triggers/backfill/unpause", unpause_backfill).takes(JSON),
    post("/triggers/backfill/delete", delete_backfill).takes(JSON),
    post("/triggers/set-disabled/by-triggers", set_disabled_all).takes(JSON),
    post("/triggers/{}/{}/{}/unlock", unlock),
    post("/triggers/{}/{}/{}/restart", restart),
    delete("/triggers/{}/{}/{}", remove),
];

/// The trigger that the body names.
fn from_body<'a>(world: &'a mut World, body: &Value) -> Result<&'a mut Trigger, ApiError> {
    let (namespace, flow_id) = (text(body, "namespace"), text(body, "flowId"));
    find(world, namespace, flow_id, text(body, "triggerId"))
}

/// A trigger; the 404 of 2.0 names it.
fn find<'a>(
    world: &'a mut World,
    namespace: &str,
    flow_id: &str,
    id: &str,
) -> Result<&'a mut Trigger, ApiError> {
    let missing = if world.dialect().is_v2() {
        ApiError::missing(format!(
            "Trigger {} not found",
            describe(world, namespace, flow_id, id)
        ))
    } else {
        ApiError::not_found()
    };
    world.triggers.find(namespace, flow_id, id).ok_or(missing)
}

/// A trigger as messages of 2.0 name it.
fn describe(world: &World, namespace: &str, flow_id: &str, id: &str) -> String {
    let tenant = &world.settings.tenant;
    format!("[tenant={tenant}, namespace={namespace}, flow={flow_id}, trigger={id}]")
}

/// Checks that the flow of a trigger exists.
fn check_flow(world: &World, body: &Value) -> Result<(), ApiError> {
    let (namespace, flow_id) = (text(body, "namespace"), text(body, "flowId"));
    if world.flows.get(namespace, flow_id).is_some() {
        return Ok(());
    }
    let id = text(body, "triggerId");
    Err(ApiError::missing(if world.dialect().is_v2() {
        let shown = describe(world, namespace, flow_id, id);
        format!("Flow not found for trigger: {shown}")
    } else {
        format!("Flow of trigger {id} not found")
    }))
}

fn disable(trigger: &mut Trigger, disabled: bool, request: &Request) {
    if trigger.disabled != disabled && !request.dialect.is_v2() {
        // 1.3 drops the next date, and evaluates the trigger at once when it is enabled again.
        trigger.next = (!disabled).then_some(request.now);
    }
    trigger.disabled = disabled;
    trigger.updated = request.now;
}

fn start_backfill(
    trigger: &mut Trigger,
    wanted: &Value,
    request: &Request,
) -> Result<(), ApiError> {
    if trigger.backfill.is_some() {
        return Err(ApiError::conflict(
            "A backfill is already running on this trigger",
        ));
    }
    let date = |key: &str| time::parse_instant(text(wanted, key));
    let start = date("start").ok_or_else(|| ApiError::illegal_argument("Missing start date"))?;
    let end = date("end").unwrap_or(request.now);
    if start >= end {
        return Err(ApiError::illegal_argument(
            "Start date must be before end date",
        ));
    }
    let previous = trigger.next;
    trigger.next = trigger.next_date(start.saturating_sub(1));
    let current = if request.dialect.is_v2() {
        trigger.next.unwrap_or(start)
    } else {
        start
    };
    trigger.backfill = Some(Backfill {
        start,
        end,
        current,
        paused: false,
        previous,
    });
    trigger.updated = request.now;
    Ok(())
}

/// 1.3 has a single route for what are two in 2.0.
fn update(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let tenant = world.settings.tenant.clone();
    let body = request.json()?;
    check_flow(world, &body)?;
    let trigger = from_body(world, &body)?;
    if let Some(disabled) = body.get("disabled").and_then(Value::as_bool) {
        disable(trigger, disabled, request);
    }
    if let Some(wanted) = body.get("backfill").filter(|wanted| wanted.is_object()) {
        start_backfill(trigger, wanted, request)?;
    }
    Ok(Response::json(
        &trigger.state_json(request.dialect, &tenant),
    ))
}

fn set_disabled(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let tenant = world.settings.tenant.clone();
    let body = request.json()?;
    check_flow(world, &body)?;
    let (namespace, flow_id) = (text(&body, "namespace"), text(&body, "flowId"));
    let gone = describe(world, namespace, flow_id, text(&body, "triggerId"));
    let trigger = from_body(world, &body).map_err(|_| {
        ApiError::missing(format!("Trigger disappeared after set-disabled: {gone}"))
    })?;
    disable(trigger, body.get("disabled") == Some(&json!(true)), request);
    Ok(Response::json(
        &trigger.state_json(request.dialect, &tenant),
    ))
}

fn create_backfill(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let tenant = world.settings.tenant.clone();
    let body = request.json()?;
    let trigger = from_body(world, &body)?;
    start_backfill(
        trigger,
        body.get("backfill").unwrap_or(&Value::Null),
        request,
    )?;
    Ok(Response::json(
        &trigger.state_json(request.dialect, &tenant),
    ))
}

fn pause_backfill(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    change_backfill(world, request, |trigger| {
        if let Some(backfill) = &mut trigger.backfill {
            backfill.paused = true;
        }
    })
}

fn unpause_backfill(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    change_backfill(world, request, |trigger| {
        if let Some(backfill) = &mut trigger.backfill {
            backfill.paused = false;
        }
    })
}

fn delete_backfill(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    change_backfill(world, request, |trigger| {
        if let Some(backfill) = trigger.backfill.take() {
            trigger.next = backfill.previous;
        }
    })
}

/// 1.3 requires the body to repeat the backfill.
fn change_backfill(
    world: &mut World,
    request: &Request,
    change: fn(&mut Trigger),
) -> Result<Response, ApiError> {
    let tenant = world.settings.tenant.clone();
    let body = request.json()?;
    let trigger = from_body(world, &body)?;
    let given = request.dialect.is_v2() || body.get("backfill").is_some_and(Value::is_object);
    if !given || trigger.backfill.is_none() {
        return Err(ApiError::not_found());
    }
    change(trigger);
    trigger.updated = request.now;
    Ok(Response::json(
        &trigger.state_json(request.dialect, &tenant),
    ))
}

fn set_disabled_all(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let body = request.json()?;
    let disabled = body.get("disabled") == Some(&json!(true));
    let wanted = body
        .get("triggers")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let mut count = 0;
    for id in &wanted {
        if let Ok(trigger) = from_body(world, id) {
            disable(trigger, disabled, request);
            count += 1;
        }
    }
    if request.dialect.is_v2() {
        let id = world.ids.next();
        return Ok(Response::json_as(
            202,
            &json!({"operationId": id, "totalItems": count}),
        ));
    }
    Ok(Response::json(&json!({ "count": count })))
}

fn at_path<'a>(world: &'a mut World, request: &Request) -> Result<&'a mut Trigger, ApiError> {
    find(
        world,
        request.segment(0),
        request.segment(1),
        request.segment(2),
    )
}

/// The simulator never locks a trigger.
fn unlock(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let trigger = at_path(world, request)?;
    if request.dialect.is_v2() {
        let (namespace, flow, id) = (&trigger.namespace, &trigger.flow_id, trigger.id());
        return Err(ApiError::conflict(format!(
            "trigger [tenant=main, namespace={namespace}, flow={flow}, trigger={id}] is already \
             unlocked"
        )));
    }
    Err(ApiError::illegal_state("Trigger is not locked"))
}

/// Deletes the trigger's state, so that it never fires again.
fn remove(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let trigger = at_path(world, request)?;
    let (flow, id) = (trigger.flow_id.clone(), trigger.id().to_owned());
    let namespace = trigger.namespace.clone();
    world.triggers.0.retain(|trigger| {
        trigger.namespace != namespace || trigger.flow_id != flow || trigger.id() != id
    });
    Ok(Response::empty(204))
}

fn restart(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let tenant = world.settings.tenant.clone();
    let trigger = at_path(world, request)?;
    trigger.date = None;
    // As recorded after the trigger was disabled.
    trigger.disabled = trigger.disabled && request.dialect.is_v2();
    trigger.updated = request.now;
    match &trigger.backfill {
        None => trigger.next = trigger.next_date(request.now),
        Some(backfill) if trigger.next.is_none() => {
            trigger.next = trigger.next_date(backfill.current.saturating_sub(1));
        }
        Some(_) => {}
    }
    Ok(Response::json(
        &trigger.state_json(request.dialect, &tenant),
    ))
}

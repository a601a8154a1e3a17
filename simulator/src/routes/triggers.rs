//! Triggers.

use serde_json::{Value, json};

use crate::{
    answer::Answer,
    call::Call,
    error::Refusal,
    flow::text,
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

/// The trigger that a body names.
fn named<'a>(world: &'a mut World, body: &Value) -> Result<&'a mut Trigger, Refusal> {
    let (namespace, flow_id) = (text(body, "namespace"), text(body, "flowId"));
    find(world, namespace, flow_id, text(body, "triggerId"))
}

/// A trigger; 2.0 names one that has no state.
fn find<'a>(
    world: &'a mut World,
    namespace: &str,
    flow_id: &str,
    id: &str,
) -> Result<&'a mut Trigger, Refusal> {
    let missing = if world.dialect().is_v2() {
        Refusal::missing(format!(
            "Trigger {} not found",
            shown(world, namespace, flow_id, id)
        ))
    } else {
        Refusal::not_found()
    };
    world.triggers.find(namespace, flow_id, id).ok_or(missing)
}

/// How 2.0 names a trigger.
fn shown(world: &World, namespace: &str, flow_id: &str, id: &str) -> String {
    let tenant = &world.settings.tenant;
    format!("[tenant={tenant}, namespace={namespace}, flow={flow_id}, trigger={id}]")
}

/// Refuses to change a trigger of no flow; the lines word it differently.
fn check_flow(world: &World, body: &Value) -> Result<(), Refusal> {
    let (namespace, flow_id) = (text(body, "namespace"), text(body, "flowId"));
    if world.flows.get(namespace, flow_id).is_some() {
        return Ok(());
    }
    let id = text(body, "triggerId");
    Err(Refusal::missing(if world.dialect().is_v2() {
        let shown = shown(world, namespace, flow_id, id);
        format!("Flow not found for trigger: {shown}")
    } else {
        format!("Flow of trigger {id} not found")
    }))
}

fn disable(trigger: &mut Trigger, disabled: bool, call: &Call) {
    if trigger.disabled != disabled && !call.dialect.is_v2() {
        // 1.3 forgets the date, and evaluates at once when the trigger is back.
        trigger.next = (!disabled).then_some(call.now);
    }
    trigger.disabled = disabled;
    trigger.updated = call.now;
}

fn fill(trigger: &mut Trigger, wanted: &Value, call: &Call) -> Result<(), Refusal> {
    if trigger.backfill.is_some() {
        return Err(Refusal::conflict(
            "A backfill is already running on this trigger",
        ));
    }
    let date = |key: &str| time::parse_instant(text(wanted, key));
    let start = date("start").ok_or_else(|| Refusal::illegal_argument("Missing start date"))?;
    let end = date("end").unwrap_or(call.now);
    if start >= end {
        return Err(Refusal::illegal_argument(
            "Start date must be before end date",
        ));
    }
    let previous = trigger.next;
    trigger.next = trigger.after(start.saturating_sub(1));
    let current = if call.dialect.is_v2() {
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
    trigger.updated = call.now;
    Ok(())
}

/// 1.3 has one route for what 2.0 has two.
fn update(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let tenant = world.settings.tenant.clone();
    let body = call.json()?;
    check_flow(world, &body)?;
    let trigger = named(world, &body)?;
    if let Some(disabled) = body.get("disabled").and_then(Value::as_bool) {
        disable(trigger, disabled, call);
    }
    if let Some(wanted) = body.get("backfill").filter(|wanted| wanted.is_object()) {
        fill(trigger, wanted, call)?;
    }
    Ok(Answer::json(&trigger.state(call.dialect, &tenant)))
}

fn set_disabled(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let tenant = world.settings.tenant.clone();
    let body = call.json()?;
    check_flow(world, &body)?;
    let (namespace, flow_id) = (text(&body, "namespace"), text(&body, "flowId"));
    let gone = shown(world, namespace, flow_id, text(&body, "triggerId"));
    let trigger = named(world, &body)
        .map_err(|_| Refusal::missing(format!("Trigger disappeared after set-disabled: {gone}")))?;
    disable(trigger, body.get("disabled") == Some(&json!(true)), call);
    Ok(Answer::json(&trigger.state(call.dialect, &tenant)))
}

fn create_backfill(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let tenant = world.settings.tenant.clone();
    let body = call.json()?;
    let trigger = named(world, &body)?;
    fill(trigger, body.get("backfill").unwrap_or(&Value::Null), call)?;
    Ok(Answer::json(&trigger.state(call.dialect, &tenant)))
}

fn pause_backfill(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    change_backfill(world, call, |trigger| {
        if let Some(backfill) = &mut trigger.backfill {
            backfill.paused = true;
        }
    })
}

fn unpause_backfill(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    change_backfill(world, call, |trigger| {
        if let Some(backfill) = &mut trigger.backfill {
            backfill.paused = false;
        }
    })
}

fn delete_backfill(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    change_backfill(world, call, |trigger| {
        if let Some(backfill) = trigger.backfill.take() {
            trigger.next = backfill.previous;
        }
    })
}

/// 1.3 looks for the backfill in the body, where callers must repeat it.
fn change_backfill(
    world: &mut World,
    call: &Call,
    change: fn(&mut Trigger),
) -> Result<Answer, Refusal> {
    let tenant = world.settings.tenant.clone();
    let body = call.json()?;
    let trigger = named(world, &body)?;
    let given = call.dialect.is_v2() || body.get("backfill").is_some_and(Value::is_object);
    if !given || trigger.backfill.is_none() {
        return Err(Refusal::not_found());
    }
    change(trigger);
    trigger.updated = call.now;
    Ok(Answer::json(&trigger.state(call.dialect, &tenant)))
}

fn set_disabled_all(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let body = call.json()?;
    let disabled = body.get("disabled") == Some(&json!(true));
    let wanted = body
        .get("triggers")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let mut count = 0;
    for id in &wanted {
        if let Ok(trigger) = named(world, id) {
            disable(trigger, disabled, call);
            count += 1;
        }
    }
    if call.dialect.is_v2() {
        let id = world.ids.next();
        return Ok(Answer::json_as(
            202,
            &json!({"operationId": id, "totalItems": count}),
        ));
    }
    Ok(Answer::json(&json!({ "count": count })))
}

fn at_path<'a>(world: &'a mut World, call: &Call) -> Result<&'a mut Trigger, Refusal> {
    find(world, call.segment(0), call.segment(1), call.segment(2))
}

/// Nothing here ever locks a trigger.
fn unlock(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let trigger = at_path(world, call)?;
    if call.dialect.is_v2() {
        let (namespace, flow, id) = (&trigger.namespace, &trigger.flow_id, trigger.id());
        return Err(Refusal::conflict(format!(
            "trigger [tenant=main, namespace={namespace}, flow={flow}, trigger={id}] is already \
             unlocked"
        )));
    }
    Err(Refusal::illegal_state("Trigger is not locked"))
}

/// Deletes the state; the trigger does not fire again.
fn remove(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let trigger = at_path(world, call)?;
    let (flow, id) = (trigger.flow_id.clone(), trigger.id().to_owned());
    let namespace = trigger.namespace.clone();
    world.triggers.0.retain(|trigger| {
        trigger.namespace != namespace || trigger.flow_id != flow || trigger.id() != id
    });
    Ok(Answer::empty(204))
}

fn restart(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let tenant = world.settings.tenant.clone();
    let trigger = at_path(world, call)?;
    trigger.date = None;
    // Recorded after a disabling of this trigger.
    trigger.disabled = trigger.disabled && call.dialect.is_v2();
    trigger.updated = call.now;
    match &trigger.backfill {
        None => trigger.next = trigger.after(call.now),
        Some(backfill) if trigger.next.is_none() => {
            trigger.next = trigger.after(backfill.current.saturating_sub(1));
        }
        Some(_) => {}
    }
    Ok(Answer::json(&trigger.state(call.dialect, &tenant)))
}

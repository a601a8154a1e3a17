//! What the routes of actions share.

use crate::{
    answer::Answer,
    call::Call,
    error::Refusal,
    route::{Handler, Route, post},
    world::World,
};

pub(super) const fn v1(path: &'static str, handler: Handler) -> Route {
    post(path, handler).v1()
}

pub(super) const fn v2(path: &'static str, handler: Handler) -> Route {
    post(path, handler).v2()
}

/// A refusal that the lines word and number differently.
pub(super) fn refuse(call: &Call, old: fn(String) -> Refusal, v1: &str, v2: &str) -> Refusal {
    if call.dialect.is_v2() {
        Refusal::conflict(v2)
    } else {
        old(v1.to_owned())
    }
}

pub(super) fn state(message: String) -> Refusal {
    Refusal::illegal_state(message)
}

pub(super) fn argument(message: String) -> Refusal {
    Refusal::illegal_argument(message)
}

pub(super) fn id(world: &World, call: &Call) -> Result<String, Refusal> {
    Ok(world
        .visible_execution(call.segment(0), call.now)?
        .id
        .clone())
}

/// 2.0 answers with the execution, 1.3 often with nothing.
pub(super) fn shown(
    world: &mut World,
    call: &Call,
    id: &str,
    v1: Option<u16>,
) -> Result<Answer, Refusal> {
    world.run_until(call.now);
    match v1 {
        Some(status) if !call.dialect.is_v2() => Ok(Answer::empty(status)),
        _ => {
            let execution = world.execution(id).ok_or_else(Refusal::not_found)?;
            Ok(Answer::json(&execution.whole(call.dialect, false)))
        }
    }
}

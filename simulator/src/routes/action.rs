//! Helpers for the routes of actions.

use crate::{
    error::ApiError,
    request::Request,
    response::Response,
    route::{Handler, Route, post},
    world::World,
};

pub(super) const fn v1(path: &'static str, handler: Handler) -> Route {
    post(path, handler).v1()
}

pub(super) const fn v2(path: &'static str, handler: Handler) -> Route {
    post(path, handler).v2()
}

/// An error that has a status and message of its own on each line.
pub(super) fn error_by_line(
    request: &Request,
    old: fn(String) -> ApiError,
    v1: &str,
    v2: &str,
) -> ApiError {
    if request.dialect.is_v2() {
        ApiError::conflict(v2)
    } else {
        old(v1.to_owned())
    }
}

pub(super) fn state(message: String) -> ApiError {
    ApiError::illegal_state(message)
}

pub(super) fn argument(message: String) -> ApiError {
    ApiError::illegal_argument(message)
}

pub(super) fn id(world: &World, request: &Request) -> Result<String, ApiError> {
    Ok(world
        .visible_execution(request.segment(0), request.now)?
        .id
        .clone())
}

/// 2.0 responds with the execution, 1.3 often with a bare status (`v1`).
pub(super) fn shown(
    world: &mut World,
    request: &Request,
    id: &str,
    v1: Option<u16>,
) -> Result<Response, ApiError> {
    world.run_until(request.now);
    match v1 {
        Some(status) if !request.dialect.is_v2() => Ok(Response::empty(status)),
        _ => {
            let execution = world.execution(id).ok_or_else(ApiError::not_found)?;
            Ok(Response::json(&execution.full_json(request.dialect, false)))
        }
    }
}

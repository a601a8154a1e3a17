//! Plugin documentation, which belongs to the instance rather than to a tenant.

use serde_json::json;

use crate::{
    error::ApiError,
    plugin,
    request::Request,
    response::Response,
    route::{Root, Route, get},
    settings::Dialect,
    world::World,
};

pub(crate) const ROUTES: &[Route] = &[
    get("/plugins/{}", document).at(Root::Instance),
    get("/plugins/{}/versions", versions).at(Root::Instance),
    get("/plugins/{}/versions/{}", document).at(Root::Instance),
    get("/plugins/schemas/{}", schema).at(Root::Instance),
];

fn document(_: &mut World, request: &Request) -> Result<Response, ApiError> {
    let class = request.segment(0);
    let document = plugin::document(class, request.flag("all", false), request.dialect);
    let document =
        document.ok_or_else(|| ApiError::missing(format!("Class '{class}' doesn't exists ")))?;
    Ok(Response::json(&document))
}

/// Open source lists no versions.
fn versions(_: &mut World, request: &Request) -> Result<Response, ApiError> {
    Ok(Response::json(
        &json!({"type": request.segment(0), "versions": []}),
    ))
}

/// The classes that schemas describe, by their names in paths.
const SCHEMAS: [(&str, &str); 6] = [
    ("FLOW", "io.kestra.core.models.flows.Flow"),
    ("TASK", "io.kestra.core.models.tasks.Task"),
    ("TRIGGER", "io.kestra.core.models.triggers.AbstractTrigger"),
    ("TEMPLATE", "io.kestra.core.models.templates.Template"),
    ("PLUGINDEFAULT", "io.kestra.core.models.flows.PluginDefault"),
    ("DASHBOARD", "io.kestra.core.models.dashboards.Dashboard"),
];

/// The JSON schema of a class, without its definitions: real ones are half a megabyte.
fn schema(_: &mut World, request: &Request) -> Result<Response, ApiError> {
    let given = request.segment(0);
    let name = given.to_ascii_uppercase();
    let known = |(own, _): &&(&str, &str)| {
        *own == name && (request.dialect == Dialect::V1_3 || name != "TEMPLATE")
    };
    if let Some((_, class)) = SCHEMAS.iter().find(known) {
        return Ok(Response::json(&json!({
            "$schema": "http://json-schema.org/draft-07/schema#",
            "$ref": format!("#/definitions/{class}"),
            "definitions": {*class: {"type": "object"}},
        })));
    }
    if name == "APPS" {
        let message = format!("Cannot found schema for type '{name}'");
        return Err(ApiError::illegal_argument(message));
    }
    let cause = format!("No enum constant io.kestra.core.docs.SchemaType.{name}");
    Err(ApiError::unconvertible("type", given, &cause))
}

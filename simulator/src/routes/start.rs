//! Starting executions.

use serde_json::{Value, json};

use crate::{
    error::ApiError,
    flow::{Flow, Shared, text},
    input::{self, Target},
    request::Request,
    response::Response,
    route::{Route, get, post, put},
    settings::Dialect,
    time,
    world::World,
};

const FORM: &str = "multipart/form-data";

pub(crate) const ROUTES: &[Route] = &[
    post("/executions/{}/{}", create).takes(FORM),
    post("/executions/trigger/{}/{}", create).v1().takes(FORM),
    post("/executions/{}/{}/validate", validate).takes(FORM),
    get("/executions/webhook/{}/{}/{}", webhook).open(&Dialect::ALL),
    post("/executions/webhook/{}/{}/{}", webhook).open(&Dialect::ALL),
    put("/executions/webhook/{}/{}/{}", webhook).open(&Dialect::ALL),
];

/// The flow that the path and `revision` select, if it can be executed.
fn flow(world: &World, request: &Request) -> Result<Shared, ApiError> {
    let (namespace, id) = (request.segment(0), request.segment(1));
    let missing = || ApiError::missing("Requested Flow is not found.");
    let born = world.flows.created_at(namespace, id).ok_or_else(missing)?;
    world.flows.get(namespace, id).ok_or_else(missing)?;
    if !world.visible(born, request.now) {
        return Err(missing());
    }
    let revision = request.number("revision")?;
    // Drafts are executed only if requested by revision.
    let wanted = |flow: &&Shared| match revision {
        Some(number) => flow.revision == number,
        None => !flow.draft && !flow.deleted,
    };
    let revisions = world.flows.revisions(namespace, id);
    let flow = revisions.iter().rev().find(wanted).ok_or_else(missing)?;
    Ok(flow.clone())
}

/// The URL of an execution in the UI.
fn page(world: &World, request: &Request, flow: &Flow, id: &str) -> String {
    let (base, tenant) = (&request.base, &world.settings.tenant);
    format!(
        "{base}/ui/{tenant}/executions/{}/{}/{id}",
        flow.namespace, flow.id
    )
}

fn labels(request: &Request) -> Result<Vec<(String, String)>, ApiError> {
    request
        .parameters("labels")
        .map(|label| {
            let (key, value) = label.split_once(':').ok_or_else(|| {
                ApiError::unprocessable("Can't split the queryString parameter by ':'")
            })?;
            if key.is_empty() || value.is_empty() {
                return Err(ApiError::unprocessable(
                    "Can't have an empty part of queryString",
                ));
            }
            let system = key.starts_with("system.")
                && !matches!(key, "system.correlationId" | "system.from");
            if system {
                return Err(ApiError::illegal_argument(format!(
                    "System labels can only be set by Kestra itself, offending label: {key}={value}"
                )));
            }
            Ok((key.to_owned(), value.to_owned()))
        })
        .collect()
}

fn create(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let flow = flow(world, request)?;
    if flow.disabled() {
        return Err(ApiError::illegal_state("Requested Flow is disabled."));
    }
    let labels = labels(request)?;
    let mut execution = world.new_execution(request.now, &flow);
    let target = Target {
        dialect: request.dialect,
        namespace: &flow.namespace,
        flow_id: &flow.id,
        execution_id: &execution.id,
    };
    execution.inputs = input::accept(flow.list("inputs"), &request.parts(), target)?;
    let system = execution
        .labels
        .split_off(execution.labels.len().saturating_sub(2));
    for (key, value) in labels.iter().chain(&system) {
        if !key.starts_with("system.") || execution.labels.iter().all(|(k, _)| k != key) {
            execution.label(key, value);
        }
    }
    // A malformed date is ignored, and the execution starts at once.
    execution.schedule_date = request
        .parameter("scheduleDate")
        .and_then(time::parse_instant);
    execution.kind = request
        .parameter("kind")
        .filter(|kind| *kind != "NORMAL")
        .map(str::to_owned);
    let begins = execution.schedule_date.filter(|date| *date > request.now);
    let begins = begins.unwrap_or(request.now + world.lag());
    let id = execution.id.clone();
    world.add_execution(execution, begins);
    world.run_until(request.now);
    if request.flag("wait", false) {
        // No time passes during the request: what it would have waited for happens at once.
        world.await_end(&id, request.now);
    }
    let execution = world.execution(&id).ok_or_else(ApiError::not_found)?;
    let mut response = execution.full_json(request.dialect, true);
    if let Some(fields) = response.as_object_mut() {
        let url = page(world, request, &flow, &id);
        fields.insert("url".to_owned(), json!(url));
    }
    Ok(Response::json(&response))
}

fn validate(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let flow = flow(world, request)?;
    Ok(verdict(&flow, flow.list("inputs"), request))
}

/// The result of validating the inputs of a request.
pub(super) fn verdict(flow: &Flow, definitions: &[Value], request: &Request) -> Response {
    let target = Target {
        dialect: request.dialect,
        namespace: &flow.namespace,
        flow_id: &flow.id,
        execution_id: "validate",
    };
    let inputs: Vec<Value> = input::check(definitions, &request.parts(), target)
        .into_iter()
        .map(|checked| {
            let mut shown = json!({
                "input": checked.definition, "enabled": checked.enabled,
                "isDefault": checked.is_default,
            });
            let Some(fields) = shown.as_object_mut() else {
                return shown;
            };
            let read = checked.result.as_ref().ok().map(input::Values::read);
            if let Some(raw) = checked.raw {
                fields.insert("value".to_owned(), read.unwrap_or(raw));
            }
            let errors = match checked.result {
                Err(message) if request.dialect.is_v2() => {
                    json!([{"message": message, "renderError": false}])
                }
                Err(message) => json!([{ "message": message }]),
                Ok(_) => json!([]),
            };
            fields.insert("errors".to_owned(), errors);
            shown
        })
        .collect();
    Response::json(&json!({
        "id": flow.id, "namespace": flow.namespace, "inputs": inputs, "checks": [],
    }))
}

fn webhook(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let found = world
        .flows
        .get(request.segment(0), request.segment(1))
        .cloned();
    let flow = found.ok_or_else(|| ApiError::missing("Flow not found"))?;
    let trigger = flow
        .list("triggers")
        .iter()
        .find(|trigger| text(trigger, "key") == request.segment(2))
        .filter(|trigger| text(trigger, "type") == "io.kestra.plugin.core.trigger.Webhook")
        .ok_or_else(|| ApiError::missing("Webhook not found"))?;
    let many = |pairs: &[(String, String)]| -> Value {
        Value::Object(
            pairs
                .iter()
                .map(|(key, value)| (key.clone(), json!([value])))
                .collect(),
        )
    };
    let mut variables =
        json!({"headers": many(&request.headers), "parameters": many(&request.query)});
    if let (false, Some(fields)) = (request.body.is_empty(), variables.as_object_mut()) {
        let body = request.json().unwrap_or_else(|_| json!(request.text()));
        fields.insert("body".to_owned(), body);
    }
    let trigger = json!({
        "id": text(trigger, "id"), "type": text(trigger, "type"), "variables": variables,
    });
    let mut execution = world.new_execution(request.now, &flow);
    execution.label("system.from", "trigger");
    execution.trigger = Some(trigger.clone());
    let id = execution.id.clone();
    let labels: Vec<Value> = execution
        .labels
        .iter()
        .map(|(k, v)| json!({"key": k, "value": v}))
        .collect();
    let response = json!({
        "tenantId": world.settings.tenant, "id": id, "namespace": flow.namespace, "flowId": flow.id,
        "flowRevision": flow.revision, "trigger": trigger, "labels": labels,
        "state": execution.state.json(),
        "url": page(world, request, &flow, &id),
    });
    world.add_execution(execution, request.now + world.lag());
    Ok(Response::json(&response))
}

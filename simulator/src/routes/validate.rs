//! Validation of flows, tasks and triggers.

use serde_json::{Value, json};

use crate::{
    error::ApiError,
    flow::{self, Verdict},
    request::Request,
    response::Response,
    route::{Route, post},
    world::World,
};

pub(crate) const ROUTES: &[Route] = &[
    post("/flows/validate", validate).takes("application/x-yaml"),
    post("/flows/validate/task", validate_task),
    post("/flows/validate/trigger", validate_trigger),
];

fn validate(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let source = request.text();
    let verdicts: Vec<Value> = documents(&source)
        .iter()
        .enumerate()
        .map(|(index, document)| verdict(world, request, index, document))
        .collect();
    Ok(Response::json(&Value::Array(verdicts)))
}

/// Validates a task or trigger as YAML, depending on `section`, or a task as JSON.
fn validate_task(_: &mut World, request: &Request) -> Result<Response, ApiError> {
    if request.media_type().as_deref() == Some("application/json") {
        return Ok(part(request, false));
    }
    match request.parameter("section") {
        None => {
            let message = "Required QueryValue [section] not specified";
            Err(ApiError::bad_request(message))
        }
        Some("TASKS") => Ok(part(request, false)),
        Some("TRIGGERS") => Ok(part(request, true)),
        Some(other) => {
            let cause = format!(
                "No enum constant io.kestra.webserver.controllers.api.FlowController.\
                 TaskValidationType.{other}"
            );
            Err(ApiError::unconvertible("section", other, &cause))
        }
    }
}

fn validate_trigger(_: &mut World, request: &Request) -> Result<Response, ApiError> {
    Ok(part(request, true))
}

fn part(request: &Request, is_trigger: bool) -> Response {
    let mut said = json!({"index": 0, "outdated": false});
    let result = flow::validate_part(&request.text(), is_trigger, request.dialect);
    if let (Err(invalid), Some(fields)) = (result, said.as_object_mut()) {
        fields.insert("constraints".to_owned(), json!(invalid.text()));
    }
    Response::json(&said)
}

/// The documents of a source, which are separated by lines that begin with `---`, even inside of
/// scalars; trailing white space is removed.
fn documents(source: &str) -> Vec<&str> {
    let mut documents: Vec<&str> = source.split("\n---").map(str::trim_end).collect();
    while documents.len() > 1 && documents.last().is_some_and(|last| last.is_empty()) {
        documents.pop();
    }
    documents
}

fn verdict(world: &World, request: &Request, index: usize, source: &str) -> Value {
    let verdict = match Verdict::of(source, request.dialect) {
        Ok(verdict) => verdict,
        Err(invalid) => {
            return json!({"index": index, "constraints": invalid.validation_message(), "outdated": false});
        }
    };
    let (namespace, id) = (verdict.namespace, verdict.id);
    let last = match (&namespace, &id) {
        (Some(namespace), Some(id)) => world.flows.latest(namespace, id),
        _ => None,
    };
    let next = last.map_or(0, |flow| flow.revision) + 1;
    let outdated = verdict
        .revision
        .is_some_and(|revision| u64::try_from(revision) != Ok(next));
    let warnings: Vec<String> = verdict
        .started
        .iter()
        .filter_map(|(namespace, id)| match world.flows.get(namespace, id) {
            None => Some(format!(
                "The subflow '{id}' not found in namespace '{namespace}'."
            )),
            Some(flow) if flow.disabled() => Some(format!(
                "The subflow '{id}' is disabled in namespace '{namespace}'."
            )),
            Some(_) => None,
        })
        .collect();
    let mut said = json!({
        "index": index, "outdated": outdated, "deprecationPaths": verdict.deprecated,
        "warnings": warnings, "infos": verdict.replaced,
    });
    let constraints = verdict.broken.map(|invalid| invalid.validation_message());
    if let Some(fields) = said.as_object_mut() {
        for (name, text) in [
            ("namespace", namespace),
            ("flow", id),
            ("constraints", constraints),
        ] {
            if let Some(text) = text {
                fields.insert(name.to_owned(), json!(text));
            }
        }
    }
    said
}

//! Logs and metrics.

use serde_json::{Value, json};

use crate::{
    error::ApiError,
    execution::Status,
    filter::{self, Filter},
    log::{Entry, LEVELS},
    page::Page,
    request::Request,
    response::Response,
    route::{Route, delete, get},
    time,
    world::World,
};

pub(crate) const ROUTES: &[Route] = &[
    get("/logs/search", search),
    get("/logs/{}", of_execution),
    get("/logs/{}/download", download).gives("text/plain"),
    get("/logs/{}/follow", follow).gives("text/event-stream"),
    delete("/logs/{}", remove),
    get("/metrics/{}", metrics),
];

fn matches(entry: &Entry, filter: &Filter, now: u64) -> Result<bool, ApiError> {
    Ok(match filter.field.as_str() {
        "q" => filter.search(&[&entry.message, &entry.flow_id, &entry.task_id]),
        "scope" => super::flow_search::matches_scope(filter, &entry.namespace),
        "namespace" => filter.text(&entry.namespace),
        "flowId" => filter.text(&entry.flow_id),
        "executionId" => filter.text(&entry.execution_id),
        "taskId" => filter.text(&entry.task_id),
        "taskRunId" => filter.text(&entry.task_run_id),
        "attemptNumber" => filter.text(&entry.attempt.to_string()),
        "level" => entry.level_matches(filter),
        "startDate" | "endDate" => filter.date(Some(entry.timestamp))?,
        "timeRange" => {
            let range = time::parse_duration(&filter.value).unwrap_or(u64::MAX);
            entry.timestamp >= now.saturating_sub(range)
        }
        // No log entry belongs to a trigger.
        _ => filter.optional(None),
    })
}

fn filters(request: &Request) -> Result<Vec<Filter>, ApiError> {
    let resource = if request.dialect.is_v2() {
        filter::LOG_V2
    } else {
        filter::LOG_V1
    };
    filter::read(request, resource)
}

fn search(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let page = Page::read(request, "searchLogs")?;
    let filters = filters(request)?;
    let mut entries = Vec::new();
    for entry in &world.logs {
        let mut fits = flat(entry, request, true);
        for filter in &filters {
            fits = fits && matches(entry, filter, request.now)?;
        }
        if fits {
            entries.push(entry);
        }
    }
    let known = ["timestamp", "level", "namespace", "flowId"];
    let bad =
        |_: &Request, field: &str| ApiError::internal(format!("Column \"{field}\" not found"));
    page.sort(
        request,
        &mut entries,
        &known,
        bad,
        |entry, field| match field {
            "level" => entry.level.to_owned(),
            "namespace" => entry.namespace.clone(),
            "flowId" => entry.flow_id.clone(),
            _ => format!("{:020}", entry.timestamp),
        },
    )?;
    let response = page.response(&entries, |entry| entry.json());
    if !request.dialect.is_ga() {
        return Ok(response);
    }
    let mut body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    if let Some(fields) = body.as_object_mut() {
        fields.insert("type".to_owned(), json!("OFFSET"));
    }
    Ok(Response::json(&body))
}

/// 1.3 rejects unknown levels.
fn check_level(request: &Request) -> Result<(), ApiError> {
    match request.flat("minLevel") {
        Some(level) if !LEVELS.contains(&level) => {
            let cause = format!("No enum constant org.slf4j.event.Level.{level}");
            Err(ApiError::unconvertible("minLevel", level, &cause))
        }
        _ => Ok(()),
    }
}

/// Whether the parameters that are not filters match; only 1.3 honours those.
fn flat(entry: &Entry, request: &Request, searching: bool) -> bool {
    request
        .flat("minLevel")
        .is_none_or(|level| entry.at_least(level))
        && request.flat("taskId").is_none_or(|id| entry.task_id == id)
        && request
            .flat("taskRunId")
            .is_none_or(|id| entry.task_run_id == id)
        && request
            .flat("attempt")
            .is_none_or(|number| entry.attempt.to_string() == number)
        && (!searching
            || (request
                .flat("q")
                .is_none_or(|q| filter::contains_any(q, &[&entry.message]))
                && request
                    .flat("namespace")
                    .is_none_or(|n| filter::within(&entry.namespace, n))
                && request.flat("flowId").is_none_or(|id| entry.flow_id == id)))
}

/// The log entries of the execution in the path: 1.3 honours parameters, 2.0 filters.
fn entries<'a>(world: &'a World, request: &Request) -> Result<Vec<&'a Entry>, ApiError> {
    let filters = if request.dialect.is_v2() {
        filters(request)?
    } else {
        Vec::new()
    };
    check_level(request)?;
    // Logs can outlive their execution.
    let visible = world.execution(request.segment(0)).is_none()
        || world
            .visible_execution(request.segment(0), request.now)
            .is_ok();
    let mut found = Vec::new();
    for entry in world
        .logs
        .iter()
        .filter(|e| visible && e.execution_id == request.segment(0))
    {
        let mut fits = flat(entry, request, false);
        for filter in &filters {
            fits = fits && matches(entry, filter, request.now)?;
        }
        if fits {
            found.push(entry);
        }
    }
    Ok(found)
}

fn of_execution(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let entries: Vec<Value> = entries(world, request)?
        .into_iter()
        .map(Entry::json)
        .collect();
    Ok(Response::json(&Value::Array(entries)))
}

/// Unlike the list, this requires the execution to exist.
fn download(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    world.named_execution(request.segment(0), request.now)?;
    let lines: Vec<String> = entries(world, request)?
        .into_iter()
        .map(Entry::line)
        .collect();
    Ok(Response::typed(
        200,
        "text/plain",
        lines.join("\n").into_bytes(),
    ))
}

/// Server-sent events up to now; a real stream stays open.
fn follow(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let v2 = request.dialect.is_v2();
    let start = if v2 {
        json!({})
    } else {
        json!({"attemptNumber": null})
    };
    let mut body = format!("id: start\ndata: {start}\n\n");
    for entry in entries(world, request)? {
        let mut shown = entry.json();
        if let (true, Some(fields)) = (v2, shown.as_object_mut()) {
            fields.insert("tenantId".to_owned(), json!(world.settings.tenant));
        }
        body.push_str("id: progress\ndata: ");
        body.push_str(&shown.to_string());
        body.push_str("\n\n");
    }
    Ok(Response::typed(200, "text/event-stream", body.into_bytes()))
}

fn remove(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let level = request.parameter("minLevel");
    world.logs.retain(|entry| {
        entry.execution_id != request.segment(0)
            || level.is_some_and(|level| !entry.at_least(level))
    });
    Ok(Response::empty(204))
}

fn metrics(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let page = Page::read(request, "searchByExecution")?;
    let Ok(execution) = world.visible_execution(request.segment(0), request.now) else {
        return Ok(Response::page(&[], 0));
    };
    let mut rows = Vec::new();
    for run in execution
        .runs
        .iter()
        .filter(|run| run.status() == Status::Success)
    {
        let value = run
            .outputs
            .as_ref()
            .and_then(|outputs| outputs.get("value")?.as_str());
        let Some(value) = value else { continue };
        for (kind, name, number) in [
            ("counter", "length", value.chars().count()),
            ("timer", "duration", 10),
        ] {
            rows.push(json!({
                "namespace": execution.flow.namespace, "flowId": execution.flow.id,
                "taskId": run.task_id, "executionId": execution.id, "taskRunId": run.id,
                "type": kind, "name": name, "value": number,
                "timestamp": time::iso(run.state.end().unwrap_or(request.now)), "tags": {},
            }));
        }
    }
    Ok(page.response(&rows, Value::clone))
}

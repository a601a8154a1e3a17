//! Reading and deleting executions.

use serde_json::{Value, json};

use crate::{
    error::ApiError,
    execution::{Execution, Status},
    filter::{self, Filter},
    flow::text,
    page::Page,
    request::Request,
    response::Response,
    route::{Route, delete, get, post},
    time,
    world::World,
};

pub(crate) const ROUTES: &[Route] = &[
    get("/executions/search", search),
    get("/executions", by_flow),
    get("/executions/{}", read),
    delete("/executions/{}", remove),
    post("/executions/latest", latest).takes("application/json"),
    get("/executions/{}/flow", flow),
    get("/executions/{}/follow", follow).gives("text/event-stream"),
];

impl World {
    /// An execution, if it is visible yet.
    pub(crate) fn visible_execution(&self, id: &str, now: u64) -> Result<&Execution, ApiError> {
        self.execution(id)
            .filter(|execution| self.visible(execution.state.start(), now))
            .ok_or_else(ApiError::not_found)
    }

    /// The same, for routes whose 404 names the execution.
    pub(crate) fn named_execution(&self, id: &str, now: u64) -> Result<&Execution, ApiError> {
        self.visible_execution(id, now)
            .map_err(|_| ApiError::missing(format!("Execution '{id}' not found.")))
    }
}

fn matches(execution: &Execution, filter: &Filter, now: u64) -> Result<bool, ApiError> {
    let flow = &execution.flow;
    Ok(match filter.field.as_str() {
        "q" => filter.search(&[&execution.id, &flow.id, &flow.namespace]),
        "scope" => super::flow_search::matches_scope(filter, &flow.namespace),
        "namespace" => filter.text(&flow.namespace),
        "flowId" => filter.text(&flow.id),
        "labels" => filter.labels(&execution.labels),
        "kind" => filter.text(execution.kind.as_deref().unwrap_or("NORMAL")),
        "startDate" => filter.date(Some(execution.state.start()))?,
        // Kestra compares the start date of running executions, so they match an end date.
        "endDate" => filter.date(execution.state.end().or(Some(execution.state.start())))?,
        "timeRange" => {
            let range = time::parse_duration(&filter.value).ok_or_else(|| {
                ApiError::illegal_argument(format!("Invalid duration: {}", filter.value))
            })?;
            execution.state.start() >= now.saturating_sub(range)
        }
        "state" => {
            if let Some(bad) = filter
                .value
                .split(',')
                .find(|name| Status::parse(name).is_none())
            {
                return Err(ApiError::illegal_argument(format!(
                    "No enum constant io.kestra.core.models.flows.State.Type.{bad}"
                )));
            }
            filter.text(execution.state.current().text())
        }
        "parentId" => filter.optional(execution.parent_id.as_deref()),
        "triggerExecutionId" => filter.optional(started_by(execution)),
        "childFilter" => {
            let child = started_by(execution).is_some();
            filter.text(if child { "CHILD" } else { "MAIN" })
        }
        _ => true,
    })
}

/// The execution whose task started this one.
fn started_by(execution: &Execution) -> Option<&str> {
    execution
        .trigger
        .as_ref()?
        .get("variables")?
        .get("executionId")?
        .as_str()
}

fn search(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let page = Page::read(request, "searchExecutions")?;
    let resource = if request.dialect.is_v2() {
        filter::EXECUTION_V2
    } else {
        filter::EXECUTION
    };
    let filters = filter::read(request, resource)?;
    let mut found = Vec::new();
    for execution in world.visible_executions(request.now) {
        let mut fits = true;
        for filter in &filters {
            fits &= matches(execution, filter, request.now)?;
        }
        if fits && flat(execution, request) {
            found.push(execution);
        }
    }
    let known = [
        "id",
        "namespace",
        "flowId",
        "state.current",
        "state.startDate",
        "state.endDate",
    ];
    let bad = |request: &Request, field: &str| {
        if request.dialect.is_v2() {
            ApiError::unprocessable(format!("Invalid sort field: {field}"))
        } else {
            ApiError::internal("Argument [property] cannot be null")
        }
    };
    page.sort(
        request,
        &mut found,
        &known,
        bad,
        |execution, field| match field {
            "id" => execution.id.clone(),
            "namespace" => execution.flow.namespace.clone(),
            "flowId" => execution.flow.id.clone(),
            "state.current" => execution.state.current().text().to_owned(),
            "state.endDate" => format!("{:020}", execution.state.end().unwrap_or(u64::MAX)),
            _ => format!("{:020}", execution.state.start()),
        },
    )?;
    Ok(page.response(&found, |execution| execution.row_json(request.dialect)))
}

/// Whether the parameters that are not filters match; only 1.3 honours those.
fn flat(execution: &Execution, request: &Request) -> bool {
    let flow = &execution.flow;
    let state = execution.state.current().text();
    request
        .flat("q")
        .is_none_or(|q| filter::contains_any(q, &[&flow.id, &flow.namespace]))
        && request
            .flat("namespace")
            .is_none_or(|n| filter::within(&flow.namespace, n))
        && request.flat("flowId").is_none_or(|id| flow.id == id)
        && (request.flat("state").is_none()
            || request.parameters("state").any(|name| name == state))
}

fn by_flow(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let page = Page::read(request, "searchExecutionsByFlowId")?;
    let namespace = request.parameter("namespace").unwrap_or_default();
    let id = request.parameter("flowId").unwrap_or_default();
    let found: Vec<&Execution> = world
        .visible_executions(request.now)
        .filter(|e| e.flow.namespace == namespace && e.flow.id == id)
        .collect();
    Ok(page.response(&found, |execution| execution.row_json(request.dialect)))
}

fn read(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let execution = world.visible_execution(request.segment(0), request.now)?;
    Ok(Response::json(&execution.get_json(request.dialect)))
}

fn remove(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let id = world
        .visible_execution(request.segment(0), request.now)?
        .id
        .clone();
    world.forget_execution(&id, request.flag("deleteLogs", true));
    Ok(Response::empty(204))
}

impl World {
    /// Deletes an execution.
    pub(crate) fn forget_execution(&mut self, id: &str, with_logs: bool) {
        self.executions.retain(|execution| execution.id != id);
        if with_logs {
            self.logs.retain(|entry| entry.execution_id != id);
        }
    }
}

fn latest(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let mut rows = Vec::new();
    for wanted in request.json()?.as_array().into_iter().flatten() {
        let last = world
            .visible_executions(request.now)
            .filter(|e| e.schedule_date.is_none() || e.state.current() != Status::Created)
            .filter(|e| e.flow.namespace == text(wanted, "namespace"))
            .filter(|e| e.flow.id == text(wanted, "id"))
            .last();
        if let Some(execution) = last {
            rows.push(json!({
                "id": execution.id, "flowId": execution.flow.id,
                "namespace": execution.flow.namespace,
                "startDate": time::iso(execution.state.start()),
                "status": execution.state.current().text(),
            }));
        }
    }
    Ok(Response::json(&Value::Array(rows)))
}

fn flow(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let execution = world.visible_execution(request.segment(0), request.now)?;
    Ok(Response::json(
        &execution.flow.outline_json(request.dialect),
    ))
}

/// Server-sent events up to now. A real stream ends only with the execution.
fn follow(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let execution = world.visible_execution(request.segment(0), request.now)?;
    let stub = json!({
        "id": execution.id, "labels": [], "originalId": execution.id, "deleted": false,
        "metadata": {"attemptNumber": 1, "originalCreatedDate": time::iso(request.now)},
    });
    let last = if execution.state.current().is_terminal() {
        "end"
    } else {
        "progress"
    };
    let body = format!(
        "id: start\ndata: {stub}\n\nid: {last}\ndata: {}\n\n",
        execution.full_json(request.dialect, false)
    );
    Ok(Response::typed(200, "text/event-stream", body.into_bytes()))
}

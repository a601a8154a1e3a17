//! Creating, reading, updating and deleting flows.

use serde_json::{Value, json};

use crate::{
    error::ApiError,
    flow::{Flow, Shared, text},
    request::Request,
    response::Response,
    route::{Route, delete, get, post, put},
    world::World,
};

const YAML: &str = "application/x-yaml";

pub(crate) const ROUTES: &[Route] = &[
    post("/flows", create).v1(),
    post("/flows", create).v2().takes(YAML),
    get("/flows/{}/{}", read),
    put("/flows/{}/{}", update).takes(YAML),
    delete("/flows/{}/{}", remove),
    get("/flows/{}/{}/revisions", revisions),
    get("/flows/{}", of_namespace),
    post("/flows/{}", bulk_of_namespace).takes(YAML),
    post("/flows/bulk", bulk).takes(YAML),
    post("/flows/disable/by-ids", disable),
    post("/flows/enable/by-ids", enable),
    delete("/flows/delete/by-ids", remove_all).takes("application/json"),
];

fn source(request: &Request) -> Result<String, ApiError> {
    let source = request.text();
    let given = request.media_type().unwrap_or_default();
    if !request.dialect.is_v2() && given == "application/json" {
        return Err(ApiError::internal(
            "Unrecognized token 'id': was expecting (JSON String, Number, Array, Object or token \
             'null', 'true' or 'false')",
        ));
    }
    if source.is_empty() || (!request.dialect.is_v2() && given != YAML) {
        return Err(ApiError::missing_body("flow"));
    }
    Ok(source)
}

/// Parses a flow; 2.0 GA also accepts drafts.
fn parse(request: &Request, source: &str) -> Result<Flow, ApiError> {
    let draft = request.dialect.is_ga() && request.flag("draft", false);
    let flow = if draft {
        Flow::draft(source, request.dialect)
    } else {
        Flow::read(source, request.dialect)
    };
    flow.map_err(|invalid| invalid.to_error())
}

fn create(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let source = source(request)?;
    let flow = parse(request, &source)?;
    if world.flows.get(&flow.namespace, &flow.id).is_some() {
        if request.dialect.is_ga() {
            return Err(ApiError::already_exists("Flow id already exists"));
        }
        return Err(refused("flow.id", "Flow id already exists"));
    }
    Ok(Response::json(
        &world.store(flow, request.now).create_json(),
    ))
}

fn refused(path: &str, message: &str) -> ApiError {
    let errors = vec![(message.to_owned(), path.to_owned())];
    ApiError::invalid_entity(format!("{path}: {message}"), errors)
}

fn update(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let (namespace, id) = (request.segment(0), request.segment(1));
    if world.flows.get(namespace, id).is_none() {
        return Err(ApiError::not_found());
    }
    let flow = parse(request, &source(request)?)?;
    if flow.id != id {
        return Err(refused("flow.id", "Illegal flow id update"));
    }
    if flow.namespace != namespace {
        return Err(refused("flow.namespace", "Illegal namespace update"));
    }
    let before = world.flows.get(namespace, id).map(|flow| flow.revision);
    let flow = world.store(flow, request.now);
    let unchanged = before == Some(flow.revision);
    Ok(Response::json(&if unchanged {
        flow.get_json(true)
    } else {
        flow.create_json()
    }))
}

fn read(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let (namespace, id) = (request.segment(0), request.segment(1));
    let flow = match request.number("revision")? {
        Some(number) => world
            .flows
            .revisions(namespace, id)
            .iter()
            .find(|flow| flow.revision == number),
        None => world.flows.latest(namespace, id),
    };
    let deleted_too = request.flag("allowDeleted", false);
    let flow = flow
        .filter(|flow| !flow.deleted || deleted_too)
        .ok_or_else(ApiError::not_found)?;
    Ok(Response::json(
        &flow.get_json(request.flag("source", false)),
    ))
}

fn revisions(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let (namespace, id) = (request.segment(0), request.segment(1));
    let deleted_too = request.flag("allowDelete", false);
    if world.flows.get(namespace, id).is_none() && !deleted_too {
        return Err(ApiError::not_found());
    }
    let all: Vec<Value> = world
        .flows
        .revisions(namespace, id)
        .iter()
        .map(|flow| flow.get_json(true))
        .collect();
    Ok(Response::json(&Value::Array(all)))
}

fn remove(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let (namespace, id) = (request.segment(0), request.segment(1));
    if world.delete_flow(namespace, id, request.now) {
        Ok(Response::empty(204))
    } else {
        Err(ApiError::not_found())
    }
}

fn of_namespace(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let flows: Vec<Value> = world
        .flows
        .all()
        .iter()
        .filter(|flow| flow.namespace == request.segment(0))
        .map(|flow| flow.get_json(false))
        .collect();
    Ok(Response::json(&Value::Array(flows)))
}

fn bulk(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let namespace = request.parameter("namespace").map(str::to_owned);
    save_all(world, request, namespace.as_deref())
}

fn bulk_of_namespace(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    save_all(world, request, Some(request.segment(0)))
}

/// Saves several flows, and deletes the other flows of the namespace unless `delete=false`.
fn save_all(
    world: &mut World,
    request: &Request,
    namespace: Option<&str>,
) -> Result<Response, ApiError> {
    let source = request.text();
    let documents = source
        .split("\n---")
        .map(|text| text.trim_start_matches('\n'));
    let flows = documents
        .filter(|text| !text.trim().is_empty())
        .map(|text| Flow::read(text, request.dialect).map_err(|invalid| invalid.to_error()))
        .collect::<Result<Vec<Flow>, ApiError>>()?;
    let mut answers = Vec::new();
    if let (true, Some(namespace)) = (request.flag("delete", true), namespace) {
        for old in world.flows.all() {
            let kept = flows.iter().any(|flow| flow.id == old.id);
            if old.namespace == namespace && !kept {
                answers.push(old.get_json(true));
                world.delete_flow(namespace, &old.id, request.now);
            }
        }
    }
    answers.extend(
        flows
            .into_iter()
            .map(|flow| world.store(flow, request.now).create_json()),
    );
    Ok(Response::json(&Value::Array(answers)))
}

fn disable(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    switch(world, request, true)
}

fn enable(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    switch(world, request, false)
}

/// The flows that the body names; 404 if one of them does not exist.
fn named(world: &World, request: &Request) -> Result<Vec<Shared>, ApiError> {
    let body = request.json()?;
    let ids = body.as_array().into_iter().flatten();
    ids.map(|id| {
        let found = world.flows.get(text(id, "namespace"), text(id, "id"));
        found
            .cloned()
            .ok_or_else(|| ApiError::missing("No value present"))
    })
    .collect()
}

fn switch(world: &mut World, request: &Request, disabled: bool) -> Result<Response, ApiError> {
    let mut count = 0;
    for flow in named(world, request)? {
        if flow.disabled() == disabled {
            continue;
        }
        let mut flow = Flow::clone(&flow);
        let line = flow
            .source
            .lines()
            .find(|line| line.starts_with("disabled:"))
            .map(str::to_owned);
        // An existing line ends with a line break, an added one does not.
        flow.source = match line {
            Some(line) => {
                let source = flow.source.replace(&line, &format!("disabled: {disabled}"));
                format!("{}\n", source.trim_end())
            }
            None => format!("{}\n\ndisabled: {disabled}", flow.source.trim_end()),
        };
        flow.fields.insert("disabled".to_owned(), json!(disabled));
        world.store(flow, request.now);
        count += 1;
    }
    Ok(Response::json(&json!({ "count": count })))
}

fn remove_all(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let flows = named(world, request)?;
    for flow in &flows {
        world.delete_flow(&flow.namespace, &flow.id, request.now);
    }
    Ok(Response::json(&json!({"count": flows.len()})))
}

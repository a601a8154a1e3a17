//! Namespaces, which exist implicitly through flows.

use serde_json::{Value, json};

use crate::{
    error::ApiError,
    filter,
    page::Page,
    request::Request,
    response::Response,
    route::{Route, get, post},
    world::World,
};

pub(crate) const ROUTES: &[Route] = &[
    get("/namespaces/search", search),
    post("/namespaces/autocomplete", autocomplete).takes("application/json"),
    get("/namespaces/{}", read),
    get("/executions/namespaces", executable),
    get("/executions/namespaces/{}/flows", executable_flows),
];

/// The namespaces of all flows and their parents, sorted.
fn all(world: &World) -> Vec<String> {
    let mut names = Vec::new();
    for name in world.flows.namespaces() {
        let ends = name.match_indices('.').map(|(at, _)| at);
        names.extend(ends.filter_map(|at| name.get(..at).map(str::to_owned)));
        names.push(name);
    }
    names.sort();
    names.dedup();
    names
}

fn search(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let page = Page::read(request, "searchNamespaces")?;
    // Here 1.3 ignores filters, and 2.0 ignores `q`.
    let filters = if request.dialect.is_v2() && !world.settings.ignore_filters {
        filter::read(request, filter::NAMESPACE)?
    } else {
        Vec::new()
    };
    let mut names = all(world);
    names.retain(|name| {
        request
            .flat("q")
            .is_none_or(|q| filter::contains_any(q, &[name]))
            && filters.iter().all(|filter| match filter.field.as_str() {
                "q" => filter.search(&[name]),
                _ => filter.text(name),
            })
    });
    let bad =
        |_: &Request, field: &str| ApiError::internal(format!("Column \"{field}\" not found"));
    page.sort(request, &mut names, &["id"], bad, |name, _| name.clone())?;
    Ok(page.response(&names, |name| json!({ "id": name })))
}

fn autocomplete(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let body = request.json()?;
    let query = crate::flow::text(&body, "q");
    let ids: Vec<&str> = body
        .get("ids")
        .and_then(Value::as_array)
        .map(|ids| ids.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let mut names = all(world);
    names.retain(|name| {
        filter::contains_any(query, &[name]) && (ids.is_empty() || ids.contains(&name.as_str()))
    });
    Ok(Response::json(&json!(names)))
}

/// Kestra responds as if every namespace existed.
fn read(_: &mut World, request: &Request) -> Result<Response, ApiError> {
    Ok(Response::json(&json!({"id": request.segment(0)})))
}

fn executable(world: &mut World, _: &Request) -> Result<Response, ApiError> {
    Ok(Response::json(&json!(world.flows.namespaces())))
}

fn executable_flows(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let flows: Vec<Value> = world
        .flows
        .all()
        .iter()
        .filter(|flow| flow.namespace == request.segment(0))
        .map(|flow| flow.outline_json(request.dialect))
        .collect();
    Ok(Response::json(&Value::Array(flows)))
}

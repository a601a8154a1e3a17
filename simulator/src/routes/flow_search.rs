//! Flow searches.

use serde_json::{Value, json};

use crate::{
    error::ApiError,
    filter::{self, Filter},
    flow::{Flow, Shared},
    page::Page,
    request::Request,
    response::Response,
    route::{Route, get},
    world::World,
};

pub(crate) const ROUTES: &[Route] = &[
    get("/flows/search", search),
    get("/flows/source", search_source),
    get("/flows/distinct-namespaces", distinct_namespaces),
];

/// Whether this is the system namespace.
pub(crate) fn is_system(namespace: &str) -> bool {
    namespace == "system"
}

fn matches(flow: &Flow, filter: &Filter) -> bool {
    match filter.field.as_str() {
        "q" => filter.search(&[&flow.id, &flow.namespace]),
        "namespace" => filter.text(&flow.namespace),
        "flowId" => filter.text(&flow.id),
        "labels" => filter.labels(&flow.labels()),
        "scope" => matches_scope(filter, &flow.namespace),
        _ => true,
    }
}

/// Whether the filter `scope` (`USER` or `SYSTEM`) matches.
pub(crate) fn matches_scope(filter: &Filter, namespace: &str) -> bool {
    filter.text(if is_system(namespace) {
        "SYSTEM"
    } else {
        "USER"
    })
}

fn search(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let page = Page::read(request, "searchFlows")?;
    let filters = filter::read(request, filter::FLOW)?;
    let query = request.flat("q").or(request.flat("query"));
    let labels: Vec<(&str, &str)> = if request.dialect.is_v2() {
        Vec::new()
    } else {
        request
            .parameters("labels")
            .filter_map(|label| label.split_once(':'))
            .collect()
    };
    let mut flows: Vec<Shared> = world
        .flows
        .all()
        .into_iter()
        .filter(|flow| {
            let born = world
                .flows
                .created_at(&flow.namespace, &flow.id)
                .unwrap_or(0);
            world.visible(born, request.now)
        })
        .filter(|flow| filters.iter().all(|filter| matches(flow, filter)))
        .filter(|flow| query.is_none_or(|q| filter::contains_any(q, &[&flow.id, &flow.namespace])))
        .filter(|flow| {
            request
                .flat("namespace")
                .is_none_or(|n| filter::within(&flow.namespace, n))
        })
        .filter(|flow| {
            let own = flow.labels();
            labels
                .iter()
                .all(|(k, v)| own.iter().any(|(key, value)| key == k && value == v))
        })
        .collect();
    let known = ["id", "namespace", "revision", "updated"];
    let bad = |_: &Request, field: &str| {
        ApiError::internal(format!(
            "SQL [select *, count(*) over () \"total_count\" from flows order by \"{field}\" asc]; \
             Column \"{field}\" not found"
        ))
    };
    page.sort(
        request,
        &mut flows,
        &known,
        bad,
        |flow, field| match field {
            "id" => flow.id.clone(),
            "namespace" => flow.namespace.clone(),
            "revision" => format!("{:09}", flow.revision),
            _ => format!("{:020}", flow.updated),
        },
    )?;
    Ok(page.response(&flows, |flow| flow.get_json(false)))
}

fn search_source(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let page = Page::read(request, "searchFlowsBySourceCode")?;
    let query = request.parameter("q").unwrap_or_default().to_owned();
    let namespace = request.parameter("namespace");
    let mut flows = world.flows.all();
    flows.retain(|flow| {
        filter::contains_any(&query, &[&flow.source])
            && namespace.is_none_or(|parent| filter::within(&flow.namespace, parent))
    });
    Ok(page.response(&flows, |flow| {
        if request.dialect.is_ga() {
            return json!({
                "namespace": flow.namespace, "id": flow.id, "editable": true,
                "matches": places(&flow.source, &query),
            });
        }
        json!({"model": flow.get_json(false), "fragments": [fragment(&flow.source, &query)]})
    }))
}

/// The lines from the first match on, with the match marked.
fn fragment(source: &str, query: &str) -> String {
    let at = source
        .to_lowercase()
        .find(&query.to_lowercase())
        .unwrap_or(0);
    let line = source.get(..at).unwrap_or_default().matches('\n').count();
    let lines: Vec<&str> = source.lines().skip(line).take(4).collect();
    lines
        .join("\n")
        .replacen(query, &format!("[mark]{query}[/mark]"), 1)
}

fn places(source: &str, query: &str) -> Vec<Value> {
    let needle = query.to_lowercase();
    source
        .lines()
        .enumerate()
        .filter_map(|(at, line)| {
            let column = line.to_lowercase().find(&needle)?;
            Some(json!({"line": at + 1, "column": column + 1, "snippet": line}))
        })
        .collect()
}

fn distinct_namespaces(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let prefix = request.parameter("q").unwrap_or_default();
    let mut names = world.flows.namespaces();
    names.retain(|name| name.starts_with(prefix));
    Ok(Response::json(&json!(names)))
}

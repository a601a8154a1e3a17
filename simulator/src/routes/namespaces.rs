//! Namespaces, which exist because flows name them.

use serde_json::{Value, json};

use crate::{
    answer::Answer,
    call::Call,
    error::Refusal,
    filter,
    page::Page,
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

/// Namespaces of flows with their parents, sorted.
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

fn search(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let page = Page::read(call, "searchNamespaces")?;
    // 1.3 does not look at filters here, 2.0 not at `q`.
    let filters = if call.dialect.is_v2() && !world.settings.ignore_filters {
        filter::read(call, filter::NAMESPACE)?
    } else {
        Vec::new()
    };
    let mut names = all(world);
    names.retain(|name| {
        call.flat("q")
            .is_none_or(|q| filter::contains_any(q, &[name]))
            && filters.iter().all(|filter| match filter.field.as_str() {
                "q" => filter.search(&[name]),
                _ => filter.text(name),
            })
    });
    let bad = |_: &Call, field: &str| Refusal::internal(format!("Column \"{field}\" not found"));
    page.sort(call, &mut names, &["id"], bad, |name, _| name.clone())?;
    Ok(page.answer(&names, |name| json!({ "id": name })))
}

fn autocomplete(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let body = call.json()?;
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
    Ok(Answer::json(&json!(names)))
}

/// Kestra invents the namespaces that it does not know.
fn read(_: &mut World, call: &Call) -> Result<Answer, Refusal> {
    Ok(Answer::json(&json!({"id": call.segment(0)})))
}

fn executable(world: &mut World, _: &Call) -> Result<Answer, Refusal> {
    Ok(Answer::json(&json!(world.flows.namespaces())))
}

fn executable_flows(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let flows: Vec<Value> = world
        .flows
        .all()
        .iter()
        .filter(|flow| flow.namespace == call.segment(0))
        .map(|flow| flow.outline(call.dialect))
        .collect();
    Ok(Answer::json(&Value::Array(flows)))
}

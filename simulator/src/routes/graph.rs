//! Flow graphs and dependencies. Only top-level tasks are included.

use serde_json::{Value, json};

use crate::{
    error::ApiError,
    execution::Execution,
    flow::{Flow, text},
    request::Request,
    response::Response,
    route::{Route, get},
    world::World,
};

pub(crate) const ROUTES: &[Route] = &[
    get("/flows/{}/{}/graph", of_flow),
    get("/executions/{}/graph", of_execution),
    get("/flows/{}/{}/dependencies", dependencies),
    get("/namespaces/{}/dependencies", namespace_dependencies),
];

fn of_flow(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let flow = world
        .flows
        .get(request.segment(0), request.segment(1))
        .ok_or_else(ApiError::not_found)?;
    Ok(Response::json(&graph(flow, None, request)))
}

fn of_execution(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let execution = world.visible_execution(request.segment(0), request.now)?;
    Ok(Response::json(&graph(
        &execution.flow,
        Some(execution),
        request,
    )))
}

fn graph(flow: &Flow, execution: Option<&Execution>, request: &Request) -> Value {
    let model = "io.kestra.core.models.hierarchies";
    let (root, end) = ("root.root-start", "root.end-end");
    let mut nodes = vec![
        json!({"uid": root, "type": format!("{model}.GraphClusterRoot")}),
        json!({"uid": end, "type": format!("{model}.GraphClusterEnd")}),
    ];
    let mut uids = Vec::new();
    for task in flow.list("tasks") {
        let uid = format!("root.{}", text(task, "id"));
        let mut node = json!({
            "uid": uid, "type": format!("{model}.GraphTask"), "task": task,
            "relationType": "SEQUENTIAL",
        });
        if let (Some(execution), Some(fields)) = (execution, node.as_object_mut()) {
            let brief = json!({"id": text(task, "id"), "type": text(task, "type")});
            fields.insert("task".to_owned(), brief);
            fields.insert("values".to_owned(), json!([]));
            let run = execution
                .runs
                .iter()
                .find(|run| run.task_id == text(task, "id"));
            if let Some(run) = run {
                fields.insert(
                    "taskRun".to_owned(),
                    execution.run_json(run, request.dialect),
                );
            }
        }
        nodes.push(node);
        uids.push(uid);
    }
    let edge = |source: &str, target: &str, relation: Value| json!({"source": source, "target": target, "relation": relation});
    let inner = uids.windows(2).filter_map(|pair| match pair {
        [a, b] => Some(edge(a, b, json!({"relationType": "SEQUENTIAL"}))),
        _ => None,
    });
    let mut outer = Vec::new();
    if let (Some(first), Some(last)) = (uids.first(), uids.last()) {
        outer = vec![edge(last, end, json!({})), edge(root, first, json!({}))];
    }
    // Kestra's order depends on hashing; this is the recorded one.
    let edges: Vec<Value> = if execution.is_some() {
        inner.chain(outer).collect()
    } else {
        outer.into_iter().chain(inner).collect()
    };
    json!({"nodes": nodes, "edges": edges, "clusters": []})
}

/// The namespace and id of each flow that a flow starts.
fn started(flow: &Flow) -> Vec<(String, String)> {
    fn walk(tasks: &[Value], found: &mut Vec<(String, String)>) {
        for task in tasks {
            if text(task, "type") == "io.kestra.plugin.core.flow.Subflow" {
                found.push((
                    text(task, "namespace").to_owned(),
                    text(task, "flowId").to_owned(),
                ));
            }
            for list in ["tasks", "then", "else", "errors", "finally"] {
                let inside = task.get(list).and_then(Value::as_array);
                walk(inside.map_or(&[], Vec::as_slice), found);
            }
        }
    }
    let mut found = Vec::new();
    walk(flow.list("tasks"), &mut found);
    found
}

fn dependencies(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let flow = world
        .flows
        .get(request.segment(0), request.segment(1))
        .ok_or_else(ApiError::not_found)?;
    Ok(Response::json(&topology(std::iter::once(flow.as_ref()))))
}

fn namespace_dependencies(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let flows = world.flows.all();
    let own = flows
        .iter()
        .filter(|flow| flow.namespace == request.segment(0))
        .map(AsRef::as_ref);
    Ok(Response::json(&topology(own)))
}

fn topology<'a>(flows: impl Iterator<Item = &'a Flow>) -> Value {
    let uid = |namespace: &str, id: &str| format!("main_{namespace}_{id}");
    let node = |namespace: &str, id: &str| json!({"uid": uid(namespace, id), "namespace": namespace, "id": id});
    let (mut nodes, mut edges) = (Vec::new(), Vec::new());
    for flow in flows {
        nodes.push(node(&flow.namespace, &flow.id));
        for (namespace, id) in started(flow) {
            let target = node(&namespace, &id);
            if !nodes.contains(&target) {
                nodes.push(target);
            }
            edges.push(json!({
                "source": uid(&flow.namespace, &flow.id), "target": uid(&namespace, &id),
                "relation": "FLOW_TASK",
            }));
        }
    }
    json!({"nodes": nodes, "edges": edges})
}

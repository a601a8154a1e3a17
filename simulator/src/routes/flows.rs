//! Flows one by one: create, read, update, delete, validate.

use serde_json::{Value, json};

use crate::{
    answer::Answer,
    call::Call,
    error::Refusal,
    flow::{Flow, Shared, text},
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

fn source(call: &Call) -> Result<String, Refusal> {
    let source = call.text();
    let given = call.media_type().unwrap_or_default();
    if !call.dialect.is_v2() && given == "application/json" {
        return Err(Refusal::internal(
            "Unrecognized token 'id': was expecting (JSON String, Number, Array, Object or token \
             'null', 'true' or 'false')",
        ));
    }
    if source.is_empty() || (!call.dialect.is_v2() && given != YAML) {
        return Err(Refusal::no_body("flow"));
    }
    Ok(source)
}

/// Reads a flow; 2.0 GA also takes drafts.
fn parse(call: &Call, source: &str) -> Result<Flow, Refusal> {
    let draft = call.dialect.is_ga() && call.flag("draft", false);
    let flow = if draft {
        Flow::draft(source, call.dialect)
    } else {
        Flow::read(source, call.dialect)
    };
    flow.map_err(|invalid| invalid.refusal())
}

fn create(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let source = source(call)?;
    let flow = parse(call, &source)?;
    if world.flows.get(&flow.namespace, &flow.id).is_some() {
        if call.dialect.is_ga() {
            return Err(Refusal::exists("Flow id already exists"));
        }
        return Err(refused("flow.id", "Flow id already exists"));
    }
    Ok(Answer::json(&world.keep(flow, call.now).created()))
}

fn refused(path: &str, message: &str) -> Refusal {
    let errors = vec![(message.to_owned(), path.to_owned())];
    Refusal::invalid_entity(format!("{path}: {message}"), errors)
}

fn update(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let (namespace, id) = (call.segment(0), call.segment(1));
    if world.flows.get(namespace, id).is_none() {
        return Err(Refusal::not_found());
    }
    let flow = parse(call, &source(call)?)?;
    if flow.id != id {
        return Err(refused("flow.id", "Illegal flow id update"));
    }
    if flow.namespace != namespace {
        return Err(refused("flow.namespace", "Illegal namespace update"));
    }
    let before = world.flows.get(namespace, id).map(|flow| flow.revision);
    let flow = world.keep(flow, call.now);
    let unchanged = before == Some(flow.revision);
    Ok(Answer::json(&if unchanged {
        flow.stored(true)
    } else {
        flow.created()
    }))
}

fn read(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let (namespace, id) = (call.segment(0), call.segment(1));
    let flow = match call.number("revision")? {
        Some(number) => world
            .flows
            .revisions(namespace, id)
            .iter()
            .find(|flow| flow.revision == number),
        None => world.flows.last(namespace, id),
    };
    let deleted_too = call.flag("allowDeleted", false);
    let flow = flow
        .filter(|flow| !flow.deleted || deleted_too)
        .ok_or_else(Refusal::not_found)?;
    Ok(Answer::json(&flow.stored(call.flag("source", false))))
}

fn revisions(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let (namespace, id) = (call.segment(0), call.segment(1));
    let deleted_too = call.flag("allowDelete", false);
    if world.flows.get(namespace, id).is_none() && !deleted_too {
        return Err(Refusal::not_found());
    }
    let all: Vec<Value> = world
        .flows
        .revisions(namespace, id)
        .iter()
        .map(|flow| flow.stored(true))
        .collect();
    Ok(Answer::json(&Value::Array(all)))
}

fn remove(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let (namespace, id) = (call.segment(0), call.segment(1));
    if world.delete_flow(namespace, id, call.now) {
        Ok(Answer::empty(204))
    } else {
        Err(Refusal::not_found())
    }
}

fn of_namespace(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let flows: Vec<Value> = world
        .flows
        .all()
        .iter()
        .filter(|flow| flow.namespace == call.segment(0))
        .map(|flow| flow.stored(false))
        .collect();
    Ok(Answer::json(&Value::Array(flows)))
}

fn bulk(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let namespace = call.parameter("namespace").map(str::to_owned);
    save_all(world, call, namespace.as_deref())
}

fn bulk_of_namespace(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    save_all(world, call, Some(call.segment(0)))
}

/// Saves many flows, and deletes the namespace's others unless told not to.
fn save_all(world: &mut World, call: &Call, namespace: Option<&str>) -> Result<Answer, Refusal> {
    let source = call.text();
    let documents = source
        .split("\n---")
        .map(|text| text.trim_start_matches('\n'));
    let flows = documents
        .filter(|text| !text.trim().is_empty())
        .map(|text| Flow::read(text, call.dialect).map_err(|invalid| invalid.refusal()))
        .collect::<Result<Vec<Flow>, Refusal>>()?;
    let mut answers = Vec::new();
    if let (true, Some(namespace)) = (call.flag("delete", true), namespace) {
        for old in world.flows.all() {
            let kept = flows.iter().any(|flow| flow.id == old.id);
            if old.namespace == namespace && !kept {
                answers.push(old.stored(true));
                world.delete_flow(namespace, &old.id, call.now);
            }
        }
    }
    answers.extend(
        flows
            .into_iter()
            .map(|flow| world.keep(flow, call.now).created()),
    );
    Ok(Answer::json(&Value::Array(answers)))
}

fn disable(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    switch(world, call, true)
}

fn enable(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    switch(world, call, false)
}

/// The flows that a body names, or 404 when one of them is not there.
fn named(world: &World, call: &Call) -> Result<Vec<Shared>, Refusal> {
    let body = call.json()?;
    let ids = body.as_array().into_iter().flatten();
    ids.map(|id| {
        let found = world.flows.get(text(id, "namespace"), text(id, "id"));
        found
            .cloned()
            .ok_or_else(|| Refusal::missing("No value present"))
    })
    .collect()
}

fn switch(world: &mut World, call: &Call, disabled: bool) -> Result<Answer, Refusal> {
    let mut count = 0;
    for flow in named(world, call)? {
        if flow.disabled() == disabled {
            continue;
        }
        let mut flow = Flow::clone(&flow);
        let line = flow
            .source
            .lines()
            .find(|line| line.starts_with("disabled:"))
            .map(str::to_owned);
        // A line that is there gets an end, one that is added has none.
        flow.source = match line {
            Some(line) => {
                let source = flow.source.replace(&line, &format!("disabled: {disabled}"));
                format!("{}\n", source.trim_end())
            }
            None => format!("{}\n\ndisabled: {disabled}", flow.source.trim_end()),
        };
        flow.fields.insert("disabled".to_owned(), json!(disabled));
        world.keep(flow, call.now);
        count += 1;
    }
    Ok(Answer::json(&json!({ "count": count })))
}

fn remove_all(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let flows = named(world, call)?;
    for flow in &flows {
        world.delete_flow(&flow.namespace, &flow.id, call.now);
    }
    Ok(Answer::json(&json!({"count": flows.len()})))
}

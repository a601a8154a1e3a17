//! Starting executions.

use serde_json::{Value, json};

use crate::{
    answer::Answer,
    call::Call,
    error::Refusal,
    flow::{Flow, Shared, text},
    input::{self, Place},
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

/// The flow that the path and `revision` name, if it can be executed.
fn flow(world: &World, call: &Call) -> Result<Shared, Refusal> {
    let (namespace, id) = (call.segment(0), call.segment(1));
    let missing = || Refusal::missing("Requested Flow is not found.");
    let born = world.flows.born(namespace, id).ok_or_else(missing)?;
    world.flows.get(namespace, id).ok_or_else(missing)?;
    if !world.visible(born, call.now) {
        return Err(missing());
    }
    let revision = call.number("revision")?;
    // Drafts run only by their number.
    let wanted = |flow: &&Shared| match revision {
        Some(number) => flow.revision == number,
        None => !flow.draft && !flow.deleted,
    };
    let revisions = world.flows.revisions(namespace, id);
    let flow = revisions.iter().rev().find(wanted).ok_or_else(missing)?;
    Ok(flow.clone())
}

/// Where an execution is shown to people.
fn page(world: &World, call: &Call, flow: &Flow, id: &str) -> String {
    let (base, tenant) = (&call.base, &world.settings.tenant);
    format!(
        "{base}/ui/{tenant}/executions/{}/{}/{id}",
        flow.namespace, flow.id
    )
}

fn labels(call: &Call) -> Result<Vec<(String, String)>, Refusal> {
    call.parameters("labels")
        .map(|label| {
            let (key, value) = label.split_once(':').ok_or_else(|| {
                Refusal::unprocessable("Can't split the queryString parameter by ':'")
            })?;
            if key.is_empty() || value.is_empty() {
                return Err(Refusal::unprocessable(
                    "Can't have an empty part of queryString",
                ));
            }
            let system = key.starts_with("system.")
                && !matches!(key, "system.correlationId" | "system.from");
            if system {
                return Err(Refusal::illegal_argument(format!(
                    "System labels can only be set by Kestra itself, offending label: {key}={value}"
                )));
            }
            Ok((key.to_owned(), value.to_owned()))
        })
        .collect()
}

fn create(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let flow = flow(world, call)?;
    if flow.disabled() {
        return Err(Refusal::illegal_state("Requested Flow is disabled."));
    }
    let labels = labels(call)?;
    let mut execution = world.new_execution(call.now, &flow);
    let place = Place {
        dialect: call.dialect,
        namespace: &flow.namespace,
        flow_id: &flow.id,
        execution_id: &execution.id,
    };
    execution.inputs = input::accept(flow.list("inputs"), &call.parts(), place)?;
    let system = execution
        .labels
        .split_off(execution.labels.len().saturating_sub(2));
    for (key, value) in labels.iter().chain(&system) {
        if !key.starts_with("system.") || execution.labels.iter().all(|(k, _)| k != key) {
            execution.label(key, value);
        }
    }
    // A date that does not parse is dropped, and starts the execution at once.
    execution.schedule_date = call.parameter("scheduleDate").and_then(time::parse_instant);
    execution.kind = call
        .parameter("kind")
        .filter(|kind| *kind != "NORMAL")
        .map(str::to_owned);
    let begins = execution.schedule_date.filter(|date| *date > call.now);
    let begins = begins.unwrap_or(call.now + world.lag());
    let id = execution.id.clone();
    world.add_execution(execution, begins);
    world.run_until(call.now);
    if call.flag("wait", false) {
        // The request takes no time here: what it would have waited for happens at once.
        world.await_end(&id, call.now);
    }
    let execution = world.execution(&id).ok_or_else(Refusal::not_found)?;
    let mut answer = execution.whole(call.dialect, true);
    if let Some(fields) = answer.as_object_mut() {
        let url = page(world, call, &flow, &id);
        fields.insert("url".to_owned(), json!(url));
    }
    Ok(Answer::json(&answer))
}

fn validate(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let flow = flow(world, call)?;
    Ok(verdict(&flow, flow.list("inputs"), call))
}

/// What would become of the inputs of a request.
pub(super) fn verdict(flow: &Flow, definitions: &[Value], call: &Call) -> Answer {
    let place = Place {
        dialect: call.dialect,
        namespace: &flow.namespace,
        flow_id: &flow.id,
        execution_id: "validate",
    };
    let inputs: Vec<Value> = input::check(definitions, &call.parts(), place)
        .into_iter()
        .map(|checked| {
            let mut shown = json!({
                "input": checked.definition, "enabled": checked.enabled,
                "isDefault": checked.is_default,
            });
            let Some(fields) = shown.as_object_mut() else {
                return shown;
            };
            let read = checked.result.as_ref().ok().map(input::Shown::read);
            if let Some(raw) = checked.raw {
                fields.insert("value".to_owned(), read.unwrap_or(raw));
            }
            let errors = match checked.result {
                Err(message) if call.dialect.is_v2() => {
                    json!([{"message": message, "renderError": false}])
                }
                Err(message) => json!([{ "message": message }]),
                Ok(_) => json!([]),
            };
            fields.insert("errors".to_owned(), errors);
            shown
        })
        .collect();
    Answer::json(&json!({
        "id": flow.id, "namespace": flow.namespace, "inputs": inputs, "checks": [],
    }))
}

fn webhook(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let found = world.flows.get(call.segment(0), call.segment(1)).cloned();
    let flow = found.ok_or_else(|| Refusal::missing("Flow not found"))?;
    let trigger = flow
        .list("triggers")
        .iter()
        .find(|trigger| text(trigger, "key") == call.segment(2))
        .filter(|trigger| text(trigger, "type") == "io.kestra.plugin.core.trigger.Webhook")
        .ok_or_else(|| Refusal::missing("Webhook not found"))?;
    let many = |pairs: &[(String, String)]| -> Value {
        Value::Object(
            pairs
                .iter()
                .map(|(key, value)| (key.clone(), json!([value])))
                .collect(),
        )
    };
    let mut variables = json!({"headers": many(&call.headers), "parameters": many(&call.query)});
    if let (false, Some(fields)) = (call.body.is_empty(), variables.as_object_mut()) {
        let body = call.json().unwrap_or_else(|_| json!(call.text()));
        fields.insert("body".to_owned(), body);
    }
    let trigger = json!({
        "id": text(trigger, "id"), "type": text(trigger, "type"), "variables": variables,
    });
    let mut execution = world.new_execution(call.now, &flow);
    execution.label("system.from", "trigger");
    execution.trigger = Some(trigger.clone());
    let id = execution.id.clone();
    let labels: Vec<Value> = execution
        .labels
        .iter()
        .map(|(k, v)| json!({"key": k, "value": v}))
        .collect();
    let answer = json!({
        "tenantId": world.settings.tenant, "id": id, "namespace": flow.namespace, "flowId": flow.id,
        "flowRevision": flow.revision, "trigger": trigger, "labels": labels,
        "state": execution.state.json(),
        "url": page(world, call, &flow, &id),
    });
    world.add_execution(execution, call.now + world.lag());
    Ok(Answer::json(&answer))
}

//! Key-value pairs of namespaces.

use regex::Regex;
use serde_json::{Value, json};

use crate::{
    answer::Answer,
    call::Call,
    error::Refusal,
    filter,
    kv::Pair,
    page::Page,
    route::{Route, delete, get, put},
    time,
    world::World,
};

pub(crate) const ROUTES: &[Route] = &[
    get("/kv", search),
    get("/namespaces/{}/kv", of_namespace).v1(),
    delete("/namespaces/{}/kv", remove_all),
    get("/namespaces/{}/kv/inheritance", inherited),
    get("/namespaces/{}/kv/{}", read),
    put("/namespaces/{}/kv/{}", write),
    delete("/namespaces/{}/kv/{}", remove),
];

fn key(call: &Call) -> (String, String) {
    (call.segment(0).to_owned(), call.segment(1).to_owned())
}

fn rows(world: &World, call: &Call, wanted: impl Fn(&str) -> bool) -> Vec<Value> {
    world
        .kv
        .iter()
        .filter(|((namespace, _), _)| wanted(namespace))
        .map(|((namespace, key), pair)| pair.row(namespace, key, call.dialect))
        .collect()
}

fn search(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let page = Page::read(call, "listAllKeys")?;
    let filters = filter::read(call, filter::KV)?;
    let mut found = Vec::new();
    for ((namespace, key), pair) in &world.kv {
        let mut fits = true;
        for filter in &filters {
            fits &= match filter.field.as_str() {
                "q" => filter.search(&[key]),
                "updated" => filter.date(Some(pair.updated))?,
                _ => filter.text(namespace),
            };
        }
        if fits {
            found.push(pair.row(namespace, key, call.dialect));
        }
    }
    Ok(page.answer(&found, Value::clone))
}

fn of_namespace(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    Ok(Answer::json(&json!(rows(
        world,
        call,
        |namespace| namespace == call.segment(0)
    ))))
}

/// The pairs of the namespaces above.
fn inherited(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let own = call.segment(0);
    let above = |namespace: &str| namespace != own && filter::within(own, namespace);
    Ok(Answer::json(&json!(rows(world, call, above))))
}

fn read(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let (namespace, key) = key(call);
    let pair = world
        .kv
        .get(&(namespace.clone(), key.clone()))
        .ok_or_else(|| {
            Refusal::missing(format!(
                "No value found for key '{key}' in namespace '{namespace}'"
            ))
        })?;
    if pair.expires.is_some_and(|moment| moment <= call.now) {
        return Err(Refusal::missing(format!("No value found for key '{key}'")));
    }
    Ok(Answer::json(&pair.shown()))
}

fn write(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let (namespace, key) = key(call);
    let good = Regex::new("^[a-zA-Z0-9][a-zA-Z0-9._-]*$");
    if !good.is_ok_and(|pattern| pattern.is_match(&key)) {
        return Err(Refusal::illegal_argument(
            "Key must start with an alphanumeric character (uppercase or lowercase) and can \
             contain alphanumeric characters (uppercase or lowercase), dots (.), underscores (_), \
             and hyphens (-) only.",
        ));
    }
    let body = call.text();
    let value = serde_json::from_str(&body).unwrap_or(Value::String(body));
    let expires = call
        .header("ttl")
        .and_then(time::parse_duration)
        .map(|ttl| call.now + ttl);
    let old = world.kv.get(&(namespace.clone(), key.clone()));
    let pair = Pair {
        value,
        revision: old.map_or(1, |pair| pair.revision + 1),
        created: old.map_or(call.now, |pair| pair.created),
        updated: call.now,
        expires: None,
        description: None,
    };
    // Recorded lists show neither the description nor the end of a pair that was given both.
    let pair = Pair {
        expires,
        description: call.header("description").map(str::to_owned),
        ..pair
    };
    world.kv.insert((namespace, key), pair);
    Ok(Answer::empty(200))
}

fn remove(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    Ok(Answer::json(&json!(world.kv.remove(&key(call)).is_some())))
}

fn remove_all(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let body = call.json()?;
    let keys: Vec<&str> = body
        .get("keys")
        .and_then(Value::as_array)
        .map(|keys| keys.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    for key in &keys {
        world
            .kv
            .remove(&(call.segment(0).to_owned(), (*key).to_owned()));
    }
    Ok(Answer::json(&json!({ "keys": keys })))
}

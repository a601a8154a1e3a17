//! Key-value pairs of namespaces.

use regex::Regex;
use serde_json::{Value, json};

use crate::{
    answer::Answer,
    call::Call,
    error::Refusal,
    filter,
    kv::{Pair, Typed},
    page::Page,
    route::{Route, delete, get, put},
    storage::STORAGE,
    time,
    world::World,
};

pub(crate) const ROUTES: &[Route] = &[
    get("/kv", search),
    get("/namespaces/{}/kv", of_namespace).v1(),
    delete("/namespaces/{}/kv", remove_all),
    get("/namespaces/{}/kv/inheritance", inherited),
    get("/namespaces/{}/kv/{}", read),
    put("/namespaces/{}/kv/{}", write).takes("text/plain"),
    delete("/namespaces/{}/kv/{}", remove),
];

fn key(call: &Call) -> (String, String) {
    (call.segment(0).to_owned(), call.segment(1).to_owned())
}

fn rows(world: &World, call: &Call, wanted: impl Fn(&str) -> bool) -> Vec<Value> {
    world
        .kv
        .iter()
        .filter(|((namespace, _), pair)| wanted(namespace) && pair.stands(call.now))
        .map(|((namespace, key), pair)| pair.row(namespace, key, call.dialect))
        .collect()
}

fn search(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let page = Page::read(call, "listAllKeys")?;
    let filters = filter::read(call, filter::KV)?;
    let mut found = Vec::new();
    for ((namespace, key), pair) in &world.kv {
        let mut fits = pair.stands(call.now);
        for filter in &filters {
            fits &= match filter.field.as_str() {
                "q" => filter.search(&[key]),
                "updated" => filter.date(Some(pair.updated))?,
                "expirationDate" => pair.expires.is_some() && filter.date(pair.expires)?,
                _ => filter.text(namespace),
            };
        }
        if fits {
            found.push(((namespace, key), pair));
        }
    }
    let bad = |_: &Call, field: &str| {
        Refusal::internal(format!("SQL [select]; Column \"{field}\" not found"))
    };
    let known = ["namespace", "key"];
    page.sort(
        call,
        &mut found,
        &known,
        bad,
        |((namespace, key), _), field| match field {
            "key" => (*key).clone(),
            _ => (*namespace).clone(),
        },
    )?;
    Ok(page.answer(&found, |((namespace, key), pair)| {
        pair.row(namespace, key, call.dialect)
    }))
}

fn of_namespace(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    Ok(Answer::json(&json!(rows(
        world,
        call,
        |namespace| namespace == call.segment(0)
    ))))
}

/// The pairs of the namespaces above, from the nearest on.
fn inherited(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let mut above = call.segment(0);
    let mut all = Vec::new();
    while let Some((parent, _)) = above.rsplit_once('.') {
        all.extend(rows(world, call, |namespace| namespace == parent));
        above = parent;
    }
    Ok(Answer::json(&json!(all)))
}

fn read(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let (namespace, key) = key(call);
    let pair = world
        .kv
        .get(&(namespace.clone(), key.clone()))
        .filter(|pair| !pair.deleted)
        .ok_or_else(|| {
            Refusal::missing(format!(
                "No value found for key '{key}' in namespace '{namespace}'"
            ))
        })?;
    if pair.has_expired(call.now) {
        return Err(Refusal::expired("The requested value has expired"));
    }
    Ok(Answer::json(&pair.shown()))
}

/// The longest name of a file; those of values are longer than their keys.
const LONGEST: usize = 255;
const AROUND: usize = "-.ion.metadata".len() + 5;

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
    if call.body.is_empty() {
        return Err(Refusal::no_body("value"));
    }
    let ttl = call.header("ttl").map(|ttl| {
        time::java_duration(ttl)
            .ok_or_else(|| Refusal::internal("Text cannot be parsed to a Duration"))
    });
    let ttl = ttl.transpose()?;
    if ttl.is_some_and(|seconds| seconds < 0.0) {
        return Err(Refusal::illegal_argument("ttl cannot be negative"));
    }
    let expires = ttl.map(|seconds| call.now + time::milliseconds(seconds));
    let old = world.kv.get(&(namespace.clone(), key.clone()));
    let pair = Pair {
        value: Typed::read(&call.text()),
        revision: old.map_or(1, |pair| pair.revision + 1),
        created: old
            .filter(|pair| !pair.deleted)
            .map_or(call.now, |pair| pair.created),
        updated: call.now,
        expires,
        description: call.header("description").map(str::to_owned),
        deleted: false,
    };
    // Kestra makes the entry before it writes the value, and lets it stand when it cannot.
    let fault = unwritable(world, &namespace, &key);
    world.kv.insert((namespace, key), pair);
    fault.map_or_else(|| Ok(Answer::empty(200)), Err)
}

/// Why a value cannot be written to the file that it goes to.
fn unwritable(world: &World, namespace: &str, key: &str) -> Option<Refusal> {
    let uri = format!("kestra:///{namespace}/_kv/{key}.ion");
    if let Some(at) = uri.find(' ') {
        return Some(Refusal::illegal_argument(format!(
            "Illegal character in path at index {at}: {uri}"
        )));
    }
    let (tenant, folder) = (&world.settings.tenant, namespace.replace('.', "/"));
    (key.len() + AROUND > LONGEST).then(|| {
        Refusal::missing(format!(
            "{STORAGE}/{tenant}/{folder}/_kv/zyko9-{key}.ion.metadata (File name too long)"
        ))
    })
}

/// Whether there was a pair to delete.
fn forget(world: &mut World, key: &(String, String), now: u64) -> bool {
    let found = world.kv.get_mut(key).filter(|pair| pair.stands(now));
    found.map(|pair| pair.deleted = true).is_some()
}

fn remove(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    Ok(Answer::json(&json!(forget(world, &key(call), call.now))))
}

fn remove_all(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let body = call.json()?;
    let mut keys: Vec<&str> = body
        .get("keys")
        .and_then(Value::as_array)
        .map(|keys| keys.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    keys.retain(|key| {
        let key = (call.segment(0).to_owned(), (*key).to_owned());
        forget(world, &key, call.now)
    });
    Ok(Answer::json(&json!({ "keys": keys })))
}

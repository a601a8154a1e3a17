//! KV pairs of namespaces.

use regex::Regex;
use serde_json::{Value, json};

use crate::{
    error::ApiError,
    filter,
    kv::{Pair, Typed},
    page::Page,
    request::Request,
    response::Response,
    route::{Route, delete, get, put},
    storage::STORAGE_ROOT,
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

fn key(request: &Request) -> (String, String) {
    (request.segment(0).to_owned(), request.segment(1).to_owned())
}

fn rows(world: &World, request: &Request, wanted: impl Fn(&str) -> bool) -> Vec<Value> {
    world
        .kv
        .iter()
        .filter(|((namespace, _), pair)| wanted(namespace) && pair.is_live(request.now))
        .map(|((namespace, key), pair)| pair.row_json(namespace, key, request.dialect))
        .collect()
}

fn search(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let page = Page::read(request, "listAllKeys")?;
    let filters = filter::read(request, filter::KV)?;
    let mut found = Vec::new();
    for ((namespace, key), pair) in &world.kv {
        let mut fits = pair.is_live(request.now);
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
    let bad = |_: &Request, field: &str| {
        ApiError::internal(format!("SQL [select]; Column \"{field}\" not found"))
    };
    let known = ["namespace", "key"];
    page.sort(
        request,
        &mut found,
        &known,
        bad,
        |((namespace, key), _), field| match field {
            "key" => (*key).clone(),
            _ => (*namespace).clone(),
        },
    )?;
    Ok(page.response(&found, |((namespace, key), pair)| {
        pair.row_json(namespace, key, request.dialect)
    }))
}

fn of_namespace(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    Ok(Response::json(&json!(rows(
        world,
        request,
        |namespace| namespace == request.segment(0)
    ))))
}

/// The pairs of the parent namespaces, nearest first.
fn inherited(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let mut above = request.segment(0);
    let mut all = Vec::new();
    while let Some((parent, _)) = above.rsplit_once('.') {
        all.extend(rows(world, request, |namespace| namespace == parent));
        above = parent;
    }
    Ok(Response::json(&json!(all)))
}

fn read(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let (namespace, key) = key(request);
    let pair = world
        .kv
        .get(&(namespace.clone(), key.clone()))
        .filter(|pair| !pair.deleted)
        .ok_or_else(|| {
            ApiError::missing(format!(
                "No value found for key '{key}' in namespace '{namespace}'"
            ))
        })?;
    if pair.has_expired(request.now) {
        return Err(ApiError::expired("The requested value has expired"));
    }
    Ok(Response::json(&pair.json()))
}

/// The longest file name. The file name of a value is longer than its key, by `AROUND`.
const LONGEST: usize = 255;
const AROUND: usize = "-.ion.metadata".len() + 5;

fn write(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let (namespace, key) = key(request);
    let good = Regex::new("^[a-zA-Z0-9][a-zA-Z0-9._-]*$");
    if !good.is_ok_and(|pattern| pattern.is_match(&key)) {
        return Err(ApiError::illegal_argument(
            "Key must start with an alphanumeric character (uppercase or lowercase) and can \
             contain alphanumeric characters (uppercase or lowercase), dots (.), underscores (_), \
             and hyphens (-) only.",
        ));
    }
    if request.body.is_empty() {
        return Err(ApiError::missing_body("value"));
    }
    let ttl = request.header("ttl").map(|ttl| {
        time::java_duration(ttl)
            .ok_or_else(|| ApiError::internal("Text cannot be parsed to a Duration"))
    });
    let ttl = ttl.transpose()?;
    if ttl.is_some_and(|seconds| seconds < 0.0) {
        return Err(ApiError::illegal_argument("ttl cannot be negative"));
    }
    let expires = ttl.map(|seconds| request.now + time::milliseconds(seconds));
    let old = world.kv.get(&(namespace.clone(), key.clone()));
    let pair = Pair {
        value: Typed::read(&request.text()),
        revision: old.map_or(1, |pair| pair.revision + 1),
        created: old
            .filter(|pair| !pair.deleted)
            .map_or(request.now, |pair| pair.created),
        updated: request.now,
        expires,
        description: request.header("description").map(str::to_owned),
        deleted: false,
    };
    // Kestra creates the entry before it writes the value, and does not roll it back if that fails.
    let fault = unwritable(world, &namespace, &key);
    world.kv.insert((namespace, key), pair);
    fault.map_or_else(|| Ok(Response::empty(200)), Err)
}

/// Why the file of a value cannot be written.
fn unwritable(world: &World, namespace: &str, key: &str) -> Option<ApiError> {
    let uri = format!("kestra:///{namespace}/_kv/{key}.ion");
    if let Some(at) = uri.find(' ') {
        return Some(ApiError::illegal_argument(format!(
            "Illegal character in path at index {at}: {uri}"
        )));
    }
    let (tenant, folder) = (&world.settings.tenant, namespace.replace('.', "/"));
    (key.len() + AROUND > LONGEST).then(|| {
        ApiError::missing(format!(
            "{STORAGE_ROOT}/{tenant}/{folder}/_kv/zyko9-{key}.ion.metadata (File name too long)"
        ))
    })
}

/// Deletes a pair. Returns whether it existed.
fn forget(world: &mut World, key: &(String, String), now: u64) -> bool {
    let found = world.kv.get_mut(key).filter(|pair| pair.is_live(now));
    found.map(|pair| pair.deleted = true).is_some()
}

fn remove(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    Ok(Response::json(&json!(forget(
        world,
        &key(request),
        request.now
    ))))
}

fn remove_all(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let body = request.json()?;
    let mut keys: Vec<&str> = body
        .get("keys")
        .and_then(Value::as_array)
        .map(|keys| keys.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    keys.retain(|key| {
        let key = (request.segment(0).to_owned(), (*key).to_owned());
        forget(world, &key, request.now)
    });
    Ok(Response::json(&json!({ "keys": keys })))
}

//! Files of namespaces.

use serde_json::{Value, json};

use crate::{
    answer::Answer,
    call::Call,
    error::Refusal,
    filter,
    route::{Route, delete, get, post, put},
    world::World,
};

pub(crate) const ROUTES: &[Route] = &[
    get("/namespaces/{}/files", read).gives("application/octet-stream"),
    post("/namespaces/{}/files", write).takes("multipart/form-data"),
    put("/namespaces/{}/files", rename),
    delete("/namespaces/{}/files", remove),
    get("/namespaces/{}/files/directory", list),
    get("/namespaces/{}/files/search", search),
    get("/namespaces/{}/files/stats", stats),
    get("/namespaces/{}/files/revisions", revisions),
];

fn path(call: &Call, parameter: &str) -> Result<String, Refusal> {
    let path = call.parameter(parameter).unwrap_or("/");
    if path.split('/').any(|segment| segment == "..") {
        return Err(Refusal::illegal_argument(
            "File should be accessed with their full path and not using relative '..' path.",
        ));
    }
    Ok(format!("/{}", path.trim_start_matches('/')))
}

fn missing(call: &Call, path: &str) -> Refusal {
    let namespace = call.segment(0);
    Refusal::missing(format!(
        "File '{path}' was not found in namespace '{namespace}'."
    ))
}

fn key(call: &Call, path: String) -> (String, String) {
    (call.segment(0).to_owned(), path)
}

fn read(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let path = path(call, "path")?;
    let file = world
        .files
        .0
        .get(&key(call, path.clone()))
        .ok_or_else(|| missing(call, &path))?;
    Ok(Answer::typed(
        200,
        "application/octet-stream",
        file.content.clone(),
    ))
}

fn write(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let path = path(call, "path")?;
    let parts = call.parts();
    let part = parts.iter().find(|part| part.name == "fileContent");
    let content = part
        .ok_or_else(|| Refusal::no_body("fileContent"))?
        .content
        .clone();
    world.files.write(call.segment(0), &path, content, call.now);
    Ok(Answer::empty(200))
}

fn rename(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let (from, to) = (path(call, "from")?, path(call, "to")?);
    let file = world
        .files
        .0
        .remove(&key(call, from.clone()))
        .ok_or_else(|| missing(call, &from))?;
    world.files.0.insert(key(call, to), file);
    Ok(Answer::empty(200))
}

/// Deletes a file, or a directory with what is in it.
fn remove(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let path = path(call, "path")?;
    let inside = format!("{}/", path.trim_end_matches('/'));
    let before = world.files.0.len();
    world.files.0.retain(|(namespace, file), _| {
        namespace != call.segment(0) || (*file != path && !file.starts_with(&inside))
    });
    if world.files.0.len() == before {
        Err(missing(call, &path))
    } else {
        Ok(Answer::empty(200))
    }
}

fn list(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    Ok(Answer::json(&Value::Array(
        world.files.list(call.segment(0), &path(call, "path")?),
    )))
}

fn search(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let query = call.parameter("q").unwrap_or_default();
    let paths: Vec<&String> = world
        .files
        .0
        .keys()
        .filter(|(namespace, path)| {
            namespace == call.segment(0) && filter::contains_any(query, &[path])
        })
        .map(|(_, path)| path)
        .collect();
    Ok(Answer::json(&json!(paths)))
}

fn stats(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let path = path(call, "path")?;
    let stats = world
        .files
        .stats(call.segment(0), &path)
        .ok_or_else(|| missing(call, &path))?;
    Ok(Answer::json(&stats))
}

fn revisions(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let path = path(call, "path")?;
    let file = world
        .files
        .0
        .get(&key(call, path.clone()))
        .ok_or_else(|| missing(call, &path))?;
    let all: Vec<Value> = (1..=file.revision)
        .map(|n| json!({ "revision": n }))
        .collect();
    Ok(Answer::json(&Value::Array(all)))
}

//! Files of namespaces.

use serde_json::{Value, json};

use crate::{
    answer::Answer,
    call::Call,
    error::Refusal,
    filter,
    route::{Route, delete, get, post, put},
    storage::STORAGE,
    wire,
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

/// A path as a line reads it.
fn path(call: &Call, parameter: &str) -> Result<String, Refusal> {
    let given = call.parameter(parameter).unwrap_or("/").replace('\\', "/");
    let has = |wanted: &str| given.split('/').any(|segment| segment == wanted);
    if call.dialect.is_v2() {
        if has("..") {
            return Err(relative());
        }
        return Ok(as_uri(&given));
    }
    Ok(without_doubles(&given).replace(' ', "+"))
}

/// A path that has to be there.
fn given_path(call: &Call, parameter: &str) -> Result<String, Refusal> {
    if call.parameter(parameter).is_none() {
        return Err(Refusal::bad_request(format!(
            "Required QueryValue [{parameter}] not specified"
        )));
    }
    path(call, parameter)
}

fn relative() -> Refusal {
    Refusal::illegal_argument(
        "File should be accessed with their full path and not using relative '..' path.",
    )
}

/// 2.0 takes the path out of a URI, and tidies it.
fn as_uri(given: &str) -> String {
    let rest = given.strip_prefix("file:").unwrap_or(given);
    let rest = match rest.strip_prefix("//") {
        // What stands between two slashes and the next would be a host.
        Some(host) => host.find('/').and_then(|at| host.get(at..)).unwrap_or(""),
        None => rest,
    };
    let tidy: Vec<&str> = rest.split('/').filter(|part| *part != ".").collect();
    without_doubles(&tidy.join("/"))
}

fn without_doubles(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    format!("/{}", parts.join("/"))
}

/// Refuses a path that is not the path of a URI; 2.0 makes the directories first, and says so.
fn check(call: &Call, path: &str) -> Result<(), Refusal> {
    let before = format!("kestra:///{}/_files", call.segment(0).replace('.', "/"));
    let bytes = path.as_bytes();
    let is_hex = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_hexdigit);
    let fault = bytes.iter().enumerate().find_map(|(at, byte)| match byte {
        b' ' => Some((at, "Illegal character in path")),
        b'%' if !(is_hex(at + 1) && is_hex(at + 2)) => Some((at, "Malformed escape pair")),
        _ => None,
    });
    let Some((at, what)) = fault else {
        return Ok(());
    };
    let end = path
        .get(at..)
        .and_then(|rest| rest.find('/'))
        .filter(|_| call.dialect.is_v2());
    let shown = end.and_then(|end| path.get(..at + end)).unwrap_or(path);
    let index = before.len() + at;
    Err(Refusal::illegal_argument(format!(
        "{what} at index {index}: {before}{shown}"
    )))
}

/// 404, as the server's file system says it.
fn not_a_file(world: &World, call: &Call, path: &str, why: &str) -> Refusal {
    let (tenant, namespace) = (&world.settings.tenant, call.segment(0).replace('.', "/"));
    let path = path.trim_end_matches('/');
    Refusal::missing(format!(
        "{STORAGE}/{tenant}/{namespace}/_files{path} ({why})"
    ))
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
    let path = given_path(call, "path")?;
    let revision = call.number("revision")?;
    let namespace = call.segment(0);
    let Some(file) = world.files.0.get(&key(call, path.clone())) else {
        if world.files.is_directory(namespace, &path) {
            return Err(not_a_file(world, call, &path, "Is a directory"));
        }
        return Err(missing(call, &path));
    };
    let content = match revision {
        None => file.content(),
        Some(number) => file.revision(number).ok_or_else(|| {
            let counted = if call.dialect.is_v2() {
                "Revision"
            } else {
                "Version"
            };
            Refusal::missing(format!(
                "{counted} {number} of file '{path}' was not found in namespace '{namespace}'."
            ))
        })?,
    };
    Ok(Answer::typed(
        200,
        "application/octet-stream",
        content.to_vec(),
    ))
}

/// Writes a file, as a new revision whatever it holds. A file name that ends in `.zip` is not
/// unpacked here, as Kestra would.
fn write(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let path = given_path(call, "path")?;
    let decoded = wire::decode_path(&path);
    if !call.dialect.is_v2() && decoded.split('/').any(|segment| segment == "..") {
        return Err(relative());
    }
    let parts = call.parts();
    let part = parts.iter().find(|part| part.name == "fileContent");
    let part =
        part.ok_or_else(|| Refusal::internal("Required Part [fileContent] not specified"))?;
    check(call, &path)?;
    let namespace = call.segment(0);
    if path == "/" {
        return Err(not_a_file(world, call, "", "Is a directory"));
    }
    if path.starts_with("/_flows/") {
        let saved = world.save(&part.text(), call.now);
        return saved
            .map(|_| Answer::empty(200))
            .map_err(|invalid| invalid.refusal());
    }
    if world.files.is_below_a_file(namespace, &path) {
        return Err(not_a_file(world, call, &path, "Not a directory"));
    }
    // A directory stays what it is, and the answer says nothing of it.
    if !world.files.is_directory(namespace, &path) {
        let content = part.content.clone();
        world.files.write(namespace, &path, content, call.now);
    }
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

/// Deletes a file, or a directory with what is in it; the root is one, and what is not there is
/// no error.
fn remove(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let path = given_path(call, "path")?;
    let inside = format!("{}/", path.trim_end_matches('/'));
    world.files.0.retain(|(namespace, file), _| {
        namespace != call.segment(0) || (*file != path && !file.starts_with(&inside))
    });
    Ok(Answer::empty(200))
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
        .ok_or_else(|| Refusal::missing(format!("File not found: {path}")))?;
    let all: Vec<Value> = (1..=file.revisions.len())
        .map(|n| json!({ "revision": n }))
        .collect();
    Ok(Answer::json(&Value::Array(all)))
}

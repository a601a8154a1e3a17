//! Namespace files.

use serde_json::{Value, json};

use crate::{
    error::ApiError,
    filter,
    request::Request,
    response::Response,
    route::{Route, delete, get, post, put},
    storage::STORAGE_ROOT,
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

/// A path, normalized as the line does it.
fn path(request: &Request, parameter: &str) -> Result<String, ApiError> {
    let given = request
        .parameter(parameter)
        .unwrap_or("/")
        .replace('\\', "/");
    let has = |wanted: &str| given.split('/').any(|segment| segment == wanted);
    if request.dialect.is_v2() {
        if has("..") {
            return Err(relative());
        }
        return Ok(as_uri(&given));
    }
    Ok(without_doubles(&given).replace(' ', "+"))
}

/// A required path.
fn given_path(request: &Request, parameter: &str) -> Result<String, ApiError> {
    if request.parameter(parameter).is_none() {
        return Err(ApiError::bad_request(format!(
            "Required QueryValue [{parameter}] not specified"
        )));
    }
    path(request, parameter)
}

fn relative() -> ApiError {
    ApiError::illegal_argument(
        "File should be accessed with their full path and not using relative '..' path.",
    )
}

/// 2.0 extracts the path from a URI and normalizes it.
fn as_uri(given: &str) -> String {
    let rest = given.strip_prefix("file:").unwrap_or(given);
    let rest = match rest.strip_prefix("//") {
        // Text between `//` and the next slash would be a host.
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

/// Rejects a path that is not valid in a URI. 2.0 creates the directories first, which shows in the
/// message.
fn check(request: &Request, path: &str) -> Result<(), ApiError> {
    let before = format!("kestra:///{}/_files", request.segment(0).replace('.', "/"));
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
        .filter(|_| request.dialect.is_v2());
    let shown = end.and_then(|end| path.get(..at + end)).unwrap_or(path);
    let index = before.len() + at;
    Err(ApiError::illegal_argument(format!(
        "{what} at index {index}: {before}{shown}"
    )))
}

/// 404 with the file system's message.
fn not_a_file(world: &World, request: &Request, path: &str, why: &str) -> ApiError {
    let (tenant, namespace) = (&world.settings.tenant, request.segment(0).replace('.', "/"));
    let path = path.trim_end_matches('/');
    ApiError::missing(format!(
        "{STORAGE_ROOT}/{tenant}/{namespace}/_files{path} ({why})"
    ))
}

fn missing(request: &Request, path: &str) -> ApiError {
    let namespace = request.segment(0);
    ApiError::missing(format!(
        "File '{path}' was not found in namespace '{namespace}'."
    ))
}

fn key(request: &Request, path: String) -> (String, String) {
    (request.segment(0).to_owned(), path)
}

fn read(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let path = given_path(request, "path")?;
    let revision = request.number("revision")?;
    let namespace = request.segment(0);
    let Some(file) = world.files.0.get(&key(request, path.clone())) else {
        if world.files.is_directory(namespace, &path) {
            return Err(not_a_file(world, request, &path, "Is a directory"));
        }
        return Err(missing(request, &path));
    };
    let content = match revision {
        None => file.content(),
        Some(number) => file.revision(number).ok_or_else(|| {
            let counted = if request.dialect.is_v2() {
                "Revision"
            } else {
                "Version"
            };
            ApiError::missing(format!(
                "{counted} {number} of file '{path}' was not found in namespace '{namespace}'."
            ))
        })?,
    };
    Ok(Response::typed(
        200,
        "application/octet-stream",
        content.to_vec(),
    ))
}

/// Writes a new revision of a file. Unlike Kestra, it does not unpack `.zip` files.
fn write(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let path = given_path(request, "path")?;
    let decoded = wire::decode_path(&path);
    if !request.dialect.is_v2() && decoded.split('/').any(|segment| segment == "..") {
        return Err(relative());
    }
    let parts = request.parts();
    let part = parts.iter().find(|part| part.name == "fileContent");
    let part =
        part.ok_or_else(|| ApiError::internal("Required Part [fileContent] not specified"))?;
    check(request, &path)?;
    let namespace = request.segment(0);
    if path == "/" {
        return Err(not_a_file(world, request, "", "Is a directory"));
    }
    if path.starts_with("/_flows/") {
        let saved = world.save(&part.text(), request.now);
        return saved
            .map(|_| Response::empty(200))
            .map_err(|invalid| invalid.to_error());
    }
    if world.files.is_below_a_file(namespace, &path) {
        return Err(not_a_file(world, request, &path, "Not a directory"));
    }
    // Writing to a directory has no effect, and is not an error.
    if !world.files.is_directory(namespace, &path) {
        let content = part.content.clone();
        world.files.write(namespace, &path, content, request.now);
    }
    Ok(Response::empty(200))
}

fn rename(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let (from, to) = (path(request, "from")?, path(request, "to")?);
    let file = world
        .files
        .0
        .remove(&key(request, from.clone()))
        .ok_or_else(|| missing(request, &from))?;
    world.files.0.insert(key(request, to), file);
    Ok(Response::empty(200))
}

/// Deletes a file, or a directory with its contents (including the root). Deleting what does not
/// exist is not an error.
fn remove(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let path = given_path(request, "path")?;
    let inside = format!("{}/", path.trim_end_matches('/'));
    world.files.0.retain(|(namespace, file), _| {
        namespace != request.segment(0) || (*file != path && !file.starts_with(&inside))
    });
    Ok(Response::empty(200))
}

fn list(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    Ok(Response::json(&Value::Array(
        world
            .files
            .list(request.segment(0), &path(request, "path")?),
    )))
}

fn search(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let query = request.parameter("q").unwrap_or_default();
    let paths: Vec<&String> = world
        .files
        .0
        .keys()
        .filter(|(namespace, path)| {
            namespace == request.segment(0) && filter::contains_any(query, &[path])
        })
        .map(|(_, path)| path)
        .collect();
    Ok(Response::json(&json!(paths)))
}

fn stats(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let path = path(request, "path")?;
    let stats = world
        .files
        .stats(request.segment(0), &path)
        .ok_or_else(|| missing(request, &path))?;
    Ok(Response::json(&stats))
}

fn revisions(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let path = path(request, "path")?;
    let file = world
        .files
        .0
        .get(&key(request, path.clone()))
        .ok_or_else(|| ApiError::missing(format!("File not found: {path}")))?;
    let all: Vec<Value> = (1..=file.revisions.len())
        .map(|n| json!({ "revision": n }))
        .collect();
    Ok(Response::json(&Value::Array(all)))
}

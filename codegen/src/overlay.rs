//! Reviewed deviations from a vendored description: operations that it lacks, corrections, and
//! which edition serves what. An entry that changes nothing is a fault, so the list shrinks.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::document::{Document, Method, without_names};
use crate::read::File;
use crate::tree::{Faults, Tree, nearest};

/// What the overlay says beside what it changed.
#[derive(Debug, Default)]
pub struct Editions(Vec<(Vec<String>, String)>);

impl Editions {
    /// The edition that serves `path`; none is any.
    pub fn of(&self, path: &str) -> Option<&str> {
        let (_, needs) = self
            .0
            .iter()
            .find(|(globs, _)| globs.iter().any(|glob| matches(glob, path)))?;
        Some(needs)
    }

    /// Whether `path` belongs to an edition of which `document` has nothing at all.
    pub fn lacks(&self, document: &Document, path: &str) -> bool {
        let mut globs = self.0.iter().flat_map(|(globs, _)| globs);
        globs.any(|glob| {
            matches(glob, path) && !document.operations().any(|one| matches(glob, &one.path))
        })
    }
}

/// `**` at the end stands for anything, or nothing, below.
fn matches(glob: &str, path: &str) -> bool {
    match glob.strip_suffix("/**") {
        Some(parent) => path
            .strip_prefix(parent)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
        None => glob == path,
    }
}

/// An operation that the description lacks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Add {
    /// Its id.
    operation: String,
    /// Method and path.
    at: String,
    /// Media types of its answers.
    #[serde(default)]
    answers: Vec<String>,
    /// Parameters of query and header, as OpenAPI writes them; those of the path are known.
    #[serde(default)]
    parameters: Vec<Value>,
    /// The schema of its body by media type.
    #[serde(default)]
    body: Map<String, Value>,
    /// Why it is needed.
    #[serde(rename = "reason")]
    _reason: String,
}

/// A value at a JSON pointer inside an operation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Set {
    /// Method and path.
    at: String,
    /// Where in it.
    pointer: String,
    /// What stands there.
    value: Value,
    /// Why it is needed.
    #[serde(rename = "reason")]
    _reason: String,
}

/// Which edition serves some paths.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Edition {
    /// Paths; `/**` at the end stands for anything below.
    at: Vec<String>,
    /// None of its own where it is empty.
    needs: Needs,
    /// Why it is needed.
    #[serde(rename = "reason")]
    _reason: String,
}

#[derive(Debug, Deserialize)]
enum Needs {
    #[serde(rename = "")]
    Any,
    #[serde(rename = "EE")]
    Enterprise,
}

/// Applies the entries of `overlay` that hold for the line of `document`.
pub fn apply(file: &str, overlay: &Tree, document: &mut Document, faults: &Faults) -> Editions {
    let line = document.line.clone().unwrap_or_default();
    overlay.check_lines(file, faults);
    check_lines(file, overlay, faults);
    let Some(overlay) = overlay.at(&line) else {
        return Editions::default();
    };
    let file = File { name: file, faults };
    let entries = |key: &str| overlay.get(key).map_or(&[][..], Tree::items);
    for tree in entries("add") {
        if let Some(entry) = file.read::<Add>("", tree) {
            told(file, tree, entry.apply(document, &line));
        }
    }
    for tree in entries("set") {
        if let Some(entry) = file.read::<Set>("", tree) {
            told(file, tree, entry.apply(document, &line));
        }
    }
    let mut editions = Editions::default();
    for tree in entries("edition") {
        let Some(Edition { at, needs, .. }) = file.read::<Edition>("", tree) else {
            continue;
        };
        for glob in &at {
            if !document
                .operations()
                .any(|operation| matches(glob, &operation.path))
            {
                file.fault(
                    "",
                    tree,
                    format!("edition of {glob} has no effect: Kestra {line} has no such path"),
                );
            }
        }
        let needs = match needs {
            Needs::Any => "",
            Needs::Enterprise => "EE",
        };
        editions.0.push((at, needs.to_owned()));
    }
    for (key, tree) in overlay.entries() {
        if !["add", "set", "edition"].contains(&key.as_str()) {
            let near = nearest(key, ["add", "set", "edition"].into_iter());
            file.fault("", tree, format!("unknown key `{key}`{near}"));
        }
    }
    editions
}

fn told(file: File<'_>, tree: &Tree, done: Result<(), String>) {
    if let Err(message) = done {
        file.fault("", tree, message);
    }
}

/// Every entry says from which line on it holds.
fn check_lines(file: &str, overlay: &Tree, faults: &Faults) {
    for (_, tree) in overlay.entries() {
        for entry in tree.items() {
            let keys = entry.entries();
            if !keys.is_empty() && entry.get("lines").is_none() {
                faults.at(
                    file,
                    (entry.line, entry.column),
                    "every entry names the line it holds from: lines = \"1.3\"",
                );
            }
        }
    }
}

impl Add {
    fn apply(self, document: &mut Document, line: &str) -> Result<(), String> {
        let Self {
            operation,
            at,
            answers,
            parameters,
            body,
            ..
        } = self;
        let Some((method, path)) = route(&at) else {
            return Err(format!("`at` takes a method and a path, not \"{at}\""));
        };
        let shape = (method, without_names(&path));
        if document.operations().any(|known| known.shape() == shape) {
            return Err(format!(
                "{at} has no effect: Kestra {line} describes it; remove the entry"
            ));
        }
        let names = path
            .split('/')
            .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
        let in_path = |name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}});
        let all: Vec<Value> = names.map(in_path).chain(parameters).collect();
        let content = |(kind, schema)| (kind, json!({ "schema": schema }));
        let answers: Map<String, Value> =
            answers.into_iter().map(|kind| (kind, json!({}))).collect();
        let mut value = json!({
            "operationId": operation,
            "parameters": all,
            "responses": { "2XX": { "content": answers } },
        });
        if let (false, Some(members)) = (body.is_empty(), value.as_object_mut()) {
            let content: Map<String, Value> = body.into_iter().map(content).collect();
            members.insert(
                "requestBody".to_owned(),
                json!({ "required": true, "content": content }),
            );
        }
        if let Some(paths) = document
            .json
            .get_mut("paths")
            .and_then(Value::as_object_mut)
        {
            let item = paths.entry(path).or_insert_with(|| json!({}));
            if let Some(item) = item.as_object_mut() {
                item.insert(method.lower().to_owned(), value);
            }
        }
        Ok(())
    }
}

impl Set {
    fn apply(self, document: &mut Document, line: &str) -> Result<(), String> {
        let Self {
            at, pointer, value, ..
        } = self;
        let found = route(&at).and_then(|(method, path)| {
            document
                .json
                .get_mut("paths")?
                .get_mut(path)?
                .get_mut(method.lower())
        });
        let Some(operation) = found else {
            return Err(format!(
                "{at} has no effect: Kestra {line} has no such operation"
            ));
        };
        if operation.pointer(&pointer) == Some(&value) {
            Err(format!(
                "{at}{pointer} has no effect: it is so already; remove the entry"
            ))
        } else if put(operation, &pointer, value) {
            Ok(())
        } else {
            Err(format!("{at} has nothing at {pointer}"))
        }
    }
}

/// Replaces, or adds as a member of an existing object.
fn put(operation: &mut Value, pointer: &str, value: Value) -> bool {
    if let Some(place) = operation.pointer_mut(pointer) {
        *place = value;
        return true;
    }
    let Some((parent, name)) = pointer.rsplit_once('/') else {
        return false;
    };
    match operation.pointer_mut(parent) {
        Some(Value::Object(members)) => {
            members.insert(name.replace("~1", "/").replace("~0", "~"), value);
            true
        }
        Some(Value::Array(items)) if name == "-" => {
            items.push(value);
            true
        }
        _ => false,
    }
}

/// `GET /api/v1/…` as method and path.
pub fn route(text: &str) -> Option<(Method, String)> {
    let (method, path) = text.split_once(' ')?;
    Some((
        Method::parse(method)?,
        path.starts_with('/').then(|| path.to_owned())?,
    ))
}

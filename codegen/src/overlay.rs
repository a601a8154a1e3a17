//! Reviewed deviations from a vendored description: operations that it lacks, corrections, and
//! which edition serves what. An entry that changes nothing is a fault, so the list shrinks.

use serde_json::{Map, Value, json};

use crate::document::{Document, Method, without_names};
use crate::tree::{Faults, Node, Table, Tree};

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

/// Applies the entries of `overlay` that hold for the line of `document`. `later` says whether an
/// entry may also be without effect here because another line needs it.
pub fn apply(file: &str, overlay: &Tree, document: &mut Document, faults: &Faults) -> Editions {
    let line = document.line.clone().unwrap_or_default();
    overlay.check_lines(file, faults);
    check_lines(file, overlay, faults);
    let Some(overlay) = overlay.at(&line) else {
        return Editions::default();
    };
    let root = Table::new(file, faults, "", &overlay);
    for tree in root.items("add") {
        let entry = root.of_tree(tree);
        add(&entry, document, &line);
        entry.finish();
    }
    for tree in root.items("set") {
        let entry = root.of_tree(tree);
        set(&entry, document, &line);
        entry.finish();
    }
    let mut editions = Editions::default();
    for tree in root.items("edition") {
        let entry = root.of_tree(tree);
        entry.need("at");
        let globs = entry.texts("at").unwrap_or_default();
        let needs = entry.need_text("needs");
        if !matches!(needs.as_str(), "" | "EE") {
            entry.fault(
                entry.line(),
                format!("no edition \"{needs}\"; write needs = \"EE\""),
            );
        }
        entry.need_text("reason");
        for glob in &globs {
            if !document
                .operations()
                .any(|operation| matches(glob, &operation.path))
            {
                entry.fault(
                    entry.line(),
                    format!("edition of {glob} has no effect: Kestra {line} has no such path"),
                );
            }
        }
        entry.finish();
        editions.0.push((globs, needs));
    }
    root.finish();
    editions
}

/// Every entry says from which line on it holds.
fn check_lines(file: &str, overlay: &Tree, faults: &Faults) {
    let Node::Table(kinds) = &overlay.node else {
        return;
    };
    for (_, tree) in kinds {
        let Node::Array(entries) = &tree.node else {
            continue;
        };
        for entry in entries {
            let Node::Table(keys) = &entry.node else {
                continue;
            };
            if !keys.iter().any(|(key, _)| key == "lines") {
                faults.add(
                    file,
                    entry.line,
                    "every entry names the line it holds from: lines = \"1.3\"",
                );
            }
        }
    }
}

/// `[[add]]`: an operation that the description lacks.
fn add(entry: &Table<'_>, document: &mut Document, line: &str) {
    let operation = entry.need_text("operation");
    let at = entry.need_text("at");
    entry.need_text("reason");
    let answers = entry.texts("answers").unwrap_or_default();
    let parameters = entry.get("parameters").map(Tree::to_json);
    let Some((method, path)) = route(&at) else {
        entry.fault(
            entry.line(),
            format!("`at` takes a method and a path, not \"{at}\""),
        );
        return;
    };
    let shape = (method, without_names(&path));
    if document.operations().any(|known| known.shape() == shape) {
        entry.fault(
            entry.line(),
            format!("{at} has no effect: Kestra {line} describes it; remove the entry"),
        );
        return;
    }
    let mut all: Vec<Value> = path
        .split('/')
        .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
        .collect();
    all.extend(
        parameters
            .as_ref()
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .cloned(),
    );
    let content: Map<String, Value> = answers.into_iter().map(|kind| (kind, json!({}))).collect();
    let value = json!({
        "operationId": operation,
        "parameters": all,
        "responses": { "2XX": { "content": content } },
    });
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
}

/// `[[set]]`: a value at a JSON pointer inside an operation.
fn set(entry: &Table<'_>, document: &mut Document, line: &str) {
    let at = entry.need_text("at");
    let pointer = entry.need_text("pointer");
    let value = entry.need("value").map(Tree::to_json).unwrap_or_default();
    entry.need_text("reason");
    let found = route(&at).and_then(|(method, path)| {
        document
            .json
            .get_mut("paths")?
            .get_mut(path)?
            .get_mut(method.lower())
    });
    let Some(operation) = found else {
        entry.fault(
            entry.line(),
            format!("{at} has no effect: Kestra {line} has no such operation"),
        );
        return;
    };
    if operation.pointer(&pointer) == Some(&value) {
        entry.fault(
            entry.line(),
            format!("{at}{pointer} has no effect: it is so already; remove the entry"),
        );
    } else if !put(operation, &pointer, value) {
        entry.fault(entry.line(), format!("{at} has nothing at {pointer}"));
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

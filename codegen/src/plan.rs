//! The manifest against the description of one line: every check, and what the checks resolve.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::document::{Document, Method, Operation};
use crate::manifest::{Bind, Expr, Make, Manifest, Step, Tool};
use crate::overlay::{Editions, route};
use crate::slice::request;
use crate::tree::{Faults, nearest};

/// An operation that a step calls.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// Its id.
    pub id: String,
    /// Its method.
    pub method: Method,
    /// Its path.
    pub path: String,
    /// `Accept`.
    pub accept: String,
    /// Parameters by name: where they stand, and whether they must be given.
    pub parameters: Vec<(String, String, bool)>,
    /// The media type of the body.
    pub body: Option<String>,
    /// The body must be given.
    pub body_required: bool,
    /// Values of path parameters that would make the path another route.
    pub collisions: Vec<Vec<(String, String)>>,
    /// The edition that serves it.
    pub needs: Option<String>,
}

/// What the tools call on one line, by tool and step.
pub type Plan = BTreeMap<(String, String), Resolved>;

/// Checks `manifest` against `document`.
pub fn plan(
    file: &str,
    manifest: &Manifest,
    document: &Document,
    editions: &Editions,
    faults: &Faults,
) -> Plan {
    let planner = Planner {
        file,
        manifest,
        document,
        editions,
        faults,
    };
    let mut plan = Plan::new();
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    for tool in &manifest.tools {
        for name in std::iter::once(&tool.name).chain(&tool.aliases) {
            if let Some(other) = names.insert(name, &tool.name) {
                planner.fault(
                    tool,
                    tool.line,
                    format!("the name \"{name}\" is also one of {other}"),
                );
            }
        }
        planner.tool(tool, &mut plan);
    }
    plan
}

struct Planner<'a> {
    file: &'a str,
    manifest: &'a Manifest,
    document: &'a Document,
    editions: &'a Editions,
    faults: &'a Faults,
}

/// All steps of a tool, with the candidates' queries.
pub fn steps<'a>(manifest: &'a Manifest, tool: &'a Tool) -> impl Iterator<Item = &'a Step> {
    let near = tool.near.as_ref().and_then(|name| manifest.nears.get(name));
    let queries = near.into_iter().flat_map(|near| &near.queries);
    tool.steps.iter().chain(&tool.output.attach).chain(queries)
}

impl Planner<'_> {
    fn fault(&self, tool: &Tool, line: usize, message: impl std::fmt::Display) {
        self.faults
            .add(self.file, line, format!("{}: {message}", tool.name));
    }

    fn line(&self) -> &str {
        self.document.line.as_deref().unwrap_or("?")
    }

    fn tool(&self, tool: &Tool, plan: &mut Plan) {
        self.names(tool);
        let mut known: Vec<String> = Vec::new();
        let main = tool.main_steps();
        for step in &tool.steps {
            self.step(tool, step, &known, plan);
            known.push(step.name.clone());
        }
        self.scope(tool);
        known.extend(["answer".to_owned(), "follow".to_owned()]);
        for step in &tool.output.attach {
            self.step(tool, step, &known, plan);
            known.push(step.name.clone());
        }
        if let Some(near) = tool
            .near
            .as_ref()
            .and_then(|name| self.manifest.nears.get(name))
        {
            for query in &near.queries {
                self.step(tool, query, &[], plan);
            }
        }
        if tool.output.rows.is_some() && !main.contains(&"call") {
            self.fault(tool, tool.output.line, "`rows` goes with strategy call");
        }
        let mut references = BTreeSet::new();
        for field in &tool.output.fields {
            make_references(&field.make, &mut references);
            field
                .when
                .expressions(&mut |expr| note(expr, &mut references));
        }
        for (when, _) in &tool.refuse {
            when.expressions(&mut |expr| note(expr, &mut references));
        }
        for (kind, name) in &references {
            let fits = if *kind == '$' {
                tool.arguments.iter().any(|argument| argument.name == *name)
                    // A shared output may look at arguments that only one of its tools has.
                    || tool.output.like.is_some()
            } else {
                known.contains(name)
            };
            if !fits {
                let near = nearest(name, known.iter().map(String::as_str));
                self.fault(
                    tool,
                    tool.output.line,
                    format!("\"{kind}{name}\" does not exist{near}"),
                );
            }
        }
    }

    /// Names of other parts of the manifest, and arguments that nothing uses.
    fn names(&self, tool: &Tool) {
        for argument in &tool.arguments {
            if !self.manifest.formats.contains_key(&argument.format) {
                let near = nearest(
                    &argument.format,
                    self.manifest.formats.keys().map(String::as_str),
                );
                self.fault(
                    tool,
                    argument.line,
                    format!("no [format.{}]{near}", argument.format),
                );
            }
        }
        if let Some(near) = tool
            .near
            .as_ref()
            .filter(|name| !self.manifest.nears.contains_key(*name))
        {
            let nearest = nearest(near, self.manifest.nears.keys().map(String::as_str));
            self.fault(tool, tool.line, format!("no [near.{near}]{nearest}"));
        }
        if let Some(link) = &tool.output.link {
            match self.manifest.links.get(link) {
                None => {
                    let near = nearest(link, self.manifest.links.keys().map(String::as_str));
                    self.fault(
                        tool,
                        tool.output.line,
                        format!("[link] has no \"{link}\"{near}"),
                    );
                }
                Some(template) => {
                    for name in placeholders(template).filter(|name| *name != "tenant") {
                        if !tool.output.fields.iter().any(|field| field.name == name) {
                            self.fault(
                                tool,
                                tool.output.line,
                                format!("link \"{link}\" needs the field \"{name}\""),
                            );
                        }
                    }
                }
            }
        }
        let names = || tool.arguments.iter().map(|argument| argument.name.as_str());
        if let Some(wait) = tool
            .wait
            .as_deref()
            .filter(|wait| !names().any(|name| name == *wait))
        {
            self.fault(
                tool,
                tool.line,
                format!(
                    "`wait` names no argument \"{wait}\"{}",
                    nearest(wait, names())
                ),
            );
        }
        for (name, _) in tool.sample.as_object().into_iter().flatten() {
            if !names().any(|known| known == name) {
                self.fault(
                    tool,
                    tool.line,
                    format!(
                        "the sample's \"{name}\" is no argument{}",
                        nearest(name, names())
                    ),
                );
            }
        }
        if tool.builtin.is_some() {
            return;
        }
        let mut used: BTreeSet<(char, String)> = BTreeSet::new();
        for step in steps(self.manifest, tool) {
            step.bind
                .iter()
                .for_each(|(_, _, bind)| bind.expressions(&mut |expr| note(expr, &mut used)));
            step.filters
                .iter()
                .for_each(|filter| note(&filter.value, &mut used));
            step.checks
                .iter()
                .for_each(|check| note(&check.value, &mut used));
            step.when.expressions(&mut |expr| note(expr, &mut used));
        }
        for field in &tool.output.fields {
            field.when.expressions(&mut |expr| note(expr, &mut used));
        }
        used.extend(tool.wait.iter().map(|wait| ('$', wait.clone())));
        for argument in &tool.arguments {
            if !used.contains(&('$', argument.name.clone())) {
                self.fault(
                    tool,
                    argument.line,
                    format!("the argument \"{}\" is used nowhere", argument.name),
                );
            }
        }
    }

    /// Nothing may change before policy knows the namespace.
    fn scope(&self, tool: &Tool) {
        let Some(Expr::Step(step, _)) = tool.scope.as_deref().map(Expr::parse) else {
            return;
        };
        let changes = tool.effect != "read";
        let found = tool.steps.iter().position(|known| known.name == step);
        let first_change = tool
            .steps
            .iter()
            .position(|step| matches!(step.name.as_str(), "start" | "act" | "call"));
        if changes && (found.is_none() || found >= first_change) {
            self.fault(
                tool,
                tool.line,
                format!("a changing step comes before the scope \"@{step}\" is known"),
            );
        }
    }

    fn step(&self, tool: &Tool, step: &Step, known: &[String], plan: &mut Plan) {
        let Some(operation) = self.operation(tool, step) else {
            return;
        };
        let resolved = self.resolve(&operation);
        let mut references = BTreeSet::new();
        step.bind
            .iter()
            .for_each(|(_, _, bind)| bind.expressions(&mut |expr| note(expr, &mut references)));
        step.filters
            .iter()
            .for_each(|filter| note(&filter.value, &mut references));
        step.checks
            .iter()
            .for_each(|check| note(&check.value, &mut references));
        step.same
            .iter()
            .for_each(|(_, expr)| note(expr, &mut references));
        for (kind, name) in &references {
            let candidates: Vec<&str> = match kind {
                '$' => tool
                    .arguments
                    .iter()
                    .map(|argument| argument.name.as_str())
                    .collect(),
                _ => known.iter().map(String::as_str).collect(),
            };
            if !candidates.contains(&name.as_str()) {
                let late = *kind == '@' && tool.steps.iter().any(|step| step.name == *name);
                let why = if late {
                    "comes too late"
                } else {
                    "does not exist"
                };
                let near = nearest(name, candidates.into_iter());
                self.fault(tool, step.line, format!("\"{kind}{name}\" {why}{near}"));
            }
        }
        self.parameters(tool, step, &resolved);
        self.filter_fields(tool, step, &resolved);
        if let Some(body) = step.bind.iter().find(|(_, key, _)| key == "body") {
            match (&body.2, resolved.body.as_deref()) {
                (_, None) => self.fault(tool, body.0, format!("{} takes no body", resolved.id)),
                (Bind::Multipart { .. }, Some(media)) if media != "multipart/form-data" => {
                    self.fault(
                        tool,
                        body.0,
                        format!("{} takes {media}, not a form", resolved.id),
                    );
                }
                _ => {}
            }
        } else if resolved.body_required {
            let media = resolved.body.as_deref().unwrap_or_default();
            self.fault(
                tool,
                step.line,
                format!("{} needs a `body` of {media}", resolved.id),
            );
        }
        let reads = step.effect.as_deref().unwrap_or(&tool.effect) == "read";
        if reads && step.effect.is_none() && resolved.method != Method::Get {
            let route = operation.route();
            self.fault(
                tool,
                step.line,
                format!(
                    "{route} is no GET; state effect = \"read\" on the step if it changes nothing"
                ),
            );
        }
        plan.insert((tool.name.clone(), step.name.clone()), resolved);
    }

    /// Every bound name is a parameter, every required parameter is bound.
    fn parameters(&self, tool: &Tool, step: &Step, resolved: &Resolved) {
        let names = || resolved.parameters.iter().map(|(name, ..)| name.as_str());
        for (line, key, _) in &step.bind {
            if key == "tenant" {
                self.fault(tool, *line, "`tenant` is configuration; it cannot be bound");
            } else if key != "body" && !names().any(|name| name == key) {
                let near = nearest(key, names());
                self.fault(
                    tool,
                    *line,
                    format!("{} has no parameter \"{key}\"{near}", resolved.id),
                );
            }
        }
        for (name, place, required) in &resolved.parameters {
            let bound = name == "tenant" || step.bind.iter().any(|(_, key, _)| key == name);
            if *required && !bound {
                self.fault(
                    tool,
                    step.line,
                    format!("{} needs \"{name}\" ({place}); bind it", resolved.id),
                );
            }
        }
    }

    /// Filters name fields that the description knows.
    fn filter_fields(&self, tool: &Tool, step: &Step, resolved: &Resolved) {
        if step.filters.is_empty() {
            return;
        }
        if !resolved
            .parameters
            .iter()
            .any(|(name, ..)| name == "filters")
        {
            self.fault(
                tool,
                step.line,
                format!("{} takes no filters in Kestra {}", resolved.id, self.line()),
            );
            return;
        }
        let words = |schema: &str| -> Vec<String> {
            let pointer = format!("/components/schemas/{schema}/enum");
            let words = self
                .document
                .json
                .pointer(&pointer)
                .and_then(Value::as_array);
            words
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect()
        };
        let bare = |word: &str| word.replace('_', "").to_lowercase();
        let (fields, operations) = (words("QueryFilterField"), words("QueryFilterOp"));
        for filter in &step.filters {
            let name = self
                .manifest
                .filter_names
                .get(&filter.field)
                .unwrap_or(&filter.field);
            if !fields.is_empty() && !fields.iter().any(|field| bare(field) == bare(name)) {
                let near = nearest(name, fields.iter().map(String::as_str));
                self.fault(
                    tool,
                    filter.line,
                    format!(
                        "no filter field \"{}\" in Kestra {}{near}",
                        filter.field,
                        self.line()
                    ),
                );
            }
            if !operations.is_empty() && !operations.contains(&filter.op) {
                self.fault(
                    tool,
                    filter.line,
                    format!(
                        "no filter operation \"{}\" in Kestra {}",
                        filter.op,
                        self.line()
                    ),
                );
            }
        }
    }

    /// The operation that a step names, by id or by method and path.
    fn operation(&self, tool: &Tool, step: &Step) -> Option<Operation<'_>> {
        let wanted = &step.operation;
        let all: Vec<Operation<'_>> = self.document.operations().collect();
        if let Some((method, path)) = route(wanted) {
            let found = all
                .iter()
                .find(|operation| operation.method == method && operation.path == path);
            if found.is_none() {
                let routes: Vec<String> = all.iter().map(Operation::route).collect();
                let near = nearest(wanted, routes.iter().map(String::as_str));
                self.fault(
                    tool,
                    step.line,
                    format!("no operation {wanted} in Kestra {}{near}", self.line()),
                );
            }
            return found.cloned();
        }
        let found: Vec<&Operation<'_>> = all
            .iter()
            .filter(|operation| operation.id == *wanted)
            .collect();
        let numbered = |id: &str| {
            id.rsplit_once('_').is_some_and(|(_, number)| {
                !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
            })
        };
        let shifts = numbered(wanted)
            || all
                .iter()
                .any(|other| numbered(&other.id) && other.id.starts_with(&format!("{wanted}_")));
        match found.first() {
            Some(operation) if shifts => {
                let route = operation.route();
                self.fault(tool, step.line, format!("\"{wanted}\" shifts when upstream adds a controller; write operation = \"{route}\""));
                None
            }
            Some(operation) => Some((*operation).clone()),
            None => {
                let near = all
                    .iter()
                    .max_by(|a, b| {
                        strsim::jaro_winkler(&a.id, wanted)
                            .total_cmp(&strsim::jaro_winkler(&b.id, wanted))
                    })
                    .map(|near| format!("; nearest is \"{}\" ({})", near.id, near.route()))
                    .unwrap_or_default();
                self.fault(
                    tool,
                    step.line,
                    format!("no operation \"{wanted}\" in Kestra {}{near}", self.line()),
                );
                None
            }
        }
    }

    fn resolve(&self, operation: &Operation<'_>) -> Resolved {
        let list = operation.value.get("parameters").and_then(Value::as_array);
        let parameters = list.into_iter().flatten().filter_map(|parameter| {
            let name = parameter.get("name")?.as_str()?.to_owned();
            let place = parameter.get("in")?.as_str()?.to_owned();
            let flag = parameter.get("required").and_then(Value::as_bool) == Some(true);
            let default = parameter.pointer("/schema/default").is_some();
            let required = place == "path" || (flag && !default && name != "filters");
            Some((name, place, required))
        });
        let content = operation
            .value
            .pointer("/responses/2XX/content")
            .and_then(Value::as_object);
        let mut accept: Vec<&str> = content
            .into_iter()
            .flatten()
            .map(|(media, _)| media.as_str())
            .collect();
        accept.push("*/*;q=0.1");
        let body = request(operation).ok().flatten().map(|(media, _)| media);
        Resolved {
            id: operation.id.clone(),
            method: operation.method,
            path: operation.path.clone(),
            accept: accept.join(", "),
            parameters: parameters.collect(),
            body_required: body.is_some()
                && operation
                    .value
                    .pointer("/requestBody/required")
                    .and_then(Value::as_bool)
                    == Some(true),
            body,
            collisions: self.collisions(operation),
            needs: self.editions.of(&operation.path).map(str::to_owned),
        }
    }

    /// Routes of the same method that a finished path could match instead: where they differ, the
    /// other has a word in the place of our parameter.
    fn collisions(&self, operation: &Operation<'_>) -> Vec<Vec<(String, String)>> {
        let mine: Vec<&str> = operation.path.split('/').collect();
        let mut found = BTreeSet::new();
        for other in self.document.operations() {
            let theirs: Vec<&str> = other.path.split('/').collect();
            if other.method != operation.method
                || other.path == operation.path
                || theirs.len() != mine.len()
            {
                continue;
            }
            let mut words = Vec::new();
            let possible = mine.iter().zip(&theirs).all(|(mine, theirs)| {
                match (parameter(mine), parameter(theirs)) {
                    (Some("tenant"), None) => false,
                    (Some(name), None) => {
                        words.push((name.to_owned(), (*theirs).to_owned()));
                        true
                    }
                    (None, None) => mine == theirs,
                    (_, Some(_)) => true,
                }
            });
            if possible && !words.is_empty() {
                found.insert(words);
            }
        }
        found.into_iter().collect()
    }
}

/// `name` of `{name}`.
pub fn parameter(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

/// Names in braces.
pub fn placeholders(template: &str) -> impl Iterator<Item = &str> {
    template
        .split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}').map(|(name, _)| name))
}

fn note(expr: &Expr, references: &mut BTreeSet<(char, String)>) {
    match expr {
        Expr::Argument(name) => references.insert(('$', name.clone())),
        Expr::Step(name, _) => references.insert(('@', name.clone())),
        Expr::Row(_) | Expr::Constant(_) => false,
    };
}

fn make_references(make: &Make, references: &mut BTreeSet<(char, String)>) {
    make.expressions(&mut |expr| note(expr, references));
}

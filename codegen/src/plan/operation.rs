//! A step against the operation that it names.

use std::collections::BTreeSet;

use serde_json::Value;
use vocabulary::{At, Effect, Step, Tool};

use super::{Known, Parameter, Plan, Planner, Resolved, parameter};
use crate::document::{Method, Operation};
use crate::overlay::route;
use crate::slice::{normalise, request};
use crate::tree::nearest;

impl Planner<'_> {
    /// Checks a step of a tool, and notes what it calls.
    pub(super) fn step(
        &self,
        tool: &Tool,
        name: &str,
        step: &At<Step>,
        known: &Known<'_>,
        plan: &mut Plan,
    ) {
        let Some(resolved) = self.resolved(&tool.name, step) else {
            return;
        };
        self.references(tool, step.place, known, &step.node);
        self.permission(tool, step.place, step.permission);
        for check in &step.checks {
            if !known.arguments.contains(&check.arg.as_str()) {
                let near = nearest(&check.arg, known.arguments.iter().copied());
                self.fault(
                    tool,
                    check.place,
                    format!("\"${}\" does not exist{near}", check.arg),
                );
            }
        }
        if let Some(effect) = step.effect.filter(|effect| *effect > tool.effect) {
            let (effect, own) = (effect.as_str(), tool.effect.as_str());
            self.fault(
                tool,
                step.place,
                format!("step \"{name}\" has the effect \"{effect}\", the tool only \"{own}\""),
            );
        }
        let route = format!("{} {}", resolved.method.upper(), resolved.path);
        let reads = step.effect.unwrap_or(tool.effect) == Effect::Read;
        if reads && !matches!(resolved.method, Method::Get | Method::Post) {
            let message = format!("{route} changes something: no effect \"read\" fits it");
            self.fault(tool, step.place, message);
        } else if reads && step.effect.is_none() && resolved.method != Method::Get {
            let message = format!(
                "{route} is not a GET; give the tool its effect, or the step effect = \"read\" if it changes nothing"
            );
            self.fault(tool, step.place, message);
        }
        plan.insert((tool.name.clone(), name.to_owned()), resolved);
    }

    /// What a step of `owner` calls, its parameters, body and filters checked.
    pub(super) fn resolved(&self, owner: &str, step: &At<Step>) -> Option<Resolved> {
        let operation = self.operation(owner, step)?;
        let normal = match normalise(self.document, &operation) {
            Ok(normal) => normal,
            Err(fault) => {
                self.file
                    .fault(owner, step.place, format!("{}: {fault}", operation.id));
                return None;
            }
        };
        let resolved = self.resolve(&operation, &normal);
        self.parameters(owner, step, &resolved);
        self.filter_fields(owner, step, &resolved);
        self.body(owner, step, &resolved);
        Some(resolved)
    }

    /// Every bound name is a parameter, every required parameter is bound.
    fn parameters(&self, owner: &str, step: &At<Step>, resolved: &Resolved) {
        let names = || resolved.parameters.iter().map(|known| known.name.as_str());
        for (key, bind) in &step.bind {
            if key == "tenant" {
                self.file.fault(
                    owner,
                    bind.place,
                    "`tenant` is configuration; it cannot be bound",
                );
            } else if key == "filters" {
                self.file
                    .fault(owner, bind.place, "write filters.<field> beside `bind`");
            } else if key != "body" && !names().any(|name| name == key) {
                let near = nearest(key, names());
                self.file.fault(
                    owner,
                    bind.place,
                    format!("{} has no parameter \"{key}\"{near}", resolved.id),
                );
            }
        }
        for parameter in resolved.parameters.iter().filter(|known| known.required) {
            let Parameter {
                name, place, kind, ..
            } = parameter;
            if name != "tenant" && !step.bind.contains_key(name) {
                self.file.fault(
                    owner,
                    step.place,
                    format!(
                        "{} needs \"{name}\" ({place}, {kind}); bind it",
                        resolved.id
                    ),
                );
            }
        }
    }

    /// Filters name fields that the description knows.
    fn filter_fields(&self, owner: &str, step: &At<Step>, resolved: &Resolved) {
        if step.filters.is_empty() {
            return;
        }
        let line = self.line();
        if !resolved
            .parameters
            .iter()
            .any(|known| known.name == "filters")
        {
            self.file.fault(
                owner,
                step.place,
                format!("{} takes no filters in Kestra {line}", resolved.id),
            );
            return;
        }
        let words = |schema: &str| -> Vec<&str> {
            let words = self
                .document
                .json
                .pointer(&format!("/components/schemas/{schema}/enum"));
            let words = words.and_then(Value::as_array);
            words
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect()
        };
        let bare = |word: &str| word.replace('_', "").to_lowercase();
        let (fields, operations) = (words("QueryFilterField"), words("QueryFilterOp"));
        for (field, filters) in &step.filters {
            let name = self.manifest.filter_names.get(field).unwrap_or(field);
            for filter in filters {
                if !fields.is_empty() && !fields.iter().any(|field| bare(field) == bare(name)) {
                    let near = nearest(name, fields.iter().copied());
                    let named = if name == field {
                        String::new()
                    } else {
                        format!(", by filter_names \"{name}\",")
                    };
                    self.file.fault(
                        owner,
                        filter.place,
                        format!("no filter field \"{field}\"{named} in Kestra {line}{near}"),
                    );
                }
                let op = filter.op.as_str();
                if !operations.is_empty() && !operations.contains(&op) {
                    let near = nearest(op, operations.iter().copied());
                    self.file.fault(
                        owner,
                        filter.place,
                        format!("no filter operation \"{op}\" in Kestra {line}{near}"),
                    );
                }
            }
        }
    }

    /// The operation that a step names, by id or by method and path.
    fn operation(&self, owner: &str, step: &At<Step>) -> Option<Operation<'_>> {
        let (wanted, line) = (&step.operation, self.line());
        let fault = |message: String| self.file.fault(owner, step.place, message);
        let all: Vec<Operation<'_>> = self.document.operations().collect();
        if let Some((method, path)) = route(wanted) {
            let found = all
                .iter()
                .find(|operation| operation.method == method && operation.path == path);
            if found.is_none() {
                let routes: Vec<String> = all.iter().map(Operation::route).collect();
                let near = nearest(wanted, routes.iter().map(String::as_str));
                fault(format!("no operation {wanted} in Kestra {line}{near}"));
            }
            return found.cloned();
        }
        let shifts =
            bare(wanted).is_some() || all.iter().any(|other| bare(&other.id) == Some(wanted));
        match all.iter().find(|operation| operation.id == *wanted) {
            Some(operation) if shifts => {
                let route = operation.route();
                fault(format!(
                    "\"{wanted}\" shifts when upstream adds a controller; write operation = \"{route}\""
                ));
                None
            }
            Some(operation) => Some(operation.clone()),
            None => {
                let likeness = |one: &Operation<'_>| strsim::jaro_winkler(&one.id, wanted);
                let near = all
                    .iter()
                    .max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
                let near =
                    near.map(|near| format!("; nearest is \"{}\" ({})", near.id, near.route()));
                fault(format!(
                    "no operation \"{wanted}\" in Kestra {line}{}",
                    near.unwrap_or_default()
                ));
                None
            }
        }
    }

    fn resolve(&self, operation: &Operation<'_>, normal: &Value) -> Resolved {
        let list = normal.get("parameters").and_then(Value::as_array);
        let parameters = list.into_iter().flatten().filter_map(|parameter| {
            let text = |pointer: &str| parameter.pointer(pointer)?.as_str();
            let referred = || text("/schema/$ref")?.rsplit('/').next();
            let kind = text("/schema/type")
                .or_else(referred)
                .unwrap_or("any")
                .to_owned();
            let required = parameter.get("required").and_then(Value::as_bool) == Some(true);
            let parameter = Parameter {
                name: text("/name")?.to_owned(),
                place: text("/in")?.to_owned(),
                kind,
                required,
            };
            // The header of a body is made with it.
            (parameter.name != "content-type").then_some(parameter)
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
        let body = request(operation).ok().flatten();
        let required = operation
            .value
            .pointer("/requestBody/required")
            .and_then(Value::as_bool)
            == Some(true);
        Resolved {
            id: operation.id.clone(),
            method: operation.method,
            path: operation.path.clone(),
            accept: accept.join(", "),
            parameters: parameters.collect(),
            body_required: body.is_some() && required,
            schema: body.as_ref().map(|(_, schema)| schema.clone()),
            body: body.map(|(media, _)| media),
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
            let alike = other.method == operation.method && theirs.len() == mine.len();
            if !alike || other.path == operation.path {
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

/// `list` of `list_2`.
fn bare(id: &str) -> Option<&str> {
    let (word, number) = id.rsplit_once('_')?;
    let digits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    digits.then_some(word)
}

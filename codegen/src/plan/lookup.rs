//! The operation that a step names, and what a request to it needs.

use std::collections::BTreeSet;

use serde_json::Value;
use vocabulary::{At, Step};

use super::planner::Planner;
use super::resolved::{Parameter, Resolved, parameter};
use crate::document::Operation;
use crate::nearest::nearest;
use crate::overlay::route;
use crate::slice::request;

impl Planner<'_> {
    /// The operation that a step names, by id or by method and path.
    pub(super) fn operation(&self, owner: &str, step: &At<Step>) -> Option<Operation<'_>> {
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

    pub(super) fn resolve(&self, operation: &Operation<'_>, normal: &Value) -> Resolved {
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

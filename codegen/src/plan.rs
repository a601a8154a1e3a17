//! The manifest against the description of one line: every check, and what the checks resolve.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::document::{Document, Method, Operation};
use crate::manifest::{
    Argument, Bind, EFFECTS, Expr, Field, Kind, Make, Manifest, Step, Tool, Unfold,
};
use crate::overlay::{Editions, route};
use crate::slice::{normalise, request};
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
    /// Its parameters, as normalised.
    pub parameters: Vec<Parameter>,
    /// The media type of the body.
    pub body: Option<String>,
    /// The body must be given.
    pub body_required: bool,
    /// Values of path parameters that would make the path another route.
    pub collisions: Vec<Vec<(String, String)>>,
    /// The edition that serves it.
    pub needs: Option<String>,
}

/// A parameter of an operation.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Where it stands: `path`, `query`, `header`.
    pub place: String,
    /// Its type, for messages.
    pub kind: String,
    /// Whether it must be given.
    pub required: bool,
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
    let mut names: BTreeMap<&str, &Tool> = BTreeMap::new();
    for tool in &manifest.tools {
        for name in std::iter::once(&tool.name).chain(&tool.aliases) {
            if let Some(other) = names.insert(name, tool) {
                planner.fault(
                    tool,
                    tool.line,
                    format!(
                        "the name \"{name}\" is taken by {} in line {}",
                        other.name, other.line
                    ),
                );
            }
        }
        planner.tool(tool, &mut plan);
        for (_, other) in &tool.under {
            planner.tool(other, &mut plan);
        }
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

/// Values that a strategy makes, named as if they were steps.
const PSEUDO: [&str; 4] = ["answer", "follow", "outcome", "unfold"];

/// All steps of a tool, with the candidates' queries.
pub fn steps<'a>(manifest: &'a Manifest, tool: &'a Tool) -> impl Iterator<Item = &'a Step> {
    let near = tool.near.as_ref().and_then(|name| manifest.nears.get(name));
    let queries = near.into_iter().flat_map(|near| &near.queries);
    let attached = tool.output.attach.iter();
    tool.steps.iter().chain(attached).chain(queries)
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
        self.sample(tool);
        self.used(tool);
        let mut taken = BTreeSet::from(PSEUDO);
        for step in steps(self.manifest, tool) {
            if !taken.insert(&step.name) {
                let message = format!("the step name \"{}\" is taken", step.name);
                self.fault(tool, step.line, message);
            }
        }
        let mut known = Known {
            arguments: tool.arguments.iter().map(|own| own.name.as_str()).collect(),
            // Which page, or which row, is to be read.
            steps: tool.unfold.iter().map(|_| "unfold").collect(),
        };
        for step in &tool.steps {
            self.step(tool, step, &known, plan);
            known.steps.push(&step.name);
        }
        self.scope(tool);
        if let Some(unfold) = &tool.unfold {
            self.unfold(tool, unfold, &known);
        }
        if let Some(upsert) = &tool.upsert {
            self.references(tool, tool.line, &known, &mut |visit| {
                upsert.values.iter().for_each(visit);
            });
        }
        if let Some(follow) = &tool.follow {
            self.references(tool, tool.line, &known, &mut |visit| {
                visit(&follow.declared);
            });
        }
        if let Some(near) = tool
            .near
            .as_ref()
            .and_then(|name| self.manifest.nears.get(name))
        {
            let known = Known {
                steps: Vec::new(),
                ..known.clone()
            };
            self.references(tool, tool.line, &known, &mut |visit| {
                visit(&near.wanted);
                near.revision.iter().for_each(|(asked, _)| visit(asked));
            });
            for query in &near.queries {
                self.step(tool, query, &known, plan);
                self.must_read(tool, query, plan);
            }
            self.fields(tool, &near.fields, &known);
        }
        for (when, _) in &tool.refuse {
            self.references(tool, tool.line, &known, &mut |visit| {
                when.expressions(visit);
            });
        }
        if tool.output.like.is_some() {
            // A shared output may look at arguments that only one of its tools has.
            let alike = self
                .manifest
                .tools
                .iter()
                .filter(|other| other.output.like == tool.output.like);
            let arguments = alike.flat_map(|other| &other.arguments);
            known.arguments = arguments.map(|argument| argument.name.as_str()).collect();
        }
        known.steps.extend(PSEUDO);
        // They are read at once, so none can look at another.
        for step in &tool.output.attach {
            self.step(tool, step, &known, plan);
            self.must_read(tool, step, plan);
        }
        let attached = tool.output.attach.iter();
        known.steps.extend(attached.map(|step| step.name.as_str()));
        if tool.output.rows.is_some() && !tool.main_steps().contains(&"call") {
            self.fault(tool, tool.output.line, "`rows` goes with strategy call");
        }
        self.fields(tool, &tool.output.fields, &known);
    }

    /// Rows in the rows of a search: pages are read like the answer.
    fn unfold(&self, tool: &Tool, unfold: &Unfold, known: &Known<'_>) {
        self.references(tool, tool.line, known, &mut |visit| {
            unfold.expressions(visit);
        });
        if tool.output.rows.is_none() || tool.output.total.is_none() {
            let message = "`unfold` goes with an output of `rows` and `total`";
            self.fault(tool, tool.line, message);
        }
        if tool.effect != "read" {
            self.fault(tool, tool.line, "`unfold` goes with effect \"read\"");
        }
        if tool.strategy.as_deref() != Some("unfold") {
            return;
        }
        for step in &tool.steps {
            let rows = step.rows.is_some();
            if rows != (step.name == "one") {
                let message = if rows {
                    format!("the step \"{}\" is a page and takes no `rows`", step.name)
                } else {
                    "the step \"one\" needs `rows`".to_owned()
                };
                self.fault(tool, step.line, message);
            }
        }
        for (key, number, most) in [
            ("batch", unfold.batch, 100),
            ("pages", unfold.pages, 100),
            ("few", unfold.few, 20),
        ] {
            if !(1..=most).contains(&number) {
                self.fault(tool, tool.line, format!("`{key}` takes 1 to {most}"));
            }
        }
    }

    /// Fields stand on what there is.
    fn fields(&self, tool: &Tool, fields: &[Field], known: &Known<'_>) {
        for field in fields {
            self.references(tool, field.line, known, &mut |visit| {
                field.expressions(visit);
            });
            self.places(tool, field);
        }
    }

    /// Every field says where its value stands, but those that a builtin fills in.
    fn places(&self, tool: &Tool, field: &Field) {
        match &field.make {
            Make::Plain(places) if places.is_empty() && tool.builtin.is_none() => {
                let message = format!("the field \"{}\" has no `at`", field.name);
                self.fault(tool, field.line, message);
            }
            Make::Object(fields) | Make::Pick { fields, .. } => {
                for field in fields {
                    self.places(tool, field);
                }
            }
            _ => {}
        }
    }

    /// What `walk` visits is among what is known.
    fn references(&self, tool: &Tool, line: usize, known: &Known<'_>, walk: Walk<'_>) {
        let mut references = BTreeSet::new();
        walk(&mut |expr| note(expr, &mut references));
        for (kind, name) in &references {
            if *kind == '#' {
                if !self.takes_document(tool) {
                    let message = format!("\"#{name}\" needs an argument of kind \"yaml\"");
                    self.fault(tool, line, message);
                }
                continue;
            }
            let candidates = if *kind == '$' {
                &known.arguments
            } else {
                &known.steps
            };
            if candidates.contains(&name.as_str()) {
                continue;
            }
            let late = *kind == '@' && tool.steps.iter().any(|step| step.name == *name);
            let why = if late {
                "comes too late"
            } else {
                "does not exist"
            };
            let near = nearest(name, candidates.iter().copied());
            self.fault(tool, line, format!("\"{kind}{name}\" {why}{near}"));
        }
    }

    /// Whether `#/pointer` points into something.
    fn takes_document(&self, tool: &Tool) -> bool {
        tool.arguments.iter().any(|argument| {
            let format = self.manifest.formats.get(&argument.format);
            format.is_some_and(|format| matches!(format.kind, Kind::Yaml(_)))
        })
    }

    /// What is read beside the main request changes nothing.
    fn must_read(&self, tool: &Tool, step: &Step, plan: &Plan) {
        let Some(resolved) = plan.get(&(tool.name.clone(), step.name.clone())) else {
            return;
        };
        let stated = step.effect.as_deref();
        let reads = stated == Some("read") || (stated.is_none() && resolved.method == Method::Get);
        // A read tool's own check says the same.
        if !reads && (tool.effect != "read" || stated.is_some()) {
            let message = format!("\"{}\" must read, and state effect = \"read\"", step.name);
            self.fault(tool, step.line, message);
        }
    }

    /// Names of other parts of the manifest.
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
        for argument in &tool.arguments {
            self.document_names(tool, argument);
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
        for name in &tool.exactly_one {
            if !names().any(|known| known == name) {
                let near = nearest(name, names());
                let message = format!("`exactly_one` names no argument \"{name}\"{near}");
                self.fault(tool, tool.line, message);
            }
        }
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
        if let Some(again) = &tool.again {
            let format = |argument: &&Argument| self.manifest.formats.get(&argument.format);
            let is_flag = |argument: &Argument| {
                format(&argument).is_some_and(|format| matches!(format.kind, Kind::Boolean { .. }))
            };
            let mut same = tool.arguments.iter().filter(|own| own.name == *again);
            if !same.any(is_flag) {
                let near = nearest(again, names());
                let message =
                    format!("`again` names no argument \"{again}\" of kind \"boolean\"{near}");
                self.fault(tool, tool.line, message);
            }
        }
    }

    /// `names` of an argument: keys of a document, and formats of ids.
    fn document_names(&self, tool: &Tool, argument: &Argument) {
        let formats = &self.manifest.formats;
        let kind = |format: &str| formats.get(format).map(|format| &format.kind);
        if !argument.names.is_empty() && !matches!(kind(&argument.format), Some(Kind::Yaml(_))) {
            let message = "`names` goes with a format of kind \"yaml\"";
            self.fault(tool, argument.line, message);
        }
        for (key, format) in &argument.names {
            if !matches!(kind(format), Some(Kind::Pattern { .. })) {
                let ids = formats
                    .iter()
                    .filter(|(_, format)| matches!(format.kind, Kind::Pattern { .. }));
                let near = nearest(format, ids.map(|(name, _)| name.as_str()));
                let message = format!("`names.{key}`: no [format.{format}] with a pattern{near}");
                self.fault(tool, argument.line, message);
            }
        }
    }

    /// The sample names arguments, and all that are required.
    fn sample(&self, tool: &Tool) {
        let names = || tool.arguments.iter().map(|argument| argument.name.as_str());
        let Some(sample) = tool.sample.as_object() else {
            if !tool.sample.is_null() {
                self.fault(tool, tool.line, "`sample` takes a table");
            }
            return;
        };
        for name in sample.keys() {
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
        for argument in tool.arguments.iter().filter(|argument| argument.required) {
            if !sample.contains_key(&argument.name) {
                let message = format!("the sample lacks \"{}\"", argument.name);
                self.fault(tool, tool.line, message);
            }
        }
    }

    /// Every argument has a use.
    fn used(&self, tool: &Tool) {
        if tool.builtin.is_some() {
            return;
        }
        let mut used: BTreeSet<(char, String)> = BTreeSet::new();
        let visit = &mut |expr: &Expr| note(expr, &mut used);
        for step in steps(self.manifest, tool) {
            step.expressions(visit);
        }
        let near = tool
            .near
            .as_ref()
            .and_then(|name| self.manifest.nears.get(name));
        if let Some(near) = near {
            visit(&near.wanted);
            if let Some((asked, _)) = &near.revision {
                visit(asked);
            }
        }
        let fields = near.into_iter().flat_map(|near| &near.fields);
        for field in tool.output.fields.iter().chain(fields) {
            field.expressions(visit);
        }
        for (when, _) in &tool.refuse {
            when.expressions(visit);
        }
        if let Some(follow) = &tool.follow {
            visit(&follow.declared);
        }
        if let Some(upsert) = &tool.upsert {
            upsert.values.iter().for_each(&mut *visit);
        }
        if let Some(unfold) = &tool.unfold {
            unfold.expressions(visit);
        }
        let named = tool.wait.iter().chain(&tool.again);
        used.extend(named.map(|name| ('$', name.clone())));
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

    /// The namespace stands in an argument, in an answer or in each row, and nothing changes
    /// before policy knows it.
    fn scope(&self, tool: &Tool) {
        let Some(scope) = tool.scope.as_deref() else {
            return;
        };
        let changes = tool.effect != "read";
        let step = match Expr::parse(scope) {
            Expr::Step(step, _) => step,
            argument @ Expr::Argument(_) => {
                let arguments = tool.arguments.iter().map(|own| own.name.as_str());
                let known = Known {
                    arguments: arguments.collect(),
                    steps: Vec::new(),
                };
                return self.references(tool, tool.line, &known, &mut |visit| visit(&argument));
            }
            Expr::Constant(_) if scope == "rows" && !changes => return,
            Expr::Document(_) if self.takes_document(tool) => return,
            _ => {
                let message = format!(
                    "scope \"{scope}\" is no \"$argument\", no \"@step/pointer\", nor \"rows\" of a read tool, nor \"#/pointer\" of a tool that takes a document"
                );
                return self.fault(tool, tool.line, message);
            }
        };
        let mut steps: Vec<&str> = tool.steps.iter().map(|step| step.name.as_str()).collect();
        steps.push("answer");
        if !steps.contains(&step.as_str()) {
            let near = nearest(&step, steps.into_iter());
            return self.fault(tool, tool.line, format!("\"@{step}\" does not exist{near}"));
        }
        let found = tool.steps.iter().position(|known| known.name == step);
        let first_change = tool.steps.iter().position(|step| {
            matches!(
                step.name.as_str(),
                "start" | "act" | "call" | "create" | "update"
            )
        });
        if changes && (found.is_none() || found >= first_change) {
            self.fault(
                tool,
                tool.line,
                format!("a changing step comes before the scope \"@{step}\" is known"),
            );
        }
    }

    fn step(&self, tool: &Tool, step: &Step, known: &Known<'_>, plan: &mut Plan) {
        let Some(operation) = self.operation(tool, step) else {
            return;
        };
        self.references(tool, step.line, known, &mut |visit| step.expressions(visit));
        let normal = match normalise(self.document, &operation) {
            Ok(normal) => normal,
            Err(fault) => {
                self.fault(tool, step.line, format!("{}: {fault}", operation.id));
                return;
            }
        };
        let resolved = self.resolve(&operation, &normal);
        self.parameters(tool, step, &resolved);
        self.filter_fields(tool, step, &resolved);
        if let Some((line, _, bind)) = step.bind.iter().find(|(_, key, _)| key == "body") {
            let id = &resolved.id;
            match (bind, resolved.body.as_deref()) {
                (_, None) => self.fault(tool, *line, format!("{id} takes no body")),
                (Bind::Multipart { .. }, Some("multipart/form-data")) => {}
                (Bind::Multipart { .. }, Some(media)) => {
                    self.fault(tool, *line, format!("{id} takes {media}, not a form"));
                }
                (_, Some("multipart/form-data")) => {
                    let message = format!("{id} takes a form; write encode = \"multipart\"");
                    self.fault(tool, *line, message);
                }
                (Bind::KeyValue(_), Some(media)) => {
                    let message = format!("{id} takes {media}, not a list of `key:value`");
                    self.fault(tool, *line, message);
                }
                (Bind::Plain(_) | Bind::Yaml(_), Some(_)) => {}
            }
        } else if resolved.body_required {
            let media = resolved.body.as_deref().unwrap_or_default();
            self.fault(
                tool,
                step.line,
                format!("{} needs a `body` of {media}", resolved.id),
            );
        }
        let rank = |effect: &str| EFFECTS.iter().position(|known| *known == effect);
        if let Some(effect) = &step.effect
            && rank(effect) > rank(&tool.effect)
        {
            let message = format!(
                "step \"{}\" has the effect \"{effect}\", the tool only \"{}\"",
                step.name, tool.effect
            );
            self.fault(tool, step.line, message);
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
        let names = || resolved.parameters.iter().map(|known| known.name.as_str());
        for (line, key, _) in &step.bind {
            if key == "tenant" {
                self.fault(tool, *line, "`tenant` is configuration; it cannot be bound");
            } else if key == "filters" {
                self.fault(tool, *line, "write filters.<field> beside `bind`");
            } else if key != "body" && !names().any(|name| name == key) {
                let near = nearest(key, names());
                self.fault(
                    tool,
                    *line,
                    format!("{} has no parameter \"{key}\"{near}", resolved.id),
                );
            }
        }
        for parameter in resolved.parameters.iter().filter(|known| known.required) {
            let Parameter {
                name, place, kind, ..
            } = parameter;
            let bound = name == "tenant" || step.bind.iter().any(|(_, key, _)| key == name);
            if !bound {
                let message = format!(
                    "{} needs \"{name}\" ({place}, {kind}); bind it",
                    resolved.id
                );
                self.fault(tool, step.line, message);
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
            .any(|known| known.name == "filters")
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
                let named = if *name == filter.field {
                    String::new()
                } else {
                    format!(", by filter_names \"{name}\",")
                };
                self.fault(
                    tool,
                    filter.line,
                    format!(
                        "no filter field \"{}\"{named} in Kestra {}{near}",
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
                        "no filter operation \"{}\" in Kestra {}{}",
                        filter.op,
                        self.line(),
                        nearest(&filter.op, operations.iter().map(String::as_str))
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
        let shifts =
            bare(wanted).is_some() || all.iter().any(|other| bare(&other.id) == Some(wanted));
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

    fn resolve(&self, operation: &Operation<'_>, normal: &Value) -> Resolved {
        let list = normal.get("parameters").and_then(Value::as_array);
        let parameters = list.into_iter().flatten().filter_map(|parameter| {
            let text = |pointer: &str| parameter.pointer(pointer)?.as_str();
            let referred = || text("/schema/$ref")?.rsplit('/').next();
            let parameter = Parameter {
                name: text("/name")?.to_owned(),
                place: text("/in")?.to_owned(),
                kind: text("/schema/type")
                    .or_else(referred)
                    .unwrap_or("any")
                    .to_owned(),
                required: parameter.get("required").and_then(Value::as_bool) == Some(true),
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

/// What steps before have answered, and what the caller gave.
#[derive(Clone)]
struct Known<'a> {
    arguments: Vec<&'a str>,
    steps: Vec<&'a str>,
}

/// Shows every expression of something to who asks.
type Walk<'a> = &'a mut dyn FnMut(&mut dyn FnMut(&Expr));

/// `list` of `list_2`.
fn bare(id: &str) -> Option<&str> {
    let (word, number) = id.rsplit_once('_')?;
    let digits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    digits.then_some(word)
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
        Expr::Document(pointer) => references.insert(('#', pointer.clone())),
        Expr::Row(_) | Expr::Constant(_) => false,
    };
}

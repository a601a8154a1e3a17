//! The manifest against the description of one line: every check, and what the checks resolve.

mod body;
mod operation;
mod special;
mod surface;
mod target;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use vocabulary::tool::{ACT, ANSWER, OUTCOME, SETTLE, VALUES};
use vocabulary::{
    At, Expr, Field, Fields, Kind, Make, Manifest, PROBES, Permission, Step, Steps, Tool, Visit,
    Words,
};

use crate::document::{Document, Method};
use crate::overlay::Editions;
use crate::read::{File, Spot, Unread};
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
    /// What the description says of the body.
    pub schema: Option<Value>,
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

/// What the tools call on one line, by tool and step; probes stand under [`PROBE`].
pub type Plan = BTreeMap<(String, String), Resolved>;

/// The owner of probes in a [`Plan`].
pub const PROBE: &str = "probe";

/// What a manifest is checked against.
#[derive(Clone, Copy)]
pub struct Given<'a> {
    /// The description of the line.
    pub document: &'a Document,
    /// Which edition serves what.
    pub editions: &'a Editions,
    /// What of the manifest could not be read.
    pub unread: &'a Unread,
}

/// Checks `manifest`, which is read for the line of the description, and looks up what it names.
pub fn plan(file: &str, manifest: &mut Manifest, given: Given<'_>, faults: &Faults) -> Plan {
    let file = File { name: file, faults };
    likes(file, manifest, given.unread);
    manifest.resolve();
    let planner = Planner {
        file,
        manifest,
        document: given.document,
        editions: given.editions,
        unread: given.unread,
    };
    let mut plan = Plan::new();
    planner.vocabulary();
    planner.probes(&mut plan);
    let mut names: BTreeMap<&str, &At<Tool>> = BTreeMap::new();
    for tool in &planner.manifest.tool {
        for name in std::iter::once(&tool.name).chain(&tool.aliases) {
            if let Some(other) = names.insert(name, tool) {
                let message = format!(
                    "the name \"{name}\" is taken by {} in line {}",
                    other.name, other.place.line
                );
                planner.fault(tool, tool.place, message);
            }
        }
        planner.tool(tool, &mut plan);
        for setting in tool.under.keys() {
            if let Some(node) = tool.under(*setting) {
                planner.tool(
                    &At {
                        place: tool.place,
                        node,
                    },
                    &mut plan,
                );
            }
        }
    }
    plan
}

/// Outputs that are like none there is.
fn likes(file: File<'_>, manifest: &Manifest, unread: &Unread) {
    for tool in &manifest.tool {
        let Some(like) = tool
            .output
            .like
            .as_ref()
            .filter(|like| !manifest.output.contains_key(*like) && !unread.has("output", like))
        else {
            continue;
        };
        let near = nearest(like, manifest.output.keys().map(String::as_str));
        file.fault(
            &tool.name,
            tool.output.place,
            format!("no [output.{like}]{near}"),
        );
    }
}

struct Planner<'a> {
    file: File<'a>,
    manifest: &'a Manifest,
    document: &'a Document,
    editions: &'a Editions,
    unread: &'a Unread,
}

/// Answers that are no step's own.
const PSEUDO: [&str; 6] = [ACT, ANSWER, OUTCOME, SETTLE, UNFOLD, VALUES];
/// Which page of a search is to be read, and which of its rows.
const UNFOLD: &str = "unfold";

/// What there is when something is evaluated.
#[derive(Clone, Default)]
struct Known<'a> {
    arguments: Vec<&'a str>,
    steps: Vec<&'a str>,
}

impl<'a> Known<'a> {
    fn and(&self, steps: impl IntoIterator<Item = &'a str>) -> Self {
        let mut known = self.clone();
        known.steps.extend(steps);
        known
    }
}

impl Planner<'_> {
    fn fault(&self, tool: &Tool, place: impl Into<Spot>, message: impl std::fmt::Display) {
        self.file.fault(&tool.name, place, message);
    }

    fn line(&self) -> &str {
        self.document.line.as_deref().unwrap_or("?")
    }

    /// What every entry outside of tools names.
    fn vocabulary(&self) {
        for (name, format) in &self.manifest.format {
            let missing = format.words().and_then(|words| self.missing_set(words));
            if let Some(message) = missing {
                self.file
                    .fault(&format!("format.{name}"), format.place, message);
            }
        }
    }

    /// Requests of this server's own: they read, with constants alone.
    fn probes(&self, plan: &mut Plan) {
        for name in PROBES {
            if !self.manifest.probe.contains_key(name) {
                self.file.fault(
                    "probe",
                    Spot(1, 0),
                    format!("missing `{name}`: this server asks it"),
                );
            }
        }
        for (name, step) in &self.manifest.probe {
            let owner = format!("probe.{name}");
            let permission = step
                .permission
                .filter(|known| !self.manifest.permissions.contains_key(known));
            if let Some(permission) = permission {
                self.file.fault(
                    &owner,
                    step.place,
                    format!("permission \"{}\" is not in `permissions`", permission.0),
                );
            }
            let Some(resolved) = self.resolved(&owner, step) else {
                continue;
            };
            step.expressions(&mut |expr| {
                if !matches!(expr, Expr::Constant(_)) {
                    self.file
                        .fault(&owner, step.place, "a probe takes constants alone");
                }
            });
            if resolved.method != Method::Get {
                self.file
                    .fault(&owner, step.place, "a probe reads: its operation is a GET");
            }
            plan.insert((PROBE.to_owned(), name.clone()), resolved);
        }
    }

    fn tool(&self, tool: &At<Tool>, plan: &mut Plan) {
        self.surface(tool);
        self.shape(tool);
        let arguments: Vec<&str> = tool.args.keys().map(String::as_str).collect();
        let mut known = Known {
            arguments,
            steps: Vec::new(),
        };
        self.taken(tool);
        for (name, step) in &tool.before {
            self.reading(tool, name, step, &known, plan);
            known.steps.push(name);
        }
        if !tool.values.is_empty() {
            known.steps.push(VALUES);
        }
        for make in tool.values.values() {
            self.references(tool, make.place, &known, &make.node);
        }
        for refusal in &tool.refuse {
            self.references(tool, refusal.place, &known, &refusal.node);
        }
        if let Some(needless) = &tool.needless {
            self.references(tool, needless.place, &known, &needless.node);
        }
        let acting = known.and(tool.unfold.iter().map(|_| UNFOLD));
        for (number, step) in tool.act.iter().enumerate() {
            self.step(tool, &vocabulary::tool::act(number), step, &acting, plan);
        }
        if let Some(unfold) = &tool.unfold {
            self.unfold(tool, unfold, &acting, plan);
        }
        if let Some(save) = &tool.save {
            self.save(tool, save, &known, plan);
        }
        let done = known.and([ACT, ANSWER]);
        if let Some(settle) = &tool.settle {
            self.step(tool, SETTLE, &settle.read, &done, plan);
            self.must_read(tool, SETTLE, &settle.read, plan);
            self.references(tool, settle.place, &known, &settle.node);
            self.settle(tool, settle);
        }
        self.target(tool);
        self.near(tool, &known, plan);
        self.output(tool, &done.and([OUTCOME]), plan);
    }

    /// A name for each step.
    fn taken(&self, tool: &Tool) {
        let mut taken = BTreeSet::new();
        for (name, step) in self.manifest.steps(tool) {
            let own = tool.before.contains_key(&name) || tool.output.attach.contains_key(&name);
            let pseudo = own && PSEUDO.contains(&name.as_str());
            if pseudo || !taken.insert(name.clone()) {
                self.fault(
                    tool,
                    step.place,
                    format!("the step name \"{name}\" is taken"),
                );
            }
        }
    }

    fn near(&self, tool: &Tool, known: &Known<'_>, plan: &mut Plan) {
        let Some(near) = self.manifest.near(tool) else {
            return;
        };
        let own = Known {
            steps: Vec::new(),
            ..known.clone()
        };
        self.references(tool, near.place, &own, &near.wanted);
        let known = self.shared(&own, |other| other.near == tool.near);
        for asked in &near.asked {
            self.references(tool, near.place, &known, asked);
        }
        for (name, query) in &near.query {
            self.reading(tool, name, query, &known, plan);
        }
        self.fields(tool, &near.fields, &known, true);
    }

    fn output<'t>(&'t self, tool: &'t Tool, known: &Known<'t>, plan: &mut Plan) {
        let output = &tool.output;
        let mut known = known.clone();
        if output.like.is_some() {
            known = self.shared(&known, |other| other.output.like == output.like);
        }
        // They are read at once, so none can look at another.
        self.attached(tool, &output.attach, &known, plan);
        let known = known.and(output.attach.keys().map(String::as_str));
        self.fields(tool, &output.fields, &known, tool.builtin.is_none());
    }

    /// What several tools share may look at arguments that only one of them has.
    fn shared<'k>(&'k self, known: &Known<'k>, share: impl Fn(&Tool) -> bool) -> Known<'k> {
        let alike = self.manifest.tool.iter().filter(|tool| share(tool));
        let arguments = alike.flat_map(|tool| tool.args.keys());
        Known {
            arguments: arguments
                .chain(&self.unread.arguments)
                .map(String::as_str)
                .collect(),
            ..known.clone()
        }
    }

    fn attached(&self, tool: &Tool, attach: &Steps, known: &Known<'_>, plan: &mut Plan) {
        for (name, step) in attach {
            self.reading(tool, name, step, known, plan);
        }
    }

    /// Fields stand on what there is; every one says where its value stands, but those that a builtin
    /// fills in.
    fn fields(&self, tool: &Tool, fields: &Fields, known: &Known<'_>, placed: bool) {
        for (name, field) in fields {
            self.references(tool, field.place, known, &field.node);
            self.permission(tool, field.place, field.permission);
            self.field(tool, name, field, placed);
        }
    }

    fn field(&self, tool: &Tool, name: &str, field: &At<Field>, placed: bool) {
        let (inner, untrusted) = match &field.make {
            Make::Plain { at } if at.is_empty() && placed => {
                self.fault(
                    tool,
                    field.place,
                    format!("the field \"{name}\" has no `at`"),
                );
                return;
            }
            Make::Object { fields } | Make::Pick { fields, .. } => {
                (fields, field.text == Some(vocabulary::Class::Untrusted))
            }
            _ => return,
        };
        for (name, field) in inner {
            if untrusted && field.text.is_some() {
                let message = format!(
                    "the field \"{name}\" stands in one that is untrusted whole; leave `text` out"
                );
                self.fault(tool, field.place, message);
            }
            self.field(tool, name, field, placed);
        }
    }

    /// A permission of the vocabulary.
    fn permission(&self, tool: &Tool, place: impl Into<Spot>, permission: Option<Permission>) {
        let Some(permission) =
            permission.filter(|known| !self.manifest.permissions.contains_key(known))
        else {
            return;
        };
        let near = nearest(
            permission.0,
            self.manifest.permissions.keys().map(|known| known.0),
        );
        self.fault(
            tool,
            place,
            format!(
                "permission \"{}\" is not in `permissions`{near}",
                permission.0
            ),
        );
    }

    /// What `entry` refers to is among what is known, and the sets that it names exist.
    fn references(
        &self,
        tool: &Tool,
        place: impl Into<Spot>,
        known: &Known<'_>,
        entry: &dyn Shown,
    ) {
        let place: Spot = place.into();
        let fault = |message| self.fault(tool, place, message);
        let mut references = BTreeSet::new();
        let values = |expr: &Expr| Self::value(tool, known, expr);
        let noted = &mut |expr: &Expr| {
            note(expr, &mut references);
            if let Some(message) = values(expr) {
                fault(message);
            }
        };
        entry.show(noted, &mut |words| {
            if let Some(message) = self.missing_set(words) {
                fault(message);
            }
        });
        for (kind, name) in &references {
            if *kind == '#' {
                if !self.takes_document(tool) {
                    fault(format!("\"#{name}\" needs an argument of kind \"yaml\""));
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
            let late = *kind == '@' && tool.steps().iter().any(|(step, _)| step == name);
            let why = if late {
                "comes too late"
            } else {
                "does not exist"
            };
            let near = nearest(name, candidates.iter().copied());
            fault(format!("\"{kind}{name}\" {why}{near}"));
        }
    }

    /// What is wrong with the name of one of the tool's own values.
    fn value(tool: &Tool, known: &Known<'_>, expr: &Expr) -> Option<String> {
        let Expr::Step(step, pointer) = expr else {
            return None;
        };
        let name = pointer.split('/').nth(1).unwrap_or_default();
        let wrong =
            step == VALUES && known.steps.contains(&VALUES) && !tool.values.contains_key(name);
        let near = nearest(name, tool.values.keys().map(String::as_str));
        wrong.then(|| format!("[tool.values] has no \"{name}\"{near}"))
    }

    /// What is wrong with the name of a set.
    fn missing_set(&self, words: &Words) -> Option<String> {
        let name = words
            .set
            .as_ref()
            .filter(|name| !self.manifest.states.contains_key(*name))?;
        let near = nearest(name, self.manifest.states.keys().map(String::as_str));
        Some(format!("[states] has no \"{name}\"{near}"))
    }

    /// Whether `#/pointer` points into something.
    fn takes_document(&self, tool: &Tool) -> bool {
        tool.args
            .values()
            .any(|argument| matches!(self.kind(&argument.format), Some(Kind::Yaml(_))))
    }

    fn kind(&self, format: &str) -> Option<&Kind> {
        self.manifest.format.get(format).map(|format| &format.kind)
    }

    /// A step that is made beside the main request and changes nothing.
    fn reading(
        &self,
        tool: &Tool,
        name: &str,
        step: &At<Step>,
        known: &Known<'_>,
        plan: &mut Plan,
    ) {
        self.step(tool, name, step, known, plan);
        self.must_read(tool, name, step, plan);
    }

    fn must_read(&self, tool: &Tool, name: &str, step: &At<Step>, plan: &Plan) {
        let Some(resolved) = plan.get(&(tool.name.clone(), name.to_owned())) else {
            return;
        };
        let reads = match step.effect {
            Some(effect) => effect == vocabulary::Effect::Read,
            None => resolved.method == Method::Get,
        };
        // The check of what the tool does says the same of these.
        let told = tool.effect == vocabulary::Effect::Read
            || step.effect.is_some_and(|effect| effect > tool.effect);
        if !reads && !told {
            self.fault(
                tool,
                step.place,
                format!("\"{name}\" must read, and state effect = \"read\""),
            );
        }
    }
}

/// What shows its references and sets.
trait Shown {
    fn show<'a>(&'a self, expr: &mut dyn FnMut(&'a Expr), words: &mut dyn FnMut(&'a Words));
}

impl<T: Visit> Shown for T {
    fn show<'a>(&'a self, expr: &mut dyn FnMut(&'a Expr), words: &mut dyn FnMut(&'a Words)) {
        self.expressions(expr);
        self.words(words);
    }
}

fn note(expr: &Expr, references: &mut BTreeSet<(char, String)>) {
    match expr {
        Expr::Argument(name) => references.insert(('$', name.clone())),
        Expr::Step(name, _) => references.insert(('@', name.clone())),
        Expr::Document(pointer) => references.insert(('#', pointer.clone())),
        Expr::Row(_) | Expr::Constant(_) => false,
    };
}

/// `name` of `{name}`.
pub fn parameter(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

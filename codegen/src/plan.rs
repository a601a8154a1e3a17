//! The manifest against the description of one line: every check, and what the checks resolve.

mod body;
mod operation;
mod output;
mod reference;
mod special;
mod surface;
mod target;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use vocabulary::tool::{ACT, ANSWER, OUTCOME, SETTLE, VALUES};
use vocabulary::{At, Expr, Manifest, PROBES, Step, Tool, Visit};

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

/// `name` of `{name}`.
pub fn parameter(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

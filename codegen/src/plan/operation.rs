//! A step against the operation that it names.

use vocabulary::{At, Effect, Step, Tool};

use super::planner::{Known, Planner};
use super::resolved::{Parameter, Plan, Resolved};
use crate::document::Method;
use crate::nearest::nearest;
use crate::slice::normalise;

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
            let message = format!("{route} changes something: its effect cannot be \"read\"");
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
}

//! A tool, step by step: what is known when each is sent.

use std::collections::BTreeSet;

use vocabulary::tool::{ACT, ANSWER, OUTCOME, SETTLE, VALUES};
use vocabulary::{At, Step, Tool};

use super::planner::{Known, Planner, UNFOLD};
use super::resolved::Plan;
use crate::document::Method;

/// Answers that are no step's own.
const PSEUDO: [&str; 6] = [ACT, ANSWER, OUTCOME, SETTLE, UNFOLD, VALUES];

impl Planner<'_> {
    pub(super) fn tool(&self, tool: &At<Tool>, plan: &mut Plan) {
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
    pub(super) fn reading(
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

    pub(super) fn must_read(&self, tool: &Tool, name: &str, step: &At<Step>, plan: &Plan) {
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
                format!("\"{name}\" must only read: state effect = \"read\""),
            );
        }
    }
}

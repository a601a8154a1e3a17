//! Where policy finds the namespace: nothing changes before it is known.

use vocabulary::tool::ACT;
use vocabulary::{At, Effect, Expr, Kind, Target, Tool, Visit as _};

use super::planner::{Known, Planner};
use crate::nearest::nearest;

impl Planner<'_> {
    pub(super) fn target(&self, tool: &At<Tool>) {
        if tool.builtin.is_some() {
            return;
        }
        let Some(target) = &tool.target else {
            return self.fault(
                tool,
                tool.place,
                "missing `target`: where policy finds the namespace",
            );
        };
        let fault = |message: String| self.fault(tool, target.place, message);
        let reads = tool.effect == Effect::Read;
        let expr = match &target.node {
            Target::None(_) => return,
            Target::Rows(_) if tool.output.rows.is_some() && reads => return,
            Target::Rows(_) if tool.output.rows.is_some() => {
                return fault("target `rows` goes with effect \"read\"".to_owned());
            }
            Target::Rows(_) => {
                return fault("target `rows` goes with an output of `rows`".to_owned());
            }
            Target::At(expr) => expr,
        };
        match expr {
            Expr::Argument(name) => {
                let known = Known {
                    arguments: tool.args.keys().map(String::as_str).collect(),
                    steps: Vec::new(),
                };
                self.references(tool, target.place, &known, expr);
                let Some(argument) = tool.args.get(name) else {
                    return;
                };
                if self.unread.has("format", &argument.format) {
                    return;
                }
                if !argument.required {
                    fault(format!(
                        "target \"${name}\" must be a required argument; for a list write {{ rows = \"/namespace\" }}"
                    ));
                }
                for act in tool.act.iter().filter(|_| !reads) {
                    let mut bound = false;
                    act.expressions(&mut |used| bound |= used == expr);
                    if !bound {
                        let message =
                            format!("target \"${name}\" is not bound by this act: bind it");
                        self.fault(tool, act.place, message);
                    }
                }
                if !matches!(self.kind(&argument.format), Some(Kind::Pattern { .. }))
                    || argument.format != "namespace"
                {
                    fault(format!(
                        "target \"${name}\" is not an argument of format \"namespace\""
                    ));
                }
            }
            Expr::Document(_) if self.takes_document(tool) => {}
            Expr::Step(step, _) if let Some(before) = tool.before.get(step) => {
                let told = tool
                    .needless
                    .as_ref()
                    .and_then(|needless| needless.answer.as_ref());
                if told.is_some_and(|told| told != step && tool.before.contains_key(told)) {
                    fault(format!(
                        "`needless.answer` names another step than the target \"@{step}\""
                    ));
                }
                if before.optional || !before.when.is_always() || before.permission.is_some() {
                    fault(format!(
                        "target \"@{step}\" is read by a step that may be left out"
                    ));
                }
            }
            Expr::Step(step, _) if step == ACT && reads && tool.output.rows.is_none() => {}
            Expr::Step(step, _) if step == ACT && reads => {
                fault("target \"@act/…\" goes with one object; for rows write { rows = \"/namespace\" }".to_owned());
            }
            Expr::Step(step, _)
                if step == ACT || tool.steps().iter().any(|(name, _)| name == step) =>
            {
                fault(format!(
                    "a step changes something before the target \"@{step}\" is known"
                ));
            }
            Expr::Step(step, _) => {
                let near = nearest(step, tool.before.keys().map(String::as_str).chain([ACT]));
                fault(format!("\"@{step}\" does not exist{near}"));
            }
            _ => fault("a target \"#/pointer\" goes with an argument of kind \"yaml\"".to_owned()),
        }
    }
}

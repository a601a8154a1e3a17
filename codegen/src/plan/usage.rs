//! Every argument of a tool has a use.

use std::collections::BTreeSet;

use vocabulary::{Tool, Visit};

use super::planner::Planner;
use super::reference::note;

impl Planner<'_> {
    /// Every argument has a use.
    pub(super) fn used(&self, tool: &Tool) {
        let unread = |table: &str, name: &Option<String>| {
            name.as_ref()
                .is_some_and(|name| self.unread.has(table, name))
        };
        let apart = unread("output", &tool.output.like) || unread("near", &tool.near);
        if tool.builtin.is_some() || apart {
            return;
        }
        let mut used: BTreeSet<(char, String)> = BTreeSet::new();
        let visit = &mut |expr: &vocabulary::Expr| note(expr, &mut used);
        for (_, step) in self.manifest.steps(tool) {
            step.expressions(visit);
        }
        if let Some(near) = self.manifest.near(tool) {
            visit(&near.wanted);
            near.asked.iter().for_each(&mut *visit);
            near.fields.expressions(visit);
        }
        tool.output.fields.expressions(visit);
        for refusal in &tool.refuse {
            refusal.expressions(visit);
        }
        for make in tool.values.values() {
            make.expressions(visit);
        }
        tool.needless
            .iter()
            .for_each(|needless| needless.expressions(visit));
        tool.settle
            .iter()
            .for_each(|settle| settle.expressions(visit));
        tool.save.iter().for_each(|save| save.expressions(visit));
        tool.unfold
            .iter()
            .for_each(|unfold| unfold.expressions(visit));
        let checks = self
            .manifest
            .steps(tool)
            .into_iter()
            .flat_map(|(_, step)| &step.checks);
        let checks = checks.chain(tool.unfold.iter().flat_map(|unfold| &unfold.checks));
        let seconds = tool
            .settle
            .iter()
            .filter_map(|settle| settle.seconds.as_ref());
        let named = checks
            .map(|check| &check.arg)
            .chain(seconds)
            .chain(&tool.again);
        used.extend(named.map(|name| ('$', name.clone())));
        for (name, argument) in &tool.args {
            if !used.contains(&('$', name.clone())) {
                self.fault(
                    tool,
                    argument.place,
                    format!("the argument \"{name}\" is never used"),
                );
            }
        }
    }
}

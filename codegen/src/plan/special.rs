//! The parts of a tool that some have: saving, unfolding, settling.

use vocabulary::{At, Save, Settle, Tool, Unfold};

use super::planner::{Known, Planner, UNFOLD};
use super::resolved::Plan;
use crate::nearest::nearest;

impl Planner<'_> {
    /// Rows in the rows of a search: pages are read like the answer.
    pub(super) fn unfold(
        &self,
        tool: &Tool,
        unfold: &At<Unfold>,
        known: &Known<'_>,
        plan: &mut Plan,
    ) {
        self.references(tool, unfold.place, known, &unfold.node);
        for check in &unfold.checks {
            if !tool.args.contains_key(&check.arg) {
                let near = nearest(&check.arg, known.arguments.iter().copied());
                self.fault(
                    tool,
                    check.place,
                    format!("\"${}\" does not exist{near}", check.arg),
                );
            }
        }
        for (name, step) in unfold.steps() {
            self.reading(tool, name, step, &known.and([UNFOLD]), plan);
            let rows = step.rows.is_some();
            if rows && name == "table" {
                self.fault(
                    tool,
                    step.place,
                    "the step \"table\" is a page and takes no `rows`",
                );
            } else if !rows && name == "one" {
                self.fault(tool, step.place, "the step \"one\" needs `rows`");
            }
        }
        if tool.output.rows.is_none() || tool.output.total.is_none() {
            self.fault(
                tool,
                unfold.place,
                "`unfold` goes with an output of `rows` and `total`",
            );
        }
        let few = u64::try_from(unfold.join.few).unwrap_or(u64::MAX);
        for (key, number, most) in [
            ("batch", unfold.batch, 100),
            ("pages", unfold.pages, 100),
            ("few", few, 20),
        ] {
            if !(1..=most).contains(&number) {
                self.fault(tool, unfold.place, format!("`{key}` takes 1 to {most}"));
            }
        }
    }

    pub(super) fn save(&self, tool: &Tool, save: &At<Save>, known: &Known<'_>, plan: &mut Plan) {
        self.references(tool, save.place, known, &save.node);
        for (name, step) in save.steps() {
            self.step(tool, name, step, known, plan);
            if matches!(name, "validate" | "read" | "after") {
                self.must_read(tool, name, step, plan);
            }
        }
    }

    pub(super) fn settle(&self, tool: &Tool, settle: &At<Settle>) {
        let watched = settle.state.is_some();
        let fault = |message: &str| self.fault(tool, settle.place, message);
        if settle.seconds.is_some() && (!watched || settle.ended.list.is_empty()) {
            fault("`seconds` goes with `state` and `ended`");
        }
        if settle.within_ms > 0 && settle.seconds.is_some() {
            fault("`within_ms` and `seconds` exclude each other: keep one");
        }
        if !settle.wanted.list.is_empty() && (!watched || settle.outcome.is_none()) {
            fault("`wanted` goes with `state` and `outcome`");
        }
        let strange = settle.wanted.list.iter().find(|state| {
            let ends = !settle.ended.list.is_empty();
            ends && !settle.ended.contains(state) && !self.is_state(state)
        });
        if let Some(state) = strange {
            let every = self.manifest.states.values().flatten().map(String::as_str);
            fault(&format!(
                "`wanted` \"{state}\" is in no set of [states]{}",
                nearest(state, every)
            ));
        }
        if let Some(seconds) = settle
            .seconds
            .as_ref()
            .filter(|name| !tool.args.contains_key(*name))
        {
            let near = nearest(seconds, tool.args.keys().map(String::as_str));
            fault(&format!("`seconds` names no argument \"{seconds}\"{near}"));
        }
        for (name, sentence, words) in settle.say.sentences() {
            for slot in sentence.iter().flat_map(vocabulary::Text::slots) {
                if !words.contains(&slot) {
                    let near = nearest(slot, words.iter().copied());
                    fault(&format!("`say.{name}` has no word {{{slot}}}{near}"));
                }
            }
        }
    }

    fn is_state(&self, state: &str) -> bool {
        self.manifest
            .states
            .values()
            .flatten()
            .any(|known| known == state)
    }
}

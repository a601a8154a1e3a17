//! What a tool says of itself: its names, hints and arguments fit together.

use vocabulary::{At, Effect, Tool};

use super::planner::Planner;
use crate::nearest::nearest;

/// The most characters that a client passes on whole where a tool asks for it.
const LARGEST: u32 = 500_000;

impl Planner<'_> {
    pub(super) fn surface(&self, tool: &At<Tool>) {
        if !is_name(&tool.name) {
            let message = format!(
                "the name \"{}\" is not lower-case words joined by `_`",
                tool.name
            );
            self.fault(tool, tool.place, message);
        }
        self.permission(tool, tool.place, tool.permission);
        self.hints(tool);
        self.names(tool);
        self.sample(tool);
        self.used(tool);
    }

    /// Which parts go together.
    pub(super) fn shape(&self, tool: &At<Tool>) {
        let fault = |message: &str| self.fault(tool, tool.place, message);
        let requests = !tool.steps().is_empty();
        if tool.builtin.is_some() {
            if requests {
                fault("a builtin has no steps");
            }
            return;
        }
        if !tool.under.is_empty() {
            fault("`under` goes with a builtin");
        }
        match (tool.act.is_empty(), tool.save.is_some()) {
            (true, false) => fault("missing `act`: the request that the tool is for"),
            (false, true) => fault("`save` is the act; leave `act` out"),
            _ => {}
        }
        if let Some((_, choices)) = tool.act.split_last()
            && let Some(first) = choices.iter().find(|step| step.when.is_always())
        {
            self.fault(tool, first.place, "every act but the last needs `when`");
        }
        if tool.unfold.is_some() && tool.effect != Effect::Read {
            fault("`unfold` goes with effect \"read\"");
        }
        if tool.output.rows.is_some() && (tool.act.is_empty() || tool.settle.is_some()) {
            self.fault(
                tool,
                tool.output.place,
                "`rows` goes with `act`, without `settle`",
            );
        }
        if tool.again.is_some()
            && tool
                .settle
                .as_ref()
                .is_none_or(|settle| settle.id.is_none())
        {
            fault("`again` goes with `settle.id`");
        }
        if let Some(answer) = tool
            .needless
            .as_ref()
            .and_then(|needless| needless.answer.as_ref())
            && !tool.before.contains_key(answer)
        {
            let near = nearest(answer, tool.before.keys().map(String::as_str));
            fault(&format!(
                "`needless.answer` names no step \"{answer}\" before the act{near}"
            ));
        }
        if let Some(large) = tool
            .large_result
            .filter(|large| !(1..=LARGEST).contains(large))
        {
            fault(&format!("`large_result` takes 1 to {LARGEST}, not {large}"));
        }
    }

    /// The hints must be those of the effect.
    fn hints(&self, tool: &At<Tool>) {
        let (effect, hints) = (tool.effect.as_str(), tool.hints);
        let fault = |message: String| self.fault(tool, tool.place, message);
        let reads = tool.effect == Effect::Read;
        if hints.read_only != reads {
            fault(format!(
                "hint read_only = {} contradicts effect \"{effect}\"",
                hints.read_only
            ));
        }
        let destroys = matches!(
            tool.effect,
            Effect::Overwrite | Effect::Kill | Effect::Delete
        );
        if destroys && !hints.destructive {
            fault(format!(
                "effect \"{effect}\" needs the hint destructive = true"
            ));
        }
        if reads && hints.destructive {
            fault("hint destructive = true contradicts effect \"read\"".to_owned());
        }
    }
}

/// Whether a type can be named after it.
fn is_name(text: &str) -> bool {
    text.split('_').all(|word| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    })
}

//! What a tool says of itself: its names, hints and arguments fit together.

use vocabulary::{Argument, At, Effect, Kind, Tool};

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

    /// Names of other parts of the manifest.
    fn names(&self, tool: &At<Tool>) {
        let names = || tool.args.keys().map(String::as_str);
        for argument in tool.args.values() {
            let format = &argument.format;
            let known =
                self.manifest.format.contains_key(format) || self.unread.has("format", format);
            if !known {
                let near = nearest(format, self.manifest.format.keys().map(String::as_str));
                self.fault(tool, argument.place, format!("no [format.{format}]{near}"));
            }
            self.document_names(tool, argument);
        }
        if let Some(near) = tool
            .near
            .as_ref()
            .filter(|name| !self.manifest.near.contains_key(*name))
            .filter(|name| !self.unread.has("near", name))
        {
            let nearest = nearest(near, self.manifest.near.keys().map(String::as_str));
            self.fault(tool, tool.place, format!("no [near.{near}]{nearest}"));
        }
        self.link(tool);
        for name in &tool.exactly_one {
            if !tool.args.contains_key(name) {
                let near = nearest(name, names());
                self.fault(
                    tool,
                    tool.place,
                    format!("`exactly_one` names no argument \"{name}\"{near}"),
                );
            }
        }
        if let Some(again) = &tool.again {
            let kind = tool
                .args
                .get(again)
                .and_then(|argument| self.kind(&argument.format));
            let unread = tool
                .args
                .get(again)
                .is_some_and(|argument| self.unread.has("format", &argument.format));
            if !unread && !matches!(kind, Some(Kind::Boolean { .. })) {
                let near = nearest(again, names());
                self.fault(
                    tool,
                    tool.place,
                    format!("`again` names no argument \"{again}\" of kind \"boolean\"{near}"),
                );
            }
        }
    }

    fn link(&self, tool: &At<Tool>) {
        let Some(link) = &tool.output.link else {
            return;
        };
        if self.unread.has("link", link) {
            return;
        }
        let Some(template) = self.manifest.link.get(link) else {
            let near = nearest(link, self.manifest.link.keys().map(String::as_str));
            return self.fault(
                tool,
                tool.output.place,
                format!("[link] has no \"{link}\"{near}"),
            );
        };
        for name in placeholders(template).filter(|name| *name != "tenant") {
            if !tool.output.fields.contains_key(name) {
                self.fault(
                    tool,
                    tool.output.place,
                    format!("link \"{link}\" needs the field \"{name}\""),
                );
            }
        }
    }

    /// `names` of an argument: keys of a document, and formats of ids.
    fn document_names(&self, tool: &Tool, argument: &At<Argument>) {
        if !argument.names.is_empty() && !matches!(self.kind(&argument.format), Some(Kind::Yaml(_)))
        {
            self.fault(
                tool,
                argument.place,
                "`names` goes with a format of kind \"yaml\"",
            );
        }
        for (key, format) in &argument.names {
            let unread = self.unread.has("format", format);
            if !unread && !matches!(self.kind(format), Some(Kind::Pattern { .. })) {
                let ids = self
                    .manifest
                    .format
                    .iter()
                    .filter(|(_, format)| matches!(format.kind, Kind::Pattern { .. }));
                let near = nearest(format, ids.map(|(name, _)| name.as_str()));
                self.fault(
                    tool,
                    argument.place,
                    format!("`names.{key}`: no [format.{format}] with a pattern{near}"),
                );
            }
        }
    }

    /// The sample names arguments, and all that are required.
    fn sample(&self, tool: &At<Tool>) {
        for name in tool
            .sample
            .keys()
            .filter(|name| !tool.args.contains_key(*name))
        {
            let near = nearest(name, tool.args.keys().map(String::as_str));
            self.fault(
                tool,
                tool.place,
                format!("the sample's \"{name}\" is not an argument{near}"),
            );
        }
        for (name, _) in tool.args.iter().filter(|(_, argument)| argument.required) {
            if !tool.sample.contains_key(name) {
                self.fault(tool, tool.place, format!("the sample lacks \"{name}\""));
            }
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

/// Names in braces.
fn placeholders(template: &str) -> impl Iterator<Item = &str> {
    template
        .split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}').map(|(name, _)| name))
}

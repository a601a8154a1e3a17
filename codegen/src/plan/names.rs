//! The names that a tool uses: of formats, links, arguments.

use vocabulary::{Argument, At, Kind, Tool};

use super::planner::Planner;
use crate::nearest::nearest;

impl Planner<'_> {
    /// Names of other parts of the manifest.
    pub(super) fn names(&self, tool: &At<Tool>) {
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
    pub(super) fn sample(&self, tool: &At<Tool>) {
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

/// Names in braces.
fn placeholders(template: &str) -> impl Iterator<Item = &str> {
    template
        .split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}').map(|(name, _)| name))
}

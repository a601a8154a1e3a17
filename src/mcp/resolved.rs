//! The tool that a name stands for, found once per request.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::list::is_offered;
use super::server::Server;
use crate::generated;
use crate::kestra::View;
use crate::principal::Principal;
use crate::tool::{Line, Tool};

const LINES: usize = Line::ALL.len();

/// Tools by their names of today and before.
type Names = HashMap<&'static str, Resolved>;

static NAMES: LazyLock<Names> = LazyLock::new(|| {
    let mut names = Names::new();
    for (index, line) in Line::ALL.iter().enumerate() {
        for tool in generated::tools(*line) {
            let aliases = tool.aliases.iter().map(|alias| &**alias);
            for name in aliases.chain([&*tool.name]) {
                if let Some(on_line) = names.entry(name).or_default().0.get_mut(index) {
                    on_line.get_or_insert(tool);
                }
            }
        }
    }
    names
});

/// What the name in a `tools/call` stands for on each line of Kestra; nothing on any of them where
/// there is no such tool.
#[derive(Clone, Copy, Debug, Default)]
pub struct Resolved([Option<&'static Tool>; LINES]);

impl Resolved {
    /// By the present or a former name of a tool.
    pub(super) fn of(name: &str) -> Self {
        NAMES.get(name).copied().unwrap_or_default()
    }

    /// The tool of the newest line that has it: all that is known before Kestra answers.
    pub(super) fn newest(self) -> Option<&'static Tool> {
        self.0.into_iter().rev().flatten().next()
    }

    /// The tool as `view` offers it.
    pub(super) fn on(self, view: View) -> Option<&'static Tool> {
        let mut lines = Line::ALL.iter().zip(self.0);
        let (_, tool) = lines.find(|(line, _)| **line == view.line)?;
        tool.filter(|tool| is_offered(tool, view))
    }
}

impl Server {
    /// The tool called `name`, to be handed on with the request, and whether `principal` may use it
    /// with a wider token but not with the one at hand.
    pub fn resolve(&self, principal: &Principal, name: &str) -> (Resolved, bool) {
        let resolved = Resolved::of(name);
        let tool = resolved.newest();
        let lacks_scope = tool.is_some_and(|tool| self.0.policy.lacks_scope(principal, tool));
        (resolved, lacks_scope)
    }
}

#[cfg(test)]
mod tests {
    use std::array;

    use super::*;

    #[test]
    fn names_and_aliases_resolve_on_every_line_as_a_search_of_its_tools_would() {
        let names = NAMES.keys().copied().chain(["", "no_such_tool"]);
        for name in names {
            let resolved = Resolved::of(name);
            let searched: [_; LINES] = array::from_fn(|index| {
                let mut tools = generated::tools(Line::ALL[index]).iter();
                tools.find(|tool| tool.is_called(name))
            });
            let same = |one: Option<&Tool>, other: Option<&Tool>| match (one, other) {
                (Some(one), Some(other)) => std::ptr::eq(one, other),
                (None, None) => true,
                _ => false,
            };
            for (found, searched) in resolved.0.into_iter().zip(searched) {
                assert!(same(found, searched), "{name}");
            }
            let newest = searched.into_iter().rev().flatten().next();
            assert!(same(resolved.newest(), newest), "{name}");
        }
    }
}

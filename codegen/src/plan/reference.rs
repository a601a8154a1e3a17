//! What entries name: arguments, steps, values, sets, permissions.

use std::collections::BTreeSet;

use vocabulary::tool::VALUES;
use vocabulary::{Expr, Kind, Permission, Tool, Visit, Words};

use super::planner::{Known, Planner};
use crate::nearest::nearest;
use crate::read::Spot;

impl Planner<'_> {
    /// A permission of the vocabulary.
    pub(super) fn permission(
        &self,
        tool: &Tool,
        place: impl Into<Spot>,
        permission: Option<Permission>,
    ) {
        let Some(permission) =
            permission.filter(|known| !self.manifest.permissions.contains_key(known))
        else {
            return;
        };
        let near = nearest(
            permission.0,
            self.manifest.permissions.keys().map(|known| known.0),
        );
        self.fault(
            tool,
            place,
            format!(
                "permission \"{}\" is not in `permissions`{near}",
                permission.0
            ),
        );
    }

    /// What `entry` refers to is among what is known, and the sets that it names exist.
    pub(super) fn references(
        &self,
        tool: &Tool,
        place: impl Into<Spot>,
        known: &Known<'_>,
        entry: &dyn Shown,
    ) {
        let place: Spot = place.into();
        let fault = |message| self.fault(tool, place, message);
        let mut references = BTreeSet::new();
        let values = |expr: &Expr| Self::value(tool, known, expr);
        let noted = &mut |expr: &Expr| {
            note(expr, &mut references);
            if let Some(message) = values(expr) {
                fault(message);
            }
        };
        entry.show(noted, &mut |words| {
            if let Some(message) = self.missing_set(words) {
                fault(message);
            }
        });
        for (kind, name) in &references {
            if *kind == '#' {
                if !self.takes_document(tool) {
                    fault(format!("\"#{name}\" needs an argument of kind \"yaml\""));
                }
                continue;
            }
            let candidates = if *kind == '$' {
                &known.arguments
            } else {
                &known.steps
            };
            if candidates.contains(&name.as_str()) {
                continue;
            }
            let late = *kind == '@' && tool.steps().iter().any(|(step, _)| step == name);
            let why = if late {
                "comes too late"
            } else {
                "does not exist"
            };
            let near = nearest(name, candidates.iter().copied());
            fault(format!("\"{kind}{name}\" {why}{near}"));
        }
    }

    /// What is wrong with the name of one of the tool's own values.
    pub(super) fn value(tool: &Tool, known: &Known<'_>, expr: &Expr) -> Option<String> {
        let Expr::Step(step, pointer) = expr else {
            return None;
        };
        let name = pointer.split('/').nth(1).unwrap_or_default();
        let wrong =
            step == VALUES && known.steps.contains(&VALUES) && !tool.values.contains_key(name);
        let near = nearest(name, tool.values.keys().map(String::as_str));
        wrong.then(|| format!("[tool.values] has no \"{name}\"{near}"))
    }

    /// What is wrong with the name of a set.
    pub(super) fn missing_set(&self, words: &Words) -> Option<String> {
        let name = words
            .set
            .as_ref()
            .filter(|name| !self.manifest.states.contains_key(*name))?;
        let near = nearest(name, self.manifest.states.keys().map(String::as_str));
        Some(format!("[states] has no \"{name}\"{near}"))
    }

    /// Whether `#/pointer` points into something.
    pub(super) fn takes_document(&self, tool: &Tool) -> bool {
        tool.args
            .values()
            .any(|argument| matches!(self.kind(&argument.format), Some(Kind::Yaml(_))))
    }

    pub(super) fn kind(&self, format: &str) -> Option<&Kind> {
        self.manifest.format.get(format).map(|format| &format.kind)
    }
}

/// What shows its references and sets.
pub(super) trait Shown {
    fn show<'a>(&'a self, expr: &mut dyn FnMut(&'a Expr), words: &mut dyn FnMut(&'a Words));
}

impl<T: Visit> Shown for T {
    fn show<'a>(&'a self, expr: &mut dyn FnMut(&'a Expr), words: &mut dyn FnMut(&'a Words)) {
        self.expressions(expr);
        self.words(words);
    }
}

pub(super) fn note(expr: &Expr, references: &mut BTreeSet<(char, String)>) {
    match expr {
        Expr::Argument(name) => references.insert(('$', name.clone())),
        Expr::Step(name, _) => references.insert(('@', name.clone())),
        Expr::Document(pointer) => references.insert(('#', pointer.clone())),
        Expr::Row(_) | Expr::Constant(_) => false,
    };
}

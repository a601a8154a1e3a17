//! What a tool refuses before it sends anything: words that Kestra gives to nothing of a kind, and
//! those that would make a finished path another route.

use std::collections::BTreeSet;

use super::send::path_parameters;
use crate::manifest::{Bind, Expr, Kind, Manifest, Step, Tool};
use crate::plan::{Plan, Resolved};

/// Places with the word that must not stand there; several are refused together alone.
type Words = Vec<(Expr, String)>;

/// Everything of that kind that can be known from the arguments alone.
pub(super) fn of(manifest: &Manifest, plan: &Plan, tool: &Tool) -> Vec<Words> {
    let mut found: Vec<Words> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut add = |words: Words| {
        if seen.insert(format!("{words:?}")) {
            found.push(words);
        }
    };
    let steps = || {
        let resolved = |step: &Step| plan.get(&(tool.name.clone(), step.name.clone()));
        tool.steps
            .iter()
            .filter_map(move |step| Some((step, resolved(step)?)))
    };
    for argument in &tool.arguments {
        for (key, format) in &argument.names {
            let place = Expr::Document(format!("/{key}"));
            for word in reserved(manifest, format) {
                add(vec![(place.clone(), word.clone())]);
            }
        }
        let is_named = steps().any(|(step, resolved)| names(step, resolved, &argument.name));
        if is_named {
            let place = Expr::Argument(argument.name.clone());
            for word in reserved(manifest, &argument.format) {
                add(vec![(place.clone(), word.clone())]);
            }
        }
    }
    for (step, resolved) in steps() {
        for collision in &resolved.collisions {
            let words = collision.iter().map(|(name, word)| {
                let place = given(step, name)?;
                Some((place.clone(), word.clone()))
            });
            if let Some(words) = words.collect() {
                add(words);
            }
        }
    }
    found
}

fn reserved<'a>(manifest: &'a Manifest, format: &str) -> &'a [String] {
    match manifest.formats.get(format).map(|format| &format.kind) {
        Some(Kind::Pattern { reserved, .. }) => reserved,
        _ => &[],
    }
}

/// Whether `step` has the argument in its path.
fn names(step: &Step, resolved: &Resolved, argument: &str) -> bool {
    path_parameters(resolved)
        .any(|name| matches!(given(step, name), Some(Expr::Argument(own)) if own == argument))
}

/// What the caller gives for a parameter, where it is the caller that does.
fn given<'a>(step: &'a Step, parameter: &str) -> Option<&'a Expr> {
    let bound = step.bind.iter().find(|(_, key, _)| key == parameter);
    match bound {
        Some((_, _, Bind::Plain(expr @ (Expr::Argument(_) | Expr::Document(_))))) => Some(expr),
        _ => None,
    }
}

//! What a tool refuses before it sends anything: words that Kestra gives to nothing of a kind, and
//! those that would make a finished path another route.

use vocabulary::{At, Bind, Expr, Manifest, Step, Tool};

use crate::plan::{Plan, Resolved, parameter};

/// Places with the word that must not stand there; several are refused together alone.
type Words = Vec<(String, String)>;

/// Everything of that kind that can be known from the arguments alone.
pub(super) fn of(manifest: &Manifest, plan: &Plan, tool: &Tool) -> Vec<Words> {
    let mut found: Vec<Words> = Vec::new();
    let mut add = |words: Words| {
        if !found.contains(&words) {
            found.push(words);
        }
    };
    let steps = tool.steps();
    let steps: Vec<(&At<Step>, &Resolved)> = steps
        .iter()
        .filter_map(|(name, step)| Some((*step, plan.get(&(tool.name.clone(), name.clone()))?)))
        .filter(|(step, _)| {
            !tool
                .output
                .attach
                .values()
                .any(|attached| std::ptr::eq(attached, *step))
        })
        .collect();
    let reserved = |format: &str| {
        manifest
            .format
            .get(format)
            .map_or(&[][..], |format| &format.reserved)
    };
    for (name, argument) in &tool.args {
        for (key, format) in &argument.names {
            for word in reserved(format) {
                add(vec![(format!("#/{key}"), word.clone())]);
            }
        }
        let place = format!("${name}");
        if steps
            .iter()
            .any(|(step, resolved)| names(step, resolved).any(|given| given == place))
        {
            for word in reserved(&argument.format) {
                add(vec![(place.clone(), word.clone())]);
            }
        }
    }
    for (step, resolved) in steps {
        for collision in &resolved.collisions {
            let words = collision
                .iter()
                .map(|(name, word)| Some((given(step, name)?, word.clone())));
            if let Some(words) = words.collect() {
                add(words);
            }
        }
    }
    found
}

/// What the caller gives for the parameters of the path.
fn names<'s>(step: &'s Step, resolved: &'s Resolved) -> impl Iterator<Item = String> {
    let parameters = resolved.path.split('/').filter_map(parameter);
    parameters.filter_map(|name| given(step, name))
}

/// What the caller gives for a parameter, where it is the caller that does: a reference.
fn given(step: &Step, parameter: &str) -> Option<String> {
    match &step.bind.get(parameter)?.node {
        Bind::Plain(value) => match value.as_expr()? {
            Expr::Argument(name) => Some(format!("${name}")),
            Expr::Document(pointer) => Some(format!("#{pointer}")),
            _ => None,
        },
        _ => None,
    }
}

//! What the build writes for a line: the manifest as it holds there, what was worked out beside it,
//! and Rust that sends each operation. It names only the runtime module that it is told.

mod reserved;
mod send;

use std::collections::BTreeMap;

use quote::quote;
use vocabulary::plan::{Line, Made, Operation, Request};
use vocabulary::{At, Effect, Keep, Manifest, Step, Tool};

use crate::client::Client;
use crate::document::Method;
use crate::keep::Keeps;
use crate::plan::{PROBE, Plan, Resolved};
use crate::schema;

/// What is worked out beside the manifest.
pub fn line(manifest: &Manifest, plan: &Plan) -> Line {
    let mut line = Line::default();
    for resolved in plan.values() {
        line.operations
            .entry(resolved.id.clone())
            .or_insert_with(|| operation(resolved));
    }
    for tool in &manifest.tool {
        line.tools
            .insert(tool.name.clone(), made(manifest, plan, tool));
        for setting in tool.under.keys() {
            if let Some(other) = tool.under(*setting) {
                line.tools.insert(
                    format!("{}/{}", tool.name, setting.as_str()),
                    made(manifest, plan, &other),
                );
            }
        }
    }
    for name in manifest.probe.keys() {
        if let Some(resolved) = plan.get(&(PROBE.to_owned(), name.clone())) {
            let request = Request {
                operation: resolved.id.clone(),
                keep: Keep::Whole,
                reads: true,
                enterprise: resolved.needs.is_some(),
            };
            line.probes.insert(name.clone(), request);
        }
    }
    line
}

fn operation(resolved: &Resolved) -> Operation {
    Operation {
        method: resolved.method.upper(),
        path: resolved.path.clone(),
        accept: resolved.accept.clone(),
        body: resolved.body.clone(),
        collisions: resolved.collisions.clone(),
    }
}

fn made(manifest: &Manifest, plan: &Plan, tool: &Tool) -> Made {
    let near = manifest.near(tool).map(|near| &near.node);
    let keeps = Keeps::of(tool, near);
    let resolved = |name: &str| plan.get(&(tool.name.clone(), name.to_owned()));
    let mut requests = BTreeMap::new();
    for (name, step) in manifest.steps(tool) {
        if let Some(resolved) = resolved(&name) {
            let request = Request {
                operation: resolved.id.clone(),
                keep: keeps.get(&name),
                reads: reads(tool, step, resolved),
                enterprise: resolved.needs.is_some(),
            };
            requests.insert(name, request);
        }
    }
    // An attached read that an edition lacks is left out of the answer, not the tool.
    let steps = tool.steps();
    let mut main = steps
        .iter()
        .filter(|(name, _)| !tool.output.attach.contains_key(name));
    Made {
        input_schema: schema::input(manifest, tool).to_string(),
        output_schema: schema::output(tool).to_string(),
        enterprise: main
            .any(|(name, _)| resolved(name).is_some_and(|resolved| resolved.needs.is_some())),
        requests,
        reserved: reserved::of(manifest, plan, tool),
    }
}

/// Whether a step changes nothing: a GET reads, anything else does what the tool does, unless it says so.
fn reads(tool: &Tool, step: &At<Step>, resolved: &Resolved) -> bool {
    let stated = step.effect.unwrap_or(match resolved.method {
        Method::Get => Effect::Read,
        _ => tool.effect,
    });
    stated == Effect::Read
}

/// The function that sends an operation of a line by its id.
///
/// # Errors
/// Operations or parameters that the generated client lacks.
pub fn send(plan: &Plan, client: &Client, runtime: &str) -> Result<String, Vec<String>> {
    let runtime: syn::Path = syn::parse_str(runtime).map_err(|error| vec![error.to_string()])?;
    let operations: BTreeMap<&str, &Resolved> = plan
        .values()
        .map(|resolved| (resolved.id.as_str(), resolved))
        .collect();
    let (mut arms, mut faults) = (Vec::new(), Vec::new());
    for (id, resolved) in operations {
        match send::operation(client, resolved) {
            Ok(body) => arms.push(quote!(#id => { #body })),
            Err(fault) => faults.push(fault),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let tokens = quote! {
        use super::client::{self, Client};
        use #runtime::Error;
        use #runtime::request::{Sent, Values};

        /// Sends an operation of this line by its id.
        ///
        /// # Errors
        /// A value that is missing, or of another type than the operation takes.
        pub async fn send(client: &Client, operation: &str, mut values: Values) -> Result<Sent, Error> {
            match operation {
                #(#arms)*
                other => Err(Error::unknown_operation(other)),
            }
        }
    };
    let file = syn::parse2(tokens).map_err(|error| vec![error.to_string()])?;
    Ok(prettyplease::unparse(&file))
}

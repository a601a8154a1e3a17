//! The one path of every tool: what is read before, why it is refused or needless, the act, what
//! becomes of it, what is read for the answer. Which requests there are is the manifest's to say; no
//! function here knows a tool or an operation.

mod act;
mod attach;
mod before;
mod elsewhere;
mod progress;
mod repeat;
mod save;
mod settle;
mod steps;
mod unfold;
mod watch;

use super::bindings::Bindings;
use super::clearance::{self, Known};
use super::error::Error;
use super::{Call, CallCtx, Reply, source};

use attach::finish;

pub use steps::{Path, Send};

/// Answers a call of a tool.
///
/// # Errors
/// See [`Error`].
pub async fn run<S: Send>(ctx: &CallCtx, sender: &S, call: &Call) -> Result<Reply, Error> {
    let tool = call.tool;
    let path = Path { tool, call, sender };
    if let Some(save) = &tool.entry.save {
        return save::run(&path, ctx, save).await;
    }
    let mut bindings = Bindings::new(ctx, &call.arguments);
    bindings.document = source::named(call);
    let mut known = clearance::known(&bindings, tool)?;
    // What a call like this one began is looked for first: then there is nothing to read.
    let begun = match known {
        Known::Cleared(_) => repeat::begun(&path, ctx).await?,
        Known::After(_) => None,
    };
    if begun.is_none() {
        known = before::read(&path, &mut bindings, known).await?;
        before::refuse(&bindings, tool)?;
        if let Some(needless) = before::needless(&mut bindings, tool) {
            let main = needless.answer.as_ref();
            let main = main.and_then(|step| bindings.steps.get(step.as_str()));
            let main = main.cloned().unwrap_or_default();
            return finish(&path, &mut bindings, main, None, &known.cleared()?).await;
        }
    }
    match &tool.entry.unfold {
        Some(unfold) => unfold::run(&path, &mut bindings, unfold, &known.cleared()?).await,
        None => act::run(&path, &mut bindings, known, begun).await,
    }
}

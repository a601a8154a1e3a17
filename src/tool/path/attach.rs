//! What is read for the answer beside the main one, and the result.

use std::time::Duration;

use futures::future::join_all;
use serde_json::Value;
use vocabulary::Step;
use vocabulary::tool::ANSWER;

use super::steps::{FOR_A_PART, Path, Send};
use crate::tool::bindings::Bindings;
use crate::tool::clearance::{self, Cleared};
use crate::tool::error::Error;
use crate::tool::sentence::sentences;
use crate::tool::{Reply, output};

/// Attached reads, then the result. An attached read that fails takes nothing from the answer but its
/// own part, and the answer says so. Rows are those of `step`: each is held against its filters
/// again, and policy is asked about each.
///
/// # Errors
/// See [`output::render`].
pub(super) async fn finish<S: Send>(
    path: &Path<'_, S>,
    bindings: &mut Bindings<'_>,
    main: Value,
    step: Option<&'static Step>,
    _: &Cleared,
) -> Result<Reply, Error> {
    let entry = path.tool.entry;
    bindings.steps.insert(ANSWER, main);
    let mut missing = Vec::new();
    let due = entry.output.attach.iter().filter(|(_, step)| {
        let held = step
            .permission
            .is_none_or(|needed| bindings.ctx.may(needed));
        held && bindings.holds(&step.when, bindings.main()) && !bindings.ctx.cancel.is_cancelled()
    });
    let due = due.map(|(name, step)| attached(path, bindings, name, step));
    // The reads run side by side: the answer waits for the slowest only.
    for (name, read) in join_all(due).await {
        match read {
            Ok(Some(value)) => {
                bindings.steps.insert(name, value);
            }
            Ok(None) => {}
            Err(why) => missing.push(why),
        }
    }
    let rows = step.and_then(|_| clearance::in_rows(path.tool));
    let keeps = |row: &Value| {
        step.is_none_or(|step| bindings.fits(row, step.checks()))
            && rows.is_none_or(|at| clearance::may_show(bindings.ctx, row, Some(at)))
    };
    let output = &entry.output.node;
    let mut result = output::render(bindings, output, path.tool.link, &keeps, bindings.main())?;
    if let (false, Some(object)) = (missing.is_empty(), result.as_object_mut()) {
        let note = object.get("note").and_then(Value::as_str);
        missing.extend(note.map(str::to_owned));
        object.insert("note".into(), sentences(missing).into());
    }
    Ok(Reply(result))
}

/// An attached read, by its name; none where there is nothing to read, else why it is missing.
async fn attached<S: Send>(
    path: &Path<'_, S>,
    bindings: &Bindings<'_>,
    name: &'static str,
    step: &'static Step,
) -> (&'static str, Result<Option<Value>, String>) {
    if bindings.ctx.left() < FOR_A_PART {
        let late = format!("there was no time left to read the {name}");
        return (name, step.spare_ms.map_or(Err(late), |_| Ok(None)));
    }
    let read = path.read(bindings, name);
    if let Some(spare) = step.spare_ms {
        let read = tokio::time::timeout(Duration::from_millis(spare), read).await;
        return (name, Ok(read.ok().and_then(Result::ok)));
    }
    let read = match read.await {
        Ok(value) => Ok(Some(value)),
        Err(Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(format!("the {name} could not be read ({})", error.code())),
    };
    (name, read)
}

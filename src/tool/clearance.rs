//! Whether policy lets a call go on. [`Cleared`] is the right to go on; only asking policy about the
//! target that the manifest states for the tool gives it.

use serde_json::Value;
use vocabulary::Expr;

use super::bindings::{Bindings, at};
use super::error::Error;
use super::target::Target;
use super::{CallCtx, Internal, Tool};

/// Policy has seen what this call is about, and lets it go on: nothing is changed and no answer is
/// told without one.
#[derive(Debug)]
pub struct Cleared(());

/// How far it is known what a call is about.
#[derive(Debug)]
pub(super) enum Known {
    /// Policy has seen it.
    Cleared(Cleared),
    /// The answer of this step says it.
    After(&'static str),
}

impl Known {
    /// What this call may go on with.
    ///
    /// # Errors
    /// [`Error::Internal`] when policy was never asked; nothing is changed then.
    pub(super) fn cleared(self) -> Result<Cleared, Error> {
        match self {
            Self::Cleared(cleared) => Ok(cleared),
            Self::After(_) => Err(Internal::NoPlan("its target").into()),
        }
    }
}

/// What is known of the target of a call before its first request.
///
/// # Errors
/// [`Error::Hidden`] when policy refuses it.
pub(super) fn known(bindings: &Bindings<'_>, tool: &'static Tool) -> Result<Known, Error> {
    use vocabulary::Target as Stated;
    let stated = tool.entry.target.as_ref().map(|target| &target.node);
    let found = match stated {
        Some(Stated::None(_)) => return Ok(Known::Cleared(Cleared(()))),
        // Each row is asked about before it is told.
        Some(Stated::Rows(_)) if tool.output.rows.is_some() => {
            return Ok(Known::Cleared(Cleared(())));
        }
        Some(Stated::At(Expr::Step(step, _))) => return Ok(Known::After(step)),
        Some(Stated::At(expr @ Expr::Argument(_))) => match bindings.get(expr, &Value::Null) {
            Some(found) => Some(found),
            None => return Ok(Known::Cleared(Cleared(()))),
        },
        Some(Stated::At(expr)) => bindings.get(expr, &Value::Null),
        Some(Stated::Rows(_)) | None => None,
    };
    ask(bindings.ctx, tool, found).map(Known::Cleared)
}

impl Known {
    /// The same once `step` has answered: policy is asked if that says what the call is about.
    ///
    /// # Errors
    /// [`Error::Hidden`] when policy refuses it.
    pub(super) fn after(
        self,
        step: &str,
        bindings: &Bindings<'_>,
        tool: &'static Tool,
    ) -> Result<Self, Error> {
        match self {
            Self::After(awaited) if awaited == step => {
                let stated = tool.entry.target.as_ref().map(|target| &target.node);
                let found = match stated {
                    Some(vocabulary::Target::At(expr)) => bindings.get(expr, &Value::Null),
                    _ => None,
                };
                ask(bindings.ctx, tool, found).map(Self::Cleared)
            }
            known => Ok(known),
        }
    }
}

fn ask(ctx: &CallCtx, tool: &'static Tool, found: Option<&Value>) -> Result<Cleared, Error> {
    let target = Target::of(found);
    if ctx.targets.allows(&target) {
        return Ok(Cleared(()));
    }
    tracing::info!(
        request = &*ctx.request_id,
        tool = tool.name.as_str(),
        "policy refuses the target of a call"
    );
    Err(Error::Hidden { kind: &tool.kind })
}

/// Whether the row that says its namespace at `pointer` may be told; without a pointer, whether one
/// that says none may be.
pub(super) fn may_show(ctx: &CallCtx, row: &Value, pointer: Option<&str>) -> bool {
    let found = pointer.and_then(|pointer| at(row, pointer));
    ctx.targets.allows(&Target::of(found))
}

/// Where each row of the result of `tool` says its namespace, where each is asked about.
pub(super) fn in_rows(tool: &'static Tool) -> Option<&'static str> {
    match &tool.entry.target.as_ref()?.node {
        vocabulary::Target::Rows(pointer) => Some(pointer),
        _ => None,
    }
}

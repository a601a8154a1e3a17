//! Which namespaces a call is about, and whether policy lets it go on. What the manifest states of a
//! tool becomes a value that only this module makes, and only asking about it gives the right to go
//! on: see [`Cleared`].

use std::fmt;
use std::sync::Arc;

use serde_json::Value;
use vocabulary::Expr;

use super::error::Error;
use super::scope::{Scope, at};
use super::{CallCtx, Internal, Tool};

/// What a call, or a row of its answer, is about.
///
/// Only this module makes one:
///
/// ```compile_fail,E0451
/// # fn forge() -> kestra_mcp::tool::target::Target<'static> {
/// kestra_mcp::tool::target::Target { named: todo!() }
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Target<'t> {
    named: Named<'t>,
}

/// The namespaces that are named; almost always it is one.
#[derive(Clone, Debug)]
enum Named<'t> {
    None,
    One(&'t str),
    Many(Vec<&'t str>),
}

impl<'t> Target<'t> {
    /// Whether it is within what `may` takes: every namespace of it, and it names one. Who may see every
    /// namespace has no need to ask.
    pub fn within(&self, may: impl Fn(&str) -> bool) -> bool {
        let mut named = self.namespaces().peekable();
        named.peek().is_some() && named.all(may)
    }

    /// The namespaces that are named; none where nobody says which.
    pub fn namespaces(&self) -> impl Iterator<Item = &'t str> {
        let (one, many) = match &self.named {
            Named::None => (None, &[][..]),
            Named::One(one) => (Some(*one), &[][..]),
            Named::Many(many) => (None, many.as_slice()),
        };
        one.into_iter().chain(many.iter().copied())
    }

    /// What `found` names; what is not a text names nothing.
    fn of(found: Option<&'t Value>) -> Self {
        let named = match found {
            Some(Value::String(one)) => Named::One(one),
            Some(Value::Array(items)) => items
                .iter()
                .map(Value::as_str)
                .collect::<Option<_>>()
                .map_or(Named::None, Named::Many),
            _ => Named::None,
        };
        Self { named }
    }
}

/// What policy says of targets for one caller. Cloning is cheap.
#[derive(Clone)]
pub struct Ask(Arc<dyn Fn(&Target<'_>) -> bool + Send + Sync>);

impl Ask {
    /// What `allows` says.
    pub fn new(allows: impl Fn(&Target<'_>) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(allows))
    }

    fn allows(&self, target: &Target<'_>) -> bool {
        (self.0)(target)
    }
}

impl fmt::Debug for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ask")
    }
}

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
    /// [`Error::Internal`] when nobody has asked: nothing changes then.
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
pub(super) fn known(scope: &Scope<'_>, tool: &'static Tool) -> Result<Known, Error> {
    use vocabulary::Target as Stated;
    let stated = tool.entry.target.as_ref().map(|target| &target.node);
    let found = match stated {
        Some(Stated::None(_)) => return Ok(Known::Cleared(Cleared(()))),
        // Each row is asked about before it is told.
        Some(Stated::Rows(_)) if tool.output.rows.is_some() => {
            return Ok(Known::Cleared(Cleared(())));
        }
        Some(Stated::At(Expr::Step(step, _))) => return Ok(Known::After(step)),
        Some(Stated::At(expr @ Expr::Argument(_))) => match scope.get(expr, &Value::Null) {
            Some(found) => Some(found),
            None => return Ok(Known::Cleared(Cleared(()))),
        },
        Some(Stated::At(expr)) => scope.get(expr, &Value::Null),
        Some(Stated::Rows(_)) | None => None,
    };
    ask(scope.ctx, tool, found).map(Known::Cleared)
}

impl Known {
    /// The same once `step` has answered: policy is asked if that says what the call is about.
    ///
    /// # Errors
    /// [`Error::Hidden`] when policy refuses it.
    pub(super) fn after(
        self,
        step: &str,
        scope: &Scope<'_>,
        tool: &'static Tool,
    ) -> Result<Self, Error> {
        match self {
            Self::After(awaited) if awaited == step => {
                let stated = tool.entry.target.as_ref().map(|target| &target.node);
                let found = match stated {
                    Some(vocabulary::Target::At(expr)) => scope.get(expr, &Value::Null),
                    _ => None,
                };
                ask(scope.ctx, tool, found).map(Self::Cleared)
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Target;

    #[test]
    fn a_target_names_texts_and_a_value_with_anything_else_in_it_names_nothing() {
        for (value, named) in [
            (json!("a.b"), &["a.b"][..]),
            (json!(["a", "b"]), &["a", "b"]),
            (json!(["a", 1]), &[]),
            (json!([]), &[]),
            (json!(7), &[]),
            (json!({ "a": "b" }), &[]),
        ] {
            let target = Target::of(Some(&value));
            assert_eq!(target.namespaces().collect::<Vec<_>>(), named, "{value}");
            assert_eq!(target.within(|_| true), !named.is_empty(), "{value}");
            assert!(!target.within(|one| one == "a"), "{value}");
        }
        assert_eq!(Target::of(None).namespaces().count(), 0);
    }
}

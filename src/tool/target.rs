//! The namespaces that a call, or a row of its result, is about, and the policy that is asked about
//! them. See [`super::clearance`] for how a call is cleared.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

/// What a call, or a row of its answer, is about.
///
/// Only [`super::clearance`] asks for one, from what the manifest states of a tool:
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

    /// The namespaces that are named, if any.
    pub fn namespaces(&self) -> impl Iterator<Item = &'t str> {
        let (one, many) = match &self.named {
            Named::None => (None, &[][..]),
            Named::One(one) => (Some(*one), &[][..]),
            Named::Many(many) => (None, many.as_slice()),
        };
        one.into_iter().chain(many.iter().copied())
    }

    /// What `found` names; what is not a text names nothing.
    pub(super) fn of(found: Option<&'t Value>) -> Self {
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

    pub(super) fn allows(&self, target: &Target<'_>) -> bool {
        (self.0)(target)
    }
}

impl fmt::Debug for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ask")
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

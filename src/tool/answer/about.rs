//! What a request is about.

use vocabulary::Exists;
use vocabulary::step::Answer as Kind;

use crate::tool::Effect;

/// How to find out what became of a change whose answer never came.
pub(super) const READ_FIRST: &str = "Read the object before you try again.";
/// What a request is about: for its errors, and for the reading of its answer.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// What it does to Kestra.
    pub effect: Effect,
    /// The object, such as `flow`.
    pub kind: &'static str,
    /// Kestra's permission for it.
    pub kestra_permission: Option<&'static str>,
    /// How Kestra says that something is there already; none of a request that makes nothing.
    pub exists: Option<&'static Exists>,
    /// What its answer is.
    pub answer: Kind,
}

//! Maps claims to roles. A value that no rule maps gives nothing.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

use crate::config::http::{ClaimPath, RoleRule, Shape};
use crate::policy::Roles;

/// A role rule that gave no role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmapped {
    /// Its claim, as a JSON Pointer.
    pub path: String,
    /// Why.
    pub why: Why,
}

/// Why a role rule gave no role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// No document has the claim.
    Absent,
    /// The claim does not have the shape that the rule expects.
    Shape,
    /// None of its values is mapped to a role.
    Value,
}

impl Why {
    /// For a sentence about the claim.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "is absent",
            Self::Shape => "does not have the shape that the rule expects",
            Self::Value => "has no value that is mapped to a role",
        }
    }
}

impl fmt::Display for Unmapped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.path, self.why.as_str())
    }
}

/// The result of the rules.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Mapped {
    /// Sorted, without duplicates.
    pub(super) roles: Vec<String>,
    pub(super) unmapped: Vec<Unmapped>,
}

/// The roles that `rules` give for the claims that `find` returns. Only roles in `known` count.
pub(super) fn map<'v>(
    rules: &[RoleRule],
    known: &Roles,
    find: impl Fn(&ClaimPath) -> Option<&'v Value>,
) -> Mapped {
    let mut given = BTreeSet::new();
    let mut unmapped = Vec::new();
    for rule in rules {
        match of(rule, known, find(&rule.path)) {
            Ok(found) => given.extend(found),
            Err(why) => unmapped.push(Unmapped {
                path: rule.path.to_string(),
                why,
            }),
        }
    }
    Mapped {
        roles: given.into_iter().map(str::to_owned).collect(),
        unmapped,
    }
}

/// The roles of one rule; at least one.
fn of<'a>(
    rule: &'a RoleRule,
    known: &Roles,
    claim: Option<&'a Value>,
) -> Result<Vec<&'a str>, Why> {
    let values = values(&rule.shape, claim.ok_or(Why::Absent)?).ok_or(Why::Shape)?;
    let roles: Vec<&str> = match &rule.map {
        None => values,
        Some(pairs) => values
            .into_iter()
            .flat_map(|value| pairs.iter().filter(move |(wanted, _)| wanted.fits(value)))
            .map(|(_, role)| role.as_str())
            .collect(),
    };
    let roles: Vec<&str> = roles.into_iter().filter(|role| known.knows(role)).collect();
    if roles.is_empty() {
        Err(Why::Value)
    } else {
        Ok(roles)
    }
}

/// The values of a claim; none if it has another shape.
fn values<'v>(shape: &Shape, claim: &'v Value) -> Option<Vec<&'v str>> {
    let texts = || claim.as_array()?.iter().map(Value::as_str).collect();
    let split = |by: char| {
        let parts = claim.as_str()?.split(by).map(str::trim);
        Some(parts.filter(|part| !part.is_empty()).collect())
    };
    match shape {
        Shape::Auto => claim.as_str().map(|text| vec![text]).or_else(texts),
        Shape::Array => texts(),
        Shape::String => claim.as_str().map(|text| vec![text]),
        Shape::Space => split(' '),
        Shape::Comma => split(','),
        Shape::Keys => Some(claim.as_object()?.keys().map(String::as_str).collect()),
        Shape::Field(name) => claim
            .as_array()?
            .iter()
            .map(|item| item.as_object()?.get(name)?.as_str())
            .collect(),
    }
}

#[cfg(test)]
mod tests;

//! Where claims are, and how they are found.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::config::http::{ClaimPath, ClaimSource};

/// The claim that names claims that are elsewhere (OpenID Connect Core 5.6.2). Entra ID sends it
/// instead of `groups` when there are too many.
const ELSEWHERE: &str = "_claim_names";
/// What Entra ID sends instead where a token must be short.
const HAS_GROUPS: &str = "hasgroups";
/// Claims with a name for people to read, in order of preference.
const NAMES: [&str; 3] = ["name", "preferred_username", "email"];

/// Verified documents about one person; each is a JSON object.
#[derive(Debug, Default)]
pub(super) struct Documents {
    pub(super) id_token: Option<Value>,
    pub(super) userinfo: Option<Value>,
    pub(super) access_token: Option<Value>,
}

/// The value at `path` (RFC 6901); `null` counts as absent.
pub(super) fn at<'v>(document: &'v Value, path: &ClaimPath) -> Option<&'v Value> {
    let mut value = document;
    for part in &path.0 {
        value = match value {
            Value::Object(fields) => fields.get(part)?,
            Value::Array(items) => items.get(index(part)?)?,
            _ => return None,
        };
    }
    Some(value).filter(|value| !value.is_null())
}

/// RFC 6901 §4: digits without leading zeros.
fn index(part: &str) -> Option<usize> {
    let digits = part.bytes().all(|byte| byte.is_ascii_digit());
    let number = part.parse().ok()?;
    (digits && (part == "0" || !part.starts_with('0'))).then_some(number)
}

impl Documents {
    pub(super) fn is_empty(&self) -> bool {
        self.all().next().is_none()
    }

    /// In order of trust.
    fn all(&self) -> impl Iterator<Item = &Value> {
        [&self.id_token, &self.userinfo, &self.access_token]
            .into_iter()
            .flatten()
    }

    fn of(&self, source: ClaimSource) -> Option<&Value> {
        match source {
            ClaimSource::IdToken => self.id_token.as_ref(),
            ClaimSource::Userinfo => self.userinfo.as_ref(),
            ClaimSource::AccessTokenJwt => self.access_token.as_ref(),
        }
    }

    /// The claim in the first of `sources` that has it, even if it is empty.
    pub(super) fn find(&self, path: &ClaimPath, sources: &[ClaimSource]) -> Option<&Value> {
        sources
            .iter()
            .find_map(|source| at(self.of(*source)?, path))
    }

    /// The claim in any document.
    pub(super) fn of_person(&self, path: &ClaimPath) -> Option<&Value> {
        self.all().find_map(|document| at(document, path))
    }

    /// `sub`, in any document.
    pub(super) fn sub(&self) -> Option<&str> {
        self.all()
            .find_map(|document| document.get("sub")?.as_str())
    }

    /// Who the person is. If there is an ID token, it alone decides.
    pub(super) fn subject(&self, path: &ClaimPath) -> Option<&str> {
        let found = match &self.id_token {
            Some(id_token) => at(id_token, path),
            None => self.of_person(path),
        };
        found?.as_str().filter(|text| !text.is_empty())
    }

    /// A name for people to read.
    pub(super) fn name(&self) -> Option<String> {
        NAMES
            .iter()
            .find_map(|name| {
                let name = self
                    .all()
                    .find_map(|document| document.get(*name)?.as_str());
                name.map(str::trim).filter(|text| !text.is_empty())
            })
            .map(str::to_owned)
    }

    /// When the person authenticated, in seconds since the epoch.
    pub(super) fn auth_time(&self) -> Option<i64> {
        self.id_token.as_ref()?.get("auth_time")?.as_i64()
    }

    /// The names of all claims, sorted.
    pub(super) fn names(&self) -> Vec<String> {
        let names: BTreeSet<&String> = self
            .all()
            .filter_map(Value::as_object)
            .flat_map(serde_json::Map::keys)
            .collect();
        names.into_iter().cloned().collect()
    }

    /// The first of `needed` that is absent because it has too many values, and is said to be
    /// elsewhere.
    pub(super) fn elsewhere<'p>(
        &self,
        mut needed: impl Iterator<Item = &'p ClaimPath>,
        sources: &[ClaimSource],
    ) -> Option<String> {
        let is_elsewhere = |name: &String| {
            self.all().any(|document| {
                let named = document.get(ELSEWHERE).and_then(|names| names.get(name));
                let has = document.get(HAS_GROUPS).is_some_and(|has| has != false);
                named.is_some() || (has && name == "groups")
            })
        };
        needed
            .find(|path| {
                path.0.first().is_some_and(is_elsewhere) && self.find(path, sources).is_none()
            })
            .map(ToString::to_string)
    }
}

#[cfg(test)]
mod tests;

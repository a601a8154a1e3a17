//! An identity provider, as this server uses it.

use std::collections::BTreeMap;
use std::fmt;

use regex::Regex;

use super::super::words::{ClaimSource, Userinfo};
use crate::secret::Secret;

/// An identity provider (OpenID Connect).
#[derive(Clone, Debug)]
pub struct Provider {
    /// The operator's name for it: one path segment.
    pub id: String,
    /// The issuer, as the provider writes it.
    pub issuer: String,
    /// This server's client there.
    pub client_id: String,
    /// The secret of that client; a public client has none.
    pub client_secret: Option<Secret>,
    /// Other clients of the provider that an ID token may name as audiences.
    pub trusted_audiences: Vec<String>,
    /// The scopes to ask for, `openid` among them.
    pub scopes: Vec<String>,
    /// More parameters of the authorization request.
    pub authorize_params: BTreeMap<String, String>,
    /// The claim that identifies the person.
    pub subject: ClaimPath,
    /// The claims that must have a value.
    pub require: Vec<Requirement>,
    /// From claims to roles.
    pub rules: Vec<RoleRule>,
    /// Where claims come from.
    pub sources: Vec<ClaimSource>,
    /// When the userinfo endpoint is asked.
    pub userinfo: Userinfo,
}

/// The path to a claim, such as `/resource_access/kestra-mcp/roles`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimPath(pub Vec<String>);

/// As a JSON Pointer (RFC 6901).
impl fmt::Display for ClaimPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.0 {
            write!(f, "/{}", part.replace('~', "~0").replace('/', "~1"))?;
        }
        Ok(())
    }
}

/// A claim that must have a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Requirement {
    /// The claim.
    pub claim: ClaimPath,
    /// Its value.
    pub equals: serde_json::Value,
}

/// A claim whose values give roles.
#[derive(Clone, Debug)]
pub struct RoleRule {
    /// The claim.
    pub path: ClaimPath,
    /// How values stand in it.
    pub shape: Shape,
    /// From a value, a prefix or a pattern to the name of a role. Without it a value that is the name of
    /// a role gives that role.
    pub map: Option<Vec<(Match, String)>>,
}

/// A role that a rule gives. Whether it exists is checked against all roles later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenRole {
    /// The key that names it, with its file.
    pub place: String,
    /// Its name.
    pub role: String,
}

/// How a value is recognised.
#[derive(Clone, Debug)]
pub enum Match {
    /// The same text.
    Exact(String),
    /// A text that begins with this.
    Prefix(String),
    /// A text that the pattern matches, which is anchored at both ends.
    Pattern(Regex),
}

impl Match {
    /// Whether `value` matches.
    pub fn fits(&self, value: &str) -> bool {
        match self {
            Self::Exact(text) => value == text,
            Self::Prefix(text) => value.starts_with(text.as_str()),
            Self::Pattern(pattern) => pattern.is_match(value),
        }
    }
}

/// How the values stand in a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A list of texts or one text, whichever the claim is.
    Auto,
    /// A list of texts.
    Array,
    /// One text.
    String,
    /// A text, values separated by spaces.
    Space,
    /// A text, values separated by commas.
    Comma,
    /// The keys of an object.
    Keys,
    /// A list of objects: this field of each.
    Field(String),
}

/// As the file writes it.
impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::Array => "array",
            Self::String => "string",
            Self::Space => "space",
            Self::Comma => "comma",
            Self::Keys => "keys",
            Self::Field(name) => return write!(f, "field:{name}"),
        })
    }
}

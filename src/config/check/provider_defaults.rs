//! What holds of an identity provider unless the configuration says otherwise.

use super::super::http::{ClaimPath, ClaimSource, RoleRule, Shape};

/// The sources of claims unless the file names them.
pub(super) fn sources() -> Vec<ClaimSource> {
    vec![ClaimSource::IdToken, ClaimSource::Userinfo]
}

/// The scopes to ask for: `openid` always, and by default those that give a name and a refresh token.
pub(super) fn scopes(mut named: Vec<String>) -> Vec<String> {
    if named.is_empty() {
        named = ["openid", "profile", "email", "offline_access"]
            .map(str::to_owned)
            .into();
    }
    if !named.iter().any(|scope| scope == "openid") {
        named.insert(0, "openid".to_owned());
    }
    named
}

/// The rule unless the file has others: a value of `/roles` that is the name of a role gives that role.
pub(super) fn plain_rule() -> RoleRule {
    RoleRule {
        path: ClaimPath(vec!["roles".to_owned()]),
        shape: Shape::Auto,
        map: None,
    }
}

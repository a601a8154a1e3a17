//! People who can log in, and their claims.

use serde_json::{Map, Value, json};

/// A person. Claims of the protocol, such as `iss` or `exp`, are added to theirs.
#[derive(Clone, Debug)]
pub struct Person {
    /// The user name for the login form.
    pub login: String,
    /// `None` accepts any password.
    pub password: Option<String>,
    /// `sub`
    pub subject: String,
    /// Claims of the ID token.
    pub id_token: Map<String, Value>,
    /// Claims of the userinfo endpoint.
    pub userinfo: Map<String, Value>,
    /// Claims of the access token (a JWT).
    pub access_token: Map<String, Value>,
    /// Whether the account is disabled.
    pub disabled: bool,
}

fn add(claims: &mut Map<String, Value>, more: Value) {
    if let Value::Object(more) = more {
        claims.extend(more);
    }
}

impl Person {
    /// A person with a name and an email address in ID token and userinfo, and no other claims.
    pub fn new(login: &str) -> Self {
        let person = Self {
            login: login.to_owned(),
            password: None,
            subject: format!("{login}-0001"),
            id_token: Map::new(),
            userinfo: Map::new(),
            access_token: Map::new(),
            disabled: false,
        };
        person.with(json!({
            "name": login,
            "email": format!("{login}@example.com"),
            "email_verified": true,
        }))
    }

    /// Adds claims to ID token and userinfo.
    #[must_use]
    pub fn with(mut self, claims: Value) -> Self {
        add(&mut self.id_token, claims.clone());
        add(&mut self.userinfo, claims);
        self
    }

    /// Adds claims to the ID token only.
    #[must_use]
    pub fn in_id_token(mut self, claims: Value) -> Self {
        add(&mut self.id_token, claims);
        self
    }

    /// Adds claims to userinfo only.
    #[must_use]
    pub fn in_userinfo(mut self, claims: Value) -> Self {
        add(&mut self.userinfo, claims);
        self
    }

    /// Adds claims to the access token only.
    #[must_use]
    pub fn in_access_token(mut self, claims: Value) -> Self {
        add(&mut self.access_token, claims);
        self
    }

    /// As a provider with minimal ID tokens does it: `claims` are in userinfo only, and the ID
    /// token has only `sub`.
    pub fn thin(login: &str, claims: Value) -> Self {
        let mut person = Self::new(login).in_userinfo(claims);
        person.id_token.clear();
        person
    }

    /// As Keycloak does it by default: roles are in the access token only.
    pub fn keycloak(login: &str, realm: &[&str], client: &str, roles: &[&str]) -> Self {
        Self::new(login)
            .with(json!({ "preferred_username": login }))
            .in_access_token(json!({
                "typ": "Bearer",
                "realm_access": { "roles": realm },
                "resource_access": { client: { "roles": roles } },
            }))
    }

    /// As Entra ID does it: `oid`, `tid`, and app roles in `roles`, in the ID token only.
    pub fn entra(login: &str, tenant: &str, roles: &[&str]) -> Self {
        Self::new(login).in_id_token(json!({
            "oid": format!("{login}-object"),
            "tid": tenant,
            "ver": "2.0",
            "roles": roles,
        }))
    }

    /// As Entra ID does it for a member of more groups than fit into a token: a reference to where
    /// they can be fetched, in place of `groups`.
    #[must_use]
    pub fn with_too_many_groups(mut self) -> Self {
        self.id_token.remove("groups");
        self.in_id_token(json!({
            "_claim_names": { "groups": "src1" },
            "_claim_sources": { "src1": { "endpoint": "https://graph.example.com/groups" } },
        }))
    }

    /// As Google does it: the domain is in `hd`, and there are no roles.
    pub fn google(login: &str, domain: &str) -> Self {
        Self::new(login).with(json!({
            "email": format!("{login}@{domain}"),
            "hd": domain,
        }))
    }

    /// As Okta's org authorization server does it: `groups` are in the ID token only.
    pub fn okta(login: &str, groups: &[&str]) -> Self {
        Self::new(login).in_id_token(json!({ "groups": groups }))
    }
}

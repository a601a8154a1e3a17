//! Who may log in, and what the provider says of them in which document.

use serde_json::{Map, Value, json};

/// A person. The claims are those besides the ones of the protocol, such as `iss` or `exp`.
#[derive(Clone, Debug)]
pub struct Person {
    /// What is typed into the form.
    pub login: String,
    /// None takes any.
    pub password: Option<String>,
    /// `sub`
    pub subject: String,
    /// Claims of the ID token.
    pub id_token: Map<String, Value>,
    /// Claims of the userinfo endpoint.
    pub userinfo: Map<String, Value>,
    /// Claims of the access token, which is a JWT.
    pub access_token: Map<String, Value>,
    /// Locked out.
    pub disabled: bool,
}

fn add(claims: &mut Map<String, Value>, more: Value) {
    if let Value::Object(more) = more {
        claims.extend(more);
    }
}

impl Person {
    /// With a name and an e-mail address in ID token and userinfo, and nothing else.
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

    /// More claims, in ID token and userinfo.
    #[must_use]
    pub fn with(mut self, claims: Value) -> Self {
        add(&mut self.id_token, claims.clone());
        add(&mut self.userinfo, claims);
        self
    }

    /// More claims in the ID token alone.
    #[must_use]
    pub fn in_id_token(mut self, claims: Value) -> Self {
        add(&mut self.id_token, claims);
        self
    }

    /// More claims at the userinfo endpoint alone.
    #[must_use]
    pub fn in_userinfo(mut self, claims: Value) -> Self {
        add(&mut self.userinfo, claims);
        self
    }

    /// More claims in the access token alone.
    #[must_use]
    pub fn in_access_token(mut self, claims: Value) -> Self {
        add(&mut self.access_token, claims);
        self
    }

    /// As a provider with thin ID tokens says it: `claims` at the userinfo endpoint alone, the ID
    /// token has `sub` and no more.
    pub fn thin(login: &str, claims: Value) -> Self {
        let mut person = Self::new(login).in_userinfo(claims);
        person.id_token.clear();
        person
    }

    /// As Keycloak places roles unless told otherwise: in the access token alone.
    pub fn keycloak(login: &str, realm: &[&str], client: &str, roles: &[&str]) -> Self {
        Self::new(login)
            .with(json!({ "preferred_username": login }))
            .in_access_token(json!({
                "typ": "Bearer",
                "realm_access": { "roles": realm },
                "resource_access": { client: { "roles": roles } },
            }))
    }

    /// As Entra ID says it: `oid`, `tid`, and app roles in `roles`, in the ID token alone.
    pub fn entra(login: &str, tenant: &str, roles: &[&str]) -> Self {
        Self::new(login).in_id_token(json!({
            "oid": format!("{login}-object"),
            "tid": tenant,
            "ver": "2.0",
            "roles": roles,
        }))
    }

    /// As Entra ID says it of a member of more groups than fit into a token: where they could be
    /// asked, in place of `groups`.
    #[must_use]
    pub fn with_too_many_groups(mut self) -> Self {
        self.id_token.remove("groups");
        self.in_id_token(json!({
            "_claim_names": { "groups": "src1" },
            "_claim_sources": { "src1": { "endpoint": "https://graph.example.com/groups" } },
        }))
    }

    /// As Google says it: the domain in `hd`, no roles.
    pub fn google(login: &str, domain: &str) -> Self {
        Self::new(login).with(json!({
            "email": format!("{login}@{domain}"),
            "hd": domain,
        }))
    }

    /// As Okta's own authorization server says it: `groups` in the ID token alone.
    pub fn okta(login: &str, groups: &[&str]) -> Self {
        Self::new(login).in_id_token(json!({ "groups": groups }))
    }
}

//! The account behind the configured credential.

use serde::Deserialize;

use super::Kestra;
use crate::tool::Edition;

/// What is known of the account; none is unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Whether Kestra takes the credential.
    pub accepted: Option<bool>,
    /// Whether it may do everything (Enterprise).
    pub administrator: Option<bool>,
}

/// The answer of `GET /api/v1/me`: `superAdmin` in 1.x, `instanceOwner` in 2.x.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Me {
    super_admin: Option<bool>,
    instance_owner: Option<bool>,
}

impl Kestra {
    /// Asks whether the credential is taken, by a route that needs one: the version does not.
    pub async fn account(&self, edition: Edition) -> Account {
        if self.authorization.is_none() || self.base.is_none() {
            return Account::default();
        }
        let path = format!("/api/v1/{}/flows/distinct-namespaces", self.tenant);
        let accepted = match self.ask(&path).await {
            Ok((200 | 403, _)) => Some(true),
            Ok((401, _)) => Some(false),
            _ => None,
        };
        let administrator = if edition == Edition::Enterprise && accepted == Some(true) {
            self.administrator().await
        } else {
            None
        };
        Account {
            accepted,
            administrator,
        }
    }

    async fn administrator(&self) -> Option<bool> {
        let (200, body) = self.ask("/api/v1/me").await.ok()? else {
            return None;
        };
        let me: Me = serde_json::from_slice(&body).ok()?;
        match (me.super_admin, me.instance_owner) {
            (None, None) => None,
            (admin, owner) => Some(admin.unwrap_or_default() || owner.unwrap_or_default()),
        }
    }
}

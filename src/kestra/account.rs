//! The account behind a credential.

use serde::Deserialize;

use super::{Held, Kestra};
use crate::tool::Edition;

/// What is known of the account; none is unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Whether Kestra takes the credential.
    pub accepted: Option<bool>,
    /// Whether it may do everything (Enterprise).
    pub administrator: Option<bool>,
}

/// The person or service behind an Enterprise credential.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Me {
    /// Whether it may do everything; none is unknown.
    pub administrator: Option<bool>,
    /// The ids of the tenants that it is in.
    pub tenants: Vec<String>,
}

/// The answer of `GET /api/v1/me`: `superAdmin` in 1.x, `instanceOwner` in 2.x.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    super_admin: Option<bool>,
    instance_owner: Option<bool>,
    #[serde(default)]
    tenants: Vec<Tenant>,
}

#[derive(Deserialize)]
struct Tenant {
    id: String,
}

impl Kestra {
    /// Asks whether `held` is taken, by a route that needs one: the version does not.
    pub async fn account(&self, held: &Held, edition: Edition) -> Account {
        if !held.is_some() || self.base.is_none() {
            return Account::default();
        }
        let path = format!("/api/v1/{}/flows/distinct-namespaces", self.tenant);
        let accepted = match self.ask(held, &path).await.map(|said| said.status) {
            Ok(200 | 403) => Some(true),
            Ok(401) => Some(false),
            _ => None,
        };
        let administrator = if edition == Edition::Enterprise && accepted == Some(true) {
            self.me(held).await.and_then(|me| me.administrator)
        } else {
            None
        };
        Account {
            accepted,
            administrator,
        }
    }

    /// Who `held` belongs to; open source does not say.
    pub async fn me(&self, held: &Held) -> Option<Me> {
        let said = self.ask(held, "/api/v1/me").await.ok()?;
        let answer: Answer = (said.status == 200)
            .then(|| serde_json::from_slice(&said.body).ok())
            .flatten()?;
        let administrator = match (answer.super_admin, answer.instance_owner) {
            (None, None) => None,
            (admin, owner) => Some(admin.unwrap_or_default() || owner.unwrap_or_default()),
        };
        Some(Me {
            administrator,
            tenants: answer.tenants.into_iter().map(|tenant| tenant.id).collect(),
        })
    }
}

//! The account behind a credential.

use serde::Deserialize;

use super::credential::Held;
use super::instance::Kestra;
use crate::tool::Edition;

/// What is known about the account; `None` is unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Whether Kestra accepts the credential.
    pub accepted: Option<bool>,
    /// Whether it is an administrator (Enterprise).
    pub administrator: Option<bool>,
}

/// The person or service behind an Enterprise credential.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Me {
    /// Its name in Kestra: an e-mail address or a user name, else an id; `None` is unknown.
    pub name: Option<String>,
    /// Whether it is an administrator; `None` is unknown.
    pub administrator: Option<bool>,
    /// The ids of its tenants.
    pub tenants: Vec<String>,
}

/// Why Kestra does not vouch for a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unvouched {
    /// Kestra refuses it.
    Refused,
    /// Kestra does not answer.
    Silent,
}

/// The answer of `GET /api/v1/me`: `superAdmin` in 1.x, `instanceOwner` in 2.x.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    id: Option<String>,
    profile: Option<Profile>,
    super_admin: Option<bool>,
    instance_owner: Option<bool>,
    #[serde(default)]
    tenants: Vec<Tenant>,
}

#[derive(Deserialize)]
struct Profile {
    email: Option<String>,
    username: Option<String>,
}

#[derive(Deserialize)]
struct Tenant {
    id: String,
}

impl Kestra {
    /// Checks that Kestra accepts `held`, by a route that requires a credential: that of the version does not.
    pub async fn account(&self, held: &Held, edition: Edition) -> Account {
        if !held.is_some() || self.base.is_none() {
            return Account::default();
        }
        let accepted = match self.takes(held).await {
            Ok(()) => Some(true),
            Err(Unvouched::Refused) => Some(false),
            Err(Unvouched::Silent) => None,
        };
        let administrator = if edition == Edition::Enterprise && accepted == Some(true) {
            self.me(held).await.ok().and_then(|me| me.administrator)
        } else {
            None
        };
        Account {
            accepted,
            administrator,
        }
    }

    /// Asks for the account of `held`; open source only says whether it accepts the credential.
    ///
    /// # Errors
    /// See [`Unvouched`].
    pub async fn vouch(&self, held: &Held, edition: Edition) -> Result<Me, Unvouched> {
        match edition {
            Edition::Enterprise => self.me(held).await,
            Edition::OpenSource => self.takes(held).await.map(|()| Me::default()),
        }
    }

    async fn takes(&self, held: &Held) -> Result<(), Unvouched> {
        match self.ask(held, "credential").await.map(|said| said.status) {
            Ok(200 | 403) => Ok(()),
            Ok(401) => Err(Unvouched::Refused),
            _ => Err(Unvouched::Silent),
        }
    }

    /// The account of `held`; open source has no such answer.
    ///
    /// # Errors
    /// See [`Unvouched`].
    pub async fn me(&self, held: &Held) -> Result<Me, Unvouched> {
        let said = self.ask(held, "me").await;
        let said = said.map_err(|_| Unvouched::Silent)?;
        let answer: Answer = match said.status {
            200 => serde_json::from_slice(&said.body).map_err(|_| Unvouched::Silent)?,
            401 => return Err(Unvouched::Refused),
            _ => return Err(Unvouched::Silent),
        };
        let administrator = match (answer.super_admin, answer.instance_owner) {
            (None, None) => None,
            (admin, owner) => Some(admin.unwrap_or_default() || owner.unwrap_or_default()),
        };
        let profile = answer.profile;
        let name = profile.and_then(|profile| profile.email.or(profile.username));
        Ok(Me {
            name: name.or(answer.id),
            administrator,
            tenants: answer.tenants.into_iter().map(|tenant| tenant.id).collect(),
        })
    }
}

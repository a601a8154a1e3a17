//! How a credential comes into the vault and out of it.

use std::sync::Arc;

use thiserror::Error;
use zeroize::Zeroizing;

use super::cache::Opened;
use super::{Owner, Vault};
use crate::auth::random;
use crate::config::Credential;
use crate::config::http::Administrator;
use crate::kestra::{Fault, Held, Kind, Me, Unvouched, refusal};
use crate::pages::account::{Field, Problem};
use crate::secret::Secret;
use crate::store::{self, Column, OpenError, SealError, Sealed, StoreError, User};
use crate::tool::Edition;

/// Why a credential is not kept.
#[derive(Debug, Error)]
pub enum NotKept {
    /// It cannot be a credential at all.
    #[error("it cannot be a credential")]
    Form(Problem),
    /// The operator named no Kestra.
    #[error("no Kestra is configured")]
    NoKestra,
    /// The person tries too fast.
    #[error("too many tries")]
    TooOften,
    /// This Kestra takes another kind.
    #[error("a credential of the wrong kind")]
    Kind {
        /// Which Kestra it is.
        edition: Edition,
    },
    /// Kestra does not take it.
    #[error("Kestra refuses the credential")]
    Refused {
        /// What it is.
        kind: Kind,
    },
    /// Kestra does not say.
    #[error("Kestra does not answer")]
    Silent,
    /// It may do everything.
    #[error("the credential belongs to an administrator")]
    Administrator,
    /// Kestra does not say whether it may do everything.
    #[error("Kestra does not say whether the credential belongs to an administrator")]
    Unsaid,
    /// Kestra does not have the tenant of this server.
    #[error("Kestra does not have the tenant that is set")]
    NoTenant,
    /// It is not in the tenant of this server.
    #[error("the credential is of another tenant")]
    Tenant,
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
    /// It cannot be sealed.
    #[error("the credential cannot be sealed")]
    Seal(#[from] SealError),
    /// The operating system gives no random bytes.
    #[error("the operating system gives no random bytes")]
    Chance,
}

impl From<getrandom::Error> for NotKept {
    fn from(_: getrandom::Error) -> Self {
        Self::Chance
    }
}

/// What a person reads of a credential that is not kept.
#[derive(Clone, Copy)]
pub(in crate::auth) struct Words {
    pub(in crate::auth) problem: Problem,
    /// Whether the same may be taken later.
    pub(in crate::auth) later: bool,
}

impl NotKept {
    /// Why, in sentences for the person; none where only the operator can do something.
    pub const fn why(&self) -> Option<&'static str> {
        match self.words() {
            Some(words) => Some(words.problem.text),
            None => None,
        }
    }

    /// For the person; none where only the operator can do something.
    pub(in crate::auth) const fn words(&self) -> Option<Words> {
        let (later, field, text) = match self {
            Self::Form(Problem { field, text }) => (false, *field, *text),
            Self::NoKestra => (
                true,
                None,
                "The operator of this server has not named a Kestra yet.",
            ),
            Self::TooOften => (true, None, "Too many tries: wait a minute."),
            Self::Kind {
                edition: Edition::OpenSource,
            } => (
                false,
                None,
                "This is open-source Kestra: it takes a user name and a password, not a token.",
            ),
            Self::Kind {
                edition: Edition::Enterprise,
            } => (
                false,
                None,
                "This is Kestra Enterprise: it takes an API token, not a user name and a password.",
            ),
            Self::Refused { kind: Kind::Basic } => (
                false,
                Some(Field::Password),
                "Kestra does not accept this user name with this password. Check both; capital \
                 letters count.",
            ),
            Self::Refused {
                kind: Kind::Token | Kind::None,
            } => (
                false,
                Some(Field::Token),
                "Kestra does not accept it. Check that it is complete and not expired.",
            ),
            Self::Silent => (
                true,
                None,
                "Kestra does not answer now, so it could not be checked. Try again later.",
            ),
            Self::Administrator => (
                false,
                Some(Field::Token),
                "It belongs to an administrator of Kestra, who may do everything. Take a token of \
                 an ordinary account.",
            ),
            Self::Unsaid => (
                false,
                Some(Field::Token),
                "Kestra does not say whether it belongs to an administrator, and this server takes \
                 none of theirs. Tell the operator, who can change that.",
            ),
            Self::NoTenant => (
                true,
                None,
                "This server is set to a tenant that Kestra does not have. Tell the operator.",
            ),
            Self::Tenant => (
                false,
                Some(Field::Token),
                "Its account is not in the tenant that this server uses.",
            ),
            Self::Store(_) | Self::Seal(_) | Self::Chance => return None,
        };
        Some(Words {
            problem: Problem { field, text },
            later,
        })
    }
}

/// What is sealed: a token, or a user name and a password with a colon between, which no user name has
/// in it (RFC 7617).
fn to_seal(credential: &Credential) -> Zeroizing<String> {
    Zeroizing::new(match credential {
        Credential::None => String::new(),
        Credential::Token { token, .. } => token.expose().to_owned(),
        Credential::Basic { username, password } => format!("{username}:{}", password.expose()),
    })
}

/// Of what was sealed.
fn of_sealed(kind: &str, text: &[u8]) -> Option<Credential> {
    let text = std::str::from_utf8(text).ok()?;
    if kind == Kind::Token.as_str() {
        Some(Credential::Token {
            token: Secret::new(text),
            over_basic: false,
        })
    } else {
        let (username, password) = text.split_once(':')?;
        Some(Credential::Basic {
            username: username.to_owned(),
            password: Secret::new(password),
        })
    }
}

impl Vault {
    /// Opens what is kept; only for the person, Kestra and tenant that it was sealed for.
    pub(super) fn open(
        &self,
        owner: Owner<'_>,
        row: &store::Credential,
    ) -> Result<Opened, OpenError> {
        let bound = [owner.issuer, owner.subject, &row.kestra_url, &row.tenant];
        let place = Column::CREDENTIAL.of(&row.id, &bound);
        let text = self.ring.open(&place, &row.secret)?;
        let credential = of_sealed(&row.kind, &text).ok_or(OpenError::Malformed)?;
        let held = Held::new(&credential).of_account(row.kestra_user.clone());
        Ok(Opened {
            sealed: row.secret.clone(),
            held: Arc::new(held),
            ask_at: row.checked_at.saturating_add(self.recheck()),
            administrator: Some(false),
            is_overdue: false,
            used_at: row.last_used,
            read_at: self.now(),
        })
    }

    /// What is kept of `user`.
    pub(in crate::auth) async fn kept(
        &self,
        user: &User,
    ) -> Result<Option<store::Credential>, StoreError> {
        self.row(&user.id).await
    }

    /// Seals what was opened under the key that seals now, if it was another one.
    pub(super) async fn seal_anew(&self, row: &store::Credential) {
        let column = Column::CREDENTIAL;
        // What does not open was told by now.
        let Ok(Some(anew)) = self.ring.rewrap(&column.of(&row.id, &[]), &row.secret) else {
            return;
        };
        let old = Sealed {
            table: column.table,
            column: column.column,
            row: row.id.clone(),
            value: row.secret.clone(),
        };
        if let Err(error) = self.store.reseal(&old, &anew).await {
            tracing::warn!(%error, "a credential could not be sealed anew");
        }
    }

    /// Keeps `credential` for its owner in the place of the one before, once Kestra has taken it.
    pub(in crate::auth) async fn keep(
        &self,
        owner: impl Into<Owner<'_>>,
        credential: &Credential,
    ) -> Result<(), NotKept> {
        let owner = owner.into();
        let base = self.kestra.base().ok_or(NotKept::NoKestra)?;
        if !self.tries.take(owner.user.to_owned(), &self.clock) {
            return Err(NotKept::TooOften);
        }
        let held = Held::new(credential);
        let me = self.vouched(&held).await?;
        let (id, tenant) = (random::id()?, self.kestra.tenant());
        let bound = [owner.issuer, owner.subject, base, tenant];
        let place = Column::CREDENTIAL.of(&id, &bound);
        let row = store::Credential {
            secret: self.ring.seal(&place, to_seal(credential).as_bytes())?,
            user_id: owner.user.to_owned(),
            kestra_url: base.to_owned(),
            tenant: tenant.to_owned(),
            kind: held.kind().as_str().to_owned(),
            kestra_user: me.name,
            checked_at: self.now(),
            last_used: None,
            id,
        };
        self.store.put_credential(&row).await?;
        self.opened.forget(owner.user);
        tracing::info!(
            user = owner.user,
            kind = row.kind,
            "a person saved a credential"
        );
        Ok(())
    }

    /// Asks Kestra whose the credential is, and whether that is somebody to act as.
    async fn vouched(&self, held: &Held) -> Result<Me, NotKept> {
        let refused = || NotKept::Refused { kind: held.kind() };
        let server = self.kestra.server(held).await;
        let server = server.map_err(|fault| match fault {
            Fault::Refused { .. } => refused(),
            Fault::Unreachable { .. }
            | Fault::Silent { .. }
            | Fault::NotKestra { .. }
            | Fault::Unsupported { .. }
            | Fault::Failing { .. } => NotKept::Silent,
        })?;
        let edition = server.edition;
        let fits = match edition {
            Edition::Enterprise => Kind::Token,
            Edition::OpenSource => Kind::Basic,
        };
        if held.kind() != fits {
            return Err(NotKept::Kind { edition });
        }
        if refusal::of_tenant(self.kestra.tenant(), edition).is_some() {
            return Err(NotKept::NoTenant);
        }
        let me = self.kestra.vouch(held, edition).await;
        let me = me.map_err(|fault| match fault {
            Unvouched::Refused => refused(),
            Unvouched::Silent => NotKept::Silent,
        })?;
        if edition == Edition::OpenSource {
            return Ok(me);
        }
        match (me.administrator, self.settings.administrator) {
            (Some(true), Administrator::Refuse) => return Err(NotKept::Administrator),
            (None, Administrator::Refuse) => return Err(NotKept::Unsaid),
            (Some(true), Administrator::Warn) => {
                tracing::warn!("a person saved the credential of an administrator");
            }
            (None, Administrator::Warn) => {
                tracing::warn!("a person saved a credential that may be an administrator's");
            }
            (Some(false), _) => {}
        }
        // Administrators reach every tenant, whatever the list says.
        if me.administrator != Some(true) && !me.tenants.iter().any(|id| id == self.kestra.tenant())
        {
            return Err(NotKept::Tenant);
        }
        Ok(me)
    }

    /// Forgets what is kept of `user`; whether there was anything.
    pub(in crate::auth) async fn remove(&self, user: &User) -> Result<bool, StoreError> {
        let Some(base) = self.kestra.base() else {
            return Ok(false);
        };
        let tenant = self.kestra.tenant();
        let gone = self.store.delete_credential(&user.id, base, tenant).await?;
        self.opened.forget(&user.id);
        tracing::info!(user = user.id, gone, "a person removed a credential");
        Ok(gone)
    }
}

//! Why a credential is not stored, and what the person reads about it.

use thiserror::Error;

use crate::kestra::Kind;
use crate::pages::account::{Field, Problem};
use crate::store::{SealError, StoreError};
use crate::tool::Edition;

/// Why a credential is not stored.
#[derive(Debug, Error)]
pub enum NotStored {
    /// It is not in the form of a credential.
    #[error("it is not in the form of a credential")]
    Form(Problem),
    /// No Kestra is configured.
    #[error("no Kestra is configured")]
    NoKestra,
    /// The person tries too often.
    #[error("too many tries")]
    TooOften,
    /// This Kestra accepts another kind.
    #[error("a credential of the wrong kind")]
    Kind {
        /// The edition of this Kestra.
        edition: Edition,
    },
    /// Kestra does not accept it.
    #[error("Kestra refuses the credential")]
    Refused {
        /// Its kind.
        kind: Kind,
    },
    /// Kestra does not answer.
    #[error("Kestra does not answer")]
    Silent,
    /// It belongs to an administrator, who may do everything.
    #[error("the credential belongs to an administrator")]
    Administrator,
    /// Kestra does not say whether it belongs to an administrator.
    #[error("Kestra does not say whether the credential belongs to an administrator")]
    Unsaid,
    /// Kestra does not have this server's tenant.
    #[error("Kestra does not have the tenant that is set")]
    NoTenant,
    /// Its account is not in this server's tenant.
    #[error("the credential belongs to another tenant")]
    Tenant,
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
    /// The credential cannot be sealed.
    #[error("the credential cannot be sealed")]
    Seal(#[from] SealError),
    /// The operating system gives no random bytes.
    #[error("the operating system gives no random bytes")]
    Chance,
}

impl From<getrandom::Error> for NotStored {
    fn from(_: getrandom::Error) -> Self {
        Self::Chance
    }
}

/// What a person reads about a credential that is not stored.
#[derive(Clone, Copy)]
pub(in crate::auth) struct Words {
    pub(in crate::auth) problem: Problem,
    /// Whether trying the same again may work later.
    pub(in crate::auth) later: bool,
}

impl NotStored {
    /// Why, in sentences for the person; none if only the operator can act.
    pub const fn why(&self) -> Option<&'static str> {
        match self.words() {
            Some(words) => Some(words.problem.text),
            None => None,
        }
    }

    /// Why, for the person; none if only the operator can act.
    pub(in crate::auth) const fn words(&self) -> Option<Words> {
        let (later, field, text) = match self {
            Self::Form(Problem { field, text }) => (false, *field, *text),
            Self::NoKestra => (
                true,
                None,
                "The operator of this server has not configured a Kestra yet.",
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
                "It belongs to an administrator of Kestra, who may do everything. Use a token of \
                 an ordinary account.",
            ),
            Self::Unsaid => (
                false,
                Some(Field::Token),
                "Kestra does not say whether it belongs to an administrator, and this server does \
                 not accept those. Tell the operator, who can change that.",
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

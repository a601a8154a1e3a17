//! The credential that a call sends.

use std::fmt;

use reqwest::header::HeaderValue;

use super::client;
use crate::config::Credential;
use crate::secret::Redactor;
use crate::tool::Access;

/// A credential ready to be sent, with the redactor of its secrets. It is never shared between two users.
#[derive(Clone, Default)]
pub struct Held {
    kind: Kind,
    authorization: Option<HeaderValue>,
    secrets: Redactor,
    account: Option<String>,
    /// Kestra did not answer whose it is in time.
    is_overdue: bool,
}

/// The kind of a credential.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// No credential.
    #[default]
    None,
    /// An API token of Kestra Enterprise.
    Token,
    /// A user name and a password.
    Basic,
}

impl Kind {
    /// In a word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Token => "token",
            Self::Basic => "basic",
        }
    }

    /// Of its word; another word is that of nothing.
    pub fn named(word: &str) -> Self {
        [Self::Token, Self::Basic]
            .into_iter()
            .find(|kind| kind.as_str() == word)
            .unwrap_or_default()
    }

    /// How far many people go with it: a Basic account has no rights of its own that could be
    /// narrowed, so it only reads unless `basic_writes`.
    pub const fn access(self, basic_writes: bool) -> Access {
        match self {
            Self::Basic if !basic_writes => Access::ReadOnly,
            Self::None | Self::Token | Self::Basic => Access::Full,
        }
    }
}

impl Held {
    /// For `credential`; its values are known as secret from now on.
    pub fn new(credential: &Credential) -> Self {
        let secrets = Redactor::default();
        Self {
            kind: match credential {
                Credential::None => Kind::None,
                Credential::Token { .. } => Kind::Token,
                Credential::Basic { .. } => Kind::Basic,
            },
            authorization: client::authorization(credential, &secrets),
            secrets,
            account: None,
            is_overdue: false,
        }
    }

    /// The same, with the name that it has at Kestra.
    #[must_use]
    pub fn of_account(self, account: Option<String>) -> Self {
        Self { account, ..self }
    }

    /// The same, of which Kestra does not say in time whose it is.
    #[must_use]
    pub fn overdue(self) -> Self {
        Self {
            is_overdue: true,
            ..self
        }
    }

    /// Whether Kestra was asked in vain whose it is: it may be somebody's by now who may do everything.
    pub const fn is_overdue(&self) -> bool {
        self.is_overdue
    }

    /// The same credential for one call: what that call sends is secret in its own answer, and in
    /// nobody else's.
    #[must_use]
    pub fn for_one_call(&self) -> Self {
        Self {
            secrets: self.secrets.fork(),
            ..self.clone()
        }
    }

    /// What it is.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether the same is sent for both.
    pub fn is(&self, other: &Self) -> bool {
        self.authorization == other.authorization
    }

    /// Whether there is anything to send.
    pub const fn is_some(&self) -> bool {
        self.authorization.is_some()
    }

    /// The name of its account at Kestra, where Kestra says one.
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// Values that must not leave this process.
    pub const fn secrets(&self) -> &Redactor {
        &self.secrets
    }

    /// Marked sensitive.
    pub(super) const fn authorization(&self) -> Option<&HeaderValue> {
        self.authorization.as_ref()
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Held").field(&self.kind).finish()
    }
}

//! Sealing and opening a credential.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::Vault;
use super::cache::Opened;
use super::owner::Owner;
use crate::config::Credential;
use crate::kestra::{Held, Kind};
use crate::secret::Secret;
use crate::store::{self, Column, OpenError, Sealed};

/// The text to seal: a token, or a user name and a password joined by a colon, which no user name
/// contains (RFC 7617).
pub(super) fn text_to_seal(credential: &Credential) -> Zeroizing<String> {
    Zeroizing::new(match credential {
        Credential::None => String::new(),
        Credential::Token { token, .. } => token.expose().to_owned(),
        Credential::Basic { username, password } => format!("{username}:{}", password.expose()),
    })
}

/// The credential in an opened text.
pub(super) fn from_sealed_text(kind: &str, text: &[u8]) -> Option<Credential> {
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
    /// Opens a row; only for the person, Kestra URL and tenant that it was sealed for.
    pub(super) fn open(
        &self,
        owner: Owner<'_>,
        row: &store::Credential,
    ) -> Result<Opened, OpenError> {
        let bound = [owner.issuer, owner.subject, &row.kestra_url, &row.tenant];
        let place = Column::CREDENTIAL.of(&row.id, &bound);
        let text = self.ring.open(&place, &row.secret)?;
        let credential = from_sealed_text(&row.kind, &text).ok_or(OpenError::Malformed)?;
        let held = Held::new(&credential).of_account(row.kestra_user.clone());
        Ok(Opened {
            sealed: row.secret.clone(),
            held: Arc::new(held),
            ask_at: row.checked_at.saturating_add(self.recheck_interval()),
            administrator: Some(false),
            is_overdue: false,
            used_at: row.last_used,
            read_at: self.now(),
        })
    }

    /// Seals a row again if it was sealed with an older key.
    pub(super) async fn reseal(&self, row: &store::Credential) {
        let column = Column::CREDENTIAL;
        // A row that does not open has already been reported.
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
            tracing::warn!(%error, "a credential could not be sealed again");
        }
    }
}

//! The commands about keys. They may run beside a server.

use std::path::PathBuf;

use chrono::{SecondsFormat, TimeZone as _, Utc};
use thiserror::Error;

use crate::auth::server::signing::{self, SigningError};
use crate::clock::Clock;
use crate::config::Storage;
use crate::store::rekey::{KeyUse, RekeyError, Rewrapped, RingRefused, key_uses, rewrap};
use crate::store::sqlite::{self, Sqlite};
use crate::store::{KeyRing, Ms, RingFault, SigningKey, Store as _, StoreError, check_taken};

/// Why a command about keys failed.
#[derive(Debug, Error)]
pub enum KeysError {
    /// A key cannot be used.
    #[error(transparent)]
    Keys(#[from] RingFault),
    /// The database cannot be opened.
    #[error("cannot open the database {}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        source: StoreError,
    },
    /// There is no database.
    #[error(transparent)]
    Absent(StoreError),
    /// A key is missing or wrong under which there are values.
    #[error(transparent)]
    Ring(#[from] RingRefused),
    /// Encrypting under the new key ended early.
    #[error(transparent)]
    Rekey(#[from] RekeyError),
    /// A published key does not sign yet: a second one would sign at the same time.
    #[error(
        "the key {kid} is published already, and signs from {}: wait until then",
        instant(*.from)
    )]
    Published {
        /// Its id.
        kid: String,
        /// When it starts to sign.
        from: Ms,
    },
    /// There is no new signing key.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A time as people read it (RFC 3339), to the second.
pub fn instant(at: Ms) -> String {
    let instant = Utc.timestamp_millis_opt(at).single().unwrap_or_default();
    instant.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The encryption keys, and the signing keys.
#[derive(Debug)]
pub struct Status {
    /// The encryption keys.
    pub sealing: Vec<KeyUse>,
    /// Sealed values that name no key.
    pub unreadable: u64,
    /// The signing keys of access tokens, the oldest first.
    pub signing: Vec<SigningKey>,
}

/// The database with its keys.
#[derive(Debug)]
pub struct Keys {
    store: Sqlite,
    ring: KeyRing,
    clock: Clock,
}

impl Keys {
    /// Opens the database, which must exist.
    ///
    /// # Errors
    /// [`KeysError::Keys`], [`KeysError::Absent`] and [`KeysError::Open`]
    pub async fn open(storage: &Storage, clock: Clock) -> Result<Self, KeysError> {
        let ring = KeyRing::new(&storage.keys)?;
        let store = sqlite::beside(&storage.store).await;
        let store = store.map_err(|source| match source {
            StoreError::Absent { .. } => KeysError::Absent(source),
            source => KeysError::Open {
                path: storage.store.clone(),
                source,
            },
        })?;
        Ok(Self { store, ring, clock })
    }

    /// Which keys are in use.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn status(&self) -> Result<Status, KeysError> {
        let (sealing, unreadable) = key_uses(&self.store, &self.ring).await?;
        let now = self.now();
        let mut signing = self.store.signing_keys().await?;
        signing.retain(|key| key.drop_at.is_none_or(|drop_at| now < drop_at));
        Ok(Status {
            sealing,
            unreadable,
            signing,
        })
    }

    /// Seals every value under the first key.
    ///
    /// # Errors
    /// [`KeysError::Ring`] before anything is changed; after another error what is sealed stays sealed.
    pub async fn rewrap(&self) -> Result<Rewrapped, KeysError> {
        check_taken(&self.store, &self.ring).await?;
        Ok(rewrap(&self.store, &self.ring).await?)
    }

    /// Publishes a new signing key, and returns its id.
    ///
    /// # Errors
    /// [`KeysError::Ring`], [`KeysError::Published`], [`KeysError::Signing`]
    pub async fn rotate_signing(&self) -> Result<String, KeysError> {
        check_taken(&self.store, &self.ring).await?;
        let keys = self.store.signing_keys().await?;
        if let Some(next) = keys.into_iter().find(|key| key.activate_at > self.now()) {
            return Err(KeysError::Published {
                kid: next.kid,
                from: next.activate_at,
            });
        }
        Ok(signing::rotate(&self.store, &self.ring, self.now()).await?)
    }

    /// The id of the key that seals.
    pub fn active(&self) -> &str {
        self.ring.active()
    }

    /// Closes the database.
    pub async fn close(self) {
        self.store.close().await;
    }

    /// The time now.
    pub fn now(&self) -> Ms {
        Ms::try_from(self.clock.now_ms()).unwrap_or(Ms::MAX)
    }
}

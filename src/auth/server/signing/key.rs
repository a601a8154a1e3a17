//! The keys that sign access tokens, and their rotation.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{DecodingKey, EncodingKey};
use serde::{Deserialize, Serialize};

use super::error::SigningError;
use crate::store::{Column, KeyRing, Ms, SigningKey, Store};

/// Milliseconds for which the key set may be cached; a new key waits that long before it signs.
pub const PUBLISHED_BEFORE: Ms = 300_000;
/// The longest life of an access token in milliseconds, with room for clocks that differ.
const LONGEST_TOKEN: Ms = 900_000 + 60_000;

/// A public key in the key set (RFC 7517, RFC 8037).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwk {
    kty: String,
    crv: String,
    alg: String,
    #[serde(rename = "use")]
    purpose: String,
    pub(super) kid: String,
    x: String,
}

/// The key set (RFC 7517 section 5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeySet {
    keys: Vec<Jwk>,
}

/// A signing key, opened.
pub(super) struct Key {
    pub(super) public: Jwk,
    pub(super) verifies: DecodingKey,
    pub(super) signs: EncodingKey,
    activate_at: Ms,
    drop_at: Option<Ms>,
}

impl Key {
    pub(super) fn open(key: &SigningKey, ring: &KeyRing) -> Result<Self, SigningError> {
        let kid = || key.kid.clone();
        let private = ring
            .open(&Column::SIGNING_KEY.of(&key.kid, &[]), &key.private)
            .map_err(|source| SigningError::Open { kid: kid(), source })?;
        let public: Jwk =
            serde_json::from_str(&key.public).map_err(|_| SigningError::Key { kid: kid() })?;
        let verifies = DecodingKey::from_ed_components(&public.x)
            .map_err(|_| SigningError::Key { kid: kid() })?;
        Ok(Self {
            public,
            verifies,
            signs: EncodingKey::from_ed_der(&private),
            activate_at: key.activate_at,
            drop_at: key.drop_at,
        })
    }

    fn is_published(&self, now: Ms) -> bool {
        self.drop_at.is_none_or(|drop_at| now < drop_at)
    }
}

/// All signing keys.
pub(super) struct Keys {
    pub(super) all: Vec<Key>,
    /// When they were read.
    pub(super) at: u64,
}

impl Keys {
    /// The key set that is published.
    pub(super) fn set(&self, now: Ms) -> KeySet {
        KeySet {
            keys: self.published(now).map(|key| key.public.clone()).collect(),
        }
    }

    pub(super) fn published(&self, now: Ms) -> impl Iterator<Item = &Key> {
        self.all.iter().filter(move |key| key.is_published(now))
    }

    /// The key that signs: the last one to become active.
    pub(super) fn active(&self, now: Ms) -> Option<&Key> {
        self.published(now)
            .filter(|key| key.activate_at <= now)
            .max_by_key(|key| key.activate_at)
    }
}

/// A new key, sealed.
pub(super) fn generate(
    ring: &KeyRing,
    kid: &str,
    activate_at: Ms,
) -> Result<SigningKey, SigningError> {
    let broken = || SigningError::Key {
        kid: kid.to_owned(),
    };
    // Version 1, because no library makes a JWK from version 2.
    let private = Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new()).map_err(|_| broken())?;
    // Unchecked, because this reads version 1 as well as 2.
    let pair =
        Ed25519KeyPair::from_pkcs8_maybe_unchecked(private.as_ref()).map_err(|_| broken())?;
    let public = Jwk {
        kty: "OKP".to_owned(),
        crv: "Ed25519".to_owned(),
        alg: "EdDSA".to_owned(),
        purpose: "sig".to_owned(),
        kid: kid.to_owned(),
        x: URL_SAFE_NO_PAD.encode(pair.public_key().as_ref()),
    };
    Ok(SigningKey {
        kid: kid.to_owned(),
        public: serde_json::to_string(&public).map_err(|_| broken())?,
        private: ring.seal(&Column::SIGNING_KEY.of(kid, &[]), private.as_ref())?,
        activate_at,
        drop_at: None,
    })
}

/// Publishes a new key at `now`, which signs 5 minutes later, and drops the others once the last
/// token that they signed has expired. Running servers need no restart. Returns the id of the key.
///
/// # Errors
/// See [`SigningError`].
pub async fn rotate(store: &dyn Store, ring: &KeyRing, now: Ms) -> Result<String, SigningError> {
    let number = |kid: &str| kid.strip_prefix('k')?.parse::<u64>().ok();
    let keys = store.signing_keys().await?;
    let last = keys.iter().filter_map(|key| number(&key.kid)).max();
    let kid = format!("k{}", last.unwrap_or_default().saturating_add(1));
    let activate_at = if keys.is_empty() {
        now
    } else {
        now.saturating_add(PUBLISHED_BEFORE)
    };
    store
        .put_signing_key(&generate(ring, &kid, activate_at)?)
        .await?;
    let drop_at = activate_at.saturating_add(LONGEST_TOKEN);
    store.retire_signing_keys(&kid, drop_at).await?;
    Ok(kid)
}

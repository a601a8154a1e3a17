//! Access tokens (RFC 9068) and the keys that sign them.
//!
//! A key is published before it signs, and until the last token that it signed has expired.
//! Replicas keep reading the keys from the database, so all of them know a key before it signs.

mod claims;
mod error;
mod key;

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use jsonwebtoken::{Algorithm, Header, Validation};
use tokio::sync::Mutex;

use crate::clock::Clock;
use crate::config::http::Public;
use crate::store::{KeyRing, Ms, Store};
use key::{Key, Keys, generate};

pub use claims::Claims;
pub use error::{SigningError, TokenError};
pub use key::{Jwk, KeySet, PUBLISHED_BEFORE, rotate};

/// Milliseconds after which the keys are read again.
const RELOAD: u64 = 30_000;
/// Milliseconds between two reads that an unknown key id causes.
const RELOAD_UNKNOWN: u64 = 1_000;
/// `typ` of an access token.
const TYPE: &str = "at+jwt";
/// Bytes of an access token; ours have about 600.
const LONGEST: usize = 4096;

/// Signs and verifies access tokens.
pub struct Signing {
    store: Arc<dyn Store>,
    ring: Arc<KeyRing>,
    clock: Clock,
    issuer: Arc<str>,
    resource: Arc<str>,
    keys: RwLock<Arc<Keys>>,
    /// One read at a time.
    reading: Mutex<()>,
    validation: Validation,
}

impl fmt::Debug for Signing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signing")
    }
}

impl Signing {
    /// Reads the keys from the database; the first server to find none creates one.
    ///
    /// # Errors
    /// See [`SigningError`].
    pub async fn open(
        store: Arc<dyn Store>,
        ring: Arc<KeyRing>,
        clock: Clock,
        public: &Public,
    ) -> Result<Self, SigningError> {
        let mut validation = Validation::new(Algorithm::EdDSA);
        // The library would use the system clock, and accept one of several audiences; see
        // `verify`.
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let signing = Self {
            issuer: Arc::clone(&public.issuer),
            resource: public.resource().into(),
            keys: RwLock::new(Arc::new(Keys {
                all: Vec::new(),
                at: 0,
            })),
            reading: Mutex::default(),
            store,
            ring,
            clock,
            validation,
        };
        signing.read().await?;
        if signing.keys().active(signing.now()).is_none() {
            // If two servers start at once, the database keeps one key for both.
            let first = generate(&signing.ring, "k1", signing.now())?;
            signing.store.put_signing_key(&first).await?;
            signing.read().await?;
        }
        signing
            .keys()
            .active(signing.now())
            .ok_or(SigningError::None)?;
        Ok(signing)
    }

    fn now(&self) -> Ms {
        Ms::try_from(self.clock.now_ms()).unwrap_or(Ms::MAX)
    }

    fn keys(&self) -> Arc<Keys> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&keys)
    }

    async fn read(&self) -> Result<(), SigningError> {
        let at = self.clock.now_ms();
        let rows = self.store.signing_keys().await?;
        let all = rows
            .iter()
            .map(|row| Key::open(row, &self.ring))
            .collect::<Result<_, _>>()?;
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Keys { all, at });
        Ok(())
    }

    /// The keys, read again if they are older than `age`. If the database does not answer, they
    /// stay as they are.
    async fn keys_within(&self, age: u64) -> Arc<Keys> {
        let is_old = |keys: &Keys| self.clock.now_ms().abs_diff(keys.at) >= age;
        let keys = self.keys();
        if !is_old(&keys) {
            return keys;
        }
        let _one = self.reading.lock().await;
        if is_old(&self.keys())
            && let Err(error) = self.read().await
        {
            tracing::warn!(%error, "the signing keys could not be read again");
        }
        self.keys()
    }

    /// Signs a token with `claims`.
    ///
    /// # Errors
    /// See [`SigningError`].
    pub async fn issue(&self, claims: &Claims) -> Result<String, SigningError> {
        let keys = self.keys_within(RELOAD).await;
        let key = keys.active(self.now()).ok_or(SigningError::None)?;
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(key.public.kid.clone());
        jsonwebtoken::encode(&header, claims, &key.signs).map_err(|_| SigningError::Key {
            kid: key.public.kid.clone(),
        })
    }

    /// The claims of an access token of this server for this resource. The caller checks its times.
    ///
    /// # Errors
    /// [`TokenError::Signature`] and [`TokenError::Purpose`]
    pub async fn verify(&self, token: &str) -> Result<Claims, TokenError> {
        let forged = |_| TokenError::Signature;
        if token.len() > LONGEST {
            return Err(TokenError::Signature);
        }
        let header = jsonwebtoken::decode_header(token).map_err(forged)?;
        let kid = header.kid.as_deref().ok_or(TokenError::Signature)?;
        let find = |keys: &Arc<Keys>| {
            let now = self.now();
            let key = keys.published(now).find(|key| key.public.kid == kid);
            key.map(|key| key.verifies.clone())
        };
        let key = match find(&self.keys_within(RELOAD).await) {
            None => find(&self.keys_within(RELOAD_UNKNOWN).await),
            key => key,
        };
        let key = key.ok_or(TokenError::Signature)?;
        // RFC 8725 section 3.11: the type excludes tokens made for other uses.
        if header.typ.as_deref() != Some(TYPE) || header.crit.is_some() {
            return Err(TokenError::Purpose);
        }
        let claims = jsonwebtoken::decode::<Claims>(token, &key, &self.validation)
            .map_err(forged)?
            .claims;
        if claims.iss != *self.issuer || claims.aud != *self.resource {
            return Err(TokenError::Purpose);
        }
        Ok(claims)
    }

    /// The public keys that are published now.
    pub async fn key_set(&self) -> KeySet {
        self.keys_within(RELOAD).await.set(self.now())
    }
}

//! The envelope of a sealed value: XChaCha20-Poly1305 in two layers, with a data key for each record.
//!
//! `version | length of kid | kid | nonce | wrapped data key | nonce | ciphertext`
//!
//! Both layers are bound to the place of the record, the wrap to the id of its key, the content to
//! whom and what it belongs to: a record that is moved, or changed by a bit, does not open. A change
//! of keys wraps the data key anew and leaves the content alone.

pub(super) mod error;

use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use thiserror::Error;
use zeroize::Zeroizing;

use super::keyring::{Key, KeyRing, derive};
use error::random;

pub use error::SealError;

const VERSION: u8 = 1;
const NONCE: usize = 24;
const DATA_KEY: usize = 32;
/// A data key and its tag.
const WRAPPED: usize = DATA_KEY + 16;

/// A column whose values are sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
}

impl Column {
    /// A constant under each key that was ever used; its row is the id of the key.
    pub const KEY_CHECK: Self = Self::new("key_check", "constant");
    /// The private part of a signing key; its row is `kid`.
    pub const SIGNING_KEY: Self = Self::new("signing_key", "private");
    /// `nonce` of an authentication request; its row is the [text](super::Hash::text) of `state`.
    pub const NONCE: Self = Self::new("upstream_state", "nonce");
    /// `code_verifier` of an authentication request; its row is the [text](super::Hash::text) of `state`.
    pub const VERIFIER: Self = Self::new("upstream_state", "verifier");
    /// The provider's refresh token; its row is the id of the grant, bound to issuer and subject.
    pub const IDP_REFRESH: Self = Self::new("oauth_grant", "idp_refresh");
    /// A Kestra credential; its row is the id of the credential, bound to issuer, subject, address
    /// of Kestra and tenant.
    pub const CREDENTIAL: Self = Self::new("kestra_credential", "secret");

    const fn new(table: &'static str, column: &'static str) -> Self {
        Self { table, column }
    }

    /// The place of one value.
    pub const fn of<'a>(self, row: &'a str, bound: &'a [&'a str]) -> Place<'a> {
        Place {
            table: self.table,
            column: self.column,
            row,
            bound,
        }
    }
}

/// The place of a sealed value, and what it is bound to.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The table.
    pub table: &'a str,
    /// The column.
    pub column: &'a str,
    /// The row.
    pub row: &'a str,
    /// What it belongs to, in a fixed order.
    pub bound: &'a [&'a str],
}

impl Place<'_> {
    fn parts(&self) -> [&str; 3] {
        [self.table, self.column, self.row]
    }

    fn content(&self) -> Vec<u8> {
        prefixed(self.parts().into_iter().chain(self.bound.iter().copied()))
    }

    fn wrap(&self, kid: &str) -> Vec<u8> {
        prefixed(self.parts().into_iter().chain([kid]))
    }
}

/// Each part after its length, so that no two lists are the same bytes.
fn prefixed<'a>(parts: impl Iterator<Item = &'a str>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in parts {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes
}

/// Why something sealed does not open.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum OpenError {
    /// It is not an envelope of this version.
    #[error("this is not a sealed value")]
    Malformed,
    /// None of the keys of this server sealed it; or it was changed or moved.
    #[error("no key of the ring opens what the key {kid} sealed")]
    UnknownKey {
        /// The key that it names.
        kid: String,
    },
    /// It was changed or moved, or belongs to another person.
    #[error("a sealed value was changed or moved")]
    Forged,
}

/// Why a sealed value cannot be resealed.
#[derive(Debug, Error)]
pub enum RewrapError {
    /// It does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It cannot be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// An envelope taken apart.
struct Envelope<'a> {
    kid: &'a str,
    nonce: &'a [u8],
    wrapped: &'a [u8],
    /// Nonce and ciphertext.
    content: &'a [u8],
}

impl<'a> Envelope<'a> {
    fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (version, rest) = bytes.split_first()?;
        let (length, rest) = rest.split_first()?;
        let (kid, rest) = rest.split_at_checked(usize::from(*length))?;
        let (nonce, rest) = rest.split_at_checked(NONCE)?;
        let (wrapped, content) = rest.split_at_checked(WRAPPED)?;
        let kid = std::str::from_utf8(kid).ok()?;
        (*version == VERSION).then_some(Self {
            kid,
            nonce,
            wrapped,
            content,
        })
    }

    /// The data key, with the first key that unwraps it.
    fn unwrap(&self, ring: &KeyRing, place: &Place<'_>) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let mut known = false;
        for key in ring.candidates(self.kid) {
            known |= key.id() == self.kid;
            let data_key = decrypt(
                key.kek.as_slice(),
                self.nonce,
                self.wrapped,
                &place.wrap(self.kid),
            );
            if let Some(data_key) = data_key {
                return Ok(data_key);
            }
        }
        Err(if known {
            OpenError::Forged
        } else {
            OpenError::UnknownKey {
                kid: self.kid.to_owned(),
            }
        })
    }
}

/// Nonce and ciphertext.
fn encrypt(key: &[u8; DATA_KEY], plain: &[u8], aad: &[u8]) -> Result<Vec<u8>, SealError> {
    let nonce: XNonce = random()?;
    let payload = Payload { msg: plain, aad };
    let sealed = XChaCha20Poly1305::new(key.into())
        .encrypt(&nonce, payload)
        .map_err(|_| SealError::TooLong)?;
    Ok([nonce.as_slice(), &sealed].concat())
}

fn decrypt(key: &[u8], nonce: &[u8], sealed: &[u8], aad: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let cipher = XChaCha20Poly1305::new_from_slice(key).ok()?;
    let nonce = XNonce::try_from(nonce).ok()?;
    let payload = Payload { msg: sealed, aad };
    cipher.decrypt(&nonce, payload).ok().map(Zeroizing::new)
}

/// All of an envelope before its content.
fn head(key: &Key, data_key: &[u8], place: &Place<'_>) -> Result<Vec<u8>, SealError> {
    let kid = key.id();
    let length = u8::try_from(kid.len()).map_err(|_| SealError::TooLong)?;
    let wrapped = encrypt(&key.kek, data_key, &place.wrap(kid))?;
    Ok([&[VERSION, length], kid.as_bytes(), &wrapped].concat())
}

/// The id of the key that sealed a value; none if it is not a sealed value.
pub fn kid(sealed: &[u8]) -> Option<&str> {
    Envelope::parse(sealed).map(|envelope| envelope.kid)
}

impl KeyRing {
    /// Seals `plain` for `place`.
    pub fn seal(&self, place: &Place<'_>, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let data_key: Zeroizing<[u8; DATA_KEY]> = Zeroizing::new(random()?);
        let mut sealed = head(self.sealing(), data_key.as_slice(), place)?;
        sealed.extend(encrypt(&data_key, plain, &place.content())?);
        Ok(sealed)
    }

    /// Unseals a value that was sealed for the same place.
    pub fn open(&self, place: &Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let envelope = Envelope::parse(sealed).ok_or(OpenError::Malformed)?;
        let data_key = envelope.unwrap(self, place)?;
        let (nonce, content) = envelope
            .content
            .split_at_checked(NONCE)
            .ok_or(OpenError::Malformed)?;
        decrypt(&data_key, nonce, content, &place.content()).ok_or(OpenError::Forged)
    }

    /// The same under the present sealing key; none if it already is. The content is not touched, so what
    /// it is bound to need not be known.
    pub fn rewrap(&self, place: &Place<'_>, sealed: &[u8]) -> Result<Option<Vec<u8>>, RewrapError> {
        let envelope = Envelope::parse(sealed).ok_or(OpenError::Malformed)?;
        if envelope.kid == self.active() {
            return Ok(None);
        }
        let data_key = envelope.unwrap(self, place)?;
        let mut anew = head(self.sealing(), &data_key, place)?;
        anew.extend_from_slice(envelope.content);
        Ok(Some(anew))
    }
}

/// Seals `plain` under `secret`, a random text of at least 256 bits that is not stored, such as
/// a refresh token over its successor.
pub fn seal_under(secret: &str, purpose: &str, plain: &[u8]) -> Result<Vec<u8>, SealError> {
    let key = derive(secret.as_bytes(), purpose);
    let mut sealed = vec![VERSION];
    sealed.extend(encrypt(&key, plain, purpose.as_bytes())?);
    Ok(sealed)
}

/// Unseals what [`seal_under`] sealed.
pub fn open_under(
    secret: &str,
    purpose: &str,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    let (version, rest) = sealed.split_first().ok_or(OpenError::Malformed)?;
    let (nonce, content) = rest.split_at_checked(NONCE).ok_or(OpenError::Malformed)?;
    if *version != VERSION {
        return Err(OpenError::Malformed);
    }
    let key = derive(secret.as_bytes(), purpose);
    decrypt(key.as_slice(), nonce, content, purpose.as_bytes()).ok_or(OpenError::Forged)
}

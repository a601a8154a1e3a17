//! The encryption keys as an operator writes them: `id:key,id:key`, or one key alone.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::secret::Secret;

/// Bytes of a key.
pub const KEY: usize = 32;

/// Characters of the id of a key, at most.
pub const ID: usize = 32;

/// With padding or without it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What is wrong with a key. It is named by its id or its position, and never shown.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum KeyFault {
    /// Its id is not valid.
    #[error("the id of key {position} is not of 1 to {ID} letters, digits and . _ -")]
    Id {
        /// From 1.
        position: usize,
    },
    /// It is not base64.
    #[error("key {key} is not in base64")]
    Base64 {
        /// Its id, or its position.
        key: String,
    },
    /// It does not have 32 bytes.
    #[error("key {key} has {length} bytes, not {KEY}")]
    Length {
        /// Its id, or its position.
        key: String,
        /// Bytes.
        length: usize,
    },
}

/// An encryption key of the ring.
#[derive(Clone, Debug)]
pub struct RingKey {
    /// Its name; without one it is derived from the key.
    pub id: Option<String>,
    /// 32 bytes in base64.
    pub key: Secret,
}

impl RingKey {
    /// The bytes of the key, from either alphabet of base64, with padding or without; `position` counts
    /// from 1 and names a key without an id.
    pub fn bytes(&self, position: usize) -> Result<Zeroizing<[u8; KEY]>, KeyFault> {
        let named = || self.id.clone().unwrap_or_else(|| position.to_string());
        let mut text = Zeroizing::new(String::with_capacity(self.key.expose().len()));
        text.extend(self.key.expose().trim().chars().map(|next| match next {
            '-' => '+',
            '_' => '/',
            other => other,
        }));
        let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
        if BASE64.decode_vec(text.as_bytes(), &mut bytes).is_err() {
            return Err(KeyFault::Base64 { key: named() });
        }
        let mut key = Zeroizing::new([0; KEY]);
        if bytes.len() != KEY {
            return Err(KeyFault::Length {
                key: named(),
                length: bytes.len(),
            });
        }
        key.copy_from_slice(&bytes);
        Ok(key)
    }
}

/// The keys of a text, each of them checked: `id:key`, or a key alone, separated by commas
/// or lines.
pub fn ring(text: &Secret) -> Result<Vec<RingKey>, KeyFault> {
    let mut keys = Vec::new();
    for text in text.expose().split([',', '\n']).map(str::trim) {
        if text.is_empty() {
            continue;
        }
        let position = keys.len() + 1;
        let (id, key) = match text.split_once(':') {
            Some((id, key)) => (Some(id.trim()), key.trim()),
            None => (None, text),
        };
        let fits = |next: char| next.is_ascii_alphanumeric() || "._-".contains(next);
        if id.is_some_and(|id| id.is_empty() || id.len() > ID || !id.chars().all(fits)) {
            return Err(KeyFault::Id { position });
        }
        let key = RingKey {
            id: id.map(str::to_owned),
            key: Secret::new(key),
        };
        key.bytes(position)?;
        keys.push(key);
    }
    Ok(keys)
}

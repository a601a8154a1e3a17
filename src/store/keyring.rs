//! The keys that seal stored values, and the keys derived from them.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use hkdf::Hkdf;
use sha2::Sha256;
use thiserror::Error;
use zeroize::Zeroizing;

use super::hash::hex;
use super::seal::error::{SealError, random};
use crate::config::http::RingKey;
use crate::config::key::{KEY, KeyFault};
use crate::secret::Secret;

/// Of all derivations (RFC 5869).
const SALT: &[u8] = b"kestra-mcp/v1";

/// Why the key ring cannot be used.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum RingFault {
    /// Something must seal.
    #[error("no key is set")]
    Empty,
    /// A key cannot be read.
    #[error(transparent)]
    Key(#[from] KeyFault),
    /// An id was given twice.
    #[error("the id {id} stands for two keys")]
    Twice {
        /// The id.
        id: String,
    },
    /// The change from one key to another would change nothing.
    #[error("{first} and {second} are the same key")]
    Same {
        /// Its first id.
        first: String,
        /// Its second id.
        second: String,
    },
}

/// A key with its frequently used derivations.
pub(super) struct Key {
    id: String,
    /// The id that it has without a name.
    derived: String,
    root: Zeroizing<[u8; KEY]>,
    /// What wraps the data keys.
    pub(super) kek: Zeroizing<[u8; KEY]>,
}

impl Key {
    fn new(id: Option<String>, root: Zeroizing<[u8; KEY]>) -> Self {
        let name = derive(root.as_slice(), "id");
        let (name, _) = name.split_at(5);
        let derived = format!("k{}", hex(name));
        Self {
            id: id.unwrap_or_else(|| derived.clone()),
            derived,
            kek: derive(root.as_slice(), "kek"),
            root,
        }
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }
}

/// HKDF-SHA256 of a key for one purpose.
#[expect(
    clippy::expect_used,
    reason = "it fails for more than 255 blocks; this is one"
)]
pub(super) fn derive(key: &[u8], purpose: &str) -> Zeroizing<[u8; KEY]> {
    let mut derived = Zeroizing::new([0; KEY]);
    Hkdf::<Sha256>::new(Some(SALT), key)
        .expand(purpose.as_bytes(), derived.as_mut_slice())
        .expect("one block");
    derived
}

/// A new key as an operator writes it: the id that is derived from it, a colon, and the key in base64.
///
/// # Errors
/// When the system gives no random bytes.
pub fn generate() -> Result<Secret, SealError> {
    let root: Zeroizing<[u8; KEY]> = Zeroizing::new(random()?);
    let text = Zeroizing::new(URL_SAFE.encode(root.as_slice()));
    let key = Key::new(None, root);
    Ok(Secret::new(format!("{}:{}", key.id, *text)))
}

/// The keys of this server: one seals, all open.
pub struct KeyRing {
    active: Key,
    old: Vec<Key>,
}

impl KeyRing {
    /// Of keys in the order of the configuration; the first seals. A key without a name gets an id
    /// that is derived from it; given a second time without a name it is left out.
    pub fn new(keys: &[RingKey]) -> Result<Self, RingFault> {
        let mut ring: Vec<Key> = Vec::new();
        for (at, ring_key) in keys.iter().enumerate() {
            let key = Key::new(ring_key.id.clone(), ring_key.bytes(at + 1)?);
            match ring.iter().find(|known| known.root == key.root) {
                Some(_) if ring_key.id.is_none() => continue,
                Some(known) if known.id == key.id => continue,
                Some(known) => {
                    return Err(RingFault::Same {
                        first: known.id.clone(),
                        second: key.id,
                    });
                }
                None => {}
            }
            if ring.iter().any(|known| known.id == key.id) {
                return Err(RingFault::Twice { id: key.id });
            }
            ring.push(key);
        }
        let mut ring = ring.into_iter();
        let active = ring.next().ok_or(RingFault::Empty)?;
        Ok(Self {
            active,
            old: ring.collect(),
        })
    }

    /// The id of the key that seals.
    pub fn active(&self) -> &str {
        &self.active.id
    }

    /// The ids of all keys, that of the sealing one first.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.keys().map(Key::id)
    }

    /// A key of its own for `purpose`, such as `cookie` or `request-state`, from the key that seals.
    pub fn derive(&self, purpose: &str) -> Zeroizing<[u8; KEY]> {
        // A prefix, so that no purpose gives the key that wraps.
        derive(self.active.root.as_slice(), &format!("use:{purpose}"))
    }

    pub(super) fn sealing(&self) -> &Key {
        &self.active
    }

    fn keys(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.active).chain(&self.old)
    }

    /// The keys that may open what was sealed under `kid`: the one of that id; else, as a key may
    /// have had another name, all.
    pub(super) fn candidates(&self, kid: &str) -> impl Iterator<Item = &Key> {
        let named = self
            .keys()
            .find(|key| key.id == kid)
            .or_else(|| self.keys().find(|key| key.derived == kid));
        let others = named.is_none().then(|| self.keys());
        named.into_iter().chain(others.into_iter().flatten())
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.ids()).finish()
    }
}

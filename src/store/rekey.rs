//! Which keys are in use, and the change from one to another.

use std::collections::BTreeMap;

use thiserror::Error;

use super::seal::{self, OpenError, RewrapError};
use super::{Column, KeyRing, Place, SealError, Sealed, Store, StoreError};

/// Sealed under every key that was ever used, so that a wrong key is seen before it does harm.
const CONSTANT: &[u8] = b"kestra-mcp";
/// Values that are read at once.
const PAGE: u32 = 500;
/// Walks through all values, before others are left to the next time.
const PASSES: usize = 5;

/// Why nothing must be sealed or opened with these keys.
#[derive(Debug, Error)]
pub enum RingRefused {
    /// What is sealed under it would be lost.
    #[error(
        "the key {kid} is not among the encryption keys, and {values} values are sealed under it: \
         put it back behind the first key, run kestra-mcp keys rewrap, then take it out"
    )]
    Missing {
        /// Its id.
        kid: String,
        /// How many.
        values: u64,
    },
    /// The id stands for another key than before.
    #[error("the encryption key {kid} is not the key that was used under this id")]
    Wrong {
        /// Its id.
        kid: String,
    },
    /// The constant cannot be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Whether the ring opens the constant of each key that was ever used and is still needed. The key
/// that seals gets its constant; the constant of a key that seals nothing any more is forgotten.
pub async fn check_ring(store: &dyn Store, ring: &KeyRing) -> Result<(), RingRefused> {
    let checks = store.key_checks().await?;
    let mut missing = Vec::new();
    for (kid, constant) in &checks {
        match ring.open(&Column::KEY_CHECK.of(kid, &[]), constant) {
            Ok(opened) if opened.as_slice() == CONSTANT => {}
            Err(OpenError::UnknownKey { .. }) => missing.push(kid),
            Ok(_) | Err(OpenError::Forged | OpenError::Malformed) => {
                return Err(RingRefused::Wrong { kid: kid.clone() });
            }
        }
    }
    if !missing.is_empty() {
        let used = Usage::count(store).await?;
        for kid in missing {
            if let Some(values) = used.values.get(kid) {
                return Err(RingRefused::Missing {
                    kid: kid.clone(),
                    values: *values,
                });
            }
            store.delete_key_check(kid).await?;
        }
    }
    let active = ring.active();
    if !checks.iter().any(|(kid, _)| kid == active) {
        let constant = ring.seal(&Column::KEY_CHECK.of(active, &[]), CONSTANT)?;
        store.put_key_check(active, &constant).await?;
    }
    Ok(())
}

/// How many values are sealed under which key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// By the id of the key.
    pub values: BTreeMap<String, u64>,
    /// Values that name no key.
    pub unreadable: u64,
}

impl Usage {
    /// Of all sealed values of the database.
    pub async fn count(store: &dyn Store) -> Result<Self, StoreError> {
        let mut usage = Self::default();
        let mut walk = Walk::default();
        while let Some(page) = walk.next(store).await? {
            for sealed in page {
                match seal::kid(&sealed.value) {
                    Some(kid) => *usage.values.entry(kid.to_owned()).or_default() += 1,
                    None => usage.unreadable += 1,
                }
            }
        }
        Ok(usage)
    }
}

/// All sealed values, a page at a time.
#[derive(Debug, Default)]
struct Walk {
    page: Vec<Sealed>,
    over: bool,
}

impl Walk {
    async fn next(&mut self, store: &dyn Store) -> Result<Option<&[Sealed]>, StoreError> {
        if self.over {
            return Ok(None);
        }
        self.page = store.sealed(self.page.last(), PAGE).await?;
        self.over = self.page.len() < PAGE as usize;
        Ok(Some(&self.page))
    }
}

/// What sealing all values anew came to.
#[derive(Debug, Default)]
pub struct Rewrapped {
    /// Values that are under the key that seals now, and were under another.
    pub done: u64,
    /// Values that do not open; they stay as they are.
    pub stuck: Vec<Stuck>,
}

/// A value that does not open.
#[derive(Debug, PartialEq, Eq)]
pub struct Stuck {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// The row.
    pub row: String,
    /// Why.
    pub error: OpenError,
}

/// Why sealing anew ended early; what was done stays done, and the rest can be done later.
#[derive(Debug, Error)]
pub enum RekeyError {
    /// A value cannot be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Seals every value under the key that seals now, one by one, each only if nobody changed it
/// meanwhile. Servers may run beside it, if they seal under the same key.
pub async fn rewrap(store: &dyn Store, ring: &KeyRing) -> Result<Rewrapped, RekeyError> {
    let mut rewrapped = Rewrapped::default();
    for _ in 0..PASSES {
        rewrapped.stuck.clear();
        if !pass(store, ring, &mut rewrapped).await? {
            break;
        }
    }
    Ok(rewrapped)
}

/// Whether a value was found under another key and could be opened.
async fn pass(
    store: &dyn Store,
    ring: &KeyRing,
    rewrapped: &mut Rewrapped,
) -> Result<bool, RekeyError> {
    let mut found = false;
    let mut walk = Walk::default();
    while let Some(page) = walk.next(store).await? {
        for sealed in page {
            let place = Place {
                table: sealed.table,
                column: sealed.column,
                row: &sealed.row,
                bound: &[],
            };
            match ring.rewrap(&place, &sealed.value) {
                Ok(None) => {}
                Ok(Some(anew)) => {
                    found = true;
                    rewrapped.done += u64::from(store.reseal(sealed, &anew).await?);
                }
                Err(RewrapError::Open(error)) => rewrapped.stuck.push(Stuck {
                    table: sealed.table,
                    column: sealed.column,
                    row: sealed.row.clone(),
                    error,
                }),
                Err(RewrapError::Seal(error)) => return Err(error.into()),
            }
        }
    }
    Ok(found)
}

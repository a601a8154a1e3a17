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

/// How many values there are.
fn sealed(values: u64) -> String {
    match values {
        1 => "1 value is sealed".to_owned(),
        _ => format!("{values} values are sealed"),
    }
}

/// Why nothing must be sealed or opened with these keys.
#[derive(Debug, Error)]
pub enum RingRefused {
    /// What is sealed under it would be lost.
    #[error(
        "the key {kid} is not among the encryption keys, and {} under it: \
         put it back behind the first key, run kestra-mcp keys rewrap, then take it out",
        sealed(*values)
    )]
    Missing {
        /// Its id.
        kid: String,
        /// How many.
        values: u64,
    },
    /// The id names another key than before.
    #[error("the encryption key {kid} is not the key that was used under this id")]
    Wrong {
        /// Its id.
        kid: String,
    },
    /// No server seals with the first key yet.
    #[error(
        "no server has taken the key {kid} yet, and could not open what is sealed under it: put it \
         first among the encryption keys and restart every server, then do this"
    )]
    NotTaken {
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

/// What a key is to a server with these keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It seals and unseals.
    Seals,
    /// It only unseals.
    Opens,
    /// It is there, and no server has sealed with it.
    Unused,
    /// It is not there.
    Missing,
    /// Another key is there under its id.
    Wrong,
}

impl Standing {
    /// By the constant that was sealed under `kid`.
    fn of(ring: &KeyRing, kid: &str, constant: &[u8]) -> Self {
        match ring.open(&Column::KEY_CHECK.of(kid, &[]), constant) {
            Ok(opened) if opened.as_slice() == CONSTANT => {
                if kid == ring.active() {
                    Self::Seals
                } else {
                    Self::Opens
                }
            }
            Err(OpenError::UnknownKey { .. }) => Self::Missing,
            Ok(_) | Err(OpenError::Forged | OpenError::Malformed) => Self::Wrong,
        }
    }
}

/// Whether the ring opens the constant of each key that was ever used and is still needed. The key
/// that seals gets its constant; the constant of a key that seals nothing any more is forgotten.
pub async fn check_ring(store: &dyn Store, ring: &KeyRing) -> Result<(), RingRefused> {
    let checks = store.key_checks().await?;
    for kid in unneeded(store, ring, &checks).await? {
        store.delete_key_check(kid).await?;
    }
    let active = ring.active();
    if !checks.iter().any(|(kid, _)| kid == active) {
        let constant = ring.seal(&Column::KEY_CHECK.of(active, &[]), CONSTANT)?;
        store.put_key_check(active, &constant).await?;
    }
    Ok(())
}

/// Whether a command may seal with the ring beside servers: they must have taken its first key
/// before, or could not open what it seals.
///
/// # Errors
/// As [`check_ring`], and [`RingRefused::NotTaken`].
pub async fn check_taken(store: &dyn Store, ring: &KeyRing) -> Result<(), RingRefused> {
    let checks = store.key_checks().await?;
    unneeded(store, ring, &checks).await?;
    let active = ring.active();
    if checks.iter().any(|(kid, _)| kid == active) {
        return Ok(());
    }
    Err(RingRefused::NotTaken {
        kid: active.to_owned(),
    })
}

/// The keys that are missing and not missed.
async fn unneeded<'c>(
    store: &dyn Store,
    ring: &KeyRing,
    checks: &'c [(String, Vec<u8>)],
) -> Result<Vec<&'c str>, RingRefused> {
    let mut missing = Vec::new();
    for (kid, constant) in checks {
        match Standing::of(ring, kid, constant) {
            Standing::Seals | Standing::Opens | Standing::Unused => {}
            Standing::Missing => missing.push(kid.as_str()),
            Standing::Wrong => return Err(RingRefused::Wrong { kid: kid.clone() }),
        }
    }
    if missing.is_empty() {
        return Ok(missing);
    }
    let used = Usage::count(store).await?;
    let needed = missing
        .iter()
        .find_map(|kid| used.values.get_key_value(*kid));
    match needed {
        None => Ok(missing),
        Some((kid, values)) => Err(RingRefused::Missing {
            kid: kid.clone(),
            values: *values,
        }),
    }
}

/// A key that is or was in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyUse {
    /// Its id.
    pub kid: String,
    /// What it is to a server with these keys.
    pub standing: Standing,
    /// Values that are sealed under it.
    pub values: u64,
}

/// The keys of the ring in its order, then all others under which something is sealed; and how many
/// values name no key.
///
/// # Errors
/// When the database fails.
pub async fn key_uses(store: &dyn Store, ring: &KeyRing) -> Result<(Vec<KeyUse>, u64), StoreError> {
    let checks: BTreeMap<_, _> = store.key_checks().await?.into_iter().collect();
    let mut usage = Usage::count(store).await?;
    let mut uses: Vec<KeyUse> = Vec::new();
    for kid in ring.ids() {
        uses.push(KeyUse {
            kid: kid.to_owned(),
            standing: checks.get(kid).map_or(Standing::Unused, |constant| {
                Standing::of(ring, kid, constant)
            }),
            values: usage.values.remove(kid).unwrap_or_default(),
        });
    }
    for (kid, values) in usage.values {
        let constant = checks.get(&kid);
        uses.push(KeyUse {
            standing: constant.map_or(Standing::Missing, |constant| {
                Standing::of(ring, &kid, constant)
            }),
            kid,
            values,
        });
    }
    Ok((uses, usage.unreadable))
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

/// The result of resealing all values.
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

/// Why resealing ended early; what was done stays done, and the rest can be done later.
#[derive(Debug, Error)]
pub enum RekeyError {
    /// A value cannot be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Reseals every value under the present sealing key, one by one, each only if it was not changed
/// meanwhile. Servers may keep running, if they seal under the same key.
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

//! What is kept, and whether the keys open it.

use std::path::Path;

use super::Report;
use crate::config::http::Http;
use crate::store::rekey::{KeyUse, Standing, key_uses};
use crate::store::{KeyRing, Store as _, StoreError, sqlite};

/// Whether the database can be read with the keys. Makes none.
pub(super) async fn examine(http: &Http, report: &mut Report) {
    let ring = match KeyRing::new(&http.keys) {
        Ok(ring) => ring,
        Err(fault) => {
            let remedy = "give each of ENCRYPTION_KEYS an id and a key of its own";
            report.fail("keys", fault.to_string(), remedy);
            return;
        }
    };
    let path = &http.store;
    let store = match sqlite::beside(path).await {
        Ok(store) => store,
        Err(StoreError::Absent { .. }) => {
            report.ok("keys", format!("{} will seal", ring.active()));
            absent(path, report);
            return;
        }
        Err(error) => {
            let found = format!("{}: {}", path.display(), in_words(&error));
            let remedy = match error {
                StoreError::Version(_) => "name the file of this version in KESTRA_TOKEN_STORE",
                _ => "run this as the user of the server, and check the rights of the file",
            };
            report.fail("database", found, remedy);
            return;
        }
    };
    let counted = key_uses(&store, &ring).await;
    store.close().await;
    match counted {
        Ok((uses, unreadable)) => sealed(path, &ring, (&uses, unreadable), report),
        Err(error) => {
            let remedy = "run this as the user of the server; put the last backup back if it stays";
            let found = format!("{}: {}", path.display(), in_words(&error));
            report.fail("database", found, remedy);
        }
    }
}

/// A database that the first start makes, in a folder where it can.
fn absent(path: &Path, report: &mut Report) {
    let above = path.ancestors().skip(1).find(|folder| folder.exists());
    let writable = above.is_none_or(|folder| {
        let about = folder.metadata();
        about.is_ok_and(|about| about.is_dir() && !about.permissions().readonly())
    });
    if writable {
        let found = format!(
            "{} is not there: it will be made at the first start",
            path.display()
        );
        report.ok("database", found);
    } else {
        let above = above.unwrap_or(path).display();
        let found = format!("{} cannot be made below {above}", path.display());
        report.fail(
            "database",
            found,
            "name another folder in KESTRA_MCP_DATA_DIR",
        );
    }
}

fn sealed(path: &Path, ring: &KeyRing, uses: (&[KeyUse], u64), report: &mut Report) {
    let (uses, unreadable) = uses;
    let before = report.0.len();
    for one in uses {
        let (kid, values) = (&one.kid, one.values);
        let (found, remedy) = match one.standing {
            Standing::Missing => (
                format!("{kid} is not among them, and seals {values} of the values"),
                "put it back behind the first key of ENCRYPTION_KEYS",
            ),
            Standing::Wrong => (
                format!("{kid} is not the key that was used under this id"),
                "put the key back that was, or give the new one an id of its own",
            ),
            Standing::Seals | Standing::Opens | Standing::Unused => continue,
        };
        report.fail("keys", found, remedy);
    }
    if report.0.len() == before {
        let active = ring.active();
        report.ok(
            "keys",
            format!("{active} seals; all that is kept can be opened"),
        );
    }
    let values: u64 = uses.iter().map(|one| one.values).sum();
    let found = format!("{} can be read, {values} sealed values", path.display());
    if unreadable == 0 {
        report.ok("database", found);
    } else {
        let found = format!("{found}, and {unreadable} that name no key");
        report.fail("database", found, "put the last backup back");
    }
}

/// An error with its causes.
fn in_words(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}

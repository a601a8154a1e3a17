//! Whether the configured client metadata documents can be read from here.

use std::collections::BTreeSet;

use futures::future::join_all;

use super::Report;
use crate::auth::Network;
use crate::auth::client::document::{DocumentError, Documents, host_of};
use crate::clock::Clock;
use crate::config::documents::DocumentMode;
use crate::config::http::{Authorization, ConfiguredClient, Http};
use crate::store::Client;

const CHECK: &str = "documents";

/// Reads the documents to probe, and those of configured clients.
pub(super) async fn examine(http: &Http, outside: &Network, clock: &Clock, report: &mut Report) {
    let settings = &http.authorization;
    let listed: &[String] = match settings.documents.mode {
        DocumentMode::Off => &[],
        DocumentMode::Probed | DocumentMode::On => &settings.documents.probe,
    };
    let pinned = settings.clients.iter().map(|client| &client.id);
    let pinned = pinned.filter(|id| id.contains("://"));
    let all: BTreeSet<&String> = listed.iter().chain(pinned).collect();
    if all.is_empty() {
        return;
    }
    let Ok(documents) = Documents::new(outside, settings) else {
        let remedy = "check oauth.metadata_proxy, and the certificates of this machine";
        report.fail(CHECK, "no document can be asked for", remedy);
        return;
    };
    let read = all.iter().map(|id| documents.read(id, settings, clock));
    let read = join_all(read).await;
    let mut answered = false;
    for (id, read) in all.into_iter().zip(read) {
        answered |= read.is_ok() && listed.contains(id);
        let pinned = settings.clients.iter().find(|client| client.id == *id);
        match pinned {
            Some(client) => compared(client, read, report),
            None => told(id, read, report),
        }
    }
    if settings.documents.are_probed() && !answered {
        unannounced(settings, report);
    }
}

fn told(id: &str, read: Result<Client, DocumentError>, report: &mut Report) {
    let host = host_of(id).unwrap_or_default();
    match read {
        Ok(client) => {
            let found = format!("{host}: the document of {} can be read", client.name);
            report.ok(CHECK, found);
        }
        Err(fault) => report.warn(CHECK, format!("{host}: {fault}"), fault.remedy()),
    }
}

/// Compares a configured client with its document.
fn compared(client: &ConfiguredClient, read: Result<Client, DocumentError>, report: &mut Report) {
    let host = host_of(&client.id).unwrap_or_default();
    let name = &client.name;
    let Ok(read) = read else {
        let found = format!("{host}: {name} is a [[client]], and its document need not be read");
        report.ok(CHECK, found);
        return;
    };
    let missing: Vec<&str> = read
        .redirect_uris
        .iter()
        .filter(|uri| !client.redirect_uris.contains(uri))
        .map(String::as_str)
        .collect();
    if missing.is_empty() {
        let found = format!("{host}: {name} is a [[client]], as its document says");
        report.ok(CHECK, found);
    } else {
        let found = format!(
            "{host}: {name} is a [[client]] without redirect URIs that its document lists: {}",
            missing.join(", ")
        );
        report.warn(
            CHECK,
            found,
            "add them to its redirect_uris if you trust them",
        );
    }
}

/// What it means that none of the list can be read.
fn unannounced(settings: &Authorization, report: &mut Report) {
    if settings.registration {
        let found = "no document of oauth.metadata_probe can be read: documents are not announced, \
                     and clients register themselves";
        report.remark(CHECK, found);
    } else if settings.clients.is_empty() {
        report.fail(
            CHECK,
            "no document of oauth.metadata_probe can be read, and clients may not register \
             themselves: none can sign in",
            "let this server reach the hosts above, name a proxy in oauth.metadata_proxy, or \
             register clients as [[client]]",
        );
    } else {
        let found = "no document of oauth.metadata_probe can be read, and clients may not register \
                     themselves: those of [[client]] alone can sign in";
        report.remark(CHECK, found);
    }
}

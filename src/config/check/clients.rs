//! `[[client]]` of the configuration file: OAuth clients that the operator registers.

use super::super::fault::Fault;
use super::super::http::ConfiguredClient;
use super::super::settings::tables::client::{ALL, ID, NAME, REDIRECT_URIS, SECRET_ENV};
use super::context::Check;
use super::table::Table;

pub(super) fn clients(check: &mut Check<'_>) -> Vec<ConfiguredClient> {
    let Some(value) = &check.nested.clients else {
        return Vec::new();
    };
    let place = format!("{}: client", check.nested.path.display());
    let Some(tables) = Table::list(&place, value, ALL, &mut check.faults) else {
        let problem = format!("is of type {}", value.type_str());
        check
            .faults
            .push(Fault::new(place, problem, "write [[client]]"));
        return Vec::new();
    };
    let mut clients: Vec<ConfiguredClient> = Vec::new();
    for table in tables {
        let Some(client) = client(check, &table) else {
            continue;
        };
        if clients.iter().any(|other| other.id == client.id) {
            let problem = "is the id of another client too";
            check
                .faults
                .push(table.fault(&ID, problem, "give each client its own"));
        }
        clients.push(client);
    }
    clients
}

fn client(check: &mut Check<'_>, table: &Table<'_>) -> Option<ConfiguredClient> {
    let missing = "is not set, or holds fewer than 16 characters";
    let fits = |text: &str| text.len() >= 16;
    let secret = table.secret(
        &SECRET_ENV,
        check.variables,
        missing,
        fits,
        &mut check.faults,
    );
    let redirect_uris = table.texts(&REDIRECT_URIS);
    if redirect_uris.as_ref().is_some_and(Vec::is_empty) {
        let remedy = REDIRECT_URIS.required.unwrap_or_default();
        check
            .faults
            .push(table.fault(&REDIRECT_URIS, "is empty", remedy));
    }
    let id = table.text(&ID)?;
    Some(ConfiguredClient {
        name: table.text(&NAME).unwrap_or_else(|| id.clone()),
        id,
        secret,
        redirect_uris: redirect_uris.unwrap_or_default(),
    })
}

//! `[[client]]` of the configuration file: OAuth clients that the operator registered.

use std::path::Path;

use super::http::ConfiguredClient;
use super::table::Reader;
use super::{Environment, Fault};

/// Reads all of them.
pub(super) fn clients(
    path: &Path,
    value: &toml::Value,
    environment: &Environment,
    faults: &mut Vec<Fault>,
) -> Vec<ConfiguredClient> {
    let Some(all) = value.as_array() else {
        faults.push(Fault {
            place: format!("{}: client", path.display()),
            problem: format!("is of type {}", value.type_str()),
            remedy: "write [[client]]".to_owned(),
        });
        return Vec::new();
    };
    let mut clients: Vec<ConfiguredClient> = Vec::new();
    for (index, value) in all.iter().enumerate() {
        let Some(mut reader) = Reader::new(path, &format!("client[{index}]"), value, faults) else {
            continue;
        };
        if let Some(client) = client(&mut reader, environment) {
            if clients.iter().any(|other| other.id == client.id) {
                reader.fault("id", "is the id of another client too", "give each its own");
            }
            clients.push(client);
        }
        reader.finish();
    }
    clients
}

fn client(reader: &mut Reader<'_, '_>, environment: &Environment) -> Option<ConfiguredClient> {
    let id = reader.text("id");
    reader.needs("id", "set it to the client_id");
    let name = reader.text("name");
    let secret = reader.text("secret_env").and_then(|variable| {
        let missing = "is not set, or holds fewer than 16 characters";
        let fits = |text: &str| text.len() >= 16;
        reader.secret_of("secret_env", &variable, environment, missing, fits)
    });
    let redirect_uris = reader.texts("redirect_uris");
    let remedy = "list the addresses that the client comes back to";
    reader.needs("redirect_uris", remedy);
    if redirect_uris.as_ref().is_some_and(Vec::is_empty) {
        reader.fault("redirect_uris", "is empty", remedy);
    }
    let redirect_uris = redirect_uris.unwrap_or_default();
    let id = id?;
    Some(ConfiguredClient {
        name: name.unwrap_or_else(|| id.clone()),
        id,
        secret,
        redirect_uris,
    })
}

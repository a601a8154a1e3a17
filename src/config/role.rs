//! `[role.NAME]` of the configuration file.

use std::collections::BTreeMap;
use std::path::Path;

use super::Fault;
use super::http::Role;
use super::table::Reader;

/// Reads all of them; that the words in them exist is checked by whoever knows the tools.
pub(super) fn roles(
    path: &Path,
    value: &toml::Value,
    faults: &mut Vec<Fault>,
) -> BTreeMap<String, Role> {
    let mut roles = BTreeMap::new();
    let Some(all) = value.as_table() else {
        faults.push(Fault {
            place: format!("{}: role", path.display()),
            problem: format!("is of type {}", value.type_str()),
            remedy: "write tables such as [role.editor]".to_owned(),
        });
        return roles;
    };
    for (name, value) in all {
        let Some(mut reader) = Reader::new(path, &format!("role.{name}"), value, faults) else {
            continue;
        };
        let role = Role {
            inherits: reader.texts("inherits").unwrap_or_default(),
            allow: reader.texts("allow").unwrap_or_default(),
            deny: reader.texts("deny").unwrap_or_default(),
        };
        reader.finish();
        roles.insert(name.clone(), role);
    }
    roles
}

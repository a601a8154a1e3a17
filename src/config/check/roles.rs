//! `[role.NAME]` of the configuration file.

use std::collections::BTreeMap;

use super::super::fault::Fault;
use super::super::role::Role;
use super::super::settings::tables::role::{ALL, ALLOW, DENY, INHERITS};
use super::context::Check;
use super::table::Table;

/// All roles. Whether the names in them exist is checked against the tools later.
pub(in crate::config) fn roles(check: &mut Check<'_>) -> BTreeMap<String, Role> {
    let Some(value) = &check.nested.roles else {
        return BTreeMap::new();
    };
    let path = check.nested.path.display();
    let Some(all) = value.as_table() else {
        let problem = format!("is of type {}", value.type_str());
        let remedy = "write tables such as [role.editor]";
        check
            .faults
            .push(Fault::new(format!("{path}: role"), problem, remedy));
        return BTreeMap::new();
    };
    let read = all.iter().filter_map(|(name, value)| {
        let place = format!("{path}: role.{name}");
        let table = Table::read(place, value, ALL, &mut check.faults)?;
        let role = Role {
            inherits: table.texts(&INHERITS).unwrap_or_default(),
            allow: table.texts(&ALLOW).unwrap_or_default(),
            deny: table.texts(&DENY).unwrap_or_default(),
        };
        Some((name.clone(), role))
    });
    read.collect()
}

//! Every setting in effect, and where it is set.

mod nested;
mod row;

use std::collections::BTreeMap;

use super::check::context::Check;
use super::http::Http;
use super::role::Role;
use super::setting::UsedBy;
use super::settings;

pub use row::Effective;

/// All settings, in the order of the documentation.
pub(super) fn report(
    check: &Check<'_>,
    roles: &BTreeMap<String, Role>,
    http: Option<&Http>,
) -> Vec<Effective> {
    let mut rows = Vec::new();
    for setting in settings::all() {
        let found = check.said.get(setting);
        let text = found.map(|found| found.text.trim());
        let value = match check.values.get(setting.name) {
            // The rows of the provider say it.
            _ if setting.used_by == UsedBy::Provider && http.is_some() => continue,
            Some(value) => Some(value.clone()),
            None if setting.secret => text.map(|_| "set".to_owned()),
            None if setting.is_of_http() && http.is_none() => {
                text.map(|text| format!("{text}, not used over stdio"))
            }
            None => text.map(str::to_owned),
        };
        if let Some(value) = value {
            let source = found.map(|found| found.place.to_string());
            rows.push(Effective::new(setting.name, value, source));
        }
    }
    nested::add(check, roles, http, &mut rows);
    rows
}

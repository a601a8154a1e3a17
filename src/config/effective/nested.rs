//! Identity providers, roles and clients, one row for each of their keys.

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::super::check::context::Check;
use super::super::http::{Http, Match, Provider, RoleRule, Shape};
use super::super::role::Role;
use super::super::setting::Setting;
use super::super::settings::oidc;
use super::super::settings::tables::role;
use super::row::Effective;

/// Adds the rows of all of them.
pub(super) fn add(
    check: &Check<'_>,
    roles: &BTreeMap<String, Role>,
    http: Option<&Http>,
    rows: &mut Vec<Effective>,
) {
    let path = check.nested.path.display();
    let providers = http.map_or(&[][..], |http| &http.providers);
    for (index, provider) in providers.iter().enumerate() {
        let mut rows = Rows {
            name: format!("identity_provider.{}", provider.id),
            place: format!("{path}: identity_provider[{index}]"),
            table: table(check.nested.providers.as_ref(), index),
            all: rows,
        };
        of_provider(&mut rows, provider, check);
        if let Some(http) = http {
            let issuer = http.listen.public(http.listen.bind).issuer;
            let url = format!("{issuer}{}", http.callback(&provider.id));
            let found = check.said.get(&oidc::REDIRECT_URI).filter(|_| index == 0);
            rows.add_from(
                "callback_url",
                url,
                found.map(|found| found.place.to_string()),
            );
        }
    }
    for (name, of) in roles {
        let lists = [
            (&role::INHERITS, &of.inherits),
            (&role::ALLOW, &of.allow),
            (&role::DENY, &of.deny),
        ];
        for (setting, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
            let name = format!("role.{name}.{}", setting.name);
            let source = Some(format!("{path}: {name}"));
            rows.push(Effective::new(name, list.join(", "), source));
        }
    }
    let clients = http.map_or(&[][..], |http| &http.authorization.clients);
    for (index, client) in clients.iter().enumerate() {
        let mut rows = Rows {
            name: format!("client.{}", client.id),
            place: format!("{path}: client[{index}]"),
            table: table(check.nested.clients.as_ref(), index),
            all: rows,
        };
        rows.add("name", client.name.clone());
        let source = rows.source(&["secret_env"]);
        rows.add_from("secret", set(client.secret.is_some()), source);
        rows.add("redirect_uris", client.redirect_uris.join(", "));
    }
}

/// The table of the file; none for a provider that variables describe.
fn table(tables: Option<&Value>, index: usize) -> Option<&Table> {
    tables?.as_array()?.get(index)?.as_table()
}

/// What is shown of a secret.
fn set(is_set: bool) -> String {
    if is_set { "set" } else { "none" }.to_owned()
}

/// The rows of one table.
struct Rows<'a> {
    /// As people know it.
    name: String,
    /// As the file has it.
    place: String,
    table: Option<&'a Table>,
    all: &'a mut Vec<Effective>,
}

impl Rows<'_> {
    /// Where the first of `keys` stands in the file.
    fn source(&self, keys: &[&str]) -> Option<String> {
        let table = self.table?;
        let key = keys.iter().find(|key| table.contains_key(**key))?;
        Some(format!("{}.{key}", self.place))
    }

    fn add_from(&mut self, key: &str, value: String, source: Option<String>) {
        let name = format!("{}.{key}", self.name);
        self.all.push(Effective::new(name, value, source));
    }

    /// A row of a key of the file, or else of `source`.
    fn add_or(&mut self, key: &str, value: String, source: Option<String>) {
        self.add_from(key, value, self.source(&[key]).or(source));
    }

    fn add(&mut self, key: &str, value: String) {
        self.add_or(key, value, None);
    }
}

fn of_provider(rows: &mut Rows<'_>, provider: &Provider, check: &Check<'_>) {
    let by_variables = rows.table.is_none();
    // Where a variable sets what the file does not.
    let first = |settings: &[&'static Setting]| {
        let mut found = settings
            .iter()
            .filter_map(|setting| check.said.secret(setting));
        let found = found.next().filter(|_| by_variables);
        found.map(|found| found.place.to_string())
    };
    let is_entra = !check.said.has(&oidc::ISSUER_URL);
    let entra = first(&[&oidc::ENTRA_TENANT]).filter(|_| is_entra);
    let require = provider.require.iter();
    let require = require.map(|one| format!("{} = {}", one.claim, one.equals));
    let issuer = first(&[&oidc::ISSUER_URL, &oidc::ENTRA_TENANT]);
    let client_id = first(&[&oidc::CLIENT_ID, &oidc::ENTRA_CLIENT_ID]);
    let secret = first(&[&oidc::CLIENT_SECRET, &oidc::ENTRA_CLIENT_SECRET]);
    let secret = rows
        .source(&["client_secret_env", "client_secret_file"])
        .or(secret);
    rows.add_or("issuer", provider.issuer.clone(), issuer);
    rows.add_or("client_id", provider.client_id.clone(), client_id);
    rows.add_from(
        "client_secret",
        set(provider.client_secret.is_some()),
        secret,
    );
    rows.add_or("scopes", provider.scopes.join(" "), first(&[&oidc::SCOPES]));
    rows.add_or("subject", provider.subject.to_string(), entra.clone());
    rows.add_or("require", listed(require), entra);
    for (index, rule) in provider.rules.iter().enumerate() {
        let source = rows.source(&["role_rule"]);
        rows.add_from(&format!("role_rule[{index}]"), rule_in_words(rule), source);
    }
    rows.add(
        "trusted_audiences",
        listed(provider.trusted_audiences.iter().cloned()),
    );
    let parameters = provider.authorize_params.iter();
    let parameters = parameters.map(|(name, value)| format!("{name}={value}"));
    rows.add("authorize_params", listed(parameters));
    let sources = provider
        .sources
        .iter()
        .map(|source| source.as_str().to_owned());
    rows.add("sources", listed(sources));
    rows.add("userinfo", provider.userinfo.as_str().to_owned());
}

fn listed(all: impl Iterator<Item = String>) -> String {
    let all: Vec<String> = all.collect();
    if all.is_empty() {
        "none".to_owned()
    } else {
        all.join(", ")
    }
}

/// A rule as a person would write it.
fn rule_in_words(rule: &RoleRule) -> String {
    let shape = match &rule.shape {
        Shape::Auto => String::new(),
        shape => format!(" ({shape})"),
    };
    let map = match &rule.map {
        None => "a value that is the name of a role".to_owned(),
        Some(map) => listed(map.iter().map(|(value, role)| match value {
            Match::Exact(text) => format!("{text} -> {role}"),
            Match::Prefix(text) => format!("{text}... -> {role}"),
            Match::Pattern(pattern) => {
                // Without the anchors that were added to it.
                let text = pattern.as_str();
                let inner = text.strip_prefix("\\A(?:").unwrap_or(text);
                let inner = inner.strip_suffix(")\\z").unwrap_or(inner);
                format!("/{inner}/ -> {role}")
            }
        })),
    };
    format!("{}{shape}: {map}", rule.path)
}

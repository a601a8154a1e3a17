//! Identity providers, roles and clients, a row each of their keys.

use std::path::Path;

use toml::{Table, Value};

use super::super::check::said;
use super::super::http::{ClaimSource, Http, Match, Provider, RoleRule, Shape, Userinfo};
use super::super::raw::{Gathered, Key};
use super::super::settings::Setting;
use super::{Config, DEFAULT, Effective};

/// Adds the rows of all of them.
pub(super) fn add(gathered: &Gathered, config: &Config, all: &mut Vec<Effective>) {
    let path = gathered.nested.path.as_path();
    if let Some(http) = &config.http {
        for (index, provider) in http.providers.iter().enumerate() {
            let place = format!("identity_provider[{index}]");
            let table = table(gathered.nested.providers.as_ref(), index);
            let name = format!("identity_provider.{}", provider.id);
            let mut rows = Rows::new(name, &place, table, path, all);
            rows.provider(provider, gathered);
            rows.callback(http, provider, index, gathered);
        }
    }
    for (name, role) in &config.roles {
        let name = format!("role.{name}");
        let lists = [
            ("inherits", &role.inherits),
            ("allow", &role.allow),
            ("deny", &role.deny),
        ];
        for (key, list) in lists {
            if !list.is_empty() {
                all.push(Effective {
                    source: format!("{}: {name}.{key}", path.display()),
                    name: format!("{name}.{key}"),
                    value: list.join(", "),
                });
            }
        }
    }
    let clients = config
        .http
        .iter()
        .flat_map(|http| &http.authorization.clients);
    for (index, client) in clients.enumerate() {
        let place = format!("client[{index}]");
        let table = table(gathered.nested.clients.as_ref(), index);
        let name = format!("client.{}", client.id);
        let mut rows = Rows::new(name, &place, table, path, all);
        rows.add("name", client.name.clone());
        rows.set("secret", &["secret_env"], client.secret.is_some());
        rows.add("redirect_uris", client.redirect_uris.join(", "));
    }
}

/// The table of the file that stands behind what was read from it; none for what variables say.
fn table(tables: Option<&Value>, index: usize) -> Option<&Table> {
    tables?.as_array()?.get(index)?.as_table()
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

impl<'a> Rows<'a> {
    fn new(
        name: String,
        place: &str,
        table: Option<&'a Table>,
        path: &Path,
        all: &'a mut Vec<Effective>,
    ) -> Self {
        Self {
            name,
            place: format!("{}: {place}", path.display()),
            table,
            all,
        }
    }

    /// Where one of `keys` stands in the file.
    fn source(&self, keys: &[&str]) -> Option<String> {
        let table = self.table?;
        let key = keys.iter().find(|key| table.contains_key(**key))?;
        Some(format!("{}.{key}", self.place))
    }

    fn row(&mut self, key: &str, value: String, source: Option<String>) {
        self.all.push(Effective {
            name: format!("{}.{key}", self.name),
            value,
            source: source.unwrap_or_else(|| DEFAULT.to_owned()),
        });
    }

    fn add(&mut self, key: &str, value: String) {
        self.row(key, value, self.source(&[key]));
    }

    /// Of a secret: whether there is one.
    fn set(&mut self, key: &str, keys: &[&str], set: bool) {
        let value = if set { "set" } else { "none" };
        self.row(key, value.to_owned(), self.source(keys));
    }

    /// What must be registered at the provider.
    fn callback(&mut self, http: &Http, provider: &Provider, index: usize, gathered: &Gathered) {
        let said = gathered.settings.get(Key::OidcRedirectUri);
        let source = said.filter(|_| index == 0);
        let issuer = http.listen.public(http.listen.bind).issuer;
        let address = format!("{issuer}{}", http.callback(&provider.id));
        self.row(
            "callback_url",
            address,
            source.map(|setting| setting.place.to_string()),
        );
    }

    fn provider(&mut self, provider: &Provider, gathered: &Gathered) {
        let settings = &gathered.settings;
        // Variables say it where the file does not.
        let by_variables = self.table.is_none();
        let place = |setting: &Setting| by_variables.then(|| setting.place.to_string());
        let first = |keys: &[Key]| {
            let setting = keys.iter().find_map(|key| settings.get(*key));
            setting.and_then(place)
        };
        let entra = settings.get(Key::OidcIssuerUrl).is_none();
        let entra = first(&[Key::EntraTenant]).filter(|_| entra);
        let issuer = first(&[Key::OidcIssuerUrl]).or_else(|| entra.clone());
        let client = first(&[Key::OidcClientId, Key::EntraClientId]);
        let secrets = [
            (Key::OidcClientSecret, Key::OidcClientSecretFile),
            (Key::EntraClientSecret, Key::EntraClientSecretFile),
        ];
        let secret = secrets.into_iter().find_map(|keys| said(settings, keys));
        let secret = secret.and_then(place);
        let scopes = first(&[Key::OidcScopes]);
        let in_file = |keys: &[&str]| self.source(keys);
        let sources = [
            in_file(&["issuer"]).or(issuer),
            in_file(&["client_id"]).or(client),
            in_file(&["client_secret_env", "client_secret_file"]).or(secret),
            in_file(&["scopes"]).or(scopes),
            in_file(&["subject"]).or_else(|| entra.clone()),
            in_file(&["require"]).or(entra),
        ];
        let require = provider.require.iter();
        let require = require.map(|one| format!("{} = {}", one.claim, one.equals));
        let secret = provider.client_secret.as_ref();
        let values = [
            ("issuer", provider.issuer.clone()),
            ("client_id", provider.client_id.clone()),
            ("client_secret", secret.map_or("none", |_| "set").to_owned()),
            ("scopes", provider.scopes.join(" ")),
            ("subject", provider.subject.to_string()),
            ("require", listed(require)),
        ];
        for ((key, value), source) in values.into_iter().zip(sources) {
            self.row(key, value, source);
        }
        for (index, rule) in provider.rules.iter().enumerate() {
            let source = self.source(&["role_rule"]);
            self.row(&format!("role_rule[{index}]"), rule_in_words(rule), source);
        }
        let trusted = provider.trusted_audiences.iter().cloned();
        self.add("trusted_audiences", listed(trusted));
        let more = provider.authorize_params.iter();
        let more = more.map(|(name, value)| format!("{name}={value}"));
        self.add("authorize_params", listed(more));
        let sources = provider.sources.iter().map(|source| match source {
            ClaimSource::IdToken => "id_token".to_owned(),
            ClaimSource::Userinfo => "userinfo".to_owned(),
            ClaimSource::AccessTokenJwt => "access_token_jwt".to_owned(),
        });
        self.add("sources", listed(sources));
        let userinfo = match provider.userinfo {
            Userinfo::Never => "never",
            Userinfo::WhenMissing => "when_missing",
            Userinfo::Always => "always",
        };
        self.add("userinfo", userinfo.to_owned());
    }
}

fn listed(all: impl Iterator<Item = String>) -> String {
    let all: Vec<String> = all.collect();
    if all.is_empty() {
        "none".to_owned()
    } else {
        all.join(", ")
    }
}

/// A rule as a person says it.
fn rule_in_words(rule: &RoleRule) -> String {
    let shape = match &rule.shape {
        Shape::Auto => String::new(),
        Shape::Array => " (array)".to_owned(),
        Shape::String => " (string)".to_owned(),
        Shape::Space => " (space)".to_owned(),
        Shape::Comma => " (comma)".to_owned(),
        Shape::Keys => " (keys)".to_owned(),
        Shape::Field(name) => format!(" (field:{name})"),
    };
    let map = match &rule.map {
        None => "a value that is the name of a role".to_owned(),
        Some(map) => listed(map.iter().map(|(value, role)| match value {
            Match::Exact(text) => format!("{text} -> {role}"),
            Match::Prefix(text) => format!("{text}... -> {role}"),
            Match::Pattern(pattern) => {
                // As it was written, before it was anchored at both ends.
                let text = pattern.as_str();
                let inner = text.strip_prefix("\\A(?:").unwrap_or(text);
                let inner = inner.strip_suffix(")\\z").unwrap_or(inner);
                format!("/{inner}/ -> {role}")
            }
        })),
    };
    format!("{}{shape}: {map}", rule.path)
}

//! `[[identity_provider]]` of the configuration file.

use std::collections::BTreeMap;
use std::path::Path;

use regex::Regex;

use super::check::{NO_HOST, has_host, is_segment};
use super::http::{
    ClaimPath, ClaimSource, GivenRole, Match, Provider, Requirement, RoleRule, Shape, Userinfo,
};
use super::table::Reader;
use super::{Environment, Fault, read};
use crate::secret::Secret;

/// What is asked of every provider.
pub(super) const SCOPES: &[&str] = &["openid", "profile", "email", "offline_access"];

/// Where claims come from unless the file says it.
pub(super) const SOURCES: &[ClaimSource] = &[ClaimSource::IdToken, ClaimSource::Userinfo];

/// Where roles are looked for unless the file says it: a value that is the name of a role is that role.
pub(super) fn plain_rule() -> RoleRule {
    RoleRule {
        path: ClaimPath(vec!["roles".to_owned()]),
        shape: Shape::Auto,
        map: None,
    }
}

/// Reads all of them; the roles that they give go to `given`, whatever else is wrong.
pub(super) fn providers(
    path: &Path,
    value: &toml::Value,
    environment: &Environment,
    given: &mut Vec<GivenRole>,
    faults: &mut Vec<Fault>,
) -> Vec<Provider> {
    let Some(all) = value.as_array() else {
        faults.push(Fault {
            place: format!("{}: identity_provider", path.display()),
            problem: format!("is of type {}", value.type_str()),
            remedy: "write [[identity_provider]]".to_owned(),
        });
        return Vec::new();
    };
    let mut providers: Vec<Provider> = Vec::new();
    for (index, value) in all.iter().enumerate() {
        let name = format!("identity_provider[{index}]");
        let Some(mut reader) = Reader::new(path, &name, value, faults) else {
            continue;
        };
        if let Some(provider) = provider(&mut reader, path, environment, given) {
            if providers.iter().any(|other| other.id == provider.id) {
                reader.fault(
                    "id",
                    "is the id of another provider too",
                    "give each its own",
                );
            }
            providers.push(provider);
        }
        reader.finish();
    }
    providers
}

fn provider(
    reader: &mut Reader<'_, '_>,
    path: &Path,
    environment: &Environment,
    given: &mut Vec<GivenRole>,
) -> Option<Provider> {
    let id = reader.text("id").unwrap_or_else(|| "default".to_owned());
    if !is_segment(&id) {
        let remedy = "use letters, digits, and - _ . between them, 100 at most: it ends the address of \
                      its callback, /auth/callback/ID";
        reader.fault("id", "cannot be part of an address", remedy);
    }
    let issuer = required(
        reader,
        "issuer",
        "the address of the provider, as it writes it",
    );
    if let Some(problem) = issuer.as_deref().and_then(issuer_problem) {
        reader.fault("issuer", problem, ISSUER);
    }
    let client_id = required(
        reader,
        "client_id",
        "this server's client id at the provider",
    );
    let client_secret = secret(reader, path, environment);
    let trusted_audiences = reader.texts("trusted_audiences").unwrap_or_default();
    let scopes = scopes(reader.texts("scopes").unwrap_or_default());
    let authorize_params = parameters(reader);
    let subject = claim(reader, "subject").unwrap_or_else(|| ClaimPath(vec!["sub".to_owned()]));
    let require = requirements(reader, path);
    let rules = rules(reader, path, given);
    let sources = sources(reader);
    let userinfo = reader
        .word(
            "userinfo",
            &[
                ("never", Userinfo::Never),
                ("when_missing", Userinfo::WhenMissing),
                ("always", Userinfo::Always),
            ],
        )
        .unwrap_or_default();
    // The only thing that can be done about too many groups.
    let _ = reader.word("overage", &[("deny", ())]);
    Some(Provider {
        id,
        issuer: issuer?,
        client_id: client_id?,
        client_secret,
        trusted_audiences,
        scopes,
        authorize_params,
        subject,
        require,
        rules,
        sources,
        userinfo,
    })
}

fn required(reader: &mut Reader<'_, '_>, key: &'static str, what: &str) -> Option<String> {
    let found = reader.text(key);
    reader.needs(key, format!("set it to {what}"));
    found
}

pub(super) const ISSUER: &str =
    "give it as the provider's discovery document writes it, such as https://id.example.com";

/// What is wrong with the address of a provider.
pub(super) fn issuer_problem(issuer: &str) -> Option<&'static str> {
    let Ok(url) = url::Url::parse(issuer) else {
        return Some("is not a URL");
    };
    if url.host().is_some() && !has_host(&url) {
        return Some(NO_HOST);
    }
    let local = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => return Some("is not the URL of a web server"),
    };
    if url.scheme() != "https" && !(url.scheme() == "http" && local) {
        return Some("is not https, and not on this machine");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Some("has a query or a fragment");
    }
    let entra = url.host_str() == Some("login.microsoftonline.com");
    let many = ["common", "organizations", "consumers"];
    if entra
        && url
            .path_segments()
            .and_then(|mut parts| parts.next())
            .is_some_and(|first| many.contains(&first))
    {
        return Some("stands for many tenants");
    }
    None
}

/// `openid` is always asked for.
pub(super) fn scopes(named: Vec<String>) -> Vec<String> {
    let mut scopes = if named.is_empty() {
        SCOPES.iter().map(|scope| (*scope).to_owned()).collect()
    } else {
        named
    };
    if !scopes.iter().any(|scope| scope == "openid") {
        scopes.insert(0, "openid".to_owned());
    }
    scopes
}

fn secret(reader: &mut Reader<'_, '_>, path: &Path, environment: &Environment) -> Option<Secret> {
    let variable = reader.text("client_secret_env");
    let file = reader.text("client_secret_file");
    match (variable, file) {
        (Some(_), Some(_)) => {
            let remedy = "name a variable or a file";
            reader.fault("client_secret_env", "comes with client_secret_file", remedy);
            None
        }
        (Some(variable), None) => {
            let key = "client_secret_env";
            reader.secret_of(key, &variable, environment, "is not set", |text| {
                !text.is_empty()
            })
        }
        (None, Some(file)) => {
            // Beside the configuration file, unless the path is absolute.
            let file = path.parent().unwrap_or_else(|| Path::new("")).join(file);
            let text = read(&file).map(|bytes| String::from_utf8_lossy(&bytes).trim().to_owned());
            match text {
                Ok(text) if !text.is_empty() => Some(Secret::new(text)),
                Ok(_) => {
                    let remedy = "write the secret into it";
                    reader.fault("client_secret_file", "names an empty file", remedy);
                    None
                }
                Err(problem) => {
                    reader.fault("client_secret_file", problem, "name a readable file");
                    None
                }
            }
        }
        (None, None) => None,
    }
}

fn parameters(reader: &mut Reader<'_, '_>) -> BTreeMap<String, String> {
    reader
        .get("authorize_params", "a table of texts", |value| {
            let pairs = value.as_table()?.iter();
            pairs
                .map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
                .collect()
        })
        .unwrap_or_default()
}

/// A JSON Pointer, or a list of names.
fn path_of(value: &toml::Value) -> Option<ClaimPath> {
    let parts: Option<Vec<String>> = match value {
        toml::Value::String(text) => {
            let rest = text.strip_prefix('/')?;
            Some(
                rest.split('/')
                    .map(|part| part.replace("~1", "/").replace("~0", "~"))
                    .collect(),
            )
        }
        toml::Value::Array(parts) => parts
            .iter()
            .map(|part| part.as_str().map(str::to_owned))
            .collect(),
        _ => None,
    };
    parts
        .filter(|parts| !parts.is_empty() && parts.iter().all(|part| !part.is_empty()))
        .map(ClaimPath)
}

const POINTER: &str = "a path to a claim, such as \"/roles\" or [\"realm_access\", \"roles\"]";

fn claim(reader: &mut Reader<'_, '_>, key: &'static str) -> Option<ClaimPath> {
    reader.get(key, POINTER, path_of)
}

/// The tables of a list, each read by `read`.
fn each<T>(
    reader: &mut Reader<'_, '_>,
    path: &Path,
    key: &'static str,
    mut read: impl FnMut(&mut Reader<'_, '_>) -> Option<T>,
) -> Option<Vec<T>> {
    let all = reader.get(key, "a list of tables", toml::Value::as_array)?;
    let mut found = Vec::new();
    for (index, value) in all.iter().enumerate() {
        reader.inner(path, &format!("{key}[{index}]"), value, |inner| {
            found.extend(read(inner));
        });
    }
    Some(found)
}

fn requirements(reader: &mut Reader<'_, '_>, path: &Path) -> Vec<Requirement> {
    each(reader, path, "require", |inner| {
        let path = claim(inner, "claim");
        let equals = inner.get(
            "equals",
            "a text, a number, true or false",
            |value| match value {
                toml::Value::String(text) => Some(text.clone().into()),
                toml::Value::Integer(number) => Some((*number).into()),
                toml::Value::Boolean(truth) => Some((*truth).into()),
                _ => None,
            },
        );
        inner.needs("claim", format!("write {POINTER}"));
        inner.needs("equals", "write the value that it must have");
        Some(Requirement {
            claim: path?,
            equals: equals?,
        })
    })
    .unwrap_or_default()
}

fn rules(reader: &mut Reader<'_, '_>, path: &Path, given: &mut Vec<GivenRole>) -> Vec<RoleRule> {
    let rules = each(reader, path, "role_rule", |inner| {
        let path = claim(inner, "path");
        inner.needs("path", format!("write {POINTER}"));
        let shape = inner.get(
            "shape",
            "one of auto, array, string, space, comma, keys, field:NAME",
            |value| {
                Some(match value.as_str()? {
                    "auto" => Shape::Auto,
                    "array" => Shape::Array,
                    "string" => Shape::String,
                    "space" => Shape::Space,
                    "comma" => Shape::Comma,
                    "keys" => Shape::Keys,
                    other => Shape::Field(
                        other
                            .strip_prefix("field:")
                            .filter(|name| !name.is_empty())?
                            .to_owned(),
                    ),
                })
            },
        );
        let matched = inner.word(
            "match",
            &[
                ("exact", How::Exact),
                ("prefix", How::Prefix),
                ("regex", How::Regex),
            ],
        );
        let pairs = inner.get(
            "map",
            "a table of texts, such as { \"kestra-ops\" = \"editor\" }",
            |value| {
                let pairs = value.as_table()?.iter();
                pairs
                    .map(|(text, role)| Some((text.clone(), role.as_str()?.to_owned())))
                    .collect::<Option<Vec<_>>>()
            },
        );
        let mut map = None;
        if let Some(pairs) = pairs {
            let mut all = Vec::new();
            for (text, role) in pairs {
                given.push(GivenRole {
                    place: inner.place_of("map"),
                    role: role.clone(),
                });
                match matched.unwrap_or(How::Exact).of(&text) {
                    Some(found) => all.push((found, role)),
                    None => inner.fault(
                        "map",
                        format!("\"{text}\" is not a regular expression"),
                        "write one, such as \"team-.*\", or leave match out",
                    ),
                }
            }
            map = Some(all);
        }
        Some(RoleRule {
            path: path?,
            shape: shape.unwrap_or(Shape::Auto),
            map,
        })
    });
    rules.unwrap_or_else(|| vec![plain_rule()])
}

#[derive(Clone, Copy)]
enum How {
    Exact,
    Prefix,
    Regex,
}

impl How {
    fn of(self, text: &str) -> Option<Match> {
        Some(match self {
            Self::Exact => Match::Exact(text.to_owned()),
            Self::Prefix => Match::Prefix(text.to_owned()),
            Self::Regex => Match::Pattern(Regex::new(&format!("\\A(?:{text})\\z")).ok()?),
        })
    }
}

fn sources(reader: &mut Reader<'_, '_>) -> Vec<ClaimSource> {
    reader
        .get(
            "sources",
            "a list of some of id_token, userinfo, access_token_jwt",
            |value| {
                value
                    .as_array()?
                    .iter()
                    .map(|source| {
                        Some(match source.as_str()? {
                            "id_token" => ClaimSource::IdToken,
                            "userinfo" => ClaimSource::Userinfo,
                            "access_token_jwt" => ClaimSource::AccessTokenJwt,
                            _ => return None,
                        })
                    })
                    .collect()
            },
        )
        .unwrap_or_else(|| SOURCES.to_vec())
}

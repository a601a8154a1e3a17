//! `[[identity_provider]]` of the configuration file, and the provider that variables describe.

use std::path::Path;

use regex::Regex;

use super::super::environment::read;
use super::super::fault::Fault;
use super::super::http::{ClaimPath, GivenRole, Match, Provider, Requirement, RoleRule, Shape};
use super::super::settings::oidc::{ENTRA_TENANT, ISSUER_URL};
use super::super::settings::provider as settings;
use super::super::words::Comparison;
use super::claims::{claim_path, shape};
use super::context::Check;
use super::issuer::{ISSUER, problem};
use super::named_provider::named;
use super::provider_defaults::{plain_rule, scopes, sources};
use super::table::Table;
use super::urls::is_segment;
use crate::secret::Secret;

/// All providers; the roles that they give go to `given`.
pub(super) fn providers(check: &mut Check<'_>, given: &mut Vec<GivenRole>) -> Vec<Provider> {
    let before = check.faults.len();
    let mut providers = of_file(check, given);
    if let Some(named) = named(check) {
        if let Some(other) = providers.iter().find(|other| other.id == named.id) {
            let problem = format!("names a provider beside the one with the id {}", other.id);
            let remedy = "give that one another id, or leave the variables out";
            check
                .faults
                .push(Fault::new("OIDC_ISSUER_URL", problem, remedy));
        }
        providers.push(named);
    }
    let is_refused = check.said.is_refused(&[&ISSUER_URL, &ENTRA_TENANT]);
    if providers.is_empty() && check.faults.len() == before && !is_refused {
        check.missing(
            &ISSUER_URL,
            "the issuer URL of your identity provider, with OIDC_CLIENT_ID and OIDC_CLIENT_SECRET \
             (or ENTRA_TENANT_ID), or write [[identity_provider]]",
        );
    }
    providers
}

fn of_file(check: &mut Check<'_>, given: &mut Vec<GivenRole>) -> Vec<Provider> {
    let Some(value) = &check.nested.providers else {
        return Vec::new();
    };
    let place = format!("{}: identity_provider", check.nested.path.display());
    let Some(tables) = Table::list(&place, value, settings::PROVIDER, &mut check.faults) else {
        let problem = format!("is of type {}", value.type_str());
        check
            .faults
            .push(Fault::new(place, problem, "write [[identity_provider]]"));
        return Vec::new();
    };
    let mut providers: Vec<Provider> = Vec::new();
    for table in tables {
        let Some(provider) = provider(check, &table, given) else {
            continue;
        };
        if providers.iter().any(|other| other.id == provider.id) {
            let problem = "is the id of another provider too";
            check
                .faults
                .push(table.fault(&settings::ID, problem, "give each provider its own"));
        }
        providers.push(provider);
    }
    providers
}

fn provider(
    check: &mut Check<'_>,
    table: &Table<'_>,
    given: &mut Vec<GivenRole>,
) -> Option<Provider> {
    let id = table
        .text(&settings::ID)
        .unwrap_or_else(|| "default".to_owned());
    if !is_segment(&id) {
        let remedy = "use letters, digits, and - _ . between them, 100 at most: it ends the URL of its \
                      callback, /auth/callback/ID";
        check
            .faults
            .push(table.fault(&settings::ID, "cannot be part of a URL", remedy));
    }
    let issuer = table.text(&settings::ISSUER);
    if let Some(problem) = issuer.as_deref().and_then(problem) {
        check
            .faults
            .push(table.fault(&settings::ISSUER, problem, ISSUER));
    }
    let claim = |setting| table.get(setting).and_then(claim_path);
    // What is wrong with the tables within counts even if the provider itself is incomplete.
    let client_secret = secret(check, table);
    let require = requirements(check, table);
    let rules = rules(check, table, given);
    Some(Provider {
        id,
        issuer: issuer?,
        client_id: table.text(&settings::CLIENT_ID)?,
        client_secret,
        trusted_audiences: table
            .texts(&settings::TRUSTED_AUDIENCES)
            .unwrap_or_default(),
        scopes: scopes(table.texts(&settings::SCOPES).unwrap_or_default()),
        authorize_params: table
            .map(&settings::AUTHORIZE_PARAMS)
            .unwrap_or_default()
            .into_iter()
            .collect(),
        subject: claim(&settings::SUBJECT).unwrap_or_else(|| ClaimPath(vec!["sub".to_owned()])),
        require,
        rules,
        sources: table.choices(&settings::SOURCES).unwrap_or_else(sources),
        userinfo: table.choice(&settings::USERINFO),
    })
}

fn secret(check: &mut Check<'_>, table: &Table<'_>) -> Option<Secret> {
    let by_variable = &settings::CLIENT_SECRET_ENV;
    let by_file = &settings::CLIENT_SECRET_FILE;
    let Some(file) = table.text(by_file) else {
        let is_set = |text: &str| !text.is_empty();
        let faults = &mut check.faults;
        return table.secret(by_variable, check.variables, "is not set", is_set, faults);
    };
    if table.get(by_variable).is_some() {
        let problem = "comes with client_secret_file";
        check
            .faults
            .push(table.fault(by_variable, problem, "name a variable or a file"));
        return None;
    }
    let folder = check.nested.path.parent().unwrap_or_else(|| Path::new(""));
    let (problem, remedy) = match read(&folder.join(file)) {
        Ok(bytes) => {
            let text = String::from_utf8_lossy(&bytes);
            if !text.trim().is_empty() {
                return Some(Secret::new(text.trim()));
            }
            ("names an empty file".to_owned(), "write the secret into it")
        }
        Err(problem) => (problem, "name a readable file"),
    };
    check.faults.push(table.fault(by_file, problem, remedy));
    None
}

fn requirements(check: &mut Check<'_>, table: &Table<'_>) -> Vec<Requirement> {
    let tables = table.tables(&settings::REQUIREMENTS, &mut check.faults);
    let read = tables.unwrap_or_default().into_iter().filter_map(|table| {
        Some(Requirement {
            claim: table.get(&settings::CLAIM_PATH).and_then(claim_path)?,
            equals: serde_json::to_value(table.get(&settings::EQUALS)?).ok()?,
        })
    });
    read.collect()
}

fn rules(check: &mut Check<'_>, table: &Table<'_>, given: &mut Vec<GivenRole>) -> Vec<RoleRule> {
    let Some(tables) = table.tables(&settings::RULES, &mut check.faults) else {
        return vec![plain_rule()];
    };
    let mut rules = Vec::new();
    for table in tables {
        let comparison: Comparison = table.choice(&settings::MATCH);
        let map = table.map(&settings::MAP).map(|pairs| {
            let mut map = Vec::new();
            for (text, role) in pairs {
                given.push(GivenRole {
                    place: table.place_of(settings::MAP.name),
                    role: role.clone(),
                });
                match matching(comparison, &text) {
                    Some(found) => map.push((found, role)),
                    None => check.faults.push(table.fault(
                        &settings::MAP,
                        format!("\"{text}\" is not a regular expression"),
                        "write one, such as \"team-.*\", or leave match out",
                    )),
                }
            }
            map
        });
        let shape = table.text(&settings::SHAPE);
        if let Some(path) = table.get(&settings::RULE_PATH).and_then(claim_path) {
            rules.push(RoleRule {
                path,
                shape: shape
                    .as_deref()
                    .and_then(self::shape)
                    .unwrap_or(Shape::Auto),
                map,
            });
        }
    }
    rules
}

fn matching(comparison: Comparison, text: &str) -> Option<Match> {
    Some(match comparison {
        Comparison::Exact => Match::Exact(text.to_owned()),
        Comparison::Prefix => Match::Prefix(text.to_owned()),
        Comparison::Regex => Match::Pattern(Regex::new(&format!("\\A(?:{text})\\z")).ok()?),
    })
}

//! The identity provider that variables describe.

use std::collections::BTreeMap;

use super::super::fault::Fault;
use super::super::http::{ClaimPath, Provider, Requirement, Userinfo};
use super::super::settings::oidc as settings;
use super::context::Check;
use super::issuer::{ISSUER, problem};
use super::provider_defaults::{plain_rule, scopes, sources};
use super::urls::is_segment;

/// Warns of names of Entra that are not used, because those of OIDC are set.
fn unused(check: &mut Check<'_>) {
    let pairs = [
        (&settings::ISSUER_URL, &settings::ENTRA_TENANT),
        (&settings::CLIENT_ID, &settings::ENTRA_CLIENT_ID),
        (&settings::CLIENT_SECRET, &settings::ENTRA_CLIENT_SECRET),
    ];
    for (used, unused) in pairs {
        if let (Some(used), Some(unused)) = (check.place_of(used), check.place_of(unused)) {
            let warning = format!("{unused} is not used, because {used} is set");
            check.warnings.push(warning);
        }
    }
    for setting in [&settings::AUTHORITY, &settings::JWKS_URI] {
        if let Some(text) = check.text(setting) {
            check.holds(setting, format!("{text}, not used"));
            check.warnings.push(format!(
                "{} is not used: the provider's discovery document says it",
                setting.name
            ));
        }
    }
}

/// The provider's issuer, what it requires, and the claim that identifies people.
type Start = (String, Vec<Requirement>, &'static str);

fn start(check: &mut Check<'_>) -> Option<Start> {
    if let Some(found) = check.found(&settings::ISSUER_URL) {
        let issuer = found.text.trim();
        if let Some(problem) = problem(issuer) {
            check.fault(found, problem, ISSUER);
        }
        return Some((issuer.to_owned(), Vec::new(), "sub"));
    }
    if let Some(found) = check.found(&settings::ENTRA_TENANT) {
        let tenant = found.text.trim();
        if !is_segment(tenant) || !tenant.contains('-') {
            check.fault(
                found,
                "is not a tenant id",
                "set it to the tenant's id: a GUID",
            );
        }
        let require = Requirement {
            claim: ClaimPath(vec!["tid".to_owned()]),
            equals: tenant.into(),
        };
        let issuer = format!("https://login.microsoftonline.com/{tenant}/v2.0");
        return Some((issuer, vec![require], "oid"));
    }
    let provider = [&settings::ISSUER_URL, &settings::ENTRA_TENANT];
    let lonely = [
        &settings::CLIENT_ID,
        &settings::CLIENT_SECRET,
        &settings::ENTRA_CLIENT_ID,
    ];
    for setting in lonely {
        // A provider of the file may name this variable for its secret.
        let is_theirs =
            setting.name == settings::CLIENT_SECRET.name && check.nested.providers.is_some();
        if check.said.has(setting) && !is_theirs && !check.said.is_refused(&provider) {
            let remedy = "set OIDC_ISSUER_URL or ENTRA_TENANT_ID";
            let fault = Fault::new(setting.name, "comes without a provider", remedy);
            check.faults.push(fault);
        }
    }
    None
}

pub(super) fn named(check: &mut Check<'_>) -> Option<Provider> {
    let oidc = check.secret(&settings::CLIENT_SECRET);
    let entra = check.secret(&settings::ENTRA_CLIENT_SECRET);
    unused(check);
    let (issuer, require, subject) = start(check)?;
    if let Some(found) = check.found(&settings::ISSUER)
        && found.text.trim() != issuer
    {
        let problem = format!("is not {issuer}, which OIDC_ISSUER_URL names");
        check.fault(
            found,
            problem,
            "leave it out: the discovery document says it",
        );
    }
    let ids = [&settings::CLIENT_ID, &settings::ENTRA_CLIENT_ID];
    let client_id = ids.into_iter().find_map(|setting| check.text(setting));
    if client_id.is_none() && !check.said.is_refused(&ids) {
        check.missing(
            &settings::CLIENT_ID,
            "this server's client id at the provider",
        );
    }
    let named = check.text(&settings::SCOPES).unwrap_or_default();
    let scopes = scopes(named.split_whitespace().map(str::to_owned).collect());
    if !scopes.iter().any(|scope| scope == "offline_access") {
        let warning = "OIDC_SCOPES is without offline_access: people sign in again after 8 hours";
        check.warnings.push(warning.to_owned());
    }
    Some(Provider {
        id: "default".to_owned(),
        issuer,
        client_id: client_id.unwrap_or_default().to_owned(),
        client_secret: oidc.or(entra),
        trusted_audiences: Vec::new(),
        scopes,
        authorize_params: BTreeMap::new(),
        subject: ClaimPath(vec![subject.to_owned()]),
        require,
        rules: vec![plain_rule()],
        sources: sources(),
        userinfo: Userinfo::default(),
    })
}

//! The settings of the HTTP mode.

use std::sync::Arc;
use std::time::Duration;

use super::super::http::{CredentialMode, Credentials, GivenRole, Http};
use super::super::kestra::{Credential, Kestra};
use super::super::settings::credentials as settings;
use super::super::settings::kestra::{PASSWORD, PASSWORD_FILE, TOKEN, TOKEN_FILE, URL, USERNAME};
use super::super::settings::mcp::TRANSPORT;
use super::super::settings::oidc::REDIRECT_URI;
use super::context::Check;
use super::listen::listen;
use super::oauth::authorization;
use super::providers::providers;
use super::public::callback;
use super::storage;
use crate::secret::is_hidden;

/// What the HTTP mode needs; the roles that providers give go to `given`.
pub(in crate::config) fn http(
    check: &mut Check<'_>,
    kestra: &Kestra,
    given: &mut Vec<GivenRole>,
) -> Http {
    let is_set = check.said.has(&URL) || check.said.is_refused(&[&URL]);
    if kestra.base.is_none() && !is_set {
        check.missing(&URL, "the URL of Kestra");
    }
    if check.text(&TRANSPORT) == Some("sse") {
        let warning = "KESTRA_MCP_TRANSPORT=sse means http: set it to http";
        check.warnings.push(warning.to_owned());
    }
    let listen = listen(check);
    let providers = providers(check, given);
    let credentials = credentials(check, kestra);
    let callback = callback(check, listen.public.as_ref(), &providers);
    let public = listen.public(listen.bind);
    check.holds(&REDIRECT_URI, format!("{}{callback}", public.issuer));
    let http = Http {
        authorization: authorization(check, callback),
        listen,
        providers: providers.into_iter().map(Arc::new).collect(),
        keys: storage::keys(check),
        store: storage::store(check),
        credentials,
        kestra_name: kestra_name(check),
    };
    check.holds(&settings::KESTRA_NAME, http.kestra_name(&public));
    http
}

/// The most characters of a name.
const LONGEST_NAME: usize = 80;

fn kestra_name(check: &mut Check<'_>) -> Option<String> {
    let found = check.found(&settings::KESTRA_NAME)?;
    let name = found.text.trim();
    let is_unseen = |next: char| next.is_control() || is_hidden(next);
    if name.chars().count() > LONGEST_NAME {
        let problem = format!("is longer than {LONGEST_NAME} characters");
        check.fault(found, problem, "set it to a short name, such as Production");
    } else if name.chars().any(is_unseen) {
        let problem = "has a character that cannot be seen";
        check.fault(found, problem, "write it on one line, in plain text");
    }
    Some(name.to_owned())
}

fn credentials(check: &mut Check<'_>, kestra: &Kestra) -> Credentials {
    let mode = check.choice(&settings::MODE);
    let is_set = !matches!(kestra.credential, Credential::None);
    let any = [&TOKEN, &TOKEN_FILE, &USERNAME, &PASSWORD, &PASSWORD_FILE];
    match (mode, is_set) {
        (CredentialMode::Shared, true) => check.warnings.push(
            "kestra.credential is shared: everybody acts in Kestra as the configured account"
                .to_owned(),
        ),
        (CredentialMode::Shared, false) if check.said.is_refused(&any) => {}
        (CredentialMode::Shared, false) => check.missing(
            &TOKEN,
            "the credential that all share, or set KESTRA_USERNAME and KESTRA_PASSWORD",
        ),
        (CredentialMode::PerUser, true) => check.warnings.push(
            "the configured Kestra credential is not used over HTTP: each person registers their \
             own at /account, or set kestra.credential = \"shared\""
                .to_owned(),
        ),
        (CredentialMode::PerUser, false) => {}
    }
    Credentials {
        mode,
        token_argument: check.truth(&settings::TOKEN_ARGUMENT),
        basic_writes: check.truth(&settings::BASIC_WRITES),
        administrator: check.choice(&settings::ADMINISTRATOR),
        recheck: Duration::from_secs(check.number(&settings::RECHECK)),
    }
}

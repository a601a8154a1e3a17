//! The credential for Kestra.

use super::super::fault::Fault;
use super::super::kestra::Credential;
use super::super::place::Place;
use super::super::setting::Setting;
use super::super::settings::kestra::{PASSWORD, PASSWORD_FILE, TOKEN, USERNAME};
use super::context::Check;
use crate::secret::Secret;

/// The credential, and where its parts are set.
pub(super) fn credential(check: &mut Check<'_>) -> (Credential, Vec<Place>) {
    let token = check.secret(&TOKEN);
    let password = check.secret(&PASSWORD);
    let of = |settings: &[&'static Setting]| {
        let places = settings
            .iter()
            .filter_map(|setting| check.place_of(setting));
        places.collect::<Vec<_>>()
    };
    if let Some(token) = token {
        let from = of(&[&TOKEN]);
        let credential = of_token(check, token, from.first());
        return (credential, from);
    }
    let from = of(&[&USERNAME, &PASSWORD]);
    match basic(check, password) {
        Credential::None => (Credential::None, Vec::new()),
        credential => (credential, from),
    }
}

fn of_token(check: &mut Check<'_>, token: Secret, from: Option<&Place>) -> Credential {
    if !token.expose().bytes().all(|byte| byte.is_ascii_graphic())
        && let Some(place) = from
    {
        let problem = "has characters that are not valid in a token";
        let remedy = "paste the token alone, without quotes or Bearer";
        check.faults.push(Fault::new(place, problem, remedy));
    }
    let username = check.text(&USERNAME);
    if let Some(name) = username {
        check.holds(&USERNAME, format!("{name}, not used"));
        if check.said.has(&PASSWORD) {
            check.holds(&PASSWORD, "set, not used");
        }
    }
    Credential::Token {
        token,
        over_basic: username.is_some(),
    }
}

fn basic(check: &mut Check<'_>, password: Option<Secret>) -> Credential {
    match (check.found(&USERNAME), password) {
        (Some(username), Some(password)) => {
            let name = username.text.trim();
            if name.contains(':') || name.chars().any(char::is_control) {
                check.fault(username, "is not a user name", "set it without a colon");
            }
            Credential::Basic {
                username: name.to_owned(),
                password,
            }
        }
        (Some(username), None) => {
            let tried = check.said.has(&PASSWORD_FILE)
                || check.said.is_refused(&[&PASSWORD, &PASSWORD_FILE]);
            if !tried {
                check.fault(username, "comes without a password", "set KESTRA_PASSWORD");
            }
            Credential::None
        }
        (None, Some(_)) => {
            let place = check.place_of(&PASSWORD);
            if let Some(place) = place.filter(|_| !check.said.is_refused(&[&USERNAME])) {
                let problem = "comes without a user name";
                check
                    .faults
                    .push(Fault::new(place, problem, "set KESTRA_USERNAME"));
            }
            Credential::None
        }
        (None, None) => Credential::None,
    }
}

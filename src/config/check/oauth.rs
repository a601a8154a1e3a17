//! The settings of the authorization server.

use std::time::Duration;

use super::super::http::Authorization;
use super::super::settings::oauth as settings;
use super::clients::clients;
use super::context::Check;
use super::documents::documents;
use super::schemes::schemes;

const DAY: Duration = Duration::from_hours(24);

/// The longest lifetime of an access token, in seconds.
const LONGEST: u64 = 900;

pub(super) fn authorization(check: &mut Check<'_>, callback: String) -> Authorization {
    let seconds = check.number(&settings::ACCESS_TTL);
    if seconds > LONGEST {
        check.holds(
            &settings::ACCESS_TTL,
            format!("{LONGEST}, lowered from {seconds}"),
        );
        check.warnings.push(format!(
            "ACCESS_TOKEN_TTL_SECONDS is {seconds}: access tokens live {LONGEST} s at most, and are \
             refreshed without the person"
        ));
    }
    let days = u32::try_from(check.number(&settings::GRANT_DAYS)).unwrap_or_default();
    Authorization {
        access_ttl: Duration::from_secs(seconds.min(LONGEST)),
        refresh_grace: Duration::from_secs(check.number(&settings::REFRESH_GRACE)),
        refresh_reuse: check.choice(&settings::REFRESH_REUSE),
        grant_ttl: DAY * days,
        grant_ttl_without_recheck: Duration::from_hours(8),
        registration: check.truth(&settings::REGISTRATION),
        registration_token: check.secret(&settings::REGISTRATION_TOKEN),
        documents: documents(check),
        redirect_schemes: schemes(check),
        clients: clients(check),
        callback,
    }
}

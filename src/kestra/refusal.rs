//! Why Kestra may refuse a credential or a tenant, in words for the person who set it.

use super::credential::Kind;
use crate::tool::{Edition, Line};

/// How to come by a token.
pub const TOKEN: &str = "make an API token in Kestra (its user menu) and set KESTRA_API_TOKEN";
const BASIC: &str = "set KESTRA_USERNAME and KESTRA_PASSWORD, and leave KESTRA_API_TOKEN out";

/// What is wrong, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Without a full stop.
    pub found: String,
    /// What a person does, without a full stop.
    pub remedy: String,
}

fn refusal(found: impl Into<String>, remedy: impl Into<String>) -> Refusal {
    Refusal {
        found: found.into(),
        remedy: remedy.into(),
    }
}

/// Why a Kestra of this `edition` and `line`, as far as they are known, answers 401 to a credential of
/// this `kind`.
pub fn of_credential(kind: Kind, edition: Option<Edition>, line: Option<Line>) -> Refusal {
    match (kind == Kind::Basic, edition, line) {
        (true, Some(Edition::Enterprise), Some(Line::V2_0)) => refusal(
            "Kestra Enterprise 2.x takes no user name and password (401)",
            TOKEN,
        ),
        (false, Some(Edition::OpenSource), _) => {
            refusal("open source Kestra takes no API token (401)", BASIC)
        }
        (true, Some(_), _) => refusal(
            "Kestra refuses the user name or the password (401)",
            "check KESTRA_USERNAME and KESTRA_PASSWORD by logging in to Kestra's UI",
        ),
        (true, None, _) => refusal(
            "Kestra refuses the user name or the password (401)",
            format!("check both; Kestra Enterprise 2.x takes a token only: {TOKEN}"),
        ),
        (false, Some(Edition::Enterprise), _) => refusal(
            "Kestra refuses the token (401)",
            "it may have expired, or been cut when it was copied: make another one",
        ),
        (false, None, _) => refusal(
            "Kestra refuses the token (401)",
            format!("make another one; for open source Kestra {BASIC}"),
        ),
    }
}

/// Why an open-source Kestra has no `tenant`; none where it has.
pub fn of_tenant(tenant: &str, edition: Edition) -> Option<Refusal> {
    (edition == Edition::OpenSource && tenant != "main").then(|| {
        refusal(
            format!("there is no tenant {tenant}: open source Kestra has main alone"),
            "leave the tenant out of KESTRA_TENANT and of the address",
        )
    })
}

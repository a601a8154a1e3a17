//! Where people sign in.

use std::sync::Arc;

use super::Report;
use crate::auth::provider::{ProbeError, Provider};
use crate::clock::Clock;
use crate::config::Trust;
use crate::config::http;
use crate::policy::Policy;
use crate::tool::Access;

const CHECK: &str = "provider";

/// Whether the provider `named` answers, and is who it should be.
pub(super) async fn examine(named: &Arc<http::Provider>, clock: &Clock, report: &mut Report) {
    let (id, issuer) = (&named.id, &named.issuer);
    // Nobody signs in here: which roles there are does not matter.
    let policy = Policy::local(Access::ReadOnly);
    let provider = Provider::new(Arc::clone(named), policy, clock.clone(), &Trust::System);
    let provider = match provider {
        Ok(provider) => provider,
        Err(error) => {
            let remedy = "mend issuer or authorize_params of that [[identity_provider]]";
            report.fail(CHECK, format!("{id}: {error}"), remedy);
            return;
        }
    };
    match provider.probe().await {
        Ok(()) => report.ok(
            CHECK,
            format!("{id}: {issuer} answers, and names itself so"),
        ),
        Err(error) => {
            let remedy = remedy(&error);
            // How to trust Kestra is none of the provider's business.
            let found = match &error {
                ProbeError::Unanswered { cause } if cause.contains("certificate") => {
                    "its certificate is not trusted".to_owned()
                }
                other => other.to_string(),
            };
            report.fail(CHECK, format!("{id}: {issuer}: {found}"), remedy);
        }
    }
}

fn remedy(error: &ProbeError) -> String {
    match error {
        ProbeError::Unanswered { cause } if cause.contains("certificate") => {
            "add the authority that signed it to those of this machine (on Linux SSL_CERT_FILE \
             names a file of all that are trusted); KESTRA_CA_FILE is for Kestra alone"
        }
        ProbeError::Unanswered { .. } => {
            "check its address (OIDC_ISSUER_URL, or issuer of [[identity_provider]]), and whether a \
             VPN or HTTPS_PROXY is needed"
        }
        ProbeError::Absent { .. } | ProbeError::Malformed => {
            "set OIDC_ISSUER_URL, or issuer of [[identity_provider]], to the address that stands \
             before /.well-known/openid-configuration"
        }
        ProbeError::OtherIssuer { written } => {
            return format!(
                "if that is your provider, set OIDC_ISSUER_URL, or issuer of [[identity_provider]], \
                 to {written}, byte for byte"
            );
        }
        ProbeError::Unusable(_) => "look at its discovery document and the keys that it names",
    }
    .to_owned()
}

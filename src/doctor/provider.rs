//! Where people sign in.

use std::sync::Arc;

use super::Report;
use crate::auth::provider::{ProbeError, Provider};
use crate::clock::Clock;
use crate::config::Trust;
use crate::config::http::{self, Http};
use crate::policy::Policy;
use crate::tool::Access;

const CHECK: &str = "provider";

/// Whether the provider `named` answers, and is who it should be. What is registered there cannot be
/// seen from here: it is said.
pub(super) async fn examine(
    http: &Http,
    named: &Arc<http::Provider>,
    clock: &Clock,
    report: &mut Report,
) {
    let (id, issuer) = (&named.id, &named.issuer);
    let public = http.listen.public(http.listen.bind).issuer;
    let callback = format!("{public}{}", http.callback(id));
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
            format!(
                "{id}: {issuer} answers, and names itself so; the redirect URI to register there, \
                 alone, is {callback}"
            ),
        ),
        Err(error) => {
            let remedy = error.remedy();
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

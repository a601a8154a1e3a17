//! What a client may do.

use super::redirect::{self, Application, Apps};
use super::registration::REFRESH_TOKEN;
use crate::auth::server::scope::Scope;
use crate::auth::state::Auth;
use crate::store::{Client, ClientKind};

/// Whether a client gets refresh tokens: it registered for them, or the grant includes
/// `offline_access`.
pub fn may_refresh(client: &Client, granted: Scope) -> bool {
    granted.offline || client.grant_types.iter().any(|kind| kind == REFRESH_TOKEN)
}

/// Whether the operator vouches for clients of this kind. Anybody can register a client or publish
/// a document, so such a client never gets a browser redirected without a click of the person (RFC
/// 9700 section 4.11.2).
pub const fn is_vouched_for(kind: ClientKind) -> bool {
    match kind {
        ClientKind::Configured => true,
        ClientKind::Metadata | ClientKind::Registered => false,
    }
}

/// Whether `requested` is one of the client's redirect URIs; see [`redirect::matches`].
pub fn may_redirect(client: &Client, requested: &str) -> bool {
    let registered = &client.redirect_uris;
    registered
        .iter()
        .any(|uri| redirect::matches(uri, requested))
}

/// Whether `requested`, which is one of the client's redirect URIs, is still allowed: what was
/// registered long ago follows today's rules.
pub fn is_safe(auth: &Auth, client: &Client, requested: &str) -> bool {
    let apps = if is_vouched_for(client.kind) {
        Apps::Trusted
    } else {
        Apps::Listed(&auth.0.config.authorization.redirect_schemes)
    };
    let application = Application::of(Some(&client.application_type));
    application.is_some_and(|application| redirect::check(requested, application, apps).is_ok())
}

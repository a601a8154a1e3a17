//! What a client may do.

use super::redirect::{self, Application, Apps};
use super::registration::REFRESH_TOKEN;
use crate::auth::server::scope::Scope;
use crate::auth::state::Auth;
use crate::store::{Client, ClientKind};

/// Whether a client of this kind holds refresh tokens: it registered for them, or this grant was
/// asked for with `offline_access`.
pub fn may_refresh(client: &Client, granted: Scope) -> bool {
    granted.offline || client.grant_types.iter().any(|kind| kind == REFRESH_TOKEN)
}

/// Whether the operator vouches for clients of this kind. Whoever wants to registers one, or
/// publishes a document: such a client never has a browser sent on without a click of its person
/// (RFC 9700 section 4.11.2).
pub const fn is_vouched_for(kind: ClientKind) -> bool {
    match kind {
        ClientKind::Configured => true,
        ClientKind::Metadata | ClientKind::Registered => false,
    }
}

/// Whether one of the client's redirect URIs is `asked`; see [`redirect::matches`].
pub fn may_redirect(client: &Client, asked: &str) -> bool {
    let registered = &client.redirect_uris;
    registered.iter().any(|uri| redirect::matches(uri, asked))
}

/// Whether `asked`, which is one of the client's, may still be gone to: what was registered long ago
/// follows the rules of now.
pub fn is_safe(auth: &Auth, client: &Client, asked: &str) -> bool {
    let apps = if is_vouched_for(client.kind) {
        Apps::Trusted
    } else {
        Apps::Listed(&auth.0.config.authorization.redirect_schemes)
    };
    let application = Application::of(Some(&client.application_type));
    application.is_some_and(|application| redirect::check(asked, application, apps).is_ok())
}

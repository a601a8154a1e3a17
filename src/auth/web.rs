//! What a browser asks for: authorization with consent and login, and the account.

use axum::Router;
use axum::routing::get;

use super::{Auth, account, authorize, callback, consent};
use crate::pages::style;

/// What is said at the door.
const FRONT: &str = "This is kestra-mcp. MCP clients: /mcp. People: /account.\n";

/// Callbacks of all providers but the first.
const CALLBACKS: &str = "/auth/callback/{provider}";

/// The pages, and the callback where the configuration wants it.
pub(super) fn router(auth: &Auth) -> Router<Auth> {
    let callback = &auth.0.config.authorization.callback;
    Router::new()
        .route("/", get(|| async { FRONT }))
        .route("/authorize", get(authorize::asked).post(authorize::posted))
        .route("/consent", get(consent::show).post(consent::decide))
        .route(callback, get(callback::back))
        .route(CALLBACKS, get(callback::back))
        .route("/account", get(account::show).post(account::act))
        .route(&style::PATH, get(|| async { style::answer() }))
}

//! The OAuth 2.1 authorization server: its endpoints, and the two steps of an authorization in a
//! browser.
//!
//! Whom it serves: OAuth clients. What it promises: no client gets a code before a person has
//! consented to that client, those scopes and that redirect URI in this browser; a code or a
//! refresh token is exchanged once, and one that comes back later ends its grant; an access token
//! never outlives its grant; and every error has one answer, from one table ([`error`]), which does
//! not reveal whether a client exists.

pub(super) mod authorization_response;
pub(super) mod authorize;
pub(super) mod consent;
pub mod error;
pub mod form;
pub mod metadata;
mod pending_authorization;
pub(super) mod register;
pub mod resource_indicator;
mod revoke;
pub mod scope;
pub mod signing;
pub(super) mod token;

use axum::Router;

use crate::auth::state::Auth;

/// The endpoints that clients call. Those that a browser visits are in the browser room.
pub(super) fn router(auth: &Auth) -> Router<Auth> {
    Router::new()
        .merge(metadata::router(auth))
        .merge(register::router(auth))
        .merge(revoke::router())
        .merge(token::router())
}

//! The authorization server (OAuth 2.1): the endpoints that a client calls, and the two pages of an
//! authorization.
//!
//! Whom it serves: OAuth clients. What it promises: no client gets a code before a person consented to
//! that client, those scopes and that redirect URI in this browser; a code, and a refresh token, is
//! exchanged once; a token that comes back after that ends its grant; and every error has one answer,
//! in one table ([`error`]), that says nothing of whether a client exists.

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

/// The endpoints that clients call themselves. Those that a browser visits are with the pages.
pub(super) fn router(auth: &Auth) -> Router<Auth> {
    Router::new()
        .merge(metadata::router(auth))
        .merge(register::router(auth))
        .merge(revoke::router())
        .merge(token::router())
}

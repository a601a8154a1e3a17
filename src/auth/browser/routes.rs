//! What a browser asks for: authorization with consent and login, and the account.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::header::VARY;
use http::{HeaderMap, StatusCode};

use crate::accept::Accepted;
use crate::auth::browser::account;
use crate::auth::browser::callback;
use crate::auth::browser::request::Visit;
use crate::auth::server::authorize;
use crate::auth::server::consent;
use crate::auth::state::Auth;
use crate::pages::Surface;
use crate::pages::door::Door;
use crate::pages::fault::{Fault, Link};

/// What is said at the door to those who want no page.
const FRONT: &str = "This is kestra-mcp. MCP clients: /mcp. People: /account.\n";

/// Callbacks of all providers but the first.
const CALLBACKS: &str = "/auth/callback/{provider}";

async fn door(State(auth): State<Auth>, headers: HeaderMap) -> Response {
    if !Accepted::of(&headers).names_html() {
        return ([(VARY, "accept")], FRONT).into_response();
    }
    let public = &auth.0.public;
    let door = Door {
        mcp: &public.resource(),
        account: &public.account(),
    };
    door.page().answer(StatusCode::OK, public.is_https())
}

/// What is said where nothing is.
async fn lost(State(auth): State<Auth>, visit: Visit, headers: HeaderMap) -> Response {
    if !Accepted::of(&headers).names_html() {
        return StatusCode::NOT_FOUND.into_response();
    }
    let door = format!("{}/", auth.0.public.issuer);
    let fault = Fault {
        surface: Surface::Own,
        title: "There is nothing here",
        what: "This server has no page at this address.",
        advice: "Check the address. The first page says how to add this server to a client, and where \
                 your account is.",
        request_id: &visit.name.0,
        claims: None,
        link: Some(Link {
            address: &door,
            words: "Go to the first page",
            target: None,
        }),
    };
    fault.page().answer(StatusCode::NOT_FOUND, visit.https)
}

/// The pages, and the callback where the configuration wants it.
pub(in crate::auth) fn router(auth: &Auth) -> Router<Auth> {
    let callback = &auth.0.config.authorization.callback;
    Router::new()
        .route("/", get(door))
        .route("/authorize", get(authorize::asked).post(authorize::posted))
        .route("/consent", get(consent::show).post(consent::decide))
        .route(callback, get(callback::back))
        .route(CALLBACKS, get(callback::back))
        .route("/account", get(account::show).post(account::act))
        .fallback(lost)
}

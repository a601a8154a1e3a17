//! The routes that a browser visits: authorization with consent and login, and the account.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::header::VARY;
use http::{HeaderMap, StatusCode};

use crate::accept::Accepted;
use crate::auth::browser::account;
use crate::auth::browser::callback;
use crate::auth::browser::request::BrowserRequest;
use crate::auth::server::authorize;
use crate::auth::server::consent;
use crate::auth::state::Auth;
use crate::pages::Surface;
use crate::pages::door::Door;
use crate::pages::fault::{Fault, Link};

/// The front page for clients that do not ask for HTML.
const FRONT_TEXT: &str = "This is kestra-mcp. MCP clients: /mcp. People: /account.\n";

/// The callback of every provider but the first.
const CALLBACKS: &str = "/auth/callback/{provider}";

async fn front_page(State(auth): State<Auth>, headers: HeaderMap) -> Response {
    if !Accepted::of(&headers).names_html() {
        return ([(VARY, "accept")], FRONT_TEXT).into_response();
    }
    let public = &auth.0.public;
    let door = Door {
        mcp: &public.resource(),
        account: &public.account(),
    };
    door.page().answer(StatusCode::OK, public.is_https())
}

/// The answer where there is no route.
async fn not_found(
    State(auth): State<Auth>,
    browser: BrowserRequest,
    headers: HeaderMap,
) -> Response {
    if !Accepted::of(&headers).names_html() {
        return StatusCode::NOT_FOUND.into_response();
    }
    let door = format!("{}/", auth.0.public.issuer);
    let fault = Fault {
        surface: Surface::Own,
        title: "There is nothing here",
        what: "This server has no page at this URL.",
        advice: "Check the URL. The first page says how to add this server to a client, and where \
                 your account is.",
        request_id: &browser.id.0,
        claims: None,
        link: Some(Link {
            address: &door,
            words: "Go to the first page",
            target: None,
        }),
    };
    fault.page().answer(StatusCode::NOT_FOUND, browser.https)
}

/// The pages, and the callback at the path that is configured.
pub(in crate::auth) fn router(auth: &Auth) -> Router<Auth> {
    let callback = &auth.0.config.authorization.callback;
    Router::new()
        .route("/", get(front_page))
        .route("/authorize", get(authorize::get).post(authorize::post))
        .route("/consent", get(consent::show).post(consent::decide))
        .route(callback, get(callback::receive))
        .route(CALLBACKS, get(callback::receive))
        .route("/account", get(account::show).post(account::submit))
        .fallback(not_found)
}

//! People who open the URL for clients in a browser: a page explains what a status alone does not.

use axum::extract::Request;
use axum::response::Response;
use http::Method;
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};

use crate::accept::Accepted;
use crate::config::http::Public;
use crate::pages::door::Door;

/// Whether a browser asks and not a client: clients send a token, or do not accept HTML.
pub(super) fn is_one(request: &Request) -> bool {
    request.method() == Method::GET
        && !request.headers().contains_key(AUTHORIZATION)
        && Accepted::of(request.headers()).names_html()
}

/// The page that says how to add this server to a client, with the status and challenge of `refusal`.
pub(super) fn shown_in(public: &Public, refusal: Response) -> Response {
    let door = Door {
        mcp: &public.resource(),
        account: &public.account(),
    };
    let mut response = door.page().answer(refusal.status(), public.is_https());
    let (mut head, _) = refusal.into_parts();
    if let Some(challenge) = head.headers.remove(WWW_AUTHENTICATE) {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

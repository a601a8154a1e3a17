//! The pages that a person visits in a browser: signing in at an identity provider, and their
//! account.
//!
//! Whom it serves: people. What it promises: a form works once, in the browser that received it,
//! and only if this site sent it; a sign-in ends in the browser that began it; what a provider or a
//! client wrote appears on a page as text only; and every refusal is a page from one table
//! ([`page_error`]) that says what happened and what to do next.

mod account;
pub(super) mod authentication_request;
pub(super) mod bound_form;
pub(super) mod callback;
pub(super) mod canonical_host;
pub(super) mod cookie;
pub(super) mod credential_form;
pub(super) mod form_token;
pub(super) mod page_error;
mod person;
pub(super) mod public_path;
pub(super) mod request;
pub(super) mod return_link;
pub(super) mod routes;
mod secret_in_url;
pub(super) mod see_other;
mod sign_in;

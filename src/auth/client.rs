//! OAuth clients: who a client is, how it proves that, and where it may be answered.
//!
//! Whom it serves: the authorization server. What it promises: a client is one that the operator
//! configured, one that registered itself, or one whose metadata document was fetched from the public
//! internet and names its own URL; a redirect URI is compared byte for byte; and nothing that a client
//! says of itself is trusted more than the operator vouches for it.

pub mod document;
mod identity;
pub mod redirect;

pub use identity::{
    AUTHORIZATION_CODE, ClientFault, REFRESH_TOKEN, Shown, authenticate, find, is_safe,
    is_vouched_for, may_redirect, may_refresh, short_name, text,
};

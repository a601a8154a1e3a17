//! OAuth clients: who a client is, how it proves that, and where it may be answered.
//!
//! Whom it serves: the authorization server. What it promises: a client is one that the operator
//! configured, one that registered itself, or one whose metadata document was fetched from the public
//! internet and names its own URL; a redirect URI is compared byte for byte; and nothing that a client
//! says of itself is trusted more than the operator vouches for it.

mod authentication;
pub mod document;
mod identity;
pub mod redirect;
mod registration;
mod rules;

pub use authentication::{Shown, authenticate};
pub use identity::{ClientFault, find};
pub use registration::{AUTHORIZATION_CODE, REFRESH_TOKEN, short_name, text};
pub use rules::{is_safe, is_vouched_for, may_redirect, may_refresh};

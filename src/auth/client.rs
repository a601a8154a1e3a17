//! OAuth clients: who a client is, how it authenticates, and where it may be answered.
//!
//! Whom it serves: the authorization server. What it promises: a client is one that the operator
//! configured, one that registered itself, or one whose metadata document was fetched over the
//! public internet and names its own URL; a redirect URI is compared byte for byte, except for a
//! loopback port; and what a client says about itself is shown to people as its own claim.

mod authentication;
pub mod document;
mod identity;
pub mod redirect;
mod registration;
mod rules;

pub use authentication::{ClientCredentials, authenticate};
pub use identity::{ClientError, find};
pub use registration::{AUTHORIZATION_CODE, REFRESH_TOKEN, short_name, text};
pub use rules::{is_safe, is_vouched_for, may_redirect, may_refresh};

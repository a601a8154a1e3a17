//! The protected resource, `/mcp`: whether a request may come in (RFC 6750, RFC 9728).
//!
//! Whom it serves: the MCP endpoint, on every request. What it promises: a request comes in only with
//! an access token that this server signed for this resource, whose grant and person are still good; a
//! revocation here acts at once, one on another server within two seconds; and what cannot be checked
//! is refused.

pub mod bearer;
mod gate;
mod refused;
pub(super) mod token_cache;

pub use gate::Gate;
pub use refused::Refused;

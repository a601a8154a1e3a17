//! The protected resource, `/mcp`: whether a request may reach it (RFC 6750, RFC 9728).
//!
//! Whom it serves: the MCP endpoint, on every request. What it promises: a request gets through
//! only with an access token that this server signed for this resource, whose grant and person are
//! still valid; a revocation on this server acts at once, and one on another within two seconds;
//! and what cannot be checked is refused.

pub mod bearer;
mod bearer_error;
mod gate;
pub(super) mod token_cache;

pub use bearer_error::BearerError;
pub use gate::Gate;

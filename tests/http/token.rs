//! The token endpoint: oauth-checklist.md, token endpoint and revocation.

mod bodies;
mod code;
mod keys;
mod methods;
mod provider;
mod refresh;
mod revoke;
mod secrets;

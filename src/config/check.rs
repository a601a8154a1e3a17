//! From texts to a configuration: each rule once, all faults together.

mod claims;
pub(super) mod clients;
pub(super) mod context;
pub(super) mod credential;
pub(super) mod documents;
pub(super) mod http;
mod issuer;
pub(super) mod kestra;
pub(super) mod listen;
pub(super) mod named_provider;
pub(super) mod oauth;
mod provider_defaults;
pub(super) mod providers;
pub(super) mod public;
pub(super) mod roles;
pub(super) mod schemes;
pub(super) mod storage;
mod table;
mod urls;

//! The HTTP mode, from outside.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that panics has failed"
)]

mod accept;
mod account;
mod authorize;
mod bearer;
mod below;
mod callback;
mod clients;
mod consent;
mod credential;
mod discovery;
mod elicit;
mod elsewhere;
mod flood;
mod front;
mod keys;
#[path = "../support/log.rs"]
mod log;
mod lost;
mod messages;
mod names;
mod pages;
mod providers;
mod redirects;
mod registration;
#[path = "../support/remote.rs"]
mod remote;
mod resource;
mod sign_in;
mod stand;
mod start;
mod store;
mod token;
mod token_argument;
mod traces;
mod transport;
mod visitor;
mod wire;

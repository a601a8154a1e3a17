//! An in-memory Kestra for tests and the demo: an HTTP server that responds as Kestra 1.3, a
//! development build of 2.0, or 2.0 GA, in the open-source or Enterprise edition. It comes with a
//! development [identity provider](oidc).
//!
//! Recorded responses of real servers are the reference (`tests/replay.rs`, `tests/verdicts.rs`);
//! where there is no recording, it follows Kestra's documentation, source and SDK. Executions
//! advance only with its [`Clock`].

mod app;
mod clock;
mod cron;
mod engine;
mod error;
mod execution;
mod fault;
mod filter;
mod flow;
mod group;
mod id;
mod input;
mod kv;
mod listen;
mod log;
mod multipart;
pub mod oidc;
mod page;
mod pebble;
mod plugin;
mod received;
mod request;
mod response;
mod route;
mod router;
mod routes;
mod server;
mod settings;
mod sources;
mod storage;
mod time;
mod trigger;
mod wire;
mod world;
mod yaml;

pub use clock::Clock;
pub use fault::{Action, Fault, Theirs};
pub use received::Received;
pub use server::{InvalidFlow, Simulator};
pub use settings::{Auth, Dialect, Edition, Holder, PASSWORD, Settings, USERNAME};
pub use sources::odd_sources;

//! An in-memory Kestra for tests and the demo: an HTTP server that answers as Kestra 1.3, a
//! development build of 2.0, or 2.0 GA, open source or Enterprise. Beside it stands a development
//! [identity provider](oidc).
//!
//! Recorded answers of real servers are the measure (`tests/replay.rs`, `tests/verdicts.rs`); what
//! no recording shows follows Kestra's documentation, its source and its SDK. Executions move only
//! as its [`Clock`] moves.

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

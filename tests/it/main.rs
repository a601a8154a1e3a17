//! One test binary for the whole server, through its public interfaces.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that panics has failed"
)]

mod callbacks;
mod checklist;
mod commands;
mod config;
mod config_http;
mod contract;
mod doctor;
mod doctor_serve;
mod emitted;
mod errors;
mod figures;
mod goldens;
mod layers;
mod lifecycle;
mod lines;
mod links;
#[path = "../support/log.rs"]
#[allow(dead_code, reason = "the tests of the HTTP mode use all of it")]
mod log;
mod map;
#[cfg(target_os = "linux")]
mod placeholders;
mod process;
mod read_only;
mod readme;
#[path = "../support/remote.rs"]
#[allow(dead_code, reason = "the tests of the HTTP mode use all of it")]
mod remote;
#[path = "../support/reviewed.rs"]
mod reviewed;
mod routes;
mod samples;
mod secrets;
mod settings;
mod simulated;
mod sources;
mod stand;
mod stdio;
mod target;
mod version;

/// The text emitted for the fixture names the runtime as the product's does.
use kestra_mcp::tool;

//! One test binary: every part of the server, through its own doors.
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
#[cfg(target_os = "linux")]
mod placeholders;
mod process;
mod read_only;
mod readme;
#[path = "../support/remote.rs"]
#[allow(dead_code, reason = "the tests of the HTTP mode use all of it")]
mod remote;
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

/// The emitted text of a fixture names the runtime as the product's does.
use kestra_mcp::tool;

//! An MCP server for the Kestra workflow orchestrator.
//!
//! Each module uses only those above its own line; `tests/it/layers.rs` holds them to it.
//!
//! ```text
//! accept  secret  clock  principal  tool
//! config
//! store  pages
//! policy
//! generated  telemetry
//! kestra
//! auth
//! mcp  doctor
//! transport
//! app
//! cli
//! ```

pub mod accept;
pub mod app;
pub mod auth;
pub mod cli;
pub mod clock;
pub mod config;
pub mod doctor;
pub mod generated;
pub mod kestra;
pub mod mcp;
pub mod pages;
pub mod policy;
pub mod principal;
pub mod secret;
pub mod store;
pub mod telemetry;
pub mod tool;
pub mod transport;

//! An MCP server for the Kestra workflow orchestrator.
//!
//! Each module uses only those on lines above its own; `tests/it/layers.rs` holds them to it.
//!
//! ```text
//! accept  secret  clock  principal  tool    words: what a call, its caller and its texts are
//! config                                    settings, checked as a whole
//! store  pages                              the database; the HTML that people see
//! policy                                    what a caller may do
//! generated  telemetry                      what the build wrote; log, metrics, spans
//! kestra                                    the Kestra server and how it is asked
//! auth                                      OAuth, sign-in, stored credentials
//! mcp  doctor                               MCP requests; the checks of `kestra-mcp doctor`
//! transport                                 stdio and HTTP
//! app                                       puts it together
//! cli                                       commands
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

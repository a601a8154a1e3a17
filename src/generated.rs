//! Clients, tools and dispatch of every Kestra line, as `build.rs` writes them.

#![allow(
    clippy::all,
    clippy::pedantic,
    clippy::allow_attributes_without_reason,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    mismatched_lifetime_syntaxes,
    missing_docs,
    unreachable_pub,
    unused_imports,
    dead_code,
    reason = "generated text; what it means is held by the goldens"
)]

include!(concat!(env!("OUT_DIR"), "/generated.rs"));

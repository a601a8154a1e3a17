//! How messages reach the handler and its answers the client.

pub mod http;
mod message;
mod rewrite;
pub mod stdio;

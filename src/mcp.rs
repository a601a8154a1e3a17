//! The Model Context Protocol: what a client may ask, and what wraps every answer.

mod audience;
mod builtin;
mod call;
mod caller;
mod elicit;
mod failure;
mod handler;
mod list;
mod panic_barrier;
mod places;
mod progress;
mod repeat;
mod result;
mod server;

pub use list::as_written;
pub use server::{Remote, Server, Whole};

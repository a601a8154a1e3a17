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
mod resolved;
mod result;
mod server;

pub use list::as_written;
pub(crate) use panic_barrier::catch as catch_panic;
pub use resolved::Resolved;
pub use server::{Remote, Server, Whole};

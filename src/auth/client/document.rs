//! Client ID Metadata Documents: clients whose id is the address of what they say of themselves.
//!
//! The address comes from whoever opens `/authorize`, so everything about it is hostile: this server
//! must not become a way to what only it can reach.

mod cache;
mod content;
mod fault;
mod fetch;
mod freshness;
mod last_known;
mod location;
mod lookup;
mod outside;
mod probe;
mod probed;
mod public_address;
mod reader;

pub use fault::DocumentFault;
pub use fetch::FetchFault;
pub use location::{host_of, problem};
pub use outside::{Names, Outside};
pub use reader::Documents;

//! Client ID Metadata Documents: clients whose id is the URL of a document that describes them.
//!
//! The URL comes from whoever opens `/authorize`, so it is hostile: this server must never fetch,
//! on behalf of others, what only it can reach.

mod cache;
mod content;
mod fault;
mod fetch;
mod freshness;
mod last_known;
mod location;
mod lookup;
mod network;
mod probe;
mod probed;
mod public_address;
mod reader;

pub use fault::DocumentError;
pub use fetch::FetchError;
pub use location::{host_of, problem};
pub use network::{Network, Resolver};
pub use reader::Documents;

//! Reads an OpenAPI description and a tool manifest, writes a typed client and tools.

pub mod client;
pub mod document;
pub mod emit;
pub mod fault;
pub mod generate;
#[cfg(feature = "maintain")]
pub mod import;
pub mod keep;
pub mod nearest;
pub mod overlay;
pub mod plan;
pub mod project;
pub mod read;
#[cfg(feature = "maintain")]
pub mod report;
pub mod schema;
pub mod slice;
pub mod sources;
pub mod tree;
#[cfg(feature = "maintain")]
pub mod words;

//! Reads an OpenAPI description and a tool manifest, writes a typed client and tools.

pub mod document;
#[cfg(feature = "maintain")]
pub mod import;
#[cfg(feature = "maintain")]
pub mod report;
pub mod sources;

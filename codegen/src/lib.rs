//! Reads an OpenAPI description and a tool manifest, writes a typed client and tools.

pub mod document;

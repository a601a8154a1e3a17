//! The files of a project, and the Kestra lines that it has tools for.

/// The lines, oldest first: name, module, and variant of the runtime's `Line`.
pub const LINES: [(&str, &str, &str); 2] = [("1.3", "v1_3", "V1_3"), ("2.0", "v2_0", "V2_0")];

/// The tools, below the project's root.
pub const MANIFEST: &str = "tool-manifest.toml";
/// The reviewed deviations, below the project's root.
pub const OVERLAY: &str = "openapi/overlay.toml";
/// Where the vendored descriptions come from, below the project's root.
pub const SOURCES: &str = "openapi/sources.toml";

/// The files that the generated text depends on, below the project's root.
pub const FILES: &[&str] = &[MANIFEST, "openapi"];

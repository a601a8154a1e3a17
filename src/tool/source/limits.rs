//! The limits of a source.

/// Bytes of a source.
pub const BYTES: usize = 256 << 10;
/// Mappings and lists inside each other.
pub(super) const DEPTH: usize = 64;
/// Nodes, with what aliases repeat counted as often as they repeat it.
pub(super) const NODES: usize = 10_000;
/// The fault of a source that is nested too deeply.
pub(super) const DEEP: &str = "at most 64 mappings and lists inside each other";
/// The fault of a `[redacted:…]` mark in a source.
pub(super) const ORIGINAL: &str = "the original text in place of every `[redacted:…]` mark";
/// Keys whose values name things.
pub(super) const NAMES: [&str; 2] = ["id", "namespace"];
/// Replaces a secret in a cleaned copy.
pub(super) const MARKER: &str = "[redacted:";
/// The invisible mark at the start of some files.
pub(super) const BYTE_ORDER_MARK: char = '\u{feff}';

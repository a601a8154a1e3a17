//! What a source is held to.

/// Bytes of a source.
pub const BYTES: usize = 256 << 10;
/// Mappings and lists inside each other.
pub(super) const DEPTH: usize = 64;
/// Nodes, with what aliases repeat counted as often as they repeat it.
pub(super) const NODES: usize = 10_000;
/// What is said of more mappings and lists inside each other.
pub(super) const DEEP: &str = "at most 64 mappings and lists inside each other";
/// What is said of a mark that stands for something else.
pub(super) const ORIGINAL: &str = "the original text in place of every `[redacted:…]` mark";
/// Keys whose values name things.
pub(super) const NAMES: [&str; 2] = ["id", "namespace"];
/// Stands in a cleaned copy for what was taken out of it.
pub(super) const MARKER: &str = "[redacted:";
/// Stands invisibly at the begin of some files.
pub(super) const BYTE_ORDER_MARK: char = '\u{feff}';
